"""Ignore files: nested ones, combined as gitignore(5) says. Imports the standard library only."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from hop3_nix.errors import SourceError
from hop3_nix.postbuild.patterns import parse_pattern
from hop3_nix.source.entries import read_content

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hop3_nix.postbuild.patterns import Pattern

GIT_IGNORE: Final = ".gitignore"

_SHOWN: Final = 80
_MAX_BYTES: Final = 1 << 20
_MAX_PATTERNS: Final = 5000
"""Of one file; each is compared with every path below its directory."""


class IgnoreRules:
    """The patterns that decide which paths are left out.

    A path is relative to the application's root, with ``/`` between its parts and, if it is a
    directory, at its end. Of the patterns that match, the last of the deepest file decides.
    """

    def __init__(self) -> None:
        self._rules: dict[str, list[Pattern]] = {}
        self.patterns: tuple[str, ...] = ()
        """What was added, as it was written."""

    def add(
        self, directory: str, patterns: Sequence[str], *, file: str, line: int | None = None
    ) -> None:
        """Let ``patterns`` apply below ``directory`` ("" or a path ending in ``/``).

        Raises SourceError if one is not a pattern, naming ``line`` of ``file``, or the line that
        is the pattern's own.
        """
        if len(patterns) > _MAX_PATTERNS:
            raise SourceError(
                f"{len(patterns)} patterns, and {_MAX_PATTERNS} are the most that are heeded",
                file=file,
                line=line,
                tip="Name directories instead of the files in them.",
            )
        rules: list[Pattern] = []
        for number, pattern in enumerate(patterns, 1):
            try:
                parsed = parse_pattern(pattern)
            except ValueError as error:
                raise SourceError(
                    f"not a pattern: {pattern[:_SHOWN]!r}",
                    file=file,
                    line=line or number,
                    tip="Patterns are those of gitignore(5); take this one out or repair it.",
                ) from error
            rules += [parsed] if parsed else []
        self._rules[directory] = rules[::-1]
        self.patterns += tuple(patterns)

    def add_file(self, root: str, path: str) -> None:
        """Let the patterns of the file at ``path`` apply below its directory.

        Raises SourceError if it cannot be read.
        """
        # git passes over one that is a symlink, and so does this.
        _, content = read_content(root, path, _MAX_BYTES) or (None, b"")
        if content:
            self.add(path[: path.rfind("/") + 1], patterns_of(content), file=path)

    def excludes(self, path: str) -> bool:
        """Return whether a pattern excludes ``path`` itself; its parents are not looked at."""
        return self.verdict(path) or False

    def verdict(self, path: str) -> bool | None:
        """Return whether ``path`` itself is excluded, None if no pattern is about it."""
        if not self._rules:
            return None
        directory = path
        while directory:
            directory = directory[: directory.rstrip("/").rfind("/") + 1]
            relative = path[len(directory) :]
            for pattern in self._rules.get(directory, ()):
                if pattern.matches(relative):
                    return pattern.leaves_out
        return None

    def keep(self, paths: Iterable[str]) -> list[str]:
        """Return the files of ``paths`` that are not excluded, neither they nor a parent."""
        if not self._rules:
            return list(paths)
        verdicts = {"": False}
        return [path for path in paths if not self._excludes_with_parents(path, verdicts)]

    def _excludes_with_parents(self, path: str, verdicts: dict[str, bool]) -> bool:
        if (known := verdicts.get(path)) is not None:
            return known
        parent = path[: path.rstrip("/").rfind("/") + 1]
        verdict = self._excludes_with_parents(parent, verdicts) or self.excludes(path)
        if path.endswith("/"):
            verdicts[path] = verdict
        return verdict


def patterns_of(content: bytes) -> list[str]:
    """Return the lines of an ignore file."""
    text = os.fsdecode(content).removeprefix("\ufeff")
    return [line.removesuffix("\r") for line in text.split("\n")]
