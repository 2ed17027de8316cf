"""Which package manager the application uses, and its lockfile."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from hop3_nix.errors import ConfigError, LockError, UnsupportedError
from hop3_nix.locks.node.workspaces import GROUPS, PNPM_WORKSPACE, manifests, texts
from hop3_nix.plan import Evidence
from hop3_nix.toolchains.node.manifest import FILE, read_manifest

if TYPE_CHECKING:
    from collections.abc import Collection

    from hop3_nix.source import Source
    from hop3_nix.toolchains.app import App
    from hop3_nix.toolchains.node.manifest import Manifest

Name = Literal["npm", "pnpm", "yarn", "bun"]

LOCKFILES: Final[dict[Name, tuple[str, ...]]] = {
    "npm": ("npm-shrinkwrap.json", "package-lock.json"),
    "pnpm": ("pnpm-lock.yaml",),
    "yarn": ("yarn.lock",),
    "bun": ("bun.lock",),
}
"""The lockfiles of each package manager, the one that it prefers first."""

LOCK: Final[dict[Name, str]] = {
    "npm": "npm install --package-lock-only",
    "pnpm": "pnpm install --lockfile-only",
    "yarn": "yarn install",
    "bun": "bun install --lockfile-only",
}
_OTHERS: Final = {"deno.lock": "Deno"}

OF_BUN: Final = ("bun.lock", "bun.lockb", "bunfig.toml", ".bun-version")
"""Files that only Bun has a use for."""

_BINARY: Final = "bun.lockb"
_CALLS_BUN: Final = re.compile(r"(?:^|[;&|(]\s*|\s)bunx?\s")


class Manager(NamedTuple):
    """A package manager and the lockfile, empty if there is none and nothing to lock."""

    name: Name
    lockfile: str
    evidence: tuple[Evidence, ...]


def choose_manager(app: App) -> Manager:
    """Return what ``packageManager`` says, else what the lockfile tells.

    Raises LockError if something is required and nothing pins it, or if several lockfiles do;
    UnsupportedError if it is for another package manager.
    """
    source, manifest = app.source, app.read(read_manifest)
    said = manifest.string("packageManager").partition("@")[0]
    line = manifest.line("packageManager")
    if said and said not in LOCKFILES:
        raise UnsupportedError(
            f"the package manager {said!r} is not supported",
            file=FILE,
            line=line,
            tip=f"There are: {', '.join(LOCKFILES)}.",
        )
    there: dict[Name, str] = {}
    for name, files in LOCKFILES.items():
        if found := next((file for file in files if source.has(file)), ""):
            there[name] = found
    _refuse_binary(source, there, said)
    for name in LOCKFILES:
        if name == said:
            evidence = Evidence(choice=name, reason="packageManager", file=FILE, line=line)
            lockfile = there.get(name, "")
            if not lockfile:
                _refuse_unlocked(source, manifest, name)
            return Manager(name, lockfile, (evidence,))
    if len(there) > 1:
        raise LockError(
            f"there are lockfiles of {' and '.join(there)}: {', '.join(there.values())}",
            file=FILE,
            tip="Delete those that are not used, or name the one that is in package.json, such as "
            '"packageManager": "npm@11.0.0".',
        )
    for name, lockfile in there.items():
        return Manager(
            name, lockfile, (Evidence(choice=name, reason="its lockfile", file=lockfile),)
        )
    name = "pnpm" if source.has(PNPM_WORKSPACE) else "bun" if sign_of_bun(app) else "npm"
    _refuse_unlocked(source, manifest, name)
    return Manager(name, "", ())


def sign_of_bun(app: App) -> Evidence | None:
    """Return why ``app`` is one of Bun, or None: another package manager has it, or none."""
    source, manifest = app.source, app.read(read_manifest)
    if said := manifest.string("packageManager").partition("@")[0]:
        line = manifest.line("packageManager")
        found = Evidence(choice="bun", reason="packageManager", file=FILE, line=line)
        return found if said == "bun" else None
    others = (file for name, files in LOCKFILES.items() if name != "bun" for file in files)
    if any(map(source.has, (*others, PNPM_WORKSPACE))):
        return None
    for file in OF_BUN:
        if source.has(file):
            return Evidence(choice="bun", reason="a file of Bun", file=file)
    if manifest.string("engines", "bun"):
        line = manifest.line("engines", "bun")
        return Evidence(choice="bun", reason="engines.bun", file=FILE, line=line)
    for name, text in manifest.scripts.items():
        if _CALLS_BUN.search(text):
            line = manifest.line("scripts", name)
            return Evidence(choice="bun", reason=f"scripts.{name} calls it", file=FILE, line=line)
    return None


def _refuse_binary(source: Source, there: Collection[Name], said: str) -> None:
    """Raise LockError for the lockfile of an older Bun, which only Bun can read."""
    if source.has(_BINARY) and said in {"", "bun"} and not there:
        raise LockError(
            f"{_BINARY} is read by Bun alone",
            file=_BINARY,
            tip="Have Bun write it as text, and commit bun.lock in its place: "
            "bun install --save-text-lockfile --frozen-lockfile --lockfile-only",
        )


def _refuse_unlocked(source: Source, manifest: Manifest, name: Name) -> None:
    """Raise LockError if the app, or a workspace of it, requires something that nothing pins."""
    if not manifest.data:
        return
    for directory, member in manifests(source).items():
        for group in GROUPS:
            if not texts(member.data, group):
                continue
            other = next((file for file in _OTHERS if source.has(file)), "")
            seen = f" ({other} of {_OTHERS[other]} is not read)" if other else ""
            who = f"the workspace {directory} " if directory else ""
            raise member.text.containing(f'"{group}"').error(
                f"{who}requires packages, and no lockfile of {name} pins them{seen}: there is no "
                f"{LOCKFILES[name][-1]}",
                tip=f"Write one and commit it: {LOCK[name]}",
            )


def check_name(manifest: Manifest) -> str:
    """Return the app's name as a package set takes it: without the scope."""
    name = manifest.string("name").rpartition("/")[2]
    if manifest.data and "name" in manifest.data and not isinstance(manifest.data["name"], str):
        raise ConfigError(
            "the name is no text", file=FILE, line=manifest.line("name"), tip="Quote it."
        )
    return name
