"""A deployment that is killed at any effect, with a real service manager and a real proxy."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from hop3_nix.deploy.artifact import locate
from hop3_nix.deploy.proxy.choice import choose_proxy
from hop3_nix.deploy.releases.deployment import deploy
from hop3_nix.deploy.releases.host import Host, open_host
from hop3_nix.deploy.releases.options import DeployOptions
from hop3_nix.deploy.releases.status import history, status
from hostdouble import PROXY_EFFECTS, SERVICE_EFFECTS
from powercut import Watched, count_effects, cut
from released import artifact, asking, deployments, get
from running import free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from hop3_nix.deploy.releases.outcome import Outcome
    from released import Root

AT_LEAST = 30
HALVES = 2
UNSEEN = re.compile(r"(?:open|os\.mkdir|os\.chmod) |/proxy/sites/[^/]+/[0-9]+/")
"""What changes nothing that is there already: new files and directories that nothing names yet.

The deployment in memory is cut at these as well.
"""
OPTIONS = DeployOptions(name="shop", stays_up=0.05, warm=0, keep=1000)


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Root]:
    with deployments(tmp_path / "root") as root:
        yield root


def quiet(_line: str) -> None:
    pass


def is_seen(what: str) -> bool:
    return not UNSEEN.search(what)


@pytest.mark.parametrize("half", range(HALVES))
def test_killed_at_every_effect_in_turn(root: Root, tmp_path: Path, half: int) -> None:
    host = open_host(root.directory)
    services: Any = Watched(host.services, SERVICE_EFFECTS)
    proxy: Any = Watched(choose_proxy(host.layout, host.services), PROXY_EFFECTS)
    watched = Host(host.layout, services, proxy)
    place = host.layout.app("shop")
    port = free_port()
    made = (artifact(tmp_path, f"word{number}") for number in range(1000))
    located = (locate(path, trusted=True) for path in made)  # it is built by nobody's rules

    def make(on: Host) -> Callable[[], Outcome]:
        given = next(located)
        return lambda: deploy(on, given, OPTIONS, quiet)

    deploy(host, next(located), DeployOptions(name="shop", listen=(str(port),)), quiet)
    effects = count_effects(make(watched), root.directory, is_seen)
    assert len(effects) >= AT_LEAST, effects
    killed = 0
    with asking(port) as failed:
        for at in range(1 + half, len(effects) + 20, HALVES):
            came_up = {one.release for one in history(place) if one.state != "failed"}
            if not cut(make(watched), root.directory, at=at, counts=is_seen):
                break
            killed += 1
            seen = status(host, place)
            assert seen.release in came_up | {max(came_up) + 1, max(came_up) + 2}
            assert get(port).startswith("word")
            for file in place.directory.rglob("*.json"):
                assert file.read_text().endswith("}\n"), f"{file} is torn"
            outcome = make(host)()
            current = status(host, place)
            assert (current.release, current.state) == (outcome.release, "running")
            assert not current.transition
            assert get(port) == locate_word(outcome)
            kept = {one.release for one in history(place) if one.state != "failed"}
            assert came_up <= kept, f"effect {at}: a release was lost"
            assert len(host.services.installed("shop")) == len(current.workers)
    assert killed * HALVES >= AT_LEAST
    assert not failed


def locate_word(outcome: Outcome) -> str:
    return locate(outcome.location).artifact.runtime.env_vars["WORD"]
