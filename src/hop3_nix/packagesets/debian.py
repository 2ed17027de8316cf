"""The embedded Debian package set: made of .deb files, pinned by a lock in the state directory."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from packaging.version import Version

from hop3_nix import nixcli, state
from hop3_nix.atomic import write_text_atomic
from hop3_nix.errors import LockError, TemporaryError, ToolError, UnavailableError
from hop3_nix.packagesets.apt import Apt
from hop3_nix.packagesets.debian_lock import (
    REFRESH,
    DebianLock,
    Seed,
    read_definition,
    read_lock,
    solve_groups,
)
from hop3_nix.packagesets.mirrors import find_mirrors
from hop3_nix.packagesets.nodejs import LANGUAGE, nodejs_attributes, pin_nodejs, read_pins
from hop3_nix.packagesets.system import current_system
from hop3_nix.plan import Offer, Target
from hop3_nix.process import run as run_process

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pydantic import JsonValue

    from hop3_nix.packagesets.debian_lock import Definition
    from hop3_nix.packagesets.system import System
    from hop3_nix.process import Runner

ARCHITECTURES: Final[Mapping[System, str]] = {"x86_64-linux": "amd64", "aarch64-linux": "arm64"}

MAX_JOBS: Final = 4
"""Fetches at a time. More are slower, and a stock installation has ten build users."""


@dataclass(frozen=True)
class DebianSet:
    """Debian's packages for ``system``; ``root`` is where the host's own apt configuration is."""

    directory: Path = field(default_factory=lambda: state.state_dir() / "debian")
    system: System = field(default_factory=current_system)
    root: Path = Path("/")
    run: Runner = run_process

    name: str = "debian"

    @property
    def lock_file(self) -> Path:
        """Return where the lock is; the mirrors are beside it, in mirrors.json."""
        return self.directory / "lock.json"

    @property
    def nodejs_file(self) -> Path:
        """Return where it is written which builds of Node the set has."""
        return self.directory / "nodejs.json"

    def prepare(self, report: Callable[[str], None], language: str = "") -> None:
        """Write the lock unless there is one for this version of the set and this system.

        For Node, likewise what pip's index has of it. Raises UnavailableError where apt is missing
        or set up for no Debian archive, and TemporaryError if the mirror or index does not answer.
        """
        self._prepare_lock(report)
        if language == LANGUAGE and read_pins(self.nodejs_file, self.system) is None:
            report("asking pip for the builds of Node")
            self._pin_nodejs()

    def _prepare_lock(self, report: Callable[[str], None]) -> None:
        definition = read_definition()
        with state.lock(self.directory / ".lock"):
            lock = read_lock(self.lock_file)
            if lock is None:
                report("writing the lock of the Debian package set")
            elif lock.definition != definition.digest or lock.system != self.system:
                report("writing the lock of the Debian package set again: it was made for another")
            elif self._has_seed(lock):
                return
            self._refresh(definition)

    def refresh(self, report: Callable[[str], None]) -> None:
        """Write the lock anew, from what the mirror has now. Raises as `prepare` does.

        A machine that reaches a Debian mirror alone keeps the Node that it has.
        """
        report("asking the Debian mirror for its current packages")
        with state.lock(self.directory / ".lock"):
            self._refresh(read_definition())
        report("asking pip for the builds of Node")
        try:
            self._pin_nodejs()
        except (TemporaryError, UnavailableError, LockError) as error:
            report(f"Node stays as it is: {error}")

    def expression(self) -> str:
        """Return the Nix text that is the default of ``pkgs``."""
        return "import ./hop3-nix/debian { }"

    def target(self) -> Target:
        """Return what the lock says that the set offers; no program is started.

        Raises UnavailableError if there is no lock.
        """
        lock, definition = self._lock(), read_definition()
        groups = {group.name: group for group in definition.groups}
        offers = []
        for group in definition.groups:
            if not group.python:
                continue
            base = group
            while base.on:
                base = groups[base.on[-1]]
            offers.append(
                Offer(
                    language="python",
                    version=lock.version_of(group.name, group.python),
                    attribute=group.name,
                    libc=lock.version_of(base.name, "libc6"),
                )
            )
        pins = read_pins(self.nodejs_file, self.system)
        offers += [
            Offer(
                language=LANGUAGE,
                version=version,
                attribute=attribute,
                libc=lock.version_of("glibc", "libc6"),
            )
            for attribute, version in (pins.versions() if pins else {}).items()
        ]
        offers.sort(key=lambda offer: Version(offer.version), reverse=True)
        return Target(
            system=self.system,
            package_set=self.name,
            offers=tuple(offers),
            packages=frozenset((*definition.attributes, *nodejs_attributes())),
        )

    def nix_settings(self) -> dict[str, str]:
        """Return the Nix options that building with this set needs."""
        return {
            # make, configure scripts and system() need one, and Debian's Nix brings none.
            "sandbox-paths": f"/bin/sh={self._lock().seed.path}/bin/busybox",
            # No public cache has these paths; asking one that cannot be reached takes minutes.
            "substituters": "",
            "max-jobs": str(MAX_JOBS),
        }

    def pinned_by(self) -> tuple[Path, ...]:
        """Return the lock, and the pins of Node, which need not be there."""
        return (self.lock_file, self.nodejs_file)

    def describe(self) -> dict[str, JsonValue]:
        """Return what pins the set, for the artifact's metadata."""
        lock = self._lock()
        described: dict[str, JsonValue] = {
            "name": self.name,
            "system": self.system,
            "suites": dict(lock.suites),
            "lock_sha256": hashlib.sha256(lock.to_json().encode()).hexdigest(),
        }
        if pins := read_pins(self.nodejs_file, self.system):
            described["nodejs"] = {name: file.version for name, file in pins.files.items()}
        return described

    def _lock(self) -> DebianLock:
        lock = read_lock(self.lock_file)
        if lock is None:
            raise UnavailableError(
                "the Debian package set has no lock yet", file=str(self.lock_file), tip=REFRESH
            )
        return lock

    def _pin_nodejs(self) -> None:
        pins = pin_nodejs(self.system)
        write_text_atomic(self.nodejs_file, pins.to_json())

    def _refresh(self, definition: Definition) -> None:
        mirrors = find_mirrors(self.run)
        apt = Apt(
            self.directory / "apt",
            mirrors,
            architecture=ARCHITECTURES[self.system],
            root=self.root,
            run=self.run,
        )
        dates = apt.update(definition.suites)
        lock = DebianLock(
            system=self.system,
            definition=definition.digest,
            suites={suite: date.isoformat() for suite, date in dates.items()},
            groups=solve_groups(definition, apt),
            seed=self._make_seed(definition, apt),
        )
        # The lock last: whoever sees it finds all that belongs to it.
        write_text_atomic(self.directory / "mirrors.json", json.dumps(mirrors, indent=1) + "\n")
        write_text_atomic(self.lock_file, lock.to_json())

    def _make_seed(self, definition: Definition, apt: Apt) -> Seed:
        """Unpack the static busybox and return it as a store path."""
        seed = self.directory / "seed"
        with tempfile.TemporaryDirectory(dir=self.directory) as scratch:
            deb = apt.download(definition.seed_suite, definition.seed_package, Path(scratch))
            unpacked = Path(scratch, "unpacked")
            done = self.run(["dpkg-deb", "--extract", str(deb), str(unpacked)])
            programs = [path for path in unpacked.rglob("bin/busybox") if path.is_file()]
            if done.status != 0 or not programs:
                raise ToolError(
                    f"{deb.name} could not be unpacked", output=done.stderr, status=done.status
                )
            seed.joinpath("bin").mkdir(parents=True, exist_ok=True)
            # Renamed into place: it may be running as some sandbox's shell.
            fresh = Path(scratch, "busybox")
            shutil.copyfile(programs[0], fresh)
            fresh.chmod(0o755)
            fresh.replace(seed / "bin" / "busybox")
        path = nixcli.add(seed, run=self.run)
        return Seed(path=str(path), sha256=nixcli.nar_hash(path, run=self.run))

    def _has_seed(self, lock: DebianLock) -> bool:
        """Return whether the seed is in the store, after adding it again if need be."""
        if Path(lock.seed.path).exists():
            return True
        seed = self.directory / "seed"
        return seed.is_dir() and str(nixcli.add(seed, run=self.run)) == lock.seed.path
