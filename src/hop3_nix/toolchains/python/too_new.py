"""Releases that do not run on newer Pythons, which their metadata does not say.

They import modules that Python has dropped since (distutils and imp in 3.12; cgi, imghdr and
audioop in 3.13), or rely on its inside. Their metadata says ``>=3.6``, so that a resolver takes
them for any newer one, and the application fails when it is started.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version

from hop3_nix.toolchains.versions import release_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hop3_nix.plan import AnyOffer, Dependency


class Known(NamedTuple):
    """Releases that ``python`` is the last for."""

    name: str
    releases: str
    python: str


KNOWN: Final = (
    Known("bottle", "<0.13", "3.11"),
    Known("discord-py", "<2.4", "3.12"),
    Known("django", "<4.2", "3.12"),
    Known("eventlet", "<0.35", "3.11"),
    Known("feedparser", "<6.0.11", "3.12"),
    Known("future", "<1", "3.11"),
    Known("httpx", "<0.24", "3.12"),
    Known("pydantic", "<1.10.18", "3.12"),
    Known("python-telegram-bot", "<20", "3.12"),
    Known("setuptools", "<66.1", "3.11"),
    Known("six", "<1.16", "3.11"),
    Known("sqlalchemy", ">=2,<2.0.31", "3.12"),
    Known("tweepy", "<4.15", "3.12"),
    Known("web-py", "<0.70", "3.12"),
    Known("webob", "<1.8.9", "3.12"),
)


def too_new(offer: AnyOffer, files: Iterable[Dependency]) -> Known | None:
    """Return what of ``files`` does not run on the Python of ``offer``, or None."""
    python = Version(release_of(offer.version))
    newest = {known.name: known for known in KNOWN if python > Version(known.python)}
    for file in files:
        known = newest.get(file.name)
        try:
            if known and Version(file.version) in SpecifierSet(known.releases, prereleases=True):
                return known
        except InvalidVersion:
            continue
    return None
