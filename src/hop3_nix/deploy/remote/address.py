"""How a host is named: ``ssh://[USER@]HOST[:PORT]``, or ``ssh-ng://`` for Nix's newer protocol."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hop3_nix.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

# Nothing that ssh could take for an option, or a shell for anything but a word.
_URL: Final = re.compile(
    r"(?P<scheme>ssh|ssh-ng)://"
    r"(?P<user>[A-Za-z0-9_][A-Za-z0-9_.-]*@)?"
    r"(?P<host>[A-Za-z0-9_][A-Za-z0-9_.-]*|\[[0-9A-Fa-f:.]+\])"
    r"(?::(?P<port>[0-9]{1,5}))?/?"
    r"(?P<query>\?[^\s#]*)?"
)


@dataclass(frozen=True)
class Address:
    """A host as ssh and Nix are told of it."""

    scheme: str
    user: str
    host: str
    port: str = ""
    query: str = ""
    """Settings of the store, for Nix alone."""

    @property
    def name(self) -> str:
        """Return what stands in front of the lines that come from there."""
        return f"{self.host}:{self.port}" if self.port else self.host

    @property
    def target(self) -> str:
        """Return the host as ssh's argument."""
        bare = self.host.strip("[]")
        return f"{self.user}@{bare}" if self.user else bare

    @property
    def url(self) -> str:
        """Return the address as a user types it."""
        return f"{self.scheme}://{f'{self.user}@' if self.user else ''}{self.name}{self.query}"

    def store(self, scheme: str = "") -> str:
        """Return the URL of its store, without the port: Nix 2.8 cannot read one."""
        user = f"{self.user}@" if self.user else ""
        return f"{scheme or self.scheme}://{user}{self.host}{self.query}"


def read_address(text: str) -> Address:
    """Return the host that ``text`` names. Raises InputError."""
    match = _URL.fullmatch(text)
    if match is None:
        raise InputError(
            f"not the address of a host: {text}",
            tip="It looks like ssh://USER@HOST or ssh://USER@HOST:PORT; all else about the "
            "connection belongs into ~/.ssh/config or NIX_SSHOPTS.",
        )
    return Address(
        match["scheme"],
        (match["user"] or "").removesuffix("@"),
        match["host"],
        match["port"] or "",
        match["query"] or "",
    )


def read_addresses(texts: Sequence[str]) -> tuple[Address, ...]:
    """Return the hosts that ``texts`` name, in their order. Raises InputError for one twice."""
    addresses = tuple(map(read_address, texts))
    places = [(address.user, address.name) for address in addresses]
    for place, address in zip(places, addresses, strict=True):
        if places.count(place) > 1:
            raise InputError(f"{address.url} is named twice", tip="Name each host once.")
    return addresses
