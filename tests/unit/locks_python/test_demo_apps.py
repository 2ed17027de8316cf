"""One app, locked by every tool: the files chosen are the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hop3_nix.errors import LockError
from hop3_nix.locks.python.formats import find
from hop3_nix.plan import LockedFile

if TYPE_CHECKING:
    from collections.abc import Callable

    from hop3_nix.locks.base import LockedSet, TargetPython
    from hop3_nix.source import Source

    Make = Callable[[dict[str, str]], Source]
    Demo = Callable[[str], dict[str, str]]

ALWAYS = {
    "certifi": "2026.10.18",
    "charset-normalizer": "3.5.2",
    "click": "8.5.1",
    "idna": "3.20",
    "markupsafe": "3.0.4",
    "pysocks": "1.7.1",
    "requests": "2.34.2",
    "urllib3": "2.8.0",
}
WITH_ADDRESS = ["uv", "pdm-static-urls", "pylock"]
WITH_FILENAME = ["poetry-2.1", "poetry-2.0", "pdm", "pdm-plain"]
DIGESTS_ONLY = ["requirements"]
EVERY = [*WITH_ADDRESS, *WITH_FILENAME, *DIGESTS_ONLY]


def read(source: Source, target: TargetPython, **asked: list[str]) -> LockedSet:
    found = find(source)
    assert found is not None
    return found.read(source, target, **asked)


def versions(locked: LockedSet) -> dict[str, str]:
    return {one.name: one.version for one in locked.dependencies}


@pytest.mark.parametrize("name", [*EVERY, "pipenv"])
def test_what_python_311_needs_is_the_app_s_own_requirements_with_their_extras(
    app: Make, demo: Demo, python311: TargetPython, name: str
) -> None:
    extra = {"gunicorn": "27.0.1"} if name == "pylock" else {}
    locked = read(app(demo(name)), python311)
    assert versions(locked) == ALWAYS | extra | {"tomli": "2.5.0"}


@pytest.mark.parametrize("name", EVERY)
def test_a_marker_leaves_out_what_python_313_does_not_need(
    app: Make, demo: Demo, python313: TargetPython, name: str
) -> None:
    assert "tomli" not in versions(read(app(demo(name)), python313))


@pytest.mark.parametrize("name", EVERY)
def test_dependencies_come_sorted_by_name(
    app: Make, demo: Demo, python313: TargetPython, name: str
) -> None:
    names = list(versions(read(app(demo(name)), python313)))
    assert names == sorted(names)


@pytest.mark.parametrize("name", ["uv", *WITH_FILENAME, "pdm-static-urls"])
def test_an_extra_of_the_project_is_there_when_asked_for(
    app: Make, demo: Demo, python313: TargetPython, name: str
) -> None:
    locked = read(app(demo(name)), python313, extras=["Web"])
    assert versions(locked) == ALWAYS | {"gunicorn": "27.0.1"}


@pytest.mark.parametrize("name", ["uv", *WITH_FILENAME, "pdm-static-urls"])
def test_a_group_is_there_when_asked_for(
    app: Make, demo: Demo, python313: TargetPython, name: str
) -> None:
    locked = read(app(demo(name)), python313, groups=["dev"])
    assert versions(locked) == ALWAYS | {"iniconfig": "2.3.1"}


@pytest.mark.parametrize("name", WITH_ADDRESS)
def test_a_lockfile_that_knows_addresses_gives_located_files(
    app: Make, demo: Demo, python313: TargetPython, name: str
) -> None:
    locked = {one.name: one for one in read(app(demo(name)), python313).dependencies}
    wheel = (
        "markupsafe-3.0.4-cp313-cp313-"
        "manylinux2014_x86_64.manylinux_2_17_x86_64.manylinux_2_28_x86_64.whl"
    )
    assert locked["markupsafe"] == LockedFile(
        name="markupsafe",
        version="3.0.4",
        filename=wheel,
        url=f"https://index.example/files/{wheel}",
        sha256="434139499bb20b502ed3baa1f169e618f924a97e7a777fea1a49446d80106cf6",
    )


@pytest.mark.parametrize("name", WITH_FILENAME)
def test_a_lockfile_that_knows_file_names_gives_the_one_file_without_an_address(
    app: Make, demo: Demo, python311: TargetPython, name: str
) -> None:
    target = python311.model_copy(update={"system": "aarch64-linux"})
    locked = {one.name: one for one in read(app(demo(name)), target).dependencies}
    assert locked["markupsafe"].model_dump() == {
        "name": "markupsafe",
        "version": "3.0.4",
        "sha256": ("849dd2bb0e5e4ab2b71c7191726a4a8d5aa8a610daa584728cbee0b710ddc4ef",),
        "filename": "markupsafe-3.0.4-cp311-cp311-"
        "manylinux2014_aarch64.manylinux_2_17_aarch64.manylinux_2_28_aarch64.whl",
    }


@pytest.mark.parametrize("name", [*DIGESTS_ONLY, "pipenv"])
def test_a_lockfile_with_digests_alone_gives_them_all(
    app: Make, demo: Demo, python311: TargetPython, name: str
) -> None:
    locked = {one.name: one for one in read(app(demo(name)), python311).dependencies}
    assert locked["idna"].model_dump() == {
        "name": "idna",
        "version": "3.20",
        "sha256": (
            "a7db850025b95ded1eae8a46181a1a6c56c92c96f0e2b005d9ff8dc0210cab44",
            "ab7ae7122974553370f0bdb919e1a960b2cd1bc1ef0276416d896db81c14582c",
        ),
        "filename": "",
    }


@pytest.mark.parametrize(
    ("name", "files"),
    [
        ("uv", ("uv.lock", "pyproject.toml")),
        ("poetry-2.1", ("poetry.lock", "pyproject.toml")),
        ("pdm", ("pdm.lock", "pyproject.toml")),
        ("pylock", ("pylock.toml",)),
        ("pipenv", ("Pipfile.lock", "Pipfile")),
        ("requirements", ("requirements.txt",)),
    ],
)
def test_the_files_that_were_read_are_named(
    app: Make, demo: Demo, python311: TargetPython, name: str, files: tuple[str, ...]
) -> None:
    locked = read(app(demo(name)), python311)
    assert locked.files == files
    assert locked.evidence[0].file == files[0]


@pytest.mark.parametrize("name", ["uv", "poetry-2.1", "pdm", "pdm-plain"])
def test_a_requirement_that_was_added_after_locking_is_an_error_with_its_line(
    app: Make, demo: Demo, python311: TargetPython, name: str
) -> None:
    files = demo(name)
    files["pyproject.toml"] = files["pyproject.toml"].replace(
        '    "click>=8",\n', '    "click>=8",\n    "django>=5",\n'
    )
    with pytest.raises(LockError, match=r"^pyproject.toml:7: django >=5 is required, and") as found:
        read(app(files), python311)
    assert " lock" in found.value.tip


@pytest.mark.parametrize("name", ["uv", "poetry-2.1", "pdm"])
def test_a_requirement_that_the_locked_version_does_not_meet_is_an_error(
    app: Make, demo: Demo, python311: TargetPython, name: str
) -> None:
    files = demo(name)
    files["pyproject.toml"] = files["pyproject.toml"].replace("click>=8", "click>=9")
    with pytest.raises(LockError, match=r"click >=9 is required, and \w+.lock has 8.5.1$"):
        read(app(files), python311)


def test_a_changed_poetry_table_is_an_error(app: Make, demo: Demo, python311: TargetPython) -> None:
    files = demo("poetry-2.0")
    files["pyproject.toml"] = files["pyproject.toml"].replace('click = "^8"', 'click = "^7"')
    with pytest.raises(LockError, match=r"^pyproject.toml:9: click \^7 is required"):
        read(app(files), python311)


def test_a_changed_pipfile_is_an_error(app: Make, demo: Demo, python311: TargetPython) -> None:
    files = demo("pipenv")
    files["Pipfile"] = files["Pipfile"].replace('click = ">=8"', 'click = ">=8"\nflask = "*"')
    with pytest.raises(LockError, match=r"^Pipfile:8: flask is required, and Pipfile.lock does"):
        read(app(files), python311)
