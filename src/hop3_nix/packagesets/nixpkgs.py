"""nixpkgs: as pinned with this version of hop3-nix, or from a path of the user's own."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from hop3_nix.errors import UnavailableError
from hop3_nix.files.atomic import write_text_atomic
from hop3_nix.files.resources import NIX
from hop3_nix.host import state
from hop3_nix.host.statefile import read_state_file
from hop3_nix.nix import commands as nixcli
from hop3_nix.packagesets.system import current_system
from hop3_nix.plan import Offer, Target
from hop3_nix.rendering.nixlang import to_nix

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pydantic import JsonValue

    from hop3_nix.nix.missing import Missing
    from hop3_nix.packagesets.system import System

    Evaluate = Callable[[str], Any]
    """Evaluates Nix text to the value that it stands for as JSON."""

PIN_FILE: Final = NIX / "nixpkgs-pin.json"

NEEDS_NIX: Final = (2, 18)
"""The oldest Nix that the pinned revision lets itself be evaluated by (its lib/minver.nix)."""

_SEARCH_PATH: Final = re.compile(r"<[A-Za-z0-9._+-]+(/[A-Za-z0-9._+-]+)*>")

_OFFERS: Final = """
let
  pkgs = %s;
  # Versions that were removed are still there, as attributes that throw. Those to come are there
  # as well, such as 3.15.0a2, and hardly a package is built for them.
  isReleased =
    name:
    let
      version = builtins.tryEval pkgs.${name}.version;
    in
    version.success && builtins.match "[0-9.]+" "${version.value}" != null;
  offers =
    language: pattern:
    map (name: {
      inherit language;
      inherit (pkgs.${name}) version;
      attribute = name;
      libc = pkgs.glibc.version;
    }) (
      builtins.filter (name: builtins.match pattern name != null && isReleased name) (
        builtins.attrNames pkgs
      )
    );
in
builtins.concatLists (builtins.attrValues (builtins.mapAttrs offers (builtins.fromJSON %s)))
"""


def offers_of(pkgs: str) -> str:
    """Return the Nix text that lists the interpreters of ``pkgs``, itself Nix text.

    A folder of the Nix library's languages has a nixpkgs.json if nixpkgs has interpreters of the
    language: ``attributes`` is the pattern of their names, with no alias among them.
    """
    files = sorted(NIX.glob("lib/languages/*/nixpkgs.json"))
    patterns = {file.parent.name: json.loads(file.read_bytes())["attributes"] for file in files}
    return _OFFERS % (pkgs, to_nix(json.dumps(patterns)))


def evaluate(text: str) -> Any:
    """Return the value of Nix expression ``text``."""
    return nixcli.evaluate_json(nixcli.Expression(text))


@dataclass(frozen=True, slots=True)
class Pin:
    """The revision of nixpkgs that this version of hop3-nix was tried with."""

    owner: str
    repo: str
    rev: str
    nar_hash: str
    """SRI form, as in flake.lock."""

    @property
    def url(self) -> str:
        """Return the address of the revision's tarball."""
        return f"https://github.com/{self.owner}/{self.repo}/archive/{self.rev}.tar.gz"

    @property
    def store_path(self) -> Path:
        """Return where the unpacked tarball is, if it is in the store.

        A store path is a digest of its name and its content's digest, folded to 160 bits (Nix
        manual, "Store Path Specification").
        """
        content = base64.b64decode(self.nar_hash.partition("-")[2]).hex()
        text = f"source:sha256:{content}:/nix/store:source"
        digest = hashlib.sha256(text.encode()).digest()
        folded = bytes(
            a ^ b for a, b in zip(digest[:20], digest[20:].ljust(20, b"\0"), strict=True)
        )
        return Path("/nix/store", f"{_base32(folded)}-source")


def read_pin(path: Path = PIN_FILE) -> Pin:
    """Return the pin that travels with this package."""
    data = json.loads(path.read_bytes())
    return Pin(owner=data["owner"], repo=data["repo"], rev=data["rev"], nar_hash=data["narHash"])


