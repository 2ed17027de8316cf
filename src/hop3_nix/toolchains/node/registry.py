"""Where the registry has a tarball: what .npmrc says, or what npm itself answers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from hop3_nix.errors import LockError, TemporaryError, ToolError, UnavailableError
from hop3_nix.plan import HostOffer, LockedFile, UnlocatedFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from hop3_nix.plan import AnyOffer, BuildPlan, Dependency
    from hop3_nix.source import Source
    from hop3_nix.toolchains.base import Runs, Tools

KEY: Final = "registry"

_UNREACHABLE: Final = re.compile(
    r"\b(?:EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|ENOTFOUND|ETIMEDOUT|E5\d\d)\b"
)
"""What npm calls it when a registry does not answer, or not now."""


def said_registries(source: Source) -> dict[str, str]:
    """Return the registries of the app's .npmrc: by ``registry`` and ``@scope:registry``.

    What is not literal is among them, and refused where it is needed: see ``address``.
    """
    found: dict[str, str] = {}
    for line in source.read_text(".npmrc").splitlines() if source.has(".npmrc") else ():
        key, separator, value = (part.strip() for part in line.partition("="))
        value = value.strip("\"'")
        if separator and (key == KEY or key.endswith(f":{KEY}")):
            found[key] = value
    return found


def address(name: str, version: str, registries: Mapping[str, str]) -> str:
    """Return where ``registries`` have a tarball, as npm composes it; empty if none is for it.

    Raises LockError for a registry that depends on the environment: npm would put the variable's
    value, which may be a secret, into an address that everybody can read.
    """
    registry = registries.get(_key(name)) or registries.get(KEY, "")
    if not registry:
        return ""
    if "${" in registry:
        raise LockError(
            f"the address of {name} depends on the environment: registry={registry}",
            file=".npmrc",
            tip="Write the registry's address out, or lock with addresses (npm install "
            "--package-lock-only writes them); what lets npm in does not belong into an address.",
        )
    return f"{registry.rstrip('/')}/{name}/-/{name.rpartition('/')[2]}-{version}.tgz"


def locate_files(
    files: Sequence[Dependency], offer: AnyOffer, tools: Tools
) -> tuple[Dependency, ...]:
    """Return ``files``, each with an address. Raises LockError if npm tells no registry."""
    unknown = [file for file in files if isinstance(file, UnlocatedFile)]
    if not unknown:
        return tuple(files)
    registries = _ask({KEY, *(_key(file.name) for file in unknown)}, offer, tools)
    return tuple(
        LockedFile(
            name=file.name,
            version=file.version,
            filename=file.filename,
            url=address(file.name, file.version, registries),
            integrity=file.integrity,
        )
        if isinstance(file, UnlocatedFile)
        else file
        for file in files
    )


def locate_plan(plan: BuildPlan, offer: AnyOffer, tools: Tools) -> BuildPlan:
    """Return ``plan`` with the addresses that the registry has for what has none."""
    count = len(plan.dependencies)
    files = locate_files((*plan.dependencies, *plan.build_dependencies), offer, tools)
    return plan.model_copy(
        update={"dependencies": files[:count], "build_dependencies": files[count:]}
    )


def npm_of(offer: AnyOffer, tools: Tools) -> Path:
    """Return the npm that comes with ``offer``: the slim attributes of nixpkgs have none."""
    return tools.program(toolbox_of(offer), "npm")


def toolbox_of(offer: AnyOffer) -> AnyOffer:
    """Return the same version with npm, node-gyp and the headers, which only builds have."""
    if isinstance(offer, HostOffer):
        return offer
    attribute = offer.attribute.replace("nodejs-slim", "nodejs")
    return offer.model_copy(update={"attribute": attribute})


def run_npm(arguments: Sequence[str], offer: AnyOffer, tools: Tools) -> str:
    """Return what npm prints: that of this machine, or else that of ``offer``.

    Raises TemporaryError if its registry does not answer, else ToolError with what it printed.
    """
    try:
        try:
            return tools.run(["npm", *arguments])
        except UnavailableError:
            return tools.run([str(npm_of(offer, tools)), *arguments])
    except ToolError as error:
        reason = _UNREACHABLE.search(error.output)
        if reason is None:
            raise
        raise TemporaryError(
            f"npm cannot reach its registry: {reason[0]}",
            tip="Check the network and npm's settings (npm config list), and try again.",
        ) from error


def _key(name: str) -> str:
    return f"{name.partition('/')[0]}:{KEY}" if name.startswith("@") else KEY


def registries_of_npm(names: Iterable[str], tools: Runs) -> dict[str, str]:
    """Return the registries that the npm of this machine has for the packages ``names``.

    Raises UnavailableError if there is no npm, LockError if it tells none.
    """
    keys = {KEY, *map(_key, names)}
    return _said(lambda question: tools.run(["npm", *question]), keys)


def _ask(keys: set[str], offer: AnyOffer, tools: Tools) -> dict[str, str]:
    """Return what npm has for ``keys``, that of this machine or else that of ``offer``."""
    return _said(lambda question: run_npm(question, offer, tools), keys)


def _said(npm: Callable[[list[str]], str], keys: set[str]) -> dict[str, str]:
    question = ["config", "get", KEY, *sorted(keys - {KEY})]
    try:
        answer = npm(question)
    except ToolError as error:
        raise _unknown(error.output) from error
    found = _answers(answer)
    if not found.get(KEY):
        raise _unknown(answer)
    return found


def _answers(answer: str) -> dict[str, str]:
    """Return the answers: a bare one for one key, else lines of ``key=value``."""
    found: dict[str, str] = {}
    for line in answer.splitlines():
        key, separator, value = (part.strip() for part in line.partition("="))
        if key.startswith("http"):
            found[KEY] = line.strip()
        elif separator and value not in {"undefined", "null", ""}:
            found[key] = value.strip('"')
    return found


def _unknown(said: str) -> LockError:
    return LockError(
        f"the lockfile gives no addresses, and npm tells no registry: {said.strip()}",
        tip="Set one: npm config set registry ADDRESS, or registry=ADDRESS in .npmrc.",
    )
