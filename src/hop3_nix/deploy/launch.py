"""An artifact made ready to run on this machine, and what its processes are started with."""

from __future__ import annotations

import difflib
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hop3_nix.contract import DEFAULTS_FILE, read_defaults
from hop3_nix.deploy.artifact import is_program, understands_starters
from hop3_nix.deploy.commandline import shell_of
from hop3_nix.deploy.confinement import Confinement, confine_state, read_by, unprotected, within
from hop3_nix.deploy.kinds import split_schedule
from hop3_nix.deploy.place import BEFORE_RUN, STATE_VARIABLE, state_path
from hop3_nix.deploy.rules import check_rules
from hop3_nix.deploy.tree import COPY, materialise
from hop3_nix.deploy.writable import writable_of
from hop3_nix.errors import InputError, UnavailableError
from hop3_nix.workers.environment import APP_DIR, kept

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from hop3_nix.contract import RuntimeConfig
    from hop3_nix.deploy.artifact import Located

EXEC: Final = "hop3/exec"
"""The artifact's own program that becomes any other in the workers' environment."""


HOMES: Final = (
    *("HOME", "LOGNAME", "USER", "MAIL", "TMPDIR"),
    *(f"XDG_{name}" for name in ("CACHE_HOME", "CONFIG_HOME", "DATA_HOME", "STATE_HOME")),
    "XDG_RUNTIME_DIR",
)
"""The variables that lead to what belongs to one user."""


@dataclass(frozen=True)
class Start:
    """What execve is given, and the directory and the confines to call it in."""

    argv: tuple[str, ...]
    env: Mapping[str, str]
    cwd: str
    confinement: Confinement = field(default_factory=Confinement)


@dataclass(frozen=True)
class Ready:
    """An artifact with its state directory; made by ``prepare``."""

    located: Located
    runtime: RuntimeConfig
    state: Path
    tree: Path | None = None
    """The copy of the app's tree that it runs in; None for the artifact's own."""
    defaults: frozenset[str] = frozenset()
    """The variables of the runtime section that the environment may override."""
    overrides: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    confinement: Confinement = field(default_factory=Confinement)

    def worker(self, name: str, extra: Mapping[str, str] | None = None) -> Start:
        """Return how worker ``name`` is started, with the variables ``extra`` set as well.

        That is the artifact's own launcher, unless it has none, or one that cannot be told what it
        would have to know. Raises InputError if there is no such worker.
        """
        if name not in self.runtime.workers:
            raise unknown_worker(name, self.runtime.workers)
        command = split_schedule(name, self.runtime.workers[name])[1]
        return self._launched(self.located.launcher(name), extra) or self._line(command, extra)

    def before_run(self) -> list[tuple[str, Start]]:
        """Return what to run before the workers, in order: a description and how to start it."""
        lines = self.runtime.before_run
        launched = self._launched(self.located.program(BEFORE_RUN))
        if launched and lines:
            return [("; ".join(lines), launched)]
        return [(line, self._line(line)) for line in lines]

    def command(self, argv: tuple[str, ...]) -> Start:
        """Return how any other command is started as if it were a worker.

        Raises InputError if there is no such program on the artifact's PATH.
        """
        env = self._environment()
        program = _which(argv[0], env["PATH"], self._directory())
        if not program:
            raise InputError(
                f"there is no program {argv[0]} on the artifact's PATH: {env['PATH']}",
                tip="Name a program of the artifact, or give an absolute path.",
            )
        started = self._launched(self.located.program(EXEC), arguments=(program, *argv[1:]))
        return started or Start((program, *argv[1:]), env, self._directory(), self.confinement)

    def _launched(
        self,
        launcher: Path | None,
        extra: Mapping[str, str] | None = None,
        arguments: tuple[str, ...] = (),
    ) -> Start | None:
        wanted = {**self.overrides, **(extra or {})}
        needed = kept(wanted, self._fixed())
        if self.tree:
            needed[APP_DIR] = str(self.tree)
        if launcher is None or (needed and not understands_starters(self.located.location)):
            return None
        env = {**self._callers(), **wanted, **needed, STATE_VARIABLE: str(self.state)}
        return Start((str(launcher), *arguments), env, self._directory(), self.confinement)

    def _line(self, line: str, extra: Mapping[str, str] | None = None) -> Start:
        shell = shell_of(self.runtime.path_prepend)
        env = self._environment(extra)
        return Start((shell, "-c", line), env, self._directory(), self.confinement)

    def _callers(self) -> dict[str, str]:
        """Return the caller's variables; another user's home is where that user may write."""
        env = dict(os.environ)
        if self.confinement.user:
            for name in HOMES:
                env.pop(name, None)
            env["HOME"] = str(self.state)
        return env

    def _fixed(self) -> dict[str, str]:
        """Return the variables that the environment may not override."""
        variables = self.runtime.env_vars
        return {name: value for name, value in variables.items() if name not in self.defaults}

    def _environment(self, extra: Mapping[str, str] | None = None) -> dict[str, str]:
        runtime = self.runtime
        mine = {**self._fixed(), **self.overrides, **(extra or {})}
        env = {**runtime.env_vars, **self._callers(), **mine}
        env[STATE_VARIABLE] = str(self.state)
        if "PATH" not in self.overrides:
            # A store path brings everything it runs with; a local build stands on the host.
            alone = self.located.artifact.builder == "nix" and runtime.path_prepend
            rest = runtime.env_vars.get("PATH", "" if alone else os.environ.get("PATH", os.defpath))
            env["PATH"] = ":".join([*runtime.path_prepend, *([rest] if rest else [])])
        return env

    def _directory(self) -> str:
        if not Path(self.runtime.working_dir).is_dir():
            raise UnavailableError(
                f"the artifact's working directory does not exist: {self.runtime.working_dir}",
                tip="Build the app again.",
            )
        return self.runtime.working_dir


