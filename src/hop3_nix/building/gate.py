"""Whether apps can be relied on: built twice, compared, and started with their closure alone."""

from __future__ import annotations

import filecmp
import os
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from hop3_nix.building.context import choose
from hop3_nix.building.pipeline import build_app, plan_app
from hop3_nix.errors import ExitCode, Hop3NixError, InputError, UnavailableError
from hop3_nix.host import process
from hop3_nix.nix import commands as nixcli
from hop3_nix.nix.commands import NixSettings
from hop3_nix.source import Source
from hop3_nix.tiers import tier_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hop3_nix.builders.base import Report
    from hop3_nix.building.unchanged import BuildOptions
    from hop3_nix.contract import BuildArtifact

Outcome = Literal["reproducible", "differs", "does not run", "does not build", "refused"]

EXIT: Final[dict[Outcome, ExitCode]] = {
    "reproducible": ExitCode.OK,
    "differs": ExitCode.NOT_REPRODUCIBLE,
    "does not run": ExitCode.DOES_NOT_RUN,
    "does not build": ExitCode.BUILD_FAILED,
    "refused": ExitCode.BAD_INPUT,
}
"""Each outcome's exit code, the best outcome first."""

NAME: Final = 33
"""Where the name in a store path begins, behind the digest and a dash."""

STAYS_UP: Final = 3.0
"""Seconds that a worker has to run which answers no HTTP."""

GOOD: Final = 400
"""Statuses below are good ones of a page that is declared; below 500, of one that is not."""


@dataclass(frozen=True)
class Verdict:
    """What was found of one app."""

    app: str
    outcome: Outcome
    detail: str = ""
    tier: int | None = None
    seconds: float = 0.0


def verify_app(
    root: Path, options: BuildOptions, variables: Mapping[str, str], report: Report
) -> Verdict:
    """Return what there is to say of the app at ``root``; its mistakes are part of that.

    Raises UnavailableError if this machine cannot tell: without Nix, or bubblewrap.
    """
    began = time.monotonic()
    options = options._replace(builder="nix")
    if shutil.which("bwrap") is None:
        raise UnavailableError(
            "bwrap is not installed, which shows an app nothing but its closure",
            tip="Install it (Debian: apt install bubblewrap).",
        )

    def found(outcome: Outcome, detail: str = "", tier: int | None = None) -> Verdict:
        return Verdict(str(root), outcome, detail, tier, time.monotonic() - began)

    try:
        tier = tier_of(plan_app(root, options))
    except InputError as error:
        return found("refused", str(error))
    try:
        artifact = build_app(root, options, report)
        settings = _settings(root, options, report)
    except InputError as error:
        return found("refused", str(error), tier)
    except UnavailableError:
        raise
    except Hop3NixError as error:
        return found("does not build", str(error), tier)
    if problem := _does_not_run(artifact, variables):
        return found("does not run", problem, tier)
    if different := _first_difference(Path(artifact.location), settings):
        return found("differs", different, tier)
    return found("reproducible", tier=tier)


def _settings(root: Path, options: BuildOptions, report: Report) -> NixSettings:
    package_set = choose(Source.open(root), options, report).package_set
    return NixSettings(package_set.nix_settings() if package_set else {})


def _first_difference(location: Path, settings: NixSettings) -> str:
    """Return the first file of which a second build has another content, "" if there is none."""
    name = location.name[NAME:]
    layers = [path for path in nixcli.closure(location) if _is_layer(path, name)]
    for path in (*sorted(layers), location):
        (deriver,) = nixcli.query("--deriver", str(path))
        argv = ["nix-store", "--realise", "--check", "--keep-failed", deriver]
        done = process.run(argv, env=settings.environment())
        if done.status == 0:
            continue
        other = Path(f"{path}.check")
        if not other.exists():
            return f"{path.name[NAME:]} could not be built a second time"
        return f"{path.name[NAME:]}: {_differing(path, other) or 'the modes of files'}"
    return ""


def _is_layer(path: Path, name: str) -> bool:
    return path.name[NAME:].removeprefix(name) in {"-deps", "-app"}


