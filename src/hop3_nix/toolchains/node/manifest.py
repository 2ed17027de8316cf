"""package.json: what it says, and on which line."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from hop3_nix.errors import ConfigError
from hop3_nix.files.documents import json_value
from hop3_nix.files.regularfile import Malformed

if TYPE_CHECKING:
    from hop3_nix.source import Source

FILE: Final = "package.json"


@dataclass(frozen=True)
class Manifest:
    """The content of a package.json; what has another type than npm expects counts as absent."""

    data: dict[str, Any]
    text: str
    file: str = FILE

    def string(self, *keys: str) -> str:
        """Return the text at ``keys``, empty if there is none."""
        value = self._at(keys)
        return value if isinstance(value, str) else ""

    def table(self, *keys: str) -> dict[str, Any]:
        """Return the object at ``keys``, empty if there is none."""
        value = self._at(keys)
        return value if isinstance(value, dict) else {}

    def texts(self, *keys: str) -> tuple[str, ...]:
        """Return the texts of the array at ``keys``."""
        value = self._at(keys)
        listed = value if isinstance(value, list) else []
        return tuple(each for each in listed if isinstance(each, str))

    @property
    def scripts(self) -> dict[str, str]:
        """Return the scripts that are text."""
        scripts = self.table("scripts").items()
        return {name: text for name, text in scripts if isinstance(text, str)}

    @property
    def dependencies(self) -> dict[str, Any]:
        """Return what it depends on at run time, by name."""
        return {**self.table("optionalDependencies"), **self.table("dependencies")}

    def depends(self, *names: str) -> str:
        """Return the first of ``names`` that is a dependency of any kind, empty if none is."""
        kinds = ("dependencies", "devDependencies", "optionalDependencies")
        known = {name for kind in kinds for name in self.table(kind)}
        return next((name for name in names if name in known), "")

    def line(self, *keys: str) -> int | None:
        """Return the line of the last of ``keys``, searched for behind those before it."""
        position = 0
        for key in keys:
            found = re.compile(rf"{re.escape(json.dumps(key))}\s*:").search(self.text, position)
            if found is None:
                return None
            position = found.start()
        return self.text.count("\n", 0, position) + 1

    def _at(self, keys: tuple[str, ...]) -> object:
        value: object = self.data
        for key in keys:
            value = value.get(key) if isinstance(value, dict) else None
        return value


def read_manifest(source: Source, file: str = FILE) -> Manifest:
    """Return the package.json of ``source``; an empty one if there is none.

    Raises ConfigError, with the line, if it is no JSON object.
    """
    if not source.has(file):
        return Manifest({}, "", file)
    text = source.read_text(file)
    try:
        data = json_value(text)
    except Malformed as error:
        raise ConfigError(
            error.what,
            file=file,
            line=error.line,
            tip="JSON has no comments and no comma behind the last member.",
        ) from error
    if not isinstance(data, dict):
        raise ConfigError("not a JSON object", file=file, line=1, tip="Write an object: { ... }")
    return Manifest(data, text, file)
