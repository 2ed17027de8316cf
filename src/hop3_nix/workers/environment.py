"""The environment of a worker: who sets which variable, and what only the starter may set.

``bin/WORKER`` of the artifact makes it, whoever starts that; the starter sets the variables below.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
"""A name that a shell can set (POSIX.1-2017, 3.235)."""

PORT: Final = "PORT"
STATE_DIR: Final = "HOP3_STATE_DIR"

APP_DIR: Final = "HOP3_APP_DIR"
"""Where the launcher finds the app's tree, instead of in the artifact: an absolute path."""

KEEP: Final = "HOP3_KEEP"
"""Names, with blanks between them, that the launcher leaves as they are set."""

OF_THE_STARTER: Final = {
    PORT: "Whoever starts the app gives each instance its own; the app reads $PORT.",
    STATE_DIR: "Whoever starts the app gives it the directory that it may write to.",
    APP_DIR: "Whoever starts the app says where its tree is.",
    KEEP: "Whoever starts the app says which variables stay as they are.",
}
"""What no file of the application can set, and why."""


def kept(overrides: Iterable[str], fixed: Mapping[str, str]) -> dict[str, str]:
    """Return the variable that lets ``overrides`` win over what the app sets, if any has to.

    ``fixed`` are the app's variables that do not give way by themselves; PATH is always one.
    """
    names = sorted(name for name in set(overrides) if name == "PATH" or name in fixed)
    return {KEEP: " ".join(names)} if names else {}
