from __future__ import annotations

import json
import os
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hop3_nix.deploy.services.limits import LIMITS
from hop3_nix.deploy.services.units import (
    Scope,
    slice_name,
    target_of,
    units_of,
    user_name,
)
from hop3_nix.errors import InputError
from hop3_nix.files.resources import NIX
from shop import LIMIT_VALUES, WEB

if TYPE_CHECKING:
    from hop3_nix.deploy.services.base import Service

EXPECTED = """\
# hop3-nix writes this file and replaces it. To change something: docs/systemd.md
[Unit]
Description=shop: web.1 of release 3 (100%%)
After=network.target
StartLimitIntervalSec=120s
StartLimitBurst=10

[Service]
Type=exec
ExecStart=:/bin/sh -c "echo $PORT"
WorkingDirectory=/srv
Environment="PATH=/bin"
Environment="PORT=20000"
Environment="RATE=5%%"
EnvironmentFile=/var/lib/hop3/apps/shop/releases/3/environment
Restart=on-failure
RestartSec=1s
Slice=hop3-shop.slice
SyslogIdentifier=hop3-shop-r3-web-1
KillMode=control-group
TimeoutStopSec=7.5s
DynamicUser=yes
User=hop3-shop
StateDirectory=hop3/state/shop
StateDirectoryMode=0700
"""

SCOPES: tuple[Scope, ...] = ("system", "user")
EXPOSURE = 20
"""What systemd-analyze may give at most, of 100; below 50 it says OK."""


def text_of(service: Service, scope: Scope = "system") -> str:
    return units_of(service, scope)[0].text


def lines_of(service: Service, scope: Scope = "system") -> list[str]:
    return text_of(service, scope).splitlines()


def written(directory: Path, *services: Service, scope: Scope = "system") -> list[Path]:
    files = []
    for service in services:
        for unit in units_of(service, scope):
            files.append(directory / unit.name)
            files[-1].write_text(unit.text)
    return files


