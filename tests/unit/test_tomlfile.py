"""The line of each key of a TOML file."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hop3_nix.errors import ConfigError
from hop3_nix.files.tomlfile import key_lines, line_of, parse_toml

EXAMPLE = '''\
# [not.a.table]
title = "one" # x = 1

[build] # comment = "no"
packages = [
  "a", # b = 2
  "[c]", { d = 3 },
]
"quoted key" = """
[inside]
key = 1
"""""
'literal' = \'\'\'
x = 2\'\'\'
after = { inline = 1, "x=y" = [1] }
[run.workers]
web.sub = 1
"we=b" = 'a = "b'
[[addons]]
type = "redis"
[[addons]]
type = "postgres"
[volumes."a.b" . c]
last = 1979-05-27T07:32:00Z'''


def test_every_key_has_the_line_it_stands_on() -> None:
    assert {".".join(path): line for path, line in key_lines(EXAMPLE).items()} == {
        "title": 2,
        "build": 4,
        "build.packages": 5,
        "build.quoted key": 9,
        "build.literal": 13,
        "build.after": 15,
        "run.workers": 16,
        "run.workers.web.sub": 17,
        "run.workers.we=b": 18,
        "addons": 19,
        "addons.type": 20,
        "volumes.a.b.c": 23,
        "volumes.a.b.c.last": 24,
    }


def test_the_line_of_what_has_none_is_that_of_what_holds_it() -> None:
    lines = key_lines(EXAMPLE)
    assert line_of(lines, ("build", "after", "inline")) == 15
    assert line_of(lines, ("build", "nothing")) == 4
    assert line_of(lines, ("nothing",)) is None


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_line_ends_and_a_byte_order_mark_do_not_matter(ends: str) -> None:
    text = "\ufeff" + ends.join(["[a]", 'b = """', "x", '"""', "c = 1"])
    assert key_lines(text) == {("a",): 1, ("a", "b"): 2, ("a", "c"): 5}
    assert parse_toml(text, "hop3.toml")["a"]["c"] == 1


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("a = 1\nb =\n", 2, "not valid TOML: invalid value"),
        ("[a]\nb = 1\nb = 2\n", 3, "not valid TOML: cannot overwrite a value"),
        ('[a]\nb = """\nnever closed\n', 3, "not valid TOML: unterminated string"),
        ("[a\n", 1, "not valid TOML: expected ']'"),
    ],
)
def test_broken_toml_is_an_error_with_its_line(text: str, line: int, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_toml(text, "hop3/hop3.toml")
    assert (caught.value.file, caught.value.line) == ("hop3/hop3.toml", line)
    assert caught.value.message.startswith(message)
    assert caught.value.tip


texts = st.text(st.characters(codec="utf-8"), max_size=8)


def quoted(text: str) -> str:
    return (
        '"' + "".join(f"\\U{ord(each):08X}" if not each.isalnum() else each for each in text) + '"'
    )


values = st.one_of(
    texts.map(quoted),
    st.sampled_from(["'it = \"[x]\"'", '"""\n[x]\na = 1\n"""', "'''\n[y]\n'''", "[1,\n# [z]\n2]"]),
    texts.map(lambda text: f"{{ x = {quoted(text)} }}"),
)


@given(st.dictionaries(texts, st.dictionaries(texts, values, max_size=3), max_size=3))
def test_the_line_of_any_key_begins_with_that_key(tables: dict[str, dict[str, str]]) -> None:
    text = ""
    for name, table in tables.items():
        text += f"[{quoted(name)}] # x = 1\n"
        text += "".join(f"{quoted(key)} = {value}\n\n" for key, value in table.items())
    expected: set[tuple[str, ...]] = {(name,) for name in tables}
    expected |= {(name, key) for name, table in tables.items() for key in table}
    lines = key_lines(text)
    assert set(lines) == expected
    numbered = text.split("\n")
    for path, line in lines.items():
        start = f"[{quoted(path[0])}]" if len(path) == 1 else f"{quoted(path[1])} ="
        assert numbered[line - 1].startswith(start)
    parsed: dict[str, Any] = tomllib.loads(text)
    assert set(parsed) == set(tables)
