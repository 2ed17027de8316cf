"""The workers: those that the app declares, else those that its code lets us infer."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Final, NamedTuple

from packaging.utils import canonicalize_name

from hop3_nix.errors import ConfigError, SourceError
from hop3_nix.plan import Evidence
from hop3_nix.toolchains.python.frameworks import Application, find_application
from hop3_nix.toolchains.python.servers import serve, server_names

if TYPE_CHECKING:
    from collections.abc import Collection

    from hop3_nix.config import AppConfig
    from hop3_nix.toolchains.python.django import Django
    from hop3_nix.toolchains.python.frameworks import Interface
    from hop3_nix.toolchains.python.modules import Modules
    from hop3_nix.toolchains.python.project import Project

INTERFACE_KINDS: Final[tuple[Interface, ...]] = ("wsgi", "asgi")
"""Worker names whose line is ``module:object``, to be put behind a server as ``web``."""

SCRIPTS: Final = ("main.py", "app.py")

_TARGET: Final = re.compile(r"([\w.]+):([\w.]+)(\(\))?")


class Workers(NamedTuple):
    """Command lines by worker name, and why they are what they are."""

    commands: dict[str, str]
    evidence: tuple[Evidence, ...] = ()


def decide_workers(
    modules: Modules,
    config: AppConfig,
    project: Project,
    django: Django | None,
    locked: Collection[str],
) -> Workers:
    """Return the workers that ``config`` declares, else a ``web`` worker that the code implies.

    ``locked`` holds the normalised names of the locked distributions. Raises ConfigError if what
    was found cannot be served by any of them, SourceError if there is nothing to start.
    """
    if config.workers:
        return _declared(config, locked)
    application = _django_application(django, locked) if django else find_application(modules)
    if application and (served := serve(application, locked)):
        server, command = served
        reason = f"{application.framework}, and {server} is locked"
        return _web(command, reason, application.file, application.line)
    if script := _script(project):
        line = project.pyproject.line("project", "scripts", script)
        return _web(shlex.quote(script), "the project's script", project.pyproject.file, line)
    if application:
        raise _unserved(application)
    for file in SCRIPTS:
        if modules.source.has(file):
            return _web(f"python {file}", "a script at the top, of no known framework", file)
    raise SourceError(
        "nothing here says how to start the app: there is no Procfile, no workers in hop3.toml, "
        "no Django project, no application object of a known framework, no [project.scripts] of "
        f"an installed project, and no {' or '.join(SCRIPTS)}",
        file=str(modules.source.root),
        tip="Write a Procfile with a line such as: web: gunicorn package.module:app",
    )


def _web(command: str, reason: str, file: str, line: int | None = None) -> Workers:
    evidence = Evidence(choice=f"web: {command}", reason=reason, file=file, line=line)
    return Workers({"web": command}, (evidence,))


def _declared(config: AppConfig, locked: Collection[str]) -> Workers:
    commands: dict[str, str] = {}
    evidence: list[Evidence] = []
    for name, line in config.workers.items():
        if name not in INTERFACE_KINDS:
            commands[name] = line
            continue
        file, number = config.where(f"run.workers.{name}")
        if "web" in config.workers or "web" in commands:
            raise ConfigError(
                f"the worker {name!r} becomes 'web', and there is another one for HTTP",
                file=file,
                line=number,
                tip="Keep one of them.",
            )
        application = _named_application(name, line, file, number)
        served = serve(application, locked)
        if served is None:
            raise _unserved(application)
        commands["web"] = served[1]
        evidence.append(
            Evidence(
                choice=f"web: {served[1]}",
                reason=f"{name}: {line}, and {served[0]} is locked",
                file=file,
                line=number,
            )
        )
    return Workers(commands, tuple(evidence))


def _named_application(
    interface: Interface, target: str, file: str, line: int | None
) -> Application:
    match = _TARGET.fullmatch(target.strip())
    if match is None:
        raise ConfigError(
            f"{target!r} is not of the form module:object",
            file=file,
            line=line,
            tip=f"Write for example: {interface}: package.module:app",
        )
    title = interface.upper()
    factory = match[3] is not None
    return Application(match[1], match[2], title, interface, file, line, factory=factory)


def _django_application(django: Django, locked: Collection[str]) -> Application | None:
    """Return the one that a locked server serves, ASGI first only if the settings name it."""
    either = [django.asgi, django.wsgi] if django.prefers_asgi else [django.wsgi, django.asgi]
    found = [application for application in either if application]
    return next((each for each in found if serve(each, locked)), next(iter(found), None))


def _script(project: Project) -> str:
    """Return the script named like the project, or the only one; empty if it is not installed."""
    if not project.installed:
        return ""
    for script in project.scripts:
        if canonicalize_name(script) == canonicalize_name(project.name):
            return script
    return next(iter(project.scripts)) if len(project.scripts) == 1 else ""


def _unserved(application: Application) -> ConfigError:
    what = "a factory of" if application.factory else "an application of"
    preferred = server_names(application.interface).split(",")[0]
    return ConfigError(
        f"{application.target} is {what} {application.framework}, and no server for it is locked "
        f"({server_names(application.interface)}); development servers are not used",
        file=application.file,
        line=application.line,
        tip=f"Add {preferred} to the dependencies and lock them again, or write the command "
        "of a web worker in a Procfile.",
    )
