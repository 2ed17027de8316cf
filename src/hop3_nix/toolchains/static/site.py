"""Which directory is the site, and how it is to be served."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Final

from hop3_nix.errors import ConfigError, SourceError, UnsupportedError
from hop3_nix.plan import Evidence, Site
from hop3_nix.procfile.parse import WEB_KINDS
from hop3_nix.toolchains.others import shown_as_text
from hop3_nix.toolchains.static.staticfile import FILE, read_staticfile

if TYPE_CHECKING:
    from hop3_nix.config import AppConfig
    from hop3_nix.source import Source
    from hop3_nix.toolchains.app import App

INDEX: Final = "index.html"

USUAL: Final = ("public", "dist", ".")
"""Directories that are a site if they have an index, the first of them first."""

WORKER: Final = "static"
"""The worker that holds a directory instead of a command."""


def is_declared(config: AppConfig) -> bool:
    """Return whether ``config`` names a site that nothing else of the application serves."""
    return not config.workers.keys() & set(WEB_KINDS) and bool(
        config.static_dir or WORKER in config.workers
    )


def usual_site(source: Source) -> str | None:
    """Return the first of the usual directories that has an index, or None."""
    return next((name for name in USUAL if source.has(_inside(name, INDEX))), None)


def find_site(app: App, *, made: bool) -> tuple[Site, Evidence]:
    """Return the site of ``app`` and why it is that one.

    hop3.toml goes before the Procfile, that before the Staticfile, and all of them before the
    usual directories. ``made`` says that something may make it: ConfigError if the directory is
    not there and nothing does, SourceError if there is no site at all.
    """
    source, config = app.source, app.config
    staticfile = app.read(read_staticfile)
    directory, why = _directory(source, config, staticfile.root if staticfile else "")
    if why.file == FILE and staticfile is not None:
        why = why.model_copy(update={"line": staticfile.lines.get("root")})
    directory = _checked(directory, why)
    _refuse_pages(source, directory, why)
    if not made:
        _check_there(source, directory, why)
    site = Site(
        directory=directory,
        fallback=INDEX if staticfile and staticfile.fallback else "",
        listing=bool(staticfile and staticfile.listing),
    )
    return site, why


def links_in(source: Source, directory: str) -> tuple[str, ...]:
    """Return the symlinks in ``directory``, which the server does not follow."""
    return tuple(
        name
        for name, entry in source.entries.items()
        if entry.kind == "symlink" and (directory == "." or name.startswith(f"{directory}/"))
    )


def _directory(source: Source, config: AppConfig, root: str) -> tuple[str, Evidence]:
    if config.static_dir:
        return _said(config.static_dir, "static-dir", *config.where("build.static-dir"))
    if WORKER in config.workers:
        place = config.where(f"run.workers.{WORKER}")
        return _said(config.workers[WORKER], "the static worker", *place)
    if root:
        return _said(root, "root", FILE, None)
    usual = usual_site(source)
    if usual is None:
        raise SourceError(
            f"there is no site: no {', '.join(_inside(name, INDEX) for name in USUAL)}",
            file=str(source.root),
            tip='Name its directory: [build] static-dir = "..." in hop3.toml.',
        )
    return _said(usual, "it has an index", _inside(usual, INDEX), None)


def _said(directory: str, reason: str, file: str, line: int | None) -> tuple[str, Evidence]:
    shown = "the whole tree" if directory == "." else directory
    return directory, Evidence(choice=f"site: {shown}", reason=reason, file=file, line=line)


def _checked(directory: str, why: Evidence) -> str:
    """Return ``directory`` in its shortest form."""
    normal = posixpath.normpath(directory)
    if normal.startswith(("/", "..")):
        raise ConfigError(
            f"the site leads out of the application: {directory!r}",
            file=why.file,
            line=why.line,
            tip="Give a directory relative to the application's root.",
        )
    if any(character in '"$\\' or not character.isprintable() for character in normal):
        raise ConfigError(
            f"{directory!r} cannot be served under that name",
            file=why.file,
            line=why.line,
            tip='Rename it: no ", $, \\ or control character can be in it.',
        )
    return normal


def _refuse_pages(source: Source, directory: str, why: Evidence) -> None:
    if page := shown_as_text(source, directory):
        shown = "the whole tree" if directory == "." else repr(directory)
        raise UnsupportedError(
            f"{page} is a page that a program makes, and the site {shown} would show its source",
            file=why.file or page,
            line=why.line,
            tip="Only files are served as they are. Serve a directory that has none of these: "
            '[build] static-dir = "..." in hop3.toml.',
        )


def _check_there(source: Source, directory: str, why: Evidence) -> None:
    if directory == "." or any(name.startswith(f"{directory}/") for name in source.files):
        return
    there = "a file" if source.has(directory) else "not there"
    raise ConfigError(
        f"the site {directory!r} is {there}, and no build step makes it",
        file=why.file,
        line=why.line,
        tip="Correct the name, or write the command that makes it: [build] build in hop3.toml. If "
        "it is there, an ignore file leaves it out (docs/source.md).",
    )


def _inside(directory: str, name: str) -> str:
    return name if directory == "." else f"{directory}/{name}"
