"""YAML lockfiles: what they say, and the line on which each of their entries stands."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import yaml

from hop3_nix.files.documents import check_value
from hop3_nix.files.regularfile import Malformed
from hop3_nix.locks.base import Place

if TYPE_CHECKING:
    from hop3_nix.source import Source

_ENTRY: Final = re.compile(r"""( *)(['"]?)(.+?)\2:(?:\s|$)""")


class YamlFile:
    """A YAML file of the app, whose content is an object; with ``untyped``, all values are text.

    ``objects`` are the top-level sections that are objects if they are there.
    Of several documents the last one counts: pnpm writes what it pins of itself before it.
    """

    def __init__(
        self,
        source: Source,
        file: str,
        remedy: str,
        *,
        untyped: bool = False,
        objects: tuple[str, ...] = (),
    ) -> None:
        self.file = file
        self.text = source.read_text(file)
        self._lines: dict[tuple[str, str], int] = {}
        name = "BaseLoader" if untyped else "SafeLoader"
        # That of libyaml is ten times as fast, and not everywhere.
        loader = getattr(yaml, f"C{name}", getattr(yaml, name))
        try:
            # Both loaders make plain values only.
            documents = list(yaml.load_all(self.text, Loader=loader))
        except (RecursionError, ValueError, OverflowError) as error:
            # Dates and numbers that Python has no value for; what is nested without libyaml.
            what = str(error).partition("\n")[0]
            raise Place(file).error(f"not YAML that can be read: {what}", tip=remedy) from error
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            place = Place(file, mark.line + 1 if mark else None)
            what = getattr(error, "problem", None) or "it cannot be read"
            raise place.error(f"not YAML: {what}", tip=remedy) from error
        data = documents[-1] if documents else None
        if not isinstance(data, dict):
            raise Place(file, 1).error("not a YAML object", tip=remedy)
        self.data: dict[str, Any] = data
        self._remedy = remedy
        for section in objects:
            self.table(section)
        try:
            check_value(documents, self.text)
        except Malformed as error:
            raise Place(file).error(error.what, tip=remedy) from error

    def table(self, section: str) -> dict[str, Any]:
        """Return the top-level object ``section``, empty if it is not there; raises LockError."""
        return self._object(self.data.get(section), section, self.entry(section, ""))

    def tables(self, section: str) -> dict[str, dict[str, Any]]:
        """Return the objects in the top-level ``section``, by their keys; raises LockError."""
        return {
            str(key): self._object(value, f"{key} in {section}", self.entry(section, str(key)))
            for key, value in self.table(section).items()
        }

    def _object(self, value: object, name: str, place: Place) -> dict[str, Any]:
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise place.error(f"{name} has to be an object", tip=self._remedy)
        return value

    def entry(self, section: str, key: str) -> Place:
        """Return where ``key`` of the top-level ``section`` stands, else the section."""
        if not self._lines:
            self._find()
        return Place(self.file, self._lines.get((section, key)) or self._lines.get((section, "")))

    def _find(self) -> None:
        section = ""
        for number, line in enumerate(self.text.splitlines(), 1):
            if line.startswith("---"):
                self._lines.clear()
            found = _ENTRY.match(line)
            if found and not found[1]:
                section = found[3]
                self._lines.setdefault((section, ""), number)
            elif found and len(found[1]) == 2:  # noqa: PLR2004 - the indentation of entries
                self._lines.setdefault((section, found[3]), number)
