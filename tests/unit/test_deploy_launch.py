from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

import pytest

from hop3_nix.contract import BuildArtifact, RuntimeConfig
from hop3_nix.deploy.artifact import Located, locate
from hop3_nix.deploy.exec import exec_command, exec_worker, split_command
from hop3_nix.deploy.launch import Ready, Start, prepare
from hop3_nix.errors import ArtifactCorruptError, InputError, UnavailableError
from hop3_nix.postbuild.__main__ import main as post_build

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def clean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOP3_NIX_STATE", str(tmp_path / "state"))
    for name in ("PORT", "HOP3_STATE_DIR", "MODE"):
        monkeypatch.delenv(name, raising=False)


def located(tmp_path: Path, builder: Literal["nix", "local"] = "local", **runtime: Any) -> Located:
    data = {
        "env_vars": {"FIXED": "artifact"},
        "path_prepend": [],
        "working_dir": str(tmp_path),
        "workers": {"web": "echo web", "worker": "echo worker", "cron-a": "0 3 * * 1 tidy --all"},
    }
    artifact = BuildArtifact(
        kind="any",
        builder=builder,
        app_name="demo",
        built_at=datetime(2025, 1, 2, tzinfo=UTC),
        build_id="b1",
        location=str(tmp_path),
        runtime=RuntimeConfig.model_validate(data | runtime),
    )
    return Located(artifact, tmp_path / "BUILD_ARTIFACT.json")


def program(path: Path, text: str = "#!/bin/sh\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def finished(tmp_path: Path) -> Ready:
    """Return an artifact that the post-build step made, with MODE left to the environment."""
    spec = {
        "mode": "local",
        "app_name": "demo",
        "shell": "/bin/sh",
        "path": ["/usr/bin", "/bin"],
        "working_dir": str(tmp_path),
        "env": {"MODE": "de'v", "FIXED": "artifact"},
        "defaults": ["MODE"],
        "workers": {"web": "echo web"},
        "before_run": ["echo $MODE", "echo $FIXED"],
    }
    (tmp_path / "spec.json").write_text(json.dumps(spec))
    assert post_build([str(tmp_path / "spec.json"), str(tmp_path / "out")]) == 0
    return prepare(locate(tmp_path / "out", trusted=True))


def output(start: Start) -> str:
    done = subprocess.run(
        start.argv, env=dict(start.env), cwd=start.cwd, check=True, capture_output=True, text=True
    )
    return done.stdout


def test_launcher_is_preferred(tmp_path: Path) -> None:
    launcher = program(tmp_path / "bin" / "web")
    program(tmp_path / "hop3" / "before-run")
    start = prepare(located(tmp_path)).worker("web")
    assert start.argv == (str(launcher),)
    assert start.env["HOP3_STATE_DIR"] == str(tmp_path / "state" / "apps" / "demo" / "run")


def test_a_program_of_another_builder_is_no_launcher(tmp_path: Path) -> None:
    program(tmp_path / "bin" / "web")
    start = prepare(located(tmp_path)).worker("web")
    assert start.argv == ("/bin/sh", "-c", "echo web")


def test_command_line_without_a_launcher(tmp_path: Path) -> None:
    start = prepare(located(tmp_path)).worker("web")
    assert start.argv == ("/bin/sh", "-c", "echo web")
    assert start.env["FIXED"] == "artifact"


def test_command_line_when_a_launcher_would_overrule_the_user(tmp_path: Path) -> None:
    program(tmp_path / "bin" / "web")
    program(tmp_path / "hop3" / "before-run")
    start = prepare(located(tmp_path), overrides={"FIXED": "user"}).worker("web")
    assert start.argv[1:] == ("-c", "echo web")
    assert start.env["FIXED"] == "user"


def test_launcher_takes_what_it_does_not_set(tmp_path: Path) -> None:
    program(tmp_path / "bin" / "web")
    program(tmp_path / "hop3" / "before-run")
    start = prepare(located(tmp_path), overrides={"OTHER": "user"}).worker("web", {"PORT": "1"})
    assert len(start.argv) == 1
    assert (start.env["OTHER"], start.env["PORT"]) == ("user", "1")


def test_artifacts_own_shell_is_used(tmp_path: Path) -> None:
    shell = program(tmp_path / "tools" / "bash")
    ready = prepare(located(tmp_path, path_prepend=[str(tmp_path / "tools")]))
    assert ready.worker("web").argv[0] == str(shell)


def test_cron_worker_is_run_without_its_schedule(tmp_path: Path) -> None:
    assert prepare(located(tmp_path)).worker("cron-a").argv[2] == "tidy --all"


@pytest.mark.parametrize(
    ("builder", "expected"), [("nix", "/artifact"), ("local", "/artifact:/host")]
)
def test_store_paths_do_without_the_hosts_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, builder: Literal["nix", "local"], expected: str
) -> None:
    monkeypatch.setenv("PATH", "/host")
    ready = prepare(located(tmp_path, builder, path_prepend=["/artifact"]))
    assert ready.worker("web").env["PATH"] == expected


def test_path_can_be_overridden(tmp_path: Path) -> None:
    program(tmp_path / "bin" / "web")
    ready = prepare(located(tmp_path, path_prepend=["/artifact"]), overrides={"PATH": "/mine"})
    assert ready.worker("web").env["PATH"] == "/mine"


