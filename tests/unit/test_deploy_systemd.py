from __future__ import annotations

import json
import shutil
import socket
from collections.abc import Generator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hop3_nix.deploy.releases.layout import Layout
from hop3_nix.deploy.services import lingering
from hop3_nix.deploy.services import systemd as systemd_module
from hop3_nix.deploy.services.base import ServiceStatus
from hop3_nix.deploy.services.systemctl import Systemctl
from hop3_nix.deploy.services.systemd import Systemd, is_available
from hop3_nix.errors import InputError, ServiceError, ServiceTimeoutError, UnavailableError
from hop3_nix.host.process import Completed
from shop import WEB

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

NAME = WEB.name
UNIT = f"{NAME}.service"
SHOW = (
    "systemctl show --property=Id,LoadState,ActiveState,SubState,Result,MainPID,ExecMainCode,"
    "ExecMainStatus,NRestarts,StateChangeTimestamp,ActiveEnterTimestamp,ControlGroup --"
)


@dataclass
class Recorder:
    """A runner that starts nothing: it notes what it is given and answers as told."""

    answers: dict[str, Completed] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)

    def __call__(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        stdin: str = "",
    ) -> Completed:
        assert cwd is None
        assert not stdin
        assert env is None or env["LC_ALL"] == "C.UTF-8"
        called = " ".join(argv)
        self.calls.append(called)
        found = [answer for begin, answer in self.answers.items() if called.startswith(begin)]
        return found[0] if found else Completed(tuple(argv), 0)

    def stream(
        self,
        argv: Sequence[str],
        *,
        on_stderr_line: Callable[[str], None],
        on_stdout_line: Callable[[str], None] | None = None,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        stdin: str = "",
    ) -> Completed:
        done = self(argv, env=env, cwd=cwd, stdin=stdin)
        assert on_stdout_line
        for line in done.stdout.splitlines():
            on_stdout_line(line)
        for line in done.stderr.splitlines():
            on_stderr_line(line)
        return done


def said(stdout: str = "", *, status: int = 0, stderr: str = "") -> Completed:
    return Completed((), status, stdout, stderr)


def shown(**properties: str) -> str:
    known = {"LoadState": "loaded", "ActiveState": "active", "MainPID": "0", "ExecMainCode": "0"}
    return "".join(f"{name}={value}\n" for name, value in {**known, **properties}.items())


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def systemd(tmp_path: Path, recorder: Recorder) -> Systemd:
    return Systemd(
        Layout(tmp_path / "root"),
        scope="system",
        directory=tmp_path / "units",
        run=recorder,
        stream=recorder.stream,
    )


def test_installing_reads_the_units_once(
    systemd: Systemd, recorder: Recorder, tmp_path: Path
) -> None:
    systemd.install([WEB, replace(WEB, name="hop3-shop-r3-web-2")])
    assert sorted(path.name for path in (tmp_path / "units").iterdir()) == [
        "hop3-shop-r3-web-1.service",
        "hop3-shop-r3-web-2.service",
        "hop3.slice",
    ]
    assert recorder.calls == ["systemctl daemon-reload"]


def test_nothing_is_written_if_one_service_is_refused(systemd: Systemd, tmp_path: Path) -> None:
    with pytest.raises(InputError):
        systemd.install([WEB, replace(WEB, name="a b")])
    assert not (tmp_path / "units").exists()


@pytest.mark.parametrize(
    ("change", "secrets", "message"),
    [
        ({}, {"KEY": "a\x1bb"}, "the variable KEY holds a control character"),
        ({}, {"KEY": "\udcff"}, "the variable KEY is not UTF-8"),
        ({"env": {"KEY": "a\x1bb"}}, {}, "the variable KEY holds a control character"),
        ({"limits": {"MemoryMax": "lots"}}, {}, "the limit MemoryMax cannot be 'lots'"),
        ({"schedule": "0 25 * * *"}, {}, "the schedule '0 25 "),
        ({"name": "a b"}, {}, "systemd takes no service called 'a b'"),
    ],
)
def test_what_systemd_would_drop_or_refuse_is_told_before(
    systemd: Systemd, tmp_path: Path, change: dict[str, Any], secrets: dict[str, str], message: str
) -> None:
    systemd.check([WEB], {"KEY": "two\nlines"})
    with pytest.raises(InputError, match=message) as error:
        systemd.check([WEB, replace(WEB, **change)], secrets)
    assert error.value.tip
    assert not (tmp_path / "units").exists()


