"""The ends of log files, and what is added to them, through rotations."""

from __future__ import annotations

import os
from itertools import islice
from typing import TYPE_CHECKING

import pytest

from hop3_nix.deploy.services.logfiles import forget_old, read, tail

if TYPE_CHECKING:
    from pathlib import Path


def rotate(log: Path) -> None:
    log.rename(log.with_name(f"{log.name}.1"))


@pytest.mark.parametrize(
    ("text", "lines", "expected"),
    [
        ("", 3, []),
        ("a\nb\nc\n", 2, ["b", "c"]),
        ("a\nb\nc", 2, ["b", "c"]),
        ("a\nb\n", 5, ["a", "b"]),
        ("a\n\n", 2, ["a", ""]),
        ("a\n", 0, []),
    ],
)
def test_the_last_lines(tmp_path: Path, text: str, lines: int, expected: list[str]) -> None:
    log = tmp_path / "log"
    log.write_text(text)
    assert tail(log, lines) == expected


def test_a_long_file_is_read_from_its_end(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("".join(f"{number} {'x' * 500}\n" for number in range(1000)))
    assert [line.split()[0] for line in tail(log, 400)] == [str(n) for n in range(600, 1000)]


def test_older_parts_are_read_if_the_newest_has_too_little(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("c\n")
    (tmp_path / "log.1").write_text("b\n")
    (tmp_path / "log.2").write_text("a\n")
    assert tail(log, 2) == ["b", "c"]
    assert tail(log, 9) == ["a", "b", "c"]


def test_there_may_be_no_file(tmp_path: Path) -> None:
    assert list(read({"web": tmp_path / "none"}, lines=5, follow=False)) == []


def test_what_is_no_text_is_shown_as_far_as_it_can_be(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"a\xffb\n")
    assert tail(log, 1) == ["a\ufffdb"]


def test_logs_of_services_that_are_gone_stay_for_a_while(tmp_path: Path) -> None:
    forget_old(tmp_path / "none", lambda _name: False)
    for number in range(6):
        log = tmp_path / f"web{number}.log"
        log.touch()
        os.utime(log, (number, number))
    forget_old(tmp_path, lambda name: name == "web0", keep=2)
    assert sorted(path.stem for path in tmp_path.iterdir()) == ["web0", "web4", "web5"]


def test_a_log_is_followed_through_rotations(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("old\nlast\n")
    lines = read({"web": log, "late": tmp_path / "late"}, lines=1, follow=True, every=0)
    assert next(lines) == ("web", "last")
    with log.open("a") as stream:
        stream.write("new\npart")
        stream.flush()
        assert next(lines) == ("web", "new")
        stream.write("ly\nbefore\n")
    rotate(log)
    log.write_text("after\n")
    assert list(islice(lines, 3)) == [("web", "partly"), ("web", "before"), ("web", "after")]
    (tmp_path / "late").write_text("first\n")
    assert next(lines) == ("late", "first")
