"""The interpreters on the PATH of this machine, by the names of their programs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator


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
