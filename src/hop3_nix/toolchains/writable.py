"""Directories of the tree that an app writes to: they are made by the build, and kept by a host."""

from __future__ import annotations

import posixpath
import re
import shlex
from typing import TYPE_CHECKING, Final

from hop3_nix.errors import ConfigError, SourceError
from hop3_nix.plan import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hop3_nix.config import AppConfig
    from hop3_nix.plan import BuildPlan
    from hop3_nix.source import Source

KEY: Final = "run.writable"

SETTINGS: Final = re.compile(
    r"""^[ \t]*(?:MEDIA_ROOT\s*=|(?:app\.config\[)?['"]?UPLOAD_FOLDER['"]?\]?\s*=)"""
    r"""[^\n#]*?['"]([\w./-]+)['"]\s*\)?\s*(?:\#.*)?$""",
    re.MULTILINE | re.VERBOSE,
)
"""Django's and Flask's settings of where uploads go, by a path below the tree."""

INSTANCE: Final = re.compile(r"instance_relative_config\s*=\s*True|\.instance_path\b")
SQLITE: Final = re.compile(r"""django\.db\.backends\.sqlite3|sqlite:///(?!/)""")

RAILS: Final = ("tmp", "log", "storage")

OF_PHP: Final = (
    ("artisan", ("storage", "bootstrap/cache"), "Laravel writes there"),
    ("bin/console", ("var",), "Symfony writes there"),
    ("wp-load.php", ("wp-content/uploads",), "WordPress keeps uploads there"),
)

TOLD_IN: Final = frozenset(
    f"{name}.py"
    for name in (
        *("settings", "base", "production", "local", "config", "application", "app", "main"),
        *("server", "wsgi", "__init__"),
    )
)
"""The files that applications usually have such settings in."""

MOST: Final = 100
"""So many of them are looked into."""


def with_writable(plan: BuildPlan, source: Source, config: AppConfig) -> BuildPlan:
    """Return ``plan`` with the directories that the app writes to, which are made last.

    Raises ConfigError for one that is a file, or of an app that has its whole tree to write to.
    """
    if not config.writable:
        found = () if config.writable_tree else tuple(_proposed(plan, source))
        return plan.model_copy(update={"evidence": (*plan.evidence, *found)})
    file, line = config.where(KEY)
    for path in config.writable:
        if source.has(path):
            raise ConfigError(
                f"[run] writable names {path}, which is a file",
                file=file,
                line=line,
                tip="Name the directory that it is in; what the application has there is copied "
                "once, before its first start.",
            )
    if config.writable_tree:
        raise ConfigError(
            "[run] writable names directories of a tree that is writable as a whole",
            file=file,
            line=line,
            tip="Leave out one of them: the directories are kept over releases, a tree is not.",
        )
    _refuse_static(plan, config)
    step = f"mkdir -p -- {shlex.join(config.writable)}"
    return plan.model_copy(
        update={
            "build_steps": (*plan.build_steps, step),
            "runtime": plan.runtime.model_copy(update={"writable": config.writable}),
        }
    )


def _refuse_static(plan: BuildPlan, config: AppConfig) -> None:
    """Raise ConfigError for files that the proxy is to serve, and the app to write.

    A web server that is another user cannot read what the app keeps to itself; what it would find
    in the store are the files of the build.
    """
    for url, path in plan.runtime.static_paths.items():
        served = posixpath.normpath(path)
        for own in config.writable:
            if f"{served}/".startswith(f"{own}/"):
                key = f"static.{url}"
                file, line = config.where(key if key in config.places else KEY)
                raise ConfigError(
                    f"{url} is served from {path}, which is in the writable directory {own}: the "
                    "proxy cannot read what the app has written there",
                    file=file,
                    line=line,
                    tip="Leave it out of [static], and have the app serve these files itself.",
                )


def _proposed(plan: BuildPlan, source: Source) -> Iterator[Evidence]:
    """Yield, for each directory that the application seems to write to, the line to declare it."""
    match plan.toolchain:
        case "python":
            yield from _of_python(source)
        case "node" if any("next start" in line for line in plan.runtime.workers.values()):
            yield _evidence((".next/cache",), "next start keeps pages that it renews there")
        case "php":
            for told_by, paths, why in OF_PHP:
                if source.has(told_by):
                    yield _evidence(paths, why, told_by)
        case "ruby" if source.has("config/application.rb"):
            yield _evidence(RAILS, "Rails writes there", "config/application.rb")
        case _:
            return


def _of_python(source: Source) -> Iterator[Evidence]:
    named = [file for file in source.files if posixpath.basename(file) in TOLD_IN]
    for file in named[:MOST]:
        try:
            text = source.read_text(file)
        except SourceError:
            continue  # it is for others to refuse what is no text
        for match in SETTINGS.finditer(text):
            line = text.count("\n", 0, match.start(1)) + 1
            path = posixpath.normpath(match[1])
            if not path.startswith(("/", "..")) and path != ".":
                yield _evidence((path,), "uploads go there", file, line)
        if "HOP3_STATE_DIR" in text:
            continue
        for pattern, path, why in (
            (INSTANCE, "instance", "Flask's instance folder is there"),
            (
                SQLITE,
                "data",
                "its SQLite database is in the tree, and would have to be in data/",
            ),
        ):
            if found := pattern.search(text):
                yield _evidence((path,), why, file, text.count("\n", 0, found.start()) + 1)


def _evidence(
    paths: tuple[str, ...], reason: str, file: str = "", line: int | None = None
) -> Evidence:
    said = ", ".join(f'"{path}"' for path in paths)
    return Evidence(
        choice="nothing of the tree can be written when it runs",
        reason=f"{reason}; to let it: [run] writable = [{said}] in hop3.toml",
        file=file,
        line=line,
    )
