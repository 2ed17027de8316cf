"""The version of a project whose build back end asks version control for it.

The repository is no part of what is built: the version is told to the back end by a variable.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from hop3_nix.plan import REPOSITORY, Evidence

if TYPE_CHECKING:
    from hop3_nix.source import Source
    from hop3_nix.toolchains.python.project import Project

VARIABLES: Final = (
    "PBR_VERSION",
    "PDM_BUILD_SCM_VERSION",
    "POETRY_DYNAMIC_VERSIONING_BYPASS",
    "SETUPTOOLS_SCM_PRETEND_VERSION",
    "UV_DYNAMIC_VERSIONING_BYPASS",
)
"""By which back ends are told a version; nix/lib/languages/python/default.nix has the same."""

ASKING: Final = frozenset(
    {
        "flit-scm",
        "hatch-vcs",
        "pbr",
        "poetry-dynamic-versioning",
        "setuptools-scm",
        "uv-dynamic-versioning",
    }
)
_TAG: Final = re.compile(r"(?:[\w.-]*[-_/])?[vV]?(\d.*)")
_UNKNOWN: Final = "0"


def scm_version(source: Source, project: Project) -> tuple[str, tuple[Evidence, ...]]:
    """Return the version that git's tags give the project, and why; empty for what asks none."""
    who = _asking(project)
    if not who:
        return "", ()
    tags = source.head_tags()
    found = {version: tag for tag in tags if (version := _version_of(tag))}
    if found:
        version = max(found)
        reason = f"the tag {found[version]} in git, which {who} takes it from"
    else:
        version = Version(_UNKNOWN)
        reason = (
            f"{who} takes it from a tag in git, and the commit that is checked out has none; "
            'write into hop3.toml what it is: [metadata] version = "1.2.3"'
        )
    return str(version), (Evidence(choice=f"version {version}", reason=reason, file=REPOSITORY),)


def _asking(project: Project) -> str:
    """Return which build requirement takes the version from git, empty for none."""
    if project.version or not project.installed:
        return ""
    if project.pyproject.table("tool", "pdm", "version").get("source") == "scm":
        return "pdm-backend"
    return next((name for each in project.build_requires if (name := _name(each)) in ASKING), "")


def _name(requirement: str) -> str:
    try:
        return canonicalize_name(Requirement(requirement).name)
    except InvalidRequirement:
        return ""


def _version_of(tag: str) -> Version | None:
    match = _TAG.fullmatch(tag)
    try:
        return Version(match[1]) if match else None
    except InvalidVersion:
        return None
