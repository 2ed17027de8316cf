from __future__ import annotations

import json
import os
import subprocess
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hop3_nix.errors import InputError
from hop3_nix.plan import PackageRef, PathRef, SearchPath
from hop3_nix.rendering.nixlang import NixText, only_nix, package, relative_path, to_nix

FRAGMENTS = [
    '${builtins.abort "evaluated"}',
    "''${builtins.abort ''evaluated''}",
    "${",
    "$${",
    "$",
    "{",
    "}",
    "''",
    "'''",
    "''\\",
    '"',
    "\\",
    "\\$",
    "\\n",
    "\n",
    "\r",
    "\r\n",
    "\t",
    "\x01",
    "\x1b",
    "\x7f",
    "\x85",
    "\u2028",
    "\ufeff",
    "é",
    "\U0001d518",
    "/*",
    "*/",
    "#",
    ";",
    "<nixpkgs>",
    "./.",
    "@spec@",
]
plain_text = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
text = plain_text | st.lists(st.sampled_from(FRAGMENTS) | plain_text).map("".join)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63) + 1, 2**63 - 1) | text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
    max_leaves=8,
)
# Each example is many values, because a run of Nix costs more than all of them.
batch = settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

# `outPath` and `__toString` make Nix show a set as text, so members are shown as pairs.
SHOW = """
let
  show = value:
    if builtins.isAttrs value then
      { set = map (name: [ name (show value.${name}) ]) (builtins.attrNames value); }
    else if builtins.isList value then map show value
    else value;
in
"""


def evaluate(expression: str) -> Any:
    argv = ["nix-instantiate", "--store", "dummy://", "--eval", "--json", "--strict", "-"]
    done = subprocess.run(argv, input=expression.encode(), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def shown(value: Any) -> Any:
    if isinstance(value, dict):
        return {"set": [[name, shown(value[name])] for name in sorted(value, key=str.encode)]}
    return [shown(item) for item in value] if isinstance(value, list) else value


@batch
@given(st.lists(values, min_size=20, max_size=60))
def test_any_value_arrives_in_nix_unchanged_and_unevaluated(batch_of_values: list[Any]) -> None:
    assert evaluate(f"{SHOW} show {to_nix(batch_of_values)}") == shown(batch_of_values)


@batch
@given(st.lists(text, min_size=20, max_size=60))
def test_the_path_of_a_reference_is_text_whatever_it_holds(paths: list[str]) -> None:
    references = [
        *(PathRef(layer="app", path=path) for path in paths),
        *(PackageRef(package="foo-bar", path=path) for path in paths),
        SearchPath(entries=tuple(PathRef(layer="deps", path=path) for path in paths)),
    ]
    expression = f'let app = "A"; deps = "D"; pkgs.foo-bar = "P"; in {to_nix(references)}'
    tails = [f"/{path}" if path else "" for path in paths]
    assert evaluate(expression) == [
        *(f"A{tail}" for tail in tails),
        *(f"P{tail}" for tail in tails),
        [f"D{tail}" for tail in tails],
    ]


def test_every_fragment_alone_and_doubled_arrives_unchanged() -> None:
    texts = [*FRAGMENTS, *(a + b for a in FRAGMENTS for b in FRAGMENTS)]
    assert evaluate(str(to_nix(texts))) == texts


@pytest.mark.parametrize("value", ["a\0b", "\ud800", "x\udcff"])
@pytest.mark.parametrize(
    "place",
    [
        lambda value: value,
        lambda value: [value],
        lambda value: {value: 1},
        lambda value: {"name": value},
        lambda value: PathRef(layer="app", path=value),
        lambda value: PackageRef(package="bash", path=value),
    ],
)
def test_text_that_nix_cannot_hold_is_refused(value: str, place: Any) -> None:
    with pytest.raises(InputError) as caught:
        to_nix(place(value))
    assert caught.value.tip


@pytest.mark.parametrize("value", [2**63, -(2**63)])
def test_an_integer_of_more_than_64_bits_is_refused(value: int) -> None:
    with pytest.raises(InputError, match="64-bit"):
        to_nix(value)


@pytest.mark.parametrize("value", [1.5, b"bytes", {1: "x"}, object(), {"a"}])
def test_a_type_without_a_form_in_nix_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        to_nix(value)


def test_values_are_laid_out_one_element_per_line() -> None:
    value = {"a": [], "b": {}, "c": ["x"], "d": [1, -2], "e f": {"if": None, "g'-": True}}
    assert str(to_nix(value)) == (
        "{\n"
        "  a = [ ];\n"
        "  b = { };\n"
        '  c = [ "x" ];\n'
        "  d = [\n"
        "    1\n"
        "    (-2)\n"
        "  ];\n"
        '  "e f" = {\n'
        '    "if" = null;\n'
        "    g'- = true;\n"
        "  };\n"
        "}"
    )


def test_a_level_moves_all_lines_but_the_first() -> None:
    assert str(to_nix([1, 2], 1)) == "[\n    1\n    2\n  ]"
    assert str(to_nix(NixText("{\n  a = 1;\n}"), 1)) == "{\n    a = 1;\n  }"


@pytest.mark.parametrize(
    ("attribute", "expected"),
    [
        ("bash", "pkgs.bash"),
        ("foo-bar", "pkgs.foo-bar"),
        ("python313.pkgs.pip", "pkgs.python313.pkgs.pip"),
        ("7zz", 'pkgs."7zz"'),
        ("gtk+", 'pkgs."gtk+"'),
        ("with", 'pkgs."with"'),
        ("_0x", "pkgs._0x"),
        ("hop3", "pkgs.hop3"),
        ("hop3.static.server", "hop3.static.server"),
    ],
)
def test_a_package_is_selected_from_pkgs(attribute: str, expected: str) -> None:
    assert str(package(attribute)) == expected


@pytest.mark.parametrize(
    "attribute", ["", ".", "a.", ".a", "a b", "a;b", "${x}", 'a"', "a/b", "a\n", "é", "-a"]
)
def test_what_cannot_be_a_package_is_refused(attribute: str) -> None:
    with pytest.raises(InputError, match="cannot be the name of a package"):
        package(attribute)


@pytest.mark.parametrize("path", ["./.", "./source", "./a/b-c_1.2", "./.."])
def test_a_plain_relative_path_stands_as_it_is(path: str) -> None:
    assert str(relative_path(path)) == path


def test_any_other_relative_path_is_joined_to_the_directory_of_the_file() -> None:
    paths = ["./", "./a b", "./${x}", "./a\n", "./a;", "./a//b", './"', "./é", "./../x y"]
    expression = f"map toString [ {' '.join(f'({relative_path(path)})' for path in paths)} ]"
    here = evaluate("toString ./.")
    assert evaluate(expression) == [os.path.normpath(f"{here}/{path}") for path in paths]


@pytest.mark.parametrize("path", ["", ".", "..", "/abs", "source", "../x", "~/x", "<nixpkgs>"])
def test_what_is_not_relative_to_the_file_is_refused(path: str) -> None:
    with pytest.raises(InputError):
        relative_path(path)


@pytest.mark.parametrize("value", ["text", 1, None, ["x"], b"x"])
def test_only_nix_text_may_be_interpolated(value: object) -> None:
    assert only_nix(NixText("x")) == NixText("x")
    with pytest.raises(TypeError, match="filter 'nix'"):
        only_nix(value)
