"""Where deployed apps stand, and what they can be called."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hop3_nix.deploy.releases.host import open_host
from hop3_nix.deploy.releases.layout import Layout, default_root, name_from
from hop3_nix.deploy.releases.stage import locked
from hop3_nix.errors import ArtifactCorruptError, InputError, UnavailableError

if TYPE_CHECKING:
    from hostdouble import HostDouble


@pytest.mark.parametrize("name", ["shop", "a", "my-shop-2", "0"])
def test_names(name: str) -> None:
    assert Layout(Path("/srv")).app(name).directory == Path("/srv/apps", name)


@pytest.mark.parametrize(
    "name", ["", "-a", "A", "a_b", "../a", "a/b", "a" * 42, "a-r1", "a-r1-b", "hop3-proxy"]
)
def test_what_is_no_name(name: str) -> None:
    with pytest.raises(InputError) as caught:
        Layout(Path("/srv")).app(name)
    assert "--name NAME" in caught.value.tip


@pytest.mark.parametrize(
    ("text", "name"), [("Shop", "shop"), ("my_Shop 2", "my-shop-2"), ("--", "app"), ("é", "app")]
)
def test_a_name_is_made_of_the_artifacts(text: str, name: str) -> None:
    assert name_from(text) == name


def test_the_root_of_root_and_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOP3_DEPLOY_ROOT", raising=False)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert default_root() == Path("/var/lib/hop3")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("XDG_STATE_HOME", "/home/me/state")
    assert default_root() == Path("/home/me/state/hop3")
    monkeypatch.setenv("XDG_STATE_HOME", "not/absolute")
    assert default_root() == Path.home() / ".local/state/hop3"
    monkeypatch.setenv("HOP3_DEPLOY_ROOT", "/srv/hop3")
    assert default_root() == Path("/srv/hop3")


def test_one_root_has_one_service_manager(tmp_path: Path) -> None:
    (tmp_path / "host.json").write_text(json.dumps({"manager": "supervisord"}))
    assert open_host(tmp_path).services.name == "supervisord"
    assert open_host(tmp_path, "supervisord").services.name == "supervisord"
    with pytest.raises(InputError, match="are run by supervisord, not by systemd"):
        open_host(tmp_path, "systemd")


def test_a_service_manager_that_there_is_not(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no service manager 'upstart'") as caught:
        open_host(tmp_path, "upstart")
    assert "systemd, supervisord" in caught.value.tip


def test_the_service_manager_is_remembered(double: HostDouble) -> None:
    double.deploy()
    assert json.loads(double.layout.host.read_text()) == {"manager": "double"}


def test_a_damaged_record_of_the_service_manager(tmp_path: Path) -> None:
    (tmp_path / "host.json").write_text("{}")
    with pytest.raises(ArtifactCorruptError, match=r"host\.json"):
        open_host(tmp_path)


def test_a_root_that_cannot_be_written(double: HostDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object, **_options: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(UnavailableError) as caught, locked(double.host, "shop", print):
        pass
    assert "--root DIR" in caught.value.tip


def test_a_second_command_waits_and_says_so(double: HostDouble) -> None:
    import threading  # noqa: PLC0415 - for this test alone

    said: list[str] = []
    waiting = threading.Event()

    def say(line: str) -> None:
        said.append(line)
        waiting.set()

    def second() -> None:
        with locked(double.host, "shop", say):
            said.append("changed")

    thread = threading.Thread(target=second)
    with locked(double.host, "shop", said.append):
        thread.start()
        assert waiting.wait(20)
        (line,) = said
        assert line.startswith("waiting for another command that is changing shop: process ")
    thread.join()
    assert said[-1] == "changed"
