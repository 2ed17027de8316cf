"""Development dependencies without which the application does not start, and that it keeps."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

from hop3_nix.locks.node.base import Tree, sorted_tree
from hop3_nix.plan import Evidence
from hop3_nix.toolchains.node.commands import Place, programs_of, write_out
from hop3_nix.toolchains.node.manifest import FILE
from hop3_nix.toolchains.node.packages import Packages
from hop3_nix.toolchains.node.starting import known_framework, start_script

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hop3_nix.toolchains.app import App
    from hop3_nix.toolchains.node.manifest import Manifest

_NEXT_START: Final = re.compile(r"\bnext\s+start\b")
_TYPED: Final = ("next.config.ts", "next.config.mts")

_PACKAGES: Final = {
    "babel-node": "@babel/node",
    "eleventy": "@11ty/eleventy",
    "nest": "@nestjs/cli",
    "ng": "@angular/cli",
    "run-p": "npm-run-all",
    "run-s": "npm-run-all",
    "sirv": "sirv-cli",
    "tsc": "typescript",
}
"""Packages of programs that have another name; most have the package's own."""


class Kept(NamedTuple):
    """The development dependencies that the result keeps: ``all``, or those of these names."""

    names: frozenset[str] = frozenset()
    all: bool = False
    evidence: tuple[Evidence, ...] = ()


def kept_development(app: App) -> Kept:
    """Return what of its development dependencies ``app`` needs when it runs."""
    manifest = app.read(Packages).manifest()
    only = manifest.table("devDependencies").keys() - manifest.dependencies.keys()
    for line in _lines(app, manifest) if only else ():
        for program in programs_of(line):
            package = _PACKAGES.get(program, program)
            if package in only:
                why = f"web starts {program}, which is one of them"
                return Kept(all=True, evidence=_evidence(manifest, package, why))
        typed = next((name for name in _TYPED if app.source.has(name)), "")
        if "typescript" in only and typed and _NEXT_START.search(line):
            why = f"next start reads {typed} with it"
            evidence = _evidence(manifest, "typescript", why)
            return Kept(names=frozenset({"typescript"}), evidence=evidence)
    return Kept()


def keeping(tree: Tree, kept: Kept) -> Tree:
    """Return ``tree`` with what is ``kept`` as if it were no development dependency."""
    if not kept.all and not kept.names:
        return tree
    return sorted_tree(
        tree.file,
        (
            replace(each, dev=each.dev and not (kept.all or each.name in kept.names))
            for each in tree.modules
        ),
        (
            replace(
                each,
                dev=each.dev
                and not (kept.all or each.path.rpartition("node_modules/")[2] in kept.names),
            )
            for each in tree.links
        ),
    )


def _lines(app: App, manifest: Manifest) -> Iterator[str]:
    """Yield what the workers run, written out, as far as it can be told by now."""
    packages, config = app.read(Packages), app.config
    for name, line in config.workers.items():
        yield write_out(line, packages, Place(*config.where(f"run.workers.{name}")))
    if config.workers or config.static_dir:
        return
    framework = app.once(known_framework)
    if script := start_script(manifest, framework):
        place = Place(FILE, manifest.line("scripts", script))
        yield write_out(f"npm run {script}", packages, place)
    elif framework is not None:
        yield framework.command


def _evidence(manifest: Manifest, package: str, why: str) -> tuple[Evidence, ...]:
    line = manifest.line("devDependencies", package)
    choice = "development dependencies are kept" if package != "typescript" else "kept: typescript"
    return (Evidence(choice=choice, reason=why, file=manifest.file, line=line),)
