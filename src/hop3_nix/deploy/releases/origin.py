"""Where an app came from, so that nothing from elsewhere takes its place by calling itself so.

An application chooses the name it has in its own files; whose secrets, state and address that name
stands for is for the one who deploys to say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hop3_nix.deploy.releases.record import current_release
from hop3_nix.errors import InputError
from hop3_nix.files.atomic import write_text_atomic

if TYPE_CHECKING:
    from pathlib import Path

    from hop3_nix.deploy.artifact import Located
    from hop3_nix.deploy.releases.layout import AppPlace
    from hop3_nix.deploy.releases.options import DeployOptions


def origin_of(located: Located, options: DeployOptions) -> str:
    """Return the directory that ``located`` was built from, "" for an artifact given by itself."""
    return options.origin or str(located.app_root or "")


def check_origin(place: AppPlace, located: Located, options: DeployOptions) -> None:
    """Raise InputError if ``located`` is from elsewhere than what goes by this name.

    Nothing is known of what an older version has deployed, which is then taken as it is. An
    artifact given by itself is from nowhere: its name has to be given as well, unless it is what
    was deployed.
    """
    known, origin = _read(place.origin), origin_of(located, options)
    if known is None or options.take_over or known == origin != "":
        return
    named = options.name and not options.origin  # from another machine, only if nobody named it
    if named and not (known and origin):
        return
    if not origin and _is_deployed(place, located.location):
        return
    was = f"was deployed from {known}" if known else "was deployed under a name that was given"
    comes = f"comes from {origin}" if origin else f"is an artifact by itself: {located.location}"
    word = " --take-over" if known and origin else ""
    raise InputError(
        f"{place.name} {was}, and this {comes}",
        tip=f"If it is another app, give it a name of its own: --name {place.name}-2. If it is the "
        f"next release of {place.name}, and is to have its variables, its state and its address: "
        f"--name {place.name}{word}",
    )


def remember_origin(place: AppPlace, origin: str) -> None:
    """Write down where the app has come from. Raises OSError."""
    known = _read(place.origin)
    if known is None or origin not in {"", known}:
        write_text_atomic(place.origin, f"{origin}\n", mode=0o600)


def _read(file: Path) -> str | None:
    try:
        return file.read_text(encoding="utf-8", errors="surrogateescape").removesuffix("\n")
    except FileNotFoundError:
        return None


def _is_deployed(place: AppPlace, location: Path) -> bool:
    current = current_release(place)
    return current is not None and current.located(place).location == location
