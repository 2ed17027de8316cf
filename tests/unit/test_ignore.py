"""Nested ignore files, measured against git itself."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hop3_nix.errors import SourceError
from hop3_nix.postbuild.patterns import parse_pattern
from hop3_nix.source import Source
from hop3_nix.source.ignore import IgnoreRules

NAMES = ("a", "b", "ab")
TREE = [*NAMES, *("/".join(("d", *pair)) for pair in product(("a", "b"), NAMES)), "d/ab"]

parts = st.sampled_from(
    ["a", "b", "ab", "d", "*", "?", "a*", "*a*b*", "[ab]", "[!a]", "[a-b]b", "**", "\\a", "[a"]
)
patterns = st.builds(
    lambda negation, anchor, path, directory: f"{negation}{anchor}{path}{directory}",
    st.sampled_from(["", "", "!"]),
    st.sampled_from(["", "/"]),
    st.lists(parts, min_size=1, max_size=3).map("/".join),
    st.sampled_from(["", "", "/"]),
)


def untracked_by_git(root: Path) -> set[str]:
    subprocess.run(["git", "init", "-q", root], check=True)
    listing = subprocess.run(
        ["git", "-C", root, "ls-files", "-z", "--others", "--exclude-standard"],
        check=True,
        capture_output=True,
    ).stdout
    return {os.fsdecode(name) for name in listing.split(b"\0") if name}


@settings(max_examples=60, deadline=None)
@given(top=st.lists(patterns, max_size=3), below=st.lists(patterns, max_size=2))
def test_without_git_the_same_files_are_left_out_as_with_git(
    top: list[str], below: list[str]
) -> None:
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory)
        for name in TREE:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(name)
        # There is always one file left, since an empty source is an error.
        (root / ".gitignore").write_text("\n".join([*top, "!.gitignore"]))
        (root / "d" / ".gitignore").write_text("\n".join(below))
        assert set(Source.open(root).files) == untracked_by_git(root)


@settings(max_examples=200, deadline=None)
@given(pattern=patterns)
def test_a_python_without_atomic_groups_says_the_same(pattern: str) -> None:
    def said() -> tuple[str, list[bool]]:
        parsed = parse_pattern(pattern)
        assert parsed is not None or "[a" in pattern
        expression = parsed.regex.pattern if parsed else ""
        return expression, [parsed is not None and parsed.matches(name) for name in TREE]

    _, expected = said()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("hop3_nix.postbuild.patterns._KEEPS_MATCHES", False)
        expression, found = said()
    assert found == expected
    assert "(?>" not in expression
    assert "++" not in expression


@pytest.mark.parametrize(
    ("pattern", "excluded", "kept"),
    [
        ("*.log", "a.log", "a.txt"),
        ("# note", "x# note", "# note"),
        (r"\#note", "#note", r"\#note"),
        ("build", "build", "rebuild"),
        ("build/", "build/", "build"),
        ("/top", "top", "sub/top"),
        ("trailing   ", "trailing", "trailing   "),
        ("with space", "with space", "with"),
    ],
)
def test_a_pattern_is_read_as_git_reads_it(pattern: str, excluded: str, kept: str) -> None:
    rules = IgnoreRules()
    rules.add("", [pattern], file=".hop3ignore")
    assert (rules.excludes(excluded), rules.excludes(kept)) == (not pattern.startswith("# "), False)


def test_a_directory_that_is_left_out_takes_its_files_along_in_a_flat_list() -> None:
    rules = IgnoreRules()
    rules.add("", ["logs/", "!logs/keep"], file=".hop3ignore")
    assert rules.keep(["logs/keep", "logs/a/b", "main.py"]) == ["main.py"]


def test_lines_may_end_like_those_of_windows_and_begin_with_a_byte_order_mark(
    tmp_path: Path,
) -> None:
    (tmp_path / ".hop3ignore").write_bytes(b"\xef\xbb\xbfone\r\ntwo\r\n")
    rules = IgnoreRules()
    rules.add_file(str(tmp_path), ".hop3ignore")
    assert [rules.excludes(name) for name in ("one", "two", "three")] == [True, True, False]


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("*a" * 40 + "*b", "a" * 250),
        ("**/a/" * 40 + "b", "a/" * 1000 + "c"),
        ("x/" + "**/*a*a*a/" * 20 + "b", "x/" + "aaaaaaaa/" * 200 + "c"),
    ],
)
def test_no_pattern_takes_long(pattern: str, path: str) -> None:
    rules = IgnoreRules()
    rules.add("", [pattern], file=".gitignore")
    started = time.monotonic()
    assert not rules.excludes(path)
    assert time.monotonic() - started < 2


def test_a_long_name_matches_a_pattern_of_many_stars() -> None:
    rules = IgnoreRules()
    rules.add("", ["*a" * 40 + "*b"], file=".gitignore")
    assert rules.excludes("a" * 100 + "b")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("a\n" * 6000, "6001 patterns"),
        ("x" * 5000, "not a pattern: 'xxx"),
        ("x" * (2 << 20), "larger than 1 MiB"),
    ],
)
def test_ignore_files_have_limits(tmp_path: Path, text: str, what: str) -> None:
    (tmp_path / ".gitignore").write_text(text)
    with pytest.raises(SourceError, match=what) as caught:
        Source.open(tmp_path)
    assert caught.value.file == ".gitignore"


def test_what_is_no_pattern_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("")
    (tmp_path / ".hop3ignore").write_text("*.log\n!\n")
    with pytest.raises(SourceError, match=r"^\.hop3ignore:2: not a pattern: '!'"):
        Source.open(tmp_path)
