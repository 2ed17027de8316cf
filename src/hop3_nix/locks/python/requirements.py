"""requirements.txt with hashes: pins and digests, without file names or addresses."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from packaging.utils import canonicalize_name

from hop3_nix.locks.base import LockedSet, Place, TargetPython, unknown
from hop3_nix.locks.python.packages import LockedPackage, resolve, sha256_digests
from hop3_nix.locks.python.requirements_text import Line, native_files, read_lines
from hop3_nix.locks.python.wanted import requirement_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from packaging.requirements import Requirement

    from hop3_nix.source import Source

REMEDY: Final = "pip-compile --generate-hashes"

_HASH: Final = re.compile(r"\s--hash(?:=|\s+)(\S+)")
_PIN: Final = re.compile(r"===?\s*([^*\s]+)")
_FOR_THE_INDEX: Final = frozenset(
    {
        "-i",
        "--index-url",
        "--extra-index-url",
        "--no-index",
        "-f",
        "--find-links",
        "--trusted-host",
        "--pre",
        "--prefer-binary",
        "--no-binary",
        "--only-binary",
        "--require-hashes",
        "--use-feature",
    }
)
"""Options that say where and how pip looks; the digests say which files it may find."""


@dataclass(frozen=True)
class _Entry:
    requirement: Requirement
    hashes: frozenset[str]
    line: Line

    @property
    def name(self) -> str:
        return canonicalize_name(self.requirement.name)

    @property
    def pin(self) -> str:
        return next((f[1] for s in self.requirement.specifier if (f := _PIN.fullmatch(str(s)))), "")


def has_hashes(source: Source, file: str) -> bool:
    """Return whether ``file``, or one that it includes, gives a hash; raises LockError."""
    return any(_HASH.search(line.text) for line in read_lines(source, file))


def read(
    source: Source,
    file: str,
    target: TargetPython,
    *,
    extras: Collection[str] = (),
    groups: Collection[str] = (),
) -> LockedSet:
    """Return what ``file`` and those that it includes pin for ``target``.

    Raises LockError: also if ``extras`` or ``groups`` are asked for, which the format lacks.
    """
    for kind, asked in (("extra", extras), ("group", groups)):
        for name in asked:
            raise unknown(kind, name, (), Place(file))
    entries = [
        entry
        for entry in _entries(read_lines(source, file))
        if target.applies(entry.requirement.marker)
    ]
    by_name: dict[str, list[_Entry]] = {}
    for entry in entries:
        by_name.setdefault(entry.name, []).append(entry)
    pinned = [
        _pinned(name, found)
        for name, found in by_name.items()
        if not all(entry.line.constrains for entry in found)
    ]
    dependencies = resolve(pinned, target)
    return LockedSet.read_from(dependencies, native_files(source, file), target)


def _entries(lines: Sequence[Line]) -> Iterator[_Entry]:
    for line in lines:
        match line.option:
            case None:
                yield _entry(line)
            case ("-e" | "--editable", value):
                raise line.place.error(
                    f"{value} is editable, which no hash pins",
                    tip="Leave it out: the app's own code is used as it stands.",
                )
            case (name, _) if name not in _FOR_THE_INDEX:
                raise line.place.error(
                    f"{name} is no option that hop3-nix knows", tip="Leave it out, or correct it."
                )


def _entry(line: Line) -> _Entry:
    hashes = frozenset(_HASH.findall(line.text))
    text = _HASH.sub("", line.text).strip()
    if option := re.search(r"\s(--?[a-z][a-z-]*)", text):
        raise line.place.error(
            f"{option[1]} is no option that a locked requirement can have", tip="Leave it out."
        )
    try:
        requirement = requirement_of(text)
    except ValueError as error:
        what = "a path or an address" if "/" in text else "no requirement"
        raise line.place.error(
            f"{text!r} is {what}: {str(error).splitlines()[0]}",
            tip="Give a name and a version from an index: name==1.0 --hash=sha256:…",
        ) from error
    if requirement.url:
        raise line.place.error(
            f"{requirement.name} comes from {requirement.url}, which is not supported here",
            tip="Give a version from an index, or lock with uv, which pins addresses too.",
        )
    return _Entry(requirement, hashes, line)


def _pinned(name: str, entries: Sequence[_Entry]) -> LockedPackage:
    """Return what all the lines about a package, constraints included, agree on."""
    place = next(entry for entry in entries if not entry.line.constrains).line.place
    version = next((entry.pin for entry in entries if entry.pin), "")
    if not version:
        raise place.error(f"{name} is not pinned with ==", tip=f"Pin everything: {REMEDY}")
    for entry in entries:
        if not entry.requirement.specifier.contains(version, prereleases=True):
            raise entry.line.place.error(
                f"{name} must be {entry.requirement.specifier} here, and is pinned to {version}",
                tip="Make the lines agree, then lock again.",
            )
    given = [entry.hashes for entry in entries if entry.hashes]
    if not given:
        raise place.error(
            f"{name} {version} has no hash, and other requirements have",
            tip=f"Give every requirement its hashes: {REMEDY}",
        )
    digests = [set(sha256_digests(hashes, f"{name} {version}", place)) for hashes in given]
    common = set.intersection(*digests)
    if not common:
        raise place.error(f"the lines about {name} have no hash in common", tip="Lock again.")
    hashes = tuple(f"sha256:{digest}" for digest in sorted(common))
    return LockedPackage(name, version, place, hashes=hashes)
