"""What is killed, filled, taken away or switched off while clients ask the app."""

from __future__ import annotations

import json
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from faults.places import There, deploy, run
from faults.releases import QUICK
from released import artifact

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from faults.places import Place

Made = tuple[int, str]

DEPLOY: Final = ("hop3-nix", "deploy", "--trust-artifact")


@dataclass(frozen=True)
class Event:
    """A fault, and whether a request may be lost by it."""

    what: str
    make: Callable[[Place, Path], Made]
    lossless: bool = True
    where: str = ""
    """The only place for it, empty for both."""


def _start(place: Place) -> Made:
    return run(place, "hop3-nix", "start", "shop")


def _kill_deploy(after: str) -> Callable[[Place, Path], Made]:
    def make(place: Place, scratch: Path) -> Made:
        """Kill the command as soon as it has said ``after``, and let the next one go on."""
        built = artifact(scratch, f"killed-{len(list(scratch.iterdir()))}")
        place.bring(built)
        argv: list[str | Path] = [
            "hop3-nix",
            "deploy",
            "--trust-artifact",
            built,
            "--name",
            "shop",
            *QUICK,
        ]
        with subprocess.Popen(
            place.command([*argv, "--warm", "3"]),
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        ) as deploying:
            assert deploying.stderr
            for line in deploying.stderr:
                if after in line:
                    for pid in place.find(f"deploy --trust-artifact {built}"):
                        place.kill(pid)
                    break
            else:
                return deploying.wait(), f"it never said {after!r}"
            deploying.wait()
        time.sleep(1)
        return _start(place)

    return make


def _master(place: Place) -> str:
    """Return the process of the proxy's master there: the one whose service this is."""
    (pid, *_) = place.find(f"-c {place.inside}/proxy/nginx.conf")
    return str(pid)


def _kill_proxy(place: Place, scratch: Path) -> Made:  # noqa: ARG001 - as all of them
    place.kill(int(_master(place)))
    time.sleep(4)
    return 0, ""


def _kill_proxy_workers(place: Place, scratch: Path) -> Made:  # noqa: ARG001 - as all of them
    done = run(place, "pgrep", "-P", _master(place))
    for pid in done[1].split():
        place.kill(int(pid))
    time.sleep(2)
    return done[0], ""


def _kill_web(place: Place, scratch: Path) -> Made:  # noqa: ARG001 - as all of them
    workers = json.loads(run(place, "hop3-nix", "status", "shop", "--json")[1])["workers"]
    (pid,) = (one["pid"] for one in workers if one["worker"] == "web")
    place.kill(pid)
    time.sleep(4)
    return 0, ""


def _restart_manager(place: Place, scratch: Path) -> Made:  # noqa: ARG001 - as all of them
    done = run(place, "systemctl", "daemon-reexec")
    time.sleep(2)
    return done


def _kill_supervisord(place: Place, scratch: Path) -> Made:  # noqa: ARG001 - as all of them
    for pid in place.find(f"-c {place.inside}/supervisor/supervisord.conf"):
        place.kill(pid)
    time.sleep(2)
    return _start(place)


def _full(place: Place, scratch: Path) -> Made:
    """Deploy with no room left for anything below the app's directory, and then make room."""
    app = f"{place.inside}/apps/shop"
    built = artifact(scratch, "full")
    place.bring(built)
    script = (
        f"cp -a {app} {app}.copy && mount -t tmpfs -o size=1m,mode=711 full {app} && "
        f"cp -a {app}.copy/. {app}/ && rm -rf {app}.copy; "
        f"dd if=/dev/zero of={app}/filler bs=4k 2>/dev/null; df {app}"
    )
    filled = run(place, "sh", "-c", script)
    status, said = deploy(place, built)
    run(place, "rm", f"{app}/filler")
    started = _start(place)
    shown = run(place, "hop3-nix", "status", "shop")
    run(place, "umount", "-l", app)
    right = started[0] == 0 and "shop: running" in shown[1]
    return status, said if right else f"{filled[1]}{said}{started[1]}{shown[1]}"


def _collect(place: Place, scratch: Path) -> Made:  # noqa: ARG001 - as all of them
    """Collect all garbage, and have the release before this one serve."""
    run(place, "nix-collect-garbage")
    return run(place, "hop3-nix", "restart", "shop")


def _switch_off(place: Place, scratch: Path) -> Made:  # noqa: ARG001 - as all of them
    assert isinstance(place, There)
    place.host.power_cut()
    place.host.wait_for("/", 8380)
    return 0, ""


def _switch_off_in_a_release(place: Place, scratch: Path) -> Made:
    assert isinstance(place, There)
    built = artifact(scratch, "cut")
    place.bring(built)
    argv: list[str | Path] = [
        "hop3-nix",
        "deploy",
        "--trust-artifact",
        built,
        "--name",
        "shop",
        "--warm",
        "20",
    ]
    with subprocess.Popen(
        place.command(argv), stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as deploying:
        assert deploying.stderr
        for line in deploying.stderr:
            if "has taken over" in line:
                break
        place.host.power_cut()
        deploying.kill()
    place.host.wait_for("/", 8380)
    return _start(place)


EVENTS: Final = (
    Event("`deploy` is killed before the take-over; the next command", _kill_deploy("release ")),
    Event("`deploy` is killed when the web is healthy; likewise", _kill_deploy("is healthy")),
    Event("`deploy` is killed after the take-over; likewise", _kill_deploy("has taken over")),
    Event("the disk is full; `deploy`", _full),
    Event("the web is killed", _kill_web, lossless=False),
    Event("workers of the proxy are killed", _kill_proxy_workers, lossless=False),
    Event("the master of the proxy is killed", _kill_proxy, lossless=False),
    Event(
        "supervisord is killed; the next command",
        _kill_supervisord,
        lossless=False,
        where="supervisord",
    ),
    Event("systemd executes itself anew", _restart_manager, where="systemd"),
    Event("garbage is collected; `restart`", _collect, where="systemd"),
    Event("the machine loses its power", _switch_off, lossless=False, where="systemd"),
    Event(
        "the machine loses its power after a take-over; the next command",
        _switch_off_in_a_release,
        lossless=False,
        where="systemd",
    ),
)
