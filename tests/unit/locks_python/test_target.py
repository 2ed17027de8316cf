from __future__ import annotations

import platform
from typing import TYPE_CHECKING

import pytest
from packaging.markers import Marker, default_environment
from packaging.tags import sys_tags
from pydantic import ValidationError

from hop3_nix.locks.base import TargetPython

if TYPE_CHECKING:
    from typing import Literal


def tags(target: TargetPython) -> list[str]:
    return [str(tag) for tag in target.tags()]


@pytest.fixture
def this_host() -> TargetPython:
    libc, version = platform.libc_ver()
    assert libc == "glibc", "hop3-nix runs on Linux with glibc"
    system: Literal["x86_64-linux", "aarch64-linux"] = (
        "x86_64-linux" if platform.machine() == "x86_64" else "aarch64-linux"
    )
    return TargetPython(version=platform.python_version(), system=system, glibc=version)


def test_the_tags_for_this_host_are_those_packaging_finds_on_it(this_host: TargetPython) -> None:
    found = [str(tag) for tag in sys_tags() if "musllinux" not in tag.platform]
    assert tags(this_host) == found


def test_the_marker_variables_for_this_host_are_its_own_but_for_the_kernel(
    this_host: TargetPython,
) -> None:
    kernel = {"platform_release": "", "platform_version": ""}
    assert this_host.marker_environment() == dict(default_environment()) | kernel


def test_manylinux_goes_up_to_the_target_s_glibc(python311: TargetPython) -> None:
    found = tags(python311)
    assert "cp311-cp311-manylinux_2_36_x86_64" in found
    assert "cp311-cp311-manylinux_2_37_x86_64" not in found


@pytest.mark.parametrize(
    "tag",
    [
        "cp311-cp311-manylinux2014_x86_64",
        "cp311-cp311-manylinux1_x86_64",
        "cp311-cp311-linux_x86_64",
        "cp37-abi3-manylinux_2_17_x86_64",
        "py3-none-manylinux2014_x86_64",
        "py3-none-any",
    ],
)
def test_a_tag_that_the_target_accepts(python311: TargetPython, tag: str) -> None:
    assert tag in tags(python311)


@pytest.mark.parametrize(
    "tag",
    [
        "cp312-cp312-manylinux_2_17_x86_64",
        "cp312-abi3-manylinux_2_17_x86_64",
        "cp311-cp311-manylinux_2_17_aarch64",
        "cp311-cp311-musllinux_1_2_x86_64",
        "cp311-cp311t-manylinux_2_17_x86_64",
        "py2-none-any",
    ],
)
def test_a_tag_that_the_target_does_not_accept(python311: TargetPython, tag: str) -> None:
    assert tag not in tags(python311)


def test_manylinux_begins_with_2014_on_aarch64(python313: TargetPython) -> None:
    found = tags(python313.model_copy(update={"system": "aarch64-linux"}))
    assert "cp313-cp313-manylinux2014_aarch64" in found
    assert "cp313-cp313-manylinux2010_aarch64" not in found


@pytest.mark.parametrize(
    ("marker", "extras", "holds"),
    [
        ("python_version < '3.12'", [], True),
        ("python_full_version >= '3.11.3'", [], False),
        ("sys_platform == 'win32' or os_name == 'nt'", [], False),
        ("platform_machine == 'x86_64' and implementation_name == 'cpython'", [], True),
        ("platform_release >= '20.0' and sys_platform == 'darwin'", [], False),
        ("extra == 'web'", [], False),
        ("extra == 'web'", ["db", "web"], True),
        ("extra == 'web' and sys_platform == 'win32'", ["web"], False),
        ("python_version < '3.12' or extra == 'web'", ["db"], True),
    ],
)
def test_a_marker(python311: TargetPython, marker: str, extras: list[str], *, holds: bool) -> None:
    assert python311.applies(Marker(marker), extras) is holds


@pytest.mark.parametrize(
    ("version", "requires", "allowed"),
    [
        ("3.13.5", ">=3.11", True),
        ("3.13.5", "<3.13", False),
        ("3.14.0rc1", ">=3.13", True),
    ],
)
def test_requires_python(version: str, requires: str, *, allowed: bool) -> None:
    target = TargetPython(version=version, system="x86_64-linux", glibc="2.41")
    assert target.satisfies(requires) is allowed


@pytest.mark.parametrize("version", ["3", "3.13", "three", "3.13.5-1"])
def test_a_version_has_to_be_a_full_one(version: str) -> None:
    with pytest.raises(ValidationError):
        TargetPython(version=version, system="x86_64-linux", glibc="2.41")
