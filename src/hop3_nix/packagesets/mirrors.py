"""The Debian mirrors that the host's own apt is set up for."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hop3_nix.errors import UnavailableError
from hop3_nix.host.process import run as run_process
from hop3_nix.host.statefile import read_state_file
from hop3_nix.packagesets.apt import MAIN, SECURITY

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hop3_nix.host.process import Runner

_SUITE: Final = re.compile(
    r"(oldoldstable|oldstable|stable|testing|unstable|sid|bullseye|bookworm|trixie|forky)"
)


def find_mirrors(run: Runner = run_process) -> dict[str, str]:
    """Return the mirror of each Debian archive that the host's apt uses, without a final slash.

    Raises UnavailableError if there is no apt, or no Debian archive in its sources.
    """
    try:
        mirrors = _debian_archives(_index_targets(run))
    except UnavailableError as error:
        raise UnavailableError(
            f"the Debian package set is made with apt: {error.message}",
            tip="Use another package set (--pkgs nixpkgs), or none (--builder local).",
        ) from error
    if MAIN not in mirrors:
        # Where apt has never fetched its indexes it lists none, unless it need not describe them.
        unknown = _index_targets(run, "--no-release-info")
        mirrors = _debian_archives(target for target in unknown if "debian" in target[3])
    if MAIN not in mirrors:
        raise UnavailableError(
            "the Debian package set needs a Debian mirror, and apt here is set up for none",
            tip="Use another package set (--pkgs nixpkgs), or none (--builder local).",
        )
    return mirrors


def is_mirrors_file(path: Path) -> bool:
    """Return whether the file at ``path`` has mirrors, for Nix to read.

    Raises ArtifactCorruptError for what is no file.
    """
    try:
        data = json.loads(read_state_file(path))
    except (FileNotFoundError, ValueError, RecursionError):
        return False
    return (
        isinstance(data, dict)
        and MAIN in data
        and all(isinstance(value, str) and "://" in value for value in data.values())
    )


def _index_targets(run: Runner, *options: str) -> list[tuple[str, ...]]:
    """Return origin, release, component and address of each index in the host's sources."""
    template = "\t".join(f"$({field})" for field in ("ORIGIN", "RELEASE", "COMPONENT", "REPO_URI"))
    argv = ["apt-get", "indextargets", *options, "--format", template, "Created-By: Packages"]
    return [tuple(line.split("\t")) for line in run(argv).stdout.splitlines()]


def _debian_archives(targets: Iterable[tuple[str, ...]]) -> dict[str, str]:
    mirrors: dict[str, str] = {}
    # One that is known to be Debian's goes first; then what has the name that mirrors have.
    for origin, release, component, uri in sorted(
        targets, key=lambda target: (target[0] != "Debian", "/debian" not in target[3])
    ):
        if component != "main" or origin not in {"Debian", "$(ORIGIN)"}:
            continue
        archive = SECURITY if release.endswith(("-security", "/updates")) else MAIN
        if archive == SECURITY or _SUITE.fullmatch(release):
            mirrors.setdefault(archive, resolve_mirror(uri.rstrip("/")))
    return mirrors


def resolve_mirror(uri: str) -> str:
    """Return the first mirror that a ``mirror+file:`` list names, and any other URI as it is.

    The form is that of apt-transport-mirror(1). Raises UnavailableError for what Nix cannot
    fetch from.
    """
    if uri.startswith("mirror+file:"):
        listed = Path(uri.removeprefix("mirror+file:")).read_text(encoding="utf-8").splitlines()
        names = [line.split()[0] for line in listed if line.strip() and line[0] != "#"]
        uri = names[0].rstrip("/") if names else uri
    if not uri.startswith(("http://", "https://", "file:/")):
        raise UnavailableError(
            f"Nix cannot fetch from the Debian mirror that apt is set up for: {uri}",
            tip="Give apt an http, https or file mirror.",
        )
    return uri
