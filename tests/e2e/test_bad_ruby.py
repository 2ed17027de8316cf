"""Ruby applications that cannot be used as they are: each is told by file and line."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

import pytest

from gems import Gem
from ruby_apps import DIGEST, lockfile

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from index import Index
    from refusing import Refuse

NIX = ("--builder", "nix", "--pkgs", "debian")
BUILDERS = (NIX, ("--builder", "local"))
BAD_INPUT = 65
UNAVAILABLE = 69
BUILD_FAILED = 100


class Case(NamedTuple):
    """What is changed in an application of one locked gem, and what is said of it."""

    file: str
    old: str
    new: str
    says: str
    tip: str


LOCK = lockfile("left (1.0)", needs="left")

CASES = {
    "no Gemfile.lock": Case(
        "Gemfile.lock", LOCK, "", "Gemfile.lock: there is none", "bundle lock --add-checksums"
    ),
    "lock that is a merge": Case(
        "Gemfile.lock", "GEM\n", "<<<<<<< HEAD\nGEM\n", "Gemfile.lock:1: this is a conflict", "lock"
    ),
    "lock that is none": Case(
        "Gemfile.lock", "PLATFORMS", "PLAT", "Gemfile.lock:6: 'PLAT' is no section", "bundle lock"
    ),
    "gem that the lock does not have": Case(
        "Gemfile", '"left"', '"right"', "Gemfile:2: right is required, and Gemfile.lock", "lock"
    ),
    "no checksum": Case(
        "Gemfile.lock",
        f" sha256={DIGEST}",
        "",
        "Gemfile.lock:4: there is no checksum of left 1.0, and no file in vendor/cache",
        "hop3-nix lock",
    ),
    "gem for another platform": Case(
        "Gemfile.lock",
        "    left (1.0)",
        "    left (1.0-arm64-darwin)",
        "Gemfile.lock:4: left 1.0 is locked for arm64-darwin only",
        "bundle lock --add-platform x86_64-linux",
    ),
    "Git repository": Case(
        "Gemfile.lock",
        "GEM\n  remote: https://index.example/\n",
        "GIT\n  remote: https://host.example/left.git\n  revision: 0123\n",
        "Gemfile.lock:1: left comes from a Git repository",
        "copy it into the tree",
    ),
    "Ruby that the set does not have": Case(
        ".ruby-version", "3", "2.7.8", ".ruby-version:1: Ruby 2.7.8 is asked for, and debian", "Ask"
    ),
    "requirement that is none": Case(
        ".ruby-version", "3", "new", ".ruby-version:1: 'new' is no requirement", '"~> 3.1"'
    ),
}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    root = tmp_path / "shop"
    root.mkdir()
    (root / "Gemfile").write_text('source "https://index.example/"\ngem "left"\n')
    (root / "Gemfile.lock").write_text(LOCK)
    (root / "Procfile").write_text("web: ruby -v\n")
    (root / ".ruby-version").write_text("3\n")
    return root


@pytest.fixture
def vendor(shop: Path, tmp_path: Path) -> Callable[[Gem], Path]:
    """Return what puts a gem into the vendor/cache of an application that locks no digests."""

    def put(gem: Gem) -> Path:
        cache = shop / "vendor/cache"
        cache.mkdir(parents=True)
        (shop / "Gemfile.lock").write_text(lockfile("left (1.0)", needs="left", checksums=False))
        built = gem.build(tmp_path)
        return built.rename(cache / "left-1.0.gem")

    return put


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_build_says_what_is_wrong_where_and_what_to_do(
    refuse: Refuse, shop: Path, case: Case
) -> None:
    text = (shop / case.file).read_text()
    assert case.old in text
    changed = text.replace(case.old, case.new, 1)
    (shop / case.file).write_text(changed)
    if not changed:
        (shop / case.file).unlink()
    refuse("build", shop, *NIX, code=BAD_INPUT, says=case.says, tip=case.tip, app=shop)


@pytest.mark.parametrize("builder", BUILDERS, ids=["nix", "local"])
def test_a_program_that_no_gem_has(
    refuse: Refuse, shop: Path, vendor: Callable[[Gem], Path], builder: tuple[str, ...]
) -> None:
    vendor(Gem("left", "1.0", {"lib/left.rb": "", "exe/puma": "#!ruby\n"}))
    (shop / "Procfile").write_text("web: bundle exec pumma -p $PORT\n")
    refusal = refuse(
        "build", shop, *builder, code=BUILD_FAILED, says="", tip="nearest names: puma", app=shop
    )
    assert "there is no program pumma" in refusal.error


@pytest.mark.parametrize("builder", BUILDERS, ids=["nix", "local"])
def test_another_gem_than_the_locked_one(
    refuse: Refuse, shop: Path, index: Index, tmp_path: Path, builder: tuple[str, ...]
) -> None:
    (index.directory / "gems").mkdir()
    built = Gem("left", "1.0", {"lib/left.rb": ""}).build(tmp_path)
    built.rename(index.directory / "gems" / built.name)
    for name in ("Gemfile", "Gemfile.lock"):
        text = (shop / name).read_text()
        (shop / name).write_text(text.replace("https://index.example", index.url))
    tip = "Find out which; then lock the dependencies again."
    refusal = refuse("build", shop, *builder, code=BAD_INPUT, says="", tip=tip, app=shop)
    assert "left-1.0.gem" in refusal.error


@pytest.mark.parametrize("builder", BUILDERS, ids=["nix", "local"])
def test_a_gem_that_the_server_no_longer_has(
    refuse: Refuse, shop: Path, index: Index, builder: tuple[str, ...]
) -> None:
    text = (shop / "Gemfile.lock").read_text()
    (shop / "Gemfile.lock").write_text(text.replace("https://index.example", index.url))
    tip = "Lock the dependencies again."
    refusal = refuse("build", shop, *builder, code=UNAVAILABLE, says="", tip=tip, app=shop)
    assert "left-1.0.gem" in refusal.error


def test_a_vendored_gem_that_is_not_the_locked_one(
    refuse: Refuse, shop: Path, vendor: Callable[[Gem], Path]
) -> None:
    vendor(Gem("left", "1.0", {"lib/left.rb": ""}))
    (shop / "Gemfile.lock").write_text(LOCK)
    says = "Gemfile.lock:4: vendor/cache/left-1.0.gem is not the file that the checksum of left"
    refuse("build", shop, *NIX, code=BAD_INPUT, says=says, tip="Either of them", app=shop)


@pytest.mark.parametrize("builder", BUILDERS, ids=["nix", "local"])
def test_a_damaged_gem(
    refuse: Refuse, shop: Path, vendor: Callable[[Gem], Path], builder: tuple[str, ...]
) -> None:
    gem = vendor(Gem("left", "1.0", {"lib/left.rb": ""}))
    gem.write_bytes(gem.read_bytes()[:1000])
    refusal = refuse(
        "build", shop, *builder, code=BUILD_FAILED, says="", tip="The full log", app=shop
    )
    assert "left-1.0.gem is no gem, or a damaged one" in refusal.error


@pytest.mark.parametrize("builder", BUILDERS, ids=["nix", "local"])
def test_a_gem_that_needs_another_ruby(
    refuse: Refuse, shop: Path, vendor: Callable[[Gem], Path], builder: tuple[str, ...]
) -> None:
    vendor(Gem("left", "1.0", {"lib/left.rb": ""}, ruby=">= 9"))
    refusal = refuse(
        "build", shop, *builder, code=BUILD_FAILED, says="", tip="The full log", app=shop
    )
    assert "left-1.0 needs Ruby >= 9, and this is 3." in refusal.error


@pytest.mark.parametrize("builder", BUILDERS, ids=["nix", "local"])
def test_a_gem_that_does_not_compile(
    refuse: Refuse, shop: Path, vendor: Callable[[Gem], Path], builder: tuple[str, ...]
) -> None:
    makefile = 'require "mkmf"\nfind_header("nowhere.h") or abort "nowhere.h is missing"\n'
    vendor(Gem("left", "1.0", {"ext/extconf.rb": makefile}))
    refusal = refuse(
        "build", shop, *builder, code=BUILD_FAILED, says="", tip="The full log", app=shop
    )
    assert "nowhere.h is missing" in refusal.error
    assert "left-1.0 cannot be compiled" in refusal.error
    assert "[build] packages in hop3.toml" in refusal.error


def test_a_lock_of_ours_that_is_stale(refuse: Refuse, shop: Path) -> None:
    (shop / "Gemfile.lock").write_text(lockfile("left (1.0)", needs="left", checksums=False))
    digest = hashlib.sha256(b"another").hexdigest()
    (shop / "hop3-nix.lock").write_text(
        f'{{"inputs": {{"Gemfile.lock": "{digest}"}}, "ruby": {{"left-1.0.gem": "{DIGEST}"}}}}'
    )
    says = "hop3-nix.lock: Gemfile.lock changed since hop3-nix.lock was written"
    refuse("build", shop, *NIX, code=BAD_INPUT, says=says, tip="hop3-nix lock", app=shop)


def test_a_server_that_does_not_answer_when_it_is_asked_for_digests(
    refuse: Refuse, shop: Path
) -> None:
    lock = lockfile("left (1.0)", needs="left", checksums=False)
    # The discard port, on which nothing listens.
    (shop / "Gemfile.lock").write_text(lock.replace("https://index.example", "http://127.0.0.1:9"))
    says, tip = "the gem server does not answer", "try again"
    refuse("lock", shop, "--pkgs", "debian", code=75, says=says, tip=tip, app=shop)
