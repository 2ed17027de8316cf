"""Downloads of files whose digest is known, side by side, over connections that are kept."""

from __future__ import annotations

import hashlib
import os
import queue
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from hop3_nix.builders.fixed import FixedFile

THREADS: Final = 16
CHUNK: Final = 256 * 1024
"""Bytes that are read at a time."""

_TIMEOUT: Final = (10, 20)
"""Seconds until a connection is there, and between two pieces of an answer."""

_RESUMED: Final = 4
"""How often a download that breaks off is taken up again."""

_HOPELESS: Final = 3
"""Downloads from one host that may fail before the rest of them are not tried."""

_RETRY: Final = Retry(
    total=3,
    backoff_factor=0.3,
    status_forcelist=(429, 500, 502, 503, 504),
    respect_retry_after_header=True,
    raise_on_status=False,
)
_CERTIFICATES: Final = "/etc/ssl/certs/ca-certificates.crt"
_PARTIAL: Final = 206


@dataclass
class Downloads:
    """A set of files being fetched into ``directory``; ``tell`` hears of it now and then.

    What cannot be had, or has another digest, is left to the derivation, which says why.
    """

    files: Sequence[FixedFile]
    directory: Path
    tell: Callable[[Downloads], None]
    done: list[tuple[FixedFile, Path]] = field(default_factory=list)
    bytes: int = 0
    current: tuple[str, ...] = ()

    def run(self) -> list[tuple[FixedFile, Path]]:
        """Return the files that are there and have their digest, and where they are."""
        waiting: queue.SimpleQueue[tuple[int, FixedFile]] = queue.SimpleQueue()
        for numbered in enumerate(self.files):
            waiting.put(numbered)
        shared = _Shared(self, waiting)
        # Daemons: a download that hangs keeps nobody from leaving.
        threads = [
            threading.Thread(target=shared.work, daemon=True)
            for _ in range(min(THREADS, len(self.files)))
        ]
        for thread in threads:
            thread.start()
        try:
            while any(thread.is_alive() for thread in threads):
                for thread in threads:
                    thread.join(0.1)
                self.tell(self)
        finally:
            shared.stopped.set()
        return self.done


class _Shared:
    """What the threads of one run have in common."""

    def __init__(
        self, downloads: Downloads, waiting: queue.SimpleQueue[tuple[int, FixedFile]]
    ) -> None:
        self.stopped = threading.Event()
        self._downloads = downloads
        self._waiting = waiting
        self._lock = threading.Lock()
        self._failed: dict[str, int] = {}

    def work(self) -> None:
        """Fetch one file after the other until none is left."""
        with _session() as session:
            while not self.stopped.is_set():
                try:
                    number, file = self._waiting.get_nowait()
                except queue.Empty:
                    return
                host = urlsplit(file.url).netloc
                if self._failed.get(host, 0) >= _HOPELESS:
                    continue
                # Each in a directory of its own: names need not differ.
                place = self._downloads.directory / str(number) / file.name
                place.parent.mkdir()
                self._begin(file.name)
                fetched = False
                try:
                    fetched = self._fetch(session, file, place)
                except (requests.ConnectionError, requests.Timeout):
                    with self._lock:
                        self._failed[host] = self._failed.get(host, 0) + 1
                except (requests.RequestException, OSError):
                    fetched = False
                self._end(file, place, fetched=fetched)

    def _begin(self, name: str) -> None:
        with self._lock:
            self._downloads.current = (*self._downloads.current, name)

    def _end(self, file: FixedFile, place: Path, *, fetched: bool) -> None:
        with self._lock:
            rest = list(self._downloads.current)
            rest.remove(file.name)
            self._downloads.current = tuple(rest)
            if fetched:
                self._downloads.done.append((file, place))
        if not fetched:
            place.unlink(missing_ok=True)

    def _fetch(self, session: requests.Session, file: FixedFile, place: Path) -> bool:
        """Return whether ``place`` has the file now, with its digest."""
        with place.open("wb") as target:
            for left in reversed(range(_RESUMED)):
                digest = hashlib.new(file.algorithm, place.read_bytes())
                try:
                    for piece in _pieces(session, file.url, target.tell()):
                        if piece is None:
                            target.seek(0)
                            target.truncate()
                            digest = hashlib.new(file.algorithm)
                            continue
                        if self.stopped.is_set():
                            return False
                        target.write(piece)
                        digest.update(piece)
                        with self._lock:
                            self._downloads.bytes += len(piece)
                except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
                    target.flush()
                    if not left or not target.tell():
                        raise
                    continue
                return digest.hexdigest() == file.digest
        return False


def _pieces(session: requests.Session, url: str, begin: int) -> Iterator[bytes | None]:
    """Yield what ``url`` has from byte ``begin`` on; None first if it begins at the start again."""
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={begin}-"} if begin else {})
    with session.get(url, headers=headers, stream=True, timeout=_TIMEOUT) as answer:
        answer.raise_for_status()
        if begin and answer.status_code != _PARTIAL:
            yield None
        yield from answer.iter_content(CHUNK)


def _session() -> requests.Session:
    """Return a client; proxies and netrc are those of the environment, as Nix's own are."""
    session = requests.Session()
    session.mount("https://", HTTPAdapter(max_retries=_RETRY))
    session.mount("http://", HTTPAdapter(max_retries=_RETRY))
    session.headers["User-Agent"] = "hop3-nix"
    for name in ("NIX_SSL_CERT_FILE", "SSL_CERT_FILE"):
        if os.environ.get(name):
            session.verify = os.environ[name]
            break
    else:
        if Path(_CERTIFICATES).is_file():
            session.verify = _CERTIFICATES
    return session
