"""What the readers of Node's lockfiles share: the target, and the tree that they return."""

from __future__ import annotations

import base64
import binascii
import posixpath
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from hop3_nix.locks import refusals
from hop3_nix.locks.base import split_address

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hop3_nix.errors import LockError
    from hop3_nix.locks.base import Place

PACKAGE_NAME: Final = re.compile(r"(@[a-z0-9~_-][a-z0-9._~-]*/)?[a-zA-Z0-9~_][a-zA-Z0-9._~-]*")
VERSION: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+-]*")

_SIZES: Final = {"sha512": 64, "sha256": 32}
"""Bytes of the digests that Nix can check and that are worth checking, the strongest first."""


_SHA1: Final = 20


@dataclass(frozen=True)
class TargetNode:
    """The platform that packages are chosen for; never the one that runs this."""

    system: Literal["x86_64-linux", "aarch64-linux"]

    @property
    def cpu(self) -> str:
        """Return the processor as ``process.arch`` has it."""
        return {"x86_64-linux": "x64", "aarch64-linux": "arm64"}[self.system]

    def accepts(self, os: Sequence[str], cpu: Sequence[str], libc: Sequence[str]) -> bool:
        """Return whether a package with these fields of package.json is for this platform."""
        wanted = (("linux", os), (self.cpu, cpu), ("glibc", libc))
        return all(_allows(ours, said) for ours, said in wanted)

    def suits(self, name: str) -> bool:
        """Return whether a package called ``name`` may be for this platform.

        For lockfiles that say nothing of platforms: the packages of prebuilt programs carry them
        in their names, such as ``@esbuild/darwin-arm64``.
        """
        words = set(re.split(r"[/_.-]", name.lower()))
        oses, cpus = words & _OSES, words & _CPUS
        return (
            (not oses or "linux" in oses)
            and (not cpus or self.cpu in cpus)
            and not words & _OTHER_LIBCS
        )

    def __str__(self) -> str:
        return f"linux, {self.cpu}, glibc"


_OSES: Final = frozenset(
    {
        *("aix", "android", "darwin", "freebsd", "linux", "netbsd", "openbsd", "openharmony"),
        *("sunos", "wasi", "win32", "windows"),
    }
)
_CPUS: Final = frozenset(
    {
        *("arm", "arm64", "armv6", "armv7", "ia32", "loong64", "mips64el", "ppc64", "ppc64le"),
        *("riscv64", "s390x", "wasm32", "x64"),
    }
)
_OTHER_LIBCS: Final = frozenset({"musl", "musleabihf", "gnueabihf"})


@dataclass(frozen=True)
class Module:
    """A tarball and where in the tree its content goes.

    ``path`` is relative to the app's tree; ``name`` is the package's own, whatever alias it has
    there. ``url`` is empty if it is the registry's. ``may_build`` is false if the lockfile says
    that it has no install script. What is ``optional`` is left out if it is for another platform
    or cannot be installed, as package managers do it.
    """

    path: str
    name: str
    version: str
    integrity: str
    url: str
    dev: bool
    may_build: bool = True
    optional: bool = False


@dataclass(frozen=True)
class Link:
    """A symlink; both paths are relative to the app's tree."""

    path: str
    target: str
    dev: bool


@dataclass(frozen=True)
class Tree:
    """What a lockfile makes of node_modules; ``dev`` marks what only the build needs."""

    file: str
    modules: tuple[Module, ...] = ()
    links: tuple[Link, ...] = ()


def _allows(ours: str, said: Sequence[str]) -> bool:
    if f"!{ours}" in said:
        return False
    positive = [each for each in said if not each.startswith("!")]
    return not positive or ours in positive or "any" in positive


def best_digest(integrity: str) -> str:
    """Return the best digest of ``integrity``, which may name several; empty for none of worth."""
    given = integrity.split()
    for algorithm, size in _SIZES.items():
        for text in given:
            name, _, digest = text.partition("?")[0].partition("-")
            if name == algorithm and _size(digest) == size:
                return f"{name}-{digest}"
    return ""


