"""What applications say reaches no terminal as more than text."""

from __future__ import annotations

import os
import pty
import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import COMMAND
from hop3_nix import cli
from hop3_nix.text.printable import for_terminal, lines_for_terminal

TITLE = "\x1b]0;own\x07"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (f"a{TITLE}\x1b[2J", r"a\x1b]0;own\x07\x1b[2J"),
        ("tab\tstays, é too", "tab\tstays, é too"),
        ("ends as on Windows\r", "ends as on Windows"),
        ("over\rwritten", r"over\x0dwritten"),
        ("\x9b2J", r"\x9b2J"),
        ("safe\u202egnp.exe", r"safe\u202egnp.exe"),
        ("\x1b[31mred", "\x1b[31mred\x1b[0m"),
        ("\x1b[31mred\x1b[0m", "\x1b[31mred\x1b[0m"),
    ],
)
def test_what_a_terminal_would_obey_is_made_visible(said: str, shown: str) -> None:
    assert for_terminal(said) == shown


def test_colours_can_be_left_out() -> None:
    assert for_terminal("\x1b[31mred\x1b[0m", colours=False) == "red"


def test_lines_stay_lines() -> None:
    assert lines_for_terminal("a\x07\nb\n") == "a\\x07\nb\n"


@given(st.text())
def test_nothing_but_colours_is_left(text: str) -> None:
    shown = re.sub(r"\x1b\[[0-9;]*m", "", for_terminal(text))
    assert not re.search(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", shown)


def test_one_place_of_the_command_line_prints() -> None:
    directory = Path(cli.__file__).parent
    printing = {
        file.name
        for file in directory.glob("*.py")
        if re.search(r"click\.s?echo\(|(?<![\w.])print\(", file.read_text(encoding="utf-8"))
    }
    assert printing == {"console.py"}


def on_a_terminal(*arguments: str, cwd: Path) -> str:
    """Return what the command prints on a terminal."""
    parent, child = pty.openpty()
    process = subprocess.Popen(
        [COMMAND, *arguments], cwd=cwd, stdin=child, stdout=child, stderr=child
    )
    os.close(child)
    said = b""
    while True:
        try:
            said += os.read(parent, 65536)
        except OSError:
            break
    os.close(parent)
    process.wait(30)
    return said.decode()


def test_an_error_names_a_file_and_the_terminal_does_not_obey_its_name(tmp_path: Path) -> None:
    (tmp_path / f"a{TITLE}").symlink_to("/etc")
    (tmp_path / "Procfile").write_text("web: python3 app.py\n", encoding="utf-8")
    said = on_a_terminal("plan", ".", cwd=tmp_path)
    assert r"a\x1b]0;own\x07" in said
    assert "\x1b]" not in said


def test_a_wrong_option_is_shown_as_harmlessly(tmp_path: Path) -> None:
    said = on_a_terminal("plan", f"--{TITLE}", cwd=tmp_path)
    assert "No such option" in said
    assert "\x1b]" not in said
