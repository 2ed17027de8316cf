from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hop3_nix.errors import UnavailableError
from hop3_nix.packagesets.apt import DebFile, Solution
from hop3_nix.packagesets.debian_definition import (
    DIRECTORY,
    Definition,
    Group,
    Interpreter,
    Named,
    StaticProgram,
    read_definition,
)
from hop3_nix.packagesets.debian_lock import (
    LOCK_FORMAT,
    DebianLock,
    Seed,
    read_lock,
    solve_groups,
    upstream_version,
)
from hop3_nix.rendering.nixlang import to_nix

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


def deb(package: str, version: str = "1-1") -> DebFile:
    return DebFile(package, version, "debian", f"pool/{package}_{version}.deb", 1, "a" * 64)


def lock_of(**groups: tuple[DebFile, ...]) -> DebianLock:
    return DebianLock(
        system="x86_64-linux",
        definition="d",
        suites={"bookworm": "2026-07-11T10:16:37+00:00"},
        seed=Seed("/nix/store/x-seed", "0" * 52),
        groups=groups,
    )


class Solver:
    """Stands for apt: what it solves for any suite is all of ``needs``."""

    def __init__(self, **needs: tuple[str, ...]) -> None:
        self.needs = needs
        self.asked: list[tuple[str, tuple[str, ...]]] = []

    def solve(self, suite: str, packages: Sequence[str]) -> Solution:
        self.asked.append((suite, tuple(packages)))
        return Solution({name: deb(name, f"1-{suite}") for name in self.needs}, self.needs)


def group(name: str, *roots: str, on: tuple[str, ...] = (), suite: str = "bookworm") -> Group:
    return Group(name=name, suite=suite, roots=roots, on=on, drop=("debconf",))


def definition_of(*groups: Group) -> Definition:
    return Definition(
        groups=groups,
        named=Named(suite="trixie", on=("base",), development_on=("cc",), drop=("perl",)),
        aliases={},
        seed=StaticProgram("seed", "bookworm", "b", file="b", name="b"),
        shell=StaticProgram("shell", "bookworm", "s", file="s", name="sh"),
        attributes=(),
        interpreters=(),
        digest="d",
    )


def names(solved: Mapping[str, tuple[DebFile, ...]]) -> dict[str, list[str]]:
    return {group: [file.package for file in files] for group, files in solved.items()}


def test_a_group_holds_what_the_layers_below_it_do_not() -> None:
    solver = Solver(libc=(), ssl=("libc",), zlib=("libc",), python=("zlib", "ssl", "libc"))
    definition = definition_of(
        group("c", "libc"), group("ssl", "ssl", on=("c",)), group("py", "python", on=("ssl",))
    )
    solved = solve_groups(definition, solver)
    assert names(solved) == {"c": ["libc"], "ssl": ["ssl"], "py": ["python", "zlib"]}


def test_what_is_dropped_is_left_out_with_all_that_only_it_needs() -> None:
    solver = Solver(app=("debconf", "libc"), debconf=("perl",), perl=("libc",), libc=())
    assert names(solve_groups(definition_of(group("a", "app")), solver)) == {"a": ["app", "libc"]}


def test_what_is_dropped_can_be_asked_for() -> None:
    solver = Solver(debconf=())
    assert names(solve_groups(definition_of(group("a", "debconf")), solver)) == {"a": ["debconf"]}


def test_packages_that_need_each_other_are_in_one_group() -> None:
    solver = Solver(a=("b",), b=("a",))
    assert names(solve_groups(definition_of(group("g", "a")), solver)) == {"g": ["a", "b"]}


def test_each_suite_is_solved_once_and_by_itself() -> None:
    solver = Solver(libc=(), bash=("libc",))
    definition = definition_of(
        group("c", "libc"), group("c13", "libc", suite="trixie"), group("sh", "bash", "libc")
    )
    solved = solve_groups(definition, solver)
    assert solver.asked == [("bookworm", ("libc", "bash")), ("trixie", ("libc",))]
    assert [file.version for file in solved["c13"]] == ["1-trixie"]


def test_every_layer_of_the_set_stands_on_layers_before_it_of_its_suite_or_a_newer_one() -> None:
    releases = {"bookworm": 12, "trixie": 13}
    suites: dict[str, int] = {}
    for layer in read_definition().groups:
        suites[layer.name] = releases[layer.suite]
        assert all(suites[lower] >= suites[layer.name] for lower in layer.on), layer.name


def test_every_program_of_the_set_has_the_same_c_library() -> None:
    definition = read_definition()
    groups = {group.name for group in definition.groups if group.on}
    assert {definition.lowest(name) for name in groups} == {"glibc"}


def test_the_digest_changes_with_what_the_lock_depends_on_and_nothing_else(tmp_path: Path) -> None:
    data = json.loads(_write_definition(tmp_path).read_text())
    digest = read_definition(tmp_path).digest
    data["groups"]["c"]["prune"] = ["share"]
    (tmp_path / "groups.json").write_text(json.dumps(data))
    assert read_definition(tmp_path).digest == digest
    data["groups"]["c"]["roots"] = ["libc7"]
    (tmp_path / "groups.json").write_text(json.dumps(data))
    assert read_definition(tmp_path).digest != digest


