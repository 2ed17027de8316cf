"""The record of a release: written once, when the release is taken up, and never changed."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from hop3_nix.contract import BuildArtifact
from hop3_nix.deploy.artifact import Located
from hop3_nix.deploy.configuration import write_environment
from hop3_nix.deploy.releases.layout import PRIVATE, make_directory
from hop3_nix.deploy.releases.settings import Settings
from hop3_nix.errors import ArtifactCorruptError, InputError
from hop3_nix.files.atomic import sync_directory, write_text_atomic
from hop3_nix.host.statefile import read_state_file

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from hop3_nix.deploy.releases.layout import AppPlace

RECORD: Final = "release.json"
ENVIRONMENT: Final = "environment"
FAILED: Final = "failed"
"""Says why the release did not come up; there is no such file for one that did."""

WEB: Final = "web"
"""The worker that clients talk to."""


class Instance(BaseModel):
    """One process of a release, or one schedule."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    worker: str
    number: int = 1
    port: int | None = None
    schedule: str = ""

    @property
    def label(self) -> str:
        """Return how messages call it."""
        return f"{self.worker}.{self.number}"


class Release(BaseModel):
    """All that is needed to install the services of a release again, but for its secrets."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    app: str
    number: int
    reason: str
    """``deploy``, ``rollback to N``, or what else was changed."""
    created: AwareDatetime
    replaces: int | None
    artifact: BuildArtifact
    generation: int | None
    """Of the Nix profile; None for an artifact that is in no store."""
    settings: Settings
    variables: tuple[str, ...]
    """The names that the file of secrets sets."""
    tree: int | None
    """The release that the copy of the writable tree was made for; None without such a tree."""
    instances: tuple[Instance, ...]

    @property
    def web(self) -> tuple[Instance, ...]:
        """Return the instances that clients talk to."""
        return tuple(one for one in self.instances if one.worker == WEB)

    @property
    def background(self) -> tuple[Instance, ...]:
        """Return all others, schedules included."""
        return tuple(one for one in self.instances if one.worker != WEB)

    @property
    def ports(self) -> tuple[int, ...]:
        """Return the ports of the instances that clients talk to."""
        return tuple(one.port for one in self.web if one.port is not None)

    def located(self, place: AppPlace) -> Located:
        """Return its artifact, which was checked, or trusted, when the release was made."""
        return Located(self.artifact, place.release(self.number) / RECORD, trusted=True)

    def secrets(self, place: AppPlace) -> Path:
        """Return the file of the variables that its processes are started with."""
        return place.release(self.number) / ENVIRONMENT


def write_release(place: AppPlace, release: Release, environment: Mapping[str, str]) -> None:
    """Write the record, which makes the release one; its variables come first. Raises OSError."""
    directory = place.release(release.number)
    make_directory(directory, PRIVATE)
    write_environment(directory / ENVIRONMENT, environment)
    write_text_atomic(directory / RECORD, release.model_dump_json(indent=2) + "\n", mode=0o600)
    sync_directory(directory.parent)


def read_release(place: AppPlace, number: int) -> Release:
    """Return release ``number``. Raises InputError if there is none, or ArtifactCorruptError."""
    file = place.release(number) / RECORD
    try:
        return Release.model_validate_json(read_state_file(file))
    except FileNotFoundError:
        known = ", ".join(map(str, numbers(place)[::-1])) or "none"
        raise InputError(
            f"{place.name} has no release {number}", tip=f"Its releases: {known}"
        ) from None
    except ValidationError as error:
        raise ArtifactCorruptError(
            f"not the record of a release: {error.errors()[0]['msg']}",
            file=str(file),
            tip="Restore it from a backup. If the release is not needed any more, remove its "
            f"directory {file.parent}",
        ) from error


def current_release(place: AppPlace) -> Release | None:
    """Return the release that serves, None before the first one did, or if its record is gone.

    Raises ArtifactCorruptError.
    """
    number = place.current_number()
    if number is None or not (place.release(number) / RECORD).exists():
        return None
    return read_release(place, number)


def numbers(place: AppPlace) -> tuple[int, ...]:
    """Return the numbers of the releases that have a record, in order."""
    found = (path for path in _directories(place) if (path / RECORD).exists())
    return tuple(sorted(int(path.name) for path in found))


def next_number(place: AppPlace) -> int:
    """Return a number that no release has had."""
    return max((int(path.name) for path in _directories(place)), default=0) + 1


def mark_failed(place: AppPlace, number: int, reason: str) -> None:
    """Note that a release did not come up; one without a record goes away. Raises OSError."""
    directory = place.release(number)
    if (directory / RECORD).exists():
        write_text_atomic(directory / FAILED, f"{reason}\n", mode=0o600)
    elif directory.exists():
        shutil.rmtree(directory)


def failure(place: AppPlace, number: int) -> str:
    """Return why release ``number`` did not come up, nothing if it did."""
    try:
        return (place.release(number) / FAILED).read_text().strip()
    except FileNotFoundError:
        return ""


def now() -> datetime:
    """Return the time, to the second."""
    return datetime.now(UTC).replace(microsecond=0)


def _directories(place: AppPlace) -> list[Path]:
    try:
        return [path for path in place.releases.iterdir() if path.name.isdigit()]
    except FileNotFoundError:
        return []
