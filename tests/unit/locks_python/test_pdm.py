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

PDM = next(one for one in FORMATS if one.file == "pdm.lock")
SHA = "sha256:" + "a" * 64


def lock(more: str = "", version: str = "4.5.0", target: str = 'requires_python = ">=3.11"') -> str:
    return f"""[metadata]
groups = ["default", "dev"]
lock_version = "{version}"
[[metadata.targets]]
{target}

[[package]]
name = "pack"
version = "1.0"
groups = ["default"]
files = [{{ file = "pack-1.0.tar.gz", hash = "{SHA}" }}]
{more}
"""


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (lock(version="3.1"), r"^pdm.lock:3: format version 3.1; this"),
        (lock(version="new"), r"^pdm.lock:3: format version new; this"),
        (lock(target='requires_python = ">=3.12"'), r"^pdm.lock:4: the lockfile is not for CPyth"),
        (lock(target='platform = "windows_amd64"'), "the lockfile is not for"),
        (lock(target='platform = "manylinux_2_17_aarch64"'), "the lockfile is not for"),
        (lock('git = "https://index.example/pack"'), r"^pdm.lock:7: pack comes from a Git"),
        (lock('path = "./libs/pack"'), r"^pdm.lock:7: pack is a part of the tree"),
        (lock('requires_python = ">=3.12"'), r"^pdm.lock:7: pack needs Python >=3.12, and the"),
        (lock('marker = "3"'), r"^pdm.lock:7: package.0.marker"),
        (lock("marker = \"'x' in extras\""), r"^pdm.lock:7: .* uses 'extras', which has no value"),
        (lock().replace("file = ", "unread = "), "pack: a file without a name"),
    ],
)
def test_what_cannot_be_used_is_an_error(refusal: Refusal, text: str, message: str) -> None:
    error = refusal(PDM, {"pdm.lock": text})
    with pytest.raises(LockError, match=message):
        raise error


@pytest.mark.parametrize("platform", ["linux", "manylinux_2_17_x86_64", "linux_x86_64"])
def test_a_lock_for_the_platform_is_read(app: Make, python311: TargetPython, platform: str) -> None:
    source = app({"pdm.lock": lock(target=f'platform = "{platform}"')})
    assert len(PDM.read(source, python311).dependencies) == 1


def test_a_group_that_was_not_locked_is_an_error(refusal: Refusal) -> None:
    error = refusal(PDM, {"pdm.lock": lock()}, groups=["docs"])
    assert str(error) == "pdm.lock:2: there is no group 'docs'"
    assert error.tip == "Those that there are: default, dev."


def test_an_archive_by_its_address_is_fetched_from_there(
    app: Make, python311: TargetPython
) -> None:
    url = "https://index.example/archive/pack-1.0.tar.gz"
    (found,) = PDM.read(app({"pdm.lock": lock(f'url = "{url}"')}), python311).dependencies
    assert found.model_dump()["url"] == url


def test_without_groups_in_the_lock_a_missing_requirement_is_an_error(refusal: Refusal) -> None:
    text = lock('dependencies = ["gone>=1"]').replace('groups = ["default"]\nfiles', "files")
    project = '[project]\nname = "demo"\ndependencies = ["pack"]\n'
    error = refusal(PDM, {"pdm.lock": text, "pyproject.toml": project})
    assert str(error) == "pdm.lock:7: gone >=1 is required, and pdm.lock does not have it"


def test_a_requirement_that_is_none_is_an_error_with_its_line(refusal: Refusal) -> None:
    project = '[project]\nname = "demo"\ndependencies = [\n  "pack >>1",\n]\n'
    error = refusal(PDM, {"pdm.lock": lock(), "pyproject.toml": project})
    assert str(error).startswith("pyproject.toml:4: 'pack >>1' is no requirement")


def test_an_extra_that_names_another_extra_of_the_project_is_expanded(
    app: Make, python311: TargetPython
) -> None:
    project = """[project]
name = "demo"
[project.optional-dependencies]
all = ["demo[one]"]
one = ["pack"]
"""
    text = lock().replace('groups = ["default"]\nfiles', "files")
    text = text.replace('["default", "dev"]', '["default", "all", "one"]')
    source = app({"pdm.lock": text, "pyproject.toml": project})
    assert PDM.read(source, python311).dependencies == ()
    assert len(PDM.read(source, python311, extras=["all"]).dependencies) == 1
