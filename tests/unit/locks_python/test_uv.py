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

UV = next(one for one in FORMATS if one.file == "uv.lock")
SHA = "sha256:" + "a" * 64
HEAD = 'version = 1\nrequires-python = ">=3.11"\n'
ROOT = """
[[package]]
name = "demo"
source = { editable = "." }
dependencies = [{ name = "pack" }]
"""
REGISTRY = 'source = { registry = "https://index.example/simple" }'


def package(source: str = REGISTRY, files: str = "", name: str = "pack") -> str:
    files = files or (
        f'sdist = {{ url = "https://index.example/{name}-1.0.tar.gz", hash = "{SHA}" }}'
    )
    return f'\n[[package]]\nname = "{name}"\nversion = "1.0"\n{source}\n{files}\n'


def names(source: Source, target: TargetPython, **asked: list[str]) -> dict[str, str]:
    return {one.name: one.version for one in UV.read(source, target, **asked).dependencies}


@pytest.mark.parametrize(
    ("lock", "message"),
    [
        ('version = 2\nrequires-python = ">=3.11"', "uv.lock:1: format version 2; this"),
        ("version = 1\nrequires-python", "uv.lock:2: not valid TOML"),
        ("version = 1\n", "uv.lock: requires-python: Field required"),
        ('version = 1\nrequires-python = ">=3.99"' + ROOT, "uv.lock:2: the project needs Python"),
        (HEAD, "uv.lock: no entry for the project itself"),
        (HEAD + ROOT, "no package for the requirement pack"),
        (HEAD + ROOT + package() + package(), "several packages for the requirement pack"),
        (
            HEAD + "supported-markers = [\"sys_platform == 'darwin'\"]" + ROOT + package(),
            "uv.lock:3: the lockfile is not for CPython 3.11.2",
        ),
        (HEAD + ROOT + package(files="wheels = [{ hash = 3 }]"), "uv.lock:9: package.1.wheels.0"),
        (
            HEAD + ROOT + package('source = { git = "https://index.example/p?rev=1#abc" }'),
            "uv.lock:9: pack comes from a Git repository",
        ),
        (
            HEAD + ROOT + package('source = { directory = "libs/pack" }'),
            r"uv.lock:9: pack is a part of the tree \(libs/pack\)",
        ),
        (
            HEAD + ROOT + package('source = { editable = "packages/pack" }'),
            r"pack is a part of the tree \(packages/pack\)",
        ),
        (
            HEAD + ROOT + package('source = { path = "pack-1.0.tar.gz" }'),
            r"pack is a part of the tree \(pack-1.0.tar.gz\)",
        ),
        (
            HEAD + ROOT + package(files='wheels = [{ path = "p-1.0-py3-none-any.whl" }]'),
            "p-1.0-py3-none-any.whl is a local file",
        ),
        (
            HEAD + ROOT + package(files='sdist = { url = "https://index.example/p-1.0.tar.gz" }'),
            r"pack 1.0 \(p-1.0.tar.gz\) has no hash",
        ),
        (
            HEAD
            + ROOT
            + package('source = { url = "https://index.example/p.zip", subdirectory = "x" }'),
            "pack is a subdirectory of an archive",
        ),
    ],
)
def test_what_cannot_be_used_is_an_error(refusal: Refusal, lock: str, message: str) -> None:
    assert_matches(refusal(UV, {"uv.lock": lock}), message)


def assert_matches(error: LockError, message: str) -> None:
    with pytest.raises(LockError, match=message):
        raise error


@pytest.mark.parametrize("asked", [{"extras": ["x"]}, {"groups": ["x"]}])
def test_an_extra_or_a_group_that_is_not_there_is_an_error(
    refusal: Refusal, asked: dict[str, list[str]]
) -> None:
    lock = HEAD + ROOT + "[package.dev-dependencies]\ndev = []\n" + package()
    error = refusal(UV, {"uv.lock": lock}, **asked)
    assert error.line == 4
    assert "there is no" in str(error)


def test_an_extra_without_requirements_can_be_asked_for(app: Make, python311: TargetPython) -> None:
    lock = HEAD + ROOT + '[package.metadata]\nprovides-extras = ["none"]\n' + package()
    assert names(app({"uv.lock": lock}), python311, extras=["none"]) == {"pack": "1.0"}