def test_a_folder_is_all_that_adds_a_language(tmp_path: Path) -> None:
    _write_definition(tmp_path)
    before = read_definition(tmp_path)
    folder = tmp_path / "languages" / "tin"
    folder.mkdir(parents=True)
    groups = {"tin3": {"suite": "bookworm", "on": ["c"], "roots": ["tin3.4"], "drop": ["x"]}}
    named = {"tin": {}, "tin3": {"offer": {"group": "tin3", "package": "tin3.4"}}}
    (folder / "groups.json").write_text(json.dumps(groups))
    (folder / "attributes.json").write_text(json.dumps(named))
    definition = read_definition(tmp_path)
    assert [group.name for group in definition.groups] == ["c", "tin3"]
    assert definition.attributes == ("tin", "tin3")
    assert definition.interpreters == (Interpreter("tin", "tin3", "tin3", "tin3.4"),)
    assert definition.lowest("tin3") == "c"
    assert definition.digest != before.digest


def test_no_language_of_the_set_has_a_name_that_another_has() -> None:
    definition = read_definition()
    names = [group.name for group in definition.groups]
    assert len(set(names)) == len(names)
    assert len(set(definition.attributes)) == len(definition.attributes)


def _write_definition(directory: Path) -> Path:
    file = directory / "groups.json"
    groups = {"c": {"suite": "bookworm", "roots": ["libc6"]}}
    seed = {"suite": "bookworm", "package": "busybox-static"}
    named = {"suite": "trixie", "on": ["c"], "development_on": ["c"], "drop": []}
    shell = {"suite": "bookworm", "package": "bash-static"}
    programs = {"seed": seed, "shell": shell}
    file.write_text(json.dumps({**programs, "drop": [], "groups": groups, "named": named}))
    (directory / "attributes.json").write_text("{}")
    return file


numbers = st.from_regex(r"[0-9]{1,2}(\.[0-9]{1,3}){1,2}", fullmatch=True)
before = st.sampled_from(["", "1:", "2:"])
# What Debian puts behind a version, as its archive has it.
repacked = st.sampled_from(
    ["", "+dfsg", "+dfsg1", ".dfsg", "+ds1", "~dfsg", "+git20230131", "+repack"]
)
revision = st.sampled_from(["", "-1", "-2+deb12u3", "-0+deb12u1", "-2.1", "-1~bpo12+1", "-3build1"])


@given(before, numbers, repacked, revision)
def test_the_upstream_version_is_what_the_interpreter_itself_says(
    epoch: str, said: str, mark: str, revised: str
) -> None:
    assert upstream_version(f"{epoch}{said}{mark}{revised}") == said
    # After a step back to an older one.
    assert upstream_version(f"{epoch}99.1{mark}+really{said}{mark}{revised}") == said


OF_THE_ARCHIVE = [
    ("3.1.7+really3.1.2-0+deb12u1", "3.1.2"),
    ("1:1.3.dfsg+really1.3.1-1+deb13u1", "1.3.1"),
    ("2.12.7+dfsg+really2.9.14-2.1+deb13u3", "2.9.14"),
    ("20.19.2+dfsg1-1+deb13u1", "20.19.2"),
    ("18.20.4+dfsg-1~deb12u1", "18.20.4"),
    ("3.13.5-2", "3.13.5"),
    ("2.36-9+deb12u13", "2.36"),
    ("2:8.2.29-1", "8.2.29"),
    ("1:25.2.3+dfsg-1", "25.2.3"),
]


@pytest.mark.parametrize(("version", "said"), OF_THE_ARCHIVE)
def test_versions_of_the_archive(version: str, said: str) -> None:
    lock = lock_of(group=(deb("package", version),))
    assert lock.version_of("group", "package") == said


def test_the_set_itself_calls_them_the_same() -> None:
    versions = to_nix([version for version, _ in OF_THE_ARCHIVE])
    text = f"map (import {DIRECTORY / 'upstream-version.nix'}) {versions}"
    argv = ["nix-instantiate", "--store", "dummy://", "--eval", "--json", "--strict", "-E", text]
    done = subprocess.run(argv, check=True, capture_output=True, text=True)
    assert json.loads(done.stdout) == [said for _, said in OF_THE_ARCHIVE]


@given(st.lists(st.builds(deb, st.text(min_size=1), st.text()), max_size=3))
def test_a_lock_is_read_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, files: list[DebFile]
) -> None:
    file = tmp_path_factory.mktemp("lock") / "lock.json"
    lock = lock_of(c=tuple(files))
    file.write_text(lock.to_json())
    assert read_lock(file) == lock


def test_equal_locks_have_equal_text() -> None:
    lock = lock_of(b=(deb("b"),), a=(deb("a"),))
    assert lock.to_json() == replace(lock, groups=dict(sorted(lock.groups.items()))).to_json()


def test_there_may_be_no_lock(tmp_path: Path) -> None:
    assert read_lock(tmp_path / "lock.json") is None


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 1}', "\xff"])
def test_a_lock_that_cannot_be_read_says_how_to_write_it_again(tmp_path: Path, text: str) -> None:
    file = tmp_path / "lock.json"
    file.write_bytes(text.encode("latin-1"))
    with pytest.raises(UnavailableError, match="cannot be read") as caught:
        read_lock(file)
    assert caught.value.tip == "Run: hop3-nix packages refresh"


def test_a_lock_of_another_format_is_refused_as_that(tmp_path: Path) -> None:
    file = tmp_path / "lock.json"
    file.write_text(json.dumps({"format": LOCK_FORMAT + 1}))
    with pytest.raises(UnavailableError, match=f"has format {LOCK_FORMAT + 1}"):
        read_lock(file)
