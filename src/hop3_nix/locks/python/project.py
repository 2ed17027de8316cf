"""The project's own requirements, as pyproject.toml states them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from packaging.dependency_groups import resolve_dependency_groups
from packaging.utils import canonicalize_name
from pydantic import Field

from hop3_nix.locks.python.wanted import Wanted, from_poetry, from_requirement
from hop3_nix.locks.reading import DashedTable, LockText, Name

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from hop3_nix.source import Source

PYPROJECT: Final = "pyproject.toml"
_AFTER_NAME: Final = re.compile(r"[^A-Za-z0-9._-]")


class _Standard(DashedTable):
    name: Name = ""
    dependencies: tuple[str, ...] = ()
    optional_dependencies: dict[Name, tuple[str, ...]] = Field(default={})


class _PoetryGroup(DashedTable):
    dependencies: dict[str, Any] = Field(default={})


class _Poetry(DashedTable):
    dependencies: dict[str, Any] = Field(default={})
    extras: dict[Name, tuple[str, ...]] = Field(default={})
    group: dict[Name, _PoetryGroup] = Field(default={})


class _PdmResolution(DashedTable):
    overrides: dict[str, Any] = Field(default={})
    excludes: tuple[str, ...] = ()


class _Pdm(DashedTable):
    dev_dependencies: dict[str, tuple[str, ...]] = Field(default={})
    resolution: _PdmResolution = _PdmResolution()


class _Uv(DashedTable):
    default_groups: Literal["all"] | tuple[Name, ...] = ()
    override_dependencies: tuple[str, ...] = ()
    exclude_dependencies: tuple[str, ...] = ()


class _Tool(DashedTable):
    poetry: _Poetry = _Poetry()
    pdm: _Pdm = _Pdm()
    uv: _Uv = _Uv()


class _File(DashedTable):
    project: _Standard = _Standard()
    dependency_groups: dict[str, Any] = Field(default={})
    tool: _Tool = _Tool()


@dataclass(frozen=True)
class Project:
    """A pyproject.toml; an empty one if the app has none."""

    text: LockText
    tables: _File

    @classmethod
    def of(cls, source: Source) -> Project:
        """Return the project of ``source``; raises LockError if its file is wrong."""
        if not source.has(PYPROJECT):
            return cls(LockText(PYPROJECT, ""), _File())
        text, remedy = LockText.of(source, PYPROJECT), "Correct pyproject.toml."
        return cls(text, text.model(_File, text.toml(remedy), remedy))

    @property
    def files(self) -> tuple[str, ...]:
        """Return the files that were read."""
        return (PYPROJECT,) if self.text.text else ()

    def default_groups(self) -> tuple[str, ...]:
        """Return the groups that uv installs unasked, if the file names them.

        Where it names none, uv takes ``dev``, which nothing that is deployed needs.
        """
        said = self.tables.tool.uv.default_groups
        return tuple(self.tables.dependency_groups) if said == "all" else said

    def required(self, extras: Collection[str] = ()) -> Iterator[Wanted]:
        """Yield ``project.dependencies`` and those of ``extras``, itself expanded."""
        project = self.tables.project
        pending, seen = list(extras), set[str]()
        texts = list(project.dependencies)
        while texts or pending:
            for text in texts:
                wanted = from_requirement(text, self.text.containing(text))
                if project.name and wanted.name == project.name:
                    pending += wanted.extras
                else:
                    yield wanted
            extra = pending.pop() if pending else ""
            texts = [] if extra in seen else list(project.optional_dependencies.get(extra, ()))
            seen.add(extra)

    def grouped(self, groups: Iterable[str]) -> Iterator[Wanted]:
        """Yield what ``groups`` of ``[dependency-groups]`` (PEP 735) and PDM's own table ask for.

        Raises LockError if there is no such group.
        """
        for text in self.group_texts(groups):
            yield from_requirement(text, self.text.containing(text))

    def group_texts(self, groups: Iterable[str]) -> Iterator[str]:
        """Yield the requirements of ``groups`` as they are written; raises LockError."""
        standard = self.tables.dependency_groups
        for group in groups:
            try:
                texts = self.tables.tool.pdm.dev_dependencies.get(group) or (
                    resolve_dependency_groups(standard, group)
                )
            except (ExceptionGroup, LookupError, TypeError, ValueError) as error:
                raise self.text.key("dependency-groups").error(
                    f"dependency group {group!r} cannot be resolved: {error}",
                    tip=f"Define {group!r} under [dependency-groups].",
                ) from error
            yield from texts

    def required_of_poetry(
        self, extras: Collection[str] = (), groups: Iterable[str] = ()
    ) -> Iterator[Wanted]:
        """Yield what Poetry installs: the main dependencies, ``extras`` and ``groups``."""
        yield from self.required(extras)
        poetry, project = self.tables.tool.poetry, self.tables.project
        chosen = {
            canonicalize_name(name) for extra in extras for name in poetry.extras.get(extra, ())
        }
        tables: dict[tuple[str, ...], dict[str, Any]] = {
            ("tool", "poetry", "group", group, "dependencies"): poetry.group[group].dependencies
            for group in groups
            if group in poetry.group
        }
        if not (project.dependencies or project.optional_dependencies):
            tables["tool", "poetry", "dependencies"] = poetry.dependencies
        for path, table in tables.items():
            for name, value in table.items():
                if name == "python":
                    continue
                for wanted in from_poetry(name, value, self.text.key(*path, name)):
                    if not wanted.optional or wanted.name in chosen:
                        yield wanted

    def overridden(self) -> frozenset[str]:
        """Return the names that the lock may have at any version, or not at all."""
        uv, pdm = self.tables.tool.uv, self.tables.tool.pdm.resolution
        texts = (
            *uv.override_dependencies,
            *uv.exclude_dependencies,
            *pdm.overrides,
            *pdm.excludes,
        )
        return frozenset(
            canonicalize_name(_AFTER_NAME.split(text, maxsplit=1)[0]) for text in texts
        )
