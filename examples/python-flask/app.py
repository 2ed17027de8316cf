"""A page that says which worker served it."""

import os
import sys

from flask import Flask

app = Flask(__name__)


@app.get("/")
def index() -> str:
    return f"Hello from {os.environ.get('GREETING', 'Flask')} on Python {sys.version_info[0]}!\n"


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}
