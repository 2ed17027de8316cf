"""The digests of tarballs that a lockfile lacks, asked of npm."""

from __future__ import annotations

import json
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from hop3_nix.errors import LockError, ToolError
from hop3_nix.locks.node import berry
from hop3_nix.locks.node.integrities import NodeLock
from hop3_nix.locks.own import input_digests
from hop3_nix.toolchains.node.dependencies import is_berry
from hop3_nix.toolchains.node.managers import choose_manager
from hop3_nix.toolchains.node.registry import run_npm

if TYPE_CHECKING:
    from hop3_nix.plan import AnyOffer
    from hop3_nix.toolchains.app import App
    from hop3_nix.toolchains.base import Tools


def write_lock(app: App, offer: AnyOffer, tools: Tools) -> NodeLock | None:
    """Return the digests for a lockfile of Yarn 2 or later, None for any other.

    Raises LockError if the registry does not have what the lockfile pins, and TemporaryError if
    it does not answer.
    """
    source, manager = app.source, app.once(choose_manager)
    file = manager.lockfile
    if not is_berry(source, manager):
        return None
    pins = berry.pinned(source, file)
    found = _ask(pins, offer, tools) if pins else {}
    for pin in pins:
        if pin not in found:
            _see_why(pin, offer, tools)
            raise LockError(
                f"the registry has no {pin}, or tells no digest of it",
                file=file,
                tip="Lock again with Yarn, so that the lockfile has what the registry has now.",
            )
    return NodeLock(inputs=input_digests(source, [file]), node=found)


def _see_why(pin: str, offer: AnyOffer, tools: Tools) -> None:
    """Raise TemporaryError if ``pin`` is missing since the registry does not answer."""
    # What is optional, npm leaves out without a word whatever the reason.
    with suppress(ToolError):
        run_npm(["view", "--", pin, "dist.integrity"], offer, tools)


def _ask(pins: tuple[str, ...], offer: AnyOffer, tools: Tools) -> dict[str, str]:
    """Have npm lock each of ``pins`` under a name of its own, and read what it wrote."""
    wanted = {f"p{number}": f"npm:{pin}" for number, pin in enumerate(pins)}
    with tempfile.TemporaryDirectory(prefix="hop3-nix-") as directory:
        # Optional, so that those of other platforms are locked as well.
        manifest = {"private": True, "optionalDependencies": wanted}
        Path(directory, "package.json").write_text(json.dumps(manifest), encoding="utf-8")
        options = ["--package-lock-only", "--ignore-scripts", "--no-audit", "--legacy-peer-deps"]
        command = ["install", "--prefix", directory, *options]
        try:
            run_npm(command, offer, tools)
        except ToolError as error:
            raise LockError(
                f"npm cannot tell the digests: {error.output.strip()}",
                tip="See that the registry is the one that the app was locked against.",
            ) from error
        lock = json.loads(Path(directory, "package-lock.json").read_text(encoding="utf-8"))
    entries = {
        pin: lock["packages"].get(f"node_modules/{name}", {}).get("integrity", "")
        for name, pin in zip(wanted, pins, strict=True)
    }
    return {pin: integrity for pin, integrity in entries.items() if integrity}