def prepare(
    located: Located,
    *,
    overrides: Mapping[str, str] | None = None,
    state_dir: Path | None = None,
) -> Ready:
    """Return ``located`` with its state directory made, and its writable tree in it.

    The directory is ``state_dir``, else HOP3_STATE_DIR, else one that belongs to the app under
    hop3-nix's own state. Raises UnavailableError if it cannot be made, and ArtifactCorruptError if
    the artifact uses what is not part of it, or its defaults cannot be read.
    """
    check_rules(located)
    overrides = overrides or {}
    named = state_dir or overrides.get(STATE_VARIABLE) or os.environ.get(STATE_VARIABLE)
    app_root = str(located.app_root or "")
    state = Path(named or state_path(app_root, located.artifact.app_name)).absolute()
    try:
        confinement = confine_state(state, reads=read_by(located))
        own = writable_of(located, state)
        for one in own:
            within(confinement, one.make)
        if own:
            binds = [(str(one.kept), str(one.place)) for one in own]
            confinement = confine_state(state, reads=read_by(located), binds=binds)
    except OSError as error:
        raise UnavailableError(
            f"the app's state directory {state} cannot be made: {error.strerror}",
            tip=f"Give one it can write to: --state-dir DIR, or {STATE_VARIABLE}=DIR",
        ) from error
    runtime, note, tree = located.artifact.runtime, "", None
    if runtime.writable_tree:
        runtime, note = materialise(runtime, state, confinement)
        tree = state / COPY
    if not runtime.working_dir:
        runtime = runtime.model_copy(update={"working_dir": str(state)})
    defaults = read_defaults(located.location / DEFAULTS_FILE)
    notes = tuple(filter(None, (note, unprotected(confinement))))
    return Ready(located, runtime, state, tree, defaults, overrides, notes, confinement)


def unknown_worker(name: str, workers: Collection[str]) -> InputError:
    """Return the error for a worker that is not among ``workers``, the artifact's."""
    near = difflib.get_close_matches(name, workers, n=1)
    meant = f"Did you mean {near[0]}? " if near else ""
    return InputError(
        f"there is no worker {name!r}",
        tip=f"{meant}The artifact's workers: {', '.join(sorted(workers)) or 'none'}",
    )


def _which(program: str, path: str, directory: str) -> str:
    """Return the file that ``program`` is, looked up as execvp(3) does in ``directory``."""
    places = [""] if "/" in program else path.split(":")
    candidates = (Path(directory, place, program) for place in places)
    return next((str(found) for found in candidates if is_program(found)), "")
