"""Ruby, as a language: applications that Bundler has locked. docs/ruby.md has every decision."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from hop3_nix.plan import Evidence, PathRef
from hop3_nix.toolchains.language import Answer, Language, Layers, Marker, Probe, Start
from hop3_nix.toolchains.ruby.commands import without_bundle_exec
from hop3_nix.toolchains.ruby.dependencies import WITHOUT, DepsArguments, choose_gems, left_out
from hop3_nix.toolchains.ruby.gemfile import FILE, read_gemfile
from hop3_nix.toolchains.ruby.locking import write_lock
from hop3_nix.toolchains.ruby.rails import build_steps, find_rails, rails_environment
from hop3_nix.toolchains.ruby.recipes import BIN, CLEAN, DEPS, local_recipes
from hop3_nix.toolchains.ruby.servers import RACK, SCRIPTS, SERVERS, guesses
from hop3_nix.toolchains.ruby.versions import VERSIONS
from hop3_nix.toolchains.versions import release_of

if TYPE_CHECKING:
    from hop3_nix.plan import AnyOffer, Target, Value
    from hop3_nix.toolchains.app import App

_ASK: Final = (
    'require "etc"; require "json"; require "rbconfig"; '
    'libc = Etc.confstr(Etc::CS_GNU_LIBC_VERSION).to_s.delete_prefix("glibc ") rescue ""; '
    "puts JSON.generate([RUBY_ENGINE, RUBY_VERSION, RUBY_PATCHLEVEL, libc, RbConfig.ruby])"
)


def layers(app: App, offer: AnyOffer, target: Target) -> Layers:
    """Return the gems of Gemfile.lock, and where Bundler finds them. Raises LockError."""
    gems = choose_gems(app, target)
    rails = find_rails(app, gems.names)
    return Layers(
        dependencies=gems.fetched,
        deps=DepsArguments(vendored=dict(gems.vendored)),
        reads_source=bool(gems.vendored),
        env=_environment(app, offer),
        defaults={
            "APP_ENV": "production",
            "RACK_ENV": "production",
            **(rails_environment(gems.names) if rails else {}),
        },
        path=(BIN,),
        packages=gems.names,
        evidence=(*gems.evidence, *_unread(app)),
    )


def parse(said: str) -> Answer | None:
    """Return what a Ruby on this machine is; a preview has no patch level."""
    engine, version, patch_level, libc, program = json.loads(said)
    usable = engine == "ruby" and libc and patch_level >= 0
    return Answer(version, libc, program) if usable else None


def _environment(app: App, offer: AnyOffer) -> dict[str, Value]:
    # The directory that Bundler makes below BUNDLE_PATH; no release of Ruby has changed the 0.
    gems = PathRef(layer="deps", path=f"ruby/{release_of(offer.version)}.0")
    return {
        "BUNDLE_FROZEN": "true",
        "BUNDLE_GEMFILE": PathRef(layer="app", path=f"app/{FILE}"),
        # What is in .bundle/config holds for the machine of whoever wrote it.
        "BUNDLE_IGNORE_CONFIG": "true",
        "BUNDLE_PATH": DEPS,
        WITHOUT: ":".join(left_out(app.config)),
        "GEM_HOME": gems,
        "GEM_PATH": gems,
    }


def _unread(app: App) -> tuple[Evidence, ...]:
    gemfile = app.read(read_gemfile)
    if gemfile.unread is None:
        return ()
    what, line = gemfile.unread
    reason = f"{what}: what the Gemfile adds there is not known, so that no group is left out"
    return (Evidence(choice="groups", reason=reason, file=FILE, line=line),)


TOOLCHAIN: Final = Language(
    name="ruby",
    title="Ruby",
    frameworks=("Rails", *(each.title for each in SERVERS)),
    markers=(Marker(FILE, "an application with gems"), Marker(RACK, "a Rack application")),
    versions=VERSIONS,
    probe=Probe(re.compile(r"ruby(\d+\.\d+)?"), ("-e", _ASK), parse, CLEAN),
    layers=layers,
    steps=build_steps,
    start=Start(
        guesses=guesses,
        sought=f"no {RACK}, and no {' or '.join(SCRIPTS)}",
        example="web: puma -p $PORT",
        rewrite=lambda _app, line, _place: without_bundle_exec(line),
    ),
    lock=lambda app, offer, _target, tools: write_lock(app, offer, tools),
    recipe=local_recipes,
)
