from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hop3_nix.deploy.envfile import read_overrides
from hop3_nix.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path


def env_file(tmp_path: Path, text: str, mode: int = 0o600) -> Path:
    file = tmp_path / "env"
    file.write_text(text)
    file.chmod(mode)
    return file


def test_nothing_is_expanded_and_pairs_win(tmp_path: Path) -> None:
    file = env_file(
        tmp_path,
        "# a comment\n\nA=1\nexport B=two words\nC=\"quoted # $HOME\"\nD='x'\nE=\nF=a=b\nG=it's\n",
    )
    assert read_overrides(["A=2", "H=$(id)"], [file]) == {
        "A": "2",
        "B": "two words",
        "C": "quoted # $HOME",
        "D": "x",
        "E": "",
        "F": "a=b",
        "G": "it's",
        "H": "$(id)",
    }


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644])
def test_file_that_others_can_use_is_refused(tmp_path: Path, mode: int) -> None:
    file = env_file(tmp_path, "A=1\n", mode)
    with pytest.raises(InputError, match="others can read it") as caught:
        read_overrides(files=[file])
    assert caught.value.tip == f"chmod 600 {file}"


def test_bad_line_is_named_but_not_shown(tmp_path: Path) -> None:
    file = env_file(tmp_path, "A=1\nsecret\n")
    with pytest.raises(InputError) as caught:
        read_overrides(files=[file])
    assert caught.value.line == 2
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("pair", ["A", "=1", "1A=x", "A B=x"])
def test_bad_pair(pair: str) -> None:
    with pytest.raises(InputError, match="not NAME=VALUE"):
        read_overrides([pair])


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        read_overrides(files=[tmp_path / "no"])


def test_file_that_is_not_text(tmp_path: Path) -> None:
    file = env_file(tmp_path, "")
    file.write_bytes(b"A=\xff\n")
    with pytest.raises(InputError, match="not UTF-8"):
        read_overrides(files=[file])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('A="Ada Lovelace" # shown in the footer', "Ada Lovelace"),
        ("A='a # b'\t# c", "a # b"),
        ("A=30 # a minute", "30"),
        ("A=#aa0000", "#aa0000"),
        ("A=a#b", "a#b"),
        ("A= # nothing", ""),
        ("A = two words \t\r", "two words"),
        ('A="one\ntwo"', "one\ntwo"),
        ("A='one\n# two\n' # c", "one\n# two\n"),
        ('A="\\"\\\\\\n\\$"', '"\\\\n$'),
        ('A={"a": "b"}', '{"a": "b"}'),
        ("\ufeffexport A=1", "1"),
        ("A=C:\\x", "C:\\x"),
    ],
)
def test_a_value_is_bare_or_in_quotes(tmp_path: Path, text: str, value: str) -> None:
    assert read_overrides(files=[env_file(tmp_path, f"{text}\nB=2\n")]) == {"A": value, "B": "2"}


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ('A="secret', 2, "a quote is opened and not closed"),
        ('A="secret" more', 2, "text follows the closing quote"),
        ('A="secret"# c', 2, "text follows the closing quote"),
        ("A='secret\n'b", 3, "text follows the closing quote"),
        ('A=secret"', 2, "a quote is closed and not opened"),
        ("A=secret\\\nmore", 2, "a bare value ends with a backslash"),
        ("A=secret\0", 2, "the value has a NUL character"),
        ("secret", 2, "not NAME=VALUE"),
    ],
)
def test_a_value_that_can_be_meant_in_two_ways_is_refused(
    tmp_path: Path, text: str, line: int, message: str
) -> None:
    with pytest.raises(InputError) as caught:
        read_overrides(files=[env_file(tmp_path, f"B=1\n{text}\n")])
    assert (caught.value.message, caught.value.line) == (message, line)
    assert "secret" not in f"{caught.value} {caught.value.tip}"
