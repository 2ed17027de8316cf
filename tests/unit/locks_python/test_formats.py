from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hop3_nix.locks.python.formats import FORMATS, find

if TYPE_CHECKING:
    from collections.abc import Callable

    from hop3_nix.source import Source

    Make = Callable[[dict[str, str]], Source]

HASHED = f"pack==1.0 --hash=sha256:{'a' * 64}\n"
ORDER = [
    "uv.lock",
    "poetry.lock",
    "pdm.lock",
    "pylock.toml",
    "Pipfile.lock",
    "requirements.txt",
    "hop3-nix.lock",
]


def test_the_formats_stand_in_the_order_of_their_hashes() -> None:
    assert [one.file for one in FORMATS] == ORDER


@pytest.mark.parametrize("position", range(len(ORDER)))
def test_the_best_of_the_lockfiles_that_are_there_is_found(app: Make, position: int) -> None:
    found = find(app(dict.fromkeys(ORDER[position:], HASHED)))
    assert found is not None
    assert found.file == ORDER[position]


@pytest.mark.parametrize(
    "files",
    [
        {"requirements.txt": "flask\n"},
        {"requirements.txt": "flask # --hash=sha256:abc\n-e .\n"},
        {"pyproject.toml": "[project]\n"},
    ],
)
def test_without_hashes_there_is_no_lockfile(app: Make, files: dict[str, str]) -> None:
    assert find(app(files)) is None


def test_hashes_in_an_included_file_count(app: Make) -> None:
    found = find(app({"requirements.txt": "-r a.txt\n", "a.txt": HASHED}))
    assert found is not None
    assert found.file == "requirements.txt"


def test_our_own_lock_is_used_for_requirements_without_hashes(app: Make) -> None:
    found = find(app({"requirements.txt": "flask\n", "hop3-nix.lock": "{}"}))
    assert found is not None
    assert found.file == "hop3-nix.lock"
