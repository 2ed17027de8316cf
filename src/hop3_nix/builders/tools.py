"""The programs of a target: those of this machine, or those of a package set."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hop3_nix import buildusers, nixcli, process
from hop3_nix.atomic import replace_symlink, write_text_atomic
from hop3_nix.builders import surroundings
from hop3_nix.builders.base import Report, Silence
from hop3_nix.nixcli import Expression, NixSettings
from hop3_nix.nixlog import NixLog
from hop3_nix.resources import fingerprint, write_library
from hop3_nix.state import state_dir, writing_to

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hop3_nix.packagesets.base import PackageSet
    from hop3_nix.plan import AnyOffer

LIBRARY: Final = "hop3-nix"
"""The name by which a package set's expression finds the library beside it."""


@dataclass(frozen=True)
class HostTools:
    """The programs of this machine."""

    def program(self, offer: AnyOffer, name: str) -> Path:
        """Return program ``name`` of ``offer``: the interpreter, what stands beside it, or any."""
        interpreter = Path(process.find_program(offer.named))
        if interpreter.name.startswith(name):
            return interpreter
        beside = interpreter.with_name(name)
        return beside if beside.is_file() else Path(process.find_program(name))

    def run(self, argv: Sequence[str], *, env: Mapping[str, str] | None = None) -> str:
        """Return what ``argv`` prints on standard output."""
        return surroundings.ask(argv, env)


@dataclass(frozen=True)
class NixTools:
    """The programs of ``package_set``, each realised and rooted when it is asked for."""

    package_set: PackageSet
    report: Report = field(default_factory=Silence)

    def program(self, offer: AnyOffer, name: str) -> Path:
        """Return program ``name`` of ``offer``."""
        directory = state_dir() / "tools"
        with writing_to(directory):
            library = state_dir() / "library" / fingerprint()
            write_library(library)
            replace_symlink(directory / LIBRARY, library)
            expression = directory / f"{self.package_set.name.replace('/', '-')}.nix"
            write_text_atomic(expression, f"{self.package_set.expression()}\n")
        buildusers.ensure(self.report.note)
        built = nixcli.build(
            Expression(expression, offer.named),
            out_link=directory / offer.named,
            settings=NixSettings(self.package_set.nix_settings()),
            log=NixLog(on_line=self.report.line, on_progress=self.report.progress),
        )
        return built / "bin" / name

    def run(self, argv: Sequence[str], *, env: Mapping[str, str] | None = None) -> str:
        """Return what ``argv`` prints on standard output."""
        return surroundings.ask(argv, env)
