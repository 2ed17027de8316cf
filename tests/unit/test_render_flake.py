"""The flake of an application."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from hop3_nix.rendering.expression import render_flake

NIXPKGS = "github:someone/packages/branch"


def flake(**changes: Any) -> str:
    arguments: dict[str, Any] = {
        "description": "A shop",
        "nixpkgs": NIXPKGS,
        "systems": ["x86_64-linux"],
    }
    return render_flake(**(arguments | changes))


def test_it_takes_the_expression_and_the_library_from_beside_it() -> None:
    text = flake()
    assert f'inputs.nixpkgs.url = "{NIXPKGS}";' in text
    assert "import ./hop3-nix/lib/flake {" in text
    assert "expression = ./hop3.nix;" in text


def test_it_takes_the_library_from_a_flake() -> None:
    text = flake(library="git+https://git.example/hop3-nix")
    assert 'hop3-nix.url = "git+https://git.example/hop3-nix";' in text
    assert 'hop3-nix.inputs.nixpkgs.follows = "nixpkgs";' in text
    assert "hop3-nix.lib.appFlake {" in text
    assert "./hop3-nix" not in text


@pytest.mark.parametrize("library", ["", "hop3-nix"])
@pytest.mark.parametrize("description", ["", "it's \"${x}\" and ''${y}\n\\ é"])
def test_it_is_nix_whatever_the_application_says_of_itself(description: str, library: str) -> None:
    text = flake(description=description, library=library)
    shown = evaluated(f'(\n{text}).description or ""')
    assert shown == description


def evaluated(expression: str) -> object:
    argv = ["nix-instantiate", "--store", "dummy://", "--eval", "--json", "-"]
    done = subprocess.run(argv, input=expression, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
