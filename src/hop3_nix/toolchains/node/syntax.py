"""The modules of an application that Node itself is to parse when it is built: nothing is run."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, Final

from hop3_nix.errors import SourceError
from hop3_nix.toolchains.named_files import commands_of
from hop3_nix.toolchains.node.dependencies import AppArguments
from hop3_nix.toolchains.node.packages import Packages

if TYPE_CHECKING:
    from hop3_nix.plan import BuildPlan
    from hop3_nix.source import Source
    from hop3_nix.toolchains.app import App

_IMPORTS: Final = re.compile(
    r"""(?:\brequire\(|\bimport\(|\bfrom|^[ \t]*import)\s*['"](\.{1,2}/[^'"]+)['"]""", re.MULTILINE
)
_ESM: Final = re.compile(r"^[ \t]*(?:import\b(?!\s*\()|export\b)", re.MULTILINE)
_PLAIN: Final = re.compile(r"[\w./@-]+")
_ENDINGS: Final = ("", ".js", ".cjs", ".mjs", "/index.js")
_MOST: Final = 40
"""So many are parsed; each takes Node a twentieth of a second."""


def with_syntax(app: App, plan: BuildPlan) -> BuildPlan:
    """Return ``plan`` with the modules that ``node FILE`` of a worker loads, to be parsed."""
    if plan.site is not None or app.config.root:
        return plan
    pending = [
        path
        for placed in commands_of(app, plan)
        if placed.command.program == "node"
        for word in placed.command.words[1:]
        if not word.startswith("-") and (path := placed.command.path(word))
    ]
    found: list[str] = []
    while pending and len(found) < _MOST:
        file = _resolved(app.source, pending.pop(0))
        if file in {"", *found} or not _PLAIN.fullmatch(file):
            continue
        try:
            text = app.source.read_text(file)
        except SourceError:
            continue
        directory = posixpath.dirname(file)
        imported = (posixpath.join(directory, each) for each in _IMPORTS.findall(text))
        pending += map(posixpath.normpath, imported)
        if not _ESM.search(text) or _is_module(app, file):
            found.append(file)
    if not found:
        return plan
    arguments = AppArguments.of(plan.options.app).model_copy(update={"checked": tuple(found)})
    options = plan.options.model_copy(update={"app": arguments.said()})
    return plan.model_copy(update={"options": options})


def _resolved(source: Source, path: str) -> str:
    """Return the file that Node loads for ``path``, empty if it is none of the source."""
    files = (f"{path}{ending}" for ending in _ENDINGS)
    return next((f for f in files if f.endswith(("js", "cjs", "mjs")) and source.has(f)), "")


def _is_module(app: App, file: str) -> bool:
    """Return whether ``file`` says by its name or package.json that it is an ES module."""
    if not file.endswith(".js"):
        return file.endswith(".mjs")
    packages = app.read(Packages)
    return packages.manifest(packages.above(posixpath.dirname(file))).string("type") == "module"
