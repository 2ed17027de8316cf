"""Command lines that leave their work to the background."""

from __future__ import annotations

import pytest

from hop3_nix.errors import ConfigError
from hop3_nix.procfile.daemons import goes_into_background
from hop3_nix.procfile.parse import check_entry


@pytest.mark.parametrize(
    ("command", "word"),
    [
        ("gunicorn --daemon app:app", "--daemon"),
        ("exec /bin/gunicorn -b :$PORT -D app:app", "-D"),
        ("cd x && FOO=1 uwsgi --daemonize2=/tmp/log --http :$PORT", "--daemonize2=/tmp/log"),
        ("redis-server --daemonize yes", "--daemonize"),
        ("celery -A app worker --detach", "--detach"),
        ("bundle exec rackup -D", "-D"),
        ("daemonize /bin/server", "daemonize"),
        ("setsid -f python main.py", "-f"),
        ("nohup python main.py &", "&"),
        ("(python main.py) &  ", "&"),
    ],
)
def test_the_word_is_named(command: str, word: str) -> None:
    assert goes_into_background(command) == word
    with pytest.raises(ConfigError, match="'web' leaves its work to a process in the background"):
        check_entry("web", command, file="Procfile", line=3)


@pytest.mark.parametrize(
    "command",
    [
        "gunicorn app:app",
        "gunicorn --no-daemon app:app",
        "server --daemon=false",
        "redis-server --daemonize no --port 1",
        "python main.py -D",
        "a && b",
        "warm & exec web",
        "echo 'a &'",
        r"echo a \&",
        "curl 'http://x/?a=1&b=2'",
        "java -Dx=1 -D y",
        "it's",
    ],
)
def test_others_are_left_alone(command: str) -> None:
    assert goes_into_background(command) == ""
