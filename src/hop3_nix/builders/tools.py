"""The programs of a target: those of this machine, or those of a package set."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hop3_nix import locksandbox
from hop3_nix.builders import surroundings
from hop3_nix.builders.base import Report, Silence
from hop3_nix.files.atomic import replace_symlink, write_text_atomic
from hop3_nix.files.resources import fingerprint, write_library
from hop3_nix.host import process
from hop3_nix.host.state import state_dir, writing_to
from hop3_nix.locksandbox import NoSandboxError
from hop3_nix.nix import buildusers
from hop3_nix.nix import commands as nixcli
from hop3_nix.nix.commands import Expression, NixSettings
from hop3_nix.nix.log import NixLog
from hop3_nix.rendering.nixlang import package, to_nix

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from hop3_nix.locksandbox import Enclosed, Outcome
    from hop3_nix.packagesets.base import PackageSet
    from hop3_nix.plan import AnyOffer

LIBRARY: Final = "hop3-nix"
"""The name by which a package set's expression finds the library beside it."""

_SHELL: Final = ("bash", "coreutils")
_SYSTEM: Final = ("/usr", "/bin", "/lib", "/lib64", "/nix/store")
_LINKS: Final = 8


@dataclass(frozen=True)
class HostTools:
    """The programs of this machine.

    With ``allow_code``, what is meant for the lock sandbox runs without it if it cannot be made.
    """

    allow_code: bool = False

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

    def enclosed(self, program: Path, enclosed: Enclosed, packages: Sequence[str] = ()) -> Outcome:
        """Return what ``enclosed`` gave; the sandbox has this machine's programs, and no data."""
        del packages  # this machine has them installed, or has not
        places = [*map(Path, _SYSTEM), *_prefixes(program)]
        readable = (*enclosed.readable, *(place for place in places if os.path.lexists(place)))
        return _run(replace(enclosed, readable=readable), allow_code=self.allow_code)


@dataclass(frozen=True)
class NixTools:
    """The programs of ``package_set``, each realised and rooted when it is asked for."""

    package_set: PackageSet
    report: Report = field(default_factory=Silence)
    packages: tuple[str, ...] = ()
    """What hop3.toml names for builds: what runs when locking finds it as well."""
    allow_code: bool = False

    def program(self, offer: AnyOffer, name: str) -> Path:
        """Return program ``name`` of ``offer``."""
        return self._built(offer.named) / "bin" / name

    def _built(self, attribute: str) -> Path:
        return self._build("packages", self.package_set.expression(), attribute)

    def _environment(self) -> tuple[dict[str, str], frozenset[Path]]:
        """Return what a build with the packages finds, and the store paths that this names."""
        if not self.packages:
            return {}, frozenset()
        names = to_nix([package(name) for name in self.packages])
        text = f"import ./{LIBRARY}/lib/build-environment.nix ({self.package_set.expression()})"
        file = self._build("build-environment", f"{text} (pkgs: {names})")
        entries = [entry for entry in file.read_text(encoding="utf-8").split("\0") if entry]
        return dict(entry.split("=", 1) for entry in entries), frozenset(nixcli.closure(file))

    def _build(self, name: str, text: str, attribute: str = "") -> Path:
        directory = state_dir() / "tools"
        with writing_to(directory):
            library = state_dir() / "library" / fingerprint()
            write_library(library)
            replace_symlink(directory / LIBRARY, library)
            expression = directory / f"{self.package_set.name.replace('/', '-')}-{name}.nix"
            write_text_atomic(expression, f"{text}\n")
        buildusers.ensure(self.report.note)
        return nixcli.build(
            Expression(expression, attribute),
            out_link=directory / (attribute or name),
            settings=NixSettings(self.package_set.nix_settings()),
            log=NixLog(on_line=self.report.line, on_progress=self.report.progress),
        )

    def run(self, argv: Sequence[str], *, env: Mapping[str, str] | None = None) -> str:
        """Return what ``argv`` prints on standard output."""
        return surroundings.ask(argv, env)

    def enclosed(self, program: Path, enclosed: Enclosed, packages: Sequence[str] = ()) -> Outcome:
        """Return what ``enclosed`` gave; the sandbox has closures of store paths alone."""
        built = [self._built(name) for name in (*_SHELL, *packages)]
        readable = {path for each in (program, *built) for path in nixcli.closure(each)}
        found, paths = self._environment()
        path = ":".join(f"{each}/bin" for each in (program.parent.parent, *built))
        folders = ":".join(f"{each}/lib/pkgconfig" for each in built)
        env = {
            **enclosed.env,
            **found,
            "PATH": f"{path}:{found.get('PATH', '')}".rstrip(":"),
            "PKG_CONFIG_PATH": f"{folders}:{found.get('PKG_CONFIG_PATH', '')}".rstrip(":"),
        }
        links = {"/bin/sh": f"{built[0]}/bin/bash", "/usr/bin/env": f"{built[1]}/bin/env"}
        whole = replace(
            enclosed, readable=(*enclosed.readable, *readable, *paths), env=env, links=links
        )
        return _run(whole, allow_code=self.allow_code)


def _run(enclosed: Enclosed, *, allow_code: bool) -> Outcome:
    """Run it in the sandbox, or, if there can be none and that is allowed, without."""
    try:
        return locksandbox.run(enclosed)
    except NoSandboxError as error:
        if allow_code:
            return locksandbox.run_openly(enclosed)
        raise NoSandboxError(
            f"{error.message}. To know what the application needs, "
            f"{' '.join(map(_name, enclosed.argv[:4]))} … would run, and with it code of the "
            "application and of its dependencies (setup.py, build back ends)",
            tip="Lock where user namespaces are allowed, or let that code run with your rights: "
            "--allow-code",
        ) from error


def _name(argument: str) -> str:
    return argument.rpartition("/")[2]


def _prefixes(program: Path) -> Iterator[Path]:
    """Yield the directories that an interpreter starts from, along the links that lead to it."""
    for _ in range(_LINKS):
        yield program.parent.parent
        if not program.is_symlink():
            return
        program = program.parent / program.readlink()
