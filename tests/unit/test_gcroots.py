from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from hop3_nix.nix.gcroots import base32, is_root

if TYPE_CHECKING:
    from pathlib import Path

LOCATION = "/nix/store/x-app"


@pytest.fixture
def link(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a link that is registered the way Nix does it."""
    monkeypatch.setenv("NIX_STATE_DIR", str(tmp_path / "var"))
    link = tmp_path / "result"
    link.symlink_to(LOCATION)
    auto = tmp_path / "var" / "gcroots" / "auto"
    auto.mkdir(parents=True)
    (auto / base32(hashlib.sha1(str(link).encode()).digest())).symlink_to(link)  # noqa: S324
    return link


def test_a_registered_link(link: Path) -> None:
    assert is_root(str(link), LOCATION)


def test_the_same_link_by_another_name(link: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(link.parent)
    assert is_root("./result", LOCATION)


def test_a_link_to_something_else(link: Path) -> None:
    assert not is_root(str(link), "/nix/store/y-app")


def test_a_link_that_somebody_made_by_hand(link: Path) -> None:
    other = link.with_name("other")
    other.symlink_to(LOCATION)
    assert not is_root(str(other), LOCATION)


def test_no_link_at_all(link: Path) -> None:
    link.unlink()
    assert not is_root(str(link), LOCATION)


# `nix-hash --type sha256 --to-base32` and `--type sha1` of the digests of nothing.
@pytest.mark.parametrize(
    ("digest", "expected"),
    [
        (
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73",
        ),
        ("da39a3ee5e6b4b0d3255bfef95601890afd80709", "143xibwh31h9bvxzalr0sjvbbvpa6ffs"),
    ],
)
def test_base32_is_that_of_nix(digest: str, expected: str) -> None:
    assert base32(bytes.fromhex(digest)) == expected
