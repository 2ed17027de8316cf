"""Whether what a user started goes on without them: loginctl(1), enable-linger."""

from __future__ import annotations

import os
import pwd
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hop3_nix.errors import UnavailableError

if TYPE_CHECKING:
    from hop3_nix.host.process import Runner

LINGERING: Final = Path("/var/lib/systemd/linger")


def require_lingering(run: Runner) -> None:
    """Have this user's services started at boot and kept when the user logs out.

    Raises UnavailableError if the user may not have that.
    """
    user = pwd.getpwuid(os.geteuid()).pw_name
    if (LINGERING / user).exists():
        return
    done = run(["loginctl", "--no-ask-password", "enable-linger"])
    if done.status != 0:
        raise UnavailableError(
            f"what {user} starts would end when {user} logs out: {done.stderr.strip()}",
            tip=f"Run this once as root: loginctl enable-linger {user}",
        )
