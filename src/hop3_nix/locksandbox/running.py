"""Starting the lock sandbox, and answering what it asks for."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import signal
import socket
import sys
import tempfile
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final, Protocol

from hop3_nix.errors import Hop3NixError, TemporaryError, ToolError, UnavailableError
from hop3_nix.host import process
from hop3_nix.locksandbox import inside

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

SECONDS: Final = 1800
"""What a program may take; a resolver that builds has to fetch and unpack much."""

_WORK: Final = "/sandbox"
_CHUNK: Final = 1 << 20
_SHUT: Final = 0.05
_SAFE_PATH: Final = re.compile(r"(?:/[A-Za-z0-9@_][A-Za-z0-9@._+~%-]*)+/?")


class NoSandboxError(UnavailableError):
    """The kernel makes no namespaces for us."""


@dataclass(frozen=True)
class Given:
    """An answer: where it comes from, what it is, and its bytes, which are closed when sent."""

    url: str
    content: IO[bytes]
    kind: str = "application/octet-stream"


@dataclass(frozen=True)
class Enclosed:
    """What to run, with what, and who answers; see the package's docstring."""

    argv: tuple[str, ...]
    answer: Callable[[str], Given | None]
    files: Mapping[str, Path] = field(default_factory=dict)
    """Names below /sandbox, and what is copied there."""
    env: Mapping[str, str] = field(default_factory=dict)
    readable: tuple[Path, ...] = ()
    links: Mapping[str, str] = field(default_factory=dict)
    """Links to make, such as /bin/sh."""
    directory: str = ""
    """Where it is run, below /sandbox."""
    seconds: int = SECONDS


@dataclass(frozen=True)
class Gave:
    """A file that the sandbox was given."""

    url: str
    sha256: str


@dataclass(frozen=True)
class Outcome:
    """What the program printed, what it was given, and the paths that it was refused."""

    output: str
    gave: tuple[Gave, ...]
    refused: tuple[str, ...]


class Opener(Protocol):
    """What opens an address."""

    def __call__(self, url: str) -> IO[bytes]:
        """Return what is there; raises FileNotFoundError and TemporaryError."""


def mirror(index: str, opener: Opener) -> Callable[[str], Given | None]:
    """Return the answers of a mirror of ``index``: its paths are those below that address."""

    def answer(path: str) -> Given | None:
        if not _SAFE_PATH.fullmatch(path) or ".." in path:
            return None
        url = f"{index.rstrip('/')}{path}"
        return Given(url, opener(url))

    return answer


def run(enclosed: Enclosed) -> Outcome:
    """Run it to its end. Raises ToolError, with what it printed, for a status other than 0.

    Raises NoSandboxError if there can be no sandbox, and what ``answer`` raised, if it did.
    """
    with tempfile.TemporaryDirectory(prefix="hop3-nix-") as directory:
        place = Path(directory)
        (place / "root").mkdir()
        description = {
            "root": str(place / "root"),
            "socket": str(place / "socket"),
            "argv": enclosed.argv,
            "env": dict(enclosed.env),
            "files": {name: str(path) for name, path in enclosed.files.items()},
            "readable": sorted({str(path) for path in enclosed.readable}),
            "links": dict(enclosed.links),
            "directory": enclosed.directory,
            "seconds": enclosed.seconds,
        }
        with _served(place / "socket", enclosed.answer) as record:
            program = [sys.executable, "-I", inside.__file__, json.dumps(description)]
            done = process.run(program, env={"PATH": "/usr/bin:/bin"}, cwd=place)
    if done.status == inside.UNAVAILABLE:
        raise NoSandboxError(
            f"no sandbox can be made on this machine: {done.stderr.strip()}",
            tip="Allow user namespaces, or lock where they are allowed.",
        )
    return _outcome(enclosed, done, record)


