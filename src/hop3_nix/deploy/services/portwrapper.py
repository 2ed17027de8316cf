"""What a unit of the system starts, so that its program listens on its own ports alone.

systemd's own setting for that (SocketBindDeny=) needs a systemd with BPF, which Debian's has not.
The program that does it (`hop3_nix.deploy.portlock`) is copied to where every unit sees it, and
runs in an interpreter that every unit sees; when it is done it has become the worker's.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hop3_nix.deploy import portlock
from hop3_nix.deploy.artifact import STORE, store_path_of
from hop3_nix.deploy.services.units import HOMES
from hop3_nix.files.atomic import write_text_atomic
from hop3_nix.host.state import writing_to
from hop3_nix.nix import commands as nixcli

if TYPE_CHECKING:
    from collections.abc import Sequence

PLACE: Final = Path("/var/lib/hop3/programs")

SYSTEMS: Final = Path("/usr/bin", f"{Path(sys.executable).name.rstrip('.0123456789')}3")
"""The interpreter of the system, which we may run with one of our own."""


def words(ports: Sequence[int] | None) -> tuple[str, ...]:
    """Return what stands before a program that may listen on ``ports``.

    Nothing, if it may listen on any, if the kernel cannot keep it to some, or if there is no
    interpreter of ours outside of homes, which units do not see. Raises UnavailableError if the
    copy cannot be written.
    """
    interpreter = _interpreter()
    if ports is None or interpreter is None or not portlock.is_possible():
        return ()
    copy = PLACE / Path(portlock.__file__).name
    text = Path(portlock.__file__).read_text(encoding="utf-8")
    with writing_to(PLACE):
        PLACE.mkdir(mode=0o755, parents=True, exist_ok=True)
        if not copy.exists() or copy.read_text(encoding="utf-8") != text:
            write_text_atomic(copy, text, mode=0o644)
    if interpreter.is_relative_to(STORE):
        path = store_path_of(interpreter)
        if not (PLACE / path.name).is_symlink():
            nixcli.add_root(PLACE / path.name, path)
    return (str(interpreter), "-I", "-S", str(copy), ",".join(map(str, ports)))


def _interpreter() -> Path | None:
    for candidate in (Path(sys.executable), SYSTEMS):
        if candidate.exists():
            real = candidate.resolve()
            if not any(real.is_relative_to(home) for home in HOMES):
                return real
    return None
