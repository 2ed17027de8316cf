"""What a Python project says of itself, and whether it is a package that gets installed."""

from __future__ import annotations

import configparser
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from packaging.utils import canonicalize_name

from hop3_nix.plan import Evidence
from hop3_nix.toolchains.python.modules import is_package
from hop3_nix.toolchains.python.pyproject import Document, read_toml

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hop3_nix.source import Source

LEGACY_BUILD_REQUIRES: Final = ("setuptools", "wheel")
"""What builds a project whose pyproject.toml does not say (PEP 518)."""

EXPLICIT_BACKENDS: Final = ("poetry.core", "hatchling", "flit_core", "uv_build")
"""Back ends that fail unless the module is named like the project or their table names it."""

FILE_SELECTION: Final = (
    ("tool", "poetry", "packages"),
    ("tool", "poetry", "include"),
    ("tool", "hatch", "build"),
    ("tool", "flit", "module"),
    ("tool", "uv", "build-backend"),
)
"""Keys by which those back ends are told what belongs to the package."""


@dataclass(frozen=True)
class Project:
    """The project's metadata, as far as it is written down in its files."""

    pyproject: Document
    name: str = ""
    version: str = ""
    description: str = ""
    scripts: Mapping[str, str] = field(default_factory=dict)
    installed: bool = False
    source_dirs: tuple[str, ...] = ()
    build_requires: tuple[str, ...] = LEGACY_BUILD_REQUIRES
    evidence: tuple[Evidence, ...] = ()


def read_project(source: Source) -> Project:
    """Return what pyproject.toml, or setup.cfg in its absence, says.

    ``source_dirs`` holds the directories to put on PYTHONPATH: none if the project is installed.
    Raises ConfigError.
    """
    pyproject = read_toml(source, "pyproject.toml")
    name = pyproject.string("project", "name") or pyproject.string("tool", "poetry", "name")
    setup = _setup_cfg(source) if not name else {}
    name = name or setup.get("name", "")
    decision = _is_installed(source, pyproject, name)
    scripts = {
        **pyproject.table("tool", "poetry", "scripts"),
        **pyproject.table("project", "scripts"),
    }
    return Project(
        pyproject=pyproject,
        name=name,
        version=pyproject.string("project", "version")
        or pyproject.string("tool", "poetry", "version")
        or setup.get("version", ""),
        description=pyproject.string("project", "description")
        or pyproject.string("tool", "poetry", "description")
        or setup.get("description", ""),
        scripts={key: value for key, value in scripts.items() if isinstance(value, str)},
        installed=decision.installed,
        source_dirs=() if decision.installed else _source_dirs(source),
        build_requires=pyproject.strings("build-system", "requires") or LEGACY_BUILD_REQUIRES,
        evidence=decision.evidence(),
    )


class Decision(NamedTuple):
    """Whether the project is installed, and what in which file says so."""

    installed: bool
    reason: str = ""
    file: str = ""
    line: int | None = None

    def evidence(self) -> tuple[Evidence, ...]:
        """Return the reason, if anything had to be decided."""
        if not self.reason:
            return ()
        choice = f"the project is {'' if self.installed else 'not '}installed"
        return (Evidence(choice=choice, reason=self.reason, file=self.file, line=self.line),)


def _is_installed(source: Source, pyproject: Document, name: str) -> Decision:
    here = pyproject.file
    for tool, key in (("uv", "package"), ("poetry", "package-mode"), ("pdm", "distribution")):
        value = pyproject.table("tool", tool).get(key)
        if value is False or (value is True and tool != "poetry"):
            line = pyproject.line("tool", tool, key)
            return Decision(value, f"[tool.{tool}] {key} = {str(value).lower()}", here, line)
    if pyproject.table("build-system") and name:
        line = pyproject.line("build-system")
        if _has_package(source, pyproject, name):
            return Decision(installed=True, reason="it has a build system", file=here, line=line)
        reason = f"it has a build system, but no package named {_module_name(name)}"
        return Decision(installed=False, reason=reason, file=here, line=line)
    if not source.has("setup.py") and not (source.has("setup.cfg") and name):
        return Decision(installed=False)
    if not source.has("requirements.txt"):
        file = "setup.py" if source.has("setup.py") else "setup.cfg"
        return Decision(installed=True, reason="a setuptools project", file=file)
    itself = REQUIRES_ITSELF.search(source.read_text("requirements.txt")) is not None
    reason = f"requirements.txt {'requires' if itself else 'does not require'} the project itself"
    return Decision(installed=itself, reason=reason, file="requirements.txt")


REQUIRES_ITSELF: Final = re.compile(
    r"^[ \t]*(-e\s+|--editable[ =])?\.(\[.*\])?\s*(#.*)?$", re.MULTILINE
)


def _has_package(source: Source, pyproject: Document, name: str) -> bool:
    backend = pyproject.string("build-system", "build-backend")
    if not backend.startswith(EXPLICIT_BACKENDS):
        return True
    if any(keys[-1] in pyproject.table(*keys[:-1]) for keys in FILE_SELECTION):
        return True
    module = _module_name(name)
    wanted = {
        f"{root}{module}{suffix}" for root in ("", "src/") for suffix in (".py", "/__init__.py")
    }
    return any(file.lower() in wanted for file in source.files)


def _module_name(name: str) -> str:
    return canonicalize_name(name).replace("-", "_")


def _source_dirs(source: Source) -> tuple[str, ...]:
    """Return ``src`` if modules stand in it and it is not a package itself."""
    inside = any(file.startswith("src/") and file.endswith(".py") for file in source.files)
    return ("src",) if inside and not is_package(source) else ()


def _setup_cfg(source: Source) -> dict[str, str]:
    if not source.has("setup.cfg"):
        return {}
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(source.read_text("setup.cfg"), source="setup.cfg")
    except configparser.Error:
        # It may be the configuration of some checker that is laxer than this parser.
        return {}
    return dict(parser["metadata"]) if parser.has_section("metadata") else {}
