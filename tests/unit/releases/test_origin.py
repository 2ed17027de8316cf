"""An app is known by where it came from, not by what it calls itself."""

from __future__ import annotations

import socket
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hop3_nix.deploy.releases import changes
from hop3_nix.deploy.releases.record import read_release
from hop3_nix.deploy.releases.status import status
from hop3_nix.errors import InputError

if TYPE_CHECKING:
    from hop3_nix.deploy.artifact import Located
    from hostdouble import HostDouble


def of(double: HostDouble, directory: str, name: str = "one") -> Located:
    return replace(double.artifact(name), app_root=Path(directory))


def test_the_same_directory_needs_no_word(double: HostDouble) -> None:
    double.deploy(of(double, "/srv/shop"), name="")
    assert double.deploy(of(double, "/srv/shop", "two"), name="").release == 2


@pytest.mark.parametrize("name", ["", "shop"])
def test_another_directory_needs_the_word(double: HostDouble, name: str) -> None:
    double.deploy(of(double, "/srv/shop"), name="")
    with pytest.raises(
        InputError, match="from /srv/shop, and this comes from /srv/other"
    ) as caught:
        double.deploy(of(double, "/srv/other", "two"), name=name)
    assert "--name shop-2" in caught.value.tip
    assert "--name shop --take-over" in caught.value.tip
    assert double.place.current_number() == 1
    assert double.deploy(of(double, "/srv/other", "two"), name=name, take_over=True).release == 2
    with pytest.raises(InputError, match="from /srv/other, and this comes from /srv/shop"):
        double.deploy(of(double, "/srv/shop"), name=name)


def test_an_artifact_by_itself_needs_the_name(double: HostDouble) -> None:
    double.deploy(of(double, "/srv/shop"), name="")
    with pytest.raises(InputError, match="this is an artifact by itself") as caught:
        double.deploy(double.artifact("two"), name="")
    assert caught.value.tip.endswith(": --name shop")
    double.deploy(double.artifact("two"), name="shop")
    # What it had come from is still what it is known by.
    assert double.deploy(of(double, "/srv/shop"), name="").release == 3


def test_the_artifact_that_serves_may_be_deployed_again(double: HostDouble) -> None:
    double.deploy(double.artifact("one"), name="")
    assert double.deploy(double.artifact("one"), name="").release == 2


def test_an_app_that_was_named_is_not_taken_by_its_own_name(double: HostDouble) -> None:
    double.deploy(double.artifact("one"), name="shop")
    with pytest.raises(InputError, match="deployed under a name that was given"):
        double.deploy(of(double, "/srv/other", "two"), name="")


def test_from_other_machines_by_its_own_name(double: HostDouble) -> None:
    double.deploy(double.artifact("one"), origin="ci:/builds/shop")
    assert double.deploy(double.artifact("two"), origin="ci:/builds/shop").release == 2
    with pytest.raises(InputError, match="from ci:/builds/shop, and this comes from me:/tmp/x"):
        double.deploy(double.artifact("one"), origin="me:/tmp/x")
    assert double.deploy(double.artifact("one"), name="shop").release == 3


def test_what_an_older_version_has_deployed_is_taken_as_it_is(double: HostDouble) -> None:
    double.deploy(double.artifact("one"))
    double.place.origin.unlink()
    changes.restart(double.host, "shop", double.said.append)
    assert double.deploy(of(double, "/srv/shop", "two"), name="").release == 3


def test_data_that_was_kept_is_not_a_strangers(double: HostDouble) -> None:
    double.deploy(of(double, "/srv/shop"), name="")
    written = double.host.services.state_directory("shop")
    written.mkdir(parents=True)
    changes.destroy(double.host, "shop", double.said.append, data=False)
    with pytest.raises(InputError, match="was deployed from /srv/shop"):
        double.deploy(of(double, "/srv/other", "two"), name="")
    changes.destroy(double.host, "shop", double.said.append, data=True)
    assert not double.place.directory.exists()
    assert double.deploy(of(double, "/srv/other", "two"), name="").release == 1


def test_a_failed_release_takes_nothing_over(double: HostDouble) -> None:
    double.deploy(of(double, "/srv/shop"), name="")
    broken = replace(
        double.artifact("two", before_run=["/bin/broken"]), app_root=Path("/srv/other")
    )
    with pytest.raises(Exception, match="before_run"):
        double.deploy(broken, name="", take_over=True)
    assert double.deploy(of(double, "/srv/shop"), name="").replaced == 1


def test_nobody_else_can_read_what_is_deployed(double: HostDouble) -> None:
    double.deploy(of(double, "/srv/shop"), name="")
    root = double.layout.root
    for path in ("locks", "apps/shop/releases", "apps/shop/releases/1"):
        assert (root / path).stat().st_mode & 0o077 == 0, path
    for file in (p for p in root.rglob("*") if p.is_file() and not p.is_symlink()):
        assert file.stat().st_mode & 0o077 == 0, file
    assert (root / "apps").stat().st_mode & 0o777 == 0o711


def test_status_tells_whose_process_has_the_port(
    double: HostDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(double.host.services, "processes", lambda _name: frozenset())
    double.deploy(of(double, "/srv/shop"), name="")
    assert status(double.host, double.place).strangers == ()
    port = read_release(double.place, 1).web[0].port
    assert port
    with socket.create_server(("127.0.0.1", port)):
        shown = status(double.host, double.place)
    assert shown.state == "degraded"
    (stranger,) = shown.strangers
    assert stranger.startswith(f"web.1 does not listen on 127.0.0.1:{port}: a process")
    assert status(double.host, double.place).state == "running"
