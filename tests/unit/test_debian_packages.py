"""Debian's packages by name: what they are made of, and which one has a file."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest

from hop3_nix.builders.advice import advising, lines_to_add
from hop3_nix.config import AppConfig
from hop3_nix.errors import BuildError, TemporaryError
from hop3_nix.nix.missing import Missing
from hop3_nix.packagesets.apt import DebFile, Solution
from hop3_nix.packagesets.contents import Contents
from hop3_nix.packagesets.debian_definition import Named
from hop3_nix.packagesets.debian_packages import Held, solve_package

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

NAMED = Named(suite="trixie", on=(), development_on=(), drop=("perl",))
HELD = Held(
    runtime=frozenset({"libc6"}), development=frozenset({"libc6", "libc6-dev", "libffi-dev"})
)
TRIPLE = "x86_64-linux-gnu"


def solution(needs: Mapping[str, tuple[str, ...]]) -> Solution:
    files = {name: DebFile(name, "1", "debian", f"pool/{name}.deb", 1, "a" * 64) for name in needs}
    return Solution(files, needs)


def parts(name: str, needs: Mapping[str, tuple[str, ...]]) -> tuple[list[str], list[str]]:
    solved = solve_package(name, NAMED, solution(needs), HELD)
    return [file.package for file in solved.runtime], [file.package for file in solved.development]


def test_headers_and_what_reads_them_are_apart_from_what_runs() -> None:
    needs = {
        "libx-dev": ("libx1", "libx-dev-bin", "liby-dev", "libc6-dev"),
        "libx-dev-bin": ("perl", "python"),
        "liby-dev": ("liby2",),
        "libx1": ("libc6", "liby2", "x-data"),
        "liby2": ("libc6",),
        "x-data": (),
        "python": (),
        "perl": (),
        "libc6": (),
        "libc6-dev": (),
    }
    assert parts("libx-dev", needs) == (
        ["libx1", "liby2", "x-data"],
        ["libx-dev", "libx-dev-bin", "liby-dev", "python"],
    )


def test_a_program_runs_without_a_part_for_compilers() -> None:
    needs = {"tool": ("libx1", "libc6"), "libx1": ("libc6",), "libc6": ()}
    assert parts("tool", needs) == (["libx1", "tool"], [])


def test_what_a_layer_has_anyway_can_be_named() -> None:
    assert parts("libffi-dev", {"libffi-dev": ("libc6",), "libc6": ()}) == ([], ["libffi-dev"])


class Archive:
    """An archive whose index of files is ``text``."""

    def __init__(self, text: str, digest: str = "a" * 64) -> None:
        self.text, self.digest = text, digest
        self.fetched = 0

    def contents_digest(self, _suite: str) -> str:
        return self.digest

    def fetch_contents(self, _suite: str, target: Path) -> None:
        self.fetched += 1
        target.write_bytes(gzip.compress(self.text.encode()))


INDEX = f"""\
usr/bin/pg_config                       libdevel/libpq-dev
usr/include/heimdal/gssapi/gssapi.h     devel/heimdal-multidev
usr/include/gssapi/gssapi.h             libdevel/libkrb5-dev
usr/include/notgssapi/gssapi.hpp        libdevel/other
usr/lib/{TRIPLE}/libodbc.so.2           libs/libodbc2,oldlibs/libodbc1
"""


def test_the_package_is_found_that_has_a_file_in_its_usual_place(tmp_path: Path) -> None:
    archive = Archive(INDEX)
    contents = Contents(tmp_path, "trixie", archive)
    wanted = [
        Missing("header", "gssapi/gssapi.h"),
        Missing("program", "pg_config"),
        Missing("library", "libodbc.so.2"),
        Missing("header", "nowhere.h"),
    ]
    for _ in range(2):
        found = contents.packages_with(wanted, TRIPLE)
        assert {one.name: package for one, package in found.items()} == {
            "gssapi/gssapi.h": "libkrb5-dev",
            "pg_config": "libpq-dev",
            "libodbc.so.2": "libodbc2",
        }
    assert archive.fetched == 1
    archive.digest = "b" * 64
    contents.packages_with(wanted, TRIPLE)
    assert archive.fetched == 2
    assert len([*tmp_path.iterdir()]) == 1


def test_an_index_that_is_cut_short_is_fetched_again(tmp_path: Path) -> None:
    archive = Archive(INDEX)
    contents = Contents(tmp_path, "trixie", archive)
    contents.packages_with([Missing("header", "x.h")], TRIPLE)
    [file] = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:40])
    with pytest.raises(TemporaryError, match="index of files cannot be read"):
        contents.packages_with([Missing("header", "x.h")], TRIPLE)
    assert [*tmp_path.iterdir()] == []


class Offering:
    """A package set that knows where files are."""

    def __init__(self, places: Mapping[str, str]) -> None:
        self.places = places

    def packages_with(self, missing: Sequence[Missing]) -> dict[Missing, str]:
        return {one: self.places[one.name] for one in missing if one.name in self.places}


CONFIG = AppConfig(name="app", build_packages=("zlib",))


def test_an_error_ends_with_lines_that_can_be_pasted() -> None:
    error = BuildError("building x failed", tip="The full log: /log")
    error.said = (
        "fatal error: gssapi/gssapi.h: No such file\nlibodbc.so.2: cannot open shared object file"
    )
    places = {"gssapi/gssapi.h": "libkrb5-dev", "libodbc.so.2": "libodbc2"}
    with pytest.raises(BuildError) as raised, advising(Offering(places), CONFIG):  # type: ignore[arg-type]
        raise error
    assert raised.value.tip.splitlines() == [
        "The full log: /log",
        "gssapi/gssapi.h is in libkrb5-dev; libodbc.so.2 is in libodbc2. Write into hop3.toml:",
        "[build]",
        'packages = ["zlib", "libkrb5-dev"]',
        "[run]",
        'packages = ["libodbc2"]',
    ]


@pytest.mark.parametrize("places", [{}, {"x.h": "zlib"}])
def test_an_error_is_left_alone_when_there_is_nothing_to_add(places: dict[str, str]) -> None:
    error = BuildError("failed", tip="tip")
    error.said = "fatal error: x.h: No such file"
    with pytest.raises(BuildError) as raised, advising(Offering(places), CONFIG):  # type: ignore[arg-type]
        raise error
    assert raised.value.tip == "tip"


def test_no_lines_for_nothing() -> None:
    assert lines_to_add({}, CONFIG) == ""
