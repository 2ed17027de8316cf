"""The Ruby toolchain."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from hop3_nix.plan import APP_TREE, App, BuildPlan, Evidence, PackageRef, PathRef, RuntimePlan
from hop3_nix.toolchains.platform import PLATFORM_PACKAGES, platform_env
from hop3_nix.toolchains.ruby.building import decide_building
from hop3_nix.toolchains.ruby.commands import without_bundle_exec
from hop3_nix.toolchains.ruby.dependencies import (
    WITHOUT,
    choose_gems,
    left_out,
    locate_gems,
    read_lock,
)
from hop3_nix.toolchains.ruby.detect import LOOKS_FOR, find_marker
from hop3_nix.toolchains.ruby.gemfile import read_gemfile
from hop3_nix.toolchains.ruby.host import find_interpreters
from hop3_nix.toolchains.ruby.locking import write_lock
from hop3_nix.toolchains.ruby.rails import find_rails, rails_environment
from hop3_nix.toolchains.ruby.recipes import BIN, DEPS, local_recipes
from hop3_nix.toolchains.ruby.versions import choose_version
from hop3_nix.toolchains.ruby.workers import decide_workers
from hop3_nix.toolchains.versions import release_of

if TYPE_CHECKING:
    from hop3_nix.config import AppConfig
    from hop3_nix.locks.ruby.digests import RubyLock
    from hop3_nix.plan import Offer, Target, Value
    from hop3_nix.source import Source
    from hop3_nix.toolchains.base import Tools
    from hop3_nix.toolchains.ruby.gemfile import Gemfile


class RubyToolchain:
    """Ruby applications, locked by Bundler."""

    @property
    def name(self) -> str:
        """Return the name."""
        return "ruby"

    @property
    def looks_for(self) -> tuple[str, ...]:
        """Return the files that ``detect`` recognises."""
        return LOOKS_FOR

    def detect(self, source: Source) -> Evidence | None:
        """Return which file makes ``source`` a Ruby application, or None."""
        return find_marker(source)

    def host_offers(self, tools: Tools) -> tuple[Offer, ...]:
        """Return the Rubies on PATH, the newest first."""
        return find_interpreters(tools)

    def plan(self, source: Source, config: AppConfig, target: Target) -> BuildPlan:
        """Return the plan; see docs/ruby.md for every decision in it."""
        lock = read_lock(source)
        gemfile = read_gemfile(source)
        offer, version = choose_version(source, config, gemfile, lock, target)
        chosen = choose_gems(source, config, gemfile, lock, target)
        gems = locate_gems(source, lock, chosen)
        rails = find_rails(source, lock, gems.names)
        building = decide_building(config, rails)
        workers = decide_workers(source, config, gems.names)
        on_host = Path(offer.attribute).is_absolute()
        defaults = {"APP_ENV": "production", "RACK_ENV": "production"}
        if rails is not None:
            defaults |= rails_environment(gems.names)
        declared = config.env if config.env_policy == "keep-existing" else {}
        interpreter = PackageRef(package=offer.attribute, path="bin")
        return BuildPlan(
            app=App(name=config.name, version=config.version, description=config.description),
            toolchain=self.name,
            interpreter=offer.attribute,
            packages=tuple(dict.fromkeys((*PLATFORM_PACKAGES, *config.packages))),
            build_packages=config.build_packages,
            dependencies=gems.fetched,
            build_steps=building.steps,
            options={"ruby_version": offer.version, "vendored": dict(gems.vendored)},
            runtime=RuntimePlan(
                env={**_environment(offer, config), **defaults, **config.env},
                defaults=tuple(dict.fromkeys((*defaults, *declared))),
                path=(BIN,) if on_host else (BIN, interpreter),
                workers=workers.commands,
                before_run=tuple(map(without_bundle_exec, config.before_run)),
                static_paths=building.static_paths,
                writable_tree=APP_TREE if config.writable_tree else None,
                healthcheck_path=config.healthcheck_path,
                healthcheck_timeout=config.healthcheck_timeout,
            ),
            recipes=local_recipes(offer.attribute, gems.fetched, gems.vendored) if on_host else (),
            evidence=(
                *config.evidence,
                version,
                *gems.evidence,
                *_unread(gemfile),
                *building.evidence,
                *workers.evidence,
            ),
        )

    def locate(self, plan: BuildPlan, target: Target, tools: Tools) -> BuildPlan:  # noqa: ARG002
        """Return ``plan``: Gemfile.lock has the address of every server."""
        return plan

    def lock(
        self, source: Source, config: AppConfig, target: Target, tools: Tools
    ) -> RubyLock | None:
        """Return the digests that gem servers know of what a Gemfile.lock pins without one."""
        lock = read_lock(source)
        offer, _ = choose_version(source, config, read_gemfile(source), lock, target)
        return write_lock(source, lock, offer, tools)


TOOLCHAIN: Final = RubyToolchain()


def _environment(offer: Offer, config: AppConfig) -> dict[str, Value]:
    # The directory that Bundler makes below BUNDLE_PATH; no release of Ruby has changed the 0.
    gems = PathRef(layer="deps", path=f"ruby/{release_of(offer.version)}.0")
    return {
        **platform_env(),
        "BUNDLE_FROZEN": "true",
        "BUNDLE_GEMFILE": PathRef(layer="app", path="app/Gemfile"),
        # What is in .bundle/config holds for the machine of whoever wrote it.
        "BUNDLE_IGNORE_CONFIG": "true",
        "BUNDLE_PATH": DEPS,
        WITHOUT: ":".join(left_out(config)),
        "GEM_HOME": gems,
        "GEM_PATH": gems,
    }


def _unread(gemfile: Gemfile) -> tuple[Evidence, ...]:
    if gemfile.unread is None:
        return ()
    what, line = gemfile.unread
    reason = f"{what}: what the Gemfile adds there is not known, so that no group is left out"
    return (Evidence(choice="groups", reason=reason, file="Gemfile", line=line),)