def analyze(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    # A user's manager, which is not asked here, would have its socket in this directory.
    env = {**os.environ, "XDG_RUNTIME_DIR": os.environ.get("XDG_RUNTIME_DIR", "/run")}
    argv = ["systemd-analyze", *arguments]
    return subprocess.run(argv, env=env, capture_output=True, text=True, check=False)


def test_a_unit_says_all_that_the_service_says() -> None:
    (unit,) = units_of(WEB, "system")
    assert unit.name == "hop3-shop-r3-web-1.service"
    assert unit.text.startswith(EXPECTED)


def test_a_simple_command_line_stands_as_it_is_with_nothing_around_it() -> None:
    argv = ("/nix/store/x-app/bin/serve", "shop:app", "--bind=127.0.0.1:20000", "-w", "2")
    start = "ExecStart=:/nix/store/x-app/bin/serve shop:app --bind=127.0.0.1:20000 -w 2"
    assert start in lines_of(replace(WEB, argv=argv))


def test_the_hardening_is_what_the_file_has() -> None:
    parts = json.loads((NIX / "hardening.json").read_text())
    wanted = {**parts["everywhere"], **parts["system"]}
    lines = lines_of(WEB)
    for name, value in wanted.items():
        text = " ".join(value) if isinstance(value, list) else {True: "yes"}.get(value, value)
        assert f"{name}={text}" in lines


def test_memory_that_is_written_may_be_executed_for_compilers_at_run_time() -> None:
    assert "MemoryDenyWriteExecute" not in text_of(WEB)


def test_a_users_manager_is_asked_for_nothing_that_takes_root() -> None:
    text = text_of(WEB, "user")
    for name in json.loads((NIX / "hardening.json").read_text())["system"]:
        assert name not in text
    for name in ("DynamicUser", "User=", "StateDirectory", "After=", "BindPaths", "Capab"):
        assert name not in text
    assert "NoNewPrivileges=yes" in text


def test_a_given_user_takes_the_place_of_the_dynamic_one() -> None:
    text = text_of(replace(WEB, user="ann"))
    assert "\nUser=ann\n" in text
    assert "DynamicUser" not in text


def test_what_it_reads_is_shown_read_only_and_a_state_elsewhere_writable() -> None:
    reads = (Path("/root/a b"), Path("/home/ann/100%"))
    lines = lines_of(replace(WEB, reads=reads, state=Path("/srv/state")))
    assert 'BindReadOnlyPaths="/root/a b"' in lines
    assert 'BindReadOnlyPaths="/home/ann/100%%"' in lines
    assert 'BindPaths="/srv/state"' in lines
    assert not any(line.startswith("StateDirectory") for line in lines)


@pytest.mark.parametrize("change", [{"port": 80}, {"bind_low_ports": True}])
def test_low_ports_need_one_capability_and_no_other(change: dict[str, object]) -> None:
    lines = lines_of(replace(WEB, **change))  # type: ignore[arg-type]
    assert "CapabilityBoundingSet=CAP_NET_BIND_SERVICE" in lines
    assert "AmbientCapabilities=CAP_NET_BIND_SERVICE" in lines
    assert "CapabilityBoundingSet=" in lines_of(WEB)


def test_limits_are_passed_by_their_names() -> None:
    lines = lines_of(replace(WEB, limits={"MemoryMax": "512M", "CPUQuota": "50%"}))
    assert {"MemoryMax=512M", "CPUQuota=50%"} <= set(lines)


def test_a_schedule_makes_a_timer_and_nothing_is_restarted() -> None:
    service, timer = units_of(replace(WEB, schedule="0 4 1 * mon"), "system")
    assert timer.name == "hop3-shop-r3-web-1.timer"
    assert timer.text.endswith(
        "[Timer]\nOnCalendar=*-*-01 04:00:00\nOnCalendar=Mon *-*-* 04:00:00\nAccuracySec=1s\n\n"
    )
    assert "Restart=" not in service.text
    assert "StartLimit" not in service.text


def test_the_target_wants_what_it_is_given_and_no_more() -> None:
    target = target_of("shop", ["hop3-shop-r3-web-1.service", "hop3-shop-r3-cron-1.timer"])
    assert target.name == "hop3-shop.target"
    assert [line for line in target.text.splitlines() if "Wants" in line] == [
        "Wants=hop3-shop-r3-web-1.service",
        "Wants=hop3-shop-r3-cron-1.timer",
    ]


def test_no_app_is_in_the_slice_of_another() -> None:
    assert slice_name("a-b") == "hop3-a\\x2db.slice"


def test_users_of_long_names_are_short_enough_and_differ() -> None:
    first, second = (user_name("a" * 40 + letter) for letter in "xy")
    assert len(first) == len(second) == 31
    assert first != second
    assert user_name("shop") == "hop3-shop"


VARIANTS = {
    "plain": WEB,
    "given user": replace(WEB, user="daemon"),
    "quoted": replace(WEB, argv=("/bin/sh", "-c", 'a "b" \\ %n $X\n;', "ü", ""), env={"A": "\t"}),
    "local": replace(WEB, reads=(Path("/root/a b:c"),), state=Path("/srv/state")),
    "limited": replace(WEB, limits={"MemoryMax": "1G", "TasksMax": "99", "LimitNOFILE": "4096"}),
    "low port": replace(WEB, port=80),
    "scheduled": replace(WEB, schedule="*/5 1-3 13 jan-mar fri"),
    "dashes": replace(WEB, app="a-b", state=Path("/var/lib/hop3/state/a-b")),
}


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("scope", SCOPES)
def test_systemd_finds_nothing_wrong_with_the_units(
    variant: str, scope: Scope, tmp_path: Path
) -> None:
    service = VARIANTS[variant]
    if scope == "user":
        service = replace(service, user="")
    files = written(tmp_path, service, scope=scope)
    done = analyze("verify", "--man=no", "--recursive-errors=yes", f"--{scope}", *files)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_check_would_find_an_unknown_setting(tmp_path: Path) -> None:
    (file,) = written(tmp_path, WEB)
    file.write_text(file.read_text() + "Protect=everything\n")
    done = analyze("verify", "--man=no", "--recursive-errors=yes", file)
    assert done.returncode != 0


@pytest.mark.parametrize("variant", sorted(VARIANTS.keys() - {"given user", "low port"}))
def test_systemd_calls_the_exposure_ok(variant: str, tmp_path: Path) -> None:
    file = written(tmp_path, VARIANTS[variant])[0]
    done = analyze("security", "--offline=true", f"--threshold={EXPOSURE}", "--no-pager", file)
    assert done.returncode == 0, done.stdout
    assert " OK " in done.stdout.splitlines()[-1]


@pytest.mark.parametrize("number", range(5))
def test_every_limit_that_is_let_pass_is_one_that_systemd_takes(
    number: int, tmp_path: Path
) -> None:
    limits = {name: LIMIT_VALUES.get(name, ["100"]) for name in LIMITS}
    limits |= {name: ["1G"] for name in LIMITS if name.startswith("Memory")} | LIMIT_VALUES
    chosen = {name: values[number % len(values)] for name, values in limits.items()}
    files = written(tmp_path, replace(WEB, limits=chosen))
    done = analyze("verify", "--man=no", "--recursive-errors=yes", *files)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("line", "mode"),
    [("a | b", "control-group"), ("a; b", "control-group"), ("cd x && exec y", "mixed")],
)
def test_what_a_shell_has_started_is_asked_to_end_before_it_is_killed(line: str, mode: str) -> None:
    service = replace(WEB, argv=("/nix/store/x/bin/bash", "-c", line))
    assert f"KillMode={mode}\n" in units_of(service, "system")[0].text
    assert "KillMode=mixed\n" in units_of(replace(WEB, argv=("/bin/a",)), "system")[0].text


@pytest.mark.parametrize("character", ["\ufdd0", "\ufffe", "\U0010ffff", "\ud800"])
def test_what_systemd_takes_for_no_text_is_refused(character: str) -> None:
    for service in (
        replace(WEB, argv=("/bin/a", f"x{character}")),
        replace(WEB, env={"A": character}),
        replace(WEB, directory=f"/{character}"),
    ):
        with pytest.raises(InputError, match="is not UTF-8 text as systemd reads it"):
            units_of(service, "system")
    units_of(replace(WEB, description=character), "system")
