"""Install scripts of packages that do not run: which they are, and the line that allows them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from hop3_nix.plan import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hop3_nix.locks.node.base import Tree
    from hop3_nix.toolchains.node.managers import Name

_MARKED: Final = ("package-lock.json", "npm-shrinkwrap.json")
"""Lockfiles that say which packages have one."""

_NEEDED: Final = frozenset(
    {
        "@prisma/client",
        "@prisma/engines",
        "cypress",
        "electron",
        "playwright",
        "prisma",
        "puppeteer",
    }
)
"""Packages that are of little use without theirs, for lockfiles that do not say it."""

_DONE_WITHOUT: Final = frozenset({"@swc/core", "esbuild", "fsevents", "sharp", "unrs-resolver"})
"""Packages whose scripts only check or move what came as a dependency."""

_SHOWN: Final = 6


def not_run(
    tree: Tree, manager: Name, allowed: tuple[str, ...], *, built: bool
) -> Iterator[Problem]:
    """Yield the warning about the packages whose scripts are passed over."""
    marked = tree.file in _MARKED
    found = {
        each.name
        for each in tree.modules
        if (built or not each.dev)
        and (each.may_build if marked else each.name in _NEEDED)
        and each.name not in _DONE_WITHOUT
    }
    names = sorted(found - set(allowed))
    if not names:
        return
    more = f" and {len(names) - _SHOWN} more" if names[_SHOWN:] else ""
    yield Problem(
        severity="warning",
        message="install scripts do not run, unless they compile an addon: "
        f"{', '.join(names[:_SHOWN])}{more}",
        file=tree.file,
        tip=f"If one is needed, allow it, without network: {_line(manager, names[0])}",
    )


def _line(manager: Name, name: str) -> str:
    match manager:
        case "npm":
            return f'"allowScripts": {json.dumps({name: True})} in package.json'
        case "pnpm":
            return f'"pnpm": {json.dumps({"onlyBuiltDependencies": [name]})} in package.json'
        case "bun":
            return f'"trustedDependencies": {json.dumps([name])} in package.json'
        case "yarn":
            return f'"dependenciesMeta": {json.dumps({name: {"built": True}})} in package.json'
