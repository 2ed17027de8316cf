"""The command line's own work: finding commands, saying errors, showing progress."""

from __future__ import annotations

import errno
import io
import subprocess
import sys
from io import StringIO
from typing import TYPE_CHECKING

import click
import pytest
from rich.console import Console
from rich.spinner import Spinner

from hop3_nix.cli.group import COMMANDS, cli, run
from hop3_nix.cli.progress import PlainReport, describe, reporting
from hop3_nix.cli.terminal import TerminalReport
from hop3_nix.deploy.configuration import read_environment
from hop3_nix.errors import ExitCode, Hop3NixError, LockError
from hop3_nix.progress import Count, Progress

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_help_text_with_its_usage(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([name, "--help"]) == ExitCode.OK
    printed = capsys.readouterr().out
    assert printed.startswith(f"Usage: hop3-nix {name}")
    assert "\b" not in printed


@pytest.mark.parametrize(("name", "known"), COMMANDS.items())
def test_completion_says_of_a_command_what_the_overview_says(
    name: str, known: tuple[str, str]
) -> None:
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    assert command.short_help == known[1]


def test_the_overview_imports_no_command() -> None:
    code = (
        "import sys; from hop3_nix.cli.group import run; run(['--help']);"
        "print([name for name in sys.modules if name.startswith(('pydantic', 'jinja2', 'sh.'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.endswith("[]\n")


def test_an_unknown_command_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["biuld"]) == ExitCode.USAGE
    assert "No such command 'biuld'. Did you mean 'build'?" in capsys.readouterr().err
    assert run(["zzz"]) == ExitCode.USAGE
    assert capsys.readouterr().err.endswith("No such command 'zzz'.\n")


@pytest.mark.parametrize("pair", ["1A", "1A=2", "=x"])
def test_a_variable_without_a_name_is_refused(
    pair: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["config", "set", "--name", "shop", pair]) == ExitCode.BAD_INPUT
    assert capsys.readouterr().err == (
        f"error: {pair}: neither NAME=VALUE nor NAME\n  Example: hop3-nix config set DEBUG=1\n"
    )


@pytest.mark.parametrize(
    ("words", "example"),
    [
        (["logs"], "hop3-nix logs NAME"),
        (["rollback"], "hop3-nix rollback --name NAME"),
        (["config", "list"], "hop3-nix config list --name NAME"),
    ],
)
def test_of_several_apps_one_has_to_be_named(
    words: list[str], example: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for app in ("blog", "shop"):
        (tmp_path / "apps" / app / "releases").mkdir(parents=True)
    given = [*words, "--root", str(tmp_path), "--manager", "supervisord"]
    assert run(given) == ExitCode.BAD_INPUT
    assert capsys.readouterr().err == (
        f"error: name the app\n  The apps there: blog, shop. Example: {example}\n"
    )


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script_for_the_shell(
    shell: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["completion", shell]) == ExitCode.OK
    assert "_HOP3_NIX_COMPLETE" in capsys.readouterr().out


def failing(error: BaseException) -> click.Command:
    @click.command("build")
    def command() -> None:
        raise error

    return command


@pytest.mark.parametrize(
    ("error", "code", "printed"),
    [
        (
            LockError("stale", file="a.lock", line=3, tip="Write it again."),
            ExitCode.BAD_INPUT,
            "error: a.lock:3: stale\n  Write it again.\n",
        ),
        (Hop3NixError("odd"), ExitCode.INTERNAL, "error: odd\n"),
        (KeyboardInterrupt(), ExitCode.INTERRUPTED, "interrupted"),
        (
            OSError(errno.ENOSPC, "No space left on device"),
            ExitCode.TEMPORARY,
            (
                "error: the disk is full (No space left on device)\n"
                "  Free some space and try again; nothing half-written was left.\n"
            ),
        ),
        (
            OSError(errno.EROFS, "Read-only file system", "/srv/state"),
            ExitCode.UNAVAILABLE,
            (
                "error: /srv/state: cannot be written: Read-only file system\n"
                "  Set HOP3_NIX_STATE to a directory that you can write.\n"
            ),
        ),
    ],
)
def test_errors_become_a_message_and_an_exit_code(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: BaseException,
    code: ExitCode,
    printed: str,
) -> None:
    monkeypatch.setattr(cli, "get_command", lambda _context, _name: failing(error))
    assert run(["build"]) == code
    assert capsys.readouterr().err.strip() == printed.strip()


def test_a_defect_is_told_as_one_with_its_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli, "get_command", lambda _context, _name: failing(KeyError("odd")))
    assert run(["build"]) == ExitCode.INTERNAL
    printed = capsys.readouterr().err
    assert printed.startswith("Traceback")
    assert "error: this should not have happened: KeyError: 'odd'\n  It is a defect" in printed


BUSY = Progress(
    builds=Count(done=2, expected=5, running=1),
    fetches=Count(done=1, expected=4, running=2),
    bytes=Count(done=1_500_000, expected=9_000_000),
    building=("app: installPhase",),
    fetching=("a.whl", "b.whl", "c.whl", "d.whl"),
)


def test_a_moment_of_a_build_is_one_line() -> None:
    assert describe(BUSY) == (
        "built 2/5 · fetched 1/4 · 1.5 MB · building app: installPhase · "
        "fetching a.whl, b.whl, c.whl and 1 more"
    )
    assert describe(Progress()) == "evaluating"


def test_without_a_terminal_each_thing_is_named_once(capsys: pytest.CaptureFixture[str]) -> None:
    with reporting() as report:
        assert isinstance(report, PlainReport)
        report.note("package set: debian")
        report.progress(BUSY)
        report.progress(BUSY)
        report.line("not shown")
    assert capsys.readouterr().err.splitlines() == [
        "package set: debian",
        *(f"fetching {name}.whl (2/5 done)" for name in "abcd"),
        "building app (2/5 done)",
    ]


def test_verbose_shows_the_log_as_well(capsys: pytest.CaptureFixture[str]) -> None:
    with reporting(verbose=True) as report:
        report.line("app> compiling")
    assert capsys.readouterr().err == "app> compiling\n"


def test_on_a_terminal_notes_stand_above_the_line() -> None:
    output = StringIO()
    console = Console(file=output, force_terminal=True, width=80)
    spinner = Spinner("dots", "starting")
    report = TerminalReport(console, spinner, verbose=True)
    report.note("a [note] with brackets")
    report.progress(BUSY)
    report.line("a line")
    assert "a [note] with brackets" in output.getvalue()
    assert "a line" in output.getvalue()
    assert "built 2/5" in str(spinner.text)


def set_variables(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *words: str, piped: str = "", asked: str = ""
) -> tuple[int, dict[str, str]]:
    """Call ``config set`` for an app that is not deployed; return status and what is kept."""
    monkeypatch.setattr("sys.stdin", io.StringIO(piped))
    monkeypatch.setattr("sys.stdin.isatty", lambda: bool(asked), raising=False)
    monkeypatch.setattr("click.prompt", lambda *_, **__: asked)
    given = ["--name", "shop", "--root", str(tmp_path), "--manager", "supervisord"]
    status = run(["config", "set", *given, *words])
    file = tmp_path / "apps/shop/environment"
    return status, read_environment(file)


@pytest.mark.parametrize(
    ("words", "piped", "asked", "kept"),
    [
        (("A=1", "KEY"), "s3cret\n", "", {"A": "1", "KEY": "s3cret"}),
        (("KEY", "-", "A=1"), "two\nlines", "never", {"A": "1", "KEY": "two\nlines"}),
        (("KEY",), "", "typed", {"KEY": "typed"}),
        (("KEY=",), "", "", {"KEY": ""}),
    ],
)
def test_the_value_of_a_name_is_read_or_asked_for(
    *,
    words: tuple[str, ...],
    piped: str,
    asked: str,
    kept: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    found = set_variables(monkeypatch, tmp_path, *words, piped=piped, asked=asked)
    assert found == (ExitCode.OK, kept)


def test_a_value_that_does_not_come_is_not_taken_for_an_empty_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert set_variables(monkeypatch, tmp_path, "KEY") == (ExitCode.BAD_INPUT, {})
    assert "nothing came on standard input for the value of KEY" in capsys.readouterr().err


def test_values_are_hidden_unless_they_are_asked_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    set_variables(monkeypatch, tmp_path, "KEY", piped="s3cret")
    capsys.readouterr()
    given = ["config", "list", "--name", "shop", "--root", str(tmp_path)]
    given += ["--manager", "supervisord"]
    for options, said in (
        ([], "KEY=********\n"),
        (["--show"], "KEY=s3cret\n"),
        (["--names"], "KEY\n"),
        (["--json"], '{\n  "KEY": null\n}\n'),
    ):
        assert run([*given, *options]) == ExitCode.OK
        assert capsys.readouterr().out == said