def sha1_of(integrity: str, url: str = "") -> str:
    """Return the SHA-1, in hexadecimal, that an integrity or the end of an address has."""
    for text in integrity.split():
        name, _, digest = text.partition("?")[0].partition("-")
        if name == "sha1" and _size(digest) == _SHA1:
            return base64.b64decode(digest).hex()
    fragment = url.rpartition("#")[2].lower() if "#" in url else ""
    return fragment if re.fullmatch(r"[0-9a-f]{40}", fragment) else ""


def strongest(integrity: str, who: str, place: Place, *, remedy: str) -> str:
    """Return the best digest of ``integrity``. Raises LockError if there is none of worth."""
    if found := best_digest(integrity):
        return found
    given = integrity.split()
    if not given:
        raise place.error(f"{who} has no integrity, so nothing says what it is", tip=remedy)
    kinds = ", ".join(sorted({text.partition("-")[0] for text in given}))
    raise place.error(
        f"{who} has no sha512 or sha256 integrity; it has {kinds}",
        tip=f"{remedy} (SHA-1 is broken, so it pins nothing.)" if kinds == "sha1" else remedy,
    )


def _size(digest: str) -> int:
    try:
        return len(base64.b64decode(digest, validate=True))
    except (binascii.Error, ValueError):
        return 0


def fetchable(url: str, who: str, place: Place) -> str:
    """Return ``url`` without its fragment, if it is the address of a tarball; empty stays so.

    Raises LockError for a Git repository, a local file, or anything else.
    """
    if not url:
        return ""
    parts = split_address(url, place)
    if parts.scheme.startswith("git") or url.endswith(".git") or ".git#" in url:
        raise refusals.from_repository(
            who,
            place,
            tip="Publish it to a registry, or depend on an archive of it: its https address.",
        )
    if parts.scheme not in {"https", "http"}:
        raise place.error(
            f"{who} comes from {url}, which is no address to fetch from",
            tip="Publish it to a registry, depend on its https address, or make it a workspace.",
        )
    return parts._replace(fragment="").geturl()


def checked_path(path: str, place: Place) -> str:
    """Return ``path`` if it stays within the tree; raises LockError."""
    parts = path.split("/")
    if not path or path.startswith("/") or any(part in {"", ".", ".."} for part in parts):
        raise place.error(f"{path!r} leads out of the tree", tip="Lock again.")
    return path


def local_directory(directory: str, relative: str, who: str, place: Place) -> str:
    """Return ``relative``, seen from ``directory``, in the app's tree; raises LockError."""
    path = posixpath.normpath(posixpath.join(directory, relative))
    if path.startswith(("..", "/")):
        raise place.error(
            f"{who} is {relative}, which is outside of the app",
            tip="Make the directory that holds both the app.",
        )
    return "" if path == "." else path


def checked_name(name: str, place: Place) -> str:
    """Return ``name`` if it is one of a package; raises LockError."""
    if not PACKAGE_NAME.fullmatch(name):
        raise place.error(f"{name!r} is no name of a package", tip="Lock again.")
    return name


def checked_version(version: str, who: str, place: Place) -> str:
    """Return ``version`` if it is one of a package; raises LockError."""
    if not VERSION.fullmatch(version):
        raise place.error(f"{who}: {version!r} is no version", tip="Lock again.")
    return version


def unsupported_platform(who: str, target: TargetNode, place: Place) -> LockError:
    """Return the error for a package that has to be there and is not for ``target``."""
    return place.error(
        f"{who} is not for this platform ({target})",
        tip="Make it an optional dependency, or choose another package, and lock again.",
    )


def sorted_tree(file: str, modules: Iterable[Module], links: Iterable[Link]) -> Tree:
    """Return the tree with everything by its path."""
    return Tree(
        file,
        tuple(sorted(modules, key=lambda module: module.path)),
        tuple(sorted(links, key=lambda link: link.path)),
    )
