"""Whether a project is a package that gets installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hop3_nix.errors import ConfigError
from hop3_nix.toolchains.python.project import read_project

if TYPE_CHECKING:
    from collections.abc import Callable

    from hop3_nix.source import Source

    App = Callable[[dict[str, str]], Source]

HATCHLING = '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
SETUPTOOLS = '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
PROJECT = '[project]\nname = "My-Shop"\nversion = "2"\n'


@pytest.mark.parametrize(
    ("files", "installed"),
    [
        ({"pyproject.toml": PROJECT}, False),
        ({"pyproject.toml": HATCHLING}, False),
        ({"pyproject.toml": PROJECT + HATCHLING, "my_shop/__init__.py": ""}, True),
        ({"pyproject.toml": PROJECT + HATCHLING, "src/My_Shop/__init__.py": ""}, True),
        ({"pyproject.toml": PROJECT + HATCHLING, "manage.py": ""}, False),
        ({"pyproject.toml": PROJECT + HATCHLING + '[tool.hatch.build]\nx = "y"\n'}, True),
        ({"pyproject.toml": PROJECT + SETUPTOOLS, "manage.py": ""}, True),
        ({"pyproject.toml": PROJECT + SETUPTOOLS + "[tool.uv]\npackage = false\n"}, False),
        ({"pyproject.toml": PROJECT + "[tool.uv]\npackage = true\n"}, True),
        (
            {
                "pyproject.toml": PROJECT + HATCHLING + "[tool.poetry]\npackage-mode = false\n",
                "my_shop/__init__.py": "",
            },
            False,
        ),
        ({"pyproject.toml": PROJECT + SETUPTOOLS + "[tool.pdm]\ndistribution = false\n"}, False),
        ({"setup.py": ""}, True),
        ({"setup.cfg": "[metadata]\nname = shop\n"}, True),
        ({"setup.cfg": "[flake8]\nmax-line-length = 100\n", "main.py": ""}, False),
        ({"setup.py": "", "requirements.txt": "flask\n"}, False),
        ({"setup.py": "", "requirements.txt": "flask\n-e .\n"}, True),
        ({"setup.py": "", "requirements.txt": ".[web]  # ourselves\n"}, True),
    ],
)
def test_the_project_is_installed_if_it_is_a_package(
    app: App, files: dict[str, str], *, installed: bool
) -> None:
    assert read_project(app(files)).installed is installed


def test_the_reason_names_file_and_line(app: App) -> None:
    text = PROJECT + SETUPTOOLS + "[tool.uv]\npackage = false\n"
    (evidence,) = read_project(app({"pyproject.toml": text})).evidence
    assert evidence.reason == "[tool.uv] package = false"
    assert (evidence.file, evidence.line) == ("pyproject.toml", 8)


def test_a_src_layout_that_is_not_installed_has_a_source_directory(app: App) -> None:
    assert read_project(app({"src/shop/web.py": ""})).source_dirs == ("src",)


def test_a_package_called_src_is_no_source_directory(app: App) -> None:
    assert read_project(app({"src/__init__.py": "", "src/web.py": ""})).source_dirs == ()


def test_an_installed_project_has_no_source_directory(app: App) -> None:
    files = {"pyproject.toml": PROJECT + HATCHLING, "src/my_shop/__init__.py": ""}
    assert read_project(app(files)).source_dirs == ()


def test_poetry_s_own_metadata_are_read(app: App) -> None:
    text = (
        '[tool.poetry]\nname = "shop"\nversion = "3"\ndescription = "Sells"\n'
        '[tool.poetry.scripts]\nshop = "shop:main"\nother = {reference = "x", type = "file"}\n'
    )
    project = read_project(app({"pyproject.toml": text}))
    assert (project.name, project.version, project.description) == ("shop", "3", "Sells")
    assert project.scripts == {"shop": "shop:main"}


def test_metadata_of_setup_cfg_are_read(app: App) -> None:
    project = read_project(app({"setup.cfg": "[metadata]\nname = shop\nversion = 4\n"}))
    assert (project.name, project.version) == ("shop", "4")
    assert project.build_requires == ("setuptools", "wheel")


def test_broken_toml_is_refused_with_its_line(app: App) -> None:
    with pytest.raises(ConfigError) as caught:
        read_project(app({"pyproject.toml": '[project]\nname = "x\n'}))
    assert (caught.value.file, caught.value.line) == ("pyproject.toml", 2)
