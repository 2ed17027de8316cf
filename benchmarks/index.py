"""A package index on loopback, which offers the same wheels under names that nobody has seen.

The name of a wheel may hold a build tag (the binary distribution format, "File name convention").
An index for each tag, then, offers files that no cache and no store has, though their bytes are
the same.
"""

from __future__ import annotations

import hashlib
import re
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.serving import Answer


def tagged(filename: str, tag: str) -> str:
    """Return the wheel's name with ``tag`` for its build tag; a digit has to come first in it."""
    distribution, *compatibility = filename.rsplit("-", 3)
    name, version, *_ = distribution.split("-")
    return "-".join([name, version, tag, *compatibility])


def index_of(wheels: Path) -> Answer:
    """Return what answers for the wheels in directory ``wheels``.

    ADDRESS/TAG/simple is an index as PEP 503 and PEP 658 describe it.
    """
    return _Wheels({path.name: path for path in wheels.glob("*.whl")}).answer


class _Wheels:
    """Wheels by project, with what an index tells about them."""

    def __init__(self, files: dict[str, Path]) -> None:
        self.files = files
        self.metadata = {name: _metadata(path) for name, path in files.items()}
        self.sha256 = {
            name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()
        }

    def page(self, project: str, tag: str) -> bytes:
        """Return the page that links to the files of ``project``, or nothing."""
        links = [
            f'<a href="/{tag}/files/{name}/{tagged(name, tag)}#sha256={self.sha256[name]}" '
            f'data-core-metadata="sha256={hashlib.sha256(self.metadata[name]).hexdigest()}">'
            f"{tagged(name, tag)}</a>"
            for name in self.files
            if re.sub(r"[-_.]+", "-", name.partition("-")[0]).lower() == project
        ]
        return f"<!DOCTYPE html><body>{''.join(links)}</body>".encode() if links else b""

    def answer(self, path: str) -> tuple[bytes, str]:
        """Return what stands at ``path``, empty for nothing, and its media type."""
        match path.strip("/").split("/"):
            case [tag, "simple", project]:
                return self.page(project, tag), "text/html"
            case [_, "files", name, asked] if name in self.files:
                if asked.endswith(".metadata"):
                    return self.metadata[name], "text/plain"
                return self.files[name].read_bytes(), "application/octet-stream"
        return b"", ""


def _metadata(wheel: Path) -> bytes:
    with zipfile.ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return archive.read(name)
