"""Choosing a version, by a language that has only what the module asks of one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pytest

from hop3_nix.config import load_config
from hop3_nix.errors import UnsupportedError
from hop3_nix.plan import AnyOffer, HostOffer, Offer, Target
from hop3_nix.source import Source
from hop3_nix.toolchains.versions import Chooser, Pin, Written, first_word, tool_version

if TYPE_CHECKING:
    from pathlib import Path

LANGUAGE: Final = Chooser("tin", "Tin")
OFFERS: Final = tuple(
    Offer(language="tin", version=version, attribute=f"tin_{version[0]}", libc="2.36")
    for version in ("3.4.1", "3.3.8", "2.7.9")
)
TARGET: Final = Target(system="x86_64-linux", package_set="debian", offers=OFFERS)
HOST: Final = Target(
    system="x86_64-linux",
    package_set="this machine",
    on_host=True,
    offers=(HostOffer(language="tin", version="3.4.1", program="/usr/bin/tin", libc="2.36"),),
)


@dataclass(frozen=True)
class Below:
    """A range: all versions below the text."""

    written: Written

    def choose(self, offers: tuple[AnyOffer, ...]) -> tuple[AnyOffer, ...]:
        return tuple(offer for offer in offers if offer.version < self.written.text)


def pin(version: str) -> Pin:
    return Pin(Written(version, ".tin-version", 1), version)


def below(version: str) -> Below:
    return Below(Written(version, "tin.json", 4, key="needs"))


@pytest.mark.parametrize(
    ("pinned", "bounds", "version", "reason"),
    [
        (None, None, "3.4.1", "nothing asks for a version; the first that debian has"),
        (None, below("3.4"), "3.3.8", "the first that '3.4' admits"),
        (pin("3"), None, "3.4.1", "3 is asked for"),
        (pin("3"), below("3.4"), "3.3.8", "3 is asked for"),
        (pin("3.3.8"), None, "3.3.8", "3.3.8 is asked for"),
        (pin("3.3.2"), None, "3.3.8", "3.3.2 is asked for; 3.3.8 is the nearest that is offered"),
    ],
)
def test_what_is_chosen_and_why(
    pinned: Pin | None, bounds: Below | None, version: str, reason: str
) -> None:
    offer, evidence = LANGUAGE.choose(TARGET, pinned, bounds)
    assert (offer.version, evidence.choice, evidence.reason) == (version, f"tin {version}", reason)
    written = pinned or bounds
    assert evidence.file == (written.written.file if written else "")


@pytest.mark.parametrize(
    ("target", "pinned", "bounds", "message", "tip"),
    [
        (
            TARGET,
            pin("1.0"),
            None,
            r"^\.tin-version:1: Tin 1\.0 is asked for, and debian has 3\.4\.1, 3\.3\.8, 2\.7\.9$",
            "another package set",
        ),
        (
            TARGET,
            pin("3.4"),
            below("3.4"),
            r"Tin 3\.4 is asked for, and needs is '3\.4' \(tin\.json:4\); debian has 3\.4\.1",
            "agree",
        ),
        (
            TARGET,
            pin("3.4.0"),
            below("3.4.1"),
            r"Tin 3\.4\.0 is asked for, and needs is '3\.4\.1' \(tin\.json:4\); debian has",
            "Let needs admit 3.4.1 as well",
        ),
        (TARGET, None, below("2"), r"^tin\.json:4: the app needs Tin '2', and debian", "Widen"),
        (HOST, pin("2.7"), None, r"Tin 2\.7 is asked for, and this machine has", "with Nix"),
        (
            HOST.model_copy(update={"offers": ()}),
            None,
            None,
            "^this machine has no Tin$",
            "Install Tin",
        ),
    ],
)
def test_what_there_is_not_lists_what_there_is(
    target: Target, pinned: Pin | None, bounds: Below | None, message: str, tip: str
) -> None:
    with pytest.raises(UnsupportedError, match=message) as caught:
        LANGUAGE.choose(target, pinned, bounds)
    assert tip in str(caught.value.tip)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("# ours\n\n3.3 # why\n", Written("3.3", ".tin-version", 3)),
        ("system\n", None),
        ("system\n3.3\n", Written("3.3", ".tin-version", 2)),
        ("", None),
    ],
)
def test_a_file_of_one_version(tmp_path: Path, text: str, written: Written | None) -> None:
    (tmp_path / ".tin-version").write_text(text)
    assert first_word(Source.open(tmp_path), ".tin-version") == written


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("nodejs 22.1.0\ntin 3.3 2.7\n", Written("3.3", ".tool-versions", 2)),
        ("tin-foil 1.0\ntinlang\t2.7\n", Written("2.7", ".tool-versions", 2)),
        ("tin system\n", None),
        ("tin\n", None),
    ],
)
def test_the_lines_of_tool_versions(tmp_path: Path, text: str, written: Written | None) -> None:
    (tmp_path / ".tool-versions").write_text(text)
    assert tool_version(Source.open(tmp_path), "tin", "tinlang") == written


def test_hop3_toml_is_asked_by_the_name_of_the_language(tmp_path: Path) -> None:
    (tmp_path / "hop3.toml").write_text('[build]\npython-version = "3.3"\n')
    config = load_config(Source.open(tmp_path))
    assert Chooser("python", "Python").asked_in(config) == Written("3.3", "hop3.toml", 2)
    assert LANGUAGE.asked_in(config) is None
