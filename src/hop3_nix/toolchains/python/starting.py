"""What the code of an application implies of how it is started."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Final

from packaging.utils import canonicalize_name

from hop3_nix.errors import ConfigError
from hop3_nix.toolchains.language import Guess
from hop3_nix.toolchains.python.django import django_of
from hop3_nix.toolchains.python.frameworks import Application, find_application
from hop3_nix.toolchains.python.modules import Modules
from hop3_nix.toolchains.python.project import read_project
from hop3_nix.toolchains.python.servers import serve, server_names
from hop3_nix.toolchains.python.tools import own_site, served_script

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from hop3_nix.toolchains.app import App
    from hop3_nix.toolchains.language import Layers, Place
    from hop3_nix.toolchains.python.django import Django
    from hop3_nix.toolchains.python.frameworks import Interface
    from hop3_nix.toolchains.python.project import Project

INTERFACES: Final = ("wsgi", "asgi")
"""Worker names whose line is ``module:object``, to be put behind a server as ``web``."""

SCRIPTS: Final = ("main.py", "app.py")

SOUGHT: Final = (
    "no Django project, no application object of a known framework, no [project.scripts] of "
    f"an installed project, and no {' or '.join(SCRIPTS)}"
)
EXAMPLE: Final = "web: gunicorn package.module:app"

_TARGET: Final = re.compile(r"([\w.]+):([\w.]+)(\(\))?")


def guesses(app: App, layers: Layers) -> Iterator[Guess]:
    """Yield what starts ``app``.

    Raises ConfigError if what was found cannot be served by any server that is locked.
    """
    project, locked = app.read(read_project), layers.packages
    django = django_of(app, locked)
    modules = app.read(Modules)
    application = _django_application(django, locked) if django else find_application(modules)
    if application and (served := serve(application, locked)):
        server, command = served
        reason = f"{application.framework}, and {server} is locked"
        yield Guess(reason, application.file, application.line, command)
    if not application:
        yield from served_script(app, locked)
        if site := known_site(app, layers):
            yield site
    if script := _script(project):
        file, line = project.pyproject.file, project.pyproject.line("project", "scripts", script)
        yield Guess("the project's script", file, line, shlex.quote(script))
    if application:
        raise _unserved(application)
    for file in SCRIPTS:
        if app.source.has(file):
            reason = "a script at the top, of no known framework"
            yield Guess(reason, file, command=f"python {file}")


def known_site(app: App, layers: Layers) -> Guess | None:
    """Return the site that a locked tool makes, or None."""
    made = own_site(app, layers.packages)
    return Guess(f"what {made.tool.title} makes", made.file, site=made.site) if made else None


def serve_named(_app: App, layers: Layers, name: str, line: str, place: Place) -> Guess:
    """Return how the worker ``name``, whose line is ``module:object``, is served.

    Raises ConfigError if the line is something else, or no server for it is locked.
    """
    application = _named_application(name, line, *place)
    served = serve(application, layers.packages)
    if served is None:
        raise _unserved(application)
    server, command = served
    return Guess(f"{name}: {line}, and {server} is locked", *place, command)


def _named_application(name: str, target: str, file: str, line: int | None) -> Application:
    interface: Interface = "asgi" if name == "asgi" else "wsgi"
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
