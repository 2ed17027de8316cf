"""The same work on several hosts at once."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, Self

from hop3_nix.deploy.remote.connection import Connection
from hop3_nix.errors import ExitCode, Hop3NixError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from hop3_nix.deploy.remote.address import Address


@dataclass(frozen=True)
class Result:
    """How work on one host ended."""

    status: int
    error: Hop3NixError | None = None
    """What kept it from being done; None if a command there has said it itself."""


class Output:
    """Where lines of hosts go: whole, and with the host's name in front.

    The standard output of a host that is alone stays as it is, for programs that read it. Of
    several that answer in JSON, it is kept until `end`, which makes one document of all.
    """

    def __init__(
        self,
        addresses: Sequence[Address],
        write: Callable[[str, bool], None],
        *,
        as_json: bool = False,
    ) -> None:
        self._width = max(len(address.name) for address in addresses)
        self.alone = len(addresses) == 1
        self._write = write
        self._kept: dict[Address, list[str]] = {}
        self._keeps = as_json and not self.alone
        self._lock = Lock()

    def line(self, address: Address, text: str, *, error: bool) -> None:
        """Write one line of ``address``, to standard output or standard error."""
        front = "" if self.alone and not error else f"{address.name:<{self._width}} | "
        with self._lock:
            if self._keeps and not error:
                self._kept.setdefault(address, []).append(text)
            else:
                self._write(f"{front}{text}", error)

    def end(self, results: Mapping[Address, Result]) -> None:
        """Write what was kept: a list with each host, its exit status, and what it answered."""
        if self._keeps:
            said = [
                {
                    "host": address.name,
                    "status": int(result.status),
                    "answer": _data("\n".join(self._kept.get(address, []))),
                }
                for address, result in results.items()
            ]
            self._write(json.dumps(said), False)  # noqa: FBT003 - by position only


class Fleet:
    """Connections to several hosts, each opened when work there begins; closed after ``with``."""

    def __init__(
        self,
        addresses: Sequence[Address],
        *,
        parallel: int,
        connect: Callable[[Address], Connection] = Connection,
    ) -> None:
        self.addresses = tuple(addresses)
        self._parallel = parallel
        self._connections = {address: connect(address) for address in addresses}
        self._opened: set[Address] = set()
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def each(
        self,
        work: Callable[[Connection], int],
        addresses: Sequence[Address] | None = None,
        *,
        stop_on_failure: bool = False,
    ) -> dict[Address, Result]:
        """Do ``work``, which returns an exit status, on each host and return how it ended.

        With ``stop_on_failure``, it is not begun on further hosts after one has failed; those are
        not in what is returned. An interrupt ends the work everywhere, and is raised, when it has
        ended, as `Interrupted`; a second one cuts the connections.
        """
        results: dict[Address, Result] = {}
        failed = False

        def one(address: Address) -> None:
            nonlocal failed
            if failed and stop_on_failure:
                return
            results[address] = result = self._work(address, work)
            failed = failed or result.status != 0

        chosen = self.addresses if addresses is None else tuple(addresses)
        with ThreadPoolExecutor(self._parallel) as pool:
            futures = [pool.submit(one, address) for address in chosen]
            try:
                wait(futures)
            except KeyboardInterrupt as interrupt:
                pool.shutdown(wait=False, cancel_futures=True)
                self._unfinished(results, Connection.end)
                try:
                    wait(futures)
                except KeyboardInterrupt:
                    self._unfinished(results, Connection.cut)
                    wait(futures)
                raise Interrupted(results) from interrupt
        for future in futures:
            future.result()
        return results

    def _unfinished(
        self, results: Mapping[Address, Result], do: Callable[[Connection], None]
    ) -> None:
        for address in self._opened - results.keys():
            do(self._connections[address])

    def _work(self, address: Address, work: Callable[[Connection], int]) -> Result:
        try:
            connection = self._connections[address]
            if address not in self._opened:
                self._opened.add(address)
                self._stack.enter_context(connection)
            return Result(work(connection))
        except Hop3NixError as error:
            return Result(error.exit_code, error)


_ENDINGS: Final[Mapping[int, str]] = {
    ExitCode.OK: "deployed",
    ExitCode.TEMPORARY: "not known: the connection was lost",
    ExitCode.RELEASE_FAILED: "failed; the release before it serves",
    ExitCode.APP_DOWN: "failed, and nothing of the app runs",
    ExitCode.INTERRUPTED: "stopped",
}


class Interrupted(KeyboardInterrupt):
    """The user stopped the work; ``results`` is how it ended where it had begun."""

    def __init__(self, results: dict[Address, Result]) -> None:
        super().__init__()
        self.results = results


def ending(result: Result) -> str:
    """Return in a few words how a deployment to one host ended."""
    return _ENDINGS.get(result.status, f"failed with status {result.status}")


def worst(results: Mapping[Address, Result], addresses: Sequence[Address]) -> int:
    """Return the exit status for all: that of the first host, in their order, that failed."""
    statuses = (results[address].status for address in addresses if address in results)
    return next((status for status in statuses if status != 0), ExitCode.OK)


def _data(text: str) -> Any:
    """Return what a host printed, None if that is no JSON: it failed, and has said why."""
    try:
        return json.loads(text)
    except ValueError:
        return None