def test_environment_overrides_only_defaults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODE", "prod")
    monkeypatch.setenv("FIXED", "environment")
    ready = finished(tmp_path)
    (_, start), *rest = ready.before_run()
    assert not rest
    assert output(start) == "prod\nartifact\n"
    assert output(ready.command(("sh", "-c", "echo $MODE $FIXED"))) == "prod artifact\n"


def test_defaults_hold_where_the_environment_says_nothing(tmp_path: Path) -> None:
    ready = finished(tmp_path)
    assert output(ready.before_run()[0][1]) == "de'v\nartifact\n"
    assert output(ready.command(("sh", "-c", "echo $MODE $FIXED"))) == "de'v artifact\n"


def test_without_a_list_of_defaults_nothing_is_overridden(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODE", "prod")
    finished(tmp_path)
    for name in ("defaults.json", "exec"):  # as in a package that is written by hand
        (tmp_path / "out/hop3" / name).unlink()
    ready = prepare(locate(tmp_path / "out", trusted=True))
    assert output(ready.command(("sh", "-c", "echo $MODE"))) == "de'v\n"


@pytest.mark.parametrize("text", ["", "{}", "[1]", "\xff"])
def test_a_list_of_defaults_that_is_corrupt_is_refused(tmp_path: Path, text: str) -> None:
    finished(tmp_path)
    (tmp_path / "out/hop3/defaults.json").write_text(text, encoding="latin-1")
    with pytest.raises(ArtifactCorruptError):
        prepare(locate(tmp_path / "out", trusted=True))


def test_override_of_a_default_leaves_the_launcher(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    finished(tmp_path)
    ready = prepare(locate(tmp_path / "out", trusted=True), overrides={"MODE": "x"})
    assert ready.worker("web").argv == (str(tmp_path / "out" / "bin" / "web"),)


def test_unknown_worker_names_the_nearest_and_all(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no worker 'wbe'") as caught:
        prepare(located(tmp_path)).worker("wbe")
    assert caught.value.tip == "Did you mean web? The artifact's workers: cron-a, web, worker"


def test_unknown_command(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no program frobnicate"):
        prepare(located(tmp_path)).command(("frobnicate",))


def test_command_relative_to_the_working_directory(tmp_path: Path) -> None:
    program(tmp_path / "tool")
    assert prepare(located(tmp_path)).command(("./tool", "x")).argv == (str(tmp_path / "tool"), "x")


def test_missing_working_directory(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="working directory"):
        prepare(located(tmp_path, working_dir=str(tmp_path / "no"))).worker("web")


def test_static_worker_cannot_be_become(tmp_path: Path) -> None:
    (tmp_path / "hop3").mkdir()
    runtime = located(tmp_path, workers={"static": "/srv/www"}).artifact.runtime
    (tmp_path / "hop3" / "runtime.json").write_text(runtime.to_json())
    with pytest.raises(InputError, match="files for a web server: /srv/www"):
        exec_worker("static", tmp_path, trusted=True)


def test_state_directory_by_option_variable_and_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = located(tmp_path)
    assert prepare(found).state == tmp_path / "state" / "apps" / "demo" / "run"
    monkeypatch.setenv("HOP3_STATE_DIR", str(tmp_path / "a"))
    assert prepare(found).state == tmp_path / "a"
    overrides = {"HOP3_STATE_DIR": str(tmp_path / "b")}
    assert prepare(found, overrides=overrides).state == tmp_path / "b"
    last = prepare(found, overrides=overrides, state_dir=tmp_path / "c")
    assert last.worker("web").env["HOP3_STATE_DIR"] == str(tmp_path / "c")
    assert (tmp_path / "c").stat().st_mode & 0o777 == 0o700


def test_state_directory_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UnavailableError, match="cannot be made") as caught:
        prepare(located(tmp_path), state_dir=tmp_path / "file" / "x")
    assert "--state-dir" in caught.value.tip


def test_exec_of_a_program_that_cannot_start(tmp_path: Path) -> None:
    (tmp_path / "hop3").mkdir()
    (tmp_path / "hop3" / "runtime.json").write_text(located(tmp_path).artifact.runtime.to_json())
    bad = program(tmp_path / "bad", "#!/no/such/interpreter\n")
    code = (
        "import sys; from hop3_nix.deploy.exec import exec_command;"
        "from hop3_nix.errors import UnavailableError\n"
        "try: exec_command(sys.argv[2:], sys.argv[1], trusted=True)\n"
        "except UnavailableError as error: print(error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path), str(bad)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "HOP3_NIX_STATE": str(tmp_path / "s")},
    )
    assert f"{bad} cannot be started" in done.stdout


def test_commands_are_split_at_the_first_dashes() -> None:
    assert split_command(["web", "app"]) == (["web", "app"], [])
    assert split_command(["app", "--", "ls", "--", "-l"]) == (["app"], ["ls", "--", "-l"])
    assert split_command(["--", "ls"]) == ([], ["ls"])


def test_command_of_exec_must_exist(tmp_path: Path) -> None:
    (tmp_path / "hop3").mkdir()
    (tmp_path / "hop3" / "runtime.json").write_text(located(tmp_path).artifact.runtime.to_json())
    with pytest.raises(InputError, match="no program"):
        exec_command(["frobnicate"], tmp_path, trusted=True)
