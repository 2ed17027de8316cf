"""A command line taken apart is what a shell makes of it."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hop3_nix.deploy.commandline import SYSTEM_SHELL, argv_of, shell_of, split

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

PORT = "20001"


def by_shell(line: str) -> list[str]:
    """Return the words that a shell starts a program with."""
    script = f"printf '%s\\0' {line}"
    done = subprocess.run(
        [SYSTEM_SHELL, "-c", script], env={"PORT": PORT}, capture_output=True, check=True
    )
    return done.stdout.decode().split("\0")[:-1]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("/bin/web --bind 0.0.0.0:$PORT", ["/bin/web", "--bind", f"0.0.0.0:{PORT}"]),
        ("/bin/web ${PORT}", ["/bin/web", PORT]),
        ("/bin/web '$PORT' \"$PORT\"", ["/bin/web", "$PORT", PORT]),
        ("/bin/web 'it'\"'\"'s' ''", ["/bin/web", "it's", ""]),
        ("  /bin/web\t a=b  ", ["/bin/web", "a=b"]),
        ("", []),
    ],
)
def test_simple_words(line: str, words: list[str]) -> None:
    assert split(line, PORT) == words


@pytest.mark.parametrize(
    "line",
    [
        "a; b", "a && b", "a | b", "a > b", "$HOME", "$PORTS", "${PORT:-1}", "$(a)", "`a`", "*.x",
        "a?", "[a]", "~/a", "a\nb", "# a", "a\\ b", '"\\a"', "{a,b}", "'a", "!a", "é", "a &",
    ],
)  # fmt: skip
def test_what_a_shell_would_do_more_with(line: str) -> None:
    assert split(f"/bin/web {line}", PORT) is None


@given(st.text(alphabet="ab/=-.:%+@,^_ \t'\"$PORT{}\\*;#~!é\n", max_size=24))
def test_words_are_those_of_a_shell(text: str) -> None:
    words = split(text, PORT)
    if words:
        assert words == by_shell(text)


def test_a_program_is_started_without_a_shell() -> None:
    env = {"PORT": PORT}
    line = "/bin/web -p $PORT"
    assert argv_of(line, "/s", env) == ("/bin/web", "-p", PORT)
    assert argv_of(f"exec {line}", "/s", env) == ("/bin/web", "-p", PORT)


@pytest.mark.parametrize("line", ["cd /app", "A=1 /bin/web", "/bin/a && /bin/b", "exit 3"])
def test_what_only_a_shell_can_start(line: str) -> None:
    assert argv_of(line, "/s", {"PORT": PORT}) == ("/s", "-c", line)


def test_without_a_port_a_shell_says_what_becomes_of_it() -> None:
    assert argv_of("/bin/a $PORT", "/s", {}) == ("/s", "-c", "/bin/a $PORT")


def test_the_artifacts_own_shell(tmp_path: Path) -> None:
    assert shell_of([str(tmp_path)]) == SYSTEM_SHELL
    (tmp_path / "sh").write_text("")
    (tmp_path / "sh").chmod(0o755)
    assert shell_of([str(tmp_path)]) == str(tmp_path / "sh")
