"""Rust, as a language: applications with a Cargo.toml. docs/rust.md has every decision."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from hop3_nix.locks.rust.cargo_config import FILES as CONFIG_FILES
from hop3_nix.locks.rust.cargo_config import read_config
from hop3_nix.locks.rust.cargo_lock import FILE as LOCK
from hop3_nix.locks.rust.cargo_lock import read_lock
from hop3_nix.locks.rust.manifest import MANIFEST
from hop3_nix.locks.rust.workspace import read_workspace
from hop3_nix.plan import Evidence
from hop3_nix.toolchains.language import About, Answer, Language, Layers, Marker, Probe, Start
from hop3_nix.toolchains.rust.arguments import DepsArguments
from hop3_nix.toolchains.rust.building import build_steps, calls, decide_environment
from hop3_nix.toolchains.rust.libraries import needed_packages
from hop3_nix.toolchains.rust.recipes import BIN, local_recipes
from hop3_nix.toolchains.rust.registry import locate_plan
from hop3_nix.toolchains.rust.starting import FRAMEWORKS, guesses
from hop3_nix.toolchains.rust.versions import VERSIONS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hop3_nix.plan import AnyOffer, Target
    from hop3_nix.toolchains.app import App

_RELEASE: Final = re.compile(r"^release: (\d+\.\d+\.\d+)$", re.MULTILINE)


def layers(app: App, _offer: AnyOffer, target: Target) -> Layers:
    """Return the crates that Cargo.lock pins, and what cargo knows of the application by them.

    Raises LockError.
    """
    source, workspace, settings = app.source, app.read(read_workspace), app.read(read_config)
    lock = read_lock(source, vendored=bool(settings.vendored))
    shared = tuple(each for each in workspace.packages if each.name in lock.shared)
    kept = tuple(each.directory for each in shared if each.directory)
    manifests = (*workspace.manifests, LOCK, *(file for file in CONFIG_FILES if source.has(file)))
    about = workspace.top
    return Layers(
        dependencies=lock.crates,
        deps=DepsArguments(
            manifests=tuple(file for file in manifests if not _is_below(file, kept)),
            entries=tuple(
                file
                for each in workspace.packages
                for file in each.entries()
                if not _is_below(file, kept)
            ),
            directories=kept,
            members=lock.local,
            builds=tuple(call.arguments for call in calls(app)),
            vendored=dict(settings.vendored),
            environment=decide_environment(app),
        ),
        reads_source=True,
        # On this machine, build steps find the compiler there.
        path=(BIN,) if target.on_host else (),
        interpreted=False,
        packages=frozenset(lock.needs),
        about=About(about.name, about.said("version"), about.said("description")),
        evidence=(
            _counted(len(lock.crates), settings.vendored),
            *(
                Evidence(choice="dependencies", reason="cargo chooses them by it", file=file)
                for file in manifests
                if file != LOCK
            ),
        ),
    )


def detect(app: App) -> Evidence | None:
    """Return why ``app`` is of Rust: not if it only has a part in Rust for Node's packages."""
    found = TOOLCHAIN.marker_of(app)
    if found and app.source.has("package.json") and not app.read(read_workspace).programs:
        return None
    return found


def parse(said: str) -> Answer | None:
    """Return what a rustc on this machine is; none that is not released."""
    release = _RELEASE.search(said)
    return Answer(release[1], "", "rustc") if release else None


def _is_below(file: str, directories: tuple[str, ...]) -> bool:
    return any(file.startswith(f"{directory}/") for directory in directories)


def _counted(fetched: int, vendored: Mapping[str, str]) -> Evidence:
    kept = ", ".join(vendored.values())
    reason = f"crates: in {kept}/" if kept else f"crates: {fetched} to fetch"
    return Evidence(choice="dependencies", reason=reason, file=LOCK)


TOOLCHAIN: Final = Language(
    name="rust",
    title="Rust",
    frameworks=tuple(each.title for each in FRAMEWORKS),
    markers=(Marker(MANIFEST, "a package or a workspace of cargo"),),
    detect=detect,
    versions=VERSIONS,
    probe=Probe(re.compile(r"rustc"), ("-vV",), parse),
    needs=needed_packages,
    layers=layers,
    steps=build_steps,
    start=Start(
        guesses=guesses,
        sought="and of several programs none is default-run, has a framework or is called web, "
        "server, api, app or as the package",
        example="web: target/release/NAME",
    ),
    locate=lambda plan, offer, _target, tools: locate_plan(plan, offer, tools),
    recipe=local_recipes,
)
