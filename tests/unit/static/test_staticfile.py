"""What a Staticfile says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hop3_nix.errors import ConfigError, UnsupportedError
from hop3_nix.source import Source
from hop3_nix.toolchains.static.staticfile import ELSEWHERE, Staticfile, read_staticfile

if TYPE_CHECKING:
    from pathlib import Path


def read(root: Path, text: str) -> Staticfile:
    (root / "Staticfile").write_text(text)
    found = read_staticfile(Source.open(root))
    assert found is not None
    return found


def test_an_empty_one_says_nothing(tmp_path: Path) -> None:
    assert read(tmp_path, "") == Staticfile()


def test_there_need_not_be_one(tmp_path: Path) -> None:
    (tmp_path / "index.html").touch()
    assert read_staticfile(Source.open(tmp_path)) is None


def test_every_key_is_heard(tmp_path: Path) -> None:
    text = '---\n# it\nroot: "out"  # made by the build\npushstate: enabled\n\ndirectory: visible\n'
    assert read(tmp_path, text) == Staticfile(
        "out", listing=True, fallback=True, lines={"root": 3, "pushstate": 4, "directory": 6}
    )


def test_what_is_turned_off_is_off(tmp_path: Path) -> None:
    found = read(tmp_path, "\ufeffpushstate: disabled\r\ndirectory: hidden\r\n")
    assert (found.fallback, found.listing) == (False, False)


@pytest.mark.parametrize("key", ELSEWHERE)
def test_what_has_no_effect_is_refused_with_what_there_is_instead(tmp_path: Path, key: str) -> None:
    with pytest.raises(UnsupportedError, match=f"^Staticfile:2: '{key}'") as caught:
        read(tmp_path, f"root: out\n{key}: true\n")
    assert ELSEWHERE[key] in caught.value.tip


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rot: out\n", "Staticfile:1: 'rot: out'"),
        ("root\n", "Staticfile:1: 'root'"),
        ("root:\n", "Staticfile:1: 'root' cannot be ''"),
        ("\npushstate: yes\n", "Staticfile:2: 'pushstate' cannot be 'yes'"),
        ("directory: true\n", "Staticfile:1: 'directory' cannot be 'true'"),
        ("root: a\nroot: b\n", "Staticfile:2: 'root' stands here and on line 1"),
    ],
)
def test_what_is_wrong_is_refused_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, text)
    assert str(caught.value).startswith(message)
    assert caught.value.tip
