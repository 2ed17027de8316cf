"""Finds the file of a program, and verifies that it can be started."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING, Final

from .problems import BUILDER_TIP, OUTSIDE_TIP, PACKAGE_TIP, ProblemError, nearest
from .spec import READ

if TYPE_CHECKING:
    from .artifact import Artifact
    from .commands import Program
    from .spec import Spec

HOST_PATH: Final = (
    "/usr/local/bin",
    "/usr/bin",
    "/bin",
    "/usr/local/sbin",
    "/usr/sbin",
    "/sbin",
    "/run/current-system/sw/bin",
)
"""Where a local build finds programs that its release does not hold: never the caller's PATH,
so that what is active in somebody's shell does not get into an artifact."""


SHELL_OF_EVERY_HOST: Final = "/bin/sh"
"""What other builders' wrappers begin with; it is there on NixOS as well."""


class Programs:
    """The programs of the app's tree and of PATH."""

    def __init__(self, spec: Spec, artifact: Artifact) -> None:
        self._artifact = artifact
        self._reads = spec.mode == READ
        self._tree = spec.working_dir
        self._path = [*spec.path, *(HOST_PATH if spec.mode == "local" else ())]

    def find(self, name: str, program: Program) -> str | None:
        """Return the absolute path of ``program``, which says ``name``.

        None: it is right as it stands, or it is known only at run time. Raises ProblemError.
        """
        if "/" not in name:
            return None if program.own_path else self._search(name)
        if os.path.isabs(name):
            # What is forbidden is reported with the rest of the line.
            if not self._artifact.forbids(name):
                self._check_file(name, name)
            return None
        if program.directory is None:
            return None
        full = os.path.normpath(os.path.join(self._tree, program.directory, name))
        self._check_file(full, name)
        return full

    def _check_file(self, full: str, name: str) -> None:
        if not os.path.exists(full):
            place, base = os.path.split(full)
            raise _missing(base, [place], "correct the name")
        if os.path.isdir(full) or not os.access(full, os.X_OK):
            raise ProblemError(f"{full} is not executable", f"chmod +x {shlex.quote(name)}")
        if not self._artifact.holds_target(full):
            raise ProblemError(f"{full} is not part of the artifact", OUTSIDE_TIP)
        self._check_interpreter(full)

    def _search(self, name: str) -> str:
        found = self._on_path(name)
        if found is None:
            inert = next(filter(os.path.isfile, self._candidates(name)), None)
            here = os.path.isfile(os.path.join(self._tree, name))
            tip = f"write ./{name} for the one in the app" if here else PACKAGE_TIP
            raise _missing(name, self._path, f"make {inert} executable" if inert else tip)
        if not self._artifact.holds_target(found):
            target = os.path.realpath(found)
            raise ProblemError(f"{found} leads to {target}, outside of the artifact", BUILDER_TIP)
        self._check_interpreter(found)
        return found

    def _candidates(self, name: str) -> list[str]:
        return [os.path.join(entry, name) for entry in self._path]

    def _on_path(self, name: str) -> str | None:
        found = (c for c in self._candidates(name) if os.path.isfile(c) and os.access(c, os.X_OK))
        return next(found, None)

    def _check_interpreter(self, script: str) -> None:
        """Verify that what the first line of ``script`` names is there."""
        try:
            with open(script, "rb") as file:
                first = os.fsdecode(file.readline(4096))
        except OSError:  # may be run, may not be read: then it is not a script
            return
        if not first.startswith("#!"):
            return
        interpreter, *rest = first[2:].split() or [""]
        if self._reads and interpreter == SHELL_OF_EVERY_HOST:
            return
        if not os.access(interpreter, os.X_OK) or not self._artifact.holds_target(interpreter):
            what = f"{script} begins with #!{interpreter}, which is not part of the artifact"
            raise ProblemError(what, PACKAGE_TIP)
        if os.path.basename(interpreter) == "env":
            name = next((word for word in rest if word[0] != "-" and "=" not in word), None)
            if name and not self._on_path(name):
                raise _missing(name, self._path, PACKAGE_TIP, f"needed by: {script}")


def _missing(name: str, places: list[str], tip: str, *details: str) -> ProblemError:
    looked = f"looked in: {' '.join(dict.fromkeys(places))}"
    what = f"there is no program {name}"
    return ProblemError(what, tip, *details, looked, nearest(name, places))
