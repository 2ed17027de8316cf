"""Ignore files: nested ones, combined as gitignore(5) says.

Imports the standard library only, until there is a pattern to match.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from hop3_nix.errors import SourceError
from hop3_nix.source.entries import read_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

GIT_IGNORE: Final = ".gitignore"

Rule = tuple[bool, Callable[[str], re.Match[str] | None]]
"""Whether a pattern leaves out or keeps, and what finds it in a path."""

# pathspec lets a final ** match the directory itself, which git does not.
_FINAL_STARS: Final = re.compile(r"(^!?|/)\*\*(/?)[ \t]*$")
_STARS: Final = r"\1**/*\2"


class IgnoreRules:
    """The patterns that decide which paths are left out.

    A path is relative to the application's root, with ``/`` between its parts and, if it is a
    directory, at its end. Of the patterns that match, the last of the deepest file decides.
    """

    def __init__(self) -> None:
        self._rules: dict[str, list[Rule]] = {}

    def add(
        self, directory: str, patterns: Sequence[str], *, file: str, line: int | None = None
    ) -> None:
        """Let ``patterns`` apply below ``directory`` ("" or a path ending in ``/``).

        Raises SourceError if one is not a pattern, naming ``line`` of ``file``, or the line that
        is the pattern's own.
        """
        from pathspec import GitIgnoreSpec  # noqa: PLC0415 - 20 ms that most builds can do without

        rules: list[Rule] = []
        for number, pattern in enumerate(patterns, 1):
            try:
                spec = GitIgnoreSpec.from_lines([_FINAL_STARS.sub(_STARS, pattern)])
            except ValueError as error:
                raise SourceError(
                    f"not a pattern: {pattern!r}",
                    file=file,
                    line=line or number,
                    tip="Patterns are those of gitignore(5); take this one out or repair it.",
                ) from error
            rules += [
                (compiled.include, _whole(compiled.regex).search)
                for compiled in spec.patterns
                if compiled.include is not None and compiled.regex is not None
            ]
        self._rules[directory] = rules[::-1]

    def add_file(self, root: str, path: str) -> None:
        """Let the patterns of the file at ``path`` apply below its directory."""
        patterns = _read_patterns(root, path)
        if patterns:
            self.add(path[: path.rfind("/") + 1], patterns, file=path)

    def excludes(self, path: str) -> bool:
        """Return whether a pattern excludes ``path`` itself; its parents are not looked at."""
        if not self._rules:
            return False
        directory = path
        while directory:
            directory = directory[: directory.rstrip("/").rfind("/") + 1]
            relative = path[len(directory) :]
            for include, search in self._rules.get(directory, ()):
                match = search(relative)
                # pathspec's expressions match what is below a directory that they match, too; but
                # whether a directory is left out is decided at the directory.
                if match and (match.end() == len(relative) or relative[match.end() - 1] != "/"):
                    return include
        return False

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


def _whole(regex: re.Pattern[str]) -> re.Pattern[str]:
    """Return ``regex``, or, if it is pathspec's for every path or directory, one with an end."""
    if regex.pattern.startswith("^"):
        return regex
    return re.compile(r"/\Z" if "/" in regex.pattern else r"\Z")


def _read_patterns(root: str, path: str) -> list[str]:
    """Return the lines of an ignore file; git passes over one that is a symlink, and so does this.

    Raises SourceError if it cannot be read.
    """
    chunks: list[bytes] = []
    read_file(root, path, chunks.append)
    text = os.fsdecode(b"".join(chunks)).removeprefix("\ufeff")
    return [line.removesuffix("\r") for line in text.split("\n")]
