"""What pip gets to see of the indexes in the lock sandbox: their pages and files, and no more."""

from __future__ import annotations

import io
import re
import threading
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlsplit

from hop3_nix.locks.python.packages import filename_of
from hop3_nix.locksandbox import Given
from hop3_nix.toolchains.python.indexes import page_of

if TYPE_CHECKING:
    from hop3_nix.toolchains.python.indexes import Indexes, Offered

PROXY: Final = "HOP3_INDEX"
"""The variable that has the address of the sandbox's server; pip expands it in requirements."""

_PAGE: Final = re.compile(r"/i(\d{1,4})/([A-Za-z0-9][A-Za-z0-9._-]*)/")
_FILE: Final = re.compile(r"/f/(\d{1,9})/[^/]+?(\.metadata)?")
_ADDRESS: Final = re.compile(r"https?://[^\s;,'\"]+")
_INDEX_OPTION: Final = re.compile(r"(-i|--(?:extra-)?index-url)[ =]+(\S+)")


class Served:
    """The pages of ``indexes``, each file of which has an address on the sandbox's server."""

    def __init__(self, indexes: Indexes) -> None:
        self._indexes = indexes
        self._pages = list(indexes.addresses)
        self._files: list[str] = []
        self._numbers: dict[str, int] = {}
        self._lock = threading.Lock()

    def environment(self) -> dict[str, str]:
        """Return pip's variables for the indexes."""
        known = range(len(self._indexes.addresses))
        first, *others = (f"{{proxy}}/i{number}/" for number in known)
        return {
            PROXY: "{proxy}",
            "PIP_INDEX_URL": first,
            **({"PIP_EXTRA_INDEX_URL": " ".join(others)} if others else {}),
        }

    def rewritten(self, line: str) -> str:
        """Return a line of a requirements file with the addresses of the sandbox's server."""
        if option := _INDEX_OPTION.fullmatch(line):
            self._pages.append(option[2])
            return f"{option[1]} ${{{PROXY}}}/i{len(self._pages) - 1}/"
        if line.startswith("-"):
            return line
        return _ADDRESS.sub(lambda found: self._of(found[0]), line)

    def original(self, url: str) -> str:
        """Return the address on the network of one on the sandbox's server."""
        found = _FILE.fullmatch(urlsplit(url).path)
        if found is None or int(found[1]) >= len(self._files):
            return url
        return self._files[int(found[1])]

    def answer(self, path: str) -> Given | None:
        """Answer pip: a page, a file of a page, or its metadata (PEP 658)."""
        if page := _PAGE.fullmatch(path):
            if int(page[1]) >= len(self._pages):
                return None
            files = self._indexes.page(self._pages[int(page[1])], page[2])
            if not files:
                raise FileNotFoundError(path)
            return Given(path, io.BytesIO(page_of(files, self._path)), "text/html; charset=utf-8")
        found = _FILE.fullmatch(path)
        if found is None or int(found[1]) >= len(self._files):
            return None
        url = self._files[int(found[1])] + (found[2] or "")
        return Given(url, self._indexes.open(url))

    def _path(self, file: Offered) -> str:
        return self._numbered(file.url)

    def _of(self, url: str) -> str:
        address, separator, fragment = url.partition("#")
        return f"${{{PROXY}}}{self._numbered(address)}{separator}{fragment}"

    def _numbered(self, url: str) -> str:
        with self._lock:
            number = self._numbers.setdefault(url, len(self._files))
            if number == len(self._files):
                self._files.append(url)
        return f"/f/{number}/{quote(filename_of(url))}"
