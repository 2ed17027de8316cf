"""The pages for users: their links lead somewhere, and the commands that they name exist."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import click
import pytest

from hop3_nix.cli.group import CALLED_BY_SSH, COMMANDS, SECTIONS, cli
from hop3_nix.errors import ExitCode
from hop3_nix.toolchains.page import page

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
SOURCES = [file for top in ("src", "templates") for file in (ROOT / top).rglob("*")]

FENCED = re.compile(r"^ *```.*?^ *```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
TYPED = re.compile(r"(?:`|: |^[$#] |^ {4,})hop3-nix ([a-z][a-z-]*)", re.MULTILINE)
"""Where a command begins: in a code span, after the colon of a tip, at a prompt, in an example."""


@cache
def anchors(page: Path) -> frozenset[str]:
    """Return what a link can name of ``page``: each heading, as forges make an anchor of it."""
    text = FENCED.sub("", page.read_text(encoding="utf-8"))
    return frozenset(
        re.sub(r"[^\w -]", "", LINK.sub("]", heading).lower()).replace(" ", "-")
        for heading in HEADING.findall(text)
    )


def broken(page: Path) -> list[str]:
    """Return the links of ``page`` that lead to no file, or to no heading of it."""
    found = []
    for link in LINK.findall(FENCED.sub("", page.read_text(encoding="utf-8"))):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            found.append(link)
    return found


def unknown(text: str) -> list[str]:
    """Return the commands that ``text`` tells to type and that do not exist."""
    return [name for name in TYPED.findall(text) if name not in {**COMMANDS, **CALLED_BY_SSH}]


def name_of(file: Path) -> str:
    return str(file.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    assert broken(page) == []


def test_a_link_that_leads_nowhere_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# One *and* two\n[a](#one-and-two) [b](#three) [c](gone.md)\n")
    assert broken(page) == ["#three", "gone.md"]


def test_each_decision_has_a_number_of_its_own() -> None:
    files = sorted((ROOT / "docs/adr").glob("*.md"))
    numbers = [file.name[:4] for file in files]
    assert sorted(set(numbers)) == numbers
    for file in files:
        named = re.match(r"# 0*(\d+)\. ", file.read_text())
        assert named is not None, file.name
        assert int(named[1]) == int(file.name[:4]), file.name


def test_readme_leads_to_every_page() -> None:
    linked = set(LINK.findall((ROOT / "README.md").read_text(encoding="utf-8")))
    pages = {name_of(page) for page in PAGES if page.parent == ROOT / "docs"}
    assert pages - linked == set()


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_command_of_a_page_exists(page: Path) -> None:
    assert unknown(page.read_text(encoding="utf-8")) == []


def test_a_command_that_does_not_exist_is_found() -> None:
    text = "Write it again: hop3-nix relock\n$ hop3-nix biuld\nor `hop3-nix run`, and hop3-nix is"
    assert unknown(text) == ["relock", "biuld"]


def test_every_command_of_the_sources_exists() -> None:
    texts = {
        name_of(file): file.read_text(encoding="utf-8", errors="replace")
        for file in SOURCES
        if file.is_file() and file.suffix in {".py", ".yml", ".j2"}
    }
    assert {file: names for file, text in texts.items() if (names := unknown(text))} == {}


def test_the_overview_begins_with_what_a_newcomer_needs() -> None:
    assert next(iter(SECTIONS)) == "Build and run"
    assert list(COMMANDS)[:2] == ["build", "run"]
    assert sum(map(len, SECTIONS.values())) == len(COMMANDS)
    context = click.Context(cli, info_name="hop3-nix")
    shown = cli.get_help(context)
    assert shown.index("\n  build ") < shown.index("\n  deploy ") < shown.index("\n  packages ")


def test_the_page_on_exit_codes_has_each_of_them() -> None:
    page = (ROOT / "docs" / "exit-codes.md").read_text(encoding="utf-8")
    assert [int(code) for code in re.findall(r"^\| (\d+) \|", page, re.MULTILINE)] == list(ExitCode)


def test_the_page_of_the_languages_is_what_their_tables_say() -> None:
    assert (ROOT / "docs/languages.md").read_text() == page(), "write it: make languages"
