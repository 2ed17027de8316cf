"""Where an artifact and its state stand.

``exec`` runs through here, so that even ``typing``, which takes 8 ms, is not imported.
"""

from __future__ import annotations

import os

from hop3_nix.statepath import app_path, state_root

ARTIFACT_FILE = "BUILD_ARTIFACT.json"
RUNTIME_FILE = "hop3/runtime.json"

STATE_VARIABLE = "HOP3_STATE_DIR"
"""What every process of an app finds its writable directory under."""

HASH_LENGTH = 32
"""Characters of the digest in front of a store path's name (the Nix manual, "Store Path")."""


def find(argument: str) -> tuple[str, str]:
    """Return the file that describes the artifact, and the app's directory it was found through.

    The file is BUILD_ARTIFACT.json or runtime.json, or "" if there is none; the directory is ""
    unless ``argument`` is an app whose last build was recorded.
    """
    root = os.path.realpath(argument)
    for name in (ARTIFACT_FILE, RUNTIME_FILE):
        file = os.path.join(root, name)  # noqa: PTH118 - pathlib costs more than all of this
        if os.path.lexists(file):
            return file, ""
    record = recorded(root)
    return (record, root) if os.path.lexists(record) else ("", "")


def recorded(app_root: str) -> str:
    """Return where the last build of the app at ``app_root`` is recorded, if it was built."""
    return f"{app_path(app_root)}/{ARTIFACT_FILE}"


def store_name(location: str) -> str:
    """Return the name in a store path, or the last part of another path."""
    name = os.path.basename(location.rstrip("/"))  # noqa: PTH119 - as above
    prefix, dash, rest = name.partition("-")
    return rest if dash and rest and len(prefix) == HASH_LENGTH else name


def state_path(app_root: str, app_name: str) -> str:
    """Return the directory the app may write to, unless HOP3_STATE_DIR or an option names one.

    It belongs to the app's directory, or, for an artifact found by itself, to the app's name, so
    that the next build of the app finds what this one wrote.
    """
    if app_root:
        return f"{app_path(app_root)}/run"
    slug = "".join(c if c.isalnum() or c in "._-" else "-" for c in app_name).lstrip(".")
    return f"{state_root()}/apps/{slug or 'app'}/run"
