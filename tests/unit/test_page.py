"""The text that the page of an artifact's health has to contain."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from hop3_nix.deploy.page import text_of_page
from hop3_nix.errors import ArtifactCorruptError
from hop3_nix.workersfile import FILE, Health, WorkersFile

if TYPE_CHECKING:
    from pathlib import Path


def described(location: Path, text: str) -> Path:
    (location / FILE).parent.mkdir(parents=True)
    (location / FILE).write_text(text)
    return location


def test_it_is_what_planning_has_decided(tmp_path: Path) -> None:
    health = Health(contains="all is well")
    file = WorkersFile(tree="/tree", working_dir="/tree", workers={}, health=health)
    assert text_of_page(described(tmp_path, file.model_dump_json())) == "all is well"


def test_an_artifact_that_does_not_describe_its_workers_has_none(tmp_path: Path) -> None:
    assert text_of_page(tmp_path) == ""


def test_a_damaged_description_is_named(tmp_path: Path) -> None:
    described(tmp_path, json.dumps({"format": 1, "health": "well"}))
    with pytest.raises(ArtifactCorruptError, match="not a description of workers") as caught:
        text_of_page(tmp_path)
    assert caught.value.file == str(tmp_path / FILE)


def test_what_is_no_file_is_named(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir(parents=True)
    with pytest.raises(ArtifactCorruptError, match="is a directory"):
        text_of_page(tmp_path)
