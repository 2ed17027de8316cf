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

PYLOCK = next(one for one in FORMATS if one.file == "pylock.toml")
HEAD = 'lock-version = "1.0"\ncreated-by = "test"\n'
DIGEST = "a" * 64
SDIST = f"""sdist = {{ url = "https://index.example/pack-1.0.tar.gz", \
hashes = {{ sha256 = "{DIGEST}" }} }}"""


def package(content: str = SDIST, name: str = "pack") -> str:
    content = content.replace("pack-1.0", f"{name}-1.0")
    return f'\n[[packages]]\nname = "{name}"\nversion = "1.0"\n{content}\n'


def names(source: Source, target: TargetPython, **asked: list[str]) -> list[str]:
    return [one.name for one in PYLOCK.read(source, target, **asked).dependencies]


@pytest.mark.parametrize(
    ("lock", "message"),
    [
        ('lock-version = "2.0"\ncreated-by = "x"\npackages = []', "version 2.0 is not supported"),
        ('lock-version = "1.0"\npackages = []', "'created-by'"),
        (HEAD + 'requires-python = ">=3.12"' + package(), r"^pylock.toml:3: the project needs"),
        (
            HEAD + "environments = [\"sys_platform == 'darwin'\"]" + package(),
            r"^pylock.toml:3: the lockfile is not for CPython",
        ),
        (HEAD + package() + package(""), r"^pylock.toml:9: .*packages\[1\]"),
        (HEAD + package('requires-python = "<3"\n' + SDIST), r"^pylock.toml:4: pack needs Python"),
        (
            HEAD + package("marker = \"extra == 'x'\"\n" + SDIST),
            r"^pylock.toml:4: marker extra == \"x\"",
        ),
        (
            HEAD
            + package('vcs = { type = "git", url = "https://index.example/", commit-id = "1" }'),
            r"^pylock.toml:4: pack comes from a git repository",
        ),
        (
            HEAD + package('directory = { path = "libs/pack" }'),
            r"^pylock.toml:4: pack is a part of the tree \(libs/pack\)",
        ),
        (
            HEAD + package(SDIST.replace("url", "path").replace("https://index.example/", "")),
            "pack-1.0.tar.gz is a local file",
        ),
        (HEAD + package(SDIST.replace("sha256", "sha512")), "it has sha512"),
        (
            HEAD
            + package(SDIST.replace("sdist", "archive").replace(", h", ', subdirectory="x", h')),
            "pack is a subdirectory of an archive",
        ),
    ],
)
def test_what_cannot_be_used_is_an_error(refusal: Refusal, lock: str, message: str) -> None:
    error = refusal(PYLOCK, {"pylock.toml": lock})
    with pytest.raises(LockError, match=message):
        raise error


def test_the_project_itself_is_no_dependency(app: Make, python311: TargetPython) -> None:
    root = package('directory = { path = "./", editable = true }', "demo")
    assert names(app({"pylock.toml": HEAD + root + package()}), python311) == ["pack"]


def test_an_archive_is_fetched_from_its_address(app: Make, python311: TargetPython) -> None:
    source = app({"pylock.toml": HEAD + package(SDIST.replace("sdist", "archive"))})
    (found,) = PYLOCK.read(source, python311).dependencies
    assert found.model_dump() == {
        "name": "pack",
        "version": "1.0",
        "filename": "pack-1.0.tar.gz",
        "url": "https://index.example/pack-1.0.tar.gz",
        "sha256": DIGEST,
    }


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, ["main"]),
        ({"extras": ["web"]}, ["main", "web"]),
        ({"groups": ["dev"]}, ["dev", "main"]),
    ],
)
def test_extras_and_groups_are_there_when_asked_for(
    app: Make, python311: TargetPython, asked: dict[str, list[str]], found: list[str]
) -> None:
    lock = HEAD + 'extras = ["web"]\ndependency-groups = ["main", "dev"]\ndefault-groups = ["main"]'
    lock += package("marker = \"'main' in dependency_groups\"\n" + SDIST, "main")
    lock += package("marker = \"'dev' in dependency_groups\"\n" + SDIST, "dev")
    lock += package("marker = \"'web' in extras\"\n" + SDIST, "web")
    assert names(app({"pylock.toml": lock}), python311, **asked) == found


@pytest.mark.parametrize("asked", [{"extras": ["x"]}, {"groups": ["x"]}])
def test_an_extra_or_a_group_that_is_not_there_is_an_error(
    refusal: Refusal, asked: dict[str, list[str]]
) -> None:
    assert "there is no" in str(refusal(PYLOCK, {"pylock.toml": HEAD + package()}, **asked))
