# ruff: noqa: INP001 - a program that Nix runs by its path
"""``foreign.py PROGRAM DIRECTORY``: let what packages bring compiled run as PROGRAM does.

Programs are made for any Linux, whose dynamic linker is not here: they get that of PROGRAM, the
interpreter. Libraries whose DT_RUNPATH hides the interpreter's directories get a DT_RPATH of it.
"""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

_MAGIC: Final = b"\x7fELF\x02\x01"  # 64 bits, little-endian
_DYNAMIC, _INTERP = 2, 3  # p_type, gABI chapter 5
_RPATH, _RUNPATH = 15, 29  # d_tag
_TEXT: Final = (".cjs", ".css", ".cts", ".html", ".js", ".json", ".map", ".md", ".mjs", ".ts")


class Runner(NamedTuple):
    """How the interpreter is started: what runs in its place runs beside it."""

    machine: int
    interpreter: str
    search: str

    @classmethod
    def like(cls, program: str) -> Runner:
        """Return how ``program`` is started."""
        found = interpreter(Path(program))
        if found is None:
            msg = f"{program} is not started by a dynamic linker"
            raise ValueError(msg)
        return cls(*found, _search(program))

    def patch(self, directory: Path) -> None:
        """Let every program of glibc under ``directory`` be started like this, and find as much."""
        for parent, _, names in os.walk(directory):
            for name in names:
                path = Path(parent, name)
                if name.endswith(_TEXT) or path.is_symlink():
                    continue
                found = interpreter(path)
                if (
                    found is not None
                    and found[0] == self.machine
                    and found[1] != self.interpreter
                    and Path(found[1]).name == Path(self.interpreter).name
                ):
                    self._patch(path)
                elif found is None:
                    inherit_search(path)

    def _patch(self, path: Path) -> None:
        search = [part for part in _search(str(path)).split(":") if part.startswith("$ORIGIN")]
        search.append(self.search)
        subprocess.run(
            [
                *("patchelf", "--set-interpreter", self.interpreter),
                *("--force-rpath", "--set-rpath", ":".join(search), str(path)),
            ],
            check=True,
        )
        print(f"{path}: started by {self.interpreter}")  # noqa: T201 - the build's log


def inherit_search(path: Path) -> bool:
    """Turn the DT_RUNPATH of a library into a DT_RPATH; return whether it had one.

    The former hides the directories of whoever loads it, the latter goes before them. Only the
    tag differs, so that nothing else in the file moves.
    """
    with path.open("rb") as file:
        if file.read(6) != _MAGIC:
            return False
        file.seek(0)
        data = bytearray(file.read())
    try:
        changed = _with_inherited_search(data)
    except (struct.error, OverflowError):
        return False  # it is damaged, and nothing loads it
    if changed:
        mode = path.stat().st_mode
        path.chmod(mode | 0o200)
        path.write_bytes(data)
        path.chmod(mode)
    return changed


def _with_inherited_search(data: bytearray) -> bool:
    """Change the tag in ``data``, and return whether there was one to change."""
    table = struct.unpack_from("<Q", data, 32)[0]
    size, count = struct.unpack_from("<HH", data, 54)
    headers = [struct.unpack_from("<IIQQQQ", data, table + n * size) for n in range(count)]
    for kind, _, start, _, _, length in headers:
        if kind != _DYNAMIC:
            continue
        tags = {
            struct.unpack_from("<Q", data, place)[0]: place
            for place in range(start, min(start + length, len(data) - 15), 16)
        }
        if _RUNPATH in tags and _RPATH not in tags:
            struct.pack_into("<Q", data, tags[_RUNPATH], _RPATH)
            return True
    return False


def _search(program: str) -> str:
    argv = ["patchelf", "--print-rpath", program]
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout.strip()


def interpreter(path: Path) -> tuple[int, str] | None:
    """Return the machine and the dynamic linker of a program; None for all else.

    What is damaged is no program: packages have such files to test with.
    """
    try:
        return _interpreter(path)
    except (struct.error, ValueError):
        return None


def _interpreter(path: Path) -> tuple[int, str] | None:
    with path.open("rb") as file:
        head = file.read(64)
        if head[:6] != _MAGIC or len(head) < 64:  # noqa: PLR2004 - the size of the header
            return None
        machine = struct.unpack_from("<H", head, 18)[0]
        table = struct.unpack_from("<Q", head, 32)[0]
        size, count = struct.unpack_from("<HH", head, 54)
        headers = _part(file, table, size * count)
        for number in range(count):
            kind = struct.unpack_from("<I", headers, number * size)[0]
            if kind == _INTERP:
                offset = struct.unpack_from("<Q", headers, number * size + 8)[0]
                length = struct.unpack_from("<Q", headers, number * size + 32)[0]
                return machine, _part(file, offset, length).rstrip(b"\0").decode()
    return None


def _part(file: BinaryIO, offset: int, length: int) -> bytes:
    """Return so many bytes from there. Raises ValueError if the file has no such place."""
    size = os.fstat(file.fileno()).st_size
    if offset + length > size:
        msg = f"there are {size} bytes"
        raise ValueError(msg)
    file.seek(offset)
    return file.read(length)


if __name__ == "__main__":
    Runner.like(sys.argv[1]).patch(Path(sys.argv[2]))