def _differing(one: Path, other: Path) -> str:
    for root, folders, files in os.walk(one):
        folders.sort()
        here = Path(root)
        there = other / here.relative_to(one)
        others = (path.name for path in there.iterdir()) if there.is_dir() else ()
        for file in sorted({*files, *others}):
            a, b = here / file, there / file
            if a.is_symlink() or b.is_symlink():
                same = a.is_symlink() and b.is_symlink() and a.readlink() == b.readlink()
            elif a.is_dir() and b.is_dir():
                continue
            else:
                same = a.is_file() and b.is_file() and filecmp.cmp(a, b, shallow=False)
            if not same:
                return str(a.relative_to(one))
    return ""


def _does_not_run(artifact: BuildArtifact, variables: Mapping[str, str]) -> str:
    """Return why the app does not run with nothing but its closure, "" if it does."""
    location = Path(artifact.location)
    started = [name for name in sorted(artifact.runtime.workers) if _launches(location, name)]
    worker = "web" if "web" in started else next(iter(started), "")
    if not worker:
        return ""
    with tempfile.TemporaryDirectory(prefix="verify-") as scratch:
        port = _free_port()
        env = {"PORT": str(port), "HOP3_STATE_DIR": "/state", "HOME": "/state", **variables}
        state = Path(scratch, "state")
        state.mkdir()
        if artifact.runtime.writable_tree:
            shutil.copytree(artifact.runtime.writable_tree, state / "tree", symlinks=True)
            _let_write(state / "tree")
            env["HOP3_APP_DIR"] = "/state/tree"
        front = _alone(location, state, env)
        log = Path(scratch, "log")
        if artifact.runtime.before_run:
            with log.open("wb") as out:
                done = subprocess.run(
                    [*front, f"{location}/hop3/before-run"], stdout=out, stderr=out, check=False
                )
            if done.returncode:
                return f"before-run ended with status {done.returncode}: {_last(log)}"
        with _running([*front, f"{location}/bin/{worker}"], log) as program:
            return _asked(artifact, worker, port, program, log)


def _asked(
    artifact: BuildArtifact, worker: str, port: int, program: subprocess.Popen[bytes], log: Path
) -> str:
    runtime = artifact.runtime
    url = f"http://127.0.0.1:{port}{runtime.healthcheck_path or '/'}"
    limit = runtime.healthcheck_timeout if worker == "web" else STAYS_UP
    deadline, problem = time.monotonic() + limit, "did not answer"
    while time.monotonic() < deadline:
        if program.poll() is not None:
            return f"{worker} ended with status {program.returncode}: {_last(log)}"
        if worker == "web":
            problem = _answer(url, declared=bool(runtime.healthcheck_path))
            if not problem:
                return ""
        time.sleep(0.1)
    return f"{worker} {problem} within {limit:g} s: {_last(log)}" if worker == "web" else ""


def _answer(url: str, *, declared: bool) -> str:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - our own loopback
            status: int = answer.status
    except urllib.error.HTTPError as error:
        status = error.code
        error.close()
    except OSError:
        return "did not answer"
    good = GOOD if declared else 500
    return "" if status < good else f"answered {status}"


def _let_write(tree: Path) -> None:
    for path in (tree, *tree.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | 0o200)


def _launches(location: Path, worker: str) -> bool:
    return os.access(location / "bin" / worker, os.X_OK)


def _alone(location: Path, state: Path, env: Mapping[str, str]) -> list[str]:
    """Return the front of a command that sees the closure, its state, and ``env``."""
    closure = nixcli.closure(location)
    mounts = [part for path in closure for part in ("--ro-bind", str(path), str(path))]
    shells = [path for path in closure if Path(path, "bin/bash").is_file()]
    mounts += [part for path in shells[:1] for part in ("--symlink", f"{path}/bin/bash", "/bin/sh")]
    variables = [part for name, value in env.items() for part in ("--setenv", name, value)]
    bare = ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--bind", str(state), "/state"]  # noqa: S108 - its own
    apart = ["--unshare-all", "--share-net", "--die-with-parent", "--new-session", "--clearenv"]
    return ["bwrap", *apart, *bare, *mounts, *variables, "--chdir", "/state", "--"]


@contextmanager
def _running(argv: list[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as out, subprocess.Popen(argv, stdout=out, stderr=out) as program:
        try:
            yield program
        finally:
            program.terminate()
            try:
                program.wait(10)
            except subprocess.TimeoutExpired:
                program.kill()


def _last(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it printed nothing"


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
