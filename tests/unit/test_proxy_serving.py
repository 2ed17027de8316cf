"""The links that nginx follows at each request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hop3_nix.deploy.proxy.base import Site
from hop3_nix.deploy.proxy.serving import PORTS, forget, serve

if TYPE_CHECKING:
    from pathlib import Path


def ports(directory: Path) -> set[str]:
    return {place.name for place in (directory / PORTS).iterdir()}


def test_the_ports_of_an_app_go_with_it_and_those_of_others_stay(tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files/404.html").touch()
    static = {"/static": tmp_path / "files"}
    serve(tmp_path, Site(app="shop", listen=("80",), ports=(20001,), spare=(20002,), static=static))
    serve(tmp_path, Site(app="room", listen=("81",), ports=(20003,), static=static, watched=True))
    serve(tmp_path, Site(app="room", listen=("81",), ports=(20004,), static=static))
    assert ports(tmp_path) == {"20001", "20002", "20003", "20004"}
    forget(tmp_path, "shop")
    assert ports(tmp_path) == {"20003", "20004"}, "requests may still follow an older generation"
    forget(tmp_path, "room")
    assert ports(tmp_path) == set()
    forget(tmp_path, "room")
