"""Which package manager the application uses, and its lockfile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from hop3_nix.errors import ConfigError, LockError, UnsupportedError
from hop3_nix.locks.node.workspaces import GROUPS, PNPM_WORKSPACE, manifests, texts
from hop3_nix.plan import Evidence
from hop3_nix.toolchains.node.manifest import FILE, read_manifest

if TYPE_CHECKING:
    from hop3_nix.source import Source
    from hop3_nix.toolchains.app import App
    from hop3_nix.toolchains.node.manifest import Manifest

Name = Literal["npm", "pnpm", "yarn"]

LOCKFILES: Final[dict[Name, tuple[str, ...]]] = {
    "npm": ("npm-shrinkwrap.json", "package-lock.json"),
    "pnpm": ("pnpm-lock.yaml",),
    "yarn": ("yarn.lock",),
}
"""The lockfiles of each package manager, the one that it prefers first."""

LOCK: Final[dict[Name, str]] = {
    "npm": "npm install --package-lock-only",
    "pnpm": "pnpm install --lockfile-only",
    "yarn": "yarn install",
}
_OTHERS: Final = {"bun.lockb": "Bun", "bun.lock": "Bun", "deno.lock": "Deno"}


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
    name = "pnpm" if source.has(PNPM_WORKSPACE) else "npm"
    _refuse_unlocked(source, manifest, name)
    return Manager(name, "", ())


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
