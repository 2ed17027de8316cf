"""What asks for a version of Deno."""

from __future__ import annotations

from typing import Final

from hop3_nix.toolchains.language import Versions
from hop3_nix.toolchains.mise import in_mise
from hop3_nix.toolchains.node.versions import Request
from hop3_nix.toolchains.versions import in_file, in_tool_versions

VERSIONS: Final = Versions(
    pins=(in_file(".dvmrc"), in_file(".deno-version"), in_mise("deno"), in_tool_versions("deno")),
    grammar=Request,
)
