# ruff: noqa: INP001 - a program that Nix runs by its path
"""Make an unpacked group of Debian packages run from where it is, then prove that it can.

Run in the sandbox by the bootstrap's python3.11-minimal, which has no dataclasses and no shutil.
What it has to know is in the environment, under the names of the derivation's attributes.
"""

from __future__ import annotations

import glob
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from elf import read_elf
from loader import mend_loader
from python_modules import mend_find_library, mend_sysconfig

_CONFIG = re.compile(rb"^#! ?(?:/usr)?/bin/(?:ba)?sh.*\0.*[-_]config(\.\w+)?$", re.DOTALL)
"""Shell scripts such as xml2-config, by what they begin with and what they are called."""

_SHELL = re.compile(rb"#! ?(?:/usr)?/bin/(?:ba)?sh\b")
_PLACE = re.compile(rb"(?<![\w/.$}])/(?:usr|etc)/[\w+./-]*[\w+-]")
"""A place that a script or a configuration file names."""


class Layer(NamedTuple):
    """The group that is made, ``out``, and what it stands on."""

    out: Path
    below: tuple[Path, ...]
    """The layers that this one may refer to, nearest first."""
    glibc: Path
    """The layer with the dynamic linker, which may be this one."""
    loader: str
    """The dynamic linker, relative to that layer."""
    libdir: str
    """The directory of shared libraries, relative to a layer."""

    @property
    def roots(self) -> tuple[Path, ...]:
        """Return this layer and those below."""
        return (self.out, *self.below)

    def walk(self, top: str = "") -> list[Path]:
        """Return everything under ``top``, in a fixed order, without following symlinks."""
        found: list[Path] = []
        if (self.out / top).is_symlink():
            return found
        for folder, names, files in os.walk(self.out / top):
            names.sort()
            found += [Path(folder, name) for name in sorted([*names, *files])]
        return found


def main() -> None:
    """Do all of it, or exit with what is wrong."""
    given = dict(os.environ)
    layer = Layer(
        out=Path(given["out"]),
        below=tuple(Path(path) for path in given["below"].split()),
        glibc=Path(given["glibc"]),
        loader=given["loader"],
        libdir=given["libdir"],
    )
    tools = Path(given["tools"])
    patchelf = [
        str(tools / layer.loader),
        "--library-path",
        str(tools / layer.libdir),
        str(tools / "bin/patchelf"),
    ]
    prune(layer, given["prune"].split())
    mend_symlinks(layer)
    add_links(layer, given["links"].split(), given["alternatives"].split())
    files = [path for path in layer.walk() if path.is_file() and not path.is_symlink()]
    for path in files:
        path.chmod(path.stat().st_mode & 0o777)
        mend_script(layer, path)
        mend_elf(layer, path, patchelf)
    if (layer.out / layer.loader).exists():
        mend_loader(layer.out / layer.loader, str(layer.out / "lib"))
        for library in sorted((layer.out / layer.libdir).glob("*.so.*")):
            (layer.out / "lib" / library.name).symlink_to(library.relative_to(layer.out / "lib"))
    if given["python"]:
        folders = [str(root / layer.libdir) for root in layer.roots]
        library = layer.out / "lib" / given["python"]
        mend_find_library(library / "ctypes/util.py", folders)
        for module in library.glob("_sysconfigdata_*.py"):
            mend_sysconfig(module, given["python"])
    if given["adopt"]:
        adopt_libraries(layer)
    if given["dropsLinks"]:
        for path in dangling(layer):
            path.unlink()
    problems = [
        *(f"{path}: leads to {path.readlink()}, which is not there" for path in dangling(layer)),
        *unresolved(layer, files),
    ]
    if problems:
        sys.exit("\n".join(problems))


def prune(layer: Layer, patterns: list[str]) -> None:
    """Delete what nobody runs, and the directories that this leaves empty."""
    for pattern in patterns:
        # Path.glob leaves dangling symlinks out, of which there are some to delete.
        for name in glob.glob(pattern, root_dir=layer.out):  # noqa: PTH207
            for path in [*reversed(layer.walk(name)), layer.out / name]:
                if path.is_symlink() or not path.is_dir():
                    path.unlink()
    for path in reversed(layer.walk()):
        if path.is_dir() and not path.is_symlink() and not any(path.iterdir()):
            path.rmdir()
    if not (layer.out / "bin").exists():
        (layer.out / "sbin").unlink()


