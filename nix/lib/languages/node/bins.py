# ruff: noqa: INP001 - a module that Nix runs by its path
"""The programs of packages: links in the ``.bin`` beside them, as every package manager makes."""

from __future__ import annotations

import json
import os
import platform
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_MODULES: Final = "node_modules"
_CPUS: Final = {"x86_64": "x64", "aarch64": "arm64"}


def manifest(package: Path) -> dict[str, Any]:
    """Return package.json of ``package``; empty if there is none, or nothing that can be read."""
    try:
        data = json.loads((package / "package.json").read_bytes())
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}


def is_for_here(described: dict[str, Any]) -> bool:
    """Return whether a package.json is for this platform (npm's "os", "cpu" and "libc")."""
    here = {"os": "linux", "cpu": _CPUS.get(platform.machine(), ""), "libc": "glibc"}
    for key, ours in here.items():
        said = described.get(key)
        listed = [said] if isinstance(said, str) else said
        if not isinstance(listed, list):
            continue
        positive = [each for each in listed if isinstance(each, str) and each[:1] != "!"]
        if f"!{ours}" in listed or (positive and ours not in positive and "any" not in positive):
            return False
    return True


def programs(package: Path) -> dict[str, str]:
    """Return the programs of ``package`` with the file of each (npm's package.json, "bin")."""
    described = manifest(package)
    listed = described.get("bin")
    if isinstance(listed, str):
        name = str(described.get("name", package.name))
        listed = {name.rpartition("/")[2]: listed}
    if not isinstance(listed, dict):
        listed = {}
        folder = (described.get("directories") or {}).get("bin")
        if isinstance(folder, str) and (package / folder).is_dir():
            listed = {path.name: f"{folder}/{path.name}" for path in (package / folder).iterdir()}
    found = {}
    for name, file in listed.items():
        # Neither may lead elsewhere: npm resolves both as if their parent were the root.
        inside = os.path.normpath(f"/{file}").lstrip("/")
        plain = PurePosixPath(name).name
        if plain and inside and (package / inside).is_file():
            found[plain] = inside
    return found


def packages_in(modules: Path) -> Iterator[Path]:
    """Yield what stands in a ``node_modules``, scoped packages and links included."""
    for entry in sorted(modules.iterdir()):
        if entry.name.startswith("."):
            continue
        if entry.name.startswith("@"):
            yield from sorted(entry.iterdir())
        else:
            yield entry


def link_bins(top: Path) -> None:
    """Link the programs of every package under ``top``, and let each be run."""
    found = [Path(parent, _MODULES) for parent, names, _ in os.walk(top) if _MODULES in names]
    for modules in found:
        chosen: dict[str, Path] = {}
        for package in packages_in(modules):
            for name, file in programs(package).items():
                # Of two with one name, the package that is called so has it.
                if name not in chosen or package.name == name:
                    chosen[name] = package / file
        for name, program in chosen.items():
            _make_runnable(program)
            link = modules / ".bin" / name
            link.parent.mkdir(exist_ok=True)
            # There may be one of an earlier call, which knew of fewer packages.
            link.unlink(missing_ok=True)
            link.symlink_to(os.path.relpath(program, link.parent))


def _make_runnable(program: Path) -> None:
    program.chmod(0o755)
    with program.open("rb") as file:
        if file.read(2) != b"#!":
            return
        line = file.readline()
    if line.endswith(b"\r\n"):
        first, rest = program.read_bytes().split(b"\n", 1)
        program.write_bytes(first.rstrip(b"\r") + b"\n" + rest)
