"""Gemfile.lock as Bundler writes it: sections, each a name and indented lines.

Written from what Bundler's lockfile generator writes, up to 2.7: GEM, PATH, GIT, PLUGIN SOURCE,
PLATFORMS, DEPENDENCIES, CHECKSUMS (2.6), RUBY VERSION, BUNDLED WITH.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hop3_nix.locks.base import Place
from hop3_nix.locks.ruby.base import FILE, RUBY, GemfileLock, LockedGem, OtherSource

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hop3_nix.source import Source

REMEDY: Final = "Take the file as Bundler wrote it, or write it again: bundle lock"
_SOURCES: Final = ("GEM", "PATH", "GIT", "PLUGIN SOURCE")
_SECTIONS: Final = (
    *_SOURCES,
    *("PLATFORMS", "DEPENDENCIES", "CHECKSUMS", "RUBY VERSION", "BUNDLED WITH"),
)
_CONFLICT: Final = ("<<<<<<<", "=======", ">>>>>>>", "|||||||")

_ENTRY: Final = re.compile(r"([A-Za-z0-9_][A-Za-z0-9_.-]*)(?: \(([^()]*)\))?(!)?(?: (.+))?")
_VERSION: Final = re.compile(r"(\d[0-9A-Za-z.]*)(?:-([0-9A-Za-z_][0-9A-Za-z_.-]*))?")
_SHA256: Final = re.compile(r"(?:^|,)sha256=([0-9a-f]{64})(?:,|$)")
_RUBY: Final = re.compile(r"ruby (\d+(?:\.\d+)*)")


@dataclass(frozen=True)
class Line:
    """One line: how far it is indented, what it says, and its number."""

    indent: int
    text: str
    number: int

    @property
    def place(self) -> Place:
        """Return where it stands."""
        return Place(FILE, self.number)

    def entry(self) -> re.Match[str]:
        """Return name, what is in parentheses, ``!``, and what follows; raises LockError."""
        match = _ENTRY.fullmatch(self.text)
        if match is None:
            raise self.place.error(f"{self.text!r} is no entry of a gem", tip=REMEDY)
        return match


def read(source: Source) -> GemfileLock:
    """Return the app's Gemfile.lock. Raises LockError if it is not as Bundler writes it."""
    return parse(source.read_text(FILE))


def parse(text: str) -> GemfileLock:
    """Return the lockfile that ``text`` is; raises LockError."""
    gems: list[LockedGem] = []
    others: list[OtherSource] = []
    listed: dict[str, list[Line]] = {}
    for head, lines in _sections(text):
        if head.text == "GEM":
            gems += _gems(lines)
        elif head.text in _SOURCES:
            others.append(_other(head, lines))
        else:
            listed.setdefault(head.text, []).extend(lines)
    ruby = next(iter(listed.get("RUBY VERSION", [])), None)
    version = _RUBY.match(ruby.text) if ruby else None
    return GemfileLock(
        gems=tuple(gems),
        others=tuple(others),
        platforms=tuple(line.text for line in listed.get("PLATFORMS", [])),
        dependencies={
            match[1]: match[2] or ""
            for line in listed.get("DEPENDENCIES", [])
            for match in [line.entry()]
        },
        checksums=dict(_checksums(listed.get("CHECKSUMS", []))),
        ruby=version[1] if version else "",
        ruby_line=ruby.number if ruby and version else None,
    )


def _sections(text: str) -> Iterator[tuple[Line, list[Line]]]:
    head: Line | None = None
    lines: list[Line] = []
    for number, written in enumerate(text.splitlines(), start=1):
        stripped = written.strip()
        line = Line(len(written) - len(written.lstrip(" ")), stripped, number)
        if written.startswith(_CONFLICT):
            raise line.place.error(
                "this is a conflict of a merge that was not resolved",
                tip="Take the lockfile of one side, and lock again: bundle lock",
            )
        if not stripped:
            continue
        if line.indent == 0:
            if head is not None:
                yield head, lines
            if stripped not in _SECTIONS:
                known = ", ".join(_SECTIONS)
                raise line.place.error(
                    f"{stripped!r} is no section of a Gemfile.lock that is known",
                    tip=f"Known are: {known}. {REMEDY}",
                )
            head, lines = line, []
        elif head is None:
            raise line.place.error(f"{stripped!r} stands before any section", tip=REMEDY)
        else:
            lines.append(line)
    if head is not None:
        yield head, lines


def _gems(lines: list[Line]) -> Iterator[LockedGem]:
    remotes = tuple(_settings(lines, "remote"))
    for line, needs in _specs(lines):
        entry = line.entry()
        version = _VERSION.fullmatch(entry[2] or "")
        if version is None:
            raise line.place.error(f"{line.text!r} has no version", tip=REMEDY)
        yield LockedGem(
            name=entry[1],
            version=version[1],
            platform=version[2] or RUBY,
            remotes=remotes,
            line=line.number,
            needs=needs,
        )


def _other(head: Line, lines: list[Line]) -> OtherSource:
    gems = {line.entry()[1]: needs for line, needs in _specs(lines)}
    remote = next(_settings(lines, "remote"), "")
    return OtherSource(head.text, remote, head.number, gems)


def _settings(lines: list[Line], key: str) -> Iterator[str]:
    for line in lines:
        name, separator, value = line.text.partition(": ")
        if line.indent == 2 and separator and name == key:  # noqa: PLR2004 - Bundler's indentation
            yield value


def _specs(lines: list[Line]) -> Iterator[tuple[Line, tuple[str, ...]]]:
    """Yield each entry below ``specs:``, and the names of the gems that it needs."""
    entry: Line | None = None
    needs: list[str] = []
    for line in lines:
        match line.indent:
            case 2:
                if ":" not in line.text:
                    raise line.place.error(f"{line.text!r} is no setting", tip=REMEDY)
            case 4:
                if entry is not None:
                    yield entry, tuple(needs)
                entry, needs = line, []
            case 6 if entry is not None:
                needs.append(line.entry()[1])
            case _:
                raise line.place.error(f"{line.text!r} is indented like nothing else", tip=REMEDY)
    if entry is not None:
        yield entry, tuple(needs)


def _checksums(lines: list[Line]) -> Iterator[tuple[tuple[str, str], str]]:
    for line in lines:
        entry = line.entry()
        # A gem in the tree has none, and neither has one whose server tells none.
        if entry[4] is None:
            continue
        digest = _SHA256.search(entry[4])
        if digest is None:
            raise line.place.error(
                f"{entry[1]} has no SHA-256 among its checksums: {entry[4]}",
                tip="Write the checksums again: bundle lock --add-checksums",
            )
        yield (entry[1], entry[2] or ""), digest[1]