def mend_symlinks(layer: Layer) -> None:
    """Point absolute links into the layer or one below, dangling ones at where the file is."""
    for path in layer.walk():
        if not path.is_symlink():
            continue
        target = str(path.readlink())
        if target.startswith("/"):
            inside = target.removeprefix("/usr").lstrip("/")
        elif path.exists():
            continue
        else:
            inside = os.path.relpath(path.parent.resolve() / target, layer.out)
        for root in layer.roots:
            if os.path.lexists(root / inside):
                path.unlink()
                own = os.path.relpath(layer.out / inside, path.parent)
                path.symlink_to(own if root == layer.out else root / inside)
                break


def add_links(layer: Layer, links: list[str], alternatives: list[str]) -> None:
    """Add links, each as LINK=TARGET; alternatives, as Debian has them, if there is a target."""
    for link, target in (pair.split("=") for pair in [*links, *alternatives]):
        path = layer.out / link
        if f"{link}={target}" in links or (path.parent / target).exists():
            path.symlink_to(target)


def mend_script(layer: Layer, path: Path) -> None:
    """Point a script's ``#!`` line, and what tells compilers of /usr, at what the layers have."""
    data = path.read_bytes()
    if path.suffix == ".pc" or _CONFIG.search(data[:64] + b"\0" + os.fsencode(path.name)):
        data = data.replace(b"/usr", os.fsencode(layer.out))
        path.write_bytes(data)
    elif _SHELL.match(data) or path.is_relative_to(layer.out / "etc"):
        data = _PLACE.sub(lambda found: _place(layer, found[0]), data)
        path.write_bytes(data)
    match = re.match(rb"#! ?(?:/usr)?/bin/(?:env +)?([\w.+-]+)", data)
    if not match:
        return
    name = os.fsdecode(match[1])
    for root in layer.roots:
        if (root / "bin" / name).exists():
            path.write_bytes(b"#!" + os.fsencode(root / "bin" / name) + data[match.end() :])
            return


def _place(layer: Layer, named: bytes) -> bytes:
    """Return where the layer has what is ``named``, or ``named`` if it has it not."""
    inside = layer.out / os.fsdecode(named).removeprefix("/usr").lstrip("/")
    return os.fsencode(inside) if os.path.lexists(inside) else named


def mend_elf(layer: Layer, path: Path, patchelf: list[str]) -> None:
    """Give a program its dynamic linker, and whatever is loaded the directories to look in."""
    elf = read_elf(path)
    if elf is None or path.name in {Path(layer.loader).name, "libc.so.6"}:
        return
    arguments = []
    if elf.interpreter:
        arguments += ["--set-interpreter", str(layer.glibc / layer.loader)]
    if elf.needed:
        # DT_RPATH, not DT_RUNPATH: it holds for what is loaded later too, such as the compiled
        # modules of a wheel, which know nothing of the store.
        kept = [entry for entry in elf.search if entry.startswith("$ORIGIN")]
        search = [*kept, *(str(root / layer.libdir) for root in layer.roots)]
        arguments += ["--force-rpath", "--set-rpath", ":".join(dict.fromkeys(search))]
    if arguments:
        mode = path.stat().st_mode
        path.chmod(mode | 0o200)
        subprocess.run([*patchelf, *arguments, str(path)], check=True)
        path.chmod(mode)


def adopt_libraries(layer: Layer) -> None:
    """Link in the libraries of the layers below, for a compiler that takes this as its sysroot."""
    for lower in layer.below:
        for pattern in (f"{layer.libdir}/*.so*", "lib/ld-*", "lib64/*"):
            for library in sorted(lower.glob(pattern)):
                link = layer.out / library.relative_to(lower)
                if not os.path.lexists(link):
                    link.parent.mkdir(exist_ok=True)
                    link.symlink_to(library)


def dangling(layer: Layer) -> list[Path]:
    """Return each symlink that leads nowhere."""
    return [path for path in layer.walk() if path.is_symlink() and not path.exists()]


def unresolved(layer: Layer, files: list[Path]) -> list[str]:
    """Return a line for each library that something needs and its directories do not have."""
    problems = []
    for path in files:
        elf = read_elf(path)
        if elf is None:
            continue
        for library in elf.needed:
            folders = [entry.replace("$ORIGIN", str(path.parent)) for entry in elf.search]
            # The dynamic linker is loaded already.
            folders.append(str(layer.glibc / layer.libdir))
            if not any(Path(folder, library).exists() for folder in folders):
                problems.append(f"{path}: needs {library}, which no layer has")
    return problems


if __name__ == "__main__":
    main()
