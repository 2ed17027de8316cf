"""pom.xml, as far as it can be told without Maven: modules, properties, plugins, dependencies.

What a parent from a repository says is not known here, and is never guessed.
"""

from __future__ import annotations

import posixpath
import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from hop3_nix.locks.base import Place
from hop3_nix.locks.reading import LockText

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hop3_nix.source import Source

POM: Final = "pom.xml"

_REFERENCE: Final = re.compile(r"\$\{([^{}]+)\}")
_DEPTH: Final = 10


@dataclass(frozen=True)
class Plugin:
    """A plugin that a build uses; ``texts`` are the values of its configuration, by element."""

    name: str
    texts: Mapping[str, str] = field(default_factory=dict)
    goals: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Dependency:
    """A dependency, as it is written."""

    group: str
    name: str
    version: str
    scope: str


@dataclass(frozen=True)
class Pom:
    """One module of a build; ``above`` is the parent, if that is a file of the application."""

    file: str
    artifact: str
    own_version: str
    packaging: str
    parent: str
    """Of the parent: its artifact, empty if there is none."""
    parent_version: str
    final_name: str
    description: str
    modules: tuple[str, ...]
    properties: Mapping[str, str]
    plugins: tuple[Plugin, ...]
    dependencies: tuple[Dependency, ...]
    above: Pom | None = None

    @property
    def directory(self) -> str:
        """Return where it stands, empty for the top."""
        return posixpath.dirname(self.file)

    @property
    def version(self) -> str:
        """Return its version with what it refers to; empty if that is not known."""
        return self.text(self.own_version or self.parent_version)

    @property
    def jar(self) -> str:
        """Return the name, without ending, of what it makes; ``*`` is what is not known."""
        name = self.text(self.final_name) if self.final_name else ""
        return name or f"{self.text(self.artifact) or '*'}-{self.version or '*'}"

    def property(self, name: str) -> str:
        """Return the value of a property of its own or of a parent, empty if there is none."""
        pom: Pom | None = self
        while pom is not None:
            if name in pom.properties:
                return self.text(pom.properties[name])
            pom = pom.above
        return ""

    def text(self, written: str, depth: int = _DEPTH) -> str:
        """Return ``written`` with what it refers to; empty if something of that is not known."""
        known = True

        def value(found: re.Match[str]) -> str:
            nonlocal known
            said = self._value(found[1], depth - 1) if depth else ""
            known = known and bool(said)
            return said

        replaced = _REFERENCE.sub(value, written.strip())
        return replaced if known else ""

    def _value(self, name: str, depth: int) -> str:
        short = name.removeprefix("project.").removeprefix("pom.")
        fixed = {
            "artifactId": self.artifact,
            "version": self.own_version or self.parent_version,
            "packaging": self.packaging,
            "parent.version": self.parent_version,
            "build.finalName": self.final_name,
        }
        if name.startswith(("project.", "pom.")) and short in fixed:
            return self.text(fixed[short], depth)
        pom: Pom | None = self
        while pom is not None:
            if name in pom.properties:
                return self.text(pom.properties[name], depth)
            pom = pom.above
        return self.text(fixed["version"], depth) if name == "version" else ""

    def plugin(self, *names: str) -> Plugin | None:
        """Return the first of its plugins, or its parents', that has one of ``names``."""
        pom: Pom | None = self
        while pom is not None:
            for plugin in pom.plugins:
                if plugin.name in names:
                    return plugin
            pom = pom.above
        return None

    def depends_on(self, *names: str) -> Dependency | None:
        """Return the first of its dependencies, or its parents', that has one of ``names``."""
        pom: Pom | None = self
        while pom is not None:
            for dependency in pom.dependencies:
                if dependency.name in names:
                    return dependency
            pom = pom.above
        return None


