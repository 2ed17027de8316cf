"""Java of the embedded set on real Nix: its run time, and what is locked."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from examples import EXAMPLES
from running import closure, only_closure

if TYPE_CHECKING:
    from conftest import Cli

TEMPORARY = 75
MAVEN = next(example for example in EXAMPLES if example.name == "java-maven")
CODE = """
public final class Hello {
  public static void main(String[] arguments) {
    var heap = 100 * Runtime.getRuntime().maxMemory() / memory();
    System.out.println("hello %s " + Runtime.version().feature() + " " + (heap > 65 && heap < 80));
    System.out.println(java.awt.Font.decode("Dialog-12").getStringBounds("hello",
        new java.awt.font.FontRenderContext(null, true, true)).getWidth() > 10);
    System.out.println(javax.tools.ToolProvider.getSystemJavaCompiler() == null);
  }
  private static long memory() {
    return ((com.sun.management.OperatingSystemMXBean)
        java.lang.management.ManagementFactory.getOperatingSystemMXBean()).getTotalMemorySize();
  }
}
"""


def build(cli: Cli, app: Path, *options: str) -> tuple[Path, str]:
    done = cli("build", app, "--builder", "nix", "--pkgs", "debian", "--json", "-v", *options)
    return Path(json.loads(done.stdout)["location"]), done.stderr


@pytest.mark.parametrize("release", ["21", "25"])
def test_a_run_time_has_fonts_and_a_part_of_the_memory_and_no_compiler(
    cli: Cli, tmp_path: Path, release: str
) -> None:
    app = tmp_path / "hello"
    app.mkdir()
    (app / "hop3.toml").write_text(
        f'[build]\ntoolchain = "java"\njava-version = "{release}"\nbuild = "javac Hello.java"\n'
    )
    (app / "Procfile").write_text("web: java Hello\n")
    # Another text each time, so that the store has no result of it.
    (app / "Hello.java").write_text(CODE % time.time_ns())
    location, log = build(cli, app, "--check")
    assert "building hello-app" in log
    names = [Path(path).name.partition("-")[2] for path in closure(location)]
    assert not [name for name in names if name.startswith(("openjdk", "maven"))]
    said = subprocess.run(
        [*only_closure(location, {}), str(location / "bin/web")],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert said.splitlines()[0].endswith(f" {release} true")
    assert said.splitlines()[1:] == ["true", "true"]


def test_a_lock_is_what_a_build_takes_wherever_it_is_written(cli: Cli, tmp_path: Path) -> None:
    app = tmp_path / "notes"
    shutil.copytree(MAVEN, app, ignore=shutil.ignore_patterns("hop3-nix.lock", "target"))
    done = cli("lock", app, "--pkgs", "debian", status=None)
    if done.returncode == TEMPORARY:
        pytest.skip(f"Maven's repository does not answer: {done.stderr}")
    assert done.returncode == 0, done.stderr
    assert (app / "hop3-nix.lock").read_text() == (MAVEN / "hop3-nix.lock").read_text()
