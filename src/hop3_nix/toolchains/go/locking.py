"""What `hop3-nix lock` does for Go: fetches what go.sum pins, checks it, and keeps its digests.

Plain requests of a proxy. Nothing of the application is run, and not Go either, which would start
version control and fetch other compilers if the application told it to.
"""

from __future__ import annotations

import hashlib
import http.client
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

from hop3_nix.errors import LockError, TemporaryError
from hop3_nix.locks.base import Place
from hop3_nix.locks.go.digests import Digests, GoLock
from hop3_nix.locks.go.gosum import SUM, h1_of, path_of
from hop3_nix.locks.go.modules import matches, read_modules
from hop3_nix.plan import LockedFile, UnlocatedFile
from hop3_nix.toolchains.go.proxy import find_proxies

if TYPE_CHECKING:
    from hop3_nix.locks.go.gosum import Wanted
    from hop3_nix.plan import AnyOffer, BuildPlan
    from hop3_nix.toolchains.app import App
    from hop3_nix.toolchains.base import Tools
    from hop3_nix.toolchains.go.proxy import Proxies

_AT_ONCE: Final = 8
_PATIENCE: Final = 60.0
_GONE: Final = frozenset({403, 404, 410})


def write_lock(app: App, offer: AnyOffer, tools: Tools) -> GoLock | None:
    """Return the digests of the files that a build needs; None if it needs none.

    Raises LockError for a module that no proxy has, or whose bytes are not those of go.sum;
    TemporaryError if a proxy does not answer; UnavailableError if none is named.
    """
    needed = app.read(read_modules).needed()
    if not needed:
        return None
    proxies = find_proxies(offer, tools)
    for wanted in needed:
        if matches(proxies.private, wanted[0].path):
            raise _private(wanted, "GOPRIVATE keeps it from proxies")
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        found = pool.map(lambda each: _digests(each[0], each[1], proxies), needed.items())
        digests = dict(zip(map(path_of, needed), found, strict=True))
    return GoLock(inputs={}, go=digests)


def locate_plan(plan: BuildPlan, offer: AnyOffer, tools: Tools) -> BuildPlan:
    """Return ``plan`` with the address of each module's files. Raises UnavailableError."""
    if not any(isinstance(file, UnlocatedFile) for file in plan.dependencies):
        return plan
    proxy = find_proxies(offer, tools).addresses[0]
    located = tuple(
        LockedFile(
            name=file.name,
            version=file.version,
            filename=file.filename,
            url=f"{proxy}/{file.filename}",
            sha256=file.sha256[0],
        )
        if isinstance(file, UnlocatedFile)
        else file
        for file in plan.dependencies
    )
    return plan.model_copy(update={"dependencies": located})


def _digests(wanted: Wanted, h1: str, proxies: Proxies) -> Digests:
    data = _fetch(wanted, proxies)
    try:
        found = h1_of(data, wanted[1])
    except ValueError as error:
        found = f"no archive ({error})"
    if found != h1:
        raise LockError(
            f"what the proxy has for {path_of(wanted)} is {found}, and {SUM} says {h1}",
            file=SUM,
            tip="One of them was changed. If you trust the proxy, have Go write the file again: "
            "go mod tidy",
        )
    return Digests(sha256=hashlib.sha256(data).hexdigest(), h1=h1)


def _fetch(wanted: Wanted, proxies: Proxies) -> bytes:
    """Return the file as the first proxy that has it sends it."""
    for proxy in proxies.addresses:
        address = f"{proxy}/{path_of(wanted)}"
        try:
            # The schemes are those that `find_proxies` lets through.
            with urllib.request.urlopen(address, timeout=_PATIENCE) as answer:  # noqa: S310
                data: bytes = answer.read()
                return data
        except urllib.error.HTTPError as error:
            if error.code not in _GONE:
                raise _unreached(address, error) from error
        except (OSError, http.client.HTTPException) as error:
            if proxy.startswith("file:"):
                continue
            raise _unreached(address, error) from error
    raise _private(wanted, "no proxy of GOPROXY has it")


def _unreached(address: str, error: Exception) -> TemporaryError:
    return TemporaryError(
        f"the module proxy does not answer for {address}: {error}",
        tip="See that this machine reaches what GOPROXY says; try again.",
    )


def _private(wanted: Wanted, why: str) -> LockError:
    return Place(SUM).error(
        f"{wanted[0]} is needed, and {why}",
        tip="Keep the modules with the application: go mod vendor\n"
        "Or name in GOPROXY a proxy that has it; or replace it by a directory of the application: "
        f"go mod edit -replace {wanted[0].path}=./DIRECTORY",
    )
