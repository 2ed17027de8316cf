"""An app's artifacts, and a host in memory: a service manager and a proxy that are test doubles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hostdouble import HostDouble

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def double(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> HostDouble:
    """Return a host on which nothing is deployed."""
    return HostDouble(tmp_path, monkeypatch)
