"""The packages of crates have names that both package sets know."""

from __future__ import annotations

from hop3_nix.packagesets.debian_definition import read_definition
from hop3_nix.toolchains.rust.libraries import LIBRARIES


def test_each_package_is_one_of_the_set_or_an_alias_of_debians() -> None:
    definition = read_definition()
    known = {*definition.attributes, *definition.aliases}
    assert {name for row in LIBRARIES.values() for name in row.packages} <= known
