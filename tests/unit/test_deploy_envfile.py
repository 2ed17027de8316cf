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
        "# a comment\n\nA=1\nexport B=two words\nC=\"quoted # $HOME\"\nD='x'\nE=\nF=a=b\nG='\n",
    )
    assert read_overrides(["A=2", "H=$(id)"], [file]) == {
        "A": "2",
        "B": "two words",
        "C": "quoted # $HOME",
        "D": "x",
        "E": "",
        "F": "a=b",
        "G": "'",
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
