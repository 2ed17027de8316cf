"""Gemfile.lock is read as Bundler writes it, and what is wrong with it is told by line."""

from __future__ import annotations

import pytest

from hop3_nix.errors import LockError
from hop3_nix.locks.ruby.gemfile_lock import parse

LOCK = f"""\
PATH
  remote: lib/inside
  specs:
    inside (0.1)
      shade

GEM
  remote: https://index.example/
  specs:
    nokogiri (1.16.0)
      mini_portile2 (~> 2.8.2)
      racc (~> 1.4)
    nokogiri (1.16.0-x86_64-linux-gnu)
      racc (~> 1.4)
    racc (1.7.3)

GEM
  remote: https://private.example/
  specs:
    shade (1.0.pre1)

PLATFORMS
  ruby
  x86_64-linux-gnu

DEPENDENCIES
  inside!
  nokogiri (>= 1.15, < 2)

CHECKSUMS
  inside (0.1)
  nokogiri (1.16.0) sha256={"a" * 64}
  nokogiri (1.16.0-x86_64-linux-gnu) sha256={"b" * 64}

RUBY VERSION
   ruby 3.3.1p55

BUNDLED WITH
   2.6.2
"""


def test_gems_have_their_platform_server_and_needs() -> None:
    gems = {str(gem): gem for gem in parse(LOCK).gems}
    assert list(gems) == [
        "nokogiri 1.16.0",
        "nokogiri 1.16.0-x86_64-linux-gnu",
        "racc 1.7.3",
        "shade 1.0.pre1",
    ]
    native = gems["nokogiri 1.16.0-x86_64-linux-gnu"]
    assert native.filename == "nokogiri-1.16.0-x86_64-linux-gnu.gem"
    assert (native.version, native.platform) == ("1.16.0", "x86_64-linux-gnu")
    assert native.needs == ("racc",)
    assert gems["shade 1.0.pre1"].remotes == ("https://private.example/",)
    assert native.line == 13


def test_the_other_sections_are_read_as_well() -> None:
    lock = parse(LOCK)
    assert [(other.kind, other.remote, dict(other.gems)) for other in lock.others] == [
        ("PATH", "lib/inside", {"inside": ("shade",)})
    ]
    assert lock.platforms == ("ruby", "x86_64-linux-gnu")
    assert lock.dependencies == {"inside": "", "nokogiri": ">= 1.15, < 2"}
    assert lock.checksums == {
        ("nokogiri", "1.16.0"): "a" * 64,
        ("nokogiri", "1.16.0-x86_64-linux-gnu"): "b" * 64,
    }
    assert (lock.ruby, lock.ruby_line) == ("3.3.1", 36)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("GEM\n", "GEMS\n", "Gemfile.lock:7: 'GEMS' is no section of a Gemfile.lock"),
        ("PATH\n", "  PATH\n", "Gemfile.lock:1: 'PATH' stands before any section"),
        ("    racc (1.7.3)", "    racc", "Gemfile.lock:15: 'racc' has no version"),
        ("    racc (1.7.3)", "     racc (1.7.3)", "Gemfile.lock:15: 'racc (1.7.3)' is indented"),
        ("    racc (1.7.3)", "    ra/cc (1.7.3)", "Gemfile.lock:15: 'ra/cc (1.7.3)' is no entry"),
        ("  specs:\n    inside", "  specs\n    inside", "Gemfile.lock:3: 'specs' is no setting"),
        ("PLATFORMS\n", "<<<<<<< HEAD\nPLATFORMS\n", "Gemfile.lock:22: this is a conflict"),
        ("sha256=bbbb", "sha1=bbbb", "Gemfile.lock:33: nokogiri has no SHA-256 among its check"),
    ],
)
def test_what_is_wrong_is_told_by_line(old: str, new: str, says: str) -> None:
    assert old in LOCK
    with pytest.raises(LockError) as caught:
        parse(LOCK.replace(old, new, 1))
    assert str(caught.value).startswith(says)
    assert "bundle lock" in caught.value.tip
