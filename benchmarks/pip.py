"""pip, for the interpreter that an application is built with, and the wheels it installs."""

from __future__ import annotations

import hashlib
import importlib.metadata
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pip
from packaging.utils import canonicalize_name, parse_wheel_filename

from benchmarks.index import index_of
from benchmarks.running import Command
from benchmarks.serving import serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.world import World

_NOT_REQUIRED: Final = frozenset({"hop3-nix", "pip", "setuptools"})


@dataclass(frozen=True)
class Wheels:
    """An index that offers the wheels, and the interpreter that they fit."""

    world: World
    python: Path
    address: str

    def install(self, requirements: Path, tag: str) -> float:
        """Return the seconds that pip takes to install ``requirements`` from the index of a tag."""
        venv = _make_venv(self.world, self.python)
        env = self.world.index_env(f"{self.address}/{tag}")
        argv = ("-m", "pip", "install", "--no-cache-dir", "--quiet", "-r", requirements)
        took, _ = Command((venv / "bin/python", *argv), env).run()
        shutil.rmtree(venv)
        return took


@contextmanager
def offering(world: World, python: Path, directory: Path) -> Iterator[Wheels]:
    """Offer the wheels in ``directory``."""
    with serving(index_of(directory)) as address:
        yield Wheels(world, python, address)


def download(world: World, python: Path, requirements: Path, directory: Path) -> None:
    """Download the wheels of a complete list of requirements, from the user's own index."""
    venv = _make_venv(world, python)
    argv = ("-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--quiet")
    into = ("--dest", directory, "-r", requirements)
    Command((venv / "bin/python", *argv, *into), world.env).run()
    shutil.rmtree(venv)


def installed_here() -> str:
    """Return as requirements what this environment holds beside hop3-nix itself."""
    found = importlib.metadata.distributions()
    names = {canonicalize_name(each.name): each.version for each in found}
    pins = [f"{name}=={names[name]}" for name in sorted(names.keys() - _NOT_REQUIRED)]
    return "\n".join(pins) + "\n"


def locked(directory: Path) -> str:
    """Return requirements with hashes for the wheels in ``directory``."""
    lines = []
    for wheel in sorted(directory.glob("*.whl")):
        name, version, *_ = parse_wheel_filename(wheel.name)
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        lines.append(f"{name}=={version} --hash=sha256:{digest}\n")
    return "".join(lines)


def _make_venv(world: World, python: Path) -> Path:
    """Return a virtual environment of ``python`` with the pip that hop3-nix uses."""
    venv = world.scratch / "venv"
    shutil.rmtree(venv, ignore_errors=True)
    Command((python, "-m", "venv", "--without-pip", venv), world.env).run()
    (site_packages,) = venv.glob("lib/python3*/site-packages")
    source = Path(pip.__file__).parent
    shutil.copytree(source, site_packages / "pip", ignore=shutil.ignore_patterns("__pycache__"))
    compiled = ("-m", "compileall", "-q", site_packages / "pip")
    Command((venv / "bin/python", *compiled), world.env).run()
    return venv
