"""What the Debian package set consists of: the JSON files of nix/debian and of its languages."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from hop3_nix.files.resources import NIX

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

DIRECTORY: Final = NIX / "debian"


@dataclass(frozen=True, slots=True)
class Group:
    """One layer of the set, as groups.json defines it: what it adds to those it is ``on``."""

    name: str
    suite: str
    roots: tuple[str, ...]
    on: tuple[str, ...]
    drop: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Interpreter:
    """An interpreter in a layer: its nixpkgs attribute, and the Debian package with its version."""

    language: str
    attribute: str
    group: str
    package: str


@dataclass(frozen=True, slots=True)
class StaticProgram:
    """A program that needs nothing else: whose it is, and what it is called in the store.

    ``role`` is the name of its directory; ``file`` is what the package calls it, below bin/.
    """

    role: str
    suite: str
    package: str
    file: str
    name: str


@dataclass(frozen=True, slots=True)
class Named:
    """What a package of Debian's is made with that hop3.toml names.

    ``on`` are the layers that it runs on, ``development_on`` those that it is compiled with.
    """

    suite: str
    on: tuple[str, ...]
    development_on: tuple[str, ...]
    drop: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Definition:
    """What the set consists of; ``digest`` changes with anything that the lock depends on.

    ``attributes`` are the names that the set offers, those of nixpkgs; ``aliases`` gives some of
    Debian's packages the name that nixpkgs has for them.
    """

    groups: tuple[Group, ...]
    named: Named
    aliases: Mapping[str, str]
    seed: StaticProgram
    shell: StaticProgram
    attributes: tuple[str, ...]
    interpreters: tuple[Interpreter, ...]
    digest: str

    @property
    def suites(self) -> tuple[str, ...]:
        """Return the Debian suites that the groups come from, each once."""
        return tuple(dict.fromkeys(group.suite for group in self.groups))

    def roots_of(self, suite: str) -> tuple[str, ...]:
        """Return the roots of all groups of ``suite``, each once."""
        roots = (root for group in self.groups if group.suite == suite for root in group.roots)
        return tuple(dict.fromkeys(roots))

    def below(self, name: str) -> tuple[str, ...]:
        """Return the groups that ``name`` stands on, directly or not, each once."""
        on = {group.name: group.on for group in self.groups}
        found: dict[str, None] = {}
        ahead = list(on[name])
        while ahead:
            lower = ahead.pop(0)
            found.setdefault(lower)
            ahead += on[lower]
        return tuple(found)

    def lowest(self, name: str) -> str:
        """Return the group that ``name`` stands on in the end: the one with its C library."""
        on = {group.name: group.on for group in self.groups}
        while on[name]:
            name = on[name][-1]
        return name


def language_directories(directory: Path = DIRECTORY) -> tuple[Path, ...]:
    """Return the folders of the languages that the set has; their names are the languages'."""
    return tuple(sorted(directory.glob("languages/*/")))


def read_definition(directory: Path = DIRECTORY) -> Definition:
    """Return what this version of the set consists of."""
    base = _read(directory / "groups.json")
    languages = language_directories(directory)
    drop = frozenset[str](base["drop"])
    groups = list(_groups(base["groups"], drop))
    attributes = list(_read(directory / "attributes.json"))
    interpreters: list[Interpreter] = []
    for language in languages:
        groups += _groups(_read(language / "groups.json"), drop)
        named = _read(language / "attributes.json")
        attributes += named
        interpreters += (
            Interpreter(language.name, attribute, made["offer"]["group"], made["offer"]["package"])
            for attribute, made in named.items()
            if "offer" in made
        )
    seed = (base["seed"]["suite"], base["seed"]["package"])
    named = base["named"]
    return Definition(
        groups=tuple(groups),
        named=Named(
            suite=named["suite"],
            on=tuple(named["on"]),
            development_on=tuple(named["development_on"]),
            drop=tuple(sorted(drop.union(named["drop"]))),
        ),
        aliases=_read(directory / "aliases.json"),
        seed=StaticProgram("seed", *seed, file="busybox", name="busybox"),
        # busybox runs programs of its own before those on PATH, such as an ar that only extracts.
        shell=StaticProgram(
            "shell", base["shell"]["suite"], base["shell"]["package"], file="bash-static", name="sh"
        ),
        attributes=tuple(attributes),
        interpreters=tuple(interpreters),
        digest=hashlib.sha256(repr((seed, groups, named)).encode()).hexdigest(),
    )


def _groups(defined: dict[str, Any], drop: frozenset[str]) -> Iterator[Group]:
    for name, group in defined.items():
        yield Group(
            name=name,
            suite=group["suite"],
            roots=tuple(group["roots"]),
            on=tuple(group.get("on", ())),
            drop=tuple(sorted(drop.union(group.get("drop", ())))),
        )


def _read(file: Path) -> dict[str, Any]:
    """Return the object in ``file``; a language need not have each."""
    if not file.exists():
        return {}
    data: dict[str, Any] = json.loads(file.read_bytes())
    return data
