"""pip, asked what it would install for the target: the one client of Python's indexes.

Of the user's own configuration it keeps what says which indexes there are and how to reach them.
Directories of this machine are left out: nobody else could fetch from them.
"""

from __future__ import annotations

import ast
import json
import os
import re
import sys
from dataclasses import dataclass
from functools import cache
from importlib.metadata import distribution
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from hop3_nix.errors import LockError, TemporaryError, ToolError
from hop3_nix.locks.python.packages import filename_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from hop3_nix.toolchains.base import Runs

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
class Pip:
    """The pip that hop3-nix came with, working for the interpreter ``python``."""

    tools: Runs
    python: Path
    env: Mapping[str, str]

    def resolve(self, arguments: Sequence[str]) -> tuple[Found, ...]:
        """Return what ``pip install`` with ``arguments`` would install; nothing is installed.

        Raises TemporaryError if no index can be reached, else ToolError with what pip printed.
        """
        report = self._run(
            ["install", "--dry-run", "--ignore-installed", "--quiet", "--report", "-", *arguments]
        )
        return tuple(_found(entry) for entry in json.loads(report)["install"])

    def _run(self, arguments: Sequence[str]) -> str:
        command = [*_command(), "--python", str(self.python), *arguments]
        try:
            return self.tools.run(command, env=self.env)
        except ToolError as error:
            if full := _line_with(error.output, ("No space left on device",)):
                raise TemporaryError(
                    f"the disk is full: {full}",
                    tip="Free some space where temporary files go (TMPDIR) and try again.",
                ) from error
            if failed := _line_with(error.output, _UNREACHABLE):
                raise TemporaryError(
                    f"pip cannot reach the package index: {_reason(failed)}",
                    tip="Check the network and pip's settings (pip config list), and try again.",
                ) from error
            raise


def pip_for(python: Path, tools: Runs) -> Pip:
    """Return pip for ``python``, with the user's indexes. Raises LockError if they are local."""
    settings = _settings(tools.run([*_command(), "config", "list"]))
    env = {name: "" for name in os.environ if name.startswith("PIP_")}
    env |= {f"PIP_{key.upper().replace('-', '_')}": value for key, value in settings.items()}
    # Without a retry, pip does not tell an index that does not answer from an empty one.
    env |= {"PIP_RETRIES": "1"} if settings.get("retries") == "0" else {}
    env |= {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_INPUT": "1", "PIP_NO_COLOR": "1"}
    env |= {"PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    return Pip(tools, python, env)


@cache
def _command() -> tuple[str, ...]:
    """Return how to start our own pip, by its path: nothing is imported from where it runs."""
    pip = distribution("pip").locate_file("pip")
    return sys.executable, "-I", str(pip)


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


def _found(entry: dict[str, Any]) -> Found:
    info = entry["download_info"]
    kind = next((kind for kind in ("vcs_info", "dir_info") if kind in info), "archive_info")
    hashes = info.get("archive_info", {}).get("hashes", {})
    metadata = entry["metadata"]
    return Found(metadata["name"], metadata["version"], info["url"], hashes.get("sha256", ""), kind)
