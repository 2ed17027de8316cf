"""Hosts to deploy to: Debian 12 with systemd as PID 1, in a container with an address of its own.

A host is a writable copy of a root file system that all share, which costs nothing to make, and
boots in a fraction of a second. It has sshd, nginx, Nix with a store of its own, and this tree's
hop3-nix. Everything of it, mounts and addresses included, ends with the process that booted it,
however that ends.
"""

from __future__ import annotations

import os
import shlex
import shutil
import socket
import stat
import subprocess
import time
import urllib.error
import urllib.request
import uuid
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

import debian
from isolation import children, connect, hierarchies, remove_abandoned_groups, remove_groups

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PACKAGES: Final = (
    *("systemd", "systemd-sysv", "dbus", "dbus-user-session", "libpam-systemd"),
    *("openssh-server", "iproute2", "nix-bin", "nix-setup-systemd", "python3", "nginx-light"),
)
PROGRAMS: Final = ("mmdebstrap", "systemd-nspawn", "ssh-keygen", "ip", "nsenter", "setpriv")

BOOTS_WITHIN: Final = 60.0
"""Seconds; 0.3 where nothing else runs."""

ANSWERS_WITHIN: Final = 30.0

SCRIPT: Final = """\
set -euo pipefail
machine=$1 layers=$2 directory=$3; shift 3
for hierarchy; do
  mkdir -p "$hierarchy/$machine"
  echo $$ >"$hierarchy/$machine/cgroup.procs"
done
mount -t overlay overlay "$directory/root" \\
  -o "lowerdir=$layers,upperdir=$directory/upper,workdir=$directory/work"
echo unshared
read -r  # until this network has its address
exec systemd-nspawn --quiet --boot --directory="$directory/root" --machine="$machine" \\
  --register=no --keep-unit --notify-ready=yes --console=pipe --resolv-conf=off \\
  --network-namespace-path=/proc/self/ns/net \\
  --system-call-filter='landlock_create_ruleset landlock_add_rule landlock_restrict_self'
"""
"""Runs as PID 1 of a namespace, so that whoever kills it ends all that it started."""

_numbers: Final = count()


def why_not() -> str:
    """Return what keeps this machine from having hosts, nothing if it can."""
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing:
        return f"not installed: {', '.join(missing)}"
    unshare = ["unshare", "--mount", "--net", "--pid", "--fork", "mount", "-t", "tmpfs", "x"]
    done = subprocess.run([*unshare, "/mnt"], capture_output=True, text=True, check=False)
    return done.stderr.strip() if done.returncode else ""


