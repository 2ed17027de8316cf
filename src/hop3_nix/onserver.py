"""What a Hop3 server has to be given of an app, so that it runs there as it does elsewhere.

A server starts workers and ``before-run`` in the app's source directory, which the app may write.
"""

from __future__ import annotations

import filecmp
import os
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from hop3_nix.contract import WRITABLE_FILE, read_writable
from hop3_nix.errors import ConfigError
from hop3_nix.files.documents import json_value
from hop3_nix.files.regularfile import read_regular
from hop3_nix.workers.described import FILE, describe
from hop3_nix.workers.environment import APP_DIR, STATE_DIR
from hop3_nix.workers.kind import kind_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from hop3_nix.contract import BuildArtifact
    from hop3_nix.plan import BuildPlan

IN_UWSGI: Final = ("wsgi", "jwsgi", "rwsgi")
"""Workers that a server loads into a uWSGI of its own: a module, not a command line."""

COMPILED: Final = "__pycache__"
"""Python compares what is compiled in the store with no source, which may change on a server."""

CRON: Final = "cron"
"""The only name that a server knows for what runs at set times."""

_CRON_FIELD: Final = re.compile(r"\*|\*/\d+|\d+")

_BEFORE_RUN: Final = "hop3/before-run"


def in_uwsgi(workers: Collection[str]) -> str:
    """Return which of ``workers`` only the server's own builders serve, "" without one."""
    return next((name for name in IN_UWSGI if name in workers), "")


def check_crons(plan: BuildPlan) -> None:
    """Raise ConfigError for workers at set times that a server cannot start."""
    crons = [name for name in plan.runtime.workers if kind_of(name) == CRON]
    if len(crons) > 1:
        raise ConfigError(
            f"a Hop3 server runs one worker at set times, and there are {', '.join(crons)}",
            **_where(plan, crons[1]),
            tip="Have one cron line run a script that decides what is due.",
        )
    for name in crons:
        schedule = describe(name, plan.runtime.workers[name]).schedule
        if not all(_CRON_FIELD.fullmatch(field) for field in schedule.split()):
            raise ConfigError(
                f"a Hop3 server knows no such times as those of {name}: {schedule}",
                **_where(plan, name),
                tip="Each of the five fields is *, a number or */N there.",
            )


def site_of(plan: BuildPlan) -> str | None:
    """Return the directory of an app that is files alone, as the server's proxy shows them.

    One whose Staticfile asks for more than that, a fallback or listings, keeps its own server.
    """
    site = plan.site
    if plan.toolchain != "static" or site is None or site.fallback or site.listing:
        return None
    commands = [name for name in plan.runtime.workers if kind_of(name) != "static"]
    return site.directory if commands in ([], ["web"]) and not plan.runtime.before_run else None


def tree_of(location: Path) -> Path:
    """Return the tree that the launchers at ``location`` work in unless told otherwise."""
    described = json_value(read_regular(location / FILE))
    return Path(described["tree"])


def bring(tree: Path, source: Path) -> None:
    """Bring into ``source`` what the build made or changed, so that the app may write it.

    Links there that are not the build's are the server's volumes, and stay.
    """
    for root, directories, files in os.walk(tree):
        here = source / Path(root).relative_to(tree)
        for name in directories[:]:
            made, place = Path(root, name), here / name
            if name == COMPILED:
                directories.remove(name)
            elif made.is_symlink():
                directories.remove(name)
                files.append(name)
            elif place.is_symlink():
                directories.remove(name)
            elif not place.is_dir():
                place.unlink(missing_ok=True)
                place.mkdir()
        for name in files:
            made, place = Path(root, name), here / name
            if made.is_symlink():
                _link(_moved(str(made.readlink()), tree, source), place)
            elif not place.is_symlink():
                _copy(made, place)


def make_writable(location: Path, working_dir: Path) -> None:
    """Make the directories that the app says it writes to."""
    for name in read_writable(location / WRITABLE_FILE):
        (working_dir / name).mkdir(parents=True, exist_ok=True)


def runtime_for(built: BuildArtifact, tree: Path, source: Path, site: str | None) -> dict[str, Any]:
    """Return the runtime section for a server that starts ``built`` in ``source``.

    ``site`` is the directory of one that is files alone.
    """
    location = built.location
    runtime: dict[str, Any] = built.runtime.model_dump(mode="json")
    if site is not None:
        workers = {"static": site}
    else:
        workers = dict(_workers(built.runtime.workers, location, tree, source))
    variables = {
        name: _moved(value, tree, source) for name, value in built.runtime.env_vars.items()
    }
    return runtime | {
        "workers": workers,
        "before_run": [f"{location}/{_BEFORE_RUN}"] if built.runtime.before_run else [],
        "env_vars": variables | {APP_DIR: str(source), STATE_DIR: str(source.parent / "data")},
        "path_prepend": [_moved(path, tree, source) for path in built.runtime.path_prepend],
        "static_paths": {
            url: _moved(path, tree, source) for url, path in built.runtime.static_paths.items()
        },
        "working_dir": _moved(built.runtime.working_dir, tree, source) or str(source),
        # It is the source directory already.
        "writable_tree": "",
    }


def merged_workers(theirs: Mapping[str, str], ours: Mapping[str, str]) -> dict[str, str]:
    """Return the workers to start, of those that a server has after putting its own over ours.

    Ours were made from the same files; a name that they lack and that means something else to
    a server than here is dropped.
    """
    kept = {
        name: command
        for name, command in theirs.items()
        if kind_of(name) == "process" and name not in ("release", "web")
    }
    return kept | dict(ours)


def _workers(
    texts: Mapping[str, str], location: str, tree: Path, source: Path
) -> Iterator[tuple[str, str]]:
    for name, text in texts.items():
        match kind_of(name):
            case "process":
                yield name, f"{location}/bin/{name}"
            case "cron":
                yield CRON, f"{describe(name, text).schedule} {location}/bin/{name}"
            case "static":
                yield name, _moved(text, tree, source)


def _where(plan: BuildPlan, worker: str) -> dict[str, Any]:
    choice = f"worker {worker}"
    return next(({"file": e.file, "line": e.line} for e in plan.evidence if e.choice == choice), {})


def _moved(text: str, tree: Path, source: Path) -> str:
    """Return ``text`` with every mention of ``tree`` pointing to ``source``."""
    return re.sub(re.escape(str(tree)) + r"(?![\w.+-])", lambda _: str(source), text)


def _link(target: str, place: Path) -> None:
    if place.is_symlink() and str(place.readlink()) == target:
        return
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place)
    else:
        place.unlink(missing_ok=True)
    place.symlink_to(target)


def _copy(made: Path, place: Path) -> None:
    """Put ``made`` at ``place``, unless its bytes are there; what the app has there stays its."""
    if place.is_dir():
        shutil.rmtree(place)
    runs = made.stat().st_mode & 0o111
    if not (place.is_file() and filecmp.cmp(made, place, shallow=False)):
        place.unlink(missing_ok=True)
        shutil.copyfile(made, place)
    if runs:
        place.chmod(place.stat().st_mode | 0o700)
