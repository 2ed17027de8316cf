"""A deployment that is cut short anywhere leaves an app that answers and a next one that works."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hop3_nix.deploy.releases import changes
from hop3_nix.deploy.releases.deployment import deploy
from hop3_nix.deploy.releases.options import DeployOptions
from hop3_nix.deploy.releases.record import failure, next_number, numbers, read_release
from hop3_nix.deploy.releases.status import history, status
from powercut import count_effects, cut

if TYPE_CHECKING:
    from collections.abc import Callable

    from hostdouble import HostDouble

AT_LEAST = 30


def nothing(_line: str) -> None:
    pass


def next_deployment(double: HostDouble, **options: object) -> Callable[[], object]:
    two = double.artifact(f"two-{next_number(double.place)}")
    chosen = DeployOptions(name="shop", environment={"TOKEN": "2"}, **options)  # type: ignore[arg-type]
    return lambda: deploy(double.watched, two, chosen, nothing)


def came_up(double: HostDouble) -> set[int]:
    return {number for number in numbers(double.place) if not failure(double.place, number)}


def check_after(double: HostDouble, before: set[int], *, answers: bool = True) -> None:
    place = double.place
    if answers:
        assert double.answers()
    if double.place.exists():
        seen = status(double.host, place)
        assert seen.interrupted == place.transition.exists()
        assert before <= {one.release for one in history(place)}
    for path in place.directory.rglob("*.json"):
        assert path.read_text().endswith("}\n"), path


def check_settled(double: HostDouble, release: int, artifact: str) -> None:
    place = double.place
    assert place.current_number() == release
    assert not place.transition.exists()
    assert double.answers()
    expected = {f"r{release}-web-1", f"r{release}-mailer-1"}
    assert double.running() == expected
    data = double.memory.read()
    assert {name.removeprefix("hop3-shop-") for name in data["services"]} == expected
    assert {name.removeprefix("hop3-shop-") for name in data["enabled"]["shop"]} == expected
    assert data["sites"]["shop"]["spare"] == []
    assert read_release(place, release).artifact.build_id == artifact
    assert max(came_up(double)) == release


@pytest.mark.parametrize("reboot", [False, True], ids=["killed", "rebooted"])
def test_a_deployment_cut_at_any_effect(double: HostDouble, *, reboot: bool) -> None:
    double.deploy(environment={"TOKEN": "1"}, keep=100)
    effects = count_effects(next_deployment(double), double.layout.root)
    assert len(effects) >= AT_LEAST
    at = 0
    while True:
        at += 1
        before = came_up(double)
        if not cut(next_deployment(double), double.layout.root, at=at):
            break
        if reboot:
            double.reboot()
        check_after(double, before)
        outcome = double.deploy(double.artifact(f"three-{at}"))
        check_settled(double, outcome.release, f"three-{at}")
        assert before <= came_up(double)
    assert at >= AT_LEAST


@pytest.mark.parametrize("reboot", [False, True], ids=["killed", "rebooted"])
def test_a_first_deployment_cut_at_any_effect(double: HostDouble, *, reboot: bool) -> None:
    at = 0
    while True:
        at += 1
        work = next_deployment(double, listen=("8123",))
        if not cut(work, double.layout.root, at=at):
            break
        if reboot:
            double.reboot()
        check_after(double, set(), answers=False)
        outcome = double.deploy(double.artifact(f"three-{at}"))
        check_settled(double, outcome.release, f"three-{at}")
        changes.destroy(double.host, "shop", nothing, data=True)
        assert not double.place.exists()
        assert double.memory.read()["services"] == {}
    assert at >= AT_LEAST


def test_what_had_committed_is_finished(double: HostDouble) -> None:
    double.deploy(environment={"TOKEN": "1"})
    effects = count_effects(next_deployment(double), double.layout.root)
    committed = next(
        at
        for at, what in enumerate(effects, 1)
        if what.startswith("os.rename") and "current" in what
    )
    assert cut(next_deployment(double), double.layout.root, at=committed + 1)
    number = double.place.current_number()
    assert number is not None
    changes.start(double.host, "shop", double.said.append)
    assert double.place.current_number() == number
    assert double.place.environment.read_text() == 'TOKEN="2"\n'
    check_settled(double, number, f"two-{number}")
    assert f"release {number} had come up, and serves" in double.said


def test_what_had_not_committed_is_undone(double: HostDouble) -> None:
    double.deploy(environment={"TOKEN": "1"})
    effects = count_effects(next_deployment(double), double.layout.root)
    serving = double.place.current_number()
    assert serving is not None
    committed = next(
        at
        for at, what in enumerate(effects, 1)
        if what.startswith("os.rename") and "current" in what
    )
    assert cut(next_deployment(double), double.layout.root, at=committed)
    changes.start(double.host, "shop", double.said.append)
    check_settled(double, serving, f"two-{serving}")
    assert failure(double.place, serving + 1) == "interrupted"


@pytest.mark.parametrize("change", ["stop", "start", "destroy", "rollback", "gc", "config"])
def test_any_other_command_cut_at_any_effect(double: HostDouble, change: str) -> None:
    def work() -> object:
        match change:
            case "stop":
                return changes.stop(double.watched, "shop", nothing)
            case "start":
                return changes.start(double.watched, "shop", nothing)
            case "destroy":
                return changes.destroy(double.watched, "shop", nothing, data=False)
            case "rollback":
                return changes.rollback(double.watched, "shop", None, nothing)
            case "gc":
                return changes.gc(double.watched, "shop", 1, nothing)
            case _:
                return changes.configure(double.watched, "shop", {"A": str(at)}, (), nothing)

    at = 0
    while True:
        double.deploy(double.artifact("zero"), keep=4)
        double.deploy(double.artifact(f"one-{at}"))
        if change == "start":
            changes.stop(double.host, "shop", nothing)
        at += 1
        if not cut(work, double.layout.root, at=at):
            break
        check_after(double, set(), answers=change in {"rollback", "gc", "config"})
        outcome = double.deploy(double.artifact("three"))
        check_settled(double, outcome.release, "three")
    assert at > 3


@pytest.mark.parametrize("committed", [False, True], ids=["back", "forward"])
def test_a_recovery_cut_at_any_effect(double: HostDouble, *, committed: bool) -> None:
    double.deploy(environment={"TOKEN": "1"}, keep=100)
    effects = count_effects(next_deployment(double), double.layout.root)
    link = next(at for at, what in enumerate(effects, 1) if "current" in what and "rename" in what)

    def start() -> object:
        return changes.start(double.watched, "shop", nothing)

    at = 0
    while True:
        at += 1
        before = came_up(double)
        assert cut(next_deployment(double), double.layout.root, at=link + committed)
        killed = cut(start, double.layout.root, at=at)
        check_after(double, before)
        outcome = double.deploy(double.artifact(f"three-{at}"))
        check_settled(double, outcome.release, f"three-{at}")
        assert before <= came_up(double)
        if not killed:
            break
    assert at > 10
