# ruff: noqa: INP001 - a program that Nix runs by its path
"""``place_modules.py SPEC APP``: give an application's tree its ``node_modules``.

SPEC is JSON: ``how``, ``deps`` (what install_modules.py made), ``modules`` (paths), ``links`` (path
to path) and ``dropped`` (paths). What APP has there is replaced: by a copy (``copied``), by links
(``linked``), by nothing (``none``); or it stays, without what is in ``dropped`` (``pruned``).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path, PurePosixPath
from typing import Any, Final

from bins import programs

_MODULES: Final = "node_modules"
_CACHES: Final = (".cache", ".vite", ".vite-temp", ".package-lock.json")


def root_of(path: str) -> str | None:
    """Return the outermost ``node_modules`` that ``path`` is in."""
    parts = PurePosixPath(path).parts
    if _MODULES not in parts:
        return None
    return "/".join(parts[: parts.index(_MODULES) + 1])


def roots_of(paths: list[str]) -> list[str]:
    """Return every outermost ``node_modules`` that any of ``paths`` is in, sorted."""
    return sorted({root for path in paths if (root := root_of(path))})


def own_links(links: dict[str, str], app: Path) -> dict[str, str]:
    """Return those of ``links`` that lead to packages of ``app`` itself, and links to programs."""
    own = {path: target for path, target in links.items() if root_of(target) is None}
    found = dict(own)
    for path, target in own.items():
        modules = path[: path.rindex(_MODULES) + len(_MODULES)]
        for name, file in programs(app / target).items():
            found[f"{modules}/.bin/{name}"] = f"{target}/{file}"
    return found


def link_own(app: Path, links: dict[str, str]) -> None:
    """Make ``links``, relative as npm makes them, and let programs be run."""
    for path, target in sorted(links.items()):
        link = app / path
        link.parent.mkdir(parents=True, exist_ok=True)
        # A package of the lockfile may have a program of the same name.
        link.unlink(missing_ok=True)
        if (app / target).is_file():
            (app / target).chmod(0o755)
        link.symlink_to(os.path.relpath(app / target, link.parent))


def mirror(path: str, app: Path, deps: Path, links: dict[str, str]) -> None:
    """Link ``path`` of ``deps`` into ``app``; a directory that has a link of its own is made."""
    if not any(PurePosixPath(path) in PurePosixPath(link).parents for link in links):
        app.joinpath(path).parent.mkdir(parents=True, exist_ok=True)
        app.joinpath(path).symlink_to(deps / path)
        return
    app.joinpath(path).mkdir(parents=True)
    if (deps / path).is_dir():
        for entry in sorted((deps / path).iterdir()):
            mirror(f"{path}/{entry.name}", app, deps, links)


def copy(path: str, app: Path, deps: Path) -> None:
    """Copy ``path`` of ``deps`` into ``app``, writable."""
    target = app / path
    target.parent.mkdir(parents=True, exist_ok=True)
    if (deps / path).is_dir():
        for argv in (
            ["cp", "-R", str(deps / path), str(target)],
            ["chmod", "-R", "u+w", str(target)],
        ):
            subprocess.run(argv, check=True)
    else:
        target.mkdir()


def remove(path: Path) -> None:
    """Remove ``path``, whatever it is."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def prune(app: Path, roots: list[str], dropped: list[str]) -> None:
    """Remove from the ``node_modules`` of ``app`` the paths ``dropped``, links to them, caches."""
    for place in (*dropped, *(f"{root}/{name}" for root in roots for name in _CACHES)):
        remove(app / place)
    for root in roots:
        for parent, folders, files in os.walk(app / root):
            for path in (Path(parent, name) for name in (*folders, *files)):
                if path.is_symlink() and not path.exists():
                    path.unlink()
        for scope in (app / root).glob("@*"):
            if not any(scope.iterdir()):
                scope.rmdir()


def main(spec_file: str, app_directory: str) -> None:
    """Change the tree at ``app_directory``."""
    spec: dict[str, Any] = json.loads(Path(spec_file).read_text(encoding="utf-8"))
    app, deps = Path(app_directory), Path(spec["deps"])
    wanted = roots_of([*spec["modules"], *spec["links"]])
    there = roots_of([*spec["modules"], *spec["links"], *spec["dropped"]])
    if spec["how"] == "pruned":
        prune(app, there, spec["dropped"])
        return
    # A node_modules of the application's own, anywhere else, is a part of it.
    for root in there:
        remove(app / root)
    if spec["how"] == "none":
        return
    links = own_links(spec["links"], app)
    for root in wanted:
        if spec["how"] == "copied":
            copy(root, app, deps)
        else:
            mirror(root, app, deps, links)
    link_own(app, links)


if __name__ == "__main__":
    main(*sys.argv[1:])
