"""Python's package indexes (PEP 503, PEP 691): their pages, and their files. Nothing is run.

Of the user's pip it takes which indexes there are, and how they are reached.
"""

from __future__ import annotations

import base64
import html
import netrc
import ssl
import urllib.error
import urllib.request
from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import unquote, urljoin, urlsplit

from packaging.utils import canonicalize_name

from hop3_nix.errors import LockError, TemporaryError, UnsupportedError
from hop3_nix.files.documents import json_value
from hop3_nix.files.regularfile import Malformed
from hop3_nix.locks.python.packages import filename_of
from hop3_nix.plan import UnlocatedFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from http.client import HTTPResponse

    from hop3_nix.plan import Dependency

_TIMEOUT: Final = 60
"""Seconds without a byte."""
_MAX_PAGE: Final = 64 << 20
_NOT_FOUND: Final = frozenset({403, 404, 410})
_BUSY: Final = 500
_ACCEPT: Final = (
    "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, "
    "text/html;q=0.01"
)


class Offered(NamedTuple):
    """One file of a page. ``sha256`` is empty if the index does not tell it."""

    filename: str
    url: str
    sha256: str
    attributes: tuple[tuple[str, str], ...] = ()
    """What else the page says of it, as attributes of HTML (PEP 503, 592, 714)."""


@dataclass(frozen=True)
class Indexes:
    """The indexes of a user, the first one first; ``settings`` are pip's, as variables."""

    settings: Mapping[str, str]

    @property
    def addresses(self) -> tuple[str, ...]:
        """Return the address of each index."""
        main = self.settings.get("PIP_INDEX_URL") or _default()
        return (main, *self.settings.get("PIP_EXTRA_INDEX_URL", "").split())

    @property
    def first_is_public(self) -> bool:
        """Return whether pip has no other index in place of the public one."""
        return urlsplit(self.addresses[0]).hostname in _public_hosts()

    def to_be_found(self, file: Dependency) -> Dependency:
        """Return ``file`` without its address, if that is of the public index."""
        if isinstance(file, UnlocatedFile) or urlsplit(file.url).hostname not in _public_hosts():
            return file
        return UnlocatedFile(
            name=file.name, version=file.version, filename=file.filename, sha256=(file.sha256,)
        )

    def offered(self, name: str) -> tuple[Offered, ...]:
        """Return the files that the indexes have of package ``name``.

        Raises TemporaryError if one does not answer.
        """
        found = (self.page(address, name) for address in self.addresses)
        return tuple(file for page in found for file in page)

    def page(self, index: str, name: str) -> tuple[Offered, ...]:
        """Return the files that one index has of package ``name``. Raises TemporaryError."""
        address = f"{index.rstrip('/')}/{canonicalize_name(name)}/"
        try:
            with self.open(address, {"Accept": _ACCEPT}) as answer:
                content = answer.read(_MAX_PAGE)
                kind, where = answer.headers.get_content_type(), answer.url
        except FileNotFoundError:
            return ()
        try:
            if kind.endswith("json"):
                return tuple(_of_json(json_value(content), where))
            return tuple(_of_html(content.decode("utf-8", "replace"), where))
        except (Malformed, KeyError, TypeError, AttributeError, ValueError) as error:
            raise LockError(
                f"{_shown(address)} is no page of an index: {error}",
                tip="Check pip's settings (pip config list).",
            ) from error

    def open(self, url: str, headers: Mapping[str, str] | None = None) -> HTTPResponse:
        """Return the answer to a GET; raises FileNotFoundError and TemporaryError."""
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"}:
            raise UnsupportedError(
                f"{url} is no address to fetch from", tip="Lock it from an index."
            )
        host = parts.hostname or ""
        bare = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
        request = urllib.request.Request(bare, headers=dict(headers or {}))  # noqa: S310 - above
        if login := _login(host, parts.username, parts.password):
            token = base64.b64encode(login.encode()).decode()
            request.add_unredirected_header("Authorization", f"Basic {token}")
        try:
            answer: HTTPResponse = self._opener(host).open(request, timeout=_TIMEOUT)
        except urllib.error.HTTPError as error:
            error.close()
            if error.code in _NOT_FOUND:
                raise FileNotFoundError(url) from None
            raise _unreachable(url, f"HTTP {error.code}") from error
        except (urllib.error.URLError, OSError, ValueError) as error:
            raise _unreachable(url, error) from error
        return answer

    def _opener(self, host: str) -> urllib.request.OpenerDirector:
        context = ssl.create_default_context(cafile=self.settings.get("PIP_CERT") or None)
        trusted = self.settings.get("PIP_TRUSTED_HOST", "").split()
        if host in {each.partition(":")[0] for each in trusted}:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        handlers: list[urllib.request.BaseHandler] = [urllib.request.HTTPSHandler(context=context)]
        if proxy := self.settings.get("PIP_PROXY"):
            handlers.append(urllib.request.ProxyHandler({"http": proxy, "https": proxy}))
        return urllib.request.build_opener(*handlers)


