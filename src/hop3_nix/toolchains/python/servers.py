"""The servers that applications run under, and their command lines."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Final, NamedTuple

from hop3_nix.toolchains.platform import HOST, PORT

if TYPE_CHECKING:
    from collections.abc import Collection

    from hop3_nix.toolchains.python.frameworks import Application, Interface


class Server(NamedTuple):
    """A server: its distribution, and the command lines for an object and for a factory.

    ``factory`` is empty if the server takes no factory.
    """

    distribution: str
    command: str
    factory: str = ""


_BIND: Final = '"${BIND_ADDRESS:-0.0.0.0}:$PORT"'

_RUN_APP: Final = (
    "python -c 'from os import environ; from aiohttp import web; from {{module}} import {{name}}; "
    'web.run_app({{name}}{}, host=environ.get("BIND_ADDRESS", "0.0.0.0"),'
    """ port=int(environ["PORT"]))'"""
)

SERVERS: Final[dict[Interface, tuple[Server, ...]]] = {
    "asgi": (
        Server(
            "uvicorn",
            f"uvicorn --host {HOST} --port {PORT} {{app}}",
            f"uvicorn --host {HOST} --port {PORT} --factory {{app}}",
        ),
        Server(
            "hypercorn",
            f"hypercorn --bind {_BIND} {{app}}",
            f"hypercorn --bind {_BIND} {{call}}",
        ),
        Server(
            "granian",
            f"granian --interface asgi --host {HOST} --port {PORT} {{app}}",
            f"granian --interface asgi --host {HOST} --port {PORT} --factory {{app}}",
        ),
        Server("daphne", f"daphne -b {HOST} -p {PORT} {{app}}"),
    ),
    "wsgi": (
        Server(
            "gunicorn",
            f"gunicorn --bind {_BIND} {{app}}",
            f"gunicorn --bind {_BIND} {{call}}",
        ),
        Server(
            "waitress",
            f"waitress-serve --listen={_BIND} {{app}}",
            f"waitress-serve --listen={_BIND} --call {{app}}",
        ),
        Server(
            "granian",
            f"granian --interface wsgi --host {HOST} --port {PORT} {{app}}",
            f"granian --interface wsgi --host {HOST} --port {PORT} --factory {{app}}",
        ),
        Server(
            "uvicorn",
            f"uvicorn --interface wsgi --host {HOST} --port {PORT} {{app}}",
            f"uvicorn --interface wsgi --host {HOST} --port {PORT} --factory {{app}}",
        ),
    ),
    "aiohttp": (
        Server(
            "gunicorn",
            f"gunicorn --worker-class aiohttp.GunicornWebWorker --bind {_BIND} {{app}}",
        ),
        Server("aiohttp", _RUN_APP.format(""), _RUN_APP.format("()")),
    ),
    "sanic": (
        Server(
            "sanic",
            f"sanic --host={HOST} --port={PORT} {{app}}",
            f"sanic --host={HOST} --port={PORT} --factory {{app}}",
        ),
    ),
}
"""By interface, the preferred server first. Development servers are not among them."""


def server_names(interface: Interface) -> str:
    """Return the servers for ``interface``, for a message."""
    return ", ".join(server.distribution for server in SERVERS[interface])


def serve(application: Application, locked: Collection[str]) -> tuple[str, str] | None:
    """Return the first server that is in ``locked`` and its command line, or None.

    ``locked`` holds normalised names of distributions.
    """
    for server in SERVERS[application.interface]:
        template = server.factory if application.factory else server.command
        if server.distribution in locked and template:
            command = template.replace("{app}", shlex.quote(application.target))
            call = shlex.quote(f"{application.target}()")
            command = command.replace("{call}", call)
            command = command.replace("{module}", application.module)
            return server.distribution, command.replace("{name}", application.name)
    return None
