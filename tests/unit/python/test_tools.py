"""Frameworks and tools with a way of their own of being served, or that make a site."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from hop3_nix.plan import BuildPlan

    Plan = Callable[[dict[str, str]], BuildPlan]
    Pinned = Callable[..., str]

HOST = '"${BIND_ADDRESS:-0.0.0.0}"'
BIND = '"${BIND_ADDRESS:-0.0.0.0}:$PORT"'
STREAMLIT = f'streamlit run --server.headless true --server.address {HOST} --server.port "$PORT"'
UVICORN = f'uvicorn --host {HOST} --port "$PORT"'
AIOHTTP = (
    "python -c 'from os import environ; from aiohttp import web; from main import {0}; "
    'web.run_app({1}, host=environ.get("BIND_ADDRESS", "0.0.0.0"), port=int(environ["PORT"]))\''
)


@pytest.mark.parametrize(
    ("files", "packages", "command"),
    [
        ({"demo.py": "import streamlit as st\n"}, ["streamlit"], f"{STREAMLIT} demo.py"),
        (
            {
                "app.py": "import os\n",
                "Home.py": "import streamlit\n",
                "pages/1_a.py": "import streamlit\n",
            },
            ["streamlit"],
            f"{STREAMLIT} Home.py",
        ),
        (
            {"app.py": "import gradio as gr\nwith gr.Blocks() as demo: ...\ndemo.launch()\n"},
            ["gradio", "uvicorn"],
            f'GRADIO_SERVER_NAME={HOST} GRADIO_SERVER_PORT="$PORT" python app.py',
        ),
        (
            {"app.py": "from dash import Dash\napp = Dash(__name__)\nserver = app.server\n"},
            ["dash", "flask", "gunicorn"],
            f"gunicorn --bind {BIND} app:server",
        ),
        (
            {"main.py": "from fasthtml.common import *\napp, rt = fast_app()\nserve()\n"},
            ["python-fasthtml", "uvicorn"],
            f"{UVICORN} main:app",
        ),
        (
            {"server.py": "from sanic import Sanic\napp = Sanic('a')\n"},
            ["sanic"],
            f'sanic --host={HOST} --port="$PORT" server:app',
        ),
        (
            {"main.py": "from aiohttp import web\napp = web.Application()\n"},
            ["aiohttp"],
            AIOHTTP.format("app", "app"),
        ),
        (
            {"main.py": "from aiohttp import web\nasync def init_app():\n    web.Application()\n"},
            ["aiohttp"],
            AIOHTTP.format("init_app", "init_app()"),
        ),
        (
            {"main.py": "from aiohttp import web\napp = web.Application()\n"},
            ["aiohttp", "gunicorn"],
            f"gunicorn --worker-class aiohttp.GunicornWebWorker --bind {BIND} main:app",
        ),
        (
            {"app.py": "from litestar import Litestar\napp = Litestar([])\n"},
            ["litestar", "uvicorn"],
            f"{UVICORN} app:app",
        ),
    ],
)
def test_a_framework_is_served_in_its_own_way(
    plan: Plan, pinned: Pinned, files: dict[str, str], packages: list[str], command: str
) -> None:
    found = plan({**files, "requirements.txt": pinned(*packages)})
    assert found.runtime.workers == {"web": command}


@pytest.mark.parametrize(
    ("files", "package", "made"),
    [
        (
            {"mkdocs.yml": "site_name: a\n"},
            "mkdocs",
            ("mkdocs build --config-file mkdocs.yml", "site"),
        ),
        (
            {"mkdocs.yml": "site_name: a\nsite_dir: public\n"},
            "mkdocs",
            ("mkdocs build --config-file mkdocs.yml", "public"),
        ),
        ({"docs/conf.py": ""}, "sphinx", ("sphinx-build -b html docs _site", "_site")),
        (
            {"pelicanconf.py": "", "publishconf.py": ""},
            "pelican",
            ("pelican --settings publishconf.py --output output content", "output"),
        ),
    ],
)
def test_pages_are_made_and_served_without_python(
    plan: Plan, pinned: Pinned, files: dict[str, str], package: str, made: tuple[str, str]
) -> None:
    found = plan({**files, "requirements.txt": pinned(package)})
    assert found.site is not None
    assert (found.build_steps[0], found.site.directory) == made
    assert "python313" not in str(found.runtime.path)


def test_an_application_with_documentation_is_no_site(plan: Plan, pinned: Pinned) -> None:
    found = plan(
        {
            "app.py": "from flask import Flask\napp = Flask(__name__)\n",
            "mkdocs.yml": "",
            "requirements.txt": pinned("mkdocs", "gunicorn"),
        }
    )
    assert found.site is None
    assert found.build_steps == ()
