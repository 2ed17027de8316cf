"""The digests of tarballs that a lockfile lacks: asked of npm, or made of what is fetched."""

from __future__ import annotations

import base64
import json
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hop3_nix.errors import LockError, ToolError
from hop3_nix.locks.node import berry, npm, yarn
from hop3_nix.locks.node.integrities import NodeLock
from hop3_nix.locks.own import input_digests
from hop3_nix.toolchains.archives import THREADS, digests_of
from hop3_nix.toolchains.node.dependencies import is_berry
from hop3_nix.toolchains.node.managers import choose_manager
from hop3_nix.toolchains.node.registry import Registries, is_configured, read_registries, run_npm

if TYPE_CHECKING:
    from hop3_nix.locks.node.integrities import Weak
    from hop3_nix.plan import AnyOffer
    from hop3_nix.toolchains.app import App
    from hop3_nix.toolchains.base import Tools

WEAK: Final = {
    "package-lock.json": npm.weak_pins,
    "npm-shrinkwrap.json": npm.weak_pins,
    "yarn.lock": yarn.weak_pins,
}
"""What finds the tarballs that a lockfile does not pin, by the lockfile's name."""


def write_lock(app: App, offer: AnyOffer, tools: Tools) -> NodeLock | None:
    """Return the digests that the lockfile lacks, None if it has one of each tarball.

    Those of Yarn 2 and later have none, and old ones a SHA-1 or nothing at all.

    Raises LockError if the registry does not have what the lockfile pins, and TemporaryError if
    it does not answer.
    """
    source, manager = app.source, app.once(choose_manager)
    file = manager.lockfile
    if is_berry(source, manager):
        pins = berry.pinned(source, file)
        return NodeLock(inputs=input_digests(source, [file]), node=_asked(pins, file, offer, tools))
    if file not in WEAK:
        return None
    weak = WEAK[file](source, file)
    if not weak:
        return None
    unsaid = tuple(each.pin for each in weak if not each.sha1)
    said = tuple(each for each in weak if each.sha1)
    registries = Registries({})
    if is_configured(source) or not all(each.url for each in said):
        registries = read_registries(source, [each.name for each in said], offer, tools)
    with ThreadPoolExecutor(THREADS) as pool:
        found = dict(pool.map(lambda each: (each.pin, _fetched(each, registries)), said))
    digests = {**_asked(unsaid, file, offer, tools), **found}
    return NodeLock(inputs=input_digests(source, [file]), node=digests)


def _asked(pins: tuple[str, ...], file: str, offer: AnyOffer, tools: Tools) -> dict[str, str]:
    """Return the digest that the registry has of each of ``pins``. Raises LockError."""
    found = _ask(pins, offer, tools) if pins else {}
    for pin in pins:
        if pin not in found:
            _see_why(pin, offer, tools)
            raise LockError(
                f"the registry has no {pin}, or tells no digest of it",
                file=file,
                tip="Lock again, so that the lockfile has what the registry has now.",
            )
    return found


def _fetched(weak: Weak, registries: Registries) -> str:
    """Return the SHA-512 of a tarball whose SHA-1 is that of the lockfile. Raises LockError."""
    url = registries.place(weak.name, weak.version, weak.url)
    found = digests_of(
        url,
        weak.pin,
        weak.place,
        gone=f"Delete the entry of {weak.name}, and lock again, so that the lockfile has what the "
        "registry has now.",
    )
    if found.sha1 != weak.sha1:
        raise weak.place.error(
            f"the archive of {weak.pin} is not the one that was locked: its SHA-1 is {found.sha1} "
            f"and not {weak.sha1}",
            tip="Whoever has the address has changed it. If you trust what is there now, delete "
            "the entry and lock again.",
        )
    return f"sha512-{base64.b64encode(found.sha512).decode()}"


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
