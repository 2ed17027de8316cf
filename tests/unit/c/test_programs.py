"""Which programs CMake, Meson and make make, and where, by their own files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hop3_nix.config import load_config
from hop3_nix.errors import SourceError
from hop3_nix.plan import Offer, Target
from hop3_nix.source import Source
from hop3_nix.toolchains.composition import Composition

if TYPE_CHECKING:
    from pathlib import Path

    from hop3_nix.plan import BuildPlan

TARGET = Target(
    system="x86_64-linux",
    package_set="example",
    offers=(Offer(language="python", version="3.13.5", attribute="python313", libc="2.41"),),
)


def plan(root: Path, files: dict[str, str]) -> BuildPlan:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    source = Source.open(root)
    return Composition.of(source, load_config(source)).plan(TARGET)


def web(root: Path, files: dict[str, str]) -> str:
    return plan(root, files).runtime.workers["web"]


@pytest.mark.parametrize(
    ("files", "command"),
    [
        ({"CMakeLists.txt": "project(shop)\nadd_executable(server main.c)\n"}, "build/server"),
        (
            {"CMakeLists.txt": "PROJECT( shop C )\nADD_EXECUTABLE(${PROJECT_NAME} a.c)"},
            "build/shop",
        ),
        (
            {
                "CMakeLists.txt": "project(shop)\n",
                "src/CMakeLists.txt": 'add_executable("a" a.c)\n',
            },
            "build/src/a",
        ),
        (
            {
                "CMakeLists.txt": "project(shop)\nadd_executable(one a.c)\n",
                "tests/CMakeLists.txt": "add_executable(server t.c)\n",
                "vendor/x/CMakeLists.txt": "add_executable(app t.c)\n",
            },
            "build/one",
        ),
        (
            {
                "CMakeLists.txt": "project(shop)\nadd_executable(shop a.c)\n"
                "add_executable(tool b.c)\n"
            },
            "build/shop",
        ),
        (
            {"CMakeLists.txt": "add_executable(tool b.c)\n# add_executable(server a.c)\n"},
            "build/tool",
        ),
        (
            {"CMakeLists.txt": "add_executable(a::b ALIAS a)\nadd_executable(a a.c)\n"},
            "build/a",
        ),
        (
            {
                "CMakeLists.txt": "set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)\n"
                "add_executable(server a.c)\n"
            },
            "build/bin/server",
        ),
        (
            {
                "CMakeLists.txt": "set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_SOURCE_DIR})\n"
                "add_executable(server a.c)\n"
            },
            "./server",
        ),
        ({"meson.build": "project('shop', 'c')\nexecutable('run', 'a.c')\n"}, "build/run"),
        ({"Makefile": "TARGET := run\nall: $(TARGET)\n", "main.c": ""}, "./run"),
        ({"Makefile": "bin/run: main.o\n\t$(CC) -o $@ main.o\n", "src/main.cpp": ""}, "bin/run"),
    ],
)
def test_what_answers_is_where_it_is_built(
    tmp_path: Path, files: dict[str, str], command: str
) -> None:
    assert web(tmp_path, files) == command


def test_of_several_programs_of_which_none_is_named_so_one_has_to_be_chosen(tmp_path: Path) -> None:
    text = "project(shop)\nadd_executable(one a.c)\nadd_executable(two b.c)\n"
    with pytest.raises(SourceError, match="which program answers HTTP is not told") as caught:
        plan(tmp_path, {"CMakeLists.txt": text})
    assert "web: build/NAME" in caught.value.tip


def test_a_place_that_only_cmake_knows_is_not_guessed(tmp_path: Path) -> None:
    text = "set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${OUT})\nadd_executable(server a.c)\n"
    with pytest.raises(SourceError, match="which program answers HTTP is not told"):
        plan(tmp_path, {"CMakeLists.txt": text})


def test_a_makefile_without_c_is_not_one_of_c(tmp_path: Path) -> None:
    found = plan(tmp_path, {"Makefile": "all:\n\ttrue\n", "index.html": "<p>page</p>\n"})
    assert found.toolchain == "static"


def test_own_build_steps_need_no_file_that_tells(tmp_path: Path) -> None:
    toml = '[build]\ntoolchain = "c"\nbuild = "cc -o run run.c"\n'
    found = plan(tmp_path, {"hop3.toml": toml, "run.c": "", "Procfile": "web: ./run\n"})
    assert found.build_steps == ("cc -o run run.c",)
    (tmp_path / "hop3.toml").write_text('[build]\ntoolchain = "c"\n')
    with pytest.raises(SourceError, match="says how it is built"):
        plan(tmp_path, {})
