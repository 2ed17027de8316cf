# ruff: noqa: INP001, T201 - a program that Nix runs by its path, and that prints to the build's log
"""``check_libraries.py SPEC``: refuse an application whose compiled modules cannot be loaded.

SPEC is the post-build step's, of which ``closure`` is read. A module of Python or Node that needs a
library which nothing in the closure has fails when it is imported, and so does a package that is
known to load one by its name. What stands deeper in a package may be a plug-in that nobody uses:
it is only told of. Libraries of a graphics card's driver are the host's in any case.
"""

from __future__ import annotations

import json
import os
import platform
import re
import struct
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_MAGIC: Final = b"\x7fELF\x02\x01"  # 64 bits, little-endian
_MACHINES: Final = {"x86_64": 62, "aarch64": 183}  # e_machine
_LOAD, _DYNAMIC = 1, 2  # p_type
_NEEDED, _STRTAB = 1, 5  # d_tag

_PYTHON: Final = re.compile(r".*\.(cpython-\d+[^/]*|abi3)\.so")
_NODE: Final = re.compile(r".*/(build/Release|prebuilds/linux-[^/]*)/[^/]*\.node")
_HOSTS: Final = re.compile(r"lib(cu|nv|nccl|amdhip|hip|hsa|roc|OpenCL|ze_)[^/]*\.so.*|libc\.musl.*")

_BY_NAME: Final = {
    "cairocffi": ("libcairo.so.2",),
    "pyusb": ("libusb-1.0.so.0",),
    "python_magic": ("libmagic.so.1",),
    "pyvips": ("libvips.so.42",),
    "pyzbar": ("libzbar.so.0",),
    "sounddevice": ("libportaudio.so.2",),
    "wand": ("libMagickWand-7.Q16.so.10",),
    "weasyprint": ("libgobject-2.0.so.0", "libpango-1.0.so.0", "libpangoft2-1.0.so.0"),
}
"""What packages load by ctypes or cffi as soon as they are imported, by the names of wheels."""


class Problem(NamedTuple):
    """A library that is missing: who wants it, and whether that fails for certain."""

    wanted_by: str
    library: str
    certain: bool


def needed(path: Path) -> tuple[str, ...]:
    """Return the libraries that an ELF file of this machine names (gABI, chapter 5).

    A damaged one names none: packages have such files to test with, and nothing loads them.
    """
    data = path.read_bytes()
    try:
        return _needed(data) if data[:6] == _MAGIC else ()
    except (struct.error, StopIteration, ValueError, OverflowError):
        return ()


def _needed(data: bytes) -> tuple[str, ...]:
    if struct.unpack_from("<H", data, 18)[0] != _MACHINES.get(platform.machine()):
        return ()
    table = struct.unpack_from("<Q", data, 32)[0]
    size, count = struct.unpack_from("<HH", data, 54)
    headers = [struct.unpack_from("<IIQQQQ", data, table + n * size) for n in range(count)]
    dynamic = next((header for header in headers if header[0] == _DYNAMIC), None)
    if dynamic is None:
        return ()
    tags = [*struct.iter_unpack("<qQ", data[dynamic[2] : dynamic[2] + dynamic[5] // 16 * 16])]
    address = next(value for tag, value in tags if tag == _STRTAB)
    strings = next(
        offset + address - virtual
        for kind, _, offset, virtual, _, length in headers
        if kind == _LOAD and virtual <= address < virtual + length
    )
    starts = [strings + value for tag, value in tags if tag == _NEEDED]
    return tuple(data[start : data.index(b"\0", start)].decode() for start in starts)


def problems(closure: list[str]) -> Iterator[Problem]:
    """Yield what the modules in ``closure`` need and nothing in it has."""
    there: set[str] = set()
    modules: list[Path] = []
    wheels: set[str] = set()
    for root in closure:
        for parent, folders, names in os.walk(root):
            there.update(name for name in names if ".so" in name)
            wheels.update(name for name in folders if name.endswith(".dist-info"))
            modules += [
                Path(parent, name)
                for name in names
                if name.endswith((".so", ".node")) and _is_module(f"{parent}/{name}")
            ]
    for module in sorted(modules):
        for library in needed(module):
            if library not in there and not _HOSTS.fullmatch(library):
                yield Problem(str(module), library, certain=_is_shallow(module))
    for wheel in sorted(wheels):
        for library in _BY_NAME.get(wheel.partition("-")[0].lower(), ()):
            if library not in there:
                yield Problem(wheel.removesuffix(".dist-info"), library, certain=True)


def _is_module(path: str) -> bool:
    is_own = "/lib-dynload/" in path or "/site-packages/" not in path
    return bool(_NODE.fullmatch(path)) or (not is_own and bool(_PYTHON.fullmatch(path)))


def _is_shallow(module: Path) -> bool:
    parts = module.parts
    if "site-packages" not in parts:
        return True
    return len(parts) - parts.index("site-packages") <= 3  # noqa: PLR2004 - PACKAGE/MODULE.so


def main(spec_file: str) -> int:
    """Print a line for each problem; return 1 if one is certain."""
    spec = json.loads(Path(spec_file).read_text(encoding="utf-8"))
    found = [*problems(spec["closure"])]
    for problem in found:
        says = "which is not there" if problem.certain else "and is a plug-in that lacks it"
        print(f"{problem.wanted_by} needs {problem.library}, {says}", file=sys.stderr)
    return int(any(problem.certain for problem in found))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
