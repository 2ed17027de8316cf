"""Tools that serve a script, or make a site of pages, by a command of their own.

A row of a table for each: the locked package that tells it, what it is called, and the command.
"""

from __future__ import annotations

import posixpath
import re
import shlex
from typing import TYPE_CHECKING, Final, NamedTuple

from hop3_nix.errors import SourceError
from hop3_nix.plan import Site
from hop3_nix.procfile.parse import WEB_KINDS
from hop3_nix.toolchains.language import Guess
from hop3_nix.toolchains.platform import HOST, PORT
from hop3_nix.toolchains.python.django import django_of
from hop3_nix.toolchains.python.frameworks import find_application
from hop3_nix.toolchains.python.modules import Modules

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from hop3_nix.source import Source
    from hop3_nix.toolchains.app import App


class Script(NamedTuple):
    """A tool that runs a script which ``sign`` is found in: ``command`` has it as {file}."""

    package: str
    title: str
    sign: re.Pattern[str]
    command: str


class Pages(NamedTuple):
    """A tool that makes a site: of which file, by what, and where; {source} is the file's folder.

    ``setting`` finds in that file where the site is instead.
    """

    package: str
    title: str
    files: tuple[str, ...]
    command: str
    directory: str
    setting: re.Pattern[str] | None = None


def _imports(name: str) -> re.Pattern[str]:
    return re.compile(rf"^[ \t]*(?:import\s+{name}\b|from\s+{name}[\w.]*\s+import\b)", re.MULTILINE)


SCRIPTS: Final = (
    Script(
        "streamlit",
        "Streamlit",
        _imports("streamlit"),
        f"streamlit run --server.headless true --server.address {HOST} --server.port {PORT}"
        " {file}",
    ),
    Script(
        "chainlit",
        "Chainlit",
        _imports("chainlit"),
        f"chainlit run --headless --host {HOST} --port {PORT} {{file}}",
    ),
    Script(
        "marimo",
        "marimo",
        re.compile(r"^app\s*=\s*marimo\.App\(", re.MULTILINE),
        f"marimo run --headless --host {HOST} --port {PORT} {{file}}",
    ),
    Script(
        "gradio",
        "Gradio",
        re.compile(r"^[ \t]*\w+(?:\([^\n]*\))?\.(?:queue\([^)]*\)\.)?launch\(", re.MULTILINE),
        f"GRADIO_SERVER_NAME={HOST} GRADIO_SERVER_PORT={PORT} python {{file}}",
    ),
    Script(
        "panel",
        "Panel",
        re.compile(r"\.servable\("),
        f"panel serve --address {HOST} --port {PORT} --allow-websocket-origin='*' {{file}}",
    ),
)

_USUAL: Final = ("streamlit_app", "app", "main", "home", "dashboard", "demo")
"""Stems of scripts, the likeliest first."""

PAGES: Final = (
    Pages(
        "mkdocs",
        "MkDocs",
        ("mkdocs.yml", "mkdocs.yaml", "docs/mkdocs.yml"),
        "mkdocs build --config-file {file}",
        "{source}/site",
        re.compile(r"""^site_dir:\s*['"]?([\w./-]+)""", re.MULTILINE),
    ),
    Pages(
        "sphinx",
        "Sphinx",
        ("docs/source/conf.py", "docs/conf.py", "doc/conf.py", "source/conf.py", "conf.py"),
        "sphinx-build -b html {source} _site",
        "_site",
    ),
    Pages(
        "pelican",
        "Pelican",
        ("pelicanconf.py",),
        "pelican --settings {settings} --output output content",
        "output",
    ),
    Pages("nikola", "Nikola", ("conf.py",), "nikola build", "output"),
    Pages(
        "lektor",
        "Lektor",
        tuple(f"{name}.lektorproject" for name in ("site", "website", "blog")),
        "lektor build --output-path _site",
        "_site",
    ),
)
"""Tools that make a site of pages; Nikola's conf.py is told from Sphinx's by what is locked."""


class Made(NamedTuple):
    """A site that a tool makes: the step, where it is, and the file that tells it."""

    tool: Pages
    file: str
    command: str
    site: Site


def served_script(app: App, locked: Collection[str]) -> Iterator[Guess]:
    """Yield how a locked tool serves a script that is for it."""
    tools = [tool for tool in SCRIPTS if tool.package in locked]
    files = _scripts(app) if tools else []
    for tool in tools:
        for file in files:
            if found := tool.sign.search(app.source.read_text(file)):
                text = app.source.read_text(file)
                line = text.count("\n", 0, found.start()) + 1
                yield Guess(
                    f"{tool.title} is locked",
                    file,
                    line,
                    tool.command.replace("{file}", shlex.quote(file)),
                )
                break


def own_site(app: App, locked: Collection[str]) -> Made | None:
    """Return the site that a locked tool makes of ``app``, None if it answers HTTP by itself."""
    if app.config.workers.keys() & set(WEB_KINDS) or django_of(app, locked) is not None:
        return None
    made = made_site(app.source, locked)
    answers = made and (
        find_application(app.read(Modules)) or next(served_script(app, locked), None)
    )
    return None if answers else made


def made_site(source: Source, locked: Collection[str]) -> Made | None:
    """Return the site that a locked tool makes, or None."""
    for tool in PAGES:
        if tool.package not in locked:
            continue
        for file in tool.files:
            if source.has(file):
                return _made(source, tool, file)
    return None


def _made(source: Source, tool: Pages, file: str) -> Made:
    folder = posixpath.dirname(file) or "."
    settings = next((name for name in ("publishconf.py", file) if source.has(name)), file)
    said = tool.setting.search(source.read_text(file)) if tool.setting else None
    directory = f"{{source}}/{said[1]}" if said else tool.directory
    words = {"file": file, "source": folder, "settings": settings}
    path = posixpath.normpath(directory.format(**words))
    command = tool.command.format(**{key: shlex.quote(word) for key, word in words.items()})
    return Made(tool, file, command, Site(directory=path))


def _scripts(app: App) -> list[str]:
    """Return the scripts at the top, and those below that may be one, the likeliest first."""

    def likelihood(file: str) -> tuple[int, int, str]:
        stem = posixpath.basename(file).removesuffix(".py").lower()
        usual = _USUAL.index(stem) if stem in _USUAL else len(_USUAL)
        return file.count("/"), usual, file

    # Streamlit has further pages of the same application there.
    files = [file for file in app.read(Modules).candidates() if "pages" not in file.split("/")]
    return sorted((file for file in files if _is_text(app.source, file)), key=likelihood)


def _is_text(source: Source, file: str) -> bool:
    try:
        source.read_text(file)
    except SourceError:
        return False
    return True
