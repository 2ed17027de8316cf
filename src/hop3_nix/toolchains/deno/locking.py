"""The registries: npm's as npm has it, JSR's as Deno has it; and what ``hop3-nix lock`` asks it.

Plain requests for manifests, which are data. Nothing of the application is run.
"""

from __future__ import annotations

import http.client
import os
import re
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Final

from hop3_nix.errors import LockError, TemporaryError, ToolError, UnavailableError
from hop3_nix.locks.deno.manifests import JsrLock, files_of
from hop3_nix.plan import LockedFile, UnlocatedFile
from hop3_nix.toolchains.deno.dependencies import JSR, read_lock
from hop3_nix.toolchains.node.registry import locate_files

if TYPE_CHECKING:
    from hop3_nix.plan import AnyOffer, BuildPlan, Target
    from hop3_nix.toolchains.app import App
    from hop3_nix.toolchains.base import Tools

_PATIENCE: Final = 60.0
_ASKED: Final = "@hop3/asks"
_ANSWER: Final = re.compile(rf'["\'](https?://[^"\']*)/{_ASKED}/meta\.json["\']')


def write_lock(app: App, offer: AnyOffer, target: Target, tools: Tools) -> JsrLock | None:
    """Return the digests of the files of JSR's packages; None if there are no such packages.

    Raises LockError for a manifest that is not the one of deno.lock, TemporaryError if the
    registry does not answer.
    """
    wanted = read_lock(app.source, target).jsr
    if not wanted:
        return None
    registry = find_jsr(offer, tools)
    found = {
        f"{name}@{version}": files_of(
            _fetch(f"{registry}/{name}/{version}_meta.json"), f"{name}@{version}", digest
        )
        for (name, version), digest in wanted.items()
    }
    manifests = {f"{name}@{version}": digest for (name, version), digest in wanted.items()}
    return JsrLock(inputs={}, jsr=found, manifests=manifests)


def locate_plan(plan: BuildPlan, offer: AnyOffer, tools: Tools) -> BuildPlan:
    """Return ``plan`` with the addresses that the registries have for what has none."""
    of_jsr = [each for each in plan.dependencies if each.filename.startswith(JSR)]
    registry = find_jsr(offer, tools) if of_jsr else ""
    located = tuple(
        LockedFile(
            name=file.name,
            version=file.version,
            filename=file.filename,
            url=f"{registry}/{file.filename.removeprefix(JSR)}",
            sha256=file.sha256[0],
        )
        if isinstance(file, UnlocatedFile) and file.filename.startswith(JSR)
        else file
        for file in plan.dependencies
    )
    return plan.model_copy(update={"dependencies": locate_files(located, offer, tools)})


def find_jsr(offer: AnyOffer, tools: Tools) -> str:
    """Return where JSR is: as JSR_URL says, else as Deno does when it must not ask it.

    Raises UnavailableError if Deno tells no address.
    """
    if said := os.environ.get("JSR_URL", "").rstrip("/"):
        return said
    deno = str(tools.program(offer, "deno"))
    try:
        answer = tools.run([deno, "cache", "--no-remote", f"jsr:{_ASKED}"])
    except ToolError as error:
        answer = error.output
    if found := _ANSWER.search(answer):
        return found[1]
    raise UnavailableError(
        f"Deno tells no address of JSR: {answer.strip()}",
        tip="Name it: export JSR_URL=https://...",
    )


def _fetch(address: str) -> bytes:
    try:
        # The scheme is that of JSR_URL or of Deno itself.
        with urllib.request.urlopen(address, timeout=_PATIENCE) as answer:  # noqa: S310
            data: bytes = answer.read()
            return data
    except urllib.error.HTTPError as error:
        raise LockError(
            f"the registry of JSR has no {address} ({error.code})",
            file="deno.lock",
            tip="See that JSR_URL names the registry that the application was locked against.",
        ) from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise TemporaryError(
            f"the registry of JSR does not answer for {address}: {error}",
            tip="See that this machine reaches it; try again. Packages of npm need no JSR.",
        ) from error
