"""Rust in Python packages: what compiles it, and the crates of the application's own extension."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hop3_nix.errors import UnsupportedError
from hop3_nix.locks.rust.cargo_lock import FILE, read_lock
from hop3_nix.toolchains.python.sdists import builds_rust

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hop3_nix.plan import AnyOffer, Dependency, Target
    from hop3_nix.source import Source
    from hop3_nix.toolchains.python.project import Project


def is_crate(file: Dependency) -> bool:
    """Return whether ``file``, of what is built with, is a crate and no package of Python's."""
    return file.filename.endswith(".crate")


def own_crates(source: Source, project: Project) -> tuple[Dependency, ...]:
    """Return the crates that the project's own package is built with.

    Raises LockError if it has some and nothing pins them.
    """
    if not project.installed or not builds_rust(project.build_requires):
        return ()
    return read_lock(source).crates


def has_programs(project: Project) -> bool:
    """Return whether the project's package has programs in Rust, and not a module."""
    return project.pyproject.table("tool", "maturin").get("bindings") == "bin"


def compiler_for(locked: Iterable[Dependency], target: Target) -> dict[str, str]:
    """Return the compiler, as an argument of our Nix functions, if one of ``locked`` calls it."""
    if target.on_host or not builds_rust(file.name for file in locked):
        return {}
    return {"rust": rust_of(target).named}


def rust_of(target: Target) -> AnyOffer:
    """Return the newest compiler of ``target``. Raises UnsupportedError if it has none."""
    offers = target.offers_for("rust")
    if not offers:
        raise UnsupportedError(
            f"a package is built with Rust, and {target.package_set} has none",
            file=FILE,
            tip="Use a version of it that has wheels, or build with another package set (--pkgs).",
        )
    return offers[0]
