"""What goes with the NixOS module: the page on its options, its place in the flake, its test."""

from __future__ import annotations

import ast
from typing import Any

import pytest

from conftest import ROOT
from nixos import BARE, VARIABLE, nix_json, nixpkgs

PAGE = ROOT / "docs/nixos-options.md"

OPTIONS = """
let
  lib = import {nixpkgs}/lib;
  options = (lib.evalModules {{
    specialArgs.pkgs = {{ }};
    modules = [
      {{ _module.check = false; }}
      {{ options.services.hop3 = (import {root}/nix/module.nix {{
           inherit lib; config = {{ }}; pkgs = {{ }};
         }}).options.services.hop3; }}
    ];
  }}).options.services;
in
map (option: {{
  inherit (option) name description;
  has = {{ default = option ? default; example = option ? example; }};
}}) (builtins.filter (option: !option.internal) (lib.optionAttrSetToDocList options))
"""

FLAKE = """
let
  pkgs = {{
    bash = {bare};
    testers.runNixOSTest = test: test;
  }};
  outputs = (import {root}/flake.nix).outputs {{
    self = outputs;
    nixpkgs.legacyPackages.x86_64-linux = pkgs {more};
  }};
in
{what}
"""


def flake(what: str, more: str = "") -> Any:
    return nix_json(FLAKE.format(bare=BARE, root=ROOT, more=more, what=what))


def test_the_page_on_the_options_is_current() -> None:
    written = nix_json(f"import {ROOT}/nix/nixos/options-page.nix")
    assert PAGE.read_text() == written, "write it: make options"


@pytest.mark.skipif(nixpkgs() is None, reason=f"{VARIABLE} names no checkout of nixpkgs")
def test_the_page_has_the_options_that_nixos_finds() -> None:
    found = nix_json(OPTIONS.format(nixpkgs=nixpkgs(), root=ROOT))
    entries = {
        entry.partition("\n")[0].replace("\\", ""): entry.partition("\n")[2]
        for entry in PAGE.read_text().split("\n## ")[1:]
    }
    assert sorted(entries) == sorted(option["name"] for option in found)
    for option in found:
        entry = entries[option["name"]]
        assert option["description"].strip() in entry
        assert ("- default: none" in entry) is not option["has"]["default"]
        assert ("- example: " in entry) is option["has"]["example"]


def test_the_flake_has_the_module() -> None:
    assert flake("map toString outputs.nixosModules.default.imports") == [f"{ROOT}/nix/module.nix"]


def test_the_flake_has_the_virtual_machine_where_there_is_nixos() -> None:
    names = "builtins.attrNames outputs.checks.x86_64-linux"
    assert "nixos" in flake(names)
    assert "nixos" not in flake(names, more="// { testers = { }; }")


def test_the_test_for_virtual_machines_is_of_the_module_and_can_be_read() -> None:
    test = nix_json(
        f"""let
          test = import {ROOT}/nix/nixos-test.nix {{
            pkgs = {{ testers.runNixOSTest = test: test; lib.mkForce = value: value; }};
            package = {BARE};
          }};
        in {{
          script = test.testScript;
          imports = map toString test.nodes.machine.imports;
          app = removeAttrs test.nodes.machine.services.hop3.apps.hello [ "package" ];
        }}"""
    )
    assert test["imports"] == [f"{ROOT}/nix/module.nix"]
    assert test["app"]["workers"] == {"web": {"instances": 2}}
    called = {
        node.func.attr
        for node in ast.walk(ast.parse(test["script"]))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    assert {"wait_for_unit", "wait_until_succeeds", "require_unit_state"} <= called
