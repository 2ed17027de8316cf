"""Applications whose own files cannot be used: each is told by file and line, and left alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from refusing import Refuse

NIX = ("--builder", "nix", "--pkgs", "debian")
LOCAL = ("--builder", "local")
BAD_INPUT = 65

UV_LOCK = """\
version = 1
revision = 3
requires-python = ">=3.11"

[[package]]
name = "lonelib"
version = "1.0"
source = { registry = "https://index.example/simple" }
wheels = [
    { url = "https://files.example/lonelib-1.0-%(tag)s.whl", hash = "sha256:%(digest)s", size = 1 },
]

[[package]]
name = "shop"
version = "1.0"
source = { virtual = "." }
dependencies = [
    { name = "lonelib" },
]

[package.metadata]
requires-dist = [{ name = "lonelib" }]
"""
POETRY_LOCK = """\
[[package]]
name = "lonelib"
version = "1.0"
description = ""
optional = false
python-versions = "*"
groups = ["main"]
files = [
    {file = "lonelib-1.0-py3-none-any.whl", hash = "sha256:%(digest)s"},
]

[metadata]
lock-version = "2.1"
python-versions = ">=3.11"
content-hash = "%(digest)s"
"""
PYLOCK = """\
lock-version = "1.0"
created-by = "a test"

[[packages]]
name = "lonelib"
version = "1.0"

