"""PHP, as a language: php-fpm with nginx in front of it. docs/php.md has every decision."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from hop3_nix.locks.php.composer_lock import MANIFEST
from hop3_nix.plan import Evidence, PathRef
from hop3_nix.toolchains.language import (
    About,
    Answer,
    Arguments,
    Language,
    Layers,
    Marker,
    Probe,
    Start,
)
from hop3_nix.toolchains.php.dependencies import choose_packages
from hop3_nix.toolchains.php.extensions import choose_extensions
from hop3_nix.toolchains.php.frameworks import FRAMEWORKS, find_framework
from hop3_nix.toolchains.php.locking import write_lock
from hop3_nix.toolchains.php.manifest import read_manifest
from hop3_nix.toolchains.php.recipes import local_recipes
from hop3_nix.toolchains.php.serving import INDEX, ROOTS, guesses, rewrite
from hop3_nix.toolchains.php.versions import VERSIONS

if TYPE_CHECKING:
    from hop3_nix.plan import AnyOffer, Target
    from hop3_nix.toolchains.app import App

BIN: Final = PathRef(layer="deps", path="bin")
"""Has php with the application's extensions, php-fpm and the web server."""

_ASK: Final = (
    "echo json_encode([PHP_VERSION, PHP_BINARY, trim(str_replace('glibc', '', "
    "(string)@shell_exec('getconf GNU_LIBC_VERSION')))]);"
)


class DepsArguments(Arguments):
    """What only PHP says to mkDeps."""

    extensions: tuple[str, ...] = ()


class AppArguments(Arguments):
    """What only PHP says to mkApp."""

    install: bool = False


def layers(app: App, _offer: AnyOffer, target: Target) -> Layers:
    """Return the packages and the extensions. Raises LockError or UnsupportedError."""
    packages = choose_packages(app)
    extensions, why = choose_extensions(app, target)
    framework = find_framework(app.source, packages.names)
    manifest = app.read(read_manifest)
    evidence = [*packages.evidence, *why]
    if framework:
        reason = f"{framework.file} and its package are there"
        evidence.append(Evidence(choice=framework.title, reason=reason, file=framework.file))
    return Layers(
        dependencies=packages.files,
        deps=DepsArguments(extensions=extensions),
        app=AppArguments(install=packages.install),
        defaults=dict(framework.env) if framework else {},
        path=(BIN,),
        interpreted=False,
        packages=packages.names,
        about=About(
            name=manifest.name.rpartition("/")[2],
            version=manifest.version,
            description=manifest.description,
        ),
        evidence=tuple(evidence),
    )


def parse(said: str) -> Answer | None:
    """Return what a PHP on this machine is; one without a C library of GNU's is none for us."""
    version, program, libc = json.loads(said)
    return Answer(version.partition("-")[0], libc, program) if libc else None


TOOLCHAIN: Final = Language(
    name="php",
    title="PHP",
    frameworks=tuple(each.title for each in FRAMEWORKS),
    markers=(
        Marker(MANIFEST, "an application with packages"),
        Marker("artisan", "Laravel"),
        *(
            Marker(INDEX if root == "." else f"{root}/{INDEX}", "a page of PHP")
            for root in (".", *ROOTS[:-1])
        ),
    ),
    versions=VERSIONS,
    probe=Probe(re.compile(r"php\d*(\.\d+)?"), ("-n", "-r", _ASK), parse),
    layers=layers,
    start=Start(
        guesses=guesses,
        sought=f"and no {INDEX} in {', '.join(ROOTS[:-1])} or at the top",
        example="web: serve-php public",
        rewrite=rewrite,
    ),
    lock=lambda app, _offer, _target, _tools: write_lock(app),
    recipe=local_recipes,
)
