"""pip, asked what it would install for the target: the one client of Python's indexes.

Of the user's own configuration it keeps what says which indexes there are and how to reach them.
Directories of this machine are left out: nobody else could fetch from them.
"""

from __future__ import annotations

import ast
import os
import re
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from importlib.metadata import distribution
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from hop3_nix.errors import LockError, TemporaryError, ToolError
from hop3_nix.files.documents import json_value
from hop3_nix.files.regularfile import Malformed
from hop3_nix.locks.python.packages import filename_of
from hop3_nix.locksandbox import Enclosed
from hop3_nix.toolchains.python.indexes import Indexes
from hop3_nix.toolchains.python.served import Served

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from hop3_nix.toolchains.base import Runs, Tools

KEPT: Final = frozenset(
    (
        "cert",
        "client-cert",
        "default-timeout",
        "extra-index-url",
        "index-url",
        "keyring-provider",
        "proxy",
        "retries",
        "timeout",
        "trusted-host",
    )
)
"""Settings of the user's pip that hold here too."""

UV_INDEX: Final = ("UV_DEFAULT_INDEX", "UV_INDEX_URL")
"""uv's variables for the index that stands in for the public one."""

CONFIG_FILES: Final = (
    *("~/.config/pip/pip.conf", "~/.pip/pip.conf", "/etc/pip.conf", "/etc/xdg/pip/pip.conf"),
    str(Path(sys.prefix, "pip.conf")),
)
"""Where pip's settings are (those of a virtual environment included)."""

_ADDRESSES: Final = ("index-url", "extra-index-url")
_SECTIONS: Final = ("global", "install", ":env:")
"""Sections that pip itself reads for ``install``, the strongest last."""

_UNREACHABLE: Final = (
    "Retrying (Retry(",
    "connection broken by",
    "Could not fetch URL",
    "Read timed out",
    "Temporary failure in name resolution",
    "HTTP error 5",
)
_BROKEN: Final = re.compile(
    r"host='(?P<host>[^']+)', port=(?P<port>\d+)\).*?(?:\[Errno -?\d+\] )(?P<reason>[^'\")(]+)"
)
_SHOWN: Final = 2000
_IN_SANDBOX: Final = {
    "HOME": "/sandbox",
    "LANG": "C.UTF-8",
    "PATH": "/bin:/usr/bin",
    "PIP_CONFIG_FILE": os.devnull,
    # The server on the other side has its own patience.
    "PIP_DEFAULT_TIMEOUT": "600",
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "PIP_NO_CACHE_DIR": "1",
    "PIP_NO_COLOR": "1",
    "PIP_NO_INPUT": "1",
    "PIP_RETRIES": "0",
    "TMPDIR": "/tmp",  # noqa: S108 - the sandbox's own
}


@dataclass(frozen=True)
class Found:
    """One file that pip would install; ``sha256`` is empty if the index does not tell it."""

    name: str
    version: str
    url: str
    sha256: str
    kind: str

    @property
    def filename(self) -> str:
        """Return the name of the file."""
        return filename_of(self.url)


@dataclass(frozen=True)
class Asked:
    """What pip is asked for: lines of requirements files; paths are those of ``tree``."""

    requirements: tuple[str, ...]
    constraints: tuple[str, ...] = ()
    tree: Path | None = None
    prefer_binary: bool = False


@dataclass(frozen=True)
class Pip:
    """The pip that hop3-nix came with, working for the interpreter ``python``."""

    tools: Runs
    python: Path
    env: Mapping[str, str]

    def wheels(self, arguments: Sequence[str]) -> tuple[Found, ...]:
        """Return the wheels that ``pip install`` with our own ``arguments`` would install.

        No code is run for that, and nothing of an application may be among the arguments.
        Raises TemporaryError if no index can be reached, else ToolError with what pip printed.
        """
        command = [sys.executable, "-I", str(own_pip()), "--python", str(self.python), "install"]
        command += ["--dry-run", "--ignore-installed", "--quiet", "--report", "-"]
        try:
            report = self.tools.run(
                [*command, "--only-binary=:all:", "--no-deps", *arguments], env=self.env
            )
        except ToolError as error:
            if failed := _line_with(error.output, _UNREACHABLE):
                raise TemporaryError(
                    f"pip cannot reach the package index: {_reason(failed)}",
                    tip="Check the network and pip's settings (pip config list), and try again.",
                ) from error
            raise
        return _reported(report, str)


@dataclass(frozen=True)
class LockingPip(Pip):
    """The same, for what an application requires: it runs in the lock sandbox."""

    tools: Tools
    packages: tuple[str, ...] = ()
    """Packages of the set that source distributions need to be looked at."""

    def resolve(self, asked: Asked) -> tuple[Found, ...]:
        """Return what ``pip install`` would install of what is ``asked``; nothing is installed.

        pip, and the code that it runs to know what a source distribution needs, are in the lock
        sandbox. Raises TemporaryError if no index can be reached, else ToolError with what pip
        printed.
        """
        served = Served(Indexes(self.env))
        with tempfile.TemporaryDirectory(prefix="hop3-nix-") as directory:
            files = {"app": asked.tree} if asked.tree else {}
            for name, lines in (
                ("requirements.txt", asked.requirements),
                ("constraints.txt", asked.constraints),
            ):
                files[name] = Path(directory, name)
                text = "".join(f"{served.rewritten(line)}\n" for line in lines)
                files[name].write_text(text, encoding="utf-8")
            report = self._run(served, files, asked)
        return _reported(report, served.original)

    def _run(self, served: Served, files: Mapping[str, Path], asked: Asked) -> str:
        pip = own_pip()
        argv = [str(self.python), "-I", str(pip / "__pip-runner__.py"), "install", "--dry-run"]
        argv += ["--ignore-installed", "--quiet", "--report", "-"]
        argv += ["--prefer-binary"] if asked.prefer_binary else []
        argv += ["-c", "/sandbox/constraints.txt", "-r", "/sandbox/requirements.txt"]
        enclosed = Enclosed(
            argv=tuple(argv),
            answer=served.answer,
            files=files,
            directory="app" if asked.tree else "",
            env={**_IN_SANDBOX, **served.environment()},
            readable=(pip,),
        )
        try:
            return self.tools.enclosed(self.python, enclosed, self.packages).output
        except ToolError as error:
            if full := _line_with(error.output, ("No space left on device",)):
                raise TemporaryError(
                    f"the disk is full: {full}",
                    tip="Free some space where temporary files go (TMPDIR) and try again.",
                ) from error
            raise


