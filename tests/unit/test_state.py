from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from hop3_nix.errors import TemporaryError, UnavailableError
from hop3_nix.host import state


def test_the_variable_comes_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOP3_NIX_STATE", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", "/elsewhere")
    assert state.state_dir() == tmp_path


def test_then_xdg(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOP3_NIX_STATE", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", "/xdg")
    assert state.state_dir() == Path("/xdg/hop3-nix")


@pytest.mark.parametrize("value", ["", "relative"])
def test_then_home(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.delenv("HOP3_NIX_STATE", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", value)
    monkeypatch.setenv("HOME", "/home/someone")
    assert state.state_dir() == Path("/home/someone/.local/state/hop3-nix")


def test_an_app_has_its_name_and_its_path_in_the_directory(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOP3_NIX_STATE", str(tmp_path))
    one, two = state.app_dir(Path("/srv/one/shop")), state.app_dir(Path("/srv/two/shop"))
    assert one.parent == tmp_path / "apps"
    assert one.name.startswith("shop-")
    assert one != two


@pytest.mark.parametrize("name", ["ünï çødé", "..", "-", "a" * 250, "new\nline", "\udcff"])
def test_any_name_makes_one_plain_directory(tmp_path: Path, name: str) -> None:
    directory = state.app_dir(tmp_path / name)
    assert directory.parent.name == "apps"
    assert directory.name.isascii()
    assert len(directory.name) <= 69


def test_a_link_to_an_app_is_the_app(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "link").symlink_to("app")
    assert state.app_dir(tmp_path / "link") == state.app_dir(tmp_path / "app")


def test_the_second_waits_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "lock"
    waited = threading.Event()
    entered = threading.Event()

    def second() -> None:
        with state.lock(path, "a test", say=lambda _: waited.set()):
            entered.set()

    thread = threading.Thread(target=second)
    with state.lock(path, "a test"):
        thread.start()
        assert waited.wait(10)
        assert not entered.is_set()
    assert entered.wait(10)
    thread.join()


def test_a_free_lock_is_taken_without_a_word(tmp_path: Path) -> None:
    said: list[str] = []
    with state.lock(tmp_path / "lock", "a test", say=said.append):
        pass
    with state.lock(tmp_path / "lock", "a test", say=said.append):
        pass
    assert said == []


def test_whoever_waits_too_long_is_told_for_what_and_for_whom(tmp_path: Path) -> None:
    said: list[str] = []
    with (
        state.lock(tmp_path / "lock", "another test"),
        pytest.raises(TemporaryError, match=r"waited 0\.1 s for another test") as caught,
        state.lock(tmp_path / "lock", "another test", say=said.append, limit=0.1),
    ):
        pass
    assert f"process {os.getpid()}" in caught.value.message
    assert said == [
        f"waiting for another test: process {os.getpid()} has the lock {tmp_path / 'lock'}"
    ]


def test_without_anybody_to_tell_it_is_logged_what_is_waited_for(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        state.lock(tmp_path / "lock", "another test"),
        pytest.raises(TemporaryError),
        state.lock(tmp_path / "lock", "another test", limit=0),
    ):
        pass
    assert "waiting for another test" in caplog.text


def test_nobody_else_can_open_a_lock(tmp_path: Path) -> None:
    (tmp_path / "lock").touch(mode=0o644)
    with state.lock(tmp_path / "lock", "a test"):
        assert stat.S_IMODE((tmp_path / "lock").stat().st_mode) == 0o600


def test_a_directory_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(UnavailableError, match="cannot be written"),
        state.lock(tmp_path / "file" / "lock", "a test"),
    ):
        pass


def test_only_the_standard_library_is_imported() -> None:
    code = "import sys, hop3_nix.host.state; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert not {"pydantic", "sh", "jinja2", "rich"} & set(loaded.stdout.split())
