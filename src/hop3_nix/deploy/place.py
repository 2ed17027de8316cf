"""Where an artifact and its state stand.

``exec`` runs through here, so that even ``typing``, which takes 8 ms, is not imported.
"""

from __future__ import annotations

import os

from hop3_nix.host.statepath import app_path, state_root

ARTIFACT_FILE = "BUILD_ARTIFACT.json"
RUNTIME_FILE = "hop3/runtime.json"

BEFORE_RUN = "hop3/before-run"
"""The program for all of ``before_run``, by which the work of the post-build step is known."""

RELEASES = "releases"
"""The directory, in the state of an app, of what was built without Nix."""

STORE = os.environ.get("NIX_STORE_DIR", "/nix/store")

STATE_VARIABLE = "HOP3_STATE_DIR"
"""What every process of an app finds its writable directory under."""

HASH_LENGTH = 32
"""Characters of the digest in front of a store path's name (the Nix manual, "Store Path")."""


def find(argument: str) -> tuple[str, str]:
    """Return the file that describes the artifact, and the app's directory it was found through.

    The file is that of a store path, of a release that a local build made, or our own record of
    what was last built from a directory; "" if there is none. What else a directory says of itself
    is the application's word (see `told`). The app's directory is "" unless there is a record.
    """
    root = os.path.realpath(argument)
    if root.startswith(f"{STORE}/"):
        file = f"{root}/{RUNTIME_FILE}"
        return (file, "") if os.path.lexists(file) else ("", "")
    if is_release(root):
        return _description(root), ""
    record = recorded(root)
    return (record, root) if os.path.lexists(record) else ("", "")


def told(argument: str) -> str:
    """Return the file by which a directory outside of the store, or such a file, says what it is.

    Nobody of ours has written it: it is for those who ask for it, or who only look.
    """
    root = os.path.realpath(argument)
    if root.startswith(f"{STORE}/"):
        return ""
    if root.endswith((f"/{ARTIFACT_FILE}", f"/{RUNTIME_FILE}")) and not os.path.isdir(root):  # noqa: PTH112 - as below
        return root
    return _description(root)


def _description(root: str) -> str:
    for name in (ARTIFACT_FILE, RUNTIME_FILE):
        file = os.path.join(root, name)  # noqa: PTH118 - pathlib costs more than all of this
        if os.path.lexists(file):
            return file
    return ""


def is_release(root: str) -> bool:
    """Say whether ``root`` is STATE/apps/APP/releases/RELEASE, which our own builder wrote."""
    above, _, _ = root.rpartition("/")
    app, _, releases = above.rpartition("/")
    apps, _, _ = app.rpartition("/")
    return releases == RELEASES and apps == os.path.realpath(f"{state_root()}/apps")


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


def is_checked(location: str, what: str = "rules") -> bool:
    """Return whether this was found to be right of the store path: its rules, or its contents."""
    try:
        with open(_mark(location, what), encoding="ascii") as file:  # noqa: PTH123 - as above
            return file.read() == _identity(location)
    except OSError:
        return False


def mark_checked(location: str, what: str = "rules") -> None:
    """Remember that it was, until another store path has the name."""
    mark = _mark(location, what)
    try:
        os.makedirs(os.path.dirname(mark), exist_ok=True)  # noqa: PTH103, PTH120 - as above
        with open(mark, "w", encoding="ascii") as file:  # noqa: PTH123 - as above
            file.write(_identity(location))
    except OSError:
        # It saves time, and is made again the next time.
        return


def _mark(location: str, what: str) -> str:
    return f"{state_root()}/checked/{what}/{os.path.basename(location)}"  # noqa: PTH119 - as above


def _identity(location: str) -> str:
    status = os.stat(location)  # noqa: PTH116 - as above
    return f"{status.st_ino} {status.st_ctime_ns}\n"
