"""What has to be locked, and the remedy that is named when it is not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from hop3_nix.errors import LockError
from hop3_nix.locks.own import input_digests

if TYPE_CHECKING:
    from collections.abc import Callable

    from hop3_nix.plan import BuildPlan
    from hop3_nix.source import Source

    App = Callable[[dict[str, str]], Source]
    Plan = Callable[[dict[str, str]], BuildPlan]
    Pinned = Callable[..., str]

PACKAGE = {
    "pyproject.toml": '[build-system]\nrequires = ["flit_core"]\nbuild-backend = "flit_core.api"\n'
    '[project]\nname = "shop"\nversion = "1"\n[project.scripts]\nsell = "shop:main"\n',
    "shop.py": "def main(): ...\n",
}
BACKEND = {
    "name": "flit-core",
    "version": "3.12.0",
    "filename": "flit_core-3.12.0-py3-none-any.whl",
    "url": "https://index.example/flit_core-3.12.0-py3-none-any.whl",
    "sha256": "f" * 64,
}


def hash_lock(source: Source, *inputs: str, **parts: Any) -> str:
    python = {"version": "3.13.5", "system": "x86_64-linux", "glibc": "2.41"}
    return json.dumps({"inputs": input_digests(source, inputs), "python": python, **parts})


def test_an_app_of_the_standard_library_needs_no_lockfile(plan: Plan) -> None:
    assert plan({"main.py": "", "requirements.txt": "# nothing\n"}).dependencies == ()


def test_pinned_requirements_are_the_dependencies(plan: Plan, pinned: Pinned) -> None:
    made = plan({"main.py": "", "requirements.txt": pinned("idna", "attrs")})
    assert [file.name for file in made.dependencies] == ["attrs", "idna"]


@pytest.mark.parametrize(
    ("files", "file", "line", "remedy"),
    [
        ({"requirements.txt": "# web\nflask\n"}, "requirements.txt", 2, "hop3-nix lock"),
        (
            {"requirements.txt": "-r base.txt\n", "base.txt": "flask\n"},
            "base.txt",
            1,
            "hop3-nix lock",
        ),
        (
            {"pyproject.toml": '[project]\nname = "x"\ndependencies = ["flask"]\n'},
            "pyproject.toml",
            3,
            "hop3-nix lock",
        ),
        (
            {"pyproject.toml": '[tool.poetry.dependencies]\npython = "^3.11"\nflask = "*"\n'},
            "pyproject.toml",
            1,
            "poetry lock",
        ),
        ({"Pipfile": '[packages]\nflask = "*"\n'}, "Pipfile", None, "pipenv lock"),
    ],
)
def test_requirements_without_hashes_name_their_remedy(
    plan: Plan, files: dict[str, str], file: str, line: int | None, remedy: str
) -> None:
    with pytest.raises(LockError, match="no lockfile pins") as caught:
        plan({"main.py": "", **files})
    assert (caught.value.file, caught.value.line) == (file, line)
    assert remedy in caught.value.tip


def test_an_empty_requirements_file_does_not_hide_those_of_the_project(plan: Plan) -> None:
    files = {
        "requirements.txt": "# see pyproject.toml\n",
        "pyproject.toml": '[project]\nname = "shop"\nversion = "1"\ndependencies = ["flask"]\n',
        "main.py": "",
    }
    with pytest.raises(LockError, match=r"^pyproject.toml:4: requires packages"):
        plan(files)


def test_a_hop3_nix_lock_takes_the_place_of_hashes(app: App, plan: Plan) -> None:
    files = {"main.py": "", "requirements.txt": "flit-core\n"}
    lock = hash_lock(app(files), "requirements.txt", packages=[BACKEND])
    assert [file.name for file in plan({**files, "hop3-nix.lock": lock}).dependencies] == [
        "flit-core"
    ]


def test_an_installed_project_needs_locked_build_requirements(plan: Plan) -> None:
    with pytest.raises(LockError, match="built with flit_core") as caught:
        plan(PACKAGE)
    assert (caught.value.file, caught.value.line) == ("pyproject.toml", 2)
    assert "hop3-nix lock" in caught.value.tip


def test_an_installed_project_has_its_script_and_modules(app: App, plan: Plan) -> None:
    lock = hash_lock(app(PACKAGE), "pyproject.toml", build=[BACKEND])
    made = plan({**PACKAGE, "hop3-nix.lock": lock})
    assert made.options.app == {"installProject": True, "version": "1"}
    assert [file.name for file in made.build_dependencies] == ["flit-core"]
    assert made.runtime.workers == {"web": "sell"}
    assert made.runtime.path[0].path == "bin"
    assert made.model_dump()["runtime"]["env"]["PYTHONPATH"] == {
        "entries": ({"layer": "app", "path": "lib/python3.13/site-packages"},)
    }


def test_a_native_lock_takes_build_requirements_from_ours(
    app: App, plan: Plan, pinned: Pinned
) -> None:
    files = {
        "pylock.toml": 'lock-version = "1.0"\ncreated-by = "x"\n[[packages]]\nname = "idna"\n'
        'version = "1.0"\n[packages.sdist]\nname = "idna-1.0.tar.gz"\n'
        'url = "https://index.example/idna-1.0.tar.gz"\n'
        f'hashes = {{sha256 = "{"a" * 64}"}}\n',
        "main.py": "",
        "requirements.txt": pinned("never-read"),
    }
    with pytest.raises(LockError, match=r"idna-1\.0\.tar\.gz: a source distribution"):
        plan(files)
    lock = hash_lock(app(files), "pylock.toml", build=[BACKEND])
    made = plan({**files, "hop3-nix.lock": lock})
    assert [file.name for file in made.dependencies] == ["idna"]
    assert [file.name for file in made.build_dependencies] == ["flit-core"]


def test_a_hop3_nix_lock_that_nothing_needs_is_not_read(plan: Plan) -> None:
    files = {"pylock.toml": 'lock-version = "1.0"\ncreated-by = "x"\npackages = []\n'}
    assert plan({"main.py": "", **files, "hop3-nix.lock": "stale"}).build_dependencies == ()


DIGEST = f"sha256:{'a' * 64}"
UV_LOCK = """version = 1
requires-python = ">=3.11"