def run_openly(enclosed: Enclosed) -> Outcome:
    """Run it without a sandbox, for those who have said that it may; the answers are the same."""
    with tempfile.TemporaryDirectory(prefix="hop3-nix-") as directory:
        work = Path(directory, "work")
        work.mkdir()
        for name, path in enclosed.files.items():
            copy = shutil.copytree if path.is_dir() else shutil.copyfile
            copy(path, work / name)

        def here(text: str, proxy: str) -> str:
            return text.replace("{proxy}", proxy).replace(_WORK, str(work))

        listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        proxy = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with _answered(enclosed.answer) as (record, serve):
            serve(listener)
            done = process.within(enclosed.seconds)(
                [here(part, proxy) for part in enclosed.argv],
                env={name: here(value, proxy) for name, value in enclosed.env.items()},
                cwd=work / enclosed.directory,
            )
        done = replace(done, stdout=done.stdout.replace(str(work), _WORK))
    return _outcome(enclosed, done, record)


def _outcome(enclosed: Enclosed, done: process.Completed, record: _Record) -> Outcome:
    if record.failures:
        raise record.failures[0]
    if done.status == -signal.SIGALRM:
        raise TemporaryError(
            f"stopped after {enclosed.seconds} seconds", tip="Lock on a faster machine or network."
        )
    if done.status:
        name = Path(enclosed.argv[0]).name
        output = done.stderr or done.stdout
        raise ToolError(f"{name} returned {done.status}", output=output, status=done.status)
    return Outcome(done.stdout, tuple(record.gave), tuple(record.refused))


@dataclass
class _Record:
    gave: list[Gave] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    failures: list[Hop3NixError] = field(default_factory=list)


@contextmanager
def _answered(
    answer: Callable[[str], Given | None],
) -> Iterator[tuple[_Record, Callable[[socket.socket], None]]]:
    """Give the record, and what begins to answer on a listening socket."""
    record = _Record()
    handler = type("Handler", (_Handler,), {"answer": staticmethod(answer), "record": record})
    servers: list[tuple[ThreadingHTTPServer, threading.Thread]] = []

    def serve(listener: socket.socket) -> None:
        server = ThreadingHTTPServer(("", 0), handler, bind_and_activate=False)
        server.socket.close()
        server.socket = listener
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(_SHUT,), daemon=True)
        thread.start()
        servers.append((server, thread))

    try:
        yield record, serve
    finally:
        for server, thread in servers:
            server.shutdown()
            server.server_close()
            thread.join()


@contextmanager
def _served(path: Path, answer: Callable[[str], Given | None]) -> Iterator[_Record]:
    """Wait at ``path`` for the sandbox's listening socket, and answer on it."""

    def meet() -> None:
        with suppress(OSError):
            connection, _ = meeting.accept()
            with connection:
                _, descriptors, _, _ = socket.recv_fds(connection, 1, 1)
                serve(socket.socket(fileno=descriptors[0]))
                connection.send(b"x")

    with _answered(answer) as (record, serve), socket.socket(socket.AF_UNIX) as meeting:
        meeting.bind(str(path))
        meeting.listen(1)
        thread = threading.Thread(target=meet, daemon=True)
        thread.start()
        try:
            yield record
        finally:
            # Ends the wait, if nobody has come.
            meeting.shutdown(socket.SHUT_RDWR)
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    answer: Callable[[str], Given | None]
    record: _Record
    protocol_version = "HTTP/1.1"
    timeout = 600

    def log_message(self, *_: object) -> None:
        return

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        try:
            given = self.answer(path)
        except FileNotFoundError:
            self._end(404)
            return
        except Hop3NixError as error:
            self.record.failures.append(error)
            self._end(502)
            return
        if given is None:
            self.record.refused.append(path)
            self._end(403)
            return
        with given.content as content:
            self._send(given, content)

    def _send(self, given: Given, content: IO[bytes]) -> None:
        self.close_connection = True
        self.send_response(200)
        self.send_header("Content-Type", given.kind)
        self.send_header("Connection", "close")
        self.end_headers()
        if self.command == "HEAD":
            return
        digest = hashlib.sha256()
        while chunk := content.read(_CHUNK):
            digest.update(chunk)
            self.wfile.write(chunk)
        self.record.gave.append(Gave(given.url, digest.hexdigest()))

    def _end(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()
