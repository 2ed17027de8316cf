"""Where the registry has a tarball: what .npmrc says, or what npm itself answers."""

from __future__ import annotations

import os
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urlsplit

from hop3_nix.errors import LockError, TemporaryError, ToolError, UnavailableError
from hop3_nix.plan import HostOffer, LockedFile, UnlocatedFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from hop3_nix.plan import AnyOffer, BuildPlan, Dependency, Target
    from hop3_nix.source import Source
    from hop3_nix.toolchains.app import App
    from hop3_nix.toolchains.base import Runs, Tools

KEY: Final = "registry"

REPLACE: Final = "replace-registry-host"

GLOBAL: Final = ("/etc/npmrc", "/usr/etc/npmrc", "/usr/local/etc/npmrc")
"""Where npm's settings for all users are, by where npm itself is."""

_SETTING: Final = re.compile(rf"^[ \t]*(?:(?:@[^:=\s]+:)?{KEY}|{REPLACE})[ \t]*=", re.MULTILINE)
_UNCONFIGURED: Final = {
    **dict.fromkeys(("NPM_CONFIG_REGISTRY", "npm_config_registry"), ""),
    # npm takes no file for both.
    **dict.fromkeys(("NPM_CONFIG_USERCONFIG", "npm_config_userconfig"), "/dev/null/user"),
    **dict.fromkeys(("NPM_CONFIG_GLOBALCONFIG", "npm_config_globalconfig"), "/dev/null/global"),
}
"""With these, npm tells what it is when nobody has set it."""

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


class Registries(NamedTuple):
    """The registries that npm would ask: by ``registry`` and ``@scope:registry``.

    ``replaced`` are the hosts in whose place they stand in a lockfile, "always" for any.
    """

    by_key: Mapping[str, str]
    replaced: frozenset[str] = frozenset()

    def place(self, name: str, version: str, url: str) -> str:
        """Return where a tarball is, which a lockfile says to be at ``url``, or says nothing of."""
        if not url:
            return address(name, version, self.by_key)
        registry = self.by_key.get(_key(name)) or self.by_key.get(KEY, "")
        parts = urlsplit(url)
        if "${" in registry or not registry or self.replaced.isdisjoint({"always", parts.netloc}):
            return url
        ours = urlsplit(registry)
        base = ours.path.rstrip("/")
        path = parts.path if parts.path.startswith(f"{base}/") else f"{base}{parts.path}"
        return parts._replace(scheme=ours.scheme, netloc=ours.netloc, path=path).geturl()


def read_registries(
    source: Source,
    names: Sequence[str],
    offer: AnyOffer,
    tools: Tools,
    *,
    also: frozenset[str] = frozenset(),
) -> Registries:
    """Return the registries for packages called ``names``. Raises LockError if npm tells none.

    They stand for the public one in a lockfile, as npm has it: replace-registry-host. ``also`` are
    other hosts of the public one.
    """
    said = said_registries(source)
    answers = _ask({KEY, REPLACE, *map(_key, names)}, offer, tools)
    found = {**answers, **said} if not _variable(KEY) else {**said, **answers}
    wanted = found.get(REPLACE, "") or "npmjs"
    if not is_configured(source):
        hosts = frozenset[str]()
    elif wanted == "npmjs":
        public = _ask({KEY}, offer, tools, env=_UNCONFIGURED)[KEY]
        differs = found[KEY].rstrip("/") != public.rstrip("/")
        hosts = frozenset({urlsplit(public).netloc, *also} if differs else ())
    else:
        hosts = frozenset({wanted} if wanted != "never" else ())
    return Registries(found, hosts)


def usual_host(files: Sequence[Dependency]) -> frozenset[str]:
    """Return the host of most of ``files``, if it has them where a registry itself has them.

    Yarn 1 writes another name of the public registry into yarn.lock than npm has.
    """
    hosts = Counter(
        parts.netloc
        for file in files
        if isinstance(file, LockedFile)
        and (parts := urlsplit(file.url)).path
        == urlsplit(address(file.name, file.version, {KEY: "https://-/"})).path
    )
    return frozenset(host for host, number in hosts.most_common(1) if number * 2 > len(files))


def is_configured(source: Source) -> bool:
    """Return whether anything here may name a registry, without npm being asked."""
    named = (_variable(key) for key in (KEY, REPLACE, "userconfig", "globalconfig"))
    files = (Path.home() / ".npmrc", *map(Path, GLOBAL))
    return bool(said_registries(source)) or any(named) or any(map(_names_registry, files))


def _variable(key: str) -> str:
    """Return the variable by which npm's setting ``key`` is given, empty if it is not."""
    name = f"npm_config_{key.replace('-', '_')}"
    return next((var for var, value in os.environ.items() if var.lower() == name and value), "")


def _names_registry(file: Path) -> bool:
    try:
        return _SETTING.search(file.read_text(encoding="utf-8", errors="replace")) is not None
    except OSError:
        return False


def mirrored_files(
    files: Sequence[Dependency], source: Source, offer: AnyOffer, tools: Tools
) -> tuple[Dependency, ...]:
    """Return ``files``, whose addresses are those of npm's registry where it stands in for others.

    npm is asked only if a registry may be named here.
    """
    there = [file for file in files if isinstance(file, LockedFile)]
    if not there or not is_configured(source):
        return tuple(files)
    also = usual_host(files) if source.has("yarn.lock") else frozenset()
    names = [file.name for file in there]
    registries = read_registries(source, names, offer, tools, also=also)
    return tuple(
        file.model_copy(update={"url": registries.place(file.name, file.version, file.url)})
        if isinstance(file, LockedFile)
        else file
        for file in files
    )


def mirrored_plan(
    app: App, plan: BuildPlan, offer: AnyOffer, _target: Target, tools: Tools
) -> BuildPlan:
    """Return ``plan`` with the addresses of npm's registry where it stands in for others."""
    files = (*plan.dependencies, *plan.build_dependencies)
    return _with_files(plan, mirrored_files(files, app.source, offer, tools))


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
    files = (*plan.dependencies, *plan.build_dependencies)
    return _with_files(plan, locate_files(files, offer, tools))


def _with_files(plan: BuildPlan, files: tuple[Dependency, ...]) -> BuildPlan:
    count = len(plan.dependencies)
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


def run_npm(
    arguments: Sequence[str],
    offer: AnyOffer,
    tools: Tools,
    *,
    env: Mapping[str, str] | None = None,
) -> str:
    """Return what npm prints: that of this machine, or else that of ``offer``.

    Raises TemporaryError if its registry does not answer, else ToolError with what it printed.
    """
    try:
        try:
            return tools.run(["npm", *arguments], env=env)
        except UnavailableError:
            return tools.run([str(npm_of(offer, tools)), *arguments], env=env)
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


def _ask(
    keys: set[str], offer: AnyOffer, tools: Tools, *, env: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return what npm has for ``keys``, that of this machine or else that of ``offer``."""
    return _said(lambda question: run_npm(question, offer, tools, env=env), keys)


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
