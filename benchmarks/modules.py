"""A Node application of about 800 packages, against `npm ci`."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Final, NamedTuple

from benchmarks.figures import Comparison
from benchmarks.npm import Npm, Tarballs
from benchmarks.private import private_store
from benchmarks.running import Command, in_turns
from benchmarks.serving import serving
from benchmarks.world import HOP3_NIX, ROOT
from hop3_nix.host.state import app_dir

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from benchmarks.npm import Locked
    from benchmarks.world import App, World

PACKAGE: Final = ROOT / "benchmarks/node-app"
_CHANGE: Final = "dayjs@1.11.12"
"""A package that needs no other and that no other needs, at another version than package.json's."""
_ROUNDS: Final = 3


class Ours(NamedTuple):
    """Seconds that hop3-nix takes, and Nix for what it renders."""

    render: float
    evaluate: float
    cold: float
    changed: float


class Theirs(NamedTuple):
    """Seconds of `npm ci`: with an empty cache, a full one, and one that lacks one package."""

    cold: float
    warm: float
    changed: float


def measure(world: World, app: App) -> Iterator[Comparison]:
    """Yield what building the application takes; ``app`` is another of Node, which is built."""
    npm = Npm.of(world, app)
    work = world.scratch / "npm"
    before = npm.lock(PACKAGE, work / "before")
    after = npm.lock(work / "before", work / "after", _CHANGE)
    for directory in ("before", "after"):
        npm.install(work / directory, work / "downloaded")
    tarballs = Tarballs.of(before, work / "downloaded"), Tarballs.of(after, work / "downloaded")
    both = Tarballs({**tarballs[0].files, **tarballs[1].files})
    first = set(tarballs[0].files)
    with serving(both.answer) as address:
        run = _Run(world, npm, both, before.at(address), after.at(address), first)
        ours, theirs = in_turns(_ROUNDS, run.ours, run.theirs)
    number = len(first)
    warm = "`npm ci`, full cache"
    rows = (
        ("npm-render", f"render, {number} packages", warm, "render", "warm"),
        ("npm-evaluate", f"evaluate, {number} packages", warm, "evaluate", "warm"),
        ("npm-cold", f"build, first, {number} packages", "`npm ci`, empty cache", "cold", "cold"),
        ("npm-changed", f"build, 1 of {number} changed", warm + " but for 1", "changed", "changed"),
    )
    for name, title, against, one, other in rows:
        times = (
            tuple(getattr(each, one) for each in ours),
            tuple(getattr(each, other) for each in theirs),
        )
        yield Comparison(name, title, against, *times, "ratio")


class _Run(NamedTuple):
    """One round: the same lockfiles, and none of the packages, for either side."""

    world: World
    npm: Npm
    tarballs: Tarballs
    before: Locked
    after: Locked
    first: set[str]
    """Places of the packages of ``before``."""

    def ours(self) -> Ours:
        directory = self._directory("ours")
        with self._private_store() as front:
            render, evaluate, _ = self._evaluate(front, directory)
            self.after.write(directory)
            known = [
                *self._evaluate(front, directory)[2],
                *self._evaluate(front, self._directory("ours"))[2],
            ]
        shutil.rmtree(app_dir(directory), ignore_errors=True)
        with self._private_store() as front:
            # Others may have fetched some of them.
            forget = ("nix-store", "--delete", "--ignore-liveness", *dict.fromkeys(known))
            Command((*front, *forget), self.world.env).run()
            build = Command((*front, HOP3_NIX, "build", directory), self.world.env)
            cold = build.seconds()
            self.tarballs.expect(self.first)
            self.after.write(directory)
            changed = build.seconds()
            self.tarballs.expect(self._changed)
        shutil.rmtree(app_dir(directory))
        return Ours(render, evaluate, cold, changed)

    def theirs(self) -> Theirs:
        directory = self._directory("theirs")
        cache = directory.parent / "cache"
        cold = self.npm.install(directory, cache)
        self.tarballs.expect(self.first)
        warm = self.npm.install(directory, cache)
        self.tarballs.expect(set())
        self.after.write(directory)
        changed = self.npm.install(directory, cache)
        self.tarballs.expect(self._changed)
        shutil.rmtree(cache)
        return Theirs(cold, warm, changed)

    def _evaluate(self, front: Sequence[str], directory: Path) -> tuple[float, float, list[str]]:
        """Return what rendering and evaluating take, and the tarballs that the store has."""
        rendered = directory.parent / "rendered/hop3.nix"
        renders = (HOP3_NIX, "render", directory, "-o", rendered)
        render = Command((*front, *renders), self.world.env).seconds()
        evaluates = ("nix-instantiate", rendered, "-A", "package")
        evaluate, derivation = Command((*front, *evaluates), self.world.nix_env).run()
        query = ("nix-store", "--query", "--requisites", "--include-outputs", derivation)
        paths = Command((*front, *query), self.world.env).output().splitlines()
        return render, evaluate, [path for path in paths if path.endswith(".tgz")]

    def _private_store(self) -> AbstractContextManager[tuple[str, ...]]:
        return private_store(self.world.scratch / "private")

    @property
    def _changed(self) -> set[str]:
        return set(self.tarballs.files) - self.first

    def _directory(self, name: str) -> Path:
        """Return a directory with the application, as if for the first time."""
        directory = self.world.scratch / "npm" / name
        shutil.rmtree(directory, ignore_errors=True)
        shutil.copytree(PACKAGE, directory)
        self.before.write(directory)
        return directory
