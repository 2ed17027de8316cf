"""Lockfiles as text, read into models; what is wrong with them is an error with a line."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar

from packaging.markers import Marker, UndefinedEnvironmentName
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationError

from hop3_nix.errors import ConfigError
from hop3_nix.files.documents import json_value
from hop3_nix.files.regularfile import Malformed
from hop3_nix.files.tomlfile import key_lines, line_of, parse_toml
from hop3_nix.locks.base import Place
from hop3_nix.plan import LockedFile, UnlocatedFile

if TYPE_CHECKING:
    from hop3_nix.errors import LockError
    from hop3_nix.files.tomlfile import Lines
    from hop3_nix.source import Source

_MODELS: Final = frozenset(model.__name__ for model in (LockedFile, UnlocatedFile))


class Table(BaseModel):
    """A table of a lockfile; keys that are not read are left alone."""

    model_config = ConfigDict(frozen=True, extra="ignore", arbitrary_types_allowed=True)


class DashedTable(Table):
    """A table whose keys are written with dashes."""

    model_config = ConfigDict(alias_generator=lambda name: name.replace("_", "-"))


def marker_of(value: object) -> Marker:
    """Return ``value`` as a marker that can be evaluated; raises ValueError."""
    if isinstance(value, Marker):
        return value
    if not isinstance(value, str):
        msg = "a marker is text"
        raise ValueError(msg)  # noqa: TRY004  # what pydantic collects
    return checked(Marker(value))


def checked(marker: Marker) -> Marker:
    """Return ``marker``; raises ValueError if it compares what cannot be compared."""
    try:
        marker.evaluate()
    except UndefinedEnvironmentName as error:
        msg = f"the marker {marker} uses {error}, which has no value here"
        raise ValueError(msg) from error
    return marker


def _specifiers(value: object) -> SpecifierSet:
    if isinstance(value, SpecifierSet):
        return value
    if not isinstance(value, str):
        msg = "a version specifier is text"
        raise ValueError(msg)  # noqa: TRY004  # what pydantic collects
    return SpecifierSet(value)


def _name(value: str) -> str:
    return canonicalize_name(value, validate=True)


Name = Annotated[str, AfterValidator(_name)]
"""A name in its normalised form (PEP 503)."""

MarkerText = Annotated[Marker, BeforeValidator(marker_of)]
Specifiers = Annotated[SpecifierSet, BeforeValidator(_specifiers)]

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class LockText:
    """The text of one of the app's files."""

    file: str
    text: str

    @classmethod
    def of(cls, source: Source, file: str) -> LockText:
        """Return the text of ``file``; raises SourceError if it is not there or not UTF-8."""
        return cls(file, source.read_text(file))

    @cached_property
    def _entries(self) -> dict[str, list[int]]:
        entries: dict[str, list[int]] = {}
        for number, line in enumerate(self.text.splitlines(), 1):
            if line.startswith("[["):
                entries.setdefault(line.split("]]")[0].strip("[ "), []).append(number)
        return entries

    @cached_property
    def _keys(self) -> Lines:
        return key_lines(self.text)

    def entry(self, header: str, index: int) -> Place:
        """Return where the ``index``-th (from 0) ``[[header]]`` of a TOML file stands."""
        lines = self._entries.get(header, [])
        return Place(self.file, lines[index] if index < len(lines) else None)

    def key(self, *path: str) -> Place:
        """Return where the key, or the table, ``path`` of a TOML file stands."""
        return Place(self.file, line_of(self._keys, path))

    def containing(self, text: str) -> Place:
        """Return where ``text`` first stands."""
        position = self.text.find(text)
        return Place(self.file, bisect_left(self._ends, position) + 1 if position >= 0 else None)

    def places(self, pattern: str) -> dict[str, Place]:
        """Return where each text first stands that the group of ``pattern`` matches."""
        found: dict[str, Place] = {}
        line, counted = 1, 0
        for match in re.finditer(pattern, self.text):
            line += self.text.count("\n", counted, match.start())
            counted = match.start()
            found.setdefault(match[1], Place(self.file, line))
        return found

    @cached_property
    def _ends(self) -> list[int]:
        """Return where each line ends."""
        return [found.start() for found in re.finditer("\n", self.text)]

    def toml(self, remedy: str) -> dict[str, Any]:
        """Return the file's tables; raises LockError, with ``remedy`` as the tip."""
        try:
            return parse_toml(self.text, self.file)
        except ConfigError as error:
            raise Place(self.file, error.line).error(error.message, tip=remedy) from error

    def json(self, remedy: str) -> dict[str, Any]:
        """Return the file's object; raises LockError, with ``remedy`` as the tip."""
        try:
            data = json_value(self.text)
        except Malformed as error:
            raise Place(self.file, error.line).error(error.what, tip=remedy) from error
        if not isinstance(data, dict):
            raise Place(self.file).error("not a JSON object", tip=remedy)
        return data

    def model(self, model: type[Model], data: dict[str, Any], remedy: str) -> Model:
        """Return ``data``, read from this file, as ``model``; raises LockError."""
        try:
            return model.model_validate(data)
        except ValidationError as error:
            raise self._invalid(error, remedy) from error

    def _invalid(self, error: ValidationError, remedy: str) -> LockError:
        first = error.errors()[0]
        place = Place(self.file)
        # Of a value that may be one of several models, pydantic names the one it tried.
        names = [part for part in map(str, first["loc"]) if part not in _MODELS]
        match first["loc"]:
            case _ if self.text.lstrip().startswith("{"):
                known = (name for name in reversed(names) if f'"{name}"' in self.text)
                place = self.containing(f'"{next(known, "")}"')
            case (str(header), int(index), *_):
                place = self.entry(header, index)
            case _:
                place = self.key(*names)
        return place.error(f"{'.'.join(names) or 'the file'}: {first['msg']}", tip=remedy)
