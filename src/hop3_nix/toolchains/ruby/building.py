"""What is done in the app's tree when it is built."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from hop3_nix.locks.ruby.base import FILE as LOCK_FILE
from hop3_nix.plan import Evidence
from hop3_nix.toolchains.ruby.commands import without_bundle_exec

if TYPE_CHECKING:
    from hop3_nix.config import AppConfig
    from hop3_nix.toolchains.ruby.rails import Rails


class Building(NamedTuple):
    """Build steps in their order, static paths, and why."""

    steps: tuple[str, ...]
    static_paths: dict[str, str]
    evidence: tuple[Evidence, ...] = ()


def decide_building(config: AppConfig, rails: Rails | None) -> Building:
    """Return the configured steps and, for Rails with assets, the one that makes these.

    It comes after the app's own ``build`` steps, and not at all if one of them does the same.
    """
    before = tuple(map(without_bundle_exec, (*config.before_build, *config.build)))
    after = tuple(map(without_bundle_exec, config.after_build))
    if rails is None or not rails.pipeline:
        return Building((*before, *after), config.static_paths)
    static_paths = config.static_paths or {"/assets": "public/assets"}
    if any("assets:precompile" in step for step in (*before, *after)):
        return Building((*before, *after), static_paths)
    evidence = Evidence(
        choice=f"build step: {rails.precompile}",
        reason=f"{rails.pipeline} makes the assets",
        file=LOCK_FILE,
    )
    return Building((*before, rails.precompile, *after), static_paths, (evidence,))
