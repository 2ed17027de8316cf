"""What asks for a version of Bun."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hop3_nix.toolchains.language import Versions
from hop3_nix.toolchains.mise import in_mise
from hop3_nix.toolchains.node.manifest import FILE, read_manifest
from hop3_nix.toolchains.node.versions import Request
from hop3_nix.toolchains.versions import Written, in_file, in_tool_versions, release_of

if TYPE_CHECKING:
    from hop3_nix.plan import AnyOffer
    from hop3_nix.toolchains.app import App


@dataclass(frozen=True)
class BunRequest(Request):
    """A version or a range; of a version that is not offered, its own minor release goes first."""

    def choose(self, offers: tuple[AnyOffer, ...]) -> tuple[AnyOffer, ...]:
        """Return those of ``offers`` that it admits, the best first."""
        text = self.written.text.strip().lstrip("v=")
        near = [each for each in offers if release_of(each.version, 2) == release_of(text, 2)]
        return tuple(dict.fromkeys((*near, *super().choose(offers))))


def _package_manager(app: App) -> Written | None:
    """Return what ``packageManager`` says, which Bun itself does not heed, but people do."""
    manifest = app.read(read_manifest)
    name, _, version = manifest.string("packageManager").partition("@")
    if name != "bun" or not version:
        return None
    line = manifest.line("packageManager")
    return Written(version.partition("+")[0], FILE, line, key="packageManager")


def _engines(app: App) -> Request | None:
    manifest = app.read(read_manifest)
    if text := manifest.string("engines", "bun"):
        return Request(Written(text, FILE, manifest.line("engines", "bun"), key="engines.bun"))
    return None


VERSIONS: Final = Versions(
    pins=(
        in_file(".bun-version"),
        in_mise("bun"),
        in_tool_versions("bun"),
        _package_manager,
    ),
    grammar=BunRequest,
    bounds=_engines,
)
