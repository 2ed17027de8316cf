"""The module proxy, as Go's own settings name it; nothing here knows any by itself."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hop3_nix.errors import UnavailableError

if TYPE_CHECKING:
    from hop3_nix.plan import AnyOffer
    from hop3_nix.toolchains.base import Tools

_SCHEMES: Final = ("https://", "http://", "file://")


@dataclass(frozen=True)
class Proxies:
    """Addresses that have modules, and patterns of those that are not asked for there."""

    addresses: tuple[str, ...]
    private: str = ""


def find_proxies(offer: AnyOffer, tools: Tools) -> Proxies:
    """Return what GOPROXY is: in the environment, in the user's file, or by the compiler itself.

    Go is not run for it. Raises UnavailableError if that has no address of a proxy.
    """
    settings = _settings(offer, tools, "GOPROXY", "GONOPROXY", "GOPRIVATE")
    listed = settings["GOPROXY"].replace("|", ",").split(",")
    found = tuple(each.strip().rstrip("/") for each in listed if each.strip().startswith(_SCHEMES))
    if not found:
        said = f"is {settings['GOPROXY']!r}" if settings["GOPROXY"] else "is not set"
        raise UnavailableError(
            f"Go's modules are fetched from a module proxy, and GOPROXY {said}",
            tip="Name one: export GOPROXY=https://..., or go env -w GOPROXY=https://...\n"
            "Or keep the modules with the application: go mod vendor",
        )
    return Proxies(found, settings["GONOPROXY"] or settings["GOPRIVATE"])


def _settings(offer: AnyOffer, tools: Tools, *names: str) -> dict[str, str]:
    settings = {name: os.environ.get(name, "") for name in names}
    for file in (_users_file, lambda: _compilers_file(offer, tools)):
        if settings["GOPROXY"]:
            break
        said = _read(file())
        settings = {name: text or said.get(name, "") for name, text in settings.items()}
    return settings


def _users_file() -> Path | None:
    """Return what `go env -w` writes."""
    said = os.environ.get("GOENV", "")
    if said == "off":
        return None
    config = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(said) if said else Path(config, "go", "env")


def _compilers_file(offer: AnyOffer, tools: Tools) -> Path:
    return tools.program(offer, "go").resolve().parent.parent / "go.env"


def _read(file: Path | None) -> dict[str, str]:
    try:
        lines = file.read_text(encoding="utf-8").splitlines() if file else []
    except (OSError, UnicodeDecodeError):
        return {}
    pairs = (line.partition("=") for line in lines if not line.lstrip().startswith("#"))
    return {name.strip(): value.strip() for name, _, value in pairs}
