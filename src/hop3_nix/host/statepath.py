"""Where the state directory is, as text.

``exec`` runs through here, so that nothing is imported before it is needed, not even ``typing``.
"""

from __future__ import annotations

import os

STATE_VARIABLE = "HOP3_NIX_STATE"


def state_root() -> str:
    """Return the state directory: $HOP3_NIX_STATE, else below $XDG_STATE_HOME (XDG 0.8)."""
    if chosen := os.environ.get(STATE_VARIABLE):
        return os.path.join(os.getcwd(), chosen)  # noqa: PTH109, PTH118 - pathlib takes 3 ms
    base = os.environ.get("XDG_STATE_HOME", "")
    # XDG: a relative path in the variable is invalid and has to be ignored.
    if not os.path.isabs(base):  # noqa: PTH117 - as above
        base = os.path.expanduser("~/.local/state")  # noqa: PTH111 - as above
    return f"{base}/hop3-nix"


def app_path(app_root: str) -> str:
    """Return the directory of the application at ``app_root``; two paths never share one."""
    import hashlib  # noqa: PLC0415 - an artifact's own path needs neither
    import re  # noqa: PLC0415 - likewise

    absolute = os.path.realpath(app_root)
    digest = hashlib.sha256(os.fsencode(absolute)).hexdigest()[:8]
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", absolute.rpartition("/")[2]).strip(".-") or "app"
    return f"{state_root()}/apps/{name[:60]}-{digest}"
