"""Apps with lockfiles, and the targets they are read for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hop3_nix.errors import LockError
from hop3_nix.locks.base import TargetPython
from hop3_nix.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable

    from hop3_nix.locks.python.formats import LockFormat

DATA = Path(__file__).parent / "data"


@pytest.fixture
def app(tmp_path: Path) -> Callable[[dict[str, str]], Source]:
    """Open an app that has the given files."""

    def make(files: dict[str, str]) -> Source:
        root = tmp_path / "app"
        for name, text in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
        return Source.open(root)

    return make


@pytest.fixture
def demo() -> Callable[[str], dict[str, str]]:
    """Return the files of an app locked by a real tool."""
    return lambda name: {path.name: path.read_text() for path in (DATA / name).iterdir()}


@pytest.fixture
def python311() -> TargetPython:
    return TargetPython(version="3.11.2", system="x86_64-linux", glibc="2.36")


@pytest.fixture
def python313() -> TargetPython:
    return TargetPython(version="3.13.5", system="x86_64-linux", glibc="2.41")


@pytest.fixture
def refusal(
    app: Callable[[dict[str, str]], Source], python311: TargetPython
) -> Callable[..., LockError]:
    """Read an app's lockfile and return the error."""

    def read(lock: LockFormat, files: dict[str, str], **asked: list[str]) -> LockError:
        with pytest.raises(LockError) as caught:
            lock.read(app(files), python311, **asked)
        assert caught.value.tip
        return caught.value

    return read
