"""The build that needs nothing done: the same source, options and tools as the last time.

Imports the standard library only, and of ours what does so too: this is all that an unchanged
build goes through. The one process it may start is ``nix-store``, through subprocess, because
``sh`` takes longer to import than that process takes to run.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from hop3_nix import __version__
from hop3_nix.errors import ArtifactCorruptError
from hop3_nix.files import resources
from hop3_nix.files.atomic import replace_symlink, write_text_atomic
from hop3_nix.host.limits import BuildLimits
from hop3_nix.host.state import STAGE, app_dir
from hop3_nix.host.statefile import read_state_file
from hop3_nix.nix.gcroots import is_root, may_become_link
from hop3_nix.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

BuilderChoice = Literal["auto", "nix", "local"]

RECORD: Final = "last-build.json"
ARTIFACT: Final = "BUILD_ARTIFACT.json"
_FORMAT: Final = 1

_UNREADABLE: Final = (
    *(OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError),
    ArtifactCorruptError,
)


class BuildOptions(NamedTuple):
    """What the user asks of a build, beside the application itself."""

    builder: BuilderChoice | None = None
    """None for what hop3.toml says."""
    pkgs: str | None = None
    """``nixpkgs``, ``debian`` or a path; None for what hop3.toml says, else a choice."""
    out_link: Path | None = None
    lock: bool = False
    """Whether to write hop3-nix.lock first, if there is none that is current."""
    check: bool = False
    """Whether to build a second time, and compare."""
    rebuild: bool = False
    """Whether to go through the build though nothing has changed."""
    allow_code: bool = False
    """Whether locking may run the application's code where no sandbox can be made."""
    name: str = ""
    """For an application that does not name itself; empty for the name of its directory."""
    limits: BuildLimits = BuildLimits()
    """What the build may take; no part of what it makes."""


class Unchanged(NamedTuple):
    """The artifact of the last build, which is that of this one as well."""

    location: str
    artifact_file: Path


class LastBuild(NamedTuple):
    """What the last build of an application depended on, and what it made."""

    key: str
    location: str
    root: str
    """Link that keeps the location from being collected; empty for a release directory."""
    fell_back: bool
    """Whether it was built without Nix only because Nix could not be used."""
    watched: Mapping[str, str]
    """Files outside of the source and of hop3-nix that it depends on, with their SHA-256."""


def cached_artifact(root: Path, options: BuildOptions) -> Unchanged | None:
    """Return the artifact of the last build of ``root`` if a build would make the same again.

    The out-link is made if it is asked for. None if anything has changed, is missing, or cannot
    be told. Raises SourceError as `Source.open` does.
    """
    if options.lock or options.check or options.rebuild:
        return None
    return cached_for(Source.open(root), options)


def cached_for(source: Source, options: BuildOptions) -> Unchanged | None:
    """Return the same for a source that is open."""
    state = app_dir(source.root)
    last = _read(state / RECORD)
    if last is None or last.key != key_of(source, options):
        return None
    # What a build that was killed has left is removed by the next one that is a build.
    if os.path.lexists(state / STAGE):
        return None
    if watch(last.watched) != last.watched or not _is_recorded(state / ARTIFACT, last.location):
        return None
    # A machine that has got Nix since: a build would choose it now.
    if last.fell_back and _has_nix():
        return None
    if not _is_there(last) or not _link(last, options.out_link):
        return None
    return Unchanged(last.location, state / ARTIFACT)


def remember(state: Path, last: LastBuild) -> None:
    """Keep ``last`` for the next build."""
    write_text_atomic(state / RECORD, json.dumps({"format": _FORMAT, **last._asdict()}) + "\n")


def key_of(source: Source, options: BuildOptions) -> str:
    """Return a digest of the source, of the options that matter, and of hop3-nix itself."""
    parts = [source.digest, options.builder, options.pkgs, options.name, __version__]
    parts += [resources.fingerprint(), resources.templates_fingerprint(), _code()]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def watch(files: Iterable[str]) -> dict[str, str]:
    """Return the SHA-256 of each of ``files``, empty for one that is not there."""
    digests = {}
    for file in files:
        try:
            digests[file] = hashlib.sha256(read_state_file(Path(file))).hexdigest()
        except (OSError, ArtifactCorruptError):
            digests[file] = ""
    return digests


def _code() -> str:
    """Return a stamp of our own modules, which a checkout changes without a new version."""
    stamps = []
    for directory, _directories, names in os.walk(Path(__file__).parents[1]):
        for name in names:
            if name.endswith(".py"):
                status = os.stat(f"{directory}/{name}")  # noqa: PTH116 - a hundred of them
                stamps.append((name, status.st_mtime_ns, status.st_size))
    return hashlib.sha256(repr(sorted(stamps)).encode()).hexdigest()


def _read(path: Path) -> LastBuild | None:
    try:
        data = json.loads(read_state_file(path))
        if data.pop("format") != _FORMAT:
            return None
        return LastBuild(**data)
    except _UNREADABLE:
        # It is there to save time: whatever is wrong with it, a build makes it anew.
        return None


def _is_recorded(artifact_file: Path, location: str) -> bool:
    try:
        return bool(json.loads(read_state_file(artifact_file))["location"] == location)
    except _UNREADABLE:
        return False


def _is_there(last: LastBuild) -> bool:
    if not last.root:
        return Path(last.location, ARTIFACT).is_file()
    # A path with a root is not collected, so that a path that is there is valid.
    return os.path.realpath(last.root) == last.location and Path(last.location).is_dir()


def _has_nix() -> bool:
    import shutil  # noqa: PLC0415 - most builds get here without

    return shutil.which("nix-build") is not None


def _link(last: LastBuild, out_link: Path | None) -> bool:
    """Make ``out_link`` and say whether that was possible; Nix is to know it as a root."""
    if out_link is None:
        return True
    if not may_become_link(str(out_link)) or not out_link.absolute().parent.is_dir():
        return False
    if not last.root:
        replace_symlink(out_link.absolute(), Path(last.location))
        return True
    if is_root(str(out_link), last.location):
        return True
    import subprocess  # noqa: PLC0415 - most builds get here without

    argv = ["nix-store", "--realise", last.location, "--add-root", str(out_link.absolute())]
    try:
        done = subprocess.run(
            [*argv, "--option", "substitute", "false"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
    except OSError:
        return False
    return done.returncode == 0
