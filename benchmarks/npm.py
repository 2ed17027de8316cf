"""npm, and the packages of a lockfile that it writes, from a server on loopback."""

from __future__ import annotations

import base64
import json
import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from benchmarks.running import Command, CommandError
from hop3_nix.builders.tools import NixTools
from hop3_nix.plan import Offer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from benchmarks.world import App, World

_QUIET: Final = ("--ignore-scripts", "--no-audit", "--no-fund")
LOCKFILE: Final = "package-lock.json"


class Locked(NamedTuple):
    """The two files that npm reads, by name."""

    files: Mapping[str, str]

    @property
    def entries(self) -> dict[str, dict[str, Any]]:
        """Return the lockfile's packages by path, without the application itself."""
        packages: dict[str, dict[str, Any]] = json.loads(self.files[LOCKFILE])["packages"]
        return {path: entry for path, entry in packages.items() if path}

    def at(self, address: str) -> Locked:
        """Return the same with every package at ``address``."""
        lock = json.loads(self.files[LOCKFILE])
        for path, entry in lock["packages"].items():
            if path:
                entry["resolved"] = address + place_of(path, entry)
        text = json.dumps(lock, indent=2) + "\n"
        return Locked({**self.files, LOCKFILE: text})

    def write(self, directory: Path) -> None:
        """Write them to ``directory``."""
        for name, text in self.files.items():
            (directory / name).write_text(text)


def place_of(path: str, entry: Mapping[str, Any]) -> str:
    """Return the path of an entry's tarball on a server, laid out as registries are."""
    name = entry.get("name") or path.rpartition("node_modules/")[2]
    return f"/{name}/-/{name.rpartition('/')[2]}-{entry['version']}.tgz"


@dataclass(frozen=True)
class Tarballs:
    """The tarballs that npm has downloaded, by place; ``asked`` are the requests for them."""

    files: Mapping[str, Path]
    asked: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, locked: Locked, cache: Path) -> Tarballs:
        """Return those of ``locked`` that npm's ``cache`` has: all but those for other systems."""
        files = {}
        for path, entry in locked.entries.items():
            algorithm, _, digest = entry["integrity"].partition("-")
            name = base64.b64decode(digest).hex()
            file = cache / "_cacache/content-v2" / algorithm / name[:2] / name[2:4] / name[4:]
            if file.exists():
                files[place_of(path, entry)] = file
        return cls(files)

    def answer(self, path: str) -> tuple[bytes, str]:
        """Return the tarball at ``path``, and note that it was asked for."""
        self.asked.append(path)
        if path not in self.files:
            return b"", ""
        return self.files[path].read_bytes(), "application/octet-stream"

    def expect(self, places: set[str]) -> None:
        """Raise CommandError unless exactly ``places`` were asked for; forget what was.

        npm may ask twice for what belongs to two places.
        """
        asked = set(self.asked)
        self.asked.clear()
        if asked != places:
            raise CommandError(f"{len(asked)} packages were fetched, and not {len(places)}")


@dataclass(frozen=True)
class Npm:
    """The npm that belongs to the Node of an application."""

    program: Path
    env: Mapping[str, str]

    @classmethod
    def of(cls, world: World, app: App) -> Npm:
        """Return npm for the version of Node that ``app`` was built with."""
        plan = json.loads(world.hop3_nix("plan", app.directory, "--json").output())
        attribute = plan["interpreter"].replace("nodejs-slim", "nodejs")
        offer = Offer(language="node", version="", attribute=attribute, libc="")
        program = NixTools(world.package_set).program(offer, "npm")
        env = {**world.env, "PATH": f"{program.parent}:{world.env['PATH']}"}
        return cls(program, {**env, "no_proxy": "127.0.0.1", "NO_PROXY": "127.0.0.1"})

    def lock(self, package: Path, directory: Path, *changes: str) -> Locked:
        """Return what npm locks in ``directory`` of what ``package`` has, with ``changes``."""
        directory.mkdir(parents=True)
        for file in package.glob("package*.json"):
            shutil.copy(file, directory)
        argv = (self.program, "install", "--package-lock-only", "--save-exact", *_QUIET)
        Command((*argv, *changes), self.env, cwd=directory).run()
        names = ("package.json", LOCKFILE)
        return Locked({name: (directory / name).read_text() for name in names})

    def install(self, directory: Path, cache: Path) -> float:
        """Return the seconds of `npm ci` in ``directory``, where nothing is installed."""
        shutil.rmtree(directory / "node_modules", ignore_errors=True)
        argv = (self.program, "ci", *_QUIET, "--cache", cache)
        return Command(argv, self.env, cwd=directory).seconds()
