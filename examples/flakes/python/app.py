"""The smallest web application: it greets whoever asks."""

import os
from wsgiref.simple_server import make_server


def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8")])
    return [b"Hello from Python\n"]


if __name__ == "__main__":
    with make_server("0.0.0.0", int(os.environ["PORT"]), application) as server:
        server.serve_forever()
