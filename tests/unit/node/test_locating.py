"""Addresses of what the lockfile gives none for."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path  # noqa: TC003 - for all annotations here alike
from typing import Any

import pytest

from hop3_nix.errors import LockError, ToolError, UnavailableError
from hop3_nix.plan import AnyOffer, LockedFile, Target, UnlocatedFile
from hop3_nix.toolchains.node.registry import locate_files, mirrored_files

DIGEST = "sha512-" + "A" * 86 + "=="

Make = Callable[..., Any]


@pytest.fixture(autouse=True)
def _no_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let neither this machine nor who runs the tests name a registry."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("hop3_nix.toolchains.node.registry.GLOBAL", ())
    for name in [name for name in os.environ if name.lower().startswith("npm_config_")]:
        monkeypatch.delenv(name)


UNLOCATED = [
    UnlocatedFile(name=name, version="1.0.0", filename="a.tgz", integrity=DIGEST)
    for name in ("left", "@me/right")
]


@pytest.fixture
def locate(app: Make, target: Target) -> Callable[..., list[str]]:
    """Return the addresses that files have when ``npm`` answered."""

    def made(npm: Any, files: Any = UNLOCATED, **texts: str) -> list[str]:
        source = app({"package.json": "{}", **texts})
        files = mirrored_files(files, source, offer(target), npm)
        found = locate_files(files, offer(target), npm)
        return [file.url for file in found if isinstance(file, LockedFile)]

    return made


def offer(target: Target) -> AnyOffer:
    return target.offers_for("node")[0]


def at(*urls: str) -> list[LockedFile]:
    return [
        LockedFile(name=name, version="1.0.0", filename="a.tgz", url=url, integrity=DIGEST)
        for url, name in zip(urls, ("left", "@me/right"), strict=False)
    ]


def test_npm_is_asked_for_the_registry_of_each_scope(
    locate: Callable[..., list[str]], tools: Make
) -> None:
    npm = tools("registry=https://index.example/\n@me:registry=https://me.example/npm\n")
    assert locate(npm) == [
        "https://index.example/left/-/left-1.0.0.tgz",
        "https://me.example/npm/@me/right/-/right-1.0.0.tgz",
    ]
    assert npm.calls == [["npm", "config", "get", "registry", "@me:registry"]]


def test_a_scope_without_a_registry_is_in_the_common_one(
    locate: Callable[..., list[str]], tools: Make
) -> None:
    npm = tools("registry=https://index.example/\n@me:registry=undefined\n")
    assert locate(npm)[1] == "https://index.example/@me/right/-/right-1.0.0.tgz"


def test_without_npm_here_that_of_the_package_set_is_asked(
    locate: Callable[..., list[str]], tools: Make
) -> None:
    npm = tools(UnavailableError("no npm"), "registry=https://index.example\n")
    assert locate(npm)
    assert npm.calls[1][0] == "/set/nodejs_22/bin/npm"


def test_npm_is_not_asked_for_nothing(locate: Callable[..., list[str]], tools: Make) -> None:
    npm = tools()
    assert locate(npm, []) == []
    there = at("https://index.example/left/-/left-1.0.0.tgz")
    assert locate(npm, there) == [there[0].url]
    assert npm.calls == []


MIRROR = "https://mirror.example/npm/"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "https://public.example/left/-/left-1.0.0.tgz",
            "https://mirror.example/npm/left/-/left-1.0.0.tgz",
        ),
        (
            "https://mirror.example/npm/left/-/left-1.0.0.tgz",
            "https://mirror.example/npm/left/-/left-1.0.0.tgz",
        ),
        ("https://other.example/left.tgz", "https://other.example/left.tgz"),
    ],
)
def test_a_mirror_stands_in_for_the_public_registry_in_a_lockfile(
    locate: Callable[..., list[str]],
    tools: Make,
    monkeypatch: pytest.MonkeyPatch,
    url: str,
    expected: str,
) -> None:
    monkeypatch.setenv("NPM_CONFIG_REGISTRY", MIRROR)
    answers = (f"registry={MIRROR}\nreplace-registry-host=npmjs\n", "https://public.example/\n")
    assert locate(tools(*answers), at(url)) == [expected]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("always", "https://mirror.example/npm/left.tgz"),
        ("never", "https://other.example/left.tgz"),
        ("other.example", "https://mirror.example/npm/left.tgz"),
        ("public.example", "https://other.example/left.tgz"),
    ],
)
def test_npm_says_which_registry_a_mirror_stands_in_for(
    locate: Callable[..., list[str]],
    tools: Make,
    monkeypatch: pytest.MonkeyPatch,
    said: str,
    expected: str,
) -> None:
    monkeypatch.setenv("npm_config_replace_registry_host", said)
    npm = tools(f"registry={MIRROR}\nreplace-registry-host={said}\n")
    assert locate(npm, at("https://other.example/left.tgz")) == [expected]


def test_a_mirror_of_the_application_stands_in_as_well(
    locate: Callable[..., list[str]], tools: Make
) -> None:
    answers = ("registry=https://public.example/\n", "https://public.example/\n")
    url = "https://public.example/left/-/left-1.0.0.tgz"
    found = locate(tools(*answers), at(url), **{".npmrc": f"registry={MIRROR}\n"})
    assert found == ["https://mirror.example/npm/left/-/left-1.0.0.tgz"]


def test_yarns_name_of_the_public_registry_is_known_by_its_addresses(
    locate: Callable[..., list[str]], tools: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NPM_CONFIG_REGISTRY", MIRROR)
    answers = (f"registry={MIRROR}\n", "https://public.example/\n")
    files = at("https://yarn.example/left/-/left-1.0.0.tgz")
    found = locate(tools(*answers), files, **{"yarn.lock": "# yarn lockfile v1\n"})
    assert found == ["https://mirror.example/npm/left/-/left-1.0.0.tgz"]


@pytest.mark.parametrize("answer", [ToolError("npm returned 1", output="broken", status=1), "\n"])
def test_no_registry_is_an_error(
    locate: Callable[..., list[str]], tools: Make, answer: Any
) -> None:
    with pytest.raises(LockError, match="npm tells no registry") as error:
        locate(tools(answer))
    assert "npm config set registry" in error.value.tip
