"""Procfile: workers, hooks, cron schedules, and an error with its line for all else."""

from __future__ import annotations

import shlex
import subprocess

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from hop3_nix.errors import ConfigError
from hop3_nix.postbuild.credentials import secret_in_text
from hop3_nix.procfile import parse_procfile
from hop3_nix.procfile.daemons import goes_into_background
from hop3_nix.procfile.shelltext import unclosed


def workers(text: str) -> dict[str, str]:
    return {entry.name: entry.command for entry in parse_procfile(text, "Procfile").workers}


def refusal(text: str) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        parse_procfile(text, "hop3/Procfile")
    assert caught.value.file == "hop3/Procfile"
    assert caught.value.tip
    return caught.value


def test_each_line_is_a_worker_in_the_order_of_the_file() -> None:
    text = "web: gunicorn app:app -b :$PORT\n\nworker : celery -A app worker\n  beat:celery beat  "
    assert list(workers(text).items()) == [
        ("web", "gunicorn app:app -b :$PORT"),
        ("worker", "celery -A app worker"),
        ("beat", "celery beat"),
    ]


def test_a_line_that_begins_with_a_hash_is_a_comment_and_a_later_hash_is_text() -> None:
    text = "# a comment\n   # another: one\nweb: run '#1' # it's kept\n"
    assert workers(text) == {"web": "run '#1' # it's kept"}


def test_windows_line_ends_and_a_byte_order_mark_are_no_part_of_it() -> None:
    assert workers("\ufeffweb: a\r\n\r\nworker: b\r\n") == {"web": "a", "worker": "b"}


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n"])
def test_a_procfile_may_be_empty(text: str) -> None:
    assert workers(text) == {}


@pytest.mark.parametrize(
    "line",
    [
        "wsgi: app:application",
        "jwsgi: com.example.App",
        "rwsgi: config.ru",
        "php: public",
        "static: public/it's here",
        "static-docs: docs",
        "cron: 0 3 * * * python tidy.py",
        "cron-often: */5 8-18 1,15 1-12/3 0-7 python 'tidy up.py'",
        "Clock_1: python clock.py",
    ],
)
def test_every_kind_of_worker_is_taken_as_it_is_written(line: str) -> None:
    name, _, command = line.partition(": ")
    assert workers(line) == {name: command}


def test_hooks_are_no_workers() -> None:
    text = "release: migrate\nweb: serve\nprerun: warm\nprebuild: make\npostbuild: check\n"
    procfile = parse_procfile(text, "Procfile")
    assert [entry.name for entry in procfile.workers] == ["web"]
    assert [entry.line for entry in procfile.entries] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("web gunicorn app", "there is no colon in 'web gunicorn app'"),
        ("web:", "'web' has no command"),
        ("web:   \t", "'web' has no command"),
        (": gunicorn", "'' cannot be the name of a worker"),
        ("my web: gunicorn", "'my web' cannot be the name of a worker"),
        ("wéb: gunicorn", "'wéb' cannot be the name of a worker"),
        ("web: echo 'open", "the command of 'web' has a single quote that is not closed"),
        ('web: echo "open', "the command of 'web' has a double quote that is not closed"),
        ("web: echo `date", "the command of 'web' has a backquote that is not closed"),
        ("web: echo $(date", "the command of 'web' has a '$(' that is not closed"),
        ("web: echo ${PORT", "the command of 'web' has a '${' that is not closed"),
        ("web: echo \\", "the command of 'web' has a backslash at its end"),
        ("web: a\0b", "the command of 'web' has a NUL character"),
        ("release: echo 'open", "the command of 'release' has a single quote"),
        ("cron: 0 3 * * * echo 'open", "the command of 'cron' has a single quote"),
        ("cron: 0 3 * * *", "a schedule has five fields, and the command stands behind them"),
        ("cron: 0 3", "a schedule has five fields, and the command stands behind them"),
        ("cron: 60 3 * * * x", "'60' is not a minute"),
        ("cron: 0 24 * * * x", "'24' is not a hour"),
        ("cron: 0 0 0 * * x", "'0' is not a day of the month"),
        ("cron: 0 0 1 13 * x", "'13' is not a month"),
        ("cron: 0 0 1 1 8 x", "'8' is not a day of the week"),
        ("cron: 5-1 * * * * x", "'5-1' is not a minute"),
        ("cron: */0 * * * * x", "'*/0' is not a minute"),
        ("cron: 1,,2 * * * * x", "'' is not a minute"),
        ("cron: python tidy.py at night now", "'python' is not a minute"),
        ("cron: @daily", "a schedule has five fields, and the command stands behind them"),
        ("cron: @often python tidy.py", "@often is not a schedule"),
        ("cron: */90 * * * * x", "'*/90' is not a minute"),
        ("cron: 0 */24 * * * x", "'*/24' is not a hour"),
        ("cron: 0 0 * * moon x", "'moon' is not a day of the week"),
        ("cron: 0 0 * * fri-mon x", "'fri-mon' is not a day of the week"),
        ("cron-run: python x.py", "'python' is not a minute, and a name that begins with cron-"),
        ("tidy: 0 4 * * * x", "a schedule stands in front of the command of 'tidy', whose name"),
        ("cron_tidy: */5 * * * mon x", "a schedule stands in front of the command of 'cron_tidy'"),
        ("release: 0 4 * * * x", "a schedule stands in front of the command of 'release'"),
    ],
)
def test_a_line_that_is_wrong_is_named(line: str, message: str) -> None:
    error = refusal(f"# first\nother: fine\n{line}\nlast: fine")
    assert error.message.startswith(message)
    assert error.line == 3


