"""Releases that are no good, each over a good one that clients are asking."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from faulty import by_python
from released import SERVER

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

QUICK: Final = ("--health-timeout", "8", "--stays-up", "1", "--stop-timeout", "2")


@dataclass(frozen=True)
class Bad:
    """A release, and what has to come of it."""

    what: str
    program: str
    status: int = 101
    options: Sequence[str] = ()
    after: bool = False
    """Whether it is found out when clients ask it already."""

    @property
    def workers(self) -> Mapping[str, str]:
        """Return its workers."""
        return {"web": by_python(self.program), "mailer": "/bin/sleep 1000000"}


ANSWER: Final = "        body = os.environ['WORD'].encode()\n"
SERVE: Final = "server.serve_forever()\n"


def _answering(line: str) -> str:
    return SERVER.replace(ANSWER, f"{line}{ANSWER}")


def _started(line: str) -> str:
    return f"import os, sys, threading, time\n{line}\n{SERVER}"


DAEMON: Final = "if os.fork(): os._exit(0)\nos.setsid()"
FAILS: Final = (
    "        if {when}: self.send_response(500); self.send_header('Content-Length', '0'); "
    "self.end_headers(); return\n"
)

BAD: Final = (
    Bad("ends as it starts (`sys.exit`)", _started("sys.exit('SECRET_KEY is missing')")),
    Bad("ends with status 0", _started("sys.exit(0)")),
    Bad("fails as it is imported", _started("import imporrt")),
    Bad(
        "answers once, and ends",
        _answering("        import threading; threading.Timer(0.5, os._exit, (3,)).start()\n"),
    ),
    Bad("accepts connections and hangs", _answering("        import time; time.sleep(1000)\n")),
    Bad("answers everything with 500", _answering(FAILS.format(when="True"))),
    Bad("makes itself a daemon", _started(DAEMON)),
    Bad("listens on another port", SERVER.replace("int(os.environ['PORT'])", "0")),
    Bad("never listens", _started("time.sleep(1000)")),
    Bad("has to write into its tree", _started("open('/nix/store/x', 'w')")),
    Bad(
        "eats memory without end, within a limit",
        _started("hoard = []\nwhile True: hoard.append(bytearray(1 << 22))"),
        options=("--limit", "LimitAS=400M"),
    ),
    Bad(
        "answers its health question, and clients with 500",
        _answering(FAILS.format(when="self.path != '/up'")),
        options=("--warm", "6"),
        after=True,
    ),
    Bad(
        "ends two seconds after it has taken over",
        _answering(
            "        import threading\n"
            "        if self.path != '/up': threading.Timer(2, os._exit, (3,)).start()\n"
        ),
        options=("--warm", "6"),
        after=True,
    ),
)
"""``GET /up`` is the health question, and clients ask for ``/``."""
