"""The package.json of an app and of each of its workspaces, for lockfiles that list neither."""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from hop3_nix.locks.node.isolated import Importer
from hop3_nix.locks.reading import LockText

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hop3_nix.source import Source

GROUPS: Final = ("dependencies", "optionalDependencies", "devDependencies")

_REMEDY: Final = "Mend it: it has to be a JSON object."


@dataclass(frozen=True)
class Wanted:
    """One requirement of a package.json."""

    name: str
    range: str
    group: str
    text: LockText

    @property
    def optional(self) -> bool:
        """Return whether it may be left out."""
        return self.group == "optionalDependencies"


def importers(source: Source, find: Callable[[Wanted], str | None]) -> Iterator[Importer]:
    """Yield the app and its workspaces; ``find`` returns the key of what one of them requires."""
    manifests = _manifests(source)
    members = {
        str(data.get("name")): directory for directory, (_, data) in manifests.items() if directory
    }
    for directory, (text, data) in manifests.items():
        keys: dict[str, dict[str, str]] = {group: {} for group in GROUPS}
        # Yarn links every workspace at the top.
        links = {} if directory else dict(members)
        for group in GROUPS:
            for name, range_ in texts(data, group).items():
                if name in members:
                    links[name] = members[name]
                elif key := find(Wanted(name, range_, group, text)):
                    keys[group][name] = key
        run = {**keys["dependencies"], **keys["optionalDependencies"]}
        yield Importer(directory, run, keys["devDependencies"], links)


def texts(data: dict[str, Any], key: str) -> dict[str, str]:
    """Return the members of the object at ``key`` that are text."""
    value = data.get(key)
    members = value.items() if isinstance(value, dict) else ()
    return {name: text for name, text in members if isinstance(text, str)}


def _manifests(source: Source) -> dict[str, tuple[LockText, dict[str, Any]]]:
    """Return the package.json of the app and of each of its workspaces, by directory."""
    text = LockText.of(source, "package.json")
    root = text.json(_REMEDY)
    found = {"": (text, root)}
    listed = root.get("workspaces", ())
    listed = listed.get("packages", ()) if isinstance(listed, dict) else listed
    for pattern in listed:
        wanted = f"{str(pattern).removeprefix('./').rstrip('/')}/package.json"
        for path in source.files:
            same_depth = path.count("/") == wanted.count("/") or "**" in wanted
            if same_depth and fnmatch.fnmatchcase(path, wanted) and "node_modules/" not in path:
                member = LockText.of(source, path)
                found[path.rpartition("/")[0]] = (member, member.json(_REMEDY))
    return found
