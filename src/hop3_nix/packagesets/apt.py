"""apt's own solver, asked in private: the host's lists, status and settings stay as they are."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from hop3_nix.errors import TemporaryError, UnsupportedError
from hop3_nix.files.atomic import write_text_atomic
from hop3_nix.host.process import run as run_process

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from hop3_nix.host.process import Completed, Runner

MAIN: Final = "debian"
MAIN_COMPONENT: Final = "main"
SECURITY: Final = "debian-security"

_POCKETS: Final = (("", MAIN), ("-updates", MAIN), ("-security", SECURITY))
"""What a Debian suite consists of, and the archive that each part is in."""

_KEYRING: Final = "usr/share/keyrings/debian-archive-keyring.gpg"
"""Signs every suite of the archive; comes with apt on any Debian."""


@dataclass(frozen=True, slots=True)
class DebFile:
    """One .deb as apt's signed index describes it; ``size`` is in bytes."""

    package: str
    version: str
    archive: str
    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Solution:
    """Packages that satisfy each other: their files, and which of them each one needs."""

    files: Mapping[str, DebFile]
    needs: Mapping[str, tuple[str, ...]]


class Apt:
    """A private apt under ``directory`` for ``architecture`` and the archives of ``mirrors``."""

    def __init__(
        self,
        directory: Path,
        mirrors: Mapping[str, str],
        *,
        architecture: str,
        root: Path,
        run: Runner = run_process,
    ) -> None:
        self._directory = directory
        self._mirrors = dict(mirrors)
        self._architecture = architecture
        self._root = root
        self._run = run

    @property
    def mirrors(self) -> Mapping[str, str]:
        """Return the address of each archive."""
        return self._mirrors

    def contents_digest(self, suite: str) -> str:
        """Return what the archive calls the present index of files of ``suite``, in hex.

        Raises TemporaryError if its release file does not tell.
        """
        name = re.compile(
            rf"^ ([0-9a-f]{{64}}) +\d+ {MAIN_COMPONENT}/{self._contents}$", re.MULTILINE
        )
        for release in sorted((self._directory / "lists").glob(f"*_{suite}_InRelease")):
            if found := name.search(release.read_text(encoding="utf-8")):
                return found[1]
        raise TemporaryError(
            f"Debian {suite} tells of no index of files", tip="Run: hop3-nix packages refresh"
        )

    def fetch_contents(self, suite: str, target: Path) -> None:
        """Fetch the index of which files the packages of ``suite`` contain, compressed.

        It is not compared with a digest: some mirrors have it some days later or earlier than the
        release file, and it only says which package to name. Raises TemporaryError.
        """
        partial = target.with_name(f"{target.name}.partial")
        where = f"{self._mirrors[MAIN]}/dists/{suite}/{MAIN_COMPONENT}/{self._contents}"
        helper = str(self._root / "usr/lib/apt/apt-helper")
        completed = self._ask(suite, helper, "-qq", "download-file", where, str(partial))
        if completed.status != 0 or not partial.exists():
            partial.unlink(missing_ok=True)
            raise _fetch_error("could not fetch Debian's index of files", completed)
        partial.replace(target)

    @property
    def _contents(self) -> str:
        return f"Contents-{self._architecture}.gz"

    def update(self, suites: Sequence[str]) -> dict[str, datetime]:
        """Fetch the indexes of ``suites``; return the date that the archive gives each.

        Raises UnavailableError without apt, TemporaryError if the mirror does not answer.
        """
        for part in ("lists/partial", "archives/partial", *(f"cache/{suite}" for suite in suites)):
            (self._directory / part).mkdir(parents=True, exist_ok=True)
        self._write_configuration()
        lines = {suite: self._sources(suite) for suite in suites}
        for suite in suites:
            write_text_atomic(self._directory / f"{suite}.list", lines[suite])
        write_text_atomic(self._directory / "all.list", "".join(lines.values()))
        completed = self._ask(
            "all", "apt-get", "-qq", "-o", "APT::Update::Error-Mode=any", "update"
        )
        if completed.status != 0:
            raise _fetch_error("could not read the Debian archive", completed)
        return {suite: self._date(suite) for suite in suites}

    def solve(self, suite: str, packages: Sequence[str]) -> Solution:
        """Return what apt would install for ``packages`` on an empty system.

        Raises UnsupportedError if the suite does not have a package.
        """
        completed = self._ask(
            suite,
            "apt-get",
            *("-y", "-qq", "--no-install-recommends", "--print-uris", "install", "--"),
            *packages,
        )
        if completed.status != 0:
            raise UnsupportedError(
                f"Debian {suite} does not have what the set needs: {first_error(completed.stderr)}",
                tip="See which packages the suite has: apt-cache policy NAME",
            )
        found = (self._parse(line) for line in completed.stdout.splitlines() if line[:1] == "'")
        files = {file.package: file for file in found}
        exact = [f"{file.package}={file.version}" for file in files.values()]
        return Solution(files, needs(self._ask(suite, "apt-cache", "show", "--", *exact).stdout))

    def download(self, suite: str, package: str, directory: Path) -> Path:
        """Return the .deb of ``package``, fetched into ``directory`` and verified by apt.

        Raises TemporaryError.
        """
        directory.mkdir(parents=True, exist_ok=True)
        completed = self._ask(suite, "apt-get", "-qq", "download", package, cwd=directory)
        found = sorted(directory.glob(f"{package}_*.deb"))
        if completed.status != 0 or not found:
            raise _fetch_error(f"could not fetch {package}", completed)
        return found[-1]

    def _ask(self, suite: str, program: str, *arguments: str, cwd: Path | None = None) -> Completed:
        options = (
            *("-o", f"Dir::Etc::sourcelist={self._directory / suite}.list"),
            *("-o", f"Dir::Cache={self._directory / 'cache' / suite}"),
        )
        environment = {
            **os.environ,
            "APT_CONFIG": str(self._directory / "apt.conf"),
            "LC_ALL": "C.UTF-8",
        }
        return self._run([program, *options, *arguments], env=environment, cwd=cwd)

    def _write_configuration(self) -> None:
        # Proxies and time-outs of the host's apt are those that its mirror needs.
        acquire = self._run(["apt-config", "dump", "Acquire"]).stdout
        private = {
            "Dir": self._root,
            "Dir::State": self._directory,
            "Dir::State::lists": self._directory / "lists",
            "Dir::State::status": "/dev/null",
            "Dir::State::extended_states": self._directory / "extended_states",
            "Dir::Cache::archives": self._directory / "archives",
            "Dir::Cache::pkgcache": "pkgcache.bin",
            "Dir::Cache::srcpkgcache": "srcpkgcache.bin",
            "Dir::Etc::main": "/dev/null",
            "Dir::Etc::parts": "/dev/null",
            "Dir::Etc::sourceparts": "/dev/null",
            "Dir::Etc::preferences": "/dev/null",
            "Dir::Etc::preferencesparts": "/dev/null",
            "Acquire::Languages": "none",
            # What a desktop shows of packages: twice as much as what is asked here.
            "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled": "false",
            "Acquire::ForceHash": "SHA256",
            "APT::Architecture": self._architecture,
            "APT::Architectures": self._architecture,
            "APT::Default-Release": "",
            "APT::Sandbox::User": "root",  # _apt cannot write below a home directory
        }
        lines = [f'{key} "{value}";\n' for key, value in private.items()]
        write_text_atomic(self._directory / "apt.conf", acquire + "".join(lines))

    def _sources(self, suite: str) -> str:
        options = f"arch={self._architecture}"
        keyring = self._root / _KEYRING
        if keyring.exists():
            options += f" signed-by={keyring}"
        return "".join(
            f"deb [{options}] {self._mirrors[archive]} {suite}{pocket} main\n"
            for pocket, archive in _POCKETS
            if archive in self._mirrors
        )

    def _date(self, suite: str) -> datetime:
        dates = []
        for release in (self._directory / "lists").glob("*_InRelease"):
            text = release.read_text(encoding="utf-8")
            codename = re.search(r"^Codename: (\S+)$", text, re.MULTILINE)
            date = re.search(r"^Date: (.+)$", text, re.MULTILINE)
            if codename and date and codename[1].split("-")[0] == suite:
                dates.append(parsedate_to_datetime(date[1]))
        return max(dates)

    def _parse(self, line: str) -> DebFile:
        # 'URI' FILE SIZE SHA256:HEX, where FILE is NAME_VERSION_ARCHITECTURE.deb
        quoted, name, size, digest = line.split()
        uri = quoted.strip("'")
        package, version, _ = unquote(name).split("_")
        archive = max(
            (name for name, mirror in self._mirrors.items() if uri.startswith(f"{mirror}/")),
            key=lambda name: len(self._mirrors[name]),
        )
        return DebFile(
            package=package,
            version=version,
            archive=archive,
            path=uri.removeprefix(f"{self._mirrors[archive]}/"),
            size=int(size),
            sha256=digest.removeprefix("SHA256:"),
        )


