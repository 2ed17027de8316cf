"""What strangers wrote is read within limits: no hang, no other error than the one documented."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hop3_nix.files.documents import MAX_DEPTH, json_value, toml_table
from hop3_nix.files.regularfile import Malformed, read_regular

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_a_regular_file_is_read_also_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"content")
    (tmp_path / "b").symlink_to("a")
    assert read_regular(tmp_path / "b") == b"content"


def test_a_pipe_a_device_and_a_directory_are_named_and_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "zero").symlink_to("/dev/zero")
    for name, kind in (("pipe", "a named pipe"), ("zero", "a device"), (".", "a directory")):
        with pytest.raises(Malformed, match=f"is {kind}, not a regular file"):
            read_regular(tmp_path / name)


def test_no_more_of_a_file_is_read_than_the_limit(tmp_path: Path) -> None:
    with (tmp_path / "sparse").open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(Malformed, match="larger than 1 MiB"):
        read_regular(tmp_path / "sparse", 1 << 20)


def test_a_missing_file_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_regular(tmp_path / "none")


@pytest.mark.parametrize(
    ("text", "what", "line"),
    [
        ("{\n'a'}", "not JSON: Expecting property name", 2),
        ("[" * 100_000, "nested too deeply", None),
        ("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), "nested too deeply", None),
        ('{"a":' * 50_000, "nested too deeply", None),
        ("9" * 5_000, "a number that is too large", None),
        (str(2**63), "a number that is too large", None),
        ("[NaN]", "not JSON: NaN is no number", None),
        (r'{"\ud800": 1}', "half of a surrogate pair", None),
        (r'["a\u0000"]', "a NUL character", None),
        (b'["\xff"]', "not UTF-8 text: byte 3", None),
        ("", "not JSON: Expecting value", 1),
    ],
)
def test_json_that_cannot_be_used_is_refused(text: str | bytes, what: str, line: int) -> None:
    with pytest.raises(Malformed, match=what) as caught:
        json_value(text)
    assert caught.value.line == line


@pytest.mark.parametrize(
    ("text", "what", "line"),
    [
        ("a = 1\nb", "not valid TOML: expected '=' after a key", 2),
        ("x = 1\n" + ".".join(["a"] * 20_000) + " = 1", "nested too deeply", 2),
        ("[" + ".".join(['"a"'] * 20_000) + "]", "nested too deeply", 1),
        ("a = " + "[" * 100_000, "nested too deeply", 1),
        ("a = " + "{b = " * 100_000, "nested too deeply", 1),
        ("a = " + "9" * 5_000, "a number that is too large", None),
        ("a = 0x" + "f" * 20, "a number that is too large", None),
        ('"' + '\\"' * 200_000, "not valid TOML", 1),
        ('"""' + '\\"' * 200_000, "not valid TOML", 1),
    ],
)
def test_toml_that_cannot_be_used_is_refused_at_once(text: str, what: str, line: int) -> None:
    started = time.monotonic()
    with pytest.raises(Malformed, match=what) as caught:
        toml_table(text)
    assert caught.value.line == line
    assert time.monotonic() - started < 5


def test_what_is_usual_is_read() -> None:
    assert json_value('\ufeff{"a": [1.5, "\\u00e9 \\ud83d\\ude00", null]}') == {
        "a": [1.5, "é 😀", None]
    }
    assert toml_table(b'a.b = [1.5, 2.5]\n[c."d.e"]\nf = """\n."""') == {
        "a": {"b": [1.5, 2.5]},
        "c": {"d.e": {"f": "."}},
    }


@given(st.text(alphabet="[]{}=.,\n\"'\\a1# ", max_size=60))
def test_whatever_the_text_the_answer_is_a_value_or_malformed(text: str) -> None:
    readers: tuple[Callable[[str], object], ...] = (json_value, toml_table)
    for reader in readers:
        with suppress(Malformed):
            reader(text)
