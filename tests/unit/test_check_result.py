"""nix/lib/scripts/check_result.py: what build steps leave behind that no result may have."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

import check_result
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Result:
    """A result, in a store that has one more path."""

    def __init__(self, directory: Path) -> None:
        self.store = directory / "store"
        self.other = self.store / "0-other"
        self.root = self.store / "1-app"
        self.tree = self.root / "app"
        self.source = self.store / "2-source"
        for path in (self.other, self.tree, self.source):
            path.mkdir(parents=True)
        (self.other / "file").touch()
        (self.tree / "main.py").touch()

    def problems(self) -> list[str]:
        places = map(str, (self.store, self.root, self.tree, self.source))
        return list(check_result.problems(*places))


@pytest.fixture
def result(tmp_path: Path) -> Result:
    return Result(tmp_path)


def test_links_within_the_result_and_its_closure_are_fine(result: Result) -> None:
    (result.tree / "here").symlink_to("main.py")
    (result.tree / "sub").mkdir()
    (result.tree / "sub" / "up").symlink_to("../main.py")
    (result.tree / "top").symlink_to(result.root)
    (result.tree / "store").symlink_to(result.other / "file")
    (result.tree / "through").symlink_to("store")
    assert result.problems() == []


@pytest.mark.parametrize(
    "target",
    [
        "/etc",
        "/tmp/x",
        "../../../..",
        "../../../0-gone/file",
        "/nonexistent",
        "/proc/self/root/etc",
    ],
)
def test_a_link_out_of_the_result_is_named(result: Result, target: str) -> None:
    (result.tree / "sub").mkdir()
    (result.tree / "sub" / "link").symlink_to(target)
    assert result.problems() == [f"app/sub/link is a link to {target}, out of the result"]


def test_a_store_path_that_the_build_does_not_see_is_in_no_closure(result: Result) -> None:
    for target in (result.store, result.store / "9-unknown" / "file"):
        (result.tree / "link").symlink_to(target)
        assert result.problems() == [f"app/link is a link to {target}, out of the result"]
        (result.tree / "link").unlink()


def test_a_link_that_leads_out_by_another_one(result: Result) -> None:
    (result.other / "away").symlink_to("/etc")
    (result.tree / "link").symlink_to(result.other / "away")
    assert len(result.problems()) == 1


def test_the_tree_itself_may_be_no_link_away(result: Result) -> None:
    (result.root / "real").mkdir()
    result.tree.rename(result.root / "former")
    result.tree.symlink_to("/tmp")
    assert result.problems() == ["app is a link to /tmp, out of the result"]
    result.tree.unlink()
    result.tree.symlink_to("former")
    assert result.problems() == []


def bind(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(path))


@pytest.mark.parametrize(("make", "kind"), [(os.mkfifo, "a pipe"), (bind, "a socket")])
def test_what_is_neither_file_nor_link_is_named(
    result: Result, make: Callable[[Path], object], kind: str
) -> None:
    make(result.tree / "x")
    assert result.problems() == [f"app/x is {kind}, which a result cannot hold"]


def test_what_cannot_be_read_is_named(result: Result, monkeypatch: pytest.MonkeyPatch) -> None:
    shut = result.tree / "main.py"
    may = os.access  # root may everything
    monkeypatch.setattr(os, "access", lambda path, mode: path != shut and may(path, mode))
    assert result.problems() == ["app/main.py is not to be read: its mode was taken away"]


def test_a_link_to_nothing_is_named_unless_the_source_has_it(result: Result) -> None:
    (result.tree / "link").symlink_to("gone")
    assert result.problems() == ["app/link is a link to gone, which is not there"]
    (result.source / "link").symlink_to("gone")
    assert result.problems() == []
    packages = result.tree / "node_modules" / ".bin"
    packages.mkdir(parents=True)
    (packages / "tool").symlink_to("../tool/cli.js")
    assert result.problems() == []


def test_a_loop_is_a_link_to_nothing(result: Result) -> None:
    (result.tree / "loop").symlink_to("loop")
    assert len(result.problems()) == 1


def test_the_program_prints_what_it_found(
    result: Result, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check_result.main(str(result.store), str(result.root)) == 0
    for number in range(30):
        os.mkfifo(result.tree / f"{number:02}")
    assert check_result.main(str(result.store), str(result.root)) == 1
    said = capsys.readouterr().err.splitlines()
    assert said[0] == "after the build steps, app/00 is a pipe, which a result cannot hold"
    assert said[-1] == "and 10 more"
