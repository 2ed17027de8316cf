"""Start what was built, and ask it over HTTP."""

from __future__ import annotations

import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

STARTS_WITHIN = 30.0
"""Seconds; the machines that run this are slow and busy."""


def free_port() -> int:
    """Return a port on loopback that nothing listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def closure(store_path: Path) -> list[str]:
    """Return the store paths that ``store_path`` needs, as Nix lists them."""
    listed = subprocess.run(
        ["nix-store", "-qR", str(store_path)], check=True, capture_output=True, text=True
    )
    return listed.stdout.split()


def only_closure(store_path: Path, env: Mapping[str, str]) -> list[str]:
    """Return the front of a command that sees the closure, /proc, /dev, /tmp, and ``env`` alone."""
    mounts = [part for path in closure(store_path) for part in ("--ro-bind", path, path)]
    variables = [part for name, value in env.items() for part in ("--setenv", name, value)]
    bare = ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"]
    # A shell is what C's system() expects of any system; the closure has one.
    for path in closure(store_path):
        if Path(path, "bin/bash").is_file():
            bare += ["--symlink", f"{path}/bin/bash", "/bin/sh"]
            break
    isolated = ["--unshare-all", "--share-net", "--die-with-parent", "--new-session", "--clearenv"]
    return ["bwrap", *isolated, *bare, *mounts, *variables, "--"]


@contextmanager
def started(argv: Sequence[str], *, env: Mapping[str, str] | None = None) -> Iterator[Path]:
    """Run ``argv`` and yield the file that its output goes to; end it at the end."""
    log = Path(os.environ["PYTEST_LOG_DIR"]) / f"{time.monotonic_ns()}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(argv, stdout=output, stderr=subprocess.STDOUT, env=env)
    try:
        yield log
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def fetch(port: int, path: str, log: Path) -> tuple[int, str]:
    """Return status and text of ``path``, waiting until the server answers at all."""
    deadline = time.monotonic() + STARTS_WITHIN
    while True:
        try:
            url = f"http://127.0.0.1:{port}{path}"
            with urllib.request.urlopen(url, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()
        except OSError:
            if time.monotonic() > deadline:
                raise AssertionError(f"no answer; it printed:\n{log.read_text()}") from None
            time.sleep(0.05)


def answer_of(location: Path, builder: str) -> str:
    """Return what the worker web of an artifact answers, which has to be good.

    What Nix has built sees nothing but its closure.
    """
    port = free_port()
    env = {"PORT": str(port)}
    front = only_closure(location, env) if builder == "nix" else []
    with started([*front, str(location / "bin/web")], env=env) as log:
        status, text = fetch(port, "/", log)
        assert status == 200, f"{text}\n{log.read_text()}"
    return text


def wait_for_output(log: Path, text: str) -> None:
    """Return when ``text`` was printed."""
    deadline = time.monotonic() + STARTS_WITHIN
    while text not in log.read_text():
        assert time.monotonic() < deadline, f"{text!r} was not printed, but:\n{log.read_text()}"
        time.sleep(0.05)
