"""What the post-build step wrote runs with nothing of the host but the kernel."""

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
from running import closure, only_closure

if TYPE_CHECKING:
    from pathlib import Path

VALUE = "it's $HOME and `date` and ''${x} \\ é\n"

EXPRESSION = """
let
  pkgs = {pkgs};
  hop3 = import ./hop3-nix/lib {{ inherit pkgs; }};
  app = pkgs.runCommand "probe-app" {{ }} ''
    mkdir -p $out/app/bin
    printf '#!%s\\necho "started $*"\\n' ${{pkgs.bash}}/bin/bash > $out/app/bin/start
    printf '#!/bin/sh\\n' > $out/app/bin/foreign
    chmod +x $out/app/bin/*
  '';
in
hop3.mkBundle {{
  name = "probe";
  inherit app;
  runtime = {{
    path = [ "${{pkgs.coreutils}}/bin" "${{pkgs.bash}}/bin" ];
  }}
  // builtins.fromJSON (builtins.readFile ./runtime.json);
}}
"""


class Probe:
    """Builds a bundle of two scripts for a runtime section."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.log = NixLog()
        write_library(directory / "hop3-nix")

    def build(self, **runtime: Any) -> Path:
        packages = DebianSet()
        file = self.directory / "probe.nix"
        file.write_text(EXPRESSION.format(pkgs=packages.expression()), encoding="utf-8")
        (self.directory / "runtime.json").write_text(json.dumps(runtime), encoding="utf-8")
        return nixcli.build(
            nixcli.Expression(file),
            out_link=self.directory / "result",
            settings=nixcli.NixSettings(packages.nix_settings()),
            log=self.log,
        )


@pytest.fixture
def probe(state: Path, tmp_path: Path) -> Probe:
    assert state.is_dir()
    return Probe(tmp_path)


def run(bundle: Path, launcher: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a launcher where there is nothing but the bundle's closure."""
    argv = [*only_closure(bundle, {"PORT": "80"}), str(bundle / launcher), *arguments]
    return subprocess.run(argv, capture_output=True, text=True, check=False)


def test_launchers_run_with_nothing_but_the_closure(probe: Probe) -> None:
    bundle = probe.build(
        env={"A": VALUE},
        workers={
            "web": "./bin/start $PORT",
            "compound": "cd bin && true && exec ./start | cat; test -d /var || echo alone",
            "cron": "* * * * * env -i ./bin/start from cron",
            "shown": 'printf %s "$A"',
        },
        before_run=["./bin/start before", "echo done"],
    )
    assert [
        run(bundle, "bin/web", "--help").stdout,
        run(bundle, "bin/compound").stdout,
        run(bundle, "bin/cron").stdout,
        run(bundle, "bin/shown").stdout,
        run(bundle, "hop3/before-run").stdout,
    ] == [
        "started 80 --help\n",
        "started \nalone\n",
        "started from cron\n",
        VALUE,
        "started before\ndone\n",
    ]


def test_the_lines_of_runtime_json_run_with_nothing_but_the_closure(probe: Probe) -> None:
    bundle = probe.build(workers={"web": "true && ./bin/start $(basename /a/$PORT) | cat"})
    runtime = json.loads((bundle / "hop3/runtime.json").read_bytes())
    shell = (bundle / "bin/web").read_text().splitlines()[0].removeprefix("#!")
    argv = [*only_closure(bundle, {"PORT": "80", "PATH": "/none"}), shell, "-c"]
    done = subprocess.run(
        [*argv, runtime["workers"]["web"]], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("started 80\n", "")


def test_the_interpreter_that_ran_the_step_is_not_in_the_closure(probe: Probe) -> None:
    bundle = probe.build(workers={"web": "./bin/start"})
    assert [path for path in closure(bundle) if "python" in path] == []


def test_a_problem_fails_the_build_and_stands_in_its_log(probe: Probe) -> None:
    with pytest.raises(BuildError) as caught:
        probe.build(workers={"web": "./bin/foreign", "job": "gunicron"}, env={"A": "/home/me"})
    said = "\n".join(line for build in probe.log.builds for line in build.tail) + str(caught.value)
    assert [
        part
        for part in ("no program gunicron", "begins with #!/bin/sh,", "A: refers to /home")
        if part not in said
    ] == []