def test_a_manager_has_the_apps_of_one_root(systemd: Systemd, tmp_path: Path) -> None:
    units, other = tmp_path / "units", Layout(tmp_path / "other % \\")
    second = Systemd(other, scope="system", directory=units, run=Recorder())
    assert second.other_root() is None
    systemd.install([])
    assert second.other_root() is None, "a root without an app has claimed it"
    Layout(tmp_path / "root").app("shop").make()
    assert systemd.other_root() is None
    assert second.other_root() == tmp_path / "root"
    shutil.rmtree(tmp_path / "root")
    second.install([WEB])
    other.app("shop").make()
    assert second.other_root() is None
    assert systemd.other_root() == other.root


def test_a_directory_that_cannot_be_written_is_named(recorder: Recorder, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    directory = tmp_path / "file/units"
    systemd = Systemd(Layout(tmp_path), scope="system", directory=directory, run=recorder)
    for use in (partial(systemd.check, [WEB], {}), partial(systemd.install, [WEB])):
        with pytest.raises(UnavailableError, match="systemd's units cannot be written") as error:
            use()
        assert error.value.file.startswith(str(directory))
        assert "--manager supervisord" in error.value.tip
    assert recorder.calls == []


def test_starting_forgives_what_failed_before(systemd: Systemd, recorder: Recorder) -> None:
    systemd.start([NAME])
    assert recorder.calls == [f"systemctl reset-failed -- {UNIT}", f"systemctl start -- {UNIT}"]


def test_what_does_not_start_is_told_with_its_last_lines(
    systemd: Systemd, recorder: Recorder
) -> None:
    recorder.answers = {
        "systemctl start": said(status=1, stderr=f"Job for {UNIT} failed.\nSee this.\n"),
        "journalctl --output": said(json.dumps({"_SYSTEMD_UNIT": UNIT, "MESSAGE": "no such file"})),
    }
    with pytest.raises(ServiceError, match=rf"refused to start: Job for {UNIT} failed\.$") as error:
        systemd.start([NAME])
    assert error.value.tip == "no such file"


def test_a_schedule_is_started_stopped_and_enabled_by_its_timer(
    systemd: Systemd, recorder: Recorder, tmp_path: Path
) -> None:
    systemd.install([replace(WEB, schedule="0 4 * * *")])
    recorder.calls.clear()
    recorder.answers = {"systemctl show": said(shown())}
    systemd.start([NAME])
    systemd.stop([NAME])
    assert recorder.calls == [
        f"systemctl reset-failed -- {NAME}.timer",
        f"systemctl start -- {NAME}.timer",
        f"{SHOW} {NAME}.timer",
        f"systemctl stop -- {NAME}.timer",
        f"{SHOW} {UNIT}",
        f"systemctl stop -- {UNIT}",
    ]
    systemd.enable("shop", [NAME])
    assert f"Wants={NAME}.timer\n" in (tmp_path / "units/hop3-shop.target").read_text()


def test_what_is_not_known_is_not_stopped(systemd: Systemd, recorder: Recorder) -> None:
    recorder.answers = {
        "systemctl show": said(shown(LoadState="not-found", ActiveState="inactive"))
    }
    systemd.stop([NAME])
    assert recorder.calls == [f"{SHOW} {NAME}.timer", f"{SHOW} {UNIT}"]


def test_a_unit_that_systemd_will_not_load_can_be_removed(
    systemd: Systemd, recorder: Recorder
) -> None:
    recorder.answers = {
        "systemctl show": said(shown(LoadState="bad-setting", ActiveState="inactive"))
    }
    systemd.remove([NAME])
    assert not [call for call in recorder.calls if " stop " in call]


@pytest.mark.parametrize("state", ["inactive", "active"])
def test_what_has_gone_meanwhile_is_stopped(state: str) -> None:
    gone = Recorder(
        {
            "systemctl stop": said(status=5, stderr="Unit x not loaded."),
            "systemctl show": said(shown(ActiveState=state)),
        }
    )
    systemctl = Systemctl("system", gone)
    if state == "inactive":
        systemctl.stop([UNIT])
    else:
        with pytest.raises(ServiceError, match="not loaded"):
            systemctl.stop([UNIT])


def test_a_manager_that_is_lost_is_asked_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hop3_nix.deploy.services.systemctl.AGAIN_AFTER", 0)
    lost = said(status=1, stderr="Failed to reload: Transport endpoint is not connected")
    answers = [lost, said(), lost, lost]
    systemctl = Systemctl("system", lambda *_, **__: answers.pop(0))
    systemctl.reload()
    with pytest.raises(ServiceError, match="not connected"):
        systemctl.reload()


def test_what_runs_without_its_unit_file_is_stopped(systemd: Systemd, recorder: Recorder) -> None:
    recorder.answers = {"systemctl show": said(shown(LoadState="not-found"))}
    systemd.stop([NAME])
    assert f"systemctl stop -- {UNIT}" in recorder.calls


def test_removing_leaves_nothing(systemd: Systemd, recorder: Recorder, tmp_path: Path) -> None:
    systemd.install([replace(WEB, schedule="0 4 * * *")])
    recorder.calls.clear()
    recorder.answers = {"systemctl show": said(shown())}
    systemd.remove([NAME])
    assert [path.name for path in (tmp_path / "units").iterdir()] == ["hop3.slice"]
    assert recorder.calls[-2:] == ["systemctl daemon-reload", f"systemctl reset-failed -- {UNIT}"]


def test_enabling_writes_one_file_that_a_boot_goes_by(
    systemd: Systemd, recorder: Recorder, tmp_path: Path
) -> None:
    units = tmp_path / "units"
    systemd.enable("shop", [NAME])
    assert f"Wants={UNIT}\n" in (units / "hop3-shop.target").read_text()
    link = units / "multi-user.target.wants/hop3-shop.target"
    assert link.readlink() == units / "hop3-shop.target"
    systemd.enable("shop", ["hop3-shop-r4-web-1"])
    assert UNIT not in (units / "hop3-shop.target").read_text()
    assert recorder.calls == []


def test_enabling_nothing_removes_what_was_enabled(systemd: Systemd, tmp_path: Path) -> None:
    systemd.enable("shop", [NAME])
    systemd.enable("shop", [])
    systemd.enable("shop", [])
    assert [path for path in (tmp_path / "units").rglob("*") if not path.is_dir()] == []


def test_services_are_found_by_their_files_and_without_them(
    systemd: Systemd, recorder: Recorder
) -> None:
    systemd.install([WEB, replace(WEB, app="shop-b", name="hop3-shop-b-r1-web-1")])
    recorder.answers = {
        "systemctl list-units": said(
            f"{UNIT} loaded active running shop\n"
            "hop3-shop-r4--migrate-1.service loaded active running migrate\n"
            "hop3-shop-r2-web-1.service not-found inactive dead hop3-shop-r2-web-1.service\n"
            "hop3-shop-rx-web.service loaded active running other\n"
        )
    }
    assert systemd.installed("shop") == ("hop3-shop-r3-web-1", "hop3-shop-r4--migrate-1")
    assert recorder.calls[-1] == (
        "systemctl list-units --all --full --plain --no-legend --no-pager -- hop3-shop-r*.service"
    )


@pytest.mark.parametrize(
    ("properties", "status"),
    [
        (
            {"MainPID": "42", "StateChangeTimestamp": "Sun 2026-11-22 17:20:27 UTC"},
            ServiceStatus("running", pid=42, since="2026-11-22T17:20:27+00:00"),
        ),
        (
            {
                "ActiveState": "activating",
                "NRestarts": "3",
                "ExecMainCode": "1",
                "ExecMainStatus": "7",
            },
            ServiceStatus("starting", status=7, restarts=3),
        ),
        (
            {"ActiveState": "failed", "ExecMainCode": "2", "ExecMainStatus": "9"},
            ServiceStatus("failed", status=-9),
        ),
        ({"ActiveState": "deactivating"}, ServiceStatus("stopping")),
        ({"ActiveState": "inactive"}, ServiceStatus("stopped")),
        ({"ActiveState": "inactive", "LoadState": "not-found"}, ServiceStatus("absent")),
    ],
)
def test_states_are_told_apart(
    systemd: Systemd, recorder: Recorder, properties: dict[str, str], status: ServiceStatus
) -> None:
    recorder.answers = {"systemctl show": said(shown(**properties))}
    assert systemd.status([NAME]) == {NAME: status}


def test_no_name_asks_for_nothing(systemd: Systemd, recorder: Recorder) -> None:
    assert systemd.status([]) == {}
    systemd.start([])
    systemd.stop([])
    systemd.remove([])
    assert recorder.calls == []


def test_a_manager_that_cannot_be_reached_is_not_there(
    systemd: Systemd, recorder: Recorder
) -> None:
    recorder.answers = {
        "systemctl": said(status=1, stderr="Failed to connect to bus: No such file or directory\n")
    }
    with pytest.raises(UnavailableError, match="the service manager cannot be reached") as error:
        systemd.install([WEB])
    assert "--manager supervisord" in error.value.tip


def test_a_command_runs_in_the_same_confines(systemd: Systemd, recorder: Recorder) -> None:
    lines: list[str] = []
    recorder.answers = {"systemd-run": said("one\ntwo\n")}
    job = replace(WEB, name="hop3-shop-r3--migrate-1", argv=("/bin/do", "$X", "a b"))
    assert systemd.run(job, timeout=600, line=lines.append) == 0
    assert lines == ["one", "two"]
    argv = recorder.calls[0]
    assert argv.startswith(
        "systemd-run --quiet --pipe --wait --service-type=exec --unit=hop3-shop-r3--migrate-1 "
        "--description=shop: web.1 of release 3 (100%) --working-directory=/srv "
        "--setenv=PATH=/bin --setenv=PORT=20000 --setenv=RATE=5% --property=Slice=hop3-shop.slice "
    )
    assert argv.endswith(f" --property=EnvironmentFile={WEB.secrets} -- /bin/do $$X a b")
    for setting in ("ProtectSystem=strict", "RuntimeMaxSec=600s", "DynamicUser=yes"):
        assert f" --property={setting} " in argv


@pytest.mark.parametrize(
    ("properties", "status"),
    [
        ({"ExecMainCode": "1", "ExecMainStatus": "3"}, 3),
        ({"ExecMainCode": "1", "ExecMainStatus": "203"}, 203),
        ({"ExecMainCode": "2", "ExecMainStatus": "9"}, -9),
    ],
)
def test_the_status_of_a_command_is_its_own(
    systemd: Systemd, recorder: Recorder, properties: dict[str, str], status: int
) -> None:
    ran = {"ActiveEnterTimestamp": "Sun 2026-11-22 17:20:27 UTC", **properties}
    recorder.answers = {
        "systemd-run": said(status=1),
        "systemctl show": said(shown(ActiveState="failed", **ran)),
    }
    assert systemd.run(WEB, timeout=9, line=print) == status


def test_a_command_that_took_too_long_is_an_error(systemd: Systemd, recorder: Recorder) -> None:
    failed = shown(ActiveState="failed", Result="timeout")
    recorder.answers = {"systemd-run": said(status=1), "systemctl show": said(failed)}
    with pytest.raises(ServiceTimeoutError, match=r"did not end within 0\.5 s") as error:
        systemd.run(WEB, timeout=0.5, line=print)
    assert error.value.tip
    assert recorder.calls[-1] == f"systemctl reset-failed -- {UNIT}"


def test_a_command_that_could_not_be_started_is_an_error(
    systemd: Systemd, recorder: Recorder
) -> None:
    failed = shown(ActiveState="failed", ExecMainCode="1", ExecMainStatus="203")
    recorder.answers = {
        "systemd-run": said(status=1, stderr="Failed to find executable /bin/do\n"),
        "systemctl show": said(failed),
    }
    with pytest.raises(ServiceError, match="could not be started: Failed to find") as error:
        systemd.run(WEB, timeout=9, line=print)
    assert error.value.tip == f"See: journalctl -e -u {NAME}"
    entry = {"_SYSTEMD_UNIT": "init.scope", "UNIT": UNIT, "MESSAGE": "no such directory"}
    recorder.answers["journalctl"] = said(json.dumps(entry))
    with pytest.raises(ServiceError) as error:
        systemd.run(WEB, timeout=9, line=print)
    assert error.value.tip == "no such directory"


def test_logs_are_what_the_journal_has(systemd: Systemd, recorder: Recorder) -> None:
    entries: list[dict[str, object]] = [
        {"_SYSTEMD_UNIT": "init.scope", "UNIT": UNIT, "MESSAGE": "Started."},
        {"_SYSTEMD_UNIT": UNIT, "MESSAGE": "two\nlines"},
        {"_SYSTEMD_UNIT": UNIT, "MESSAGE": [27, 91, 49, 109, 255]},
        {"_SYSTEMD_UNIT": UNIT, "MESSAGE": None},
        {"_SYSTEMD_UNIT": UNIT, "MESSAGE": "one\x85line\u2028"},
    ]
    text = "".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in entries)
    recorder.answers = {"journalctl": said(f"-- No entries --\n{text}")}
    logs = list(systemd.logs([NAME, "hop3-shop-r3-web-2"], lines=7, follow=False))
    assert logs == [
        (NAME, "Started."),
        (NAME, "two"),
        (NAME, "lines"),
        (NAME, "\x1b[1m\\xff"),
        (NAME, ""),
        (NAME, "one\x85line\u2028"),
    ]
    (call,) = recorder.calls
    assert call == (
        "journalctl --output=json --all --no-pager --lines=7 "
        "--output-fields=MESSAGE,_SYSTEMD_UNIT,_SYSTEMD_USER_UNIT,UNIT,USER_UNIT "
        f"--unit={UNIT} --unit=hop3-shop-r3-web-2.service"
    )