[[packages.wheels]]
url = "https://files.example/lonelib-1.0-%(tag)s.whl"
hashes = { sha256 = "%(digest)s" }
"""
HASH_LOCK = json.dumps(
    {
        "format": 1,
        "inputs": {"requirements.txt": "0" * 64},
        "python": {"version": "3.13.5", "system": "x86_64-linux", "glibc": "2.41"},
    }
)
FILLED = {"digest": "1" * 64, "tag": "py3-none-any"}
WINDOWS = {**FILLED, "tag": "cp313-cp313-win_amd64"}
PROJECT = '[project]\nname = "shop"\nversion = "1.0"\nrequires-python = ">=3.11"\n'


class Case(NamedTuple):
    """Files of an application, None for one that is not there, and what has to be said of them."""

    files: dict[str, str | None]
    says: str
    tip: str


CASES = {
    "unknown key": Case(
        {"hop3.toml": '[build]\nbuidler = "nix"\n'},
        "hop3.toml:2: [build] buidler is not a key that is known",
        "Did you mean builder?",
    ),
    "unknown section": Case(
        {"hop3.toml": "# settings\n[biuld]\n"},
        "hop3.toml:2: 'biuld' is not a section that is known",
        "Did you mean build?",
    ),
    "value of the wrong kind": Case(
        {"hop3.toml": "[build]\n\npython-version = 3.13\n"},
        "hop3.toml:3: [build] python-version has to be a text",
        "Put it in quotes",
    ),
    "broken TOML": Case(
        {"hop3.toml": '[metadata]\nid = "shop\n'},
        "hop3.toml:2: not valid TOML: ",
        "Texts need quotes",
    ),
    "broken TOML in hop3/": Case(
        {"hop3/hop3.toml": "\n\n[env]\nA = \n"},
        "hop3/hop3.toml:4: not valid TOML: ",
        "Texts need quotes",
    ),
    "broken pyproject.toml": Case(
        {"pyproject.toml": "[project]\nname = shop\n"},
        "pyproject.toml:2: not valid TOML: ",
        "Texts need quotes",
    ),
    "Procfile line without a colon": Case(
        {"Procfile": "# workers\nweb: python main.py\nworker python main.py\n"},
        "Procfile:3: there is no colon in 'worker python main.py'",
        "Write one worker per line, such as: web: gunicorn app:app",
    ),
    "Procfile with an open quote": Case(
        {"Procfile": "web: python -c 'print(1)\n"},
        "Procfile:1: the command of 'web' has",
        "Close it",
    ),
    "no hashes and no lock": Case(
        {"requirements.txt": "# what it needs\nlonelib\n"},
        "requirements.txt:2: requires packages, and no lockfile pins them with their hashes",
        "hop3-nix lock",
    ),
    "dependencies and no lock": Case(
        {"requirements.txt": None, "pyproject.toml": f'{PROJECT}dependencies = ["lonelib"]\n'},
        "pyproject.toml:5: requires packages, and no lockfile pins them with their hashes",
        "hop3-nix lock",
    ),
    "Pipfile and no lock": Case(
        {"Pipfile": '[packages]\nlonelib = "*"\n'},
        "Pipfile: requires packages, and no lockfile pins them with their hashes",
        "pipenv lock",
    ),
    "stale hop3-nix.lock": Case(
        {"requirements.txt": "lonelib\n", "hop3-nix.lock": HASH_LOCK},
        "hop3-nix.lock: requirements.txt changed since hop3-nix.lock was written",
        "hop3-nix lock",
    ),
    "hop3-nix.lock that is no JSON": Case(
        {"requirements.txt": "lonelib\n", "hop3-nix.lock": '{\n "format": 1,\n}\n'},
        "hop3-nix.lock:3: not JSON: ",
        "Write it again: hop3-nix lock",
    ),
    "hop3-nix.lock of a later version": Case(
        {"requirements.txt": "lonelib\n", "hop3-nix.lock": '{\n "format": 99\n}\n'},
        "hop3-nix.lock:2: format 99; this hop3-nix reads up to 1",
        "Upgrade hop3-nix",
    ),
    "pyproject.toml changed since uv lock": Case(
        {
            "pyproject.toml": f'{PROJECT}dependencies = ["lonelib", "newlib>=2"]\n',
            "uv.lock": UV_LOCK % FILLED,
        },
        "pyproject.toml:5: newlib >=2 is required, and uv.lock does not have it",
        "Lock again: uv lock",
    ),
    "pyproject.toml changed since poetry lock": Case(
        {
            "pyproject.toml": f'{PROJECT}dependencies = ["lonelib>=2"]\n',
            "poetry.lock": POETRY_LOCK % FILLED,
        },
        "pyproject.toml:5: lonelib >=2 is required, and poetry.lock has 1.0",
        "Lock again: poetry lock",
    ),
    "uv.lock cut short": Case(
        {
            "pyproject.toml": f'{PROJECT}dependencies = ["lonelib"]\n',
            "uv.lock": (UV_LOCK % FILLED)[:200],
        },
        "uv.lock:10: not valid TOML: ",
        "Lock again: uv lock",
    ),
    "wheel not available for the platform, in uv.lock": Case(
        {
            "pyproject.toml": f'{PROJECT}dependencies = ["lonelib"]\n',
            "uv.lock": UV_LOCK % WINDOWS,
        },
        "uv.lock:5: lonelib 1.0: wheel not available for the platform (CPython 3.13",
        "Choose a Python version that lonelib has a wheel for, or another version of lonelib",
    ),
    "wheel not available for the platform, in pylock.toml": Case(
        {"pylock.toml": PYLOCK % WINDOWS},
        "pylock.toml:4: lonelib 1.0: wheel not available for the platform (CPython 3.13",
        "Choose a Python version that lonelib has a wheel for, or another version of lonelib",
    ),
    "Python that the set does not have": Case(
        {".python-version": "3.9\n"},
        ".python-version:1: Python 3.9 is asked for, and debian has 3.13",
        "Ask for one of those",
    ),
    "Python that the set does not have, in hop3.toml": Case(
        {"hop3.toml": '[build]\npython-version = "3.99"\n'},
        "hop3.toml:2: Python 3.99 is asked for, and debian has 3.13",
        "Ask for one of those",
    ),
    "Pythons that the set does not have": Case(
        {"pyproject.toml": '[project]\nname = "shop"\nversion = "1.0"\nrequires-python = "<3.9"\n'},
        "pyproject.toml:4: the app needs Python '<3.9', and debian has 3.13",
        "Widen the range, or build with another package set (--pkgs).",
    ),
    "package that the set does not have": Case(
        {"hop3.toml": '[run]\npackages = ["coreutlis"]\n'},
        "hop3.toml:2: debian has no package 'coreutlis'",
        "Did you mean coreutils",
    ),
    "file that leads out of the application": Case(
        {"hop3.toml": '[static]\n"/files" = "../elsewhere"\n'},
        "hop3.toml:2: [static] /files leads out of the application",
        "relative to the application's root",
    ),
}


def write(app: Path, files: dict[str, str | None]) -> None:
    for name, text in files.items():
        if text is None:
            (app / name).unlink()
            continue
        (app / name).parent.mkdir(exist_ok=True)
        (app / name).write_text(text)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_build_says_what_is_wrong_where_and_what_to_do(
    refuse: Refuse, app: Path, case: Case
) -> None:
    write(app, case.files)
    before = sorted(refuse.state.glob("apps/*"))
    refuse("build", app, *NIX, code=BAD_INPUT, says=case.says, tip=case.tip, app=app)
    assert sorted(refuse.state.glob("apps/*")) == before


@pytest.mark.parametrize("command", [("build", *LOCAL), ("plan",), ("render",), ("lock",)])
def test_every_command_says_the_same(refuse: Refuse, app: Path, command: tuple[str, ...]) -> None:
    case = CASES["Procfile line without a colon"]
    write(app, case.files)
    name, *options = command
    refuse(name, app, *options, code=BAD_INPUT, says=case.says, tip=case.tip, app=app)


def test_the_application_here_is_meant_if_none_is_named(refuse: Refuse, app: Path) -> None:
    case = CASES["unknown key"]
    write(app, case.files)
    refuse("build", code=BAD_INPUT, says=case.says, tip=case.tip, app=app, cwd=app)


def test_this_machine_does_not_have_the_python_either(refuse: Refuse, app: Path) -> None:
    write(app, {".python-version": "3.99\n"})
    says = ".python-version:1: Python 3.99 is asked for, and this machine has 3."
    tip = "Ask for one of those, or build with Nix."
    refuse("build", app, *LOCAL, code=BAD_INPUT, says=says, tip=tip, app=app)


def test_there_is_no_directory(refuse: Refuse, tmp_path: Path) -> None:
    says = f"{tmp_path / 'nowhere'}: there is no such directory"
    refuse("build", tmp_path / "nowhere", code=BAD_INPUT, says=says, tip="Name the directory")


def test_there_is_a_file_and_no_directory(refuse: Refuse, app: Path) -> None:
    says = f"{app / 'main.py'}: not a directory"
    refuse("build", app / "main.py", code=BAD_INPUT, says=says, tip="Name the directory")


def test_there_is_nothing_in_the_directory(refuse: Refuse, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    says = f"{empty}: there are no files here"
    refuse("build", empty, code=BAD_INPUT, says=says, tip="Name the directory", app=empty)


def test_there_is_no_application_in_the_directory(refuse: Refuse, tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    notes.mkdir()
    (notes / "README.md").write_text("Nothing to run.\n")
    says = f"{notes}: no application here: no file at the top tells its language"
    refusal = refuse("build", notes, code=BAD_INPUT, says=says, tip="Give the directory", app=notes)
    assert "requirements.txt" in refusal.error
