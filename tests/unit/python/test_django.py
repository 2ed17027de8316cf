"""Django projects: the server, and static files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from hop3_nix.errors import ConfigError
from hop3_nix.toolchains.python.building import COLLECT

if TYPE_CHECKING:
    from collections.abc import Callable

    from hop3_nix.plan import BuildPlan

    Plan = Callable[[dict[str, str]], BuildPlan]
    Pinned = Callable[..., str]

MANAGE = "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'site1.settings')\n"
BASE = "from pathlib import Path\nBASE_DIR = Path(__file__).resolve().parent.parent\n"
STATIC = "INSTALLED_APPS = ['django.contrib.staticfiles']\nSTATIC_URL = 'static/'\n"
WSGI = "WSGI_APPLICATION = 'site1.wsgi.application'\n"


@pytest.fixture
def django(plan: Plan, pinned: Pinned) -> Callable[..., BuildPlan]:
    def make(settings: str, *servers: str, **files: str) -> BuildPlan:
        return plan(
            {
                "manage.py": MANAGE,
                "site1/__init__.py": "",
                "site1/settings.py": settings,
                "site1/wsgi.py": "application = None\n",
                "site1/asgi.py": "application = None\n",
                "requirements.txt": pinned("django", *(servers or ("gunicorn",))),
                **files,
            }
        )

    return make


@pytest.mark.parametrize(
    ("settings", "servers", "command"),
    [
        (WSGI, ("gunicorn", "uvicorn"), "gunicorn .* site1.wsgi:application"),
        ("", ("gunicorn",), "gunicorn .* site1.wsgi:application"),
        (WSGI, ("uvicorn",), "uvicorn --interface wsgi .* site1.wsgi:application"),
        (WSGI, ("daphne",), "daphne .* site1.asgi:application"),
        (
            WSGI + "ASGI_APPLICATION = 'site1.asgi.application'\n",
            ("gunicorn", "uvicorn"),
            "uvicorn .* site1.asgi:application",
        ),
        (
            WSGI + "ASGI_APPLICATION = 'site1.asgi.application'\n",
            ("gunicorn",),
            "gunicorn .* site1.wsgi:application",
        ),
    ],
)
def test_the_locked_server_serves_it(
    django: Callable[..., BuildPlan], settings: str, servers: tuple[str, ...], command: str
) -> None:
    workers = django(settings, *servers).runtime.workers
    assert workers.keys() == {"web"}
    assert re.fullmatch(command.replace(".wsgi:", r"\.wsgi:"), workers["web"])


def test_runserver_is_no_substitute_for_a_server(django: Callable[..., BuildPlan]) -> None:
    with pytest.raises(ConfigError, match="application of Django, and no server"):
        django(WSGI, "whitenoise")


@pytest.mark.parametrize(
    "root",
    [
        "STATIC_ROOT = BASE_DIR / 'out' / 'static'\n",
        "STATIC_ROOT = BASE_DIR.joinpath('out', 'static')\n",
        "STATIC_ROOT = str(BASE_DIR / 'out/static')\n",
        "import os\nSTATIC_ROOT = os.path.join(BASE_DIR, 'out', 'static')\n",
        (
            "from os import path\nB = path.dirname(path.dirname(path.abspath(__file__)))\n"
            "STATIC_ROOT = path.join(B, 'out/static')\n"
        ),
        "STATIC_ROOT = Path(__file__).parents[1] / 'out/static'\n",
        "STATIC_ROOT = 'out/static'\n",
    ],
)
def test_static_files_are_collected_and_mapped(django: Callable[..., BuildPlan], root: str) -> None:
    made = django(WSGI + BASE + STATIC + root)
    assert made.build_steps == (COLLECT,)
    assert made.runtime.static_paths == {"/static": "out/static"}


@pytest.mark.parametrize(
    "settings",
    [
        BASE + STATIC,
        BASE + STATIC + "import os\nSTATIC_ROOT = os.environ['STATIC_ROOT']\n",
        BASE + STATIC + "STATIC_ROOT = '/var/www'\n",
        BASE + STATIC + "STATIC_ROOT = BASE_DIR.parent / 'static'\n",
        BASE + "STATIC_URL = 'static/'\nSTATIC_ROOT = BASE_DIR / 'static'\n",
        STATIC + "STATIC_ROOT = STATIC_ROOT / 'x'\n",
    ],
)
def test_nothing_is_collected_without_a_place_in_the_tree(
    django: Callable[..., BuildPlan], settings: str
) -> None:
    made = django(WSGI + settings)
    assert made.build_steps == ()
    assert made.runtime.static_paths == {}


def test_settings_are_followed_through_star_imports(
    django: Callable[..., BuildPlan],
) -> None:
    made = django(
        "",
        **{
            "manage.py": MANAGE.replace("settings'", "config.live'"),
            "site1/config/__init__.py": "",
            "site1/config/base.py": BASE + STATIC + WSGI,
            "site1/config/live.py": "from .base import *\nSTATIC_ROOT = BASE_DIR / 'out'\n",
        },
    )
    assert made.runtime.static_paths == {"/static": "site1/out"}


def test_an_address_elsewhere_is_not_mapped(django: Callable[..., BuildPlan]) -> None:
    settings = WSGI + BASE + STATIC.replace("static/", "https://cdn.example/")
    made = django(settings + "STATIC_ROOT = BASE_DIR / 'out'\n")
    assert made.build_steps == (COLLECT,)
    assert made.runtime.static_paths == {}


def test_collecting_comes_after_the_app_s_own_build(django: Callable[..., BuildPlan]) -> None:
    settings = WSGI + BASE + STATIC + "STATIC_ROOT = BASE_DIR / 'out'\n"
    toml = '[build]\nbefore-build = "a"\nbuild = "b"\nafter-build = "c"\n'
    assert django(settings, **{"hop3.toml": toml}).build_steps == ("a", "b", COLLECT, "c")


def test_a_step_that_collects_is_not_doubled(django: Callable[..., BuildPlan]) -> None:
    settings = WSGI + BASE + STATIC + "STATIC_ROOT = BASE_DIR / 'out'\n"
    own = "python manage.py collectstatic --no-input --clear"
    made = django(settings, **{"hop3.toml": f'[build]\nbuild = "{own}"\n'})
    assert made.build_steps == (own,)
    assert made.runtime.static_paths == {"/static": "out"}


def test_collecting_can_be_switched_off(django: Callable[..., BuildPlan]) -> None:
    settings = WSGI + BASE + STATIC + "STATIC_ROOT = BASE_DIR / 'out'\n"
    made = django(settings, **{"hop3.toml": '[env]\nDISABLE_COLLECTSTATIC = "1"\n'})
    assert made.build_steps == ()


def test_the_configured_static_paths_replace_the_inferred(
    django: Callable[..., BuildPlan],
) -> None:
    settings = WSGI + BASE + STATIC + "STATIC_ROOT = BASE_DIR / 'out'\n"
    made = django(settings, **{"hop3.toml": '[static]\n"/files" = "files"\n'})
    assert made.runtime.static_paths == {"/files": "files"}
