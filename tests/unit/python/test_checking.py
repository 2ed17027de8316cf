"""All that is wrong with a Python application, told before it is built."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hop3_nix.config import load_config
from hop3_nix.errors import LockError
from hop3_nix.toolchains.composition import Composition

if TYPE_CHECKING:
    from collections.abc import Callable

    from hop3_nix.plan import Target
    from hop3_nix.source import Source
    from hop3_nix.toolchains.checking import Checked

Check = "Callable[..., Checked]"
FLASK = "from flask import Flask\n\napp = Flask(__name__)\n"


@pytest.fixture
def check(
    app: Callable[[dict[str, str]], Source], target: Target, pinned: Callable[..., str]
) -> Callable[..., Checked]:
    def make(files: dict[str, str], *names: str) -> Checked:
        locked = {"requirements.txt": pinned(*names)} if names else {}
        source = app({**locked, **files})
        return Composition.of(source, load_config(source)).check(target)

    return make


def said(checked: Checked, severity: str = "error") -> list[str]:
    return [str(each) for each in checked.problems if each.severity == severity]


def test_without_a_lock_version_and_workers_are_told(check: Callable[..., Checked]) -> None:
    files = {"requirements.txt": "flask\ngunicorn\n", "app.py": FLASK}
    checked = check(files)
    assert checked.plan is not None
    assert checked.plan.interpreter == "python313"
    assert checked.plan.runtime.workers["web"].endswith("app:app")
    assert [type(each) for each in checked.errors] == [LockError]
    assert "hop3-nix lock" in checked.problems[0].tip


def test_all_errors_are_told_at_once(check: Callable[..., Checked]) -> None:
    procfile = "release: python tools/migrate.py\nweb: gunicorn app:application\nbad: celery -A a\n"
    files = {"Procfile": procfile, "app.py": FLASK, "tools/migrat.py": ""}
    checked = check(files, "flask", "gunicorn")
    assert said(checked) == [
        "Procfile:1: before-run runs tools/migrate.py, and there is no such file",
        "Procfile:2: web takes application from app, and app.py has no such name",
        "Procfile:3: bad runs celery, and no package that is locked has it",
        "Procfile:3: bad imports a, and there is no such module",
    ]
    with pytest.raises(Exception, match=r"tools/migrate\.py") as caught:
        checked.usable()
    assert len(getattr(caught.value, "also", ())) == len(checked.errors) - 1
    assert "tools/migrat.py" in checked.problems[0].tip
    assert "app" in checked.problems[1].tip


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("gunicorn shop:app", "web runs gunicorn, and no package that is locked has it"),
        ("python3 -m uvicorn shop:app", "web runs uvicorn, and no package that is locked has it"),
        ("PORT=1 exec waitress-serve shop:app", "web runs waitress-serve, and no package"),
        ("cd lib && python run.py", "web runs lib/run.py, and there is no such file"),
        ("python -u run.py --now", "web runs run.py, and there is no such file"),
        ("python manage.py runserver", "web runs manage.py, and there is no such file"),
        ("bash bin/start.sh", "web runs bin/start.sh, and there is no such file"),
    ],
)
def test_what_a_command_names_and_is_not_there(
    check: Callable[..., Checked], line: str, message: str
) -> None:
    checked = check({"Procfile": f"web: {line}\n", "shop.py": FLASK, "lib/a.py": ""}, "flask")
    assert said(checked)[0].startswith(f"Procfile:1: {message}")


@pytest.mark.parametrize(
    ("named", "message"),
    [
        ("shop:application", "web takes application from shop, and shop/__init__.py has no"),
        ("shop.web:ap", "web takes ap from shop.web, and shop/web.py has no such name"),
        ("shop.wbe:app", "web imports shop.wbe, and there is no such module"),
        ("shp:app", "web imports shp, and there is no such module"),
        ("'shop.web:make(1)'", "web takes make from shop.web, and shop/web.py has no such name"),
        ("-w 2 -k gthread shp:app", "web imports shp, and there is no such module"),
        ("--chdir lib shop:app", "web imports shop, and there is no such module"),
    ],
)
def test_a_module_or_an_object_that_is_not_there(
    check: Callable[..., Checked], named: str, message: str
) -> None:
    files = {"Procfile": f"web: gunicorn {named}\n", "lib/x.py": ""}
    if "chdir" in named:
        files["shop.py"] = "app = 1\n"
        files["lib/x.py"] = ""
    else:
        files |= {"shop/__init__.py": "app = 1\n", "shop/web.py": FLASK}
    assert said(check(files, "flask", "gunicorn"))[0].startswith(f"Procfile:1: {message}")


@pytest.mark.parametrize(
    ("code", "named"),
    [
        ("app = 1", "shop:app"),
        ("app: int = 1", "shop:app.wsgi"),
        ("def app(): pass", "'shop:app(1)'"),
        ("class app: pass", "shop:app"),
        ("from wsgi import app", "shop:app"),
        ("from wsgi import other as app", "shop:app"),
        ("from wsgi import *", "shop:app"),
        ("if True:\n    app = 1\nelse:\n    app = 2", "shop:app"),
        ("try:\n    app, other = 1, 2\nexcept ValueError:\n    pass", "shop:app"),
        ("with open('a') as app:\n    pass", "shop:app"),
        ("def f():\n    global app\n    app = 1\nf()", "shop:app"),
        ("globals()['app'] = 1", "shop:app"),
        ("def __getattr__(name): return 1", "shop:app"),
        ("(app := 1)", "shop:app"),
        ("import app", "shop:app"),
        ("application = 1", "shop"),
        ("app = 1", "--config python:settings.web shop:app"),
        ("app = 1", "-k uvicorn.workers:Worker shop:app"),
        ("app = 1", "-b unix:/run/a.sock -c gunicorn.py shop:app"),
        ("app = 1", "$APP"),
        ("app = 1", "--chdir sub inner:app"),
        ("app = 1", "--pythonpath sub inner:app"),
    ],
)
def test_what_is_right_is_not_refused(check: Callable[..., Checked], code: str, named: str) -> None:
    files = {"Procfile": f"web: gunicorn {named}\n", "shop.py": f"{code}\n", "wsgi.py": ""}
    checked = check({**files, "app.py": "", "sub/inner.py": "app = 1\n"}, "gunicorn", "uvicorn")
    assert checked.problems == ()


@pytest.mark.parametrize(
    "line",
    [
        "python -c 'import app'",
        "python -m http.server $PORT",
        "if true; then python nothing.py; fi",
        "python $SCRIPT.py",
        "python /opt/there.py",
        "echo python nothing.py",
        "PYTHONPATH=lib gunicorn other:app",
        "gunicorn 'paste.deploy:loadapp'",
    ],
)
def test_what_cannot_be_told_is_not_refused(check: Callable[..., Checked], line: str) -> None:
    checked = check({"Procfile": f"web: {line}\n", "app.py": ""}, "gunicorn", "paste")
    assert said(checked) == []


def test_a_syntax_error_in_what_a_worker_imports(check: Callable[..., Checked]) -> None:
    files = {
        "Procfile": "web: gunicorn shop.web:app\n",
        "shop/__init__.py": "",
        "shop/web.py": "from . import helper\nfrom shop.deep import thing\napp = 1\n",
        "shop/helper.py": "a = 1\n\ndef f(:\n    pass\n",
        "shop/deep/__init__.py": "from .thing import x\n",
        "shop/deep/thing.py": "x = [1\ny = 2\n",
        "shop/unused.py": "def f(:\n",
        "templates/cookie.py": "{{ name }} =\n",
    }
    found = said(check(files, "gunicorn"))
    assert [each.partition(": ")[0] for each in sorted(found)] == [
        "shop/deep/thing.py:1",
        "shop/helper.py:3",
    ]
    assert "syntax error" in found[0]


@pytest.mark.parametrize(
    "code",
    ["type A = int\n", "def f[T](a: T) -> T:\n    return a\n", "d = {}\nx = f'{d['a']}'\n"],
)
def test_syntax_that_is_newer_than_ours_is_no_error(
    check: Callable[..., Checked], code: str
) -> None:
    assert said(check({"Procfile": "web: python app.py\n", "app.py": code})) == []


def test_an_import_that_nothing_provides_is_a_warning(check: Callable[..., Checked]) -> None:
    code = "import flask\nimport requests.adapters\nimport json\nimport own\nimport odd_name\n"
    files = {"Procfile": "web: python app.py\n", "app.py": code, "own.py": "import numpy\n"}
    checked = check(files, "requests-oauthlib")
    assert said(checked, "warning") == [
        "app.py:1: imports flask, and no package that is locked seems to have it",
        "own.py:1: imports numpy, and no package that is locked seems to have it",
    ]
    assert checked.plan is not None
    assert checked.plan.warnings == checked.problems


@pytest.mark.parametrize(
    ("files", "warning"),
    [
        (
            {"Procfile": "web: gunicorn -b 0.0.0.0:8765 app:app\n", "app.py": FLASK},
            "Procfile:1: web listens on port 8765, and not on the one that it is given",
        ),
        (
            {"Procfile": "web: uvicorn app:app\n", "app.py": FLASK},
            "Procfile:1: web listens on port 8000, and not on the one that it is given",
        ),
        (
            {
                "Procfile": "web: gunicorn --config conf.py app:app\n",
                "app.py": FLASK,
                "conf.py": 'workers = 2\nbind = "0.0.0.0:8080"\n',
            },
            "conf.py:2: listens on port 8080, and nothing here reads the one that it is given",
        ),
        (
            {"Procfile": "web: python app.py\n", "app.py": f"{FLASK}\napp.run(port=5000)\n"},
            "app.py:5: listens on port 5000, and nothing here reads the one that it is given",
        ),
    ],
)
def test_a_port_of_its_own_is_a_warning(
    check: Callable[..., Checked], files: dict[str, str], warning: str
) -> None:
    assert said(check(files, "flask", "gunicorn", "uvicorn"), "warning") == [warning]


@pytest.mark.parametrize(
    "files",
    [
        {"Procfile": "web: gunicorn app:app\n", "app.py": FLASK},
        {"Procfile": "web: uvicorn --port $PORT app:app\n", "app.py": FLASK},
        {"Procfile": "web: flask db upgrade; gunicorn app:app\n", "app.py": FLASK},
        {"Procfile": "web: uvicorn --uds /tmp/a app:app\n", "app.py": FLASK},
        {
            "Procfile": "web: python app.py\n",
            "app.py": "import conf\napp.run(port=5000)\n",
            "conf.py": "import os\nPORT = os.environ['PORT']\n",
        },
    ],
)
def test_the_port_that_is_given_is_no_warning(
    check: Callable[..., Checked], files: dict[str, str]
) -> None:
    assert said(check(files, "flask", "gunicorn", "uvicorn"), "warning") == []
