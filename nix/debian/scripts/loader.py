# ruff: noqa: INP001 - a module that Nix runs by its path
"""Where the dynamic linker looks by default: in a directory of its own layer, and nowhere else.

What a program loads comes from its closure. A library whose own DT_RUNPATH hides the directories of
the program still finds the C library's parts, as it does on any other system.
"""

from __future__ import annotations

import re
import struct
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_NOWHERE = b"/nil/"
"""A directory that no system has."""

_FILES = (b"/etc/ld.so.cache\0", b"/etc/ld.so.preload\0")

_ALIGNED = 32
"""What the linker aligns such texts to: behind them there is room that nothing uses."""


def mend_loader(loader: Path, directory: str) -> None:
    """Let ``loader`` search ``directory`` if it can be taught to, and the system's in no case.

    Exits if it is not what it was expected to be.
    """
    triple = loader.parent.name
    system = [f"/lib/{triple}/", f"/usr/lib/{triple}/", "/lib/", "/usr/lib/"]
    try:
        data = searching(loader.read_bytes(), [text.encode() for text in system], directory)
    except ValueError as error:
        sys.exit(f"{loader}: {error}")
    loader.write_bytes(data)


def searching(data: bytes, system: list[bytes], directory: str) -> bytes:
    """Return the dynamic linker ``data`` with ``directory`` among its ``system`` directories.

    It has these as one text behind an array of their lengths (``system_dirs`` of elf/dl-load.c).
    Where the first ends is compiled in, so that ours takes the place of the second. So is the
    length of the longest, which buffers are made by. Raises ValueError if there are no such texts.
    """
    text = _joined(system)
    lengths = _packed(system)
    start = data.find(lengths + text)
    longest = re.escape(struct.pack("<I", max(map(len, system))))
    stored = [*re.finditer(rb"\x48\xc7\x05.{4}" + longest, data, re.DOTALL)]  # movq $N, (%rip)
    room = len(text) + _padding(data[start + len(lengths + text) :][:_ALIGNED])
    own = [_hidden(system[0]), directory.encode() + b"/", *[_NOWHERE] * (len(system) - 2)]
    fresh = _joined(own)
    if start < 0 or len(stored) != 1 or len(fresh) > room:
        # Of another make: what hides the program's directories has to be mended elsewhere.
        return _without(data, system)
    place = stored[0].end() - 4
    data = data[:place] + struct.pack("<I", max(map(len, own))) + data[place + 4 :]
    mended = _packed(own) + fresh.ljust(len(text), b"\0")
    hidden = _without(data, system)
    return hidden[:start] + mended + hidden[start + len(mended) :]


def _without(data: bytes, system: list[bytes]) -> bytes:
    """Return ``data`` with a name that no system has, as long as before, for what it would read."""
    for name in _FILES:
        if name not in data:
            raise ValueError(f"{name!r} is not where it was expected")
    for name in (*sorted((name + b"\0" for name in system), key=len, reverse=True), *_FILES):
        data = data.replace(name, _hidden(name))
    return data


def _hidden(name: bytes) -> bytes:
    return re.sub(rb"^/(usr|lib|etc)", b"/nil", name)


def _joined(names: list[bytes]) -> bytes:
    return b"".join(name + b"\0" for name in names)


def _packed(names: list[bytes]) -> bytes:
    return struct.pack(f"<{len(names)}Q", *map(len, names))


def _padding(data: bytes) -> int:
    return len(data) - len(data.lstrip(b"\0"))
