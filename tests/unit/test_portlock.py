"""A process that listens on ports of its own alone: asked of the kernel."""

from __future__ import annotations

import socket
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from hop3_nix.deploy import portlock, users
from hop3_nix.deploy.confinement import confine_state, within
from running import free_port

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(
    not portlock.is_possible(), reason="a kernel with Landlock for ports (Linux 6.7)"
)

LISTEN = """
import socket, sys
family, protocol, address, port = sys.argv[1:]
try:
    with socket.socket(getattr(socket, family), socket.SOCK_STREAM, int(protocol)) as one:
        one.bind((address, int(port)))
        one.listen()
    print("listens")
except OSError as error:
    print(error.strerror)
"""


def listening(ports: str, family: str, protocol: int, address: str, port: int) -> str:
    """Return what comes of an attempt to listen, by a process that may have ``ports``."""
    python = (sys.executable, "-I", "-S")
    asked = (*python, "-c", LISTEN, family, str(protocol), address, str(port))
    argv = [*python, portlock.__file__, ports, *asked]
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout.strip()


def test_it_listens_on_its_own_port_and_on_what_the_kernel_chooses() -> None:
    port = free_port()
    assert listening(str(port), "AF_INET", 0, "127.0.0.1", port) == "listens"
    assert listening(str(port), "AF_INET6", 0, "::", port) == "listens"
    assert listening("", "AF_INET", 0, "127.0.0.1", 0) == "listens"


@pytest.mark.parametrize(
    ("family", "protocol", "address", "said"),
    [
        ("AF_INET", 0, "127.0.0.1", "Permission denied"),
        ("AF_INET", 0, "0.0.0.0", "Permission denied"),  # noqa: S104 - refused
        ("AF_INET6", 0, "::", "Permission denied"),
        ("AF_INET", 262, "127.0.0.1", "Protocol not supported"),
    ],
)
def test_it_listens_nowhere_else(family: str, protocol: int, address: str, said: str) -> None:
    port = free_port()
    assert listening(f"{port - 1},{port + 1}", family, protocol, address, port) == said


def test_what_it_starts_is_kept_to_the_same_ports() -> None:
    port = free_port()
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {LISTEN!r}, 'AF_INET', "
    code += f"'0', '127.0.0.1', '{port}'])"
    argv = [sys.executable, "-I", portlock.__file__, "1", sys.executable, "-c", code]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    assert done.stdout == "Permission denied\n"


def test_a_program_that_is_not_there_is_named() -> None:
    argv = [sys.executable, "-I", "-S", portlock.__file__, "1", "/nowhere/program"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 126
    assert done.stderr == "hop3: cannot be started: /nowhere/program: No such file or directory\n"


@pytest.mark.parametrize("user", ["", "nobody", "root"])
def test_a_worker_of_every_user_is_kept_to_its_ports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, user: str
) -> None:
    monkeypatch.setattr(users, "REGISTRY", tmp_path / "users")
    mine, other = free_port(), free_port()
    found = confine_state(tmp_path / "state", user=user, ports=(mine,))

    def attempt() -> str:
        said = []
        for port in (mine, other):
            with closing(socket.socket()) as one:
                try:
                    one.bind(("127.0.0.1", port))
                    said.append("listens")
                except PermissionError:
                    said.append("may not")
        return " ".join(said)

    assert within(found, attempt) == "listens may not"
