"""Interpreters of the Debian set that npm's registry has."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from hop3_nix.errors import ToolError, UnavailableError
from hop3_nix.packagesets.debian_definition import read_definition
from hop3_nix.packagesets.npm_programs import fetched_languages, read_npm_languages

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

(BUN,) = (language for language in read_npm_languages() if language.name == "bun")


class Npm:
    """Answers as npm does."""

    def __init__(self, answer: str | Exception = "registry=https://index.example/npm/") -> None:
        self.answer = answer
        self.asked: list[Sequence[str]] = []

    def run(self, argv: Sequence[str], *, env: Mapping[str, str] | None = None) -> str:
        del env
        self.asked.append(argv)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.mark.parametrize(
    ("system", "name"), [("x86_64-linux", "x64"), ("aarch64-linux", "aarch64")]
)
def test_npm_is_asked_where_and_never_what(system: str, name: str) -> None:
    npm = Npm()
    pins = BUN.pin(system, npm)  # type: ignore[arg-type]
    file = pins.files["bun"]
    version = BUN.wanted["bun"].version
    assert (
        file.url
        == f"https://index.example/npm/@oven/bun-linux-{name}/-/bun-linux-{name}-{version}.tgz"
    )
    assert file.hash == BUN.wanted["bun"].integrity[system]
    assert npm.asked == [["npm", "config", "get", "registry", "@oven:registry"]]


def test_the_registry_of_a_scope_goes_before() -> None:
    npm = Npm("registry=https://a.example\n@oven:registry=https://b.example/")
    assert BUN.pin("x86_64-linux", npm).files["bun"].url.startswith("https://b.example/@oven/")


@pytest.mark.parametrize("answer", ["", "undefined", ToolError("npm failed", output="?", status=1)])
def test_without_a_registry_it_is_said(answer: str | Exception) -> None:
    with pytest.raises(UnavailableError, match="npm tells no registry") as caught:
        BUN.pin("x86_64-linux", Npm(answer))
    assert "Install npm" in caught.value.tip


def test_pins_are_read_as_they_were_written_while_the_set_wants_the_same(tmp_path: Path) -> None:
    pins = BUN.pin("x86_64-linux", Npm())
    file = tmp_path / "bun.json"
    assert BUN.read_pins(file, "x86_64-linux") is None
    file.write_text(pins.to_json())
    assert BUN.read_pins(file, "x86_64-linux") == pins
    assert BUN.read_pins(file, "aarch64-linux") is None
    data = json.loads(file.read_text())
    data["files"]["bun"]["hash"] = "sha512-" + "A" * 86 + "=="
    file.write_text(json.dumps(data))
    assert BUN.read_pins(file, "x86_64-linux") is None


def test_what_they_offer_and_need_is_of_the_set() -> None:
    for language in read_npm_languages():
        assert set(language.wanted) <= set(read_definition().attributes), language.name
        assert {*language.needs} <= {each.name for each in fetched_languages()}
