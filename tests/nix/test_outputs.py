"""The outputs of an expression beside its package: tests, the closure's description, the shell."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from hop3_nix.errors import BuildError
from hop3_nix.files.resources import write_library
from hop3_nix.nix import commands as nixcli
from hop3_nix.nix.log import NixLog
from hop3_nix.packagesets.debian import DebianSet
from running import closure

if TYPE_CHECKING:
    from pathlib import Path

EXPRESSION = """
let
  pkgs = {pkgs};
  hop3 = import ./hop3-nix/lib {{ inherit pkgs; }};
  serve = pkgs.writeText "serve.py" (builtins.readFile ./serve.py);
  app = pkgs.runCommand "probe-app" {{ }} "mkdir -p $out/app";
  package = hop3.mkBundle {{
    name = "probe";
    inherit app;
    runtime = {{
      path = [ "${{pkgs.python3}}/bin" "${{pkgs.coreutils}}/bin" ];
      workers.web = "python3 -B ${{serve}}";
    }}
    // builtins.fromJSON (builtins.readFile ./runtime.json);
  }};
in
hop3.mkOutputs {{
  inherit package;
  env = hop3.mkEnv {{
    name = "probe";
    packages = [ pkgs.python3 ];
    environment = app: {{
      GREETING = "it's $HOME";
      PYTHONPATH = [ "${{app}}/app/lib" "${{app}}/lib" ];
    }};
  }};
}}
"""

SERVE = """
import http.server, os, socketserver, sys

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        found = {"/": 404, "/health": 200, "/broken": 500}
        self.send_response(found.get(self.path, 200))
        self.end_headers()

print("secret:", os.environ.get("SECRET_KEY"), "store:", *os.listdir("/nix/store"), flush=True)
if "FAIL" in os.environ:
    sys.exit("cannot start")
http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""