def _fetch_error(what: str, completed: Completed) -> TemporaryError:
    reason = first_error(completed.stderr)
    if "No space left on device" in reason:
        tip = "Free some space and try again."
    else:
        tip = "See that this machine reaches its Debian mirror (apt-get update), and try again."
    return TemporaryError(f"apt {what}: {reason}", tip=tip)


def first_error(text: str) -> str:
    """Return apt's first ``E:`` line of ``text``, or its last line."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line.removeprefix("E:").strip() for line in lines if line.startswith("E:")]
    return (errors or lines[-1:] or ["it gave no reason"])[0]


def needs(records: str) -> dict[str, tuple[str, ...]]:
    """Return, for each package of ``records``, those of the others that it depends on.

    ``records`` is what ``apt-cache show`` prints for packages that satisfy each other. Any of a
    dependency's alternatives may be met, and by what provides it (Debian Policy 7.1 and 7.5).
    """
    fields = [
        dict(line.split(": ", 1) for line in record.splitlines() if re.match(r"[\w-]+: ", line))
        for record in records.split("\n\n")
        if record.strip()
    ]
    providers: dict[str, set[str]] = {}
    for field in fields:
        for name in (field["Package"], *_names(field.get("Provides", ""))):
            providers.setdefault(name, set()).add(field["Package"])
    found = {}
    for field in fields:
        clauses = ",".join(field.get(kind, "") for kind in ("Pre-Depends", "Depends")).split(",")
        alternatives = ([n for n in _names(clause) if n in providers] for clause in clauses)
        met = (providers[names[0]] for names in alternatives if names)
        found[field["Package"]] = tuple(sorted(set[str]().union(*met)))
    return found


def _names(relation: str) -> list[str]:
    """Return the package names of a relation field, without versions and architectures."""
    parts = re.split(r"[,|]", relation)
    return [re.split(r"[ (:\[]", part.strip())[0] for part in parts if part.strip()]