def test_logs_are_followed_until_the_caller_has_enough(
    systemd: Systemd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = json.dumps({"_SYSTEMD_UNIT": UNIT, "MESSAGE": "tick"})
    program = tmp_path / "journalctl"
    program.write_text(
        f"#!/bin/sh\necho $$ >{tmp_path}/pid; while true; do echo '{entry}'; sleep 0.05; done\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    logs = systemd.logs([NAME], lines=1, follow=True)
    assert [line for line, _ in zip(logs, range(3), strict=False)] == [(NAME, "tick")] * 3
    assert isinstance(logs, Generator)
    logs.close()
    assert not Path("/proc", (tmp_path / "pid").read_text().strip()).exists()


def test_systemd_is_there_for_root_where_it_is_booted_and_for_others_with_a_manager(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(systemd_module, "BOOTED", tmp_path / "booted")
    assert not is_available()
    (tmp_path / "booted").mkdir()
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert is_available()
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    assert not is_available()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert not is_available()
    (tmp_path / "systemd").mkdir()
    with socket.socket(socket.AF_UNIX) as manager:
        manager.bind(str(tmp_path / "systemd/private"))
        assert is_available()


@pytest.fixture
def users(tmp_path: Path, recorder: Recorder) -> Systemd:
    directory = tmp_path / "units"
    return Systemd(
        Layout(tmp_path), scope="user", directory=directory, run=recorder, stream=recorder.stream
    )


def test_a_users_services_are_asked_of_their_own_manager_and_outlive_the_login(
    users: Systemd, recorder: Recorder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lingering, "LINGERING", tmp_path)
    state = users.state_directory("shop")
    assert state == tmp_path / "apps/shop/state"
    users.check([WEB], {})
    users.install([replace(WEB, state=state)])
    assert state.stat().st_mode & 0o777 == 0o700
    users.start([NAME])
    users.enable("shop", [NAME])
    assert (tmp_path / "units/default.target.wants/hop3-shop.target").is_symlink()
    assert list(users.logs([NAME], lines=1, follow=False)) == []
    assert [call.split(" -- ")[0] for call in recorder.calls[:4]] == [
        "loginctl --no-ask-password enable-linger",
        "systemctl --user daemon-reload",
        "systemctl --user reset-failed",
        "systemctl --user start",
    ]
    assert f"--user-unit={UNIT}" in recorder.calls[-1]


def test_a_user_who_may_not_linger_is_told_what_to_do(
    users: Systemd, recorder: Recorder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lingering, "LINGERING", tmp_path / "none")
    recorder.answers = {"loginctl": said(status=1, stderr="Access denied\n")}
    with pytest.raises(UnavailableError, match="logs out: Access denied") as error:
        users.check([WEB], {})
    assert "as root: loginctl enable-linger" in error.value.tip