class Probe:
    """Builds outputs of an application that is a Python program."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.packages = DebianSet()
        write_library(directory / "hop3-nix")
        text = EXPRESSION.format(pkgs=self.packages.expression())
        (directory / "outputs.nix").write_text(text, encoding="utf-8")
        (directory / "serve.py").write_text(SERVE, encoding="utf-8")

    def build(self, attribute: str, **runtime: Any) -> tuple[Path, str]:
        """Return the store path and all lines of the log."""
        (self.directory / "runtime.json").write_text(json.dumps(runtime), encoding="utf-8")
        lines: list[str] = []
        built = nixcli.build(
            nixcli.Expression(self.directory / "outputs.nix", attribute),
            out_link=self.directory / f"result-{attribute}",
            settings=nixcli.NixSettings(self.packages.nix_settings()),
            log=NixLog(on_line=lines.append),
        )
        return built, "\n".join(lines)


@pytest.fixture
def probe(state: Path, tmp_path: Path) -> Probe:
    assert state.is_dir()
    return Probe(tmp_path)


# --- tests


def test_a_worker_that_answers_passes(probe: Probe) -> None:
    built, _ = probe.build("tests.web", healthcheck_path="/health")
    assert built.read_text() == "GET /health from web: HTTP/1.0 200 OK\n"


def test_any_answer_but_a_failure_will_do_where_no_page_is_named(probe: Probe) -> None:
    built, _ = probe.build("tests.web")
    assert built.read_text() == "GET / from web: HTTP/1.0 404 Not Found\n"


def test_required_variables_have_a_value_and_nothing_but_the_closure_is_there(
    probe: Probe,
) -> None:
    # A build that fails shows its log, whatever was built before.
    with pytest.raises(BuildError) as caught:
        probe.build("tests.web", env={"FAIL": str(probe.directory)}, required=["SECRET_KEY"])
    message = str(caught.value) + caught.value.tip
    assert "it ended before it answered" in message
    package, _ = probe.build("package", env={"FAIL": str(probe.directory)}, required=["SECRET_KEY"])
    _, _, listed = message.partition("secret: only-for-the-test store: ")
    there = set(listed.splitlines()[0].split())
    needed = {path.removeprefix("/nix/store/") for path in closure(package)}
    assert needed < there
    # What asks, and the shell that every sandbox of this package set has.
    others = sorted(name.partition("-")[2] for name in there - needed)
    assert others == ["ask.sh", "shell", "start_and_fetch.sh"]


@pytest.mark.parametrize("page", ["/broken", "/"])
def test_a_page_that_is_named_has_to_be_there(probe: Probe, page: str) -> None:
    with pytest.raises(BuildError) as caught:
        probe.build("tests.web", healthcheck_path=page, healthcheck_timeout=1)
    assert "no good answer within 1 seconds" in str(caught.value) + caught.value.tip


def test_what_runs_before_the_workers_runs_before_them(probe: Probe) -> None:
    runtime = {"before_run": ["python3 -c 'import sys; sys.exit(\"not ready\")'"]}
    with pytest.raises(BuildError) as caught:
        probe.build("tests.web", **runtime)
    assert "not ready" in str(caught.value) + caught.value.tip


def test_a_worker_that_speaks_fastcgi_has_to_listen(probe: Probe) -> None:
    built, _ = probe.build("tests.web", backend_protocol="fastcgi")
    assert built.read_text() == "GET / from web: a connection\n"


# --- closureInfo


def test_the_closure_is_described(probe: Probe) -> None:
    package, _ = probe.build("package")
    info, _ = probe.build("closureInfo")
    described = json.loads((info / "closure.json").read_text())
    paths = sorted(closure(package))
    assert described["package"] == str(package)
    assert [entry["path"] for entry in described["paths"]] == paths
    assert (info / "store-paths").read_text().split() == paths
    total = int((info / "total-nar-size").read_text())
    assert total == sum(entry["narSize"] for entry in described["paths"])
    sizes = subprocess.run(
        ["nix-store", "-q", "--size", *paths], check=True, capture_output=True, text=True
    )
    assert total == sum(map(int, sizes.stdout.split()))


def test_a_store_takes_the_registration(probe: Probe, tmp_path: Path) -> None:
    package, _ = probe.build("package")
    info, _ = probe.build("closureInfo")
    other = ["nix-store", "--store", str(tmp_path / "other")]
    with (info / "registration").open() as registration:
        subprocess.run([*other, "--load-db"], stdin=registration, check=True)
    found = subprocess.run(
        [*other, "-qR", str(package)], check=True, capture_output=True, text=True
    )
    assert sorted(found.stdout.split()) == sorted(closure(package))


# --- devShell


def test_the_shell_has_the_variables_of_workers_and_the_tree_that_is_worked_on(
    probe: Probe, tmp_path: Path
) -> None:
    (tmp_path / "runtime.json").write_text("{}")
    settings = nixcli.NixSettings(probe.packages.nix_settings()).environment()
    command = 'type -P python3; printf \'%s\\n\' "$GREETING" "$PYTHONPATH"'
    argv = ["nix-shell", str(tmp_path / "outputs.nix"), "-A", "devShell", "--run", command]
    shown = subprocess.run(
        argv, cwd=tmp_path, env=settings, check=True, capture_output=True, text=True
    )
    python, greeting, path = shown.stdout.splitlines()
    assert python.startswith("/nix/store/")
    assert (greeting, path) == ("it's $HOME", f"{tmp_path}/lib")


def test_the_shell_leaves_variables_that_are_set(probe: Probe, tmp_path: Path) -> None:
    (tmp_path / "runtime.json").write_text("{}")
    settings = nixcli.NixSettings(probe.packages.nix_settings()).environment()
    argv = ["nix-shell", str(tmp_path / "outputs.nix"), "-A", "env", "--run", 'echo "$GREETING"']
    env = {**settings, "GREETING": "mine"}
    shown = subprocess.run(argv, env=env, check=True, capture_output=True, text=True)
    assert shown.stdout == "mine\n"