[[package]]
name = "shop"
source = { virtual = "." }
optional-dependencies = { postgres = [{ name = "driver" }] }
dev-dependencies = { prod = [{ name = "server" }] }
""" + "".join(
    f"""
[[package]]
name = "{name}"
version = "1.0"
source = {{ registry = "https://index.example/simple" }}
wheels = [{{ url = "https://index.example/{name}-1.0-py3-none-any.whl", hash = "{DIGEST}" }}]
"""
    for name in ("driver", "server")
)
PROJECT = """[project]
name = "shop"
version = "1"
[project.optional-dependencies]
postgres = ["driver"]
[dependency-groups]
prod = ["server"]
"""


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ("", []),
        ('extras = ["postgres"]', ["driver"]),
        ('groups = "prod"', ["server"]),
        ('extras = ["postgres"]\ngroups = ["prod"]', ["driver", "server"]),
    ],
)
def test_what_hop3_toml_asks_for_besides_is_a_dependency(
    plan: Plan, asked: str, names: list[str]
) -> None:
    files = {"app.py": "", "Procfile": "web: python app.py", "uv.lock": UV_LOCK}
    made = plan({**files, "pyproject.toml": PROJECT, "hop3.toml": f"[build]\n{asked}\n"})
    assert [file.name for file in made.dependencies] == names


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"uv.lock": UV_LOCK, "pyproject.toml": PROJECT}, "there is no extra"),
        ({"requirements.txt": "# nothing\n"}, "no lockfile pins them"),
    ],
)
def test_an_extra_that_nothing_pins_is_refused(
    plan: Plan, files: dict[str, str], message: str
) -> None:
    with pytest.raises(LockError, match=message):
        plan({"app.py": "", **files, "hop3.toml": '[build]\nextras = ["mysql"]\n'})