@cache
def _default() -> str:
    """Return the address of the index that pip has if nobody says another."""
    return str(import_module("pip._internal.models.index").PyPI.simple_url)


def _public_hosts() -> frozenset[str]:
    public = import_module("pip._internal.models.index").PyPI
    return frozenset({public.netloc, public.file_storage_domain})


def page_of(files: Iterable[Offered], address: Callable[[Offered], str]) -> bytes:
    """Return a page of HTML with ``files``, each at its ``address``."""
    lines = []
    for file in files:
        hash_ = f"#sha256={file.sha256}" if file.sha256 else ""
        said = "".join(f' {key}="{html.escape(value)}"' for key, value in file.attributes)
        href = html.escape(address(file) + hash_)
        lines.append(f'<a href="{href}"{said}>{html.escape(file.filename)}</a><br>\n')
    return "".join(("<!DOCTYPE html><html><body>\n", *lines, "</body></html>\n")).encode()


def _of_json(page: dict[str, Any], where: str) -> Iterable[Offered]:
    for file in page["files"]:
        said: dict[str, object] = {
            "data-requires-python": file.get("requires-python"),
            "data-yanked": file.get("yanked"),
            "data-core-metadata": file.get("core-metadata", file.get("dist-info-metadata")),
        }
        attributes = ((key, _written(value)) for key, value in said.items() if value)
        sha256 = str(file.get("hashes", {}).get("sha256", ""))
        filename, url = file["filename"], file["url"]
        if not isinstance(filename, str) or not isinstance(url, str):
            msg = f"{filename!r} at {url!r} is no file"
            raise TypeError(msg)
        yield Offered(filename, urljoin(where, url), sha256, tuple(attributes))


def _written(value: object) -> str:
    if isinstance(value, dict):
        return next((f"{key}={digest}" for key, digest in value.items()), "true")
    return "true" if value is True else str(value)


class _Anchors(HTMLParser):
    def __init__(self, where: str) -> None:
        super().__init__()
        self.base = where
        self.found: list[Offered] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag == "base" and said.get("href"):
            self.base = urljoin(self.base, said["href"] or "")
        if tag != "a" or not said.get("href"):
            return
        url, _, fragment = urljoin(self.base, said["href"] or "").partition("#")
        sha256 = fragment.removeprefix("sha256=") if fragment.startswith("sha256=") else ""
        kept = (
            (key, value or "")
            for key, value in attrs
            if key.startswith("data-") and key != "data-gpg-sig"
        )
        self.found.append(Offered(filename_of(url), url, sha256.lower(), tuple(kept)))


def _of_html(text: str, where: str) -> Iterable[Offered]:
    parser = _Anchors(where)
    parser.feed(text)
    return parser.found


def _login(host: str, user: str | None, password: str | None) -> str:
    if user:
        return f"{unquote(user)}:{unquote(password or '')}"
    try:
        found = netrc.netrc().authenticators(host)
    except (OSError, netrc.NetrcParseError):
        return ""
    return f"{found[0]}:{found[2]}" if found else ""


def _shown(url: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def _unreachable(url: str, error: object) -> TemporaryError:
    reason = getattr(error, "reason", error)
    said = reason.strerror if isinstance(reason, OSError) and reason.strerror else reason
    host = urlsplit(url).netloc.rpartition("@")[2]
    return TemporaryError(
        f"pip cannot reach the package index: {said} ({host})",
        tip="Check the network and pip's settings (pip config list), and try again.",
    )
