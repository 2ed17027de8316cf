"""The links that nginx follows at each request: which ports and directories a site has now.

A generation is a directory of links that never changes; ``serving`` points at the one that is in
force, so that everything of a site changes in one rename:

    sites/APP/serving -> 7        sites/APP/7/first/SLOT -> the directory ports/20001, or
                                                            ports/20001/watched for a while
                                  sites/APP/7/next/SLOT  -> the directory ports/20002
                                  sites/APP/7/static-…   -> a directory of the release

Each of the slots leads to one port, so that the ports share the requests evenly.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from typing import TYPE_CHECKING, Final

from hop3_nix.deploy.artifact import STORE
from hop3_nix.errors import ProxyError
from hop3_nix.files.atomic import replace_symlink, sync_directory

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from hop3_nix.deploy.proxy.base import Site

SITES: Final = "sites"
PORTS: Final = "ports"
WATCHED: Final = "watched"
LINK: Final = "serving"
FIRST: Final = "first"
NEXT: Final = "next"
ROOT: Final = "root"

SLOTS: Final = 50
"""As many as instances can be told apart; each gets 2 of 100 requests."""

KEPT: Final = 3
"""Generations that stay: a request may just be following the links of the one before."""

VERSIONED: Final = re.compile(f"^{re.escape(str(STORE))}/([0-9a-z]{{32}})-")
"""Paths whose contents never change, and the digest that names them."""

PLAIN: Final = re.compile(r"[\w@+=:,./-]+", re.ASCII)
"""Paths that stand in the configuration as they are."""

LONGEST_PREFIX: Final = 1000
"""nginx takes no parameter of more than about 4000 characters, each of which may be escaped."""


def normal_prefix(prefix: str, path: Path) -> str:
    """Return ``prefix`` as it is matched: a directory's ends in a slash. Raises ProxyError."""
    normal = prefix if path.is_file() else f"{prefix.rstrip('/')}/"
    if not normal.startswith("/") or "\0" in normal or len(normal) > LONGEST_PREFIX:
        raise ProxyError(
            f"nothing can be served for the path {prefix!r}",
            tip="A static path begins with a slash and is not longer than "
            f"{LONGEST_PREFIX} characters.",
        )
    if normal == "/":
        raise ProxyError(
            "the static path / would hide the whole app",
            tip="Name the directories below it, or make it a static site.",
        )
    return normal


def static_name(prefix: str) -> str:
    """Return the name of the link for URLs that begin with ``prefix``."""
    return f"static-{hashlib.sha256(prefix.encode(errors='surrogateescape')).hexdigest()[:16]}"


def serve(directory: Path, site: Site) -> Path | None:
    """Have requests for ``site`` go where it says, from the next one on.

    Returns the generation that was in force, for `go_back`.
    """
    place = directory / SITES / site.app
    former = (place / LINK).readlink() if (place / LINK).is_symlink() else None
    generations = _generations(place)
    number = generations[-1] + 1 if generations else 1
    _write(directory, place / str(number), site)
    replace_symlink(place / LINK, place / str(number))
    for old in generations[: 1 - KEPT]:
        shutil.rmtree(place / str(old))
    _forget_ports(directory)
    return former


def go_back(directory: Path, app: str, former: Path | None) -> None:
    """Have requests for ``app`` go where they went before `serve`."""
    if former is not None:
        replace_symlink(directory / SITES / app / LINK, former)


def forget(directory: Path, app: str) -> None:
    """Take away the links of ``app``, which nginx must not look for any more, and its ports."""
    place = directory / SITES / app
    if place.exists():
        shutil.rmtree(place)
    _forget_ports(directory)


def _forget_ports(directory: Path) -> None:
    """Take away the ports that no link of any generation leads to."""
    # Of all names in a generation, these alone are those of ports: others may be an app's files.
    links = [
        link for name in (FIRST, NEXT) for link in (directory / SITES).glob(f"*/[0-9]*/{name}/*")
    ]
    used = {link.readlink().relative_to(directory / PORTS).parts[0] for link in links}
    for port in (directory / PORTS).glob("*"):
        if port.name not in used:
            shutil.rmtree(port)


def _generations(place: Path) -> list[int]:
    if not place.is_dir():
        return []
    return sorted(int(path.name) for path in place.iterdir() if path.name.isdigit())


def _write(directory: Path, generation: Path, site: Site) -> None:
    for name in (FIRST, NEXT):
        (generation / name).mkdir(parents=True, exist_ok=True)

    def place_of(port: int) -> Path:
        place = directory / PORTS / str(port)
        return place / WATCHED if site.watched else place

    for port in (*site.ports, *site.spare):
        place_of(port).mkdir(parents=True, exist_ok=True)
    if ports := site.ports or site.spare:
        for slot in range(SLOTS):
            first, following = _two(ports, site.spare, slot)
            _link(generation / FIRST / str(slot), place_of(first))
            _link(generation / NEXT / str(slot), place_of(following))
    for prefix, path in site.static.items():
        _link(generation / static_name(normal_prefix(prefix, path)), path)
    if site.root is not None:
        _link(generation / ROOT, site.root)
    for written in (generation / FIRST, generation / NEXT, generation, directory / PORTS):
        if written.exists():
            sync_directory(written)


def _two(ports: Sequence[int], spare: Sequence[int], slot: int) -> tuple[int, int]:
    """Return the port that ``slot`` leads to, and the one to try when that accepts nothing."""
    first = slot % len(ports)
    others = [*ports[first + 1 :], *ports[:first]] or [*spare, ports[first]]
    # Once around, another one for each slot: one that fails leaves its share to all others.
    return ports[first], others[slot // len(ports) % len(others)] if len(ports) > 1 else others[0]


def _link(link: Path, target: Path) -> None:
    # What a command that was killed has left is of no use, and is not known to be whole.
    link.unlink(missing_ok=True)
    link.symlink_to(target)
