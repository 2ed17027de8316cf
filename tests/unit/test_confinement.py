"""Who a worker runs as, and what it sees: seen from inside. These tests are run as root."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hop3_nix.deploy import confinement, users
from hop3_nix.deploy.artifact import STORE
from hop3_nix.deploy.confinement import Confinement, confine_state, give, within
from hop3_nix.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Sequence


@pytest.fixture(autouse=True)
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    assert os.geteuid() == 0, "these tests have to be run as root"
    place = tmp_path / "users"
    monkeypatch.setattr(users, "REGISTRY", place)
    return place


def inside(found: Confinement, script: str, *arguments: object) -> str:
    """Return what a shell says in the confines ``found``."""
    words = " ".join(shlex.quote(str(argument)) for argument in arguments)
    return within(found, lambda: os.popen(f"set -- {words}; ({script}) 2>&1").read())  # noqa: S605


def confined(state: Path, *, reads: Sequence[Path] = (), **options: object) -> Confinement:
    return confine_state(state, reads=reads, **options)  # type: ignore[arg-type]


def test_no_two_apps_are_the_same_user_and_each_stays_its_own(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    first, second = confined(one), confined(two)
    assert first.user != second.user
    assert confined(one).user == first.user
    assert [path.stat().st_uid for path in (one, two)] == [int(first.user), int(second.user)]
    assert "cannot access" in inside(second, "ls $1", one)


def test_a_user_comes_back_when_its_app_is_gone_and_not_at_once(tmp_path: Path) -> None:
    numbers = []
    for name in ("one", "two", "three"):
        (tmp_path / name).mkdir()
        numbers.append(users.user_for(tmp_path / name))
        (tmp_path / name).rmdir()
    assert numbers == [users.FIRST, users.FIRST + 1, users.FIRST + 2]


def test_when_all_users_are_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(users, "LAST", users.FIRST)
    # Other tests of this machine may be running something as this user.
    monkeypatch.setattr(users, "_has_processes", lambda _number: False)
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    assert users.user_for(tmp_path / "one") == users.FIRST
    with pytest.raises(UnavailableError, match="has an app already") as caught:
        users.user_for(tmp_path / "two")
    assert "--user NAME" in caught.value.tip
    (tmp_path / "one").rmdir()
    assert users.user_for(tmp_path / "two") == users.FIRST


@pytest.mark.parametrize("user", ["", "nobody", "root"])
def test_the_store_cannot_be_written(tmp_path: Path, user: str) -> None:
    found = confined(tmp_path / "state", user=user)
    name = f".hop3-test-{os.getpid()}"
    script = "touch $1; mount -o remount,rw,bind $2; touch $1; umount $2; touch $1; echo tried"
    said = inside(found, script, STORE / name, STORE)
    assert "Read-only file system" in said
    assert said.endswith("tried\n")
    assert not (STORE / name).exists()


def test_an_app_writes_to_its_state_below_what_it_may_not_pass(tmp_path: Path) -> None:
    hidden = tmp_path / "hidden"
    (hidden / "build").mkdir(parents=True)
    hidden.chmod(0o700)
    (hidden / "secret").write_text("hunter2")
    (hidden / "build/app.py").write_text("app")
    found = confined(hidden / "state", reads=[hidden / "build"])
    script = "cat $1/build/app.py $1/secret; touch $1/build/x; touch $1/x; echo y >$1/state/x"
    said = inside(found, script, hidden)
    assert said.startswith("app")
    assert "hunter2" not in said
    assert "Read-only file system" in said
    assert "Permission denied" in said
    assert (hidden / "state/x").read_text() == "y\n"
    assert (hidden / "state/x").stat().st_uid == int(found.user)


def test_no_program_gives_it_more_rights(tmp_path: Path) -> None:
    said = inside(confined(tmp_path / "state"), "grep -E '^(CapEff|NoNewPrivs)' /proc/self/status")
    assert said.split() == ["CapEff:", "0" * 16, "NoNewPrivs:", "1"]


def test_a_port_below_1024_is_all_that_it_may_have_of_root(tmp_path: Path) -> None:
    found = confined(tmp_path / "state", low_ports=True)
    said = inside(found, "grep ^CapEff /proc/self/status; id -u")
    assert said.split() == ["CapEff:", f"{1 << 10:016x}", found.user]


def test_without_mounts_root_is_refused_and_others_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(confinement, "can_mount", lambda _namespace: False)
    monkeypatch.setattr(confinement, "_passes", lambda *_: True)
    assert confined(tmp_path / "state").namespace == ""
    with pytest.raises(UnavailableError, match="nothing here keeps root from writing") as caught:
        confined(tmp_path / "state", user="root")
    assert "--user NAME" in caught.value.tip


def test_without_mounts_what_is_out_of_reach_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(confinement, "can_mount", lambda _namespace: False)
    tmp_path.chmod(0o700)
    with pytest.raises(UnavailableError, match="may not pass") as caught:
        confined(tmp_path / "state")
    assert "chmod o+x" in caught.value.tip


def test_what_another_user_has_written_is_given_to_the_new_one_and_nothing_else(
    tmp_path: Path,
) -> None:
    state, others = tmp_path / "state", tmp_path / "others"
    (state / "deep").mkdir(parents=True)
    others.write_text("root's")
    (state / "mine").write_text("x")
    (state / "link").symlink_to(others)
    give(state, 65534, 65534)
    os.link(others, state / "hard")  # as a user could, where links are not protected
    give(state, 60578, 60578)
    owners = {path.name: path.lstat().st_uid for path in (state, *state.rglob("*"))}
    expected = {"state": 60578, "deep": 60578, "mine": 60578, "link": 60578, "hard": 0}
    assert owners == expected
    assert others.stat().st_uid == 0


def test_hard_links_of_roots_files_stay_roots(tmp_path: Path) -> None:
    state, others = tmp_path / "state", tmp_path / "others"
    state.mkdir()
    others.write_text("root's")
    os.link(others, state / "hard")
    give(state, 60578, 60578)
    assert others.stat().st_uid == 0


def test_what_was_mounted_is_seen_by_nobody_else(tmp_path: Path) -> None:
    before = Path("/proc/self/mounts").read_text()
    inside(confined(tmp_path / "state"), "true")
    assert Path("/proc/self/mounts").read_text() == before


def test_in_a_user_namespace_the_store_cannot_be_written_either() -> None:
    found = Confinement(namespace="user", readonly=(str(STORE),), user="root")
    said = inside(found, "touch $1; id -u", STORE / f".hop3-test-{os.getpid()}")
    assert "Read-only file system" in said
