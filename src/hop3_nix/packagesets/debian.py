"""The embedded Debian package set: made of .deb files, pinned by a lock in the state directory."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from packaging.version import Version

from hop3_nix.errors import LockError, TemporaryError, UnavailableError
from hop3_nix.files.atomic import write_text_atomic
from hop3_nix.host import state
from hop3_nix.host.diskspace import require_room
from hop3_nix.host.process import within
from hop3_nix.packagesets.apt import Apt
from hop3_nix.packagesets.contents import Contents
from hop3_nix.packagesets.debian_definition import read_definition
from hop3_nix.packagesets.debian_lock import REFRESH, DebianLock, read_lock, solve_groups
from hop3_nix.packagesets.debian_packages import read_packages, write_packages
from hop3_nix.packagesets.mirrors import find_mirrors, is_mirrors_file
from hop3_nix.packagesets.npm_programs import NpmLanguage, fetched_languages
from hop3_nix.packagesets.static_programs import add_program, has_program
from hop3_nix.packagesets.system import current_system
from hop3_nix.plan import Offer, Target

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from datetime import datetime

    from pydantic import JsonValue

    from hop3_nix.host.process import Runner
    from hop3_nix.nix.missing import Missing
    from hop3_nix.packagesets.debian_definition import Definition
    from hop3_nix.packagesets.system import System
    from hop3_nix.packagesets.wheels import WheelLanguage, WheelPins

ARCHITECTURES: Final[Mapping[System, str]] = {"x86_64-linux": "amd64", "aarch64-linux": "arm64"}

TRIPLES: Final[Mapping[System, str]] = {
    "x86_64-linux": "x86_64-linux-gnu",
    "aarch64-linux": "aarch64-linux-gnu",
}

MAX_JOBS: Final = 4
"""Fetches at a time. More are slower, and a stock installation has ten build users."""


APT_SECONDS: Final = 600.0
"""What a program of apt may take; 13 in all is usual."""

APT_TAKES: Final = 256 << 20
"""Bytes that its indexes and caches take while the lock is made: 193 MiB for two suites."""


@dataclass(frozen=True)
class DebianSet:
    """Debian's packages for ``system``; ``root`` is where the host's own apt configuration is."""

    directory: Path = field(default_factory=lambda: state.state_dir() / "debian")
    system: System = field(default_factory=current_system)
    root: Path = Path("/")
    run: Runner | None = None
    """What starts other programs; by default with the time and the room that apt needs."""

    name: str = "debian"

    @property
    def _runner(self) -> Runner:
        return self.run or within(APT_SECONDS, room_in=self.directory)

    @property
    def lock_file(self) -> Path:
        """Return where the lock is; the mirrors are beside it, in mirrors.json."""
        return self.directory / "lock.json"

    @property
    def packages_file(self) -> Path:
        """Return where it is written what the packages consist of that applications name."""
        return self.directory / "packages.json"

    def wheels_file(self, language: str) -> Path:
        """Return where it is written which wheels ``language`` is made of, if it is of wheels."""
        return self.directory / f"{language}.json"

    def prepare(self, report: Callable[[str], None], language: str = "") -> None:
        """Write the lock unless there is one for this version of the set and this system.

        For a language that is made of files of other indexes, likewise what pip's index or npm's
        registry has of it. Raises UnavailableError where apt is missing or set up for no Debian
        archive, and TemporaryError if the mirror or index does not answer.
        """
        self._prepare_lock(report)
        fetched = {each.name: each for each in fetched_languages()}
        if language in fetched:
            for name in (*fetched[language].needs, language):
                if self._pins(fetched[name]) is None:
                    self._pin(fetched[name], report)

    def _prepare_lock(self, report: Callable[[str], None]) -> None:
        definition = read_definition()
        with state.lock(self.directory / ".lock", "the Debian package set", say=report):
            lock = read_lock(self.lock_file)
            if lock is None:
                report("writing the lock of the Debian package set")
            elif lock.definition != definition.digest or lock.system != self.system:
                report("writing the lock of the Debian package set again: it was made for another")
            elif has_program(definition.seed, self.directory, lock.seed, run=self._runner):
                self._mend_mirrors(report)
                self._mend_shell(lock, definition, report)
                return
            self._refresh(definition)

    def refresh(self, report: Callable[[str], None]) -> None:
        """Write the lock anew, from what the mirror has now. Raises as `prepare` does.

        A machine that reaches a Debian mirror alone keeps the wheels that it has.
        """
        report("asking the Debian mirror for its current packages")
        with state.lock(self.directory / ".lock", "the Debian package set", say=report):
            self._refresh(read_definition())
        for language in fetched_languages():
            if isinstance(language, NpmLanguage) and self._pins(language) is None:
                continue  # asked for when an application needs it
            try:
                self._pin(language, report)
            except (TemporaryError, UnavailableError, LockError) as error:
                report(f"{language.title} stays as it is: {error}")

    def provide(self, names: Sequence[str], report: Callable[[str], None]) -> None:
        """Find what those of ``names`` consist of that the set has not by itself.

        Raises UnavailableError or TemporaryError if Debian cannot be asked.
        """
        definition = read_definition()
        debian = [definition.aliases.get(name, name) for name in names]
        wanted = {name for name in debian if name not in definition.attributes}
        with state.lock(self.directory / ".lock", "the Debian package set", say=report):
            lock = self._lock()
            known = set(read_packages(self.packages_file, lock))
            if wanted <= known:
                return
            report(f"asking apt for {', '.join(sorted(wanted - known))}")
            with self._apt(definition) as (apt, _):
                write_packages(self.packages_file, wanted | known, lock, definition, apt)

    def packages_with(self, missing: Sequence[Missing]) -> dict[Missing, str]:
        """Return Debian's package to name for each of ``missing``, by its index of files."""
        definition = read_definition()
        with self._apt(definition) as (apt, _):
            contents = Contents(self.directory, definition.named.suite, apt)
            return contents.packages_with(missing, TRIPLES[self.system])

    def expression(self) -> str:
        """Return the Nix text that is the default of ``pkgs``."""
        return "import ./hop3-nix/debian { }"

    def target(self) -> Target:
        """Return what the lock says that the set offers; no program is started.

        Raises UnavailableError if there is no lock.
        """
        lock, definition = self._lock(), read_definition()

        def libc(group: str) -> str:
            return lock.version_of(definition.lowest(group), "libc6")

        offers = [
            Offer(
                language=found.language,
                version=lock.version_of(found.group, found.package),
                attribute=found.attribute,
                libc=libc(found.group),
            )
            for found in definition.interpreters
        ]
        offers += [
            Offer(language=wheels.name, version=version, attribute=attribute, libc=libc(wheels.on))
            for wheels in fetched_languages()
            if (pins := self._pins(wheels))
            for attribute, version in pins.versions().items()
        ]
        offers.sort(key=lambda offer: Version(offer.version), reverse=True)
        return Target(
            system=self.system,
            package_set=self.name,
            offers=tuple(offers),
            packages=frozenset((*definition.attributes, *self._named(lock, definition))),
        )

    def nix_settings(self) -> dict[str, str]:
        """Return the Nix options that building with this set needs."""
        return {
            # make, configure scripts and system() need one, and Debian's Nix brings none.
            "sandbox-paths": f"/bin/sh={self._shell()}",
            # No public cache has these paths; asking one that cannot be reached takes minutes.
            "substituters": "",
            "max-jobs": str(MAX_JOBS),
        }

    def pinned_by(self) -> tuple[Path, ...]:
        """Return the lock, and the files that pin wheels, which need not be there."""
        wheels = (self.wheels_file(language.name) for language in fetched_languages())
        return (self.lock_file, *wheels)

    def describe(self) -> dict[str, JsonValue]:
        """Return what pins the set, for the artifact's metadata."""
        lock = self._lock()
        described: dict[str, JsonValue] = {
            "name": self.name,
            "system": self.system,
            "suites": dict(lock.suites),
            "lock_sha256": hashlib.sha256(lock.to_json().encode()).hexdigest(),
        }
        for language in fetched_languages():
            if pins := self._pins(language):
                described[language.name] = {**pins.versions()}
        return described

    def _shell(self) -> str:
        shell = self._lock().shell
        if shell is None:
            raise UnavailableError(
                "the Debian package set has no shell for builds yet",
                file=str(self.lock_file),
                tip=REFRESH,
            )
        return f"{shell.path}/bin/{read_definition().shell.name}"

    def _lock(self) -> DebianLock:
        lock = read_lock(self.lock_file)
        if lock is None:
            raise UnavailableError(
                "the Debian package set has no lock yet", file=str(self.lock_file), tip=REFRESH
            )
        return lock

    def _named(self, lock: DebianLock, definition: Definition) -> set[str]:
        """Return the names by which hop3.toml can name what applications have named before."""
        known = read_packages(self.packages_file, lock)
        return {*known, *(alias for alias, name in definition.aliases.items() if name in known)}

    def _pins(self, language: WheelLanguage | NpmLanguage) -> WheelPins | None:
        return language.read_pins(self.wheels_file(language.name), self.system)

    def _pin(self, language: WheelLanguage | NpmLanguage, report: Callable[[str], None]) -> None:
        asked = "npm where" if isinstance(language, NpmLanguage) else "pip for"
        has = " are" if isinstance(language, NpmLanguage) else ""
        report(f"asking {asked} the builds of {language.title}{has}")
        pins = language.pin(self.system)
        write_text_atomic(self.wheels_file(language.name), pins.to_json())

    def _mend_shell(
        self, lock: DebianLock, definition: Definition, report: Callable[[str], None]
    ) -> None:
        """Put the shell into the lock and the store; what the lock has else stays as it is."""
        shell = definition.shell
        if lock.shell and has_program(shell, self.directory, lock.shell, run=self._runner):
            return
        report("asking the Debian mirror for the shell of builds")
        with self._apt(definition) as (apt, _):
            program = add_program(shell, self.directory, apt, run=self._runner)
        write_text_atomic(self.lock_file, replace(lock, shell=program).to_json())

    def _mend_mirrors(self, report: Callable[[str], None]) -> None:
        """Write mirrors.json again if it is not what Nix can read."""
        if not is_mirrors_file(self._mirrors_file):
            report("writing the addresses of the Debian mirrors again: they could not be read")
            self._write_mirrors(find_mirrors(self._runner))

    def _write_mirrors(self, mirrors: Mapping[str, str]) -> None:
        write_text_atomic(self._mirrors_file, json.dumps(mirrors, indent=1) + "\n")

    @property
    def _mirrors_file(self) -> Path:
        return self.directory / "mirrors.json"

    @contextmanager
    def _apt(self, definition: Definition) -> Iterator[tuple[Apt, Mapping[str, datetime]]]:
        """Give an apt that has the indexes of today, and their dates."""
        require_room(self.directory, APT_TAKES, "the work of apt")
        mirrors = find_mirrors(self._runner)
        with tempfile.TemporaryDirectory(prefix="apt-", dir=self.directory) as work:
            apt = Apt(
                Path(work),
                mirrors,
                architecture=ARCHITECTURES[self.system],
                root=self.root,
                run=self._runner,
            )
            yield apt, apt.update(definition.suites)

    def _refresh(self, definition: Definition) -> None:
        named = self._named_before()
        for left in self.directory.glob("apt*"):  # by who was killed, or an older version
            shutil.rmtree(left, ignore_errors=True)
        with self._apt(definition) as (apt, dates):
            lock = DebianLock(
                system=self.system,
                definition=definition.digest,
                suites={suite: date.isoformat() for suite, date in dates.items()},
                groups=solve_groups(definition, apt),
                seed=add_program(definition.seed, self.directory, apt, run=self._runner),
                shell=add_program(definition.shell, self.directory, apt, run=self._runner),
            )
            if named:
                write_packages(self.packages_file, named, lock, definition, apt)
            mirrors = apt.mirrors
        # The lock last: whoever sees it finds all that belongs to it.
        self._write_mirrors(mirrors)
        write_text_atomic(self.lock_file, lock.to_json())

    def _named_before(self) -> Collection[str]:
        """Return the packages that applications have named; none if that is damaged."""
        try:
            before = read_lock(self.lock_file)
            return read_packages(self.packages_file, before) if before else ()
        except UnavailableError:
            # Whatever it was, it is about to be written anew; packages are found again by name.
            return ()
