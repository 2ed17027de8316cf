"""The web worker that the code implies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hop3_nix.errors import ConfigError, SourceError

if TYPE_CHECKING:
    from collections.abc import Callable

    from hop3_nix.plan import BuildPlan

    Plan = Callable[[dict[str, str]], BuildPlan]
    Pinned = Callable[..., str]

FASTAPI = "from fastapi import FastAPI\napp = FastAPI()\n"
FLASK = "from flask import Flask\napp = Flask(__name__)\n"
HOST = '"${BIND_ADDRESS:-0.0.0.0}"'
BIND = '"${BIND_ADDRESS:-0.0.0.0}:$PORT"'
UVICORN = f'uvicorn --host {HOST} --port "$PORT"'


@pytest.mark.parametrize(
    ("files", "packages", "command"),
    [
        ({"app.py": FLASK}, ["flask", "gunicorn"], f"gunicorn --bind {BIND} app:app"),
        ({"app.py": FLASK}, ["flask", "waitress"], f"waitress-serve --listen={BIND} app:app"),
        ({"main.py": FASTAPI}, ["fastapi", "uvicorn"], f"{UVICORN} main:app"),
        ({"main.py": FASTAPI}, ["fastapi", "uvicorn", "gunicorn"], f"{UVICORN} main:app"),
        ({"main.py": FASTAPI}, ["fastapi", "hypercorn"], f"hypercorn --bind {BIND} main:app"),
        ({"api/main.py": FASTAPI}, ["uvicorn"], f"{UVICORN} api.main:app"),
        (
            {"src/main.py": f"from src.other import x\n{FASTAPI}", "src/other.py": "x = 1\n"},
            ["uvicorn"],
            f"{UVICORN} src.main:app",
        ),
        (
            {"src/main.py": FASTAPI, "src/__init__.py": ""},
            ["uvicorn"],
            f"{UVICORN} src.main:app",
        ),
        ({"src/main.py": FASTAPI}, ["uvicorn"], f"{UVICORN} main:app"),
        ({"src/shop/web.py": FLASK}, ["gunicorn"], f"gunicorn --bind {BIND} shop.web:app"),
        ({"shop/__init__.py": FLASK}, ["gunicorn"], f"gunicorn --bind {BIND} shop:app"),
        (
            {"main.py": "import fastapi as f\nservice: f.FastAPI = f.FastAPI()\n"},
            ["uvicorn"],
            f"{UVICORN} main:service",
        ),
        (
            {"main.py": "from starlette.applications import Starlette as S\napi = S()\n"},
            ["uvicorn"],
            f"{UVICORN} main:api",
        ),
        (
            {"web.py": "def create_app():\n    from flask import Flask\n    return Flask('x')\n"},
            ["gunicorn"],
            f"gunicorn --bind {BIND} 'web:create_app()'",
        ),
        (
            {"web.py": "from fastapi import FastAPI\ndef make_app():\n    return FastAPI()\n"},
            ["uvicorn"],
            f"{UVICORN} --factory web:make_app",
        ),
        (
            {
                "shop/__init__.py": "from flask import Flask\n"
                "def create_app(mode):\n    return Flask(__name__)\n",
                "wsgi.py": "from shop import create_app\napplication = create_app('live')\n",
            },
            ["gunicorn"],
            f"gunicorn --bind {BIND} wsgi:application",
        ),
    ],
)
def test_the_application_object_is_found_and_served(
    plan: Plan, pinned: Pinned, files: dict[str, str], packages: list[str], command: str
) -> None:
    made = plan({**files, "requirements.txt": pinned(*packages)})
    assert made.runtime.workers == {"web": command}


def test_the_evidence_names_the_line_of_the_object(plan: Plan, pinned: Pinned) -> None:
    evidence = plan({"app.py": FLASK, "requirements.txt": pinned("gunicorn")}).evidence[-1]
    assert (evidence.file, evidence.line) == ("app.py", 2)
    assert evidence.reason == "Flask, and gunicorn is locked"


@pytest.mark.parametrize("place", ["tests/app.py", "docs/app.py", "test_app.py", "no-name/app.py"])
def test_an_object_that_is_not_the_app_s_is_passed_over(
    plan: Plan, pinned: Pinned, place: str
) -> None:
    files = {place: FLASK, "main.py": "print()\n", "requirements.txt": pinned("gunicorn")}
    assert plan(files).runtime.workers == {"web": "python main.py"}


def test_the_module_nearer_to_the_top_wins(plan: Plan, pinned: Pinned) -> None:
    files = {"shop/main.py": FLASK, "server.py": FLASK, "requirements.txt": pinned("gunicorn")}
    assert plan(files).runtime.workers["web"].endswith(" server:app")


def test_code_for_another_python_is_passed_over(plan: Plan, pinned: Pinned) -> None:
    files = {"app.py": FLASK, "main.py": "print 1\n", "requirements.txt": pinned("gunicorn")}
    assert plan(files).runtime.workers["web"].endswith(" app:app")


def test_a_development_server_is_no_substitute(plan: Plan, pinned: Pinned) -> None:
    with pytest.raises(ConfigError, match=r"app:app .*no server for it is locked") as caught:
        plan({"app.py": FLASK, "requirements.txt": pinned("flask")})
    assert (caught.value.file, caught.value.line) == ("app.py", 2)
    assert "gunicorn" in caught.value.tip


def test_a_script_without_a_framework_is_started(plan: Plan) -> None:
    assert plan({"main.py": "print('hello')\n"}).runtime.workers == {"web": "python main.py"}


def test_nothing_to_start_says_what_was_looked_for(plan: Plan) -> None:
    with pytest.raises(SourceError, match=r"Procfile.*project\.scripts.*main\.py"):
        plan({"pyproject.toml": "[project]\nname = 'x'\n", "library.py": ""})


def test_declared_workers_are_taken_as_they_are(plan: Plan) -> None:
    files = {"app.py": FLASK, "clock.py": "", "Procfile": "clock: python clock.py | cat\n"}
    assert plan(files).runtime.workers == {"clock": "python clock.py | cat"}


@pytest.mark.parametrize(
    ("line", "packages", "command"),
    [
        ("wsgi: shop.web:app", ["gunicorn"], f"gunicorn --bind {BIND} shop.web:app"),
        ("wsgi: web:make()", ["waitress"], f"waitress-serve --listen={BIND} --call web:make"),
        ("asgi: web:app", ["uvicorn"], f"{UVICORN} web:app"),
    ],
)
def test_a_declared_interface_gets_a_server_as_web(
    plan: Plan, pinned: Pinned, line: str, packages: list[str], command: str
) -> None:
    code = "from shop import app, make\n"
    files = {"Procfile": f"{line}\n", "requirements.txt": pinned(*packages)}
    files |= {"web.py": code, "shop/web.py": code, "shop/__init__.py": "app = make = print\n"}
    assert plan(files).runtime.workers == {"web": command}


def test_a_declared_interface_without_a_server_is_refused(plan: Plan, pinned: Pinned) -> None:
    with pytest.raises(ConfigError, match="no server") as caught:
        plan({"Procfile": "wsgi: web:app\n", "requirements.txt": pinned("flask")})
    assert (caught.value.file, caught.value.line) == ("Procfile", 1)


def test_a_declared_interface_has_a_module_and_an_object(plan: Plan, pinned: Pinned) -> None:
    with pytest.raises(ConfigError, match="module:object"):
        plan({"Procfile": "wsgi: gunicorn web\n", "requirements.txt": pinned("gunicorn")})


def test_an_interface_beside_a_web_worker_is_refused(plan: Plan, pinned: Pinned) -> None:
    procfile = "web: python x.py\nasgi: web:app\n"
    with pytest.raises(ConfigError, match="another one for HTTP"):
        plan({"Procfile": procfile, "requirements.txt": pinned("uvicorn")})