def pip_for(python: Path, tools: Runs) -> Pip:
    """Return pip for ``python``, with the user's indexes. Raises LockError if they are local."""
    return Pip(tools, python, index_settings(tools))


def locking_pip(python: Path, tools: Tools, packages: tuple[str, ...]) -> LockingPip:
    """Return pip in the lock sandbox. Raises LockError if the user's indexes are local."""
    return LockingPip(tools, python, index_settings(tools), packages)


def index_settings(tools: Runs) -> dict[str, str]:
    """Return which indexes the user's pip has, and how it reaches them, as variables."""
    settings = _settings(tools.run([sys.executable, "-I", str(own_pip()), "config", "list"]))
    env = {name: "" for name in os.environ if name.startswith("PIP_")}
    env |= {f"PIP_{key.upper().replace('-', '_')}": value for key, value in settings.items()}
    # Who has named one to uv alone has a mirror as well.
    if said := next((os.environ[name] for name in UV_INDEX if os.environ.get(name)), ""):
        env["PIP_INDEX_URL"] = env.get("PIP_INDEX_URL") or said
    # Without a retry, pip does not tell an index that does not answer from an empty one.
    env |= {"PIP_RETRIES": "1"} if settings.get("retries") == "0" else {}
    env |= {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_INPUT": "1", "PIP_NO_COLOR": "1"}
    env |= {"PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    return env


def is_configured() -> bool:
    """Return whether anything here may name an index, without pip being asked."""
    named = (os.environ.get(name) for name in ("PIP_INDEX_URL", "PIP_CONFIG_FILE", *UV_INDEX))
    return any(named) or any(map(_names_index, CONFIG_FILES))


def _names_index(file: str) -> bool:
    try:
        text = Path(file).expanduser().read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return re.search(r"^\s*index-url\s*[=:]", text, re.MULTILINE) is not None


@cache
def own_pip() -> Path:
    """Return the package of our own pip: it is started by its path, and imports nothing else."""
    return Path(str(distribution("pip").locate_file("pip")))


def last_error(output: str) -> str:
    """Return the last error that pip printed, as one line."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
    return (errors or lines or ["it printed nothing"])[-1]


def _line_with(output: str, signs: Sequence[str]) -> str:
    """Return the first line of ``output`` that has one of ``signs``, empty if there is none."""
    lines = (line for line in output.splitlines() if any(sign in line for sign in signs))
    return next(lines, "").strip().removeprefix("WARNING: ").removeprefix("ERROR: ")


def _reason(line: str) -> str:
    """Return why a connection failed and where to, if ``line`` tells as urllib3 does."""
    found = _BROKEN.search(line)
    return f"{found['reason']} ({found['host']}:{found['port']})" if found else line


def _settings(listing: str) -> dict[str, str]:
    """Return what is kept of ``pip config list``, whose lines are ``section.key='value'``."""
    by_section: dict[str, dict[str, str]] = {section: {} for section in _SECTIONS}
    for line in listing.splitlines():
        place, _, literal = line.partition("=")
        section, _, key = place.partition(".")
        if section in by_section and key in KEPT:
            by_section[section][key] = str(ast.literal_eval(literal))
    settings = {key: value for section in by_section.values() for key, value in section.items()}
    for key in _ADDRESSES:
        if key in settings:
            remote = [word for word in settings[key].split() if _is_remote(word)]
            if key == "index-url" and not remote:
                raise LockError(
                    f"pip's index-url is {settings[key]}, a directory of this machine; others "
                    "could not fetch from there",
                    tip="Point index-url at a server, or use a lockfile that has addresses.",
                )
            settings[key] = " ".join(remote)
    return settings


def _is_remote(address: str) -> bool:
    return urlsplit(address).scheme in {"http", "https"}


def _reported(report: str, original: Callable[[str], str]) -> tuple[Found, ...]:
    """Return what pip's report says. Raises ToolError if it is none."""
    try:
        return tuple(_found(entry, original) for entry in json_value(report)["install"])
    except (Malformed, KeyError, TypeError, AttributeError) as error:
        raise ToolError("pip's report cannot be read", output=report[-_SHOWN:]) from error


def _found(entry: dict[str, Any], original: Callable[[str], str]) -> Found:
    info = entry["download_info"]
    kind = next((kind for kind in ("vcs_info", "dir_info") if kind in info), "archive_info")
    hashes = info.get("archive_info", {}).get("hashes", {})
    name, version = (str(entry["metadata"][key]) for key in ("name", "version"))
    url = original(str(info["url"]))
    return Found(name, version, url, str(hashes.get("sha256", "")), kind)
