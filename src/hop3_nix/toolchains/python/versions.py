"""What asks for a version of Python, in the notation of PEP 440 and in Poetry's."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from packaging.specifiers import SpecifierSet

from hop3_nix.errors import ConfigError
from hop3_nix.locks.python import poetry_versions
from hop3_nix.toolchains.language import Versions
from hop3_nix.toolchains.mise import in_mise
from hop3_nix.toolchains.python.fitting import fitting
from hop3_nix.toolchains.python.project import read_project
from hop3_nix.toolchains.python.pyproject import read_toml
from hop3_nix.toolchains.versions import Pin, Written, in_file, in_tool_versions, lines_of

if TYPE_CHECKING:
    from hop3_nix.plan import AnyOffer
    from hop3_nix.toolchains.app import App

_PIN: Final = re.compile(r"(?:(?:c?python)[-@]?)?v?(\d+(?:\.\d+){0,2})")
_PIN_FORMS: Final = "Write a version of CPython there, such as 3.13."
_POETRY: Final = ("tool", "poetry", "dependencies", "python")


@dataclass(frozen=True)
class Bounds:
    """A range of versions that the project admits, in PEP 440's form or Poetry's."""

    written: Written
    poetry: bool = False

    def choose(self, offers: tuple[AnyOffer, ...]) -> tuple[AnyOffer, ...]:
        """Return those of ``offers`` that are within. Raises ConfigError if it is no range."""
        return tuple(offer for offer in offers if self._admit(offer.version))

    def _admit(self, version: str) -> bool:
        text = self.written.text
        try:
            if self.poetry:
                return poetry_versions.allows(text, version)
            return SpecifierSet(text).contains(version, prereleases=True)
        except ValueError as error:
            raise ConfigError(
                f"{text!r} is no range of versions",
                file=self.written.file,
                line=self.written.line,
                tip='Write a range such as ">=3.11,<4".',
            ) from error


def _pipfile(app: App) -> Written | None:
    pipfile = read_toml(app.source, "Pipfile")
    for key in ("python_full_version", "python_version"):
        asked = pipfile.string("requires", key)
        if asked and asked != "*":
            return Written(asked.strip(), "Pipfile", pipfile.line("requires", key))
    return None


def _pin(written: Written) -> Pin:
    match = _PIN.fullmatch(written.text)
    if match is None:
        raise written.error(f"{written.text!r} is no version of CPython", tip=_PIN_FORMS)
    return Pin(replace(written, text=match[1]), match[1])


def _bounds(app: App) -> Bounds | None:
    source, pyproject = app.source, app.read(read_project).pyproject
    for keys in (("project", "requires-python"), _POETRY):
        if text := pyproject.string(*keys):
            written = Written(text, pyproject.file, pyproject.line(*keys), key=".".join(keys))
            return Bounds(written, poetry=keys == _POETRY)
    for number, line in enumerate(lines_of(source, "setup.cfg"), start=1):
        key, _, text = (part.strip() for part in line.partition("="))
        if key == "python_requires" and text:
            return Bounds(Written(text, "setup.cfg", number, key=key))
    return None


VERSIONS: Final = Versions(
    pins=(
        in_file(".python-version"),
        in_file("runtime.txt"),
        _pipfile,
        in_mise("python"),
        in_tool_versions("python"),
    ),
    grammar=_pin,
    bounds=_bounds,
    prefer=fitting,
)
