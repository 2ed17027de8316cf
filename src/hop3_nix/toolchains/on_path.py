"""The interpreters on the PATH of this machine, by the names of their programs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.version import Version

from hop3_nix.errors import ToolError
from hop3_nix.plan import HostOffer

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

    from hop3_nix.toolchains.base import Tools
    from hop3_nix.toolchains.language import Probe


def find_interpreters(language: str, probe: Probe, tools: Tools) -> tuple[HostOffer, ...]:
    """Return the released interpreters on PATH, one per version, the newest first."""
    found: dict[Version, HostOffer] = {}
    for program in programs_called(probe.program):
        try:
            answer = probe.parse(tools.run([str(program), *probe.ask], env=probe.env))
            version = answer and Version(answer.version)
        except (ToolError, ValueError):
            # A shim of a version manager with no version active, or a broken installation.
            continue
        if answer and version and not version.is_prerelease:
            offer = HostOffer(
                language=language,
                version=answer.version,
                program=answer.program,
                libc=answer.libc,
            )
            found.setdefault(version, offer)
    return tuple(offer for _, offer in sorted(found.items(), key=lambda each: each[0]))[::-1]


def programs_called(name: re.Pattern[str]) -> Iterator[Path]:
    """Yield the programs that are called ``name``, in the order of PATH, each once.

    Of a link it is the program behind it: that of a virtual environment leads out of it.
    Directories that are relative to where we are called, not there or not to be read are passed
    over.
    """
    seen: set[Path] = set()
    for entry in os.environ.get("PATH", "").split(os.pathsep):
        directory = Path(entry)
        readable = directory.is_dir() and os.access(directory, os.R_OK | os.X_OK)
        if not directory.is_absolute() or not readable:
            continue
        for program in sorted(directory.iterdir()):
            if not name.fullmatch(program.name) or not os.access(program, os.X_OK):
                continue
            real = program.resolve()
            # The shims of a version manager may all be one file, told apart by their names.
            real = real if name.fullmatch(real.name) else program
            if real not in seen:
                seen.add(real)
                yield real
