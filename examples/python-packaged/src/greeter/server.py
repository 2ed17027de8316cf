"""The server that the script starts."""

import os
from collections.abc import Callable, Iterable
from importlib.metadata import version

from waitress import serve


def application(environ: dict[str, object], start_response: Callable[..., object]) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [f"greeter {version('greeter')}\n".encode()]


def main() -> None:
    serve(application, host="127.0.0.1", port=int(os.environ["PORT"]))
