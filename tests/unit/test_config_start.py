"""``[at-start]`` of hop3.toml: settings files in their formats, and what is refused."""

from __future__ import annotations

import configparser
import json
import subprocess
import tomllib
from typing import TYPE_CHECKING, Any

import pytest

from hop3_nix.config.formats import written
from hop3_nix.config.load import load_config
from hop3_nix.errors import ConfigError
from hop3_nix.source import Source
from started_apps import NASTY, start, tree

if TYPE_CHECKING:
    from pathlib import Path

    from postbuild_tree import Tree

__all__ = ["tree"]

CONTENT: dict[str, Any] = {
    "port": "${PORT|number}",
    "debug": "${DEBUG|boolean:-false}",
    "plain": f"{NASTY.replace('${', '$${')} \x7f",
    "filled": "<${A}>",
    "list": ["${A}", 2, {"x": 1.5}],
    "empty": {},
    "odd key ${}'\"": {"deep": {"yes": True}},
}
READ: dict[str, Any] = {
    "port": 80,
    "debug": False,
    "plain": f"{NASTY} \x7f",
    "filled": f"<{NASTY}>",
    "list": [NASTY, 2, {"x": 1.5}],
    "empty": {},
    "odd key ${}'\"": {"deep": {"yes": True}},
}


def by_ruby(text: str) -> Any:
    """Return what Ruby's YAML reader, which is libyaml, makes of a file."""
    program = "require 'yaml'; require 'json'; puts JSON.generate(YAML.load(STDIN.read))"
    done = subprocess.run(
        ["ruby", "-e", program], input=text.encode(), capture_output=True, check=True
    )
    return json.loads(done.stdout)


READERS: dict[str, Any] = {"json": json.loads, "toml": tomllib.loads, "yaml": by_ruby}


@pytest.mark.parametrize("form", READERS)
def test_a_table_arrives_whatever_the_values_are(tree: Tree, tmp_path: Path, form: str) -> None:
    target = tmp_path / "settings"
    files = [{"path": str(target), "text": written(form, CONTENT)}]
    start(tree, {"files": files}, A=NASTY, PORT="80")
    assert READERS[form](target.read_text()) == READ


def test_a_table_is_an_array_of_php(tree: Tree, tmp_path: Path) -> None:
    target = tmp_path / "settings"
    files = [{"path": str(target), "text": written("php", CONTENT)}]
    start(tree, {"files": files}, A=NASTY, PORT="80")
    text = target.read_text()
    quoted = NASTY.replace("\\", "\\\\").replace("'", "\\'")
    assert text.startswith("<?php\n\nreturn [\n    'port' => 80,\n    'debug' => false,\n")
    assert f"'filled' => '<{quoted}>'" in text
    assert "'odd key ${}\\'\"' => [\n        'deep' => [\n            'yes' => true\n" in text


def test_sections_are_an_ini_file(tree: Tree, tmp_path: Path) -> None:
    target = tmp_path / "settings"
    content = {"top": "${A}", "db": {"host": "${HOST:-localhost}", "port": 5432}}
    start(tree, {"files": [{"path": str(target), "text": written("ini", content)}]}, A="x;y")
    parser = configparser.ConfigParser()
    parser.read_string("[top]\n" + target.read_text())
    assert dict(parser["top"]) == {"top": "x;y"}
    assert dict(parser["db"]) == {"host": "localhost", "port": "5432"}


def refusal(app: Path, text: str) -> ConfigError:
    app.joinpath("hop3.toml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_config(Source.open(app))
    return caught.value


FILE = "[[at-start.files]]\npath = '${HOP3_STATE_DIR}/x'\n"


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("[at-start]\nfile = 1", "[at-start] file is not a key", 2),
        (f"{FILE}", "files has a file without content", None),
        (f"{FILE}content = 1", "[at-start] files.content has to be a text", None),
        (f"{FILE}content = 'x'\nformat = 'xml'", "files.format cannot be 'xml'", None),
        (f"{FILE}content = 'x'\nformat = 'ini'", "files.content has to be a table", None),
        (f"{FILE}content = {{a.b.c = 1}}\nformat = 'ini'", "more than an INI file", None),
        (f"{FILE}content = 'x'\nmode = '600'", "files.mode is no mode", None),
        (f"{FILE}content = 'x'\nkeep = 1", "files.keep has to be true or false", None),
        (f"{FILE}content = '${{A'", "files.content cannot be filled in", None),
        (f"{FILE}content = 'x'\nname = 1", "files.name has name, which is not", None),
        ("[[at-start.files]]\npath = 'x'\ncontent = ''", "has x, which is in the app's tree", None),
        ("[[at-start.files]]\npath = '/x'\ncontent = ''", "leads out of the application", None),
        ("[at-start]\ndirectories = ['../x']", "leads out of the application", None),
        ("[at-start]\nvariables.X = 1", "variables.X has to be a text", 2),
        ("[at-start]\nvariables.X = {val = 1}", "variables.X is neither a text nor", 2),
        ("[at-start]\nvariables.PATH = ''", "variables.PATH is what the build", 2),
        ("[at-start]\nvariables.X = '${1}'", "variables.X cannot be filled in", 2),
        ("[at-start]\nbefore.web = 'x'", "before.web has to be a list of commands", 2),
        ("[run]\nstart = 'x'\n[at-start]\nbefore.wep = ['x']", "wep is not a worker", 4),
        ("[at-start]\n[nix.at-start]", "[nix.at-start] says what [at-start] says", 2),
        ("[nix.at-start]\nvariables.X = 1", "[nix] at-start.variables.X has to be a text", 2),
        ("[env]\nX = {generate = 'x'}", "[env] X cannot be made as 'x'", 2),
        ("[env]\nX = {generate = 'hex', length = 0}", "[env] X has a length that is no", 2),
        ("[env]\nX = {generate = 'hex', prefix = 1}", "[env] X has a prefix that is no", 2),
        ("[env.computed]\nX = '${'", "[env] computed.X cannot be filled in", 2),
    ],
)
def test_what_cannot_be_done_is_refused_with_its_line(
    tmp_path: Path, text: str, message: str, line: int | None
) -> None:
    error = refusal(tmp_path, text)
    assert message in error.message
    assert error.file == "hop3.toml"
    assert line is None or error.line == line
    assert error.tip
