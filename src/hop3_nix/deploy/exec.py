"""Become one worker, or any command in an artifact's environment.

``main_fast`` stands between a supervisor and its worker, so nothing but the standard library is
imported on its way, and as little of that as possible.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
"""As in ``typing``, whose import takes 8 ms."""

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from typing import NoReturn

    from hop3_nix.deploy.launch import Ready, Start


READS_UP_TO = 1
"""The contract's version, as in contract.py, which is not imported here."""


def main_fast(argv: list[str]) -> None:
    """Become ``WORKER [ARTIFACT]`` by its launcher, given the arguments after ``exec``.

    Returns only if that is not possible; the slow path then does it, or says why it cannot.
    """
    if len(argv) not in {1, 2} or any(argument.startswith("-") for argument in argv):
        return
    try:
        found = _fast_start(*argv)
        if found is not None:
            launcher, env = found
            _restore_signals()
            os.execve(launcher, [launcher], env)  # noqa: S606 - becoming it is the point
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return


def exec_worker(
    worker: str,
    argument: str | Path = ".",
    *,
    overrides: Mapping[str, str] | None = None,
    state_dir: Path | None = None,
    trusted: bool = False,
) -> NoReturn:
    """Become ``worker`` of the artifact that ``argument`` stands for.

    Raises InputError if there is no such worker, or it is no process, and what ``locate`` and
    ``prepare`` raise.
    """
    from hop3_nix.errors import InputError  # noqa: PLC0415 - likewise
    from hop3_nix.workers.kind import kind_of  # noqa: PLC0415 - not on the fast path

    ready = _ready(argument, overrides, state_dir, trusted=trusted)
    start = ready.worker(worker)
    if kind_of(worker) == "static":
        raise InputError(
            f"{worker} is no process but files for a web server: {ready.runtime.workers[worker]}",
            tip="Let a web server serve that directory.",
        )
    _become(start)


def exec_command(
    command: Sequence[str],
    argument: str | Path = ".",
    *,
    overrides: Mapping[str, str] | None = None,
    state_dir: Path | None = None,
    trusted: bool = False,
) -> NoReturn:
    """Become ``command``, in the environment and working directory of the artifact's workers.

    Raises InputError if there is no such program, and what ``locate`` and ``prepare`` raise.
    """
    _become(_ready(argument, overrides, state_dir, trusted=trusted).command(tuple(command)))


def split_command(argv: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the arguments in front of the first ``--``, and the command behind it."""
    arguments = list(argv)
    if "--" not in arguments:
        return arguments, []
    position = arguments.index("--")
    return arguments[:position], arguments[position + 1 :]


def _fast_start(worker: str, argument: str = ".") -> tuple[str, dict[str, str]] | None:
    import json  # noqa: PLC0415 - only when there is something to read

    from hop3_nix.deploy.place import (  # noqa: PLC0415 - likewise
        ARTIFACT_FILE,
        BEFORE_RUN,
        STATE_VARIABLE,
        STORE,
        find,
        is_checked,
        state_path,
        store_name,
    )

    file, app_root = find(argument)
    # The slow path says what is wrong with a pipe, which would be waited for here.
    if not os.path.isfile(file):  # noqa: PTH113 - as below
        return None
    with open(file, "rb") as stream:  # noqa: PTH123 - pathlib is not needed for it
        data = json.load(stream)
    if file.endswith(ARTIFACT_FILE):
        runtime, location, name = data["runtime"], data["location"], data["app_name"]
        if data["metadata"].get("contract_version", 1) > READS_UP_TO:
            return None
    else:
        location = file.removesuffix("/hop3/runtime.json")
        runtime, name = data, store_name(location)
    if location.startswith(f"{STORE}/") and not is_checked(location):
        return None
    if _could_write(location, STORE):
        return None  # the slow path keeps it from that
    launcher = f"{location}/bin/{worker}"
    process = worker in runtime["workers"]
    ours = all(os.access(program, os.X_OK) for program in (launcher, f"{location}/{BEFORE_RUN}"))
    mounts = os.path.lexists(f"{location}/hop3/writable.json")
    if not process or not ours or mounts or runtime.get("writable_tree"):
        return None
    state = os.environ.get(STATE_VARIABLE) or state_path(app_root, name)
    os.makedirs(state, 0o700, exist_ok=True)  # noqa: PTH103 - as above
    return launcher, {**os.environ, STATE_VARIABLE: os.path.abspath(state)}  # noqa: PTH100


def _could_write(location: str, store: str) -> bool:
    """Return whether a worker at ``location`` that is ours as we are could write into the store."""
    return os.geteuid() == 0 or (location.startswith(f"{store}/") and os.access(store, os.W_OK))


def _ready(
    argument: str | Path,
    overrides: Mapping[str, str] | None,
    state_dir: Path | None,
    *,
    trusted: bool,
) -> Ready:
    from hop3_nix.deploy.artifact import locate  # noqa: PLC0415 - loads the contract's models
    from hop3_nix.deploy.launch import prepare  # noqa: PLC0415 - likewise

    return prepare(locate(argument, trusted=trusted), overrides=overrides, state_dir=state_dir)


def _become(start: Start) -> NoReturn:
    from hop3_nix.deploy import confine  # noqa: PLC0415 - not on the fast path
    from hop3_nix.errors import UnavailableError  # noqa: PLC0415 - likewise

    try:
        os.chdir(start.cwd)
        _restore_signals()
        confine.enter(start.confinement.to_data())
        os.execve(start.argv[0], start.argv, dict(start.env))  # noqa: S606 - as above
    except (OSError, ValueError) as error:
        raise UnavailableError(
            f"{start.argv[0]} cannot be started: {error}",
            tip="Check the artifact: hop3-nix inspect --verify",
        ) from error


def _restore_signals() -> None:
    """Undo what the interpreter changed: a worker expects that a closed pipe ends it."""
    import signal  # noqa: PLC0415 - only when a process is about to start

    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
