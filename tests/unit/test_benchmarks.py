"""What the benchmarks make of the times, and how they show it. Nothing is measured here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from benchmarks.figures import Comparison, Spread
from benchmarks.index import tagged
from benchmarks.npm import LOCKFILE, Locked, Tarballs
from benchmarks.running import CommandError, in_turns
from benchmarks.tables import BEGIN, END, markdown, rows, with_figures

if TYPE_CHECKING:
    from pathlib import Path

RATIO = Comparison(
    "unchanged", "build", "nix-build", (0.2, 0.3, 0.5), (0.1, 0.2, 0.2), "ratio", limit=2.0
)
DIFFERENCE = Comparison(
    "exec", "start", "the program", (0.031, 0.032), (0.001, 0.001), "difference", limit=0.02
)


def test_a_spread_has_the_median_and_the_quartiles() -> None:
    assert Spread.of([5.0, 1.0, 2.0, 4.0, 3.0]) == (3.0, 2.0, 4.0)


def test_one_figure_has_no_spread() -> None:
    assert Spread.of([2.5]) == (2.5, 2.5, 2.5)


def test_ratios_are_taken_round_by_round() -> None:
    # The ratio of the medians would be 1.5.
    assert RATIO.result == pytest.approx((2.0, 1.75, 2.25))


def test_differences_are_taken_round_by_round() -> None:
    assert DIFFERENCE.result == pytest.approx((0.0305, 0.03025, 0.03075))


def test_a_target_is_met_by_the_median() -> None:
    assert RATIO.met
    assert DIFFERENCE.met is False


def test_without_a_target_there_is_none_to_meet() -> None:
    assert Comparison("a", "b", "c", (1.0,), (1.0,), "ratio").met is None


def test_rounds_that_do_not_pair_are_refused() -> None:
    with pytest.raises(ValueError, match="zip"):
        _ = Comparison("a", "b", "c", (1.0, 2.0), (1.0,), "ratio").result


def test_a_row_says_all_of_it() -> None:
    slow = Comparison("a", "slow", "c", (1.5,), (2.25,), "ratio")
    assert rows([RATIO, DIFFERENCE, slow]) == [
        ("build", "300.0 ms", "nix-build", "200.0 ms", "2.00x (1.75 to 2.25)", "2.0x: met"),
        ("start", "31.5 ms", "the program", "1.0 ms", "+30.5 ms (30.2 to 30.8)", "+20 ms: MISSED"),
        ("slow", "1.50 s", "c", "2.25 s", "0.67x (0.67 to 0.67)", ""),
    ]


def test_markdown_is_a_table_with_its_caption() -> None:
    heading, rule, row, empty, caption = markdown([RATIO], "Measured here.").splitlines()
    assert heading.count("|") == rule.count("|") == row.count("|") == 7
    assert (empty, caption) == ("", "Measured here.")


def test_figures_replace_what_is_between_the_markers() -> None:
    page = f"Above.\n{BEGIN}\nold\n{END}\nBelow.\n"
    once = with_figures(page, "new\n")
    assert once == f"Above.\n{BEGIN}\nnew\n{END}\nBelow.\n"
    assert with_figures(once, "new\n") == once


@pytest.mark.parametrize("page", ["", f"{BEGIN}\n", f"{END}\n", f"{END}\n{BEGIN}\n"])
def test_a_page_without_markers_is_refused(page: str) -> None:
    with pytest.raises(ValueError, match="has to have two lines"):
        with_figures(page, "new\n")


def test_who_is_first_alternates() -> None:
    called: list[str] = []

    def ours() -> float:
        called.append("o")
        return float(len(called))

    def theirs() -> float:
        called.append("t")
        return float(len(called))

    our_times, their_times = in_turns(3, ours, theirs, warm_up=1)
    assert "".join(called) == "ot" + "ot" + "to" + "ot"
    assert our_times == (3.0, 6.0, 7.0)
    assert their_times == (4.0, 5.0, 8.0)


@pytest.mark.parametrize(
    ("filename", "result"),
    [
        ("click-8.5.1-py3-none-any.whl", "click-8.5.1-1x-py3-none-any.whl"),
        ("click-8.5.1-3-py3-none-any.whl", "click-8.5.1-1x-py3-none-any.whl"),
        (
            "a_b-1-cp311-abi3-manylinux_2_17_x86_64.whl",
            "a_b-1-1x-cp311-abi3-manylinux_2_17_x86_64.whl",
        ),
    ],
)
def test_a_build_tag_makes_another_name_of_the_same_wheel(filename: str, result: str) -> None:
    assert tagged(filename, "1x") == result


LOCKED = Locked(
    {
        "package.json": "{}",
        LOCKFILE: """{"packages": {
            "": {"name": "app"},
            "node_modules/@a/b": {"version": "1.0.0", "integrity": "sha512-AAEC"},
            "node_modules/c/node_modules/d": {"version": "2.0.0", "integrity": "sha512-AwQF"}
        }}""",
    }
)


def test_a_lockfile_is_moved_to_another_registry_but_for_the_app_itself() -> None:
    entries = LOCKED.at("http://loopback").entries
    assert [entry["resolved"] for entry in entries.values()] == [
        "http://loopback/@a/b/-/b-1.0.0.tgz",
        "http://loopback/d/-/d-2.0.0.tgz",
    ]


def test_what_npm_has_downloaded_is_found_in_its_cache_and_counted(tmp_path: Path) -> None:
    content = tmp_path / "_cacache/content-v2/sha512/00/01/02"
    content.parent.mkdir(parents=True)
    content.write_bytes(b"tarball")
    tarballs = Tarballs.of(LOCKED, tmp_path)
    assert tarballs.answer("/@a/b/-/b-1.0.0.tgz")[0] == b"tarball"
    tarballs.expect({"/@a/b/-/b-1.0.0.tgz"})
    assert tarballs.answer("/d/-/d-2.0.0.tgz")[0] == b""
    with pytest.raises(CommandError, match="1 packages were fetched, and not 0"):
        tarballs.expect(set())
