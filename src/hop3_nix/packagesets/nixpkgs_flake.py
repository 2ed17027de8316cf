"""The pinned nixpkgs as a flake input: its reference, and its lock."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from hop3_nix.packagesets.nixpkgs import PIN_FILE

if TYPE_CHECKING:
    from pathlib import Path


def reference(pin: Path = PIN_FILE) -> str:
    """Return the flake reference of the branch that is pinned."""
    data = _read(pin)
    return f"github:{data['owner']}/{data['repo']}/{data['ref']}"


def lock_text(pin: Path = PIN_FILE) -> str:
    """Return the flake.lock of a flake that has nixpkgs for its only input, locked to the pin."""
    data = _read(pin)
    place = {"owner": data["owner"], "repo": data["repo"], "type": "github"}
    locked = {name: data[name] for name in ("lastModified", "narHash", "rev")}
    nodes = {
        "nixpkgs": {"locked": locked | place, "original": {"ref": data["ref"]} | place},
        "root": {"inputs": {"nixpkgs": "nixpkgs"}},
    }
    lock = {"nodes": nodes, "root": "root", "version": 7}
    return json.dumps(lock, indent=2, sort_keys=True) + "\n"


def _read(pin: Path) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(pin.read_bytes())
    return data
