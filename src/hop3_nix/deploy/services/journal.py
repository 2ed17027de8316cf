"""What services wrote to the journal, by journalctl(1)."""

from __future__ import annotations

import json
import queue
from typing import TYPE_CHECKING, Any, Final

from hop3_nix.deploy.services.systemctl import environment
from hop3_nix.host import process

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hop3_nix.deploy.services.units import Scope
    from hop3_nix.host.process import Runner

FIELDS: Final = ("_SYSTEMD_UNIT", "_SYSTEMD_USER_UNIT", "UNIT", "USER_UNIT")
"""Whose a message is: of the process that wrote it, or that the manager writes about.

Those of systemd.journal-fields(7); the manager itself runs in a unit too, so its own go last.
"""

ENDED: Final = None


def command(names: Sequence[str], scope: Scope, *, lines: int, follow: bool) -> list[str]:
    """Return the command that prints the last ``lines`` of services ``names``, as JSON."""
    option = "--user-unit" if scope == "user" else "--unit"
    return [
        *("journalctl", "--output=json", "--all", "--no-pager", f"--lines={lines}"),
        f"--output-fields=MESSAGE,{','.join(FIELDS)}",
        *(["--follow"] if follow else []),
        *(f"{option}={name}.service" for name in names),
    ]


def read(
    names: Sequence[str], scope: Scope, *, lines: int, run: Runner = process.run
) -> Iterator[tuple[str, str]]:
    """Yield service and line of the last ``lines``, oldest first."""
    argv = command(names, scope, lines=lines, follow=False)
    # Not splitlines, which also takes other characters in a message for ends of lines.
    for entry in run(argv, env=environment()).stdout.split("\n"):
        yield from parsed(entry, names)


def sync(run: Runner = process.run) -> None:
    """Return when the journal has all that was written to it, as far as this user may ask that."""
    run(["journalctl", "--sync"], env=environment())


def follow(names: Sequence[str], scope: Scope, *, lines: int) -> Iterator[tuple[str, str]]:
    """Yield the same, and then what is written from now on, until the caller has enough."""
    entries: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    argv = command(names, scope, lines=lines, follow=True)
    running = process.start(argv, env=environment(), on_stdout_line=entries.put)
    try:
        while running.is_alive():
            try:
                entry = entries.get(timeout=1.0)
            except queue.Empty:
                continue
            yield from parsed(entry or "", names)
    finally:
        running.stop()


def parsed(entry: str, names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield service and line of what one JSON object of systemd.journal-export(5) holds."""
    if not entry.startswith("{"):
        return
    fields = json.loads(entry)
    units = {f"{name}.service": name for name in names}
    name = next((units[fields[f]] for f in FIELDS if fields.get(f) in units), "")
    for line in _text(fields.get("MESSAGE")).split("\n"):
        yield name, line


def _text(message: Any) -> str:
    """Return a message, which is a list of bytes where it is not UTF-8 or has control bytes."""
    match message:
        case str():
            return message
        case list():
            # The same field twice is a list of texts instead.
            data = bytes(message) if all(isinstance(byte, int) for byte in message) else b""
            return data.decode(errors="backslashreplace")
        case _:
            return ""
