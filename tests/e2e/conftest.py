"""What the tests of bad input share: an application, and the command that has to refuse it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

pytest.register_assert_rewrite("refusing")

from hop3host import hop3_server  # noqa: E402 - after the line above
from index import serving  # noqa: E402 - after the line above
from refusing import Refuse  # noqa: E402 - likewise

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hop3host import Server
    from index import Index


@pytest.fixture(scope="session")
def server(state: Path) -> Iterator[Server]:
    """Return a Hop3 server that hop3-nix is installed beside."""
    with hop3_server(state) as server:
        yield server


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """Return an application that nobody else has, so that nothing of it is built yet."""
    root = tmp_path / "shop"
    root.mkdir()
    (root / "main.py").write_text(f"print('hello from {tmp_path}')\n")
    (root / "requirements.txt").touch()
    (root / "Procfile").write_text("web: python main.py\n")
    return root


@pytest.fixture
def refuse(state: Path, tmp_path: Path) -> Refuse:
    """Return the command, run with the session's state directory."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    return Refuse(state, scratch)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    directory = tmp_path / "index"
    directory.mkdir()
    with serving(directory) as index:
        yield index
