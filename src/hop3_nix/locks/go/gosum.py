"""go.sum: what Go calls h1, which is a digest of digests, and so of no file."""

from __future__ import annotations

import base64
import hashlib
import io
import re
import zipfile
from typing import TYPE_CHECKING, Final

from hop3_nix.locks.base import Place
from hop3_nix.locks.go.modfile import Module

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hop3_nix.source import Source

SUM: Final = "go.sum"
WORK_SUM: Final = "go.work.sum"

_OF_MOD: Final = "/go.mod"
_H1: Final = re.compile(r"h1:[A-Za-z0-9+/]{43}=")
_TIP: Final = "Have Go itself write the file: go mod tidy"

Wanted = tuple[Module, str]
"""A module, and which of its files: ``zip`` or ``mod``."""


def read_sum(source: Source, file: str) -> dict[Wanted, str]:
    """Return the h1 of each file that ``file`` pins, none if it is not there. Raises LockError."""
    if not source.has(file):
        return {}
    found: dict[Wanted, str] = {}
    for number, line in enumerate(source.read_text(file).splitlines(), 1):
        match line.split():
            case []:
                continue
            case [path, version, h1] if _H1.fullmatch(h1):
                kind = "mod" if version.endswith(_OF_MOD) else "zip"
                wanted = Module(path, version.removesuffix(_OF_MOD)), kind
                if found.setdefault(wanted, h1) != h1:
                    raise Place(file, number).error(f"{wanted[0]} has two digests", tip=_TIP)
            case _:
                raise Place(file, number).error(f"{line!r} is no line of a go.sum", tip=_TIP)
    return found


def escaped(text: str) -> str:
    """Return ``text`` as the paths of proxies have it: ``!a`` for each ``A``."""
    return re.sub(r"[A-Z]", lambda found: f"!{found[0].lower()}", text)


def path_of(wanted: Wanted) -> str:
    """Return where a proxy has the file, below its own address."""
    module, kind = wanted
    return f"{escaped(module.path)}/@v/{escaped(module.version)}.{kind}"


def h1_of(data: bytes, kind: str) -> str:
    """Return the h1 of a file. Raises ValueError if it is no zip archive that can be read."""
    if kind == "mod":
        return _h1([("go.mod", data)])
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = [each for each in archive.infolist() if not each.is_dir()]
            return _h1((each.filename, archive.read(each)) for each in entries)
    except (zipfile.BadZipFile, NotImplementedError, OSError, RuntimeError, EOFError) as error:
        raise ValueError(str(error)) from error


def _h1(files: Iterable[tuple[str, bytes]]) -> str:
    lines = [(name, hashlib.sha256(data).hexdigest()) for name, data in files]
    text = "".join(f"{digest}  {name}\n" for name, digest in sorted(lines))
    return "h1:" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