@dataclass(frozen=True)
class NixpkgsSet:
    """The pinned nixpkgs; what it offers is evaluated once for each pin."""

    directory: Path = field(default_factory=lambda: state.state_dir() / "nixpkgs")
    system: System = field(default_factory=current_system)
    pin: Pin = field(default_factory=read_pin)
    evaluate: Evaluate = evaluate

    name: str = "nixpkgs"

    def prepare(self, report: Callable[[str], None], language: str = "") -> None:  # noqa: ARG002
        """Fetch the pinned nixpkgs and note what it offers, unless that is done."""
        if self._read_offers() is not None:
            return
        report(f"asking nixpkgs {self.pin.rev[:12]} for what it offers")
        pkgs = (
            f"import (builtins.fetchTarball {{ url = {to_nix(self.pin.url)}; "
            f"sha256 = {to_nix(self.pin.nar_hash)}; }}) {{ }}"
        )
        offers = self.evaluate(offers_of(pkgs))
        write_text_atomic(self._offers_file, json.dumps(offers, indent=1) + "\n")

    def provide(self, names: Sequence[str], report: Callable[[str], None]) -> None:
        """Do nothing: a name is an attribute of the set, or it is not there."""

    def packages_with(self, missing: Sequence[Missing]) -> Mapping[Missing, str]:
        """Return nothing: there is no index of files that could be asked."""
        del missing
        return {}

    def expression(self) -> str:
        """Return the Nix text that is the default of ``pkgs``."""
        return (
            "let\n"
            "  pin = builtins.fromJSON (builtins.readFile ./hop3-nix/nixpkgs-pin.json);\n"
            "in\n"
            "import (builtins.fetchTarball {\n"
            '  url = "https://github.com/${pin.owner}/${pin.repo}/archive/${pin.rev}.tar.gz";\n'
            "  sha256 = pin.narHash;\n"
            "}) { }"
        )

    def target(self) -> Target:
        """Return the system and the interpreters of the pin.

        Raises UnavailableError before `prepare`.
        """
        target = self._read_offers()
        if target is None:
            raise UnavailableError(
                "what nixpkgs offers is not known yet", file=str(self._offers_file)
            )
        return target

    def _read_offers(self) -> Target | None:
        """Return what the file of the offers says; None if it has to be written (again)."""
        try:
            return _target(self.system, self.name, json.loads(read_state_file(self._offers_file)))
        except (FileNotFoundError, ValueError, TypeError, AttributeError, RecursionError):
            return None

    def nix_settings(self) -> dict[str, str]:
        """Return no options: those of the user's nix.conf are right."""
        return {}

    def pinned_by(self) -> tuple[Path, ...]:
        """Return none: the pin travels with hop3-nix."""
        return ()

    def describe(self) -> dict[str, JsonValue]:
        """Return what pins the set, for the artifact's metadata."""
        return {
            "name": self.name,
            "system": self.system,
            "rev": self.pin.rev,
            "nar_hash": self.pin.nar_hash,
        }

    @property
    def _offers_file(self) -> Path:
        asked = hashlib.sha256(offers_of("pkgs").encode()).hexdigest()[:8]
        return self.directory / f"offers-{self.pin.rev}-{self.system}-{asked}.json"


@dataclass(frozen=True)
class PathSet:
    """A package set of the user's own: a path, or an entry of NIX_PATH written ``<name>``."""

    requested: str
    system: System = field(default_factory=current_system)
    evaluate: Evaluate = evaluate

    @property
    def name(self) -> str:
        """Return what was asked for."""
        return self.requested

    def prepare(self, report: Callable[[str], None], language: str = "") -> None:  # noqa: ARG002
        """See that there is such a path. Raises UnavailableError."""
        if not self._is_search_path and not Path(self.requested).exists():
            raise UnavailableError(
                f"there is no package set at {self.requested}",
                tip="Give `nixpkgs`, `debian`, or the path of a file or directory that Nix can "
                "import.",
            )
        report(f"package set: {self.requested}")

    def provide(self, names: Sequence[str], report: Callable[[str], None]) -> None:
        """Do nothing: a name is an attribute of the set, or it is not there."""

    def packages_with(self, missing: Sequence[Missing]) -> Mapping[Missing, str]:
        """Return nothing: there is no index of files that could be asked."""
        del missing
        return {}

    def expression(self) -> str:
        """Return the Nix text that is the default of ``pkgs``."""
        if self._is_search_path:
            return f"import {self.requested} {{ }}"
        path = str(Path(self.requested).resolve())
        return f"import (/. + {to_nix(path)}) {{ }}"

    def target(self) -> Target:
        """Return the system and what the set offers, evaluated each time: it may have changed."""
        return _target(self.system, self.name, self.evaluate(offers_of(self.expression())))

    def nix_settings(self) -> dict[str, str]:
        """Return no options: those of the user's nix.conf are right."""
        return {}

    def pinned_by(self) -> tuple[Path, ...] | None:
        """Return None: what a path imports is not known."""

    def describe(self) -> dict[str, JsonValue]:
        """Return what was asked for; a path pins nothing."""
        return {"name": self.name, "system": self.system}

    @property
    def _is_search_path(self) -> bool:
        return _SEARCH_PATH.fullmatch(self.requested) is not None


def _target(system: System, name: str, offers: list[dict[str, str]]) -> Target:
    known = [Offer(**offer) for offer in offers]
    known.sort(key=lambda offer: [int(part) for part in offer.version.split(".")[:2]], reverse=True)
    return Target(system=system, package_set=name, offers=tuple(known))


def _base32(data: bytes) -> str:
    """Return ``data`` in Nix's own base 32: another alphabet, and the last digit first."""
    digits = "0123456789abcdfghijklmnpqrsvwxyz"
    number = int.from_bytes(data, "little")
    return "".join(
        digits[number >> (5 * place) & 31] for place in reversed(range(len(data) * 8 // 5))
    )
