"""Builds: with nothing changed, with one line changed, and with no dependency in the store."""

from __future__ import annotations

import secrets
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.figures import Comparison
from benchmarks.running import Command, CommandError, in_turns
from hop3_nix.host.state import state_dir

if TYPE_CHECKING:
    from benchmarks.pip import Wheels
    from benchmarks.world import App, World

_UNCHANGED_ROUNDS: Final = 30
_CHANGED_ROUNDS: Final = 7
_COLD_ROUNDS: Final = 5


def unchanged(world: World, app: App) -> Comparison:
    """Compare a build that has nothing to do with a bare nix-build that has nothing to do."""
    bare = world.nix_build(app.state / "work")

    def ours() -> float:
        took, built = world.build(app.directory)
        return _expect(took, same=built.location == app.location)

    def theirs() -> float:
        took, location = bare.run()
        return _expect(took, same=location == str(app.location))

    times = in_turns(_UNCHANGED_ROUNDS, ours, theirs, warm_up=2)
    against = "`nix-build` of its hop3.nix"
    return Comparison("unchanged", "build, nothing changed", against, *times, "ratio", 1.5)


def changed(world: World, app: App, file: str) -> Comparison:
    """Compare a build after a line was added to ``file`` with a bare nix-build after the same."""
    bare = world.bare(app)
    bare_build = world.nix_build(bare)
    seen = {str(app.location)}

    def ours() -> float:
        _add_line(app.directory / file)
        took, built = world.build(app.directory)
        return _expect(took, same=_is_new(str(built.location), seen))

    def theirs() -> float:
        _add_line(bare / "source" / file)
        took, location = bare_build.run()
        return _expect(took, same=_is_new(location, seen))

    times = in_turns(_CHANGED_ROUNDS, ours, theirs, warm_up=1)
    against = "`nix-build` of its hop3.nix"
    return Comparison("changed", "build, one line changed", against, *times, "ratio")


def cold(world: World, name: str, title: str, source: Path, wheels: Wheels) -> Comparison:
    """Compare the first build of an application with pip installing what it requires.

    Neither Nix nor pip has any of the wheels; both have the interpreter. pip is given a virtual
    environment that is ready.
    """
    app = world.copy(source, name)

    def ours() -> float:
        tag = _tag()
        # Where the files are that the lockfile names.
        shutil.rmtree(state_dir() / "python", ignore_errors=True)
        took, built = world.build(app, env=world.index_env(f"{wheels.address}/{tag}"))
        _forget(world, built, tag)
        return took

    def theirs() -> float:
        return wheels.install(app / "requirements.txt", _tag())

    times = in_turns(_COLD_ROUNDS, ours, theirs)
    return Comparison(name, title, "`pip install`", *times, "ratio")


def _tag() -> str:
    return f"1x{secrets.token_hex(4)}"


def _add_line(file: Path) -> None:
    with file.open("a") as text:
        text.write(f"# {secrets.token_hex(8)}\n")


def _is_new(location: str, seen: set[str]) -> bool:
    new = location not in seen
    seen.add(location)
    return new


def _expect(took: float, *, same: bool) -> float:
    if not same:
        raise CommandError("the build did not give the store path that was to be expected")
    return took


def _forget(world: World, app: App, tag: str) -> None:
    """Delete what a cold build has left in the store, and nothing that anybody else uses."""
    query = ("nix-store", "--query")
    deriver = Command((*query, "--deriver", app.location), world.env).output()
    argv = (*query, "--requisites", "--include-outputs", deriver)
    outputs = [Path(path) for path in Command(argv, world.env).output().splitlines()]
    own = f"-{app.location.name.partition('-')[2]}"
    gone = [path for path in outputs if tag in path.name or own in path.name]
    shutil.rmtree(app.state)
    Command(("nix-store", "--delete", *gone), world.env).run()