class Host:
    """A host that runs; as a context manager, it is gone at the end."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.name = f"h3-{os.getpid()}-{next(_numbers)}"
        self.address = ""
        """Reached from here alone; hosts do not reach each other."""
        self.ssh_config = directory / "ssh_config"
        """For ``ssh -F``: the host by its name and by its address, with the key of root."""
        self._layers = [debian.hop3_nix(), debian.requirements(), debian.system(PACKAGES)]
        self._process: subprocess.Popen[str] | None = None
        self._leader = 0

    @classmethod
    def boot(cls, directory: Path) -> Self:
        """Return a new host that has booted; ``directory`` is its own and goes with it."""
        remove_abandoned_groups()
        host = cls(directory)
        host._prepare()
        try:
            host._start()
        except BaseException:
            host.stop()
            raise
        return host

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def files(self) -> Path:
        """Return where what was written on the host is seen from here, and can be written."""
        return Path(f"/proc/{self._leader}/root")

    def run(
        self,
        argv: Sequence[str | Path],
        *,
        status: int | None = 0,
        user: str = "root",
        env: Mapping[str, str] | None = None,
        stdin: str | None = None,
        timeout: float = 120.0,
    ) -> subprocess.CompletedProcess[str]:
        """Return what ``argv`` printed; ``status`` is what it must return, None for anything."""
        done = subprocess.run(
            self.command(argv, user=user, env=env),
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout,
            start_new_session=True,  # a `kill 0` there is not for us
        )
        if status is not None:
            said = f"{shlex.join(map(str, argv))} -> {done.returncode}\n{done.stdout}{done.stderr}"
            assert done.returncode == status, said
        return done

    def command(
        self,
        argv: Sequence[str | Path],
        *,
        user: str = "root",
        env: Mapping[str, str] | None = None,
    ) -> list[str]:
        """Return the command that runs ``argv`` on the host, for `subprocess.Popen`."""
        home = "/root" if user == "root" else f"/home/{user}"
        variables = {
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "LANG": "C.UTF-8",
            "HOME": home,
            "USER": user,
            **(env or {}),
        }
        become = []
        if user != "root":
            uid = self.run(["id", "-u", user]).stdout.strip()
            variables.setdefault("XDG_RUNTIME_DIR", f"/run/user/{uid}")
            become = ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups", "--"]
        return [
            *("nsenter", f"--target={self._leader}", "--mount", "--uts", "--ipc", "--net"),
            *("--pid", "--cgroup", "--root", "env", "-i", f"--chdir={home}"),
            *(f"{name}={value}" for name, value in variables.items()),
            *become,
            *map(str, argv),
        ]

    def get(self, path: str = "/", port: int = 80, *, timeout: float = 10.0) -> tuple[int, str]:
        """Return HTTP status and body of ``path``; raises OSError if nothing answers."""
        try:
            url = f"http://{self.address}:{port}{path}"
            with urllib.request.urlopen(url, timeout=timeout) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def wait_for(self, path: str = "/", port: int = 80) -> tuple[int, str]:
        """Return what `get` does, as soon as anything answers."""
        deadline = time.monotonic() + ANSWERS_WITHIN
        while True:
            try:
                return self.get(path, port)
            except OSError:
                assert time.monotonic() < deadline, self.run(["journalctl", "-n", "50"]).stdout
                time.sleep(0.05)

    def copy_closure(self, *store_paths: str | Path) -> int:
        """Copy what is missing of the closures into the host's store; return how many paths."""
        listed = ["nix-store", "--query", "--requisites", *map(str, store_paths)]
        closure = subprocess.run(listed, check=True, capture_output=True, text=True).stdout.split()
        check = ["nix-store", "--check-validity", "--print-invalid", *closure]
        missing = set(self.run(check).stdout.split())
        if not missing:
            return 0
        wanted = [path for path in closure if path in missing]
        with subprocess.Popen(["nix-store", "--export", *wanted], stdout=subprocess.PIPE) as out:
            into = self.command(["nix-store", "--import"])
            subprocess.run(into, stdin=out.stdout, stdout=subprocess.DEVNULL, check=True)
        assert out.returncode == 0
        return len(wanted)

    def copy_tree(self, source: Path, target: str) -> None:
        """Copy a directory from here to ``target``, an absolute path there."""
        with subprocess.Popen(["tar", "-C", source, "-c", "."], stdout=subprocess.PIPE) as packed:
            self.run(["mkdir", "-p", target])
            unpack = self.command(["tar", "-C", target, "-x", "--no-same-owner"])
            subprocess.run(unpack, stdin=packed.stdout, check=True)

    def add_user(self, name: str) -> None:
        """Add a user with a systemd of their own and leave to use Nix; ssh takes root's key."""
        self.run(["useradd", "--create-home", "--shell=/bin/bash", "--groups=nix-users", name])
        self.run(["install", "-d", "-m", "700", "-o", name, f"/home/{name}/.ssh"])
        keys = ["/root/.ssh/authorized_keys", f"/home/{name}/.ssh/authorized_keys"]
        self.run(["install", "-m", "600", "-o", name, *keys])
        self.run(["loginctl", "enable-linger", name])
        self.run(["systemctl", "start", f"user@{self.run(['id', '-u', name]).stdout.strip()}"])

    def reboot(self) -> None:
        """Shut the host down in good order and boot it again."""
        assert self._process
        self.run(["systemctl", "--no-block", "poweroff"])
        self._process.wait(BOOTS_WITHIN)
        self._end()
        self._start()

    def power_cut(self) -> None:
        """Kill every process of the host at once, and boot it again.

        What programs wrote and did not flush is still there: the disk is this machine's.
        """
        self._end()
        self._start()

    def stop(self) -> None:
        """Kill the host and remove everything of it."""
        self._end()
        shutil.rmtree(self.directory, ignore_errors=True)

    def _prepare(self) -> None:
        upper = self.directory / "upper"
        for name in ("root", "work", "upper/root/.ssh", "upper/var/log/journal", "upper/etc/nix"):
            (self.directory / name).mkdir(parents=True)
        upper.chmod(0o755)
        (upper / "root").chmod(0o700)
        (upper / "etc/hostname").write_text(f"{self.name}\n")
        (upper / "etc/machine-id").write_text(f"{uuid.uuid4().hex}\n")
        key = self.directory / "key"
        quiet = ["-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", str(key)]
        subprocess.run(["ssh-keygen", *quiet], check=True)
        authorized = upper / "root/.ssh/authorized_keys"
        shutil.copy(key.with_suffix(".pub"), authorized)
        authorized.chmod(0o600)
        # Port 80 is for what is deployed. A device 0/0 is how an overlay has a file removed.
        wanted = "etc/systemd/system/multi-user.target.wants"
        (upper / wanted).mkdir(parents=True)
        os.mknod(upper / wanted / "nginx.service", stat.S_IFCHR)

    def _start(self) -> None:
        notified = self.directory / "notify"
        notified.unlink(missing_ok=True)
        with (
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ready,
            (self.directory / "console").open("ab") as console,
        ):
            ready.bind(str(notified))
            self._process = subprocess.Popen(
                [
                    *("setpriv", "--pdeathsig", "KILL", "--"),
                    *("unshare", "--mount", "--net", "--pid", "--fork", "--kill-child"),
                    *("bash", "-c", SCRIPT, "bash", self.name, ":".join(map(str, self._layers))),
                    *(str(self.directory), *map(str, hierarchies())),
                ],
                env={**os.environ, "NOTIFY_SOCKET": str(notified)},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=console,
                text=True,
            )
            assert self._process.stdin
            assert self._process.stdout
            assert self._process.stdout.readline() == "unshared\n", self._console()
            self.address = connect(self._process.pid)
            self.ssh_config.write_text(self._ssh())
            self._process.stdin.write("\n")
            self._process.stdin.close()
            ready.settimeout(BOOTS_WITHIN)
            while b"READY=1" not in ready.recv(4096):
                pass
        (nspawn,) = children(self._process.pid)
        (self._leader,) = children(nspawn)

    def _end(self) -> None:
        if self._process is None:
            return
        # The namespace ends with its PID 1, and unshare with that; so this is the last of it.
        for pid in children(self._process.pid) or [self._process.pid]:
            with suppress(ProcessLookupError):
                os.kill(pid, 9)
        self._process.wait(BOOTS_WITHIN)
        if self._process.stdout:
            self._process.stdout.close()
        self._process = None
        for hierarchy in hierarchies():
            remove_groups(hierarchy / self.name)

    def _ssh(self) -> str:
        return (
            f"Host {self.name} {self.address}\n"
            f"  HostName {self.address}\n  User root\n  IdentityFile {self.directory}/key\n"
            "  IdentitiesOnly yes\n  StrictHostKeyChecking no\n  LogLevel ERROR\n"
            f"  UserKnownHostsFile {self.directory}/known_hosts\n"
        )

    def _console(self) -> str:
        return (self.directory / "console").read_text(errors="replace")
