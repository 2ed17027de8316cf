"""hop3-server as PyPI has it, with hop3-nix beside it: its plugin manager, builds and artifacts."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hop3_nix.contract import read_artifact
from hop3host import ROOT
from running import closure, fetch, free_port, started

if TYPE_CHECKING:
    from conftest import Cli
    from hop3host import Server


@pytest.fixture(scope="module")
def flask(server: Server) -> Any:
    """Return what the server made of the Flask example with the builder that it chose."""
    return server.drive(server.app("flask", ROOT / "examples" / "python-flask"))


def as_the_server_starts(command: str, source: Path, runtime: Any, port: int) -> list[str]:
    """Return how a server starts a worker: from the source directory, with the artifact's env."""
    path = ":".join([*runtime["path_prepend"], os.environ["PATH"]])
    exports = {**runtime["env_vars"], "PATH": path, "PORT": str(port)}
    assignments = [f"{name}={value}" for name, value in exports.items()]
    return ["env", *assignments, "sh", "-c", f"cd {source} && exec {command}"]


def test_our_builder_is_chosen_and_has_no_need_of_a_template(flask: Any) -> None:
    assert (flask["builder"], flask["name"]) == ("LockfileNixBuilder", "nix")
    artifact = flask["artifact"]
    assert (artifact["builder"], artifact["kind"], artifact["app_name"]) == ("nix", "nix", "flask")
    assert artifact["location"] == artifact["metadata"]["store_path"]


def test_the_result_has_a_root_where_the_server_looks(server: Server, flask: Any) -> None:
    link = server.root / "apps" / "flask" / ".nix-result"
    assert str(link.resolve()) == flask["artifact"]["location"]
    roots = subprocess.run(
        ["nix-store", "-q", "--roots", link.resolve()], capture_output=True, text=True, check=True
    )
    assert str(link) in roots.stdout


def test_a_worker_runs_in_the_source_directory(server: Server, flask: Any) -> None:
    source = server.root / "apps" / "flask" / "src"
    text = (source / "app.py").read_text()
    runtime, port = flask["artifact"]["runtime"], free_port()
    argv = as_the_server_starts(runtime["workers"]["web"], source, runtime, port)
    try:
        (source / "app.py").write_text(
            f"{text}\n@app.get('/here')\ndef here():\n    return 'here'\n"
        )
        with started(argv) as log:
            assert fetch(port, "/here", log) == (200, "here")
    finally:
        (source / "app.py").write_text(text)


def test_the_build_log_is_where_the_server_shows_it(server: Server, flask: Any) -> None:
    log = (server.root / "apps" / "flask" / "log" / "build.log").read_text()
    assert "Status: SUCCESS" in log
    assert log.splitlines()[-1] == flask["artifact"]["location"]


def test_an_artifact_of_the_servers_loads_here(flask: Any, cli: Cli) -> None:
    artifact = read_artifact(Path(flask["saved"]))
    assert artifact.runtime.workers == flask["artifact"]["runtime"]["workers"]
    shown = json.loads(cli("inspect", "--json", Path(flask["saved"]).parent).stdout)
    assert shown["location"] == flask["artifact"]["location"]


def test_an_artifact_of_ours_loads_there(server: Server, state: Path, flask: Any) -> None:
    ours = next(
        file
        for file in (state / "apps").glob("*/BUILD_ARTIFACT.json")
        if read_artifact(file).location == flask["artifact"]["location"]
    )
    theirs = server.drive(ours, "load")
    assert theirs is not None
    written = read_artifact(ours)
    assert theirs["runtime"]["workers"] == written.runtime.workers
    assert theirs["runtime"]["env_vars"] == written.runtime.env_vars
    assert theirs["location"] == written.location


def test_a_rendered_expression_is_built_by_the_servers_own_builder(
    server: Server, cli: Cli, flask: Any
) -> None:
    source = server.app("ejected", ROOT / "examples" / "python-flask")
    cli("eject", source)
    built = server.drive(source, "nix")
    assert built["builder"] == "NixBuilder"
    assert built["artifact"]["location"] == flask["artifact"]["location"]
    runtime, port = built["artifact"]["runtime"], free_port()
    source_dirs = {"HOP3_APP_DIR", "HOP3_STATE_DIR"}
    ours = flask["artifact"]["runtime"]["env_vars"]
    assert runtime["env_vars"] == {name: ours[name] for name in ours.keys() - source_dirs}
    argv = as_the_server_starts(runtime["workers"]["web"], source, runtime, port)
    with started(argv) as log:
        assert fetch(port, "/health", log)[0] == 200


def test_what_brings_its_own_expression_is_left_to_the_server(server: Server) -> None:
    source = server.app("own", {"hop3.nix": "{ }: { }", "Procfile": "web: true\n"})
    assert server.drive(source, "choose")["name"] == "nix"


def test_an_app_without_a_lockfile_goes_to_the_next_builder(server: Server) -> None:
    source = server.app("loose", {"requirements.txt": "flask\n", "Procfile": "web: flask run\n"})
    assert server.drive(source, "choose")["builder"] == "LocalBuilder"


def test_what_is_wrong_with_an_app_ends_the_deployment_with_its_line(server: Server) -> None:
    source = server.app("wrong", ROOT / "examples" / "python-flask")
    text = (source / "hop3.toml").read_text()
    (source / "hop3.toml").write_text(text.replace("GREETING", '"A GREETING"'))
    assert "hop3.toml:7: " in server.drive(source, "choose")["abort"]


def test_the_previous_result_is_kept_while_its_workers_may_run(server: Server) -> None:
    source = server.app("twice", ROOT / "examples" / "static-site")
    first = server.drive(source)["artifact"]
    page = next(source.rglob("index.html"))
    page.write_text(page.read_text() + "<!-- changed -->\n")
    second = server.drive(source)["artifact"]
    assert first["location"] != second["location"]
    app = source.parent
    assert str((app / ".nix-result-prev").resolve()) == first["location"]
    assert str((app / ".nix-result").resolve()) == second["location"]
    assert second["location"].endswith("-twice"), "an app without a name has the server's"
    assert closure(Path(first["location"]))
