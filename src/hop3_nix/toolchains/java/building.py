"""The commands of Maven that build an application, which are recorded when it is locked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from hop3_nix.locks.java.pom import POM
from hop3_nix.plan import Evidence
from hop3_nix.toolchains.language import Steps

if TYPE_CHECKING:
    from hop3_nix.toolchains.app import App
    from hop3_nix.toolchains.language import Layers, Place

PACKAGE: Final = "mvn -DskipTests package"

_WRAPPER: Final = re.compile(r"(?P<before>^|[;&|(]\s*)(?:(?:ba)?sh\s+)?(?:\./)?mvnw(?=\s|$)")
_CALLS: Final = re.compile(r"(?:^|[;&|(\s])mvn(?=\s|$)")


def use_maven(line: str) -> str:
    """Return ``line`` with ``mvn`` for the wrapper, which would fetch a Maven itself."""
    return _WRAPPER.sub(lambda found: f"{found['before']}mvn", line.strip())


def calls_maven(line: str) -> bool:
    """Return whether ``line`` runs Maven."""
    return _CALLS.search(use_maven(line)) is not None


def rewrite_step(_app: App, line: str, _place: Place) -> str:
    """Return a build step as it is run."""
    return use_maven(line)


def decide_commands(app: App) -> tuple[str, ...]:
    """Return the build steps that call Maven, as they are run."""
    if not app.source.has(POM):
        return ()
    config = app.config
    said = (*config.before_build, *(config.build or (PACKAGE,)), *config.after_build)
    return tuple(use_maven(line) for line in said if calls_maven(line))


def build_steps(app: App, _layers: Layers) -> Steps:
    """Return what is run if hop3.toml says nothing."""
    if app.config.build or not app.source.has(POM):
        return Steps()
    evidence = Evidence(choice=f"build step: {PACKAGE}", reason="what Maven makes of it", file=POM)
    return Steps(build=(PACKAGE,), evidence=(evidence,))