@pytest.mark.parametrize(
    ("written", "numbers"),
    [
        ("30 4 * * mon-fri", "30 4 * * 1-5"),
        ("0 0 1 JAN,mar-may/2 sun", "0 0 1 1,3-5/2 0"),
        ("0 0 * * sat-sun", "0 0 * * 6-7"),
        ("@daily", "0 0 * * *"),
        ("0\t3  * * *", "0 3 * * *"),
    ],
)
def test_names_in_a_schedule_become_numbers(written: str, numbers: str) -> None:
    assert workers(f"cron-x: {written}  run  it") == {"cron-x": f"{numbers} run  it"}


@pytest.mark.parametrize("name", ["cronjobs", "crontab", "cron_1", "staticgen", "statics"])
def test_a_name_that_only_begins_like_a_kind_is_that_of_a_process(name: str) -> None:
    assert workers(f"{name}: python gen.py") == {name: "python gen.py"}
    assert "quote" in refusal(f"{name}: echo 'open").message


def test_a_name_that_stands_twice_is_an_error_that_names_both_lines() -> None:
    error = refusal("web: a\nworker: b\nweb: c")
    assert str(error) == "hop3/Procfile:3: 'web' stands here and on line 1"


@pytest.mark.parametrize("kind", ["wsgi", "jwsgi", "rwsgi"])
def test_web_and_the_wsgi_kinds_exclude_each_other(kind: str) -> None:
    error = refusal(f"web: a\n{kind}: b")
    assert error.message.startswith(f"{kind!r} cannot stand beside 'web' of line 1")
    assert error.line == 2


one_line = st.text(st.characters(exclude_characters="\n\0", codec="utf-8"))


@given(st.lists(one_line, min_size=1))
def test_any_text_in_quotes_comes_back_as_it_was(words: list[str]) -> None:
    command = shlex.join(["run", *words, "end"])
    assert workers(f"web: {command}\n# last") == {"web": command}


def outcome(text: str) -> dict[str, str] | ConfigError:
    try:
        return workers(text)
    except ConfigError as error:
        return error


@given(one_line)
@example("\r0")
def test_a_command_comes_back_as_it_was_or_is_refused_with_its_line(text: str) -> None:
    command = text.strip(" \t\r")
    assume(command.strip())
    got = outcome(f"\nweb: {text}\n")
    if unclosed(command) or goes_into_background(command) or secret_in_text(command):
        assert isinstance(got, ConfigError)
        assert got.line == 2
    else:
        assert got == {"web": command}


@given(st.text())
def test_whatever_is_refused_is_refused_with_its_line(text: str) -> None:
    got = outcome(text)
    assert not isinstance(got, ConfigError) or got.line is not None


@settings(max_examples=150, deadline=None)
@given(st.text(st.sampled_from("a \"'\\$({})#;&|"), max_size=12))
def test_no_command_that_a_shell_can_read_is_refused(text: str) -> None:
    # bash looks into $((...)) only when it runs it; and a backslash at the end of a line would
    # take the next line of a launcher along.
    assume("((" not in text and not unclosed(text).startswith("a backslash"))
    checked = subprocess.run(["bash", "-n", "-c", text], capture_output=True, check=False)
    assert checked.returncode != 0 or not unclosed(text)


@pytest.mark.parametrize(
    "command",
    [
        """sh -c 'echo "$1"' -- "it's" """,
        'echo "$(echo "it\'s")"',
        "echo ${NAME:-it} $((1 + (2 * 3))) $$ $#",
        "echo $'it\\'s'",
        'echo "${NAME#\'"\'}"',
        "echo a#'b'",
        "first # it's\nsecond",
    ],
)
def test_quotes_are_followed_as_a_shell_does(command: str) -> None:
    assert unclosed(command) == ""
