from __future__ import annotations

import grp
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hop3_nix.errors import UnavailableError
from hop3_nix.host.process import Completed
from hop3_nix.nix import buildusers
from private import in_place_of, in_private, why_not

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Machine:
    """Stands for the accounts of a machine, and for a Nix that is asked for its configuration."""

    def __init__(self, members: Sequence[str] = (), *, group: str = "nixbld") -> None:
        self.members, self.group = list(members), group
        self.makes = True
        self.calls: list[str] = []

    def __call__(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        stdin: str = "",
    ) -> Completed:
        assert (cwd, stdin) == (None, "")
        self.calls.append(argv[0])
        if argv[0] == "nix":
            assert env
            said = env["NIX_CONFIG"].splitlines()[-1].partition("=")[2].strip()
            answer = {"build-users-group": {"value": said}}
            return Completed(tuple(argv), 0, json.dumps(answer))
        if argv[0] == "useradd" and self.makes:
            self.members.append(argv[-1])
        return Completed(tuple(argv), 0)

    def getgrnam(self, name: str) -> grp.struct_group:
        if name != self.group:
            raise KeyError(name)
        return grp.struct_group((name, "x", 995, self.members))


@pytest.fixture(autouse=True)
def root(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setenv("NIX_CONF_DIR", str(tmp_path))
    monkeypatch.setenv("NIX_USER_CONF_FILES", "")
    for name in ("NIX_CONFIG", "NIX_REMOTE"):
        monkeypatch.delenv(name, raising=False)


def ensured(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what was said on ``machine``."""
    monkeypatch.setattr(grp, "getgrnam", machine.getgrnam)
    said: list[str] = []
    buildusers.ensure(said.append, run=machine)
    return said


def test_users_that_are_there_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(["builder"])
    assert ensured(machine, monkeypatch) == []
    assert machine.calls == []


def test_users_are_made_where_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine()
    (said,) = ensured(machine, monkeypatch)
    assert said == "made 32 users for Nix to build as, the group nixbld"
    assert machine.calls == ["groupadd", *["useradd"] * 32]


def test_who_is_not_root_needs_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    machine = Machine()
    assert ensured(machine, monkeypatch) == []
    assert machine.calls == []


def test_a_daemon_has_users_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIX_REMOTE", "daemon")
    machine = Machine()
    assert ensured(machine, monkeypatch) == []
    assert machine.calls == []


def test_users_that_cannot_be_made_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine()
    machine.makes = False
    with pytest.raises(UnavailableError, match="no users to build as") as caught:
        ensured(machine, monkeypatch)
    assert "groupadd --system nixbld; for n in" in caught.value.tip


def test_another_group_has_to_have_members(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIX_CONFIG", "build-users-group = builders")
    with pytest.raises(UnavailableError, match="the group builders has no members") as caught:
        ensured(Machine(group="builders"), monkeypatch)
    assert "--groups builders" in caught.value.tip
    assert ensured(Machine(["builder"], group="builders"), monkeypatch) == []


@pytest.mark.parametrize("place", ["NIX_CONFIG", "nix.conf", "user", "XDG"])
def test_a_configuration_without_users_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, place: str
) -> None:
    text = "max-jobs = 1\nbuild-users-group = \n"
    # Nix itself reads the files; here they only have it asked.
    monkeypatch.setenv("NIX_CONFIG", text if place == "NIX_CONFIG" else "x = ")
    file = tmp_path / "nix.conf"
    match place:
        case "nix.conf":
            file.write_text(text)
        case "user":
            file = tmp_path / "mine.conf"
            file.write_text(text)
            monkeypatch.setenv("NIX_USER_CONF_FILES", f"/nonexistent:{file}")
        case "XDG":
            monkeypatch.delenv("NIX_USER_CONF_FILES")
            monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
            monkeypatch.setenv("XDG_CONFIG_DIRS", str(tmp_path / "shared"))
            (tmp_path / "shared" / "nix").mkdir(parents=True)
            (tmp_path / "shared" / "nix" / "nix.conf").write_text("!include other.conf\n")
    with pytest.raises(UnavailableError, match="set to build as root"):
        ensured(Machine(["builder"]), monkeypatch)


def test_a_root_that_can_be_nobody_else_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def mapped(_path: Path, **_: str) -> str:
        return "         0       1000          1\n"

    monkeypatch.setattr(grp, "getgrnam", Machine(["daemon"]).getgrnam)
    monkeypatch.setattr(Path, "read_text", mapped)
    monkeypatch.setattr(buildusers, "_configured", lambda _run: "nixbld")
    with pytest.raises(UnavailableError, match="cannot build as daemon: the user namespace"):
        buildusers.ensure(print)


@pytest.mark.skipif(bool(why_not()), reason=f"mounts of one's own: {why_not()}")
def test_the_real_programs_make_them(tmp_path: Path) -> None:
    """On a copy of this machine's accounts, from which they were taken."""
    etc = tmp_path / "etc"
    setup = [
        f"cp -a /etc {etc}",
        in_place_of(Path("/etc"), etc),
        "sed -i /^nixbld/d /etc/passwd /etc/shadow /etc/group /etc/gshadow",
        "! getent group nixbld",
    ]
    script = "from hop3_nix.nix import buildusers as b; b.ensure(print); b.ensure(print)"
    argv = [*in_private(*setup, after="getent group nixbld"), sys.executable, "-c"]
    done = subprocess.run([*argv, script], check=True, capture_output=True, text=True)
    said, group = done.stdout.splitlines()[-2:]
    assert said == "made 32 users for Nix to build as, the group nixbld"
    assert group.count(",") == 31
    assert group.endswith("nixbld32")
