"""One ssh connection to one host, which all that is done there shares."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self, TypeVar

from hop3_nix.errors import InterruptedBuildError, TemporaryError, UnavailableError
from hop3_nix.host import process

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from hop3_nix.deploy.remote.address import Address
    from hop3_nix.errors import Hop3NixError
    from hop3_nix.host.process import Completed, Runner

Value = TypeVar("Value")

OPTIONS_VARIABLE: Final = "NIX_SSHOPTS"
"""Options for ssh that Nix reads as well (nix-copy-closure(1))."""

OPTIONS: Final = (
    *("-o", "BatchMode=yes"),  # nobody could answer: several hosts would ask at once
    *("-o", "ConnectTimeout=15"),
    *("-o", "ServerAliveInterval=15"),
    *("-o", "ServerAliveCountMax=4"),
)
LOST: Final = 255
"""What ssh returns when the connection failed; hop3-nix never returns it."""

IDLE: Final = 60
"""Seconds after which a connection that nobody closed, because we were killed, ends itself."""

_SHORT: Final = "/tmp"  # noqa: S108 - what is made there has mode 0700
"""The path of a socket has at most 107 bytes, which TMPDIR can exceed by itself."""

_REFUSED: Final = re.compile(r"Permission denied|Host key verification failed|Too many auth")


class Connection:
    """A connection to ``address``, open inside ``with``.

    Everything raises TemporaryError when it is lost, UnavailableError when the host refuses us,
    and InterruptedBuildError after `end` was called from another thread.
    """

    def __init__(
        self,
        address: Address,
        *,
        run: Runner = process.run,
        stream: Callable[..., Completed] = process.stream,
    ) -> None:
        self.address = address
        self._run = run
        self._stream = stream
        self._directory: Path | None = None
        self._lock = threading.Lock()
        self._ended = False
        self._talk: int | None = None

    def __enter__(self) -> Self:
        self._directory = Path(tempfile.mkdtemp(prefix="hop3-", dir=_SHORT))
        try:
            persist = ("-o", f"ControlPersist={IDLE}")
            self._checked([*self._ssh(), *persist, "-M", "-N", self.address.target])
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    @property
    def nix_environment(self) -> dict[str, str]:
        """Return what makes Nix use this connection."""
        words = [os.environ.get(OPTIONS_VARIABLE, ""), shlex.join(self._options())]
        return {OPTIONS_VARIABLE: " ".join(filter(None, words))}

    def run(self, command: str, *, stdin: str = "") -> Completed:
        """Run ``command``, a line for the shell there, and return what it printed."""
        return self._checked([*self._ssh(), self.address.target, "--", command], stdin=stdin)

    def talk(
        self,
        argv: Sequence[str],
        request: str,
        *,
        on_stdout_line: Callable[[str], None],
        on_stderr_line: Callable[[str], None],
    ) -> int:
        """Run ``argv`` there and return its exit status.

        ``request`` is its standard input, which stays open until it ends or `end` is called.
        """
        reading, writing = os.pipe()
        with self._lock:
            self._talk = writing
        feeder = threading.Thread(target=_feed, args=(os.dup(writing), request.encode()))
        try:
            with os.fdopen(reading, "rb") as stdin:
                feeder.start()
                self._refuse_if_ended()
                done = self._stream(
                    [*self._ssh(), self.address.target, "--", shlex.join(argv)],
                    stdin=stdin,
                    on_stdout_line=on_stdout_line,
                    on_stderr_line=on_stderr_line,
                )
        finally:
            self._hang_up()
            feeder.join()
        if done.status == LOST:
            raise self._lost("it ended in the middle of a command")
        return done.status

    def copying(self, copy: Callable[[Mapping[str, str]], Value]) -> Value:
        """Call ``copy`` with the environment that makes Nix use this connection."""
        self._refuse_if_ended()
        try:
            return copy(self.nix_environment)
        except TemporaryError:
            self._refuse_if_ended()
            raise

    def end(self) -> None:
        """Have what runs there now end in good order; nothing else is begun."""
        self._ended = True
        if not self._hang_up():
            self.cut()

    def cut(self) -> None:
        """Drop the connection, with all that goes through it."""
        self._ended = True
        if self._directory is not None:
            self._run([*self._ssh(), "-O", "exit", self.address.target])

    def _hang_up(self) -> bool:
        with self._lock:
            if self._talk is None:
                return False
            os.close(self._talk)
            self._talk = None
            return True

    def _refuse_if_ended(self) -> None:
        if self._ended:
            raise InterruptedBuildError(f"{self.address.name}: stopped")

    def _options(self) -> tuple[str, ...]:
        port = ("-p", self.address.port) if self.address.port else ()
        return (*port, *OPTIONS, "-o", f"ControlPath={self._directory}/ssh")

    def _ssh(self) -> tuple[str, ...]:
        # The first value that ssh is given counts: the user's.
        users = shlex.split(os.environ.get(OPTIONS_VARIABLE, ""))
        return ("ssh", *users, *self._options())

    def _checked(self, argv: Sequence[str], stdin: str = "") -> Completed:
        self._refuse_if_ended()
        try:
            done = self._run(argv, stdin=stdin)
        except UnavailableError as error:
            raise UnavailableError(
                error.message, tip="Debian: apt install openssh-client"
            ) from error
        if done.status == LOST:
            self._refuse_if_ended()
            raise self._lost(done.stderr.strip())
        return done

    def _lost(self, said: str) -> Hop3NixError:
        url, reason = self.address.url, said.rpartition("\n")[2].strip()
        if _REFUSED.search(said):
            return UnavailableError(
                f"{url} lets us not in: {reason}",
                tip=f"See that `ssh {self.address.target}` works without a question: the host's "
                "key is known here, and ours there. Options for ssh go into ~/.ssh/config or "
                f"{OPTIONS_VARIABLE}.",
            )
        return TemporaryError(
            f"no connection to {url}: {reason}",
            tip="See that the host is up and can be reached, and try again; "
            f"hop3-nix status --host {url} says what runs there.",
        )

    def _close(self) -> None:
        with suppress(UnavailableError):
            self.cut()
        shutil.rmtree(str(self._directory), ignore_errors=True)


def _feed(descriptor: int, data: bytes) -> None:
    # Whoever should have read it may have ended, which its exit status tells.
    with suppress(BrokenPipeError), os.fdopen(descriptor, "wb") as file:
        file.write(data)
