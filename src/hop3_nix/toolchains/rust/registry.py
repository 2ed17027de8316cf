"""Where crates are: what the index says that cargo of this machine, or of the set, is set up for.

Cargo is asked in a directory of our own, with the user's settings: in that of the application it
would run what the application names as compiler.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hop3_nix.errors import TemporaryError, ToolError, UnavailableError
from hop3_nix.plan import HostOffer, LockedFile, UnlocatedFile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hop3_nix.plan import AnyOffer, BuildPlan, Dependency
    from hop3_nix.toolchains.base import Tools

_SETTINGS: Final = ("config", "config.toml", "credentials", "credentials.toml")
_MARKER: Final = re.compile(r"\{(crate|version|prefix|lowerprefix|sha256-checksum)\}")
_MANIFEST: Final = """\
[package]
name = "asks"
version = "0.0.0"
edition = "2021"

[dependencies]
%s = "=%s"
"""


def locate_plan(plan: BuildPlan, offer: AnyOffer, tools: Tools) -> BuildPlan:
    """Return ``plan`` with the address of each crate. Raises TemporaryError."""
    located = locate_crates(plan.dependencies, offer, tools)
    return plan.model_copy(update={"dependencies": located})


def locate_crates(
    files: Sequence[Dependency], offer: AnyOffer, tools: Tools
) -> tuple[Dependency, ...]:
    """Return ``files`` with the address of each crate. Raises TemporaryError."""
    unknown = [file for file in files if isinstance(file, UnlocatedFile)]
    if not unknown:
        return tuple(files)
    pattern = _ask(unknown[0], offer, tools)
    return tuple(
        LockedFile(
            name=file.name,
            version=file.version,
            filename=file.filename,
            url=address(pattern, file),
            sha256=file.sha256[0],
        )
        if isinstance(file, UnlocatedFile)
        else file
        for file in files
    )


def address(pattern: str, crate: UnlocatedFile) -> str:
    """Return the address by ``pattern``, as the Cargo book has it ("Index Format")."""
    name = crate.name
    prefix = {1: "1", 2: "2", 3: f"3/{name[:1]}"}.get(len(name), f"{name[:2]}/{name[2:4]}")
    values = {
        "crate": name,
        "version": crate.version,
        "prefix": prefix,
        "lowerprefix": prefix.lower(),
        "sha256-checksum": crate.sha256[0],
    }
    if not _MARKER.search(pattern):
        return f"{pattern}/{name}/{crate.version}/download"
    return _MARKER.sub(lambda found: values[found[1]], pattern)


def _ask(crate: UnlocatedFile, offer: AnyOffer, tools: Tools) -> str:
    """Return what the index has cargo make addresses of."""
    with tempfile.TemporaryDirectory(prefix="hop3-nix-") as directory:
        home, manifest = Path(directory, "home"), Path(directory, "Cargo.toml")
        home.mkdir()
        users = Path(os.environ.get("CARGO_HOME") or Path.home() / ".cargo")
        for name in _SETTINGS:
            if (users / name).is_file():
                (home / name).symlink_to(users / name)
        # An older version than the present one may be locked, and this asks for nothing else.
        manifest.write_text(_MANIFEST % (crate.name, crate.version), encoding="utf-8")
        (home.parent / "src").mkdir()
        (home.parent / "src/lib.rs").touch()
        arguments = ("generate-lockfile", "--quiet", "--manifest-path", str(manifest))
        try:
            _run(arguments, {"CARGO_HOME": str(home)}, offer, tools)
        except ToolError as error:
            raise TemporaryError(
                f"cargo does not reach its index: {error}",
                tip="See that this machine reaches the registry that cargo is set up for; try "
                "again.\nOr keep the crates with the application: cargo vendor",
            ) from error
        [config, *_] = home.glob("registry/index/*/config.json")
        found: str = json.loads(config.read_bytes())["dl"]
        return found


def _run(arguments: tuple[str, ...], env: dict[str, str], offer: AnyOffer, tools: Tools) -> None:
    try:
        tools.run(["cargo", *arguments], env=env)
    except UnavailableError:
        own = (
            offer
            if isinstance(offer, HostOffer)
            else offer.model_copy(update={"attribute": "cargo"})
        )
        rustc = tools.program(offer, "rustc")
        cargo = str(tools.program(own, "cargo"))
        tools.run([cargo, *arguments], env={**env, "RUSTC": str(rustc)})