def read_poms(source: Source) -> tuple[Pom, ...]:
    """Return the module at the top and those below it, in the order in which they are listed.

    Raises LockError for a file that is no pom, or for a module that is not there.
    """
    if not source.has(POM):
        return ()
    found: dict[str, Pom] = {}
    ahead: list[tuple[str, Place]] = [(POM, Place(POM))]
    while ahead:
        file, place = ahead.pop(0)
        if file in found:
            continue
        if not source.has(file):
            raise place.error(
                f"the module {posixpath.dirname(file)} is not there",
                tip="Take it out of <modules>, or commit it.",
            )
        pom = _read(source, file)
        found[file] = pom
        text = LockText.of(source, file)
        for module in pom.modules:
            path = posixpath.normpath(posixpath.join(pom.directory, module))
            path = path if path.endswith(".xml") else f"{path}/{POM}"
            ahead.append((path, text.containing(f">{module}<")))
    return tuple(found.values())


def pom_files(source: Source) -> tuple[str, ...]:
    """Return all files that Maven reads before it builds: those of ``.mvn`` as well."""
    return tuple(
        file
        for file in source.files
        if posixpath.basename(file) == POM
        or (file.startswith(".mvn/") and not file.endswith(".jar"))
    )


def _read(source: Source, file: str, depth: int = _DEPTH) -> Pom:
    text = source.read_text(file)
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise (
            LockText(file, text)
            .containing("<!")
            .error("it has a document type, which no pom.xml has", tip="Take it out.")
        )
    try:
        root = ET.fromstring(text.encode())  # noqa: S314 - without entities of its own
    except ET.ParseError as error:
        raise Place(file, error.position[0]).error(
            f"this is no XML: {error}", tip="Correct it; mvn validate says more."
        ) from error
    for element in root.iter():
        if isinstance(element.tag, str):
            element.tag = element.tag.rpartition("}")[2]
    parent = root.find("parent")
    return Pom(
        file=file,
        artifact=_said(root, "artifactId"),
        own_version=_said(root, "version"),
        packaging=_said(root, "packaging") or "jar",
        parent=_said(parent, "artifactId"),
        parent_version=_said(parent, "version"),
        final_name=_said(root, "build/finalName"),
        description=_said(root, "description"),
        modules=tuple(filter(None, (_text(each) for each in root.findall("modules/module")))),
        properties={each.tag: _text(each) for each in root.findall("properties/*")},
        plugins=tuple(_plugins(root)),
        dependencies=tuple(_dependencies(root)),
        above=_above(source, file, parent, depth),
    )


def _above(source: Source, file: str, parent: ET.Element | None, depth: int) -> Pom | None:
    if parent is None or not depth:
        return None
    said = parent.find("relativePath")
    relative = "../pom.xml" if said is None else _text(said)
    if not relative:
        return None
    path = posixpath.normpath(posixpath.join(posixpath.dirname(file), relative))
    path = path if path.endswith(".xml") else f"{path}/{POM}"
    if path == file or not source.has(path):
        return None
    pom = _read(source, path, depth - 1)
    return pom if pom.artifact == _said(parent, "artifactId") else None


def _plugins(root: ET.Element) -> Iterator[Plugin]:
    for element in root.findall("build/plugins/plugin"):
        # What has several values has the last of them.
        texts = {
            each.tag: _text(each)
            for configuration in element.iter("configuration")
            for each in configuration.iter()
            if _text(each)
        }
        goals = frozenset(_text(each) for each in element.iter("goal"))
        yield Plugin(_said(element, "artifactId"), texts, goals)


def _dependencies(root: ET.Element) -> Iterator[Dependency]:
    for element in root.findall("dependencies/dependency"):
        names = ("groupId", "artifactId", "version", "scope")
        yield Dependency(*(_said(element, name) for name in names))


def _said(element: ET.Element | None, path: str) -> str:
    return "" if element is None else (element.findtext(path) or "").strip()


def _text(element: ET.Element) -> str:
    return (element.text or "").strip()
