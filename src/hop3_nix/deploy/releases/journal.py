"""What is under way with an app, written down before the first effect and until the last."""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from hop3_nix.errors import ArtifactCorruptError
from hop3_nix.files.atomic import sync_directory, write_text_atomic
from hop3_nix.host.statefile import read_state_file

if TYPE_CHECKING:
    from hop3_nix.deploy.releases.layout import AppPlace


class Transition(BaseModel):
    """A change of an app that has begun and has not come to its end."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["release", "stop", "start", "destroy"]
    release: int | None = None
    """The release that is to serve; None if the change makes none."""
    replaces: int | None = None


def begin(place: AppPlace, transition: Transition) -> None:
    """Write down that ``transition`` has begun. Raises OSError."""
    write_text_atomic(place.transition, transition.model_dump_json() + "\n", mode=0o600)


def end(place: AppPlace) -> None:
    """Write down that nothing is under way any more. Raises OSError."""
    place.transition.unlink(missing_ok=True)
    sync_directory(place.directory)


def under_way(place: AppPlace) -> Transition | None:
    """Return what has begun and not ended. Raises ArtifactCorruptError."""
    try:
        return Transition.model_validate_json(read_state_file(place.transition))
    except FileNotFoundError:
        return None
    except ValidationError as error:
        raise ArtifactCorruptError(
            f"not what hop3-nix wrote: {error.errors()[0]['msg']}",
            file=str(place.transition),
            tip="Remove it; the release that `current` points to is then started again by: "
            f"hop3-nix start {place.name}",
        ) from error


def at_work(place: AppPlace) -> bool:
    """Return whether a command is changing the app at this moment."""
    try:
        descriptor = os.open(place.lock, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        return False
    finally:
        os.close(descriptor)
