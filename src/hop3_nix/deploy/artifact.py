"""Find and load an artifact, however it was named."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from hop3_nix.contract import (
    CONTRACT_VERSION,
    IMAGE_KINDS,
    BuildArtifact,
    read_artifact,
    read_runtime,
)
from hop3_nix.deploy import place
from hop3_nix.deploy.place import (
    ARTIFACT_FILE,
    BEFORE_RUN,
    HASH_LENGTH,
    find,
    recorded,
    store_name,
    told,
)
from hop3_nix.errors import ArtifactMissingError
from hop3_nix.workers.described import FILE as WORKERS_FILE

STORE: Final = Path(place.STORE)


@dataclass(frozen=True)
class Located:
    """An artifact, and how it was found."""

    artifact: BuildArtifact
    file: Path
    """The file it was read from."""
    app_root: Path | None = None
    """The app's directory, if it was found through the record of the last build."""
    trusted: bool = False
    """Whether the caller takes it as it is, whatever it names."""

    @property
    def location(self) -> Path:
        """Return the root of the result."""
        return Path(self.artifact.location)

    @property
    def in_store(self) -> bool:
        """Return whether it is a store path, and so has a closure."""
        return self.location.parent == STORE

    def launcher(self, worker: str) -> Path | None:
        """Return the program that becomes ``worker``, or None if the artifact has none.

        A program of that name in what the post-build step has not finished is one of the app's.
        """
        return self.program(f"bin/{worker}") if self.program(BEFORE_RUN) else None

    def program(self, path: str) -> Path | None:
        """Return the program at ``path`` below the location, or None if there is none."""
        program = self.location / path
        return program if is_program(program) else None


def understands_starters(location: Path) -> bool:
    """Return whether the launchers there take what `workers.environment` says from a starter.

    Those of a package that is written by hand, or was built before there was such a thing, do not.
    """
    return (location / WORKERS_FILE).is_file()


def store_path_of(path: Path) -> Path:
    """Return the store path that ``path``, which is in the store, is a part of."""
    return STORE / path.relative_to(STORE).parts[0]


def is_program(path: Path) -> bool:
    """Return whether ``path`` is a file that this user can execute."""
    return path.is_file() and os.access(path, os.X_OK)


def locate(argument: str | Path = ".", *, trusted: bool = False, newer: bool = False) -> Located:
    """Return the artifact that ``argument`` stands for.

    That is a store path or a link to one, the directory of an app that was built, or what a local
    build has made. If it is ``trusted``, also a directory with BUILD_ARTIFACT.json from elsewhere,
    or that file. Raises ArtifactMissingError, ArtifactCorruptError or, unless it may be ``newer``,
    as it may for those who only pass it on, ArtifactNewerError.
    """
    root = Path(argument)
    if not root.exists():
        raise _nothing_at(root)
    found, app_root = find(str(root))
    if trusted and (theirs := told(str(root))):
        found, app_root = theirs, ""
    if not found:
        raise _no_artifact_in(root)
    located = _read(Path(found), app_root, trusted=trusted, only_shown=newer)
    if not located.location.is_dir():
        raise ArtifactMissingError(
            f"what it describes is gone: {located.location}",
            file=found,
            tip=f"Build it again: hop3-nix build {app_root or 'APP'}",
        )
    return located


def look_at(argument: str | Path = ".") -> Located:
    """Return the same to be shown.

    That may be newer than this hop3-nix, an image, or what `locate` takes only if it is trusted.
    Raises ArtifactMissingError or ArtifactCorruptError.
    """
    root = Path(argument)
    if not root.exists():
        raise _nothing_at(root)
    found, app_root = find(str(root))
    found = found or told(str(root))
    if not found:
        raise _no_artifact_in(root)
    return _read(Path(found), app_root, only_shown=True)


def is_image(artifact: BuildArtifact) -> bool:
    """Return whether the artifact is an image that a Hop3 server has made."""
    return artifact.kind in IMAGE_KINDS or artifact.builder == "docker"


def _read(file: Path, app_root: str, *, trusted: bool = False, only_shown: bool = False) -> Located:
    if file.name == ARTIFACT_FILE:
        artifact = read_artifact(file, only_shown=only_shown)
    else:
        artifact = _from_runtime(file, newer=only_shown)
    return Located(artifact, file, Path(app_root) if app_root else None, trusted)


def _from_runtime(file: Path, *, newer: bool) -> BuildArtifact:
    """Return the artifact that a store path is by itself: it holds no time and no provenance."""
    location = file.parent.parent
    in_store = location.parent == STORE
    arrived = datetime.fromtimestamp(location.stat().st_ctime, UTC)
    return BuildArtifact(
        kind="nix" if in_store else "local",
        builder="nix" if in_store else "local",
        app_name=store_name(str(location)),
        built_at=arrived.replace(microsecond=0),
        build_id=location.name[:HASH_LENGTH] if in_store else "",
        location=str(location),
        runtime=read_runtime(file, newer=newer),
        metadata={"contract_version": CONTRACT_VERSION},
    )


def _nothing_at(root: Path) -> ArtifactMissingError:
    if root.is_symlink():
        return ArtifactMissingError(
            f"the link {root} points to {root.readlink()}, which is not there (any more)",
            tip="Build the app again: hop3-nix build APP",
        )
    tip = "Give a store path, a link to one, or an app that was built."
    if root.is_absolute() and root.is_relative_to(STORE):
        tip = "It may have been garbage-collected. Build the app again: hop3-nix build APP"
    return ArtifactMissingError(f"there is nothing at {root}", tip=tip)


def _no_artifact_in(root: Path) -> ArtifactMissingError:
    real = root.resolve()
    if real.is_relative_to(STORE):
        return ArtifactMissingError(
            f"{real} is not an artifact: it has no hop3/runtime.json",
            tip="Give the path that hop3-nix build printed.",
        )
    if not real.is_dir() and not told(str(real)):
        return ArtifactMissingError(
            f"{root} is not a directory", tip="Give the directory of the app or of the artifact."
        )
    if file := told(str(real)):
        return ArtifactMissingError(
            "it says what an artifact is, and this hop3-nix has not written it",
            file=file,
            tip=f"Build the app: hop3-nix build {root}. If it is an artifact, and you trust who "
            "made it: --trust-artifact",
        )
    return ArtifactMissingError(
        f"the app at {real} was not built yet: there is no {recorded(str(real))}",
        tip=f"Build it first: hop3-nix build {root}",
    )
