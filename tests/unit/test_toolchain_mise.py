"""Versions in mise's files, for every language that has versions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hop3_nix.config import load_config
from hop3_nix.errors import ConfigError
from hop3_nix.source import Source
from hop3_nix.toolchains.app import App
from hop3_nix.toolchains.mise import in_mise
from hop3_nix.toolchains.node.versions import VERSIONS as NODE
from hop3_nix.toolchains.python.versions import VERSIONS as PYTHON
from hop3_nix.toolchains.ruby.versions import VERSIONS as RUBY
from hop3_nix.toolchains.versions import Written

if TYPE_CHECKING:
    from pathlib import Path

    from hop3_nix.toolchains.language import Versions


def opened(root: Path, **files: str) -> App:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    source = Source.open(root)
    return App(source, load_config(source))


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ('[tools]\ntin = "3.11"\n', "3.11"),
        ('[tools]\n"core:tin" = "3.11"\n', "3.11"),
        ('[tools]\ntin = ["3.11", "3.10"]\n', "3.11"),
        ('[tools]\ntin = { version = "3.11", virtualenv = ".venv" }\n', "3.11"),
        ('[tools]\ntin = [{ version = "prefix:3.11" }]\n', "3.11"),
    ],
)
def test_the_first_version_of_a_tool(tmp_path: Path, text: str, version: str) -> None:
    app = opened(tmp_path, **{"mise.toml": text})
    assert in_mise("tin")(app) == Written(version, "mise.toml", 2)


@pytest.mark.parametrize(
    "text", ['[tools]\ntin = "latest"\n', '[tools]\nlead = "1"\n', '[env]\nA = "1"\n', ""]
)
def test_what_asks_for_no_version(tmp_path: Path, text: str) -> None:
    assert in_mise("tin")(opened(tmp_path, **{"mise.toml": text, "a": ""})) is None


def test_the_files_go_before_each_other_as_mise_has_it(tmp_path: Path) -> None:
    files = {"mise.toml": '[tools]\na = "1"\n', ".mise.toml": '[tools]\na = "2"\nb = "3"\n'}
    app = opened(tmp_path, **files)
    assert in_mise("a")(app) == Written("1", "mise.toml", 2)
    assert in_mise("b")(app) == Written("3", ".mise.toml", 3)


def test_a_file_that_is_no_toml_is_named_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"^mise\.toml:2: "):
        in_mise("tin")(opened(tmp_path, **{"mise.toml": "[tools]\ntin = 3.\n"}))


@pytest.mark.parametrize(
    ("versions", "name"),
    [(PYTHON, "python"), (NODE, "node"), (NODE, "nodejs"), (RUBY, "ruby")],
)
def test_every_language_reads_them(tmp_path: Path, versions: Versions, name: str) -> None:
    app = opened(tmp_path, **{".mise.toml": f'[tools]\n{name} = "3.1"\n', "package.json": "{}"})
    found = next(written for pin in versions.pins if (written := pin(app)))
    assert found == Written("3.1", ".mise.toml", 2)
