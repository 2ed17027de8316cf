from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hop3_nix.errors import LockError
from hop3_nix.locks.python.formats import FORMATS

if TYPE_CHECKING:
    from collections.abc import Callable

    from hop3_nix.locks.base import TargetPython
    from hop3_nix.source import Source

    Make = Callable[[dict[str, str]], Source]
    Refusal = Callable[..., LockError]

POETRY = next(one for one in FORMATS if one.file == "poetry.lock")
SHA = "sha256:" + "a" * 64


def package(name: str = "pack", version: str = "1.0", more: str = "", python: str = ">=3.8") -> str:
    return f"""
[[package]]
name = "{name}"
version = "{version}"
optional = false
python-versions = "{python}"
files = [{{ file = "{name}-{version}.tar.gz", hash = "{SHA}" }}]
{more}
"""


def metadata(version: str = "2.0", python: str = "^3.11") -> str:
    return f"""
[metadata]
lock-version = "{version}"
python-versions = "{python}"
content-hash = "0"
"""


def project(dependencies: str = 'pack = "*"') -> str:
    return f'[tool.poetry]\nname = "demo"\n[tool.poetry.dependencies]\n{dependencies}\n'


def names(source: Source, target: TargetPython, **asked: list[str]) -> dict[str, str]:
    return {one.name: one.version for one in POETRY.read(source, target, **asked).dependencies}


@pytest.mark.parametrize(
    ("lock", "message"),
    [
        (metadata("3.0"), r"^poetry.lock:3: format version 3.0; this"),
        (metadata(python="^3.12"), r"^poetry.lock:4: the project needs Python \^3.12, and"),
        ("[metadata]\n", r"^poetry.lock:1: metadata.lock-version: Field required"),
        (metadata(), r"^pyproject.toml:4: pack is required, and poetry.lock does not have it"),
        (package(python=">=3.12") + metadata("2.1"), "pyproject.toml:4: pack is required"),
        (
            package(more='groups = ["main"]', python=">=3.12") + metadata("2.1"),
            r"^poetry.lock:2: pack needs Python >=3.12, and the target is CPython 3.11.2",
        ),
        (
            package(more='[package.source]\ntype = "git"\nurl = "x"') + metadata(),
            r"^poetry.lock:2: pack comes from a Git repository",
        ),
        (
            package(more='[package.source]\ntype = "directory"\nurl = "lib"') + metadata(),
            r"^poetry.lock:2: pack comes from directory lib, which is not supported",
        ),
        (
            package(more='[package.source]\ntype = "file"\nurl = "p.whl"') + metadata(),
            "pack comes from file p.whl",
        ),
        (
            package(more='groups = ["main"]\nmarkers = "no marker"') + metadata("2.1"),
            r"^poetry.lock:2: package.0.markers",
        ),
    ],
)
def test_what_cannot_be_used_is_an_error(refusal: Refusal, lock: str, message: str) -> None:
    error = refusal(POETRY, {"poetry.lock": lock, "pyproject.toml": project()})
    with pytest.raises(LockError, match=message):
        raise error


@pytest.mark.parametrize("value", ['"^x"', "3", '{ version = "1", markers = "what" }'])
def test_a_requirement_that_is_none_is_an_error_with_its_line(refusal: Refusal, value: str) -> None:
    files = {"poetry.lock": package() + metadata(), "pyproject.toml": project(f"pack = {value}")}
    assert str(refusal(POETRY, files)).startswith("pyproject.toml:4: pack: ")


def test_a_group_that_is_not_there_is_an_error(refusal: Refusal) -> None:
    files = {"poetry.lock": package(more='groups = ["main", "dev"]') + metadata("2.1")}
    assert refusal(POETRY, files, groups=["docs"]).tip == "Those that there are: dev, main."


def test_files_can_stand_under_metadata_as_format_1_has_them(
    app: Make, python311: TargetPython
) -> None:
    lock = package().replace("files = ", "unread = ") + metadata("1.1")
    lock += f'[metadata.files]\npack = [{{ file = "pack-1.0.tar.gz", hash = "{SHA}" }}]\n'
    (found,) = POETRY.read(
        app({"poetry.lock": lock, "pyproject.toml": project()}), python311
    ).dependencies
    assert found.model_dump()["filename"] == "pack-1.0.tar.gz"


def test_a_marker_can_differ_by_group(app: Make, python311: TargetPython) -> None:
    more = """groups = ["main", "dev"]
markers = { main = "python_version >= '3.12'", dev = "python_version >= '3.8'" }"""
    source = app({"poetry.lock": package(more=more) + metadata("2.1")})
    assert names(source, python311) == {}
    assert names(source, python311, groups=["dev"]) == {"pack": "1.0"}


def test_of_several_versions_the_one_whose_constraint_and_python_fit_is_taken(
    app: Make, python311: TargetPython
) -> None:
    wanted = """pack = [
  { version = "^2", python = ">=3.12" },
  { version = "^1", python = "<3.12" },
]"""
    lock = package() + package(version="2.0", python=">=3.12") + metadata()
    source = app({"poetry.lock": lock, "pyproject.toml": project(wanted)})
    assert names(source, python311) == {"pack": "1.0"}


def test_requirements_of_requirements_are_followed_with_their_markers_and_extras(
    app: Make, python311: TargetPython
) -> None:
    more = """[package.dependencies]
Sub_One = ">=1"
windows = { version = "*", markers = "sys_platform == 'win32'" }
unasked = { version = "*", optional = true, markers = "extra == 'unasked'" }
asked = { version = "*", optional = true, markers = "extra == 'fast'" }
"""
    lock = package(more=more) + package("asked") + package("sub-one") + package("unrelated")
    files = {
        "poetry.lock": lock + metadata(),
        "pyproject.toml": project('pack = { version = "1.0", extras = ["fast"] }'),
    }
    assert names(app(files), python311) == {"asked": "1.0", "pack": "1.0", "sub-one": "1.0"}


def test_an_archive_by_its_address_is_fetched_from_there(
    app: Make, python311: TargetPython
) -> None:
    url = "https://index.example/archive/pack-1.0.tar.gz"
    more = f'[package.source]\ntype = "url"\nurl = "{url}"'
    files = {"poetry.lock": package(more=more) + metadata(), "pyproject.toml": project()}
    (found,) = POETRY.read(app(files), python311).dependencies
    assert found.model_dump()["url"] == url
