"""The package.json of an app and of each of its workspaces, for lockfiles that list neither."""

from __future__ import annotations

import fnmatch
import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from hop3_nix.locks.node.base import checked_name, local_directory
from hop3_nix.locks.node.isolated import Importer, Package
from hop3_nix.locks.node.yamlfile import YamlFile
from hop3_nix.locks.reading import LockText

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from hop3_nix.source import Source

GROUPS: Final = ("dependencies", "optionalDependencies", "devDependencies")

MANIFEST: Final = "package.json"
PNPM_WORKSPACE: Final = "pnpm-workspace.yaml"

_LOCAL: Final = frozenset({"link", "file", "portal"})
"""How Yarn calls a directory; what it would copy (file) is linked as well."""

_REMEDY: Final = "Mend it: it has to be a JSON object."
_REMEDY_YAML: Final = "Mend it: it has to be a YAML object."


@dataclass(frozen=True)
class Wanted:
    """One requirement of the package.json in ``directory``."""

    name: str
    range: str
    group: str
    text: LockText
    directory: str = ""

    @property
    def optional(self) -> bool:
        """Return whether it may be left out."""
        return self.group == "optionalDependencies"


@dataclass(frozen=True)
class Member:
    """A package.json of the app: its text and its content."""

    text: LockText
    data: dict[str, Any]

    @classmethod
    def of(cls, source: Source, file: str) -> Member:
        """Return ``file``; raises LockError if it is no JSON object."""
        text = LockText.of(source, file)
        return cls(text, text.json(_REMEDY))


def importers(source: Source, find: Callable[[Wanted], str | None]) -> Iterator[Importer]:
    """Yield the app and its workspaces; ``find`` returns the key of what one of them requires."""
    found = manifests(source)
    members = {
        str(member.data.get("name")): directory for directory, member in found.items() if directory
    }
    for directory, member in found.items():
        keys: dict[str, dict[str, str]] = {group: {} for group in GROUPS}
        # Yarn links every workspace at the top.
        links = {} if directory else dict(members)
        for group in GROUPS:
            for name, range_ in texts(member.data, group).items():
                if name in members:
                    links[name] = members[name]
                elif key := find(Wanted(name, range_, group, member.text, directory)):
                    keys[group][name] = key
        run = {**keys["dependencies"], **keys["optionalDependencies"]}
        optional = frozenset(keys["optionalDependencies"])
        yield Importer(directory, run, keys["devDependencies"], links, optional=optional)


def local_package(
    source: Source, wanted: Wanted, find: Callable[[Wanted], str | None]
) -> Package | None:
    """Return what ``wanted`` is if that is a directory of the app, else None.

    ``find`` returns the key of what its package.json requires. Raises LockError if the directory
    is outside of the app.
    """
    scheme, _, relative = wanted.range.partition(":")
    if scheme not in _LOCAL or relative.endswith((".tgz", ".tar.gz", ".tar")):
        return None
    place = wanted.text.containing(f'"{wanted.name}"')
    relative = relative.partition("::")[0]
    directory = local_directory(wanted.directory, relative, f"{wanted.name} {wanted.range}", place)
    needs: dict[str, str] = {}
    file = posixpath.join(directory, MANIFEST)
    optional: frozenset[str] = frozenset()
    if source.has(file):
        member = Member.of(source, file)
        optional = frozenset(texts(member.data, "optionalDependencies"))
        for group in ("dependencies", "optionalDependencies"):
            for name, range_ in texts(member.data, group).items():
                if key := find(Wanted(name, range_, group, member.text, directory)):
                    needs[name] = key
    elif not any(path.startswith(f"{directory}/") for path in source.files):
        raise place.error(
            f"{wanted.name} is {wanted.range}, and there is no such directory",
            tip="Commit the directory, or correct the path.",
        )
    return Package(
        key=f"{wanted.name}@{scheme}:{directory or '.'}",
        name=checked_name(wanted.name, place),
        version="0.0.0",
        integrity="",
        url="",
        needs=needs,
        optional=optional,
        directory=directory,
    )


def texts(data: Mapping[str, Any], key: str) -> dict[str, str]:
    """Return the members of the object at ``key`` that are text."""
    value = data.get(key)
    members = value.items() if isinstance(value, dict) else ()
    return {name: text for name, text in members if isinstance(text, str)}


def manifests(source: Source) -> dict[str, Member]:
    """Return the package.json of the app and of each of its workspaces, by directory.

    That of the app comes first, and has no directory. Raises LockError if one is no JSON object.
    """
    root = Member.of(source, MANIFEST)
    found = {"": root}
    chosen: dict[str, None] = {}
    for pattern in _patterns(source, root):
        leaves_out = pattern.startswith("!")
        wanted = posixpath.normpath(posixpath.join(pattern.lstrip("!").strip("/"), MANIFEST))
        for path in source.files:
            if _matches(path, wanted) and "node_modules/" not in path and path != MANIFEST:
                if leaves_out:
                    chosen.pop(path, None)
                else:
                    chosen[path] = None
    found |= {path.rpartition("/")[0]: Member.of(source, path) for path in chosen}
    return found


def _patterns(source: Source, root: Member) -> list[str]:
    """Return what names the workspaces: pnpm's own file, else the key of package.json."""
    if source.has(PNPM_WORKSPACE):
        listed = YamlFile(source, PNPM_WORKSPACE, _REMEDY_YAML).data.get("packages")
    else:
        listed = root.data.get("workspaces")
        listed = listed.get("packages") if isinstance(listed, dict) else listed
    return [each for each in listed if isinstance(each, str)] if isinstance(listed, list) else []


def _matches(path: str, wanted: str) -> bool:
    """Return whether ``path`` fits the glob ``wanted``, in which * stands for one directory."""
    return _fits(path.split("/"), wanted.split("/"))


def _fits(path: list[str], wanted: list[str]) -> bool:
    if not wanted or not path:
        return not wanted and not path
    if wanted[0] == "**":
        return _fits(path, wanted[1:]) or _fits(path[1:], wanted)
    return fnmatch.fnmatchcase(path[0], wanted[0]) and _fits(path[1:], wanted[1:])
