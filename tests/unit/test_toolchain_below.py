"""What is said where an application is not what its files or its configuration suggest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hop3_nix.config import load_config
from hop3_nix.errors import ConfigError, SourceError
from hop3_nix.source import Source
from hop3_nix.toolchains.app import App
from hop3_nix.toolchains.choice import choose_toolchains

if TYPE_CHECKING:
    from pathlib import Path


def refusal(root: Path, files: dict[str, str]) -> SourceError:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    source = Source.open(root)
    with pytest.raises(SourceError) as caught:
        choose_toolchains(App(source, load_config(source)))
    return caught.value


def test_two_languages_side_by_side_are_named_with_their_directories(tmp_path: Path) -> None:
    error = refusal(
        tmp_path,
        {"backend/requirements.txt": "", "frontend/package.json": "{}", "docs/notes.txt": "x"},
    )
    assert error.message == (
        "no application here, but there is python in backend/ and node in frontend/"
    )
    assert f"by its path: {tmp_path}/backend" in error.tip
    assert '[build] root = "backend" in a hop3.toml here' in error.tip


def test_what_answers_is_proposed_before_what_makes_pages(tmp_path: Path) -> None:
    error = refusal(tmp_path, {"app/package.json": "{}", "server/Gemfile": ""})
    assert '[build] root = "server" and assets-dir = "app" in a hop3.toml here' in error.tip


def test_one_that_is_damaged_is_named_as_well(tmp_path: Path) -> None:
    error = refusal(tmp_path, {"site/hop3.toml": "[", "api/Gemfile": ""})
    assert "ruby in api/" in error.message


def test_where_there_is_none_the_files_that_tell_are_named(tmp_path: Path) -> None:
    assert "looked for: python by" in refusal(tmp_path, {"docs/notes.txt": "x"}).message


@pytest.mark.parametrize("key", ["extras", "groups"])
def test_what_a_language_has_none_of_cannot_be_asked_for(tmp_path: Path, key: str) -> None:
    (tmp_path / "Gemfile").touch()
    (tmp_path / "hop3.toml").write_text(f'[build]\n{key} = ["x"]\n')
    source = Source.open(tmp_path)
    with pytest.raises(ConfigError, match=f"{key} asks for x: Ruby has none") as caught:
        choose_toolchains(App(source, load_config(source)))
    assert caught.value.line == 2
