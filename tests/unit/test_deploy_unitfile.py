from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hop3_nix.deploy.services import unitfile
from hop3_nix.errors import InputError

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
HEARD = st.text(
    st.one_of(st.characters(exclude_categories=["Cs", "Cc"]), st.sampled_from("\n\t%$\\\"';#"))
)

UNESCAPED = {"\\\\": "\\", '\\"': '"', "\\n": "\n", "\\t": "\t", "%%": "%"}


def read_word(word: str) -> str:
    """Read a quoted word as systemd.syntax(7), "Quoting", and systemd.unit(5), "Specifiers" do."""
    assert word[0] == word[-1] == '"'

    def unescape(match: re.Match[str]) -> str:
        return UNESCAPED.get(match[0]) or chr(int(match[1], 16))

    inside = re.fullmatch(r'"((?:[^"\\%\n]|\\x[0-9a-f]{2}|\\[\\"nt]|%%)*)"', word)
    assert inside, word
    return re.sub(r"\\x([0-9a-f]{2})|\\.|%%", unescape, inside[1])


@given(TEXT)
def test_a_word_is_one_line_and_is_read_as_what_it_was(text: str) -> None:
    assert read_word(unitfile.word(text, "a text")) == text


@given(TEXT)
def test_an_argument_is_plain_only_if_nothing_in_it_is_special(text: str) -> None:
    argument = unitfile.argument(text)
    plain = re.fullmatch(r"[A-Za-z0-9_/.,:+@=-]+", argument)
    assert argument == text if plain else read_word(argument) == text


@given(HEARD)
def test_an_assignment_is_read_as_what_it_was(value: str) -> None:
    assert read_word(unitfile.assignment("NAME", value)) == f"NAME={value}"


def test_a_program_is_not_subject_to_expansion() -> None:
    assert unitfile.program("/nix/store/a-b/bin/c") == ":/nix/store/a-b/bin/c"
    assert unitfile.program("/srv/100% sure/$x") == '":/srv/100%% sure/$x"'


def test_a_path_stands_unquoted_where_the_line_is_its_own() -> None:
    assert unitfile.path("/srv/a b/100%") == "/srv/a b/100%%"


def test_a_path_that_is_bound_is_quoted() -> None:
    assert unitfile.bind('/srv/a b:c"\\d%') == '"/srv/a b:c\\"\\\\d%"'


def test_a_description_is_one_line() -> None:
    assert unitfile.line("shop:\n web \\") == "shop: web"
    assert unitfile.line("\udcff") == "?"


@pytest.mark.parametrize("value", ["\0", "\x1b[1m", "a\rb", "\x7f", "\udcff"])
def test_a_variable_that_systemd_would_drop_is_refused(value: str) -> None:
    with pytest.raises(InputError, match="the variable SECRET") as error:
        unitfile.assignment("SECRET", value)
    assert error.value.tip


@pytest.mark.parametrize("name", ["", "A-B", "1A", "A B", "Ä"])
def test_a_name_that_systemd_would_drop_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="systemd passes no variable called"):
        unitfile.assignment(name, "x")


@pytest.mark.parametrize("text", ["a\0b", "\udcff"])
def test_an_argument_that_cannot_be_passed_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="an argument"):
        unitfile.argument(text)


@pytest.mark.parametrize("text", ["relative", "/a\nb", "/a ", "/a\\", "", "/\udcff"])
def test_a_path_that_systemd_would_misread_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="path"):
        unitfile.path(text)
    with pytest.raises(InputError, match="path"):
        unitfile.bind(text)


@pytest.mark.parametrize("text", ["python", "/a'b", '/a"b', "/a\\b", "/a\nb"])
def test_a_program_that_systemd_would_not_start_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="starts no program"):
        unitfile.program(text)


@pytest.mark.parametrize("name", ["", "a b", "a/b", "ü", "x" * 201])
def test_a_name_that_no_unit_can_have_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="takes no service called"):
        unitfile.unit_name(name)
