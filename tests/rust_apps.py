"""What the tests of Rust share: the compilers of a set."""

from __future__ import annotations

from hop3_nix.plan import Offer

OFFERS = tuple(
    Offer(language="rust", version=version, attribute=attribute, libc="2.41")
    for version, attribute in (("1.96.0", "rustc"), ("1.85.1", "rustc_1_85"))
)
