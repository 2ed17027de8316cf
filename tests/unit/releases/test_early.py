"""What is told before anything is built."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import pytest

from hop3_nix.deploy.releases.early import Planned, check_options, check_planned
from hop3_nix.deploy.releases.options import DeployOptions
from hop3_nix.errors import Hop3NixError, InputError, RequirementError, TemporaryError

if TYPE_CHECKING:
    from hostdouble import HostDouble

WORKERS = {"web": "python app.py", "mailer": "python mailer.py"}


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"name": "My_App"}, "cannot be called 'My_App'"),
        ({"listen": ("99999",)}, "--listen 99999"),
        ({"names": ("a b",)}, "--domain a b"),
        ({"limits": {"MemoryMax": "lots"}}, "MemoryMax"),
        ({"health_path": "up"}, "--health-path up"),
        ({"environment": {"PORT": "1"}}, "PORT is set by hop3-nix"),
    ],
)
def test_options_that_are_wrong_for_any_application(options: Any, problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        check_options(DeployOptions(**options))


@pytest.mark.parametrize(
    ("options", "workers", "kind", "problem"),
    [
        ({"scale": {"wrb": 2}}, WORKERS, InputError, "no worker 'wrb'"),
        ({"scale": {"web": 0, "mailer": 0}}, WORKERS, InputError, "no worker to start"),
        ({"environment": {"A": "\x1b"}}, WORKERS, InputError, "no escape"),
        ({"user": "nobody-at-all"}, WORKERS, InputError, "nobody-at-all"),
        ({"listen": ("8000",)}, {"webb": "x"}, InputError, "--listen: nothing would answer"),
        ({"names": ("a.b",)}, {"mailer": "x"}, InputError, "--domain: nothing would answer"),
        ({}, {"cron-x": "sometimes x"}, InputError, "cron-x has no schedule in front"),
    ],
)
def test_options_that_do_not_fit_the_application(
    double: HostDouble,
    options: Any,
    workers: dict[str, str],
    kind: type[Hop3NixError],
    problem: str,
) -> None:
    planned = Planned("Shop", workers, (), ())
    with pytest.raises(kind, match=problem):
        check_planned(double.host, planned, DeployOptions(**options), double.said.append)


def test_a_name_that_is_nearly_web(double: HostDouble) -> None:
    planned = Planned("Shop", {"webb": "x"}, (), ())
    with pytest.raises(InputError) as caught:
        check_planned(double.host, planned, DeployOptions(listen=("8000",)), double.said.append)
    assert "Did you mean web by webb?" in caught.value.tip


def test_a_port_in_use_and_a_variable_that_is_missing(double: HostDouble) -> None:
    planned = Planned("Shop", WORKERS, ("TOKEN", "KEY"), ("KEY",))
    with pytest.raises(RequirementError, match="requires TOKEN, which is not set"):
        check_planned(double.host, planned, DeployOptions(), double.said.append)
    with socket.create_server(("127.0.0.1", 0)) as server:
        listen = f"127.0.0.1:{server.getsockname()[1]}"
        wanted = DeployOptions(listen=(listen,), environment={"TOKEN": "1"})
        with pytest.raises(TemporaryError, match=f"another program listens on {listen}"):
            check_planned(double.host, planned, wanted, double.said.append)
    check_planned(double.host, planned, wanted, double.said.append)
    assert double.memory.read()["calls"] == []
