# ruff: noqa: INP001, T201 - a program that Nix runs by its path, and that prints to the log
"""``install_modules.py SPEC OUT``: unpack locked packages to where a lockfile says they belong.

SPEC is JSON: ``base`` (a tree to add to, or empty), ``modules`` (path to tarball), ``links`` (path
to path), ``optional`` (paths), ``allowScripts`` (names), ``compile`` (whether there is a compiler),
``shell``, ``foreign`` and ``shebangs`` (commands that patch a directory), ``path`` (where scripts
find their interpreters at run time). A module that is optional is left out if it is for another
platform or its scripts fail, as package managers do it. Links that lead to the application's own
packages are left for the tree that has these.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath
from typing import Any, Final

from bins import is_for_here, link_bins, manifest
from lifecycle import Lifecycle

MODULES: Final = "node_modules"

_RUN: Final = 0o111


def checked(path: str) -> str:
    """Return ``path``, which must stay below the directory that it is put into."""
    parts = PurePosixPath(path).parts
    if not parts or parts[0] == "/" or ".." in parts:
        sys.exit(f"{path!r} leads out of the application")
    return path


def leads_to_module(target: str) -> bool:
    """Return whether ``target`` is a package of the lockfile, and not one of the application."""
    return MODULES in PurePosixPath(target).parts


def unpack(tarball: str, directory: Path) -> None:
    """Unpack a package into ``directory``, without the tarball's own top directory."""
    directory.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [
            *("tar", "--extract", "--file", tarball, "--directory", str(directory)),
            *("--strip-components=1", "--no-same-owner", "--no-same-permissions"),
            *("--warning=no-unknown-keyword", "--warning=no-timestamp"),
        ],
        check=False,
        stderr=subprocess.PIPE,
        text=True,
    )
    if "Permission denied" in done.stderr:
        unpack_files(tarball, directory)
    elif done.returncode:
        sys.exit(f"{tarball}: {done.stderr.strip()}")


def unpack_files(tarball: str, directory: Path) -> None:
    """Do the same for an archive of directories that nobody may enter: take its files alone."""
    normalise(directory)
    with tarfile.open(tarball) as archive:
        for member in archive:
            path = PurePosixPath(*PurePosixPath(member.name).parts[1:])
            content = archive.extractfile(member) if member.isreg() else None
            if content is None:
                continue
            file = directory / checked(str(path))
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content.read())
            file.chmod(0o755 if member.mode & _RUN else 0o644)


def normalise(directory: Path) -> None:
    """Let everybody read what was unpacked, as npm does, and drop links, which it never packs."""
    directory.chmod(0o755)
    for parent, folders, files in os.walk(directory):
        for name in (*folders, *files):
            path = Path(parent, name)
            if path.is_symlink():
                path.unlink()
            elif path.is_dir():
                path.chmod(0o755)
            else:
                path.chmod(0o755 if path.stat().st_mode & _RUN else 0o644)


def copy_base(base: str, top: Path) -> None:
    """Make ``top``, with what ``base`` has: unpacked, compiled and patched already."""
    top.mkdir()
    if base:
        for argv in (["cp", "-R", f"{base}/.", str(top)], ["chmod", "-R", "u+w", str(top)]):
            subprocess.run(argv, check=True)


def make_link(out: Path, path: str, target: str) -> None:
    """Make ``path`` a relative link to ``target``, both below ``out``."""
    link = out / path
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(os.path.relpath(out / target, link.parent))


def drop_dangling(top: Path, own: list[str]) -> None:
    """Remove links below ``top`` to what was left out, but not ``own``, which lead elsewhere."""
    kept = {top / path for path in own}
    for parent, folders, files in os.walk(top):
        for path in (Path(parent, name) for name in (*folders, *files)):
            if path.is_symlink() and path not in kept and not path.exists():
                path.unlink()


def main(spec_file: str, out: str) -> None:
    """Make the tree at ``out``."""
    spec: dict[str, Any] = json.loads(Path(spec_file).read_text(encoding="utf-8"))
    top = Path(out)
    copy_base(spec["base"], top)
    modules: dict[str, str] = {checked(path): file for path, file in spec["modules"].items()}
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        # A list, so that what one of them raises is raised here.
        list(threads.map(lambda path: unpack(modules[path], top / path), modules))
    for path in sorted(modules):
        normalise(top / path)
    optional = frozenset(spec["optional"])
    for path in sorted(optional & modules.keys()):
        if (top / path).exists() and not is_for_here(manifest(top / path)):
            print(f"{path}: left out: it is optional, and for another platform", flush=True)
            shutil.rmtree(top / path)
    for path, target in sorted(spec["links"].items()):
        if leads_to_module(checked(target)):
            make_link(top, checked(path), target)
    (top / MODULES / ".bin").mkdir(parents=True, exist_ok=True)
    link_bins(top)
    if not top.joinpath("bin").is_symlink():
        (top / "bin").symlink_to(f"{MODULES}/.bin")

    foreign = [*spec["foreign"], str(top)]
    shebangs = [*spec["shebangs"], str(top), *spec["path"]]

    def mend() -> None:
        for argv in (foreign, shebangs):
            subprocess.run(argv, check=True)

    mend()
    lifecycle = Lifecycle(
        top, spec["shell"], frozenset(spec["allowScripts"]), spec["compile"], optional
    )
    if lifecycle.run_all([path for path in sorted(modules) if (top / path).exists()]):
        mend()
    drop_dangling(top, own=[path for path, to in spec["links"].items() if not leads_to_module(to)])


if __name__ == "__main__":
    main(*sys.argv[1:])
