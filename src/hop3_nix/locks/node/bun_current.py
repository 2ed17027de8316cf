"""Whether a bun.lock was made from the package.json files that are there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hop3_nix.locks.node.workspaces import MANIFEST, manifests, texts
from hop3_nix.locks.reading import LockText

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hop3_nix.locks.node.workspaces import Member
    from hop3_nix.source import Source

LOCK: Final = "bun install --lockfile-only"
REMEDY: Final = f"Lock again: {LOCK}"

RUN: Final = ("dependencies", "optionalDependencies", "peerDependencies")
DEV: Final = ("devDependencies",)
_OF_THE_TOP: Final = ("overrides", "catalog", "catalogs")


def check_current(
    source: Source, data: Mapping[str, Any], workspaces: Mapping[str, Any], file: str
) -> None:
    """Raise LockError unless the lockfile was made from the package.json files that are there."""
    members = manifests(source) if source.has(MANIFEST) else {}
    for directory in workspaces:
        if directory not in members:
            raise (
                LockText.of(source, file)
                .containing(f'"{directory}"')
                .error(
                    f"the workspace {directory} is locked, and there is no such package", tip=REMEDY
                )
            )
    for directory, member in members.items():
        said = workspaces.get(directory)
        if not isinstance(said, dict):
            raise member.text.containing('"name"').error(
                f"the workspace {directory} is not in {file}", tip=REMEDY
            )
        for group in (*RUN, *DEV):
            there = texts(said, group)
            for name, wanted in texts(member.data, group).items():
                if there.get(name) != wanted and not _elsewhere(said, name, wanted):
                    what = f"has {there[name]}" if name in there else "does not have it"
                    who = f"{directory} requires {name} {wanted}"
                    who = who if directory else f"{name} {wanted} is required"
                    raise member.text.containing(f'"{name}"').error(
                        f"{who} ({group}), and {file} {what}", tip=REMEDY
                    )
    if "" in members:
        _check_top(members[""], data, file)


def _check_top(top: Member, data: Mapping[str, Any], file: str) -> None:
    """Raise LockError unless the lockfile has what the app says of all its workspaces."""
    for key in _OF_THE_TOP:
        asked = top.data.get(key) or table(top.data, "workspaces").get(key)
        if key == "overrides":
            asked = asked or top.data.get("resolutions")
        if isinstance(asked, dict) and asked != (data.get(key) or {}) and _is_flat(asked, key):
            raise top.text.containing(f'"{key}"').error(
                f"{file} was made with other {key}", tip=REMEDY
            )


def _elsewhere(said: Mapping[str, Any], name: str, wanted: str) -> bool:
    """Return whether ``name`` is locked in another group: Bun keeps what is in two in one."""
    return any(texts(said, group).get(name) == wanted for group in (*RUN, *DEV))


def _is_flat(asked: Mapping[str, Any], key: str) -> bool:
    """Return whether Bun writes ``asked`` into its lockfile as it stands."""
    return key != "overrides" or all(isinstance(value, str) for value in asked.values())


def table(data: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Return the object at ``key``, empty if there is none."""
    value = data.get(key)
    return value if isinstance(value, dict) else {}
