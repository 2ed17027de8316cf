"""The workers: those that the app declares, else those that its package.json lets us infer."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Final, NamedTuple

from hop3_nix.errors import SourceError
from hop3_nix.plan import Evidence
from hop3_nix.procfile.cron import check_schedule
from hop3_nix.toolchains.node.commands import Place, write_out
from hop3_nix.toolchains.node.frameworks import find_server, find_site, is_development
from hop3_nix.toolchains.node.manifest import FILE
from hop3_nix.toolchains.static.site import INDEX, is_declared
from hop3_nix.toolchains.static.site import find_site as declared_site
from hop3_nix.workers.kind import kind_of

if TYPE_CHECKING:
    from hop3_nix.config import AppConfig
    from hop3_nix.source import Source
    from hop3_nix.toolchains.node.manifest import Manifest
    from hop3_nix.toolchains.static.site import StaticSite

_STEMS: Final = ("server", "index", "app", "main", "src/server", "src/index", "src/app", "src/main")
_ENDINGS: Final = ("js", "mjs", "cjs")
SCRIPTS: Final = tuple(f"{stem}.{ending}" for stem in _STEMS for ending in _ENDINGS)
"""Scripts that are started when package.json says nothing."""


class Workers(NamedTuple):
    """Command lines by worker name, and why they are what they are.

    ``site`` is what a web server shows in place of a ``web`` worker, None if there is no site.
    """

    commands: dict[str, str]
    evidence: tuple[Evidence, ...] = ()
    site: StaticSite | None = None


def decide_workers(
    source: Source, config: AppConfig, manifest: Manifest, *, built: bool
) -> Workers:
    """Return the workers that ``config`` declares, else a ``web`` worker that the app implies.

    ``built`` says that there are build steps, which may make files that are not there yet.
    Raises ConfigError if a script is not there, SourceError if there is nothing to start.
    """
    if config.workers or config.static_dir:
        declared = _declared(config, manifest)
        if not is_declared(config):
            return declared
        # The step that makes the site may be a script, which hop3.toml does not tell of.
        told = config.model_copy(update={"build": config.build or ("build",)}) if built else config
        served, why = declared_site(source, told)
        if tool := find_site(source, manifest):
            known = tool.served
            served = served.model_copy(
                update={
                    "fallback": served.fallback or known.fallback,
                    "immutable": known.immutable,
                }
            )
        return Workers(declared.commands, (*declared.evidence, why), served)
    inferred = (
        _by_script(manifest),
        _by_framework(manifest),
        _by_main(source, manifest),
        _by_site(source, manifest),
        _by_file(source, manifest, built=built),
    )
    for workers in inferred:
        if workers is not None:
            return workers
    raise SourceError(
        "nothing here says how to start the app: there is no Procfile, no workers in hop3.toml, "
        f'no "start" among the scripts of {FILE}, no framework that is known, no "main" that is '
        "there, and no server.js or index.js",
        file=str(source.root),
        tip="Write a Procfile with a line such as: web: node server.js",
    )


def _by_script(manifest: Manifest) -> Workers | None:
    start = manifest.scripts.get("start", "")
    if not start or is_development(start):
        return None
    line = manifest.line("scripts", "start")
    command = write_out("npm start", manifest, Place(FILE, line))
    return _web(command, "scripts.start, without npm", FILE, line)


def _by_framework(manifest: Manifest) -> Workers | None:
    server = find_server(manifest)
    if server is None:
        return None
    return _web(server.command, server.title, FILE, manifest.line(server.package))


def _by_main(source: Source, manifest: Manifest) -> Workers | None:
    # The sources of a page may be called index or main, and its package.json say so.
    page = source.has(INDEX)
    for file in () if page else _main_files(manifest):
        if source.has(file):
            return _web(f"node {shlex.quote(file)}", "main", FILE, manifest.line("main"))
    return None


def _by_site(source: Source, manifest: Manifest) -> Workers | None:
    site = find_site(source, manifest)
    if site is None:
        return None
    evidence = Evidence(
        choice=f"site: {site.directory}",
        reason=f"what {site.title} makes",
        file=FILE,
        line=manifest.line(site.package),
    )
    return Workers({}, (evidence,), site.served)


def _by_file(source: Source, manifest: Manifest, *, built: bool) -> Workers | None:
    main = _main_files(manifest)
    if main and built:
        return _web(f"node {shlex.quote(main[0])}", "main", FILE, manifest.line("main"))
    for file in (*main, *SCRIPTS):
        if source.has(file):
            return _web(f"node {shlex.quote(file)}", "a script of this name", file)
    return None


def _declared(config: AppConfig, manifest: Manifest) -> Workers:
    commands: dict[str, str] = {}
    evidence: list[Evidence] = []
    for name, line in config.workers.items():
        file, number = config.where(f"run.workers.{name}")
        commands[name] = _command(name, line, manifest, Place(file, number))
        if commands[name] != line:
            evidence.append(
                Evidence(
                    choice=f"{name}: {commands[name]}",
                    reason=f"what {line} runs, without the package manager",
                    file=file,
                    line=number,
                )
            )
    return Workers(commands, tuple(evidence))


def _command(name: str, line: str, manifest: Manifest, place: Place) -> str:
    if kind_of(name) == "static":
        # It holds a directory, and not a command.
        return line
    if kind_of(name) != "cron":
        return write_out(line, manifest, place)
    command = check_schedule(line, file=place.file, line=place.line)
    return line.removesuffix(command) + write_out(command, manifest, place)


def _web(command: str, reason: str, file: str, line: int | None = None) -> Workers:
    evidence = Evidence(choice=f"web: {command}", reason=reason, file=file, line=line)
    return Workers({"web": command}, (evidence,))


def _main_files(manifest: Manifest) -> tuple[str, ...]:
    """Return the files that ``main`` may mean, as Node looks for them."""
    path = manifest.string("main").removeprefix("./").rstrip("/")
    return (path, f"{path}.js", f"{path}/index.js") if path else ()
