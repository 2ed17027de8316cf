"""An index of wheels on loopback that knows what it was asked for."""

from __future__ import annotations

import functools
import hashlib
import http.server
import threading
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Wheel(NamedTuple):
    """A wheel that an index has."""

    name: str
    version: str
    filename: str
    url: str
    sha256: str

    def locked(self) -> str:
        """Return its entry in a pylock.toml (PEP 751)."""
        return (
            f'[[packages]]\nname = "{self.name}"\nversion = "{self.version}"\n\n'
            f'[[packages.wheels]]\nurl = "{self.url}"\nhashes = {{ sha256 = "{self.sha256}" }}\n\n'
        )


@dataclass
class Index:
    """A directory of wheels, and where it is served."""

    directory: Path
    url: str
    asked: list[str] = field(default_factory=list)
    """Paths of the requests."""

    def wheel(self, name: str, version: str) -> Wheel:
        """Make a wheel with one module, which is called as the wheel and has VERSION."""
        filename = f"{name}-{version}-py3-none-any.whl"
        info = f"{name}-{version}.dist-info"
        files = {
            f"{name}.py": f"VERSION = {version!r}\n",
            f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
            f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
            f"{info}/RECORD": "",
        }
        with zipfile.ZipFile(self.directory / filename, "w") as archive:
            for file, text in files.items():
                archive.writestr(file, text)
        digest = hashlib.sha256((self.directory / filename).read_bytes()).hexdigest()
        return Wheel(name, version, filename, f"{self.url}/{filename}", digest)


def pylock(*wheels: Wheel) -> str:
    """Return the text of a pylock.toml that pins ``wheels``."""
    head = 'lock-version = "1.0"\ncreated-by = "a test"\n\n'
    return head + "".join(wheel.locked() for wheel in wheels)


@contextmanager
def serving(directory: Path) -> Iterator[Index]:
    """Serve ``directory`` while the block runs."""

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_arguments: object) -> None:
            index.asked.append(self.path)

    handler = functools.partial(Handler, directory=str(directory))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        index = Index(directory, f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield index
        finally:
            server.shutdown()
            thread.join()
