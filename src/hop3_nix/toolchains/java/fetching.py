"""Files of Maven's repository by plain requests, over connections that are kept."""

from __future__ import annotations

import hashlib
import io
import re
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Final

from hop3_nix.errors import LockError, TemporaryError

if TYPE_CHECKING:
    import requests

_TIMEOUT: Final = (10, 60)
_GONE: Final = frozenset({403, 404, 410})
_VERSION: Final = re.compile(r"<version>\s*(\d+(?:\.\d+)*)\s*</version>")
_CONNECTIONS: Final = 16
_CHECKSUM: Final = re.compile(r"\.(?:sha1|sha256|sha512|md5|asc)$")


@dataclass(frozen=True)
class Distribution:
    """A program in the repository: where it is, and what it is."""

    path: str
    content: bytes

    @property
    def sha256(self) -> str:
        """Return its digest, in hex."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass
class Central:
    """The repository at ``address``; ``missing`` are the addresses that nothing is at."""

    address: str
    missing: set[str] = field(default_factory=set)
    _ahead: dict[str, Future[bytes]] = field(default_factory=dict)
    _session: requests.Session | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(_CONNECTIONS))

    def open(self, url: str) -> IO[bytes]:
        """Return what is there. Raises FileNotFoundError and TemporaryError.

        Maven asks for the SHA-1 of each file, which is fetched at the same time.
        """
        if asked := self._ahead.pop(url, None):
            return io.BytesIO(asked.result())
        if not _CHECKSUM.search(url):
            self._ahead[f"{url}.sha1"] = self._pool.submit(self._get, f"{url}.sha1")
        return io.BytesIO(self._get(url))

    def distribution(
        self, home: str, name: str, suffix: str, version: str, kind: str
    ) -> Distribution:
        """Return the archive of a program; of a version with two parts the newest that is there.

        Raises LockError if there is none, or if it is not the one whose SHA-1 is beside it.
        """
        versions = [version] if version.count(".") > 1 else self._newest(home, version)
        for each in versions:
            for ending in (kind,) if kind else ("tar.gz", "zip"):
                path = f"{home}/{each}/{name}-{each}{suffix}.{ending}"
                try:
                    content = self._get(f"{self.address}/{path}")
                    said = self._get(f"{self.address}/{path}.sha1").decode().split()
                except FileNotFoundError:
                    continue
                found = hashlib.sha1(content, usedforsecurity=False).hexdigest()
                if said[:1] != [found]:
                    raise LockError(
                        f"{path} has the SHA-1 {found}, and the repository says {said[:1]}",
                        tip="Try again; if it stays so, whoever has the repository changed it.",
                    )
                return Distribution(path, content)
        raise LockError(
            f"the repository has no {name} {version}",
            tip="Ask for another version (docs/java.md says where).",
        )

    def _newest(self, home: str, line: str) -> list[str]:
        try:
            text = self._get(f"{self.address}/{home}/maven-metadata.xml").decode()
        except FileNotFoundError:
            return []
        found = {each for each in _VERSION.findall(text) if each.startswith(f"{line}.")}
        return sorted(found, key=lambda each: [int(part) for part in each.split(".")], reverse=True)

    def _get(self, url: str) -> bytes:
        import requests  # noqa: PLC0415 - an HTTP client, rarely needed

        session = self._opened()
        try:
            answer = session.get(url, timeout=_TIMEOUT, allow_redirects=True)
        except requests.RequestException as error:
            raise self._unreached(url, str(error)) from error
        if answer.status_code in _GONE:
            self.missing.add(url)
            raise FileNotFoundError(url)
        if not answer.ok:
            raise self._unreached(url, f"it answers {answer.status_code}")
        content: bytes = answer.content
        return content

    def _opened(self) -> requests.Session:
        import requests  # noqa: PLC0415 - as above
        from requests.adapters import HTTPAdapter  # noqa: PLC0415
        from urllib3.util import Retry  # noqa: PLC0415

        with self._lock:
            if self._session is None:
                session = requests.Session()
                retry = Retry(
                    total=3,
                    backoff_factor=0.3,
                    status_forcelist=(429, 500, 502, 503, 504),
                    raise_on_status=False,
                )
                adapter = HTTPAdapter(pool_maxsize=_CONNECTIONS, max_retries=retry)
                session.mount("https://", adapter)
                session.mount("http://", adapter)
                session.headers["User-Agent"] = "hop3-nix"
                self._session = session
        return self._session

    def _unreached(self, url: str, why: str) -> TemporaryError:
        return TemporaryError(
            f"the repository does not answer for {url}: {why}",
            tip="See that this machine reaches it; try again.",
        )
