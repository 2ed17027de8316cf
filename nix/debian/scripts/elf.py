# ruff: noqa: INP001 - a module that Nix runs by its path
"""What the set must know of an ELF file: its interpreter, what it needs, where it looks."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAGIC = b"\x7fELF"

_EXECUTABLE, _SHARED = 2, 3  # e_type
_LOAD, _DYNAMIC, _INTERP = 1, 2, 3  # p_type
_NEEDED, _STRTAB, _RPATH, _RUNPATH = 1, 5, 15, 29  # d_tag


class Elf(NamedTuple):
    """A dynamically linked program or shared library (gABI, chapters 4 and 5)."""

    interpreter: str
    needed: tuple[str, ...]
    search: tuple[str, ...]


def read_elf(path: Path) -> Elf | None:
    """Return what ``path`` says, or None if it is nothing that the dynamic linker loads."""
    with path.open("rb") as file:
        if file.read(4) != MAGIC:
            return None
        file.seek(0)
        data = file.read()
    kind = struct.unpack_from("<H", data, 16)[0]
    if kind not in {_EXECUTABLE, _SHARED}:
        return None
    table, size, count = (
        struct.unpack_from("<Q", data, 32)[0],
        *struct.unpack_from("<HH", data, 54),
    )
    headers = [struct.unpack_from("<IIQQQQQQ", data, table + n * size) for n in range(count)]
    dynamic = [header for header in headers if header[0] == _DYNAMIC]
    if not dynamic:
        return None
    entries = struct.iter_unpack("<qQ", data[dynamic[0][2] : dynamic[0][2] + dynamic[0][5]])
    tags = _until_null(entries)
    strings = _offset(headers, next(value for tag, value in tags if tag == _STRTAB))

    def text(offset: int) -> str:
        return data[offset : data.index(b"\0", offset)].decode()

    paths = [text(strings + value) for tag, value in tags if tag in {_RPATH, _RUNPATH}]
    interpreter = next((text(header[2]) for header in headers if header[0] == _INTERP), "")
    return Elf(
        interpreter=interpreter,
        needed=tuple(text(strings + value) for tag, value in tags if tag == _NEEDED),
        search=tuple(part for path in paths for part in path.split(":") if part),
    )


def _until_null(entries: Iterator[tuple[int, int]]) -> list[tuple[int, int]]:
    tags = []
    for tag, value in entries:
        if tag == 0:
            break
        tags.append((tag, value))
    return tags


def _offset(headers: list[tuple[int, ...]], address: int) -> int:
    for kind, _, offset, virtual, _, size, _, _ in headers:
        if kind == _LOAD and virtual <= address < virtual + size:
            return offset + address - virtual
    msg = "an address outside of every segment"
    raise ValueError(msg)
