"""systemctl(1): one function per verb, for the manager of the system or of a user."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from hop3_nix.errors import ServiceError, UnavailableError
from hop3_nix.host import process

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hop3_nix.deploy.services.base import State
    from hop3_nix.deploy.services.units import Scope
    from hop3_nix.host.process import Completed, Runner

PROPERTIES: Final = (
    *("Id", "LoadState", "ActiveState", "SubState", "Result", "MainPID"),
    *("ExecMainCode", "ExecMainStatus", "NRestarts"),
    *("StateChangeTimestamp", "ActiveEnterTimestamp", "ControlGroup"),
)

EXITED: Final = "1"
"""ExecMainCode of a process that ended by itself: CLD_EXITED of waitid(2)."""

_AT_REST: Final = frozenset({"inactive", "failed"})

NEVER: Final = "0"
ENGLISH: Final = {"LC_ALL": "C.UTF-8", "TZ": "UTC"}

LOST: Final = ("Transport endpoint is not connected", "Connection reset by peer")
"""What is said when the manager has gone while it was being talked to."""

AGAIN_AFTER: Final = 1.0
"""Seconds."""

NO_MANAGER: Final = ("Failed to connect to bus", "System has not been booted with systemd")


@dataclass(frozen=True)
class Shown:
    """What systemctl shows of one unit."""

    properties: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        """Return a property, empty if the unit has none of that name."""
        return self.properties.get(name, "")

    @property
    def known(self) -> bool:
        """Return whether the manager knows the unit, or still runs what is left of it."""
        return self["LoadState"] != "not-found" or self["ActiveState"] not in _AT_REST

    @property
    def active(self) -> bool:
        """Return whether anything of the unit runs, or is about to."""
        return self["ActiveState"] not in {"", *_AT_REST}

    @property
    def state(self) -> State:
        """Return the unit's state; one that is to be restarted is starting."""
        match self["ActiveState"]:
            case "active" | "reloading":
                return "running"
            case "activating":
                return "starting"
            case "deactivating":
                return "stopping"
            case "failed":
                return "failed"
            case _:
                return "stopped" if self.known else "absent"

    @property
    def started(self) -> bool:
        """Return whether its program has ever run: with Type=exec, it was executed."""
        return bool(self["ActiveEnterTimestamp"])

    @property
    def status(self) -> int | None:
        """Return the exit status of the last end, negative for a signal, None if there is none."""
        if self["ExecMainCode"] in {"", NEVER}:
            return None
        status = int(self["ExecMainStatus"])
        return status if self["ExecMainCode"] == EXITED else -status

    @property
    def since(self) -> str:
        """Return when it came into this state: ISO 8601, UTC; empty if it never changed."""
        text = self["StateChangeTimestamp"]
        if not text:
            return ""
        return datetime.strptime(text, "%a %Y-%m-%d %H:%M:%S UTC").replace(tzinfo=UTC).isoformat()


@dataclass(frozen=True)
class Systemctl:
    """The manager of the system, or that of the user who runs this."""

    scope: Scope
    run: Runner = process.run

    def reload(self) -> None:
        """Have it read the unit files again."""
        self._check(["daemon-reload"])

    def start(self, units: Sequence[str]) -> None:
        """Start ``units``, also those that it has given up; wait until their programs run."""
        if units:
            # Fails for those that it has not loaded, of which it holds nothing against anybody.
            self._run(["reset-failed", "--", *units])
            self._check(["start", "--", *units])

    def stop(self, units: Sequence[str]) -> None:
        """Stop ``units`` and wait until every process has ended; one that is gone has."""
        if units:
            try:
                self._check(["stop", "--", *units])
            except ServiceError:
                if any(shown.active for shown in self.show(units)):
                    raise

    def forget(self, units: Sequence[str]) -> None:
        """Let it no longer show that one of ``units`` has failed."""
        if units:
            self._run(["reset-failed", "--", *units])

    def loaded(self, pattern: str) -> tuple[str, ...]:
        """Return the units that it has loaded, by a pattern of glob(7)."""
        options = ["--all", "--full", "--plain", "--no-legend", "--no-pager"]
        listed = self._check(["list-units", *options, "--", pattern]).stdout
        rows = (line.split() for line in listed.splitlines())
        # A unit that others name is listed even if there is none: as not-found and inactive.
        return tuple(row[0] for row in rows if row[1] != "not-found" or row[2] not in _AT_REST)

    def show(self, units: Sequence[str]) -> list[Shown]:
        """Return what is known of each of ``units``, in their order."""
        if not units:
            return []
        listed = self._check(["show", f"--property={','.join(PROPERTIES)}", "--", *units]).stdout
        blocks = listed.strip("\n").split("\n\n")
        return [
            Shown(dict(line.split("=", 1) for line in block.split("\n") if "=" in line))
            for block in blocks
        ]

    def _check(self, arguments: Sequence[str]) -> Completed:
        done = self._run(arguments)
        if done.status != 0 and any(text in done.stderr for text in LOST):
            time.sleep(AGAIN_AFTER)  # as when it executes itself anew
            done = self._run(arguments)
        if done.status == 0:
            return done
        said = done.stderr.strip() or done.stdout.strip()
        if any(text in said for text in NO_MANAGER):
            raise UnavailableError(
                f"the service manager cannot be reached: {said.splitlines()[0]}",
                tip="Log in as the user itself, not by su or sudo, or use --manager supervisord."
                if self.scope == "user"
                else "Use --manager supervisord where systemd does not run.",
            )
        raise ServiceError(f"systemd refused to {arguments[0]}: {said}", tip=_look(arguments))

    def _run(self, arguments: Sequence[str]) -> Completed:
        manager = ["--user"] if self.scope == "user" else []
        return self.run(["systemctl", *manager, *arguments], env=environment())


def environment() -> dict[str, str]:
    """Return our environment, but such that systemd's programs say things in one way."""
    return {**os.environ, **ENGLISH}


def _look(arguments: Sequence[str]) -> str:
    units = arguments[arguments.index("--") + 1 :] if "--" in arguments else []
    return f"See: journalctl -e {' '.join(f'-u {unit}' for unit in units)}".strip()
