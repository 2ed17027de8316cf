"""An app with start data, over the small store of `postbuild_tree`."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

from hop3_nix.postbuild.starting import PROGRAMS
from postbuild_tree import Tree

if TYPE_CHECKING:
    from pathlib import Path

NASTY = "a'b\"c\\d$HOME`id`$(id)${X}\n\t\x01&é"


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    tree = Tree(tmp_path)
    for program in PROGRAMS:
        shutil.copy(shutil.which(program) or program, tree.store / "bash/bin" / program)
    tree.spec["workers"] = {"web": "env -0", "other": "env -0"}
    return tree


def start(tree: Tree, data: dict[str, Any], **env: str) -> dict[str, str]:
    """Return the environment in which the worker runs with start data."""
    assert tree.build(start=data) == 0
    return tree.environment("bin/web", {"HOP3_STATE_DIR": str(tree.root / "state"), **env})
