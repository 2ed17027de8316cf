"""The configuration files of a supervisord: one for itself, and one for each app's services.

What a service is started with stands in a file of its own (`starter`): supervisord expands ``%``,
cuts at ``;``, and cannot hold a value with both kinds of quotes.
"""

from __future__ import annotations

import math
import os
import re
import resource
import sys
from configparser import RawConfigParser
from dataclasses import dataclass
from io import StringIO
from typing import TYPE_CHECKING, Final

from hop3_nix.deploy.services import starter
from hop3_nix.errors import UnavailableError
from hop3_nix.files.atomic import write_text_atomic

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

PLAIN: Final = re.compile(r"[\w@+=:,./-]+", re.ASCII)
"""Paths that supervisord takes as they are."""

PRIVATE: Final = 0o600

QUICK_END: Final = 1
"""Seconds; a process that ends sooner is started again after 1, 2, 3 … seconds."""

QUICK_ENDS: Final = 10
"""After so many in a row it is given up, which takes about a minute."""

LOG_SIZE: Final = "10MB"
LOG_BACKUPS: Final = 3

DESCRIPTORS: Final = 4096
"""Each service takes three of supervisord's."""


SOCKET_PATH: Final = 90
"""Characters; 108 less a dot and the process id that supervisord adds while it makes the socket."""


@dataclass(frozen=True)
class Places:
    """Where the files of one supervisord stand."""

    root: Path

    @property
    def conf(self) -> Path:
        """Return its own configuration."""
        return self.root / "supervisord.conf"

    @property
    def lock(self) -> Path:
        """Return the lock that whoever starts it holds."""
        return self.root / "lock"

    @property
    def log(self) -> Path:
        """Return its own log."""
        return self.root / "supervisord.log"

    @property
    def logs(self) -> Path:
        """Return the directory of the services' logs."""
        return self.root / "logs"

    def app(self, app: str) -> Path:
        """Return the configuration of the services of ``app``."""
        return self.root / "apps" / f"{app}.conf"

    def service(self, name: str) -> Path:
        """Return the file that the starter reads."""
        return self.root / "services" / f"{name}.json"

    def record(self, name: str) -> Path:
        """Return the file that the starter notes the process in."""
        return self.root / "started" / name

    def program(self, name: str) -> Path:
        """Return the garbage collector's root for ``name``, which hop3-nix was run from."""
        return self.root / "programs" / name

    def service_log(self, name: str) -> Path:
        """Return the file that the output of a service goes to; older parts are .1, .2 …."""
        return self.logs / f"{name}.log"

    def check(self) -> None:
        """Raise UnavailableError if supervisord could not take the path."""
        if not PLAIN.fullmatch(str(self.root)):
            raise UnavailableError(
                f"supervisord cannot work below {self.root}",
                tip="Give a directory whose path has only letters, digits and ._-/ : --root DIR",
            )

    def make(self) -> None:
        """Make the directories, for nobody else to read. Raises UnavailableError as `check`."""
        self.check()
        for directory in (self.root, *(self.root / name for name in _DIRECTORIES)):
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)


_DIRECTORIES: Final = ("apps", "services", "started", "logs", "programs")


def write_own(places: Places) -> None:
    """Write what supervisord is started with."""
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    descriptors = DESCRIPTORS if limit == resource.RLIM_INFINITY else min(DESCRIPTORS, limit)
    parser = RawConfigParser()
    parser["supervisord"] = {
        "logfile": str(places.log),
        "pidfile": str(places.root / "supervisord.pid"),
        "directory": str(places.root),
        "childlogdir": str(places.logs),
        "minfds": str(descriptors),
    }
    if os.geteuid() == 0:
        parser["supervisord"]["user"] = "root"
    parser["unix_http_server"] = {"file": _socket(places), "chmod": "0700"}
    parser["rpcinterface:supervisor"] = {
        "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"
    }
    parser["include"] = {"files": "apps/*.conf"}
    write_text_atomic(places.conf, _text(parser), mode=PRIVATE)


@dataclass(frozen=True)
class Program:
    """What supervisord itself is told of a service."""

    name: str
    stop_timeout: float
    always: bool = False


def read_autostart(places: Places, app: str) -> dict[str, bool]:
    """Return the names of the services of ``app``, and whether each is started at boot."""
    parser = _read(places.app(app))
    return {
        section.removeprefix("program:"): parser.getboolean(section, "autostart")
        for section in parser.sections()
    }


def add_programs(places: Places, app: str, programs: Iterable[Program]) -> None:
    """Write ``programs`` beside the other services of ``app``, in one step."""
    parser = _read(places.app(app))
    for program in programs:
        section = f"program:{program.name}"
        autostart = parser.get(section, "autostart", fallback="false")
        parser[section] = {**_program(places, program), "autostart": autostart}
    _write(places.app(app), parser)


def remove_programs(places: Places, app: str, names: Iterable[str]) -> None:
    """Take ``names`` out of what supervisord is told of ``app``, in one step."""
    parser = _read(places.app(app))
    for name in names:
        parser.remove_section(f"program:{name}")
    _write(places.app(app), parser)


def set_autostart(places: Places, app: str, names: Iterable[str]) -> None:
    """Have exactly ``names`` of the services of ``app`` started at boot, in one step."""
    chosen = {f"program:{name}" for name in names}
    parser = _read(places.app(app))
    for section in parser.sections():
        parser[section]["autostart"] = "true" if section in chosen else "false"
    _write(places.app(app), parser)


def escape(argument: str) -> str:
    """Return ``argument`` as one word of a command line in supervisord's configuration.

    Raises UnavailableError for line ends, which no line can hold.
    """
    if re.search(r"[\r\n\0]", argument):
        raise UnavailableError(
            f"supervisord cannot start a program with a line end in its path: {argument!r}",
            tip="Install hop3-nix into a directory with another name.",
        )
    # A backslash before each, so that no ; or # follows a space and begins a comment.
    return re.sub(r"[^\w@+=:,./-]", r"\\\g<0>", argument, flags=re.ASCII).replace("%", "%%")


def _socket(places: Places) -> str:
    path = str(places.root / "socket")
    # By the working directory if the path is longer than that of a socket may be (unix(7)).
    return path if len(path) < SOCKET_PATH else "/proc/self/cwd/socket"


def _program(places: Places, program: Program) -> dict[str, str]:
    command = [sys.executable, "-I", "-S", starter.__file__]
    files = [str(places.service(program.name)), str(places.record(program.name))]
    return {
        "command": " ".join(map(escape, [*command, *files])),
        "autorestart": "true" if program.always else "unexpected",
        "exitcodes": "0",
        "startsecs": str(QUICK_END),
        "startretries": str(QUICK_ENDS),
        "stopwaitsecs": str(math.ceil(program.stop_timeout)),
        "killasgroup": "true",
        "redirect_stderr": "true",
        "stdout_logfile": str(places.service_log(program.name)),
        "stdout_logfile_maxbytes": LOG_SIZE,
        "stdout_logfile_backups": str(LOG_BACKUPS),
    }


def _read(path: Path) -> RawConfigParser:
    parser = RawConfigParser(comment_prefixes=("#",))
    parser.read(path, encoding="utf-8")
    return parser


def _write(path: Path, parser: RawConfigParser) -> None:
    if parser.sections():
        write_text_atomic(path, _text(parser), mode=PRIVATE)
    else:
        path.unlink(missing_ok=True)


def _text(parser: RawConfigParser) -> str:
    text = StringIO()
    parser.write(text)
    return text.getvalue()
