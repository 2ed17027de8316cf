"""What is known of Rails: its variables, and the assets that are made when it is built."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from hop3_nix.locks.ruby.base import FILE as LOCK_FILE
from hop3_nix.plan import Evidence
from hop3_nix.toolchains.language import Steps
from hop3_nix.toolchains.ruby.dependencies import read_lock

if TYPE_CHECKING:
    from collections.abc import Collection

    from hop3_nix.toolchains.app import App
    from hop3_nix.toolchains.language import Layers

APPLICATION: Final = "config/application.rb"

PIPELINES: Final = ("propshaft", "sprockets-rails", "shakapacker", "webpacker", "vite_rails")
"""Gems that have a task `assets:precompile`."""

_DUMMY_SINCE: Final = (7, 1)
"""The first Rails that starts without a secret when it is told that this is a build."""


class Rails(NamedTuple):
    """A Rails application: its release, and the gem whose assets have to be made, if any."""

    release: tuple[int, ...]
    pipeline: str = ""

    @property
    def precompile(self) -> str:
        """Return the build step that makes the assets."""
        dummy = "SECRET_KEY_BASE_DUMMY=1"
        if self.release < _DUMMY_SINCE:
            dummy = "SECRET_KEY_BASE=only-for-the-build"
        return f"{dummy} rake assets:precompile"


def find_rails(app: App, gems: Collection[str]) -> Rails | None:
    """Return the Rails application that ``app`` is, or None if it is none."""
    source, lock = app.source, app.read(read_lock)
    if "railties" not in gems or not source.has(APPLICATION):
        return None
    version = re.findall(r"\d+", lock.version_of("railties"))
    pipeline = next((name for name in PIPELINES if name in gems), "")
    return Rails(tuple(map(int, version[:2])), pipeline if source.has("Rakefile") else "")


def rails_environment(gems: Collection[str]) -> dict[str, str]:
    """Return the variables of a Rails application in production, of which the run time may differ.

    The tree is read-only, so that what speeds up the next start cannot be written.
    """
    env = {
        "RAILS_ENV": "production",
        "RAILS_LOG_TO_STDOUT": "enabled",
        "RAILS_SERVE_STATIC_FILES": "enabled",
    }
    return env | ({"BOOTSNAP_READONLY": "1"} if "bootsnap" in gems else {})


def build_steps(app: App, layers: Layers) -> Steps:
    """Return the step that makes the assets, unless one of the app's own does the same."""
    rails = find_rails(app, layers.packages)
    if rails is None or not rails.pipeline:
        return Steps()
    static_paths = {"/assets": "public/assets"}
    own = (*app.config.before_build, *app.config.build, *app.config.after_build)
    if any("assets:precompile" in step for step in own):
        return Steps(static_paths=static_paths)
    evidence = Evidence(
        choice=f"build step: {rails.precompile}",
        reason=f"{rails.pipeline} makes the assets",
        file=LOCK_FILE,
    )
    return Steps(last=(rails.precompile,), static_paths=static_paths, evidence=(evidence,))
