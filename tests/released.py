"""An app that is deployed for real: small artifacts in the Nix store, and a client that asks on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from conftest import COMMAND
from deploying import end_supervisord
from hop3_nix.nix import commands as nixcli

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SERVER = (
    "import http.server, os\n"
    "class Handler(http.server.BaseHTTPRequestHandler):\n"
    "    def do_GET(self):\n"
    "        body = os.environ['WORD'].encode()\n"
    "        self.send_response(200)\n"
    "        self.send_header('Content-Length', str(len(body)))\n"
    "        self.end_headers()\n"
    "        self.wfile.write(body)\n"
    "    def log_message(self, *arguments): pass\n"
    "server = http.server.ThreadingHTTPServer(('127.0.0.1', int(os.environ['PORT'])), Handler)\n"
    "server.serve_forever()\n"
)
"""Answers every request with $WORD."""

CLIENT = """
import signal, sys, time, urllib.request
asked, failed, going = 0, [], True
def stop(number, frame):
    global going
    going = False
signal.signal(signal.SIGTERM, stop)
print("asking", flush=True)
while going:
    asked += 1
    try:
        with urllib.request.urlopen(sys.argv[1], timeout=20) as answer:
            answer.read()
    except Exception as error:
        failed.append(f"{time.monotonic()}: {error}")
    time.sleep(0.01)
print(asked)
print("\\n".join(failed))
"""

QUICK = ("--stays-up", "0.1", "--health-timeout", "20", "--warm", "0")
"""For workers that are known to start at once."""


PYTHON = "/usr/bin/python3"
"""One that every user can start, as each app is another."""


def trusting(*arguments: str | Path) -> tuple[str | Path, ...]:
    """Return ``arguments`` with trust in what is deployed: it is not built by anybody's rules."""
    trusted = ("--trust-artifact",) if arguments[:1] == ("deploy",) else ()
    return (*arguments[:1], *trusted, *arguments[1:])


def artifact(directory: Path, word: str, *, python: str = PYTHON, **runtime: Any) -> Path:
    """Return a new store path whose web answers with ``word``, and that has a mailer."""
    return nixcli.add(artifact_tree(directory, word, python=python, **runtime))


def artifact_tree(directory: Path, word: str, *, python: str = PYTHON, **runtime: Any) -> Path:
    """Return the tree of such a store path."""
    tree = directory / word / "shop"
    (tree / "hop3").mkdir(parents=True)
    (tree / "server.py").write_text(SERVER)
    # The store path is not known yet, and a launcher could not name it either.
    server = f"{python} -S -c '{SERVER.replace(chr(39), chr(34))}'"
    section = {
        "env_vars": {"WORD": word},
        "path_prepend": [],
        "working_dir": "/etc",  # is everywhere, and has no bin whose links are looked through
        "workers": {"web": server, "mailer": "/bin/sleep 1000000"},
        "healthcheck_path": "/up",
    }
    (tree / "hop3/runtime.json").write_text(json.dumps(section | runtime))
    return tree


def get(port: int, path: str = "/") -> str:
    """Return what is answered; it has to be answered at once."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=20) as answer:
        text: str = answer.read().decode()
        return text


class Root:
    """A root of deployments, and the installed command working on it."""

    def __init__(self, directory: Path, prefix: tuple[str, ...] = ()) -> None:
        self.directory = directory
        self.prefix = prefix
        self.env = {**os.environ, "HOP3_DEPLOY_ROOT": str(directory)}

    def __call__(
        self, *arguments: str | Path, status: int = 0, **env: str
    ) -> subprocess.CompletedProcess[str]:
        """Return what the command printed; ``status`` is what it must return."""
        done = subprocess.run(
            [*self.prefix, COMMAND, *map(str, trusting(*arguments))],
            env={**self.env, **env},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == status, f"{done.args} -> {done.returncode}\n{done.stderr}"
        return done

    def data(self, *arguments: str | Path) -> Any:
        """Return what the command prints as JSON."""
        return json.loads(self(*arguments, "--json").stdout)


@contextmanager
def deployments(directory: Path) -> Iterator[Root]:
    """Give a root of its own, run by supervisord whatever this machine has; end all in the end."""
    directory.mkdir()
    (directory / "host.json").write_text('{"manager": "supervisord"}\n')
    try:
        yield Root(directory)
    finally:
        end_supervisord(directory)


@contextmanager
def asking(port: int) -> Iterator[list[str]]:
    """Ask ``port`` again and again; what went wrong is in the list when this ends."""
    failed: list[str] = []
    argv = [sys.executable, "-c", CLIENT, f"http://127.0.0.1:{port}/"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as client:
        assert client.stdout is not None
        assert client.stdout.readline() == "asking\n"
        try:
            yield failed
        finally:
            client.terminate()
            asked, _, errors = client.stdout.read().partition("\n")
            failed += filter(None, errors.splitlines())
    assert int(asked) > 0
