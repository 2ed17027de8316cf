"""C and C++ by each build system, in the sandbox, with a library that an error has named."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from conftest import Cli

NIX: Final = ("--builder", "nix", "--pkgs", "debian")
MAIN: Final = '#include <stdio.h>\nint main(void) { puts("built"); return 0; }\n'
MAKE: Final = {"Makefile": "TARGET = hello\n\n$(TARGET): src/main.o\n\t$(CC) -o $@ $^\n"}
MESON: Final = {
    "meson.build": "project('hello', 'c')\nsubdir('src')\n",
    "src/meson.build": "executable(meson.project_name(), 'main.c')\n",
}
BUILD_FAILED: Final = 100


def write(tree: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(text)
    return tree


def made(cli: Cli, tree: Path) -> set[str]:
    """Return the files of the result, whose program has been run."""
    location = Path(cli("build", tree, *NIX).stdout.strip())
    done = subprocess.run(
        [location / "bin/web"], capture_output=True, text=True, env={}, check=True
    )
    assert done.stdout == "built\n"
    refers = subprocess.check_output(["nix-store", "-q", "--references", location], text=True)
    [app] = [Path(path) for path in refers.split() if path.endswith("-app")]
    return {str(file.relative_to(app / "app")) for file in app.rglob("*") if file.is_file()}


def test_make_leaves_the_program_and_the_tree(cli: Cli, tmp_path: Path) -> None:
    tree = write(tmp_path / "make", {**MAKE, "src/main.c": MAIN})
    assert made(cli, tree) == {"Makefile", "src/main.c", "hello"}


def test_meson_leaves_the_program_and_the_tree(cli: Cli, tmp_path: Path) -> None:
    tree = write(tmp_path / "meson", {**MESON, "src/main.c": MAIN})
    assert made(cli, tree) - {"build/.gitignore", "build/.hgignore"} == {
        "meson.build",
        "src/meson.build",
        "src/main.c",
        "build/src/hello",
    }


def test_a_library_that_cmake_misses_is_named_with_the_line_to_write(
    cli: Cli, tmp_path: Path
) -> None:
    text = (
        "cmake_minimum_required(VERSION 3.16)\nproject(hello C)\nfind_package(ZLIB REQUIRED)\n"
        "add_executable(hello main.c)\n"
    )
    tree = write(tmp_path / "cmake", {"CMakeLists.txt": text, "main.c": MAIN})
    done = cli("build", tree, *NIX, status=BUILD_FAILED)
    assert "Could NOT find ZLIB" in done.stderr
    assert 'packages = ["zlib1g-dev"]' in done.stderr
