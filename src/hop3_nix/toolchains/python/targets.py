"""What the commands of a Python application start: programs, modules, objects in modules."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from hop3_nix.toolchains.named_files import script_of

if TYPE_CHECKING:
    from hop3_nix.toolchains.simple_commands import Command

PROGRAMS: Final = {
    **{
        name: name
        for name in (
            *("aerich", "alembic", "arq", "celery", "chainlit", "daphne", "dramatiq", "flask"),
            *("flower", "gunicorn", "huey", "hypercorn", "granian", "litestar", "mkdocs", "panel"),
            *("pelican", "procrastinate", "quart", "reflex", "sanic", "scrapy", "streamlit"),
            *("supervisor", "taskiq", "uvicorn", "uwsgi", "voila", "waitress"),
        )
    },
    "bokeh": "bokeh",
    "django-admin": "django",
    "fastapi": "fastapi-cli",
    "gradio": "gradio",
    "huey_consumer": "huey",
    "huey_consumer.py": "huey",
    "jupyter": "jupyter-core",
    "rq": "rq",
    "rqworker": "rq",
    "sphinx-build": "sphinx",
    "supervisord": "supervisor",
    "twistd": "twisted",
    "waitress-serve": "waitress",
}
"""Programs that one distribution alone brings, and its name."""

_SERVERS: Final = frozenset(
    {"daphne", "granian", "gunicorn", "hypercorn", "uvicorn", "waitress-serve", "waitress"}
)
_OBJECT: Final = re.compile(r"([A-Za-z_][\w.]*):([A-Za-z_][\w.]*)(\(.*\))?", re.DOTALL)
_MODULE: Final = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+")
_FLAGS: Final = frozenset(
    {
        *("--access-log", "--call", "--capture-output", "--check-config", "--debug"),
        *("--enable-stdio-inheritance", "--expose-tracebacks", "--factory", "--initgroups"),
        *("--preload", "--proxy-headers", "--reload", "--reuse-port", "--use-colors", "-R"),
    }
)
_SEARCHED: Final = ("--chdir", "--app-dir", "--pythonpath", "--working-dir")
"""Options by which servers look for modules elsewhere."""


class Target(NamedTuple):
    """What a command imports: a module, and the object in it if one is named."""

    module: str
    object: str = ""
    script: str = ""
    """The path of the file in place of a module."""
    directory: str | None = ""
    """Where modules are looked for first; None if that cannot be told."""


def program_of(command: Command) -> str:
    """Return the program that a command runs, also by ``python -m``; empty if that is a file."""
    module = module_of(command)
    return module or ("" if "/" in command.words[0] else command.program)


def module_of(command: Command) -> str:
    """Return the module that ``python -m`` runs, or nothing."""
    if command.program.rstrip("0123456789.") != "python" or "-m" not in command.words:
        return ""
    rest = command.words[command.words.index("-m") + 1 :]
    return rest[0] if rest else ""


def target_of(command: Command) -> Target | None:
    """Return what ``command`` imports of the application's own, or None if that is not told."""
    kind, script = script_of(command)
    if kind == "python" and (path := command.path(script)):
        return Target("", script=path, directory=path.rpartition("/")[0])
    directory = command.directory
    program = program_of(command)
    if any(name in command.env for name in ("PYTHONPATH", "GUNICORN_CMD_ARGS")):
        return None
    if program in _SERVERS:
        return _served(command, program, directory)
    if program == "celery" and (named := command.value_of("-A", "--app")):
        module, _, _name = named.partition(":")
        return Target(module, directory=directory) if _is_module(module) else None
    module = module_of(command)
    if _is_module(module):
        return Target(module, directory=directory)
    return None


def _served(command: Command, program: str, directory: str | None) -> Target | None:
    if folder := command.value_of(*_SEARCHED):
        directory = command.path(folder)
    words = command.words
    for number, word in enumerate(words[1:], start=1):
        before = words[number - 1]
        if number > 1 and before.startswith("-") and "=" not in before and _has_value(before):
            continue
        if found := _OBJECT.fullmatch(word):
            return Target(found[1], found[2], directory=directory)
        if program == "gunicorn" and number == len(words) - 1 and _MODULE.fullmatch(word):
            return Target(word, "application", directory=directory)
    return None


def _has_value(option: str) -> bool:
    return option not in _FLAGS and not option.startswith("--no-")


def _is_module(name: str) -> bool:
    return bool(name) and all(part.isidentifier() for part in name.split("."))