def test_an_archive_by_its_address_is_fetched_from_there(
    app: Make, python311: TargetPython
) -> None:
    url = "https://index.example/archive/pack-1.0.tar.gz"
    lock = HEAD + ROOT + package(f'source = {{ url = "{url}" }}', f'sdist = {{ hash = "{SHA}" }}')
    (found,) = UV.read(app({"uv.lock": lock}), python311).dependencies
    assert found.model_dump()["url"] == url


def test_an_extra_of_a_dependency_brings_its_requirements(
    app: Make, python311: TargetPython
) -> None:
    root = ROOT.replace('{ name = "pack" }', '{ name = "pack", extra = ["fast"] }')
    optional = '[package.optional-dependencies]\nfast = [{ name = "extra-one" }]\n'
    lock = HEAD + root + package() + optional + package(name="extra-one") + package(name="other")
    assert names(app({"uv.lock": lock}), python311) == {"extra-one": "1.0", "pack": "1.0"}


def test_requirements_that_go_round_in_a_circle_end(app: Make, python311: TargetPython) -> None:
    back = 'dependencies = [{ name = "demo" }, { name = "pack" }]\n'
    lock = HEAD + ROOT + package() + back
    assert names(app({"uv.lock": lock}), python311) == {"pack": "1.0"}


@pytest.mark.parametrize(("extra", "version"), [("cpu", "1.0"), ("gpu", "2.0")])
def test_of_extras_in_conflict_one_can_be_asked_for(
    app: Make, python311: TargetPython, extra: str, version: str
) -> None:
    one = names(app({"uv.lock": CONFLICT}), python311, extras=[extra])
    assert one == {"mid": "1.0", "pack": version}


def test_several_extras_of_a_lock_with_conflicts_are_an_error(refusal: Refusal) -> None:
    error = refusal(UV, {"uv.lock": CONFLICT}, extras=["cpu", "gpu"])
    assert "several extras or groups" in str(error)
    assert error.line == 3


def test_a_package_that_the_project_overrides_may_be_of_any_version(
    app: Make, python311: TargetPython
) -> None:
    project = """
[project]
name = "demo"
dependencies = ["pack>=2", "gone"]
[tool.uv]
override-dependencies = ["pack==1.0", "gone ; python_version < '3'"]
"""
    lock = {"uv.lock": HEAD + ROOT + package(), "pyproject.toml": project}
    assert names(app(lock), python311) == {"pack": "1.0"}


CONFLICT = (
    HEAD
    + 'conflicts = [[{ package = "demo", extra = "cpu" }, { package = "demo", extra = "gpu" }]]\n'
    + """
[[package]]
name = "demo"
source = { virtual = "." }
dependencies = [{ name = "mid" }]
[package.optional-dependencies]
cpu = []
gpu = []
"""
    + package(name="mid")
    + """dependencies = [
  { name = "pack", version = "1.0", marker = "extra == 'extra-4-demo-cpu'" },
  { name = "pack", version = "2.0", marker = "extra == 'extra-4-demo-gpu'" },
]
"""
    + package()
    + package().replace("1.0", "2.0")
)


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("", {"pack": "1.0"}),
        ('[tool.uv]\ndefault-groups = ["prod"]', {"pack": "1.0", "server": "1.0"}),
        ('[tool.uv]\ndefault-groups = "all"', {"pack": "1.0", "server": "1.0", "lint": "1.0"}),
        ("[tool.uv]\ndefault-groups = []", {"pack": "1.0"}),
    ],
)
def test_the_groups_that_the_project_installs_unasked_are_installed(
    app: Make, python311: TargetPython, said: str, found: dict[str, str]
) -> None:
    groups = '[package.dev-dependencies]\nprod = [{ name = "server" }]\ndev = [{ name = "lint" }]\n'
    lock = HEAD + ROOT + groups + package() + package(name="server") + package(name="lint")
    project = (
        '[project]\nname = "demo"\nversion = "1"\ndependencies = ["pack"]\n'
        f'[dependency-groups]\nprod = ["server"]\ndev = ["lint"]\n{said}\n'
    )
    source = app({"uv.lock": lock, "pyproject.toml": project})
    assert names(source, python311) == found
    assert "server" in names(source, python311, groups=["prod"])
