"""One request through the proxy itself, as a client would make it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from hop3_nix.deploy.proxy.program import NAME
from hop3_nix.deploy.proxy.shape import LISTEN, PLAIN_PORT
from hop3_nix.deploy.questions import BELOW_500, LONGEST_ANSWER, LOOPBACK, Check, ask
from hop3_nix.deploy.whose import not_its_own
from hop3_nix.errors import ProxyError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hop3_nix.deploy.proxy.base import Site
    from hop3_nix.deploy.services.base import Services

ANYWHERE: Final = {"": LOOPBACK, "0.0.0.0": LOOPBACK, "::": "::1"}  # noqa: S104 - as they are read


def ask_through(services: Services, site: Site, question: Check) -> None:
    """Raise ProxyError unless what clients of ``site`` get is an answer, and the proxy's."""
    for listen, check in zip(site.listen, fronts(site, question), strict=True):
        problem = ask(check, LONGEST_ANSWER).problem or not_its_own(services, check)
        if problem:
            raise ProxyError(f"on {listen}, the proxy {problem}")


def fronts(site: Site, question: Check | None = None) -> Iterator[Check]:
    """Yield what is expected of the proxy on each address of ``site``: ``question``, if any."""
    for listen in site.listen:
        match = LISTEN.fullmatch(listen)
        assert match is not None  # noqa: S101 - checked when it was set
        address = (match["address"] or "").strip("[]")
        check = replace(
            question or Check(name="", label=""),
            name=NAME,
            label="the proxy",
            address=ANYWHERE.get(address, address),
            port=int(match["port"]),
            tls=bool(site.certificate) and match["port"] != PLAIN_PORT,
        )
        led_on = bool(site.certificate) and not check.tls
        if not (site.ports and check.path) or led_on:
            check = replace(check, path="/", status=BELOW_500, contains="")
        yield check
