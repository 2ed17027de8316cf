"""The Pythons that this machine has."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from packaging.version import Version

from hop3_nix.errors import ToolError
from hop3_nix.plan import Offer
from hop3_nix.toolchains.on_path import programs_called

if TYPE_CHECKING:
    from hop3_nix.toolchains.base import Tools

_PROGRAM: Final = re.compile(r"python3(\.\d+)?")
_ASK: Final = (
    "import json, os, platform, sys, venv\n"
    "print(json.dumps([platform.python_implementation(), platform.python_version(),"
    " platform.libc_ver(), os.path.realpath(sys.executable),"
    " sys.prefix == sys.base_prefix]))\n"
)


def find_interpreters(tools: Tools) -> tuple[Offer, ...]:
    """Return the released CPythons on PATH that run on glibc, one per version, the newest first.

    Those of virtual environments are left out: what they hold would come along.
    """
    found: dict[str, Offer] = {}
    for program in programs_called(_PROGRAM):
        try:
            answer = json.loads(tools.run([str(program), "-I", "-c", _ASK]))
        except (ToolError, ValueError):
            # A shim of pyenv for a version that is not active, or a broken installation.
            continue
        implementation, version, (libc, libc_version), executable, outside_venv = answer
        usable = implementation == "CPython" and libc == "glibc" and outside_venv
        if usable and not Version(version).is_prerelease:
            found.setdefault(
                version,
                Offer(language="python", version=version, attribute=executable, libc=libc_version),
            )
    return tuple(sorted(found.values(), key=lambda offer: Version(offer.version), reverse=True))
