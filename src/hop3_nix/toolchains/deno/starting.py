"""What starts a Deno application, and what is done when it is built."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Final

from hop3_nix.plan import Evidence
from hop3_nix.toolchains.deno.project import has_modules, importing_by_address, read_project
from hop3_nix.toolchains.language import Guess, Steps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hop3_nix.toolchains.app import App
    from hop3_nix.toolchains.language import Layers, Place

INSTALL: Final = "deno install --frozen"

_STEMS: Final = ("main", "server", "index", "app", "mod", "src/main", "src/server", "src/index")
_ENDINGS: Final = ("ts", "tsx", "js", "mjs", "mts", "jsx")
SCRIPTS: Final = tuple(f"{stem}.{ending}" for stem in _STEMS for ending in _ENDINGS)

_STARTS: Final = ("start", "serve", "prod")
_DEVELOPMENT: Final = re.compile(r"--watch|\bvite\s*$|\bvite\s+(?:dev|preview)|\bdev\.ts\b")
_PLAIN: Final = re.compile(r"(?:[A-Z_]+=[\w./:-]+\s+)*deno(?:\s+[\w./@:,=+$*-]+)+")
_SERVES: Final = re.compile(r"^[ \t]*export\s+default\b", re.MULTILINE)
_HANDLES: Final = re.compile(r"\bfetch\b")
_PERMITTED: Final = "--allow-net --allow-env --allow-read"
_ADDRESS: Final = 'DENO_SERVE_ADDRESS="tcp:${BIND_ADDRESS:-0.0.0.0}:$PORT"'
"""Where Deno.serve listens, whatever the code says."""

_TASK: Final = re.compile(r"\s*(?:exec\s+)?deno\s+task\s+([\w:./-]+)\s*")


def guesses(app: App, _layers: Layers) -> Iterator[Guess]:
    """Yield what starts ``app``."""
    source, project = app.source, app.read(read_project)
    for name in _STARTS:
        text = project.tasks.get(name, "")
        if text and not _DEVELOPMENT.search(text):
            command = f"{_ADDRESS} {written(app, f'deno task {name}')}"
            yield Guess(f"tasks.{name}", project.file, project.line(name), command)
    # Deno fetches from a few hosts without being told, and what is locked is there already.
    permitted = f"{_PERMITTED} --allow-import" if importing_by_address(source) else _PERMITTED
    for file in SCRIPTS:
        if source.has(file):
            text = source.read_text(file)
            serves = _SERVES.search(text) and _HANDLES.search(text)
            how = "serve --port $PORT" if serves else "run"
            line = f"deno {how} {permitted} {shlex.quote(file)}"
            yield Guess(
                "a script of this name", file, command=line if serves else f"{_ADDRESS} {line}"
            )


def rewrite(app: App, line: str, _where: Place) -> str:
    """Return ``line`` with what a task runs in its place, if that is one plain command of Deno."""
    return written(app, line)


def written(app: App, line: str) -> str:
    """Return ``line`` without ``deno task``, as far as a shell understands the task alike."""
    project = app.read(read_project)
    found = _TASK.fullmatch(line)
    text = project.tasks.get(found[1], "").strip() if found else ""
    if text and project.alone(found[1] if found else "") and _PLAIN.fullmatch(text):
        return text
    return line


def build_steps(app: App, _layers: Layers) -> Steps:
    """Return the installation of node_modules, if it has one, and the task ``build``."""
    source, project = app.source, app.read(read_project)
    first: tuple[str, ...] = ()
    build: tuple[str, ...] = ()
    evidence = []
    if has_modules(source, project) and project.lock and source.has(project.lock):
        first = (INSTALL,)
        reason = "nodeModulesDir, or a package.json"
        evidence.append(Evidence(choice=f"build step: {INSTALL}", reason=reason, file=project.file))
    if "build" in project.tasks and not app.config.build:
        build = ("deno task build",)
        line = project.line("build")
        evidence.append(
            Evidence(
                choice=f"build step: {build[0]}", reason="tasks.build", file=project.file, line=line
            )
        )
    return Steps(first=first, build=build, evidence=tuple(evidence))
