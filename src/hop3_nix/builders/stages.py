"""The stages of a build without Nix: the parts of an application in other languages."""

from __future__ import annotations

import json
import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from hop3_nix.builders.recipes import run_recipe
from hop3_nix.builders.releases import remove
from hop3_nix.builders.steps import run_step
from hop3_nix.errors import Hop3NixError
from hop3_nix.files.atomic import write_text_atomic
from hop3_nix.files.resources import NIX
from hop3_nix.source.fileset import NOT_SOURCE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hop3_nix.builders.buildlog import BuildLog
    from hop3_nix.builders.layout import Layout
    from hop3_nix.plan import LocalRecipe, Stage
    from hop3_nix.source import Source

COLLECT: Final = NIX / "lib/scripts/collect_stage.py"
"""The program that tells what a stage has made; builds with Nix run it as well."""


def build_stage(
    stage: Stage,
    recipe: LocalRecipe,
    source: Source,
    whole: Layout,
    *,
    scratch: Path,
    log: BuildLog,
) -> None:
    """Build ``stage`` in a place of its own, and put what it makes into the tree of ``whole``.

    Of a stage that is not kept, nothing else is left. Raises what the steps do, naming the stage.
    """
    own = whole.of_stage(stage.name, stage.directory)
    with _naming(stage):
        if stage.whole_tree:
            source.copy_to(own.top)
        else:
            source.below(stage.directory).copy_to(own.tree)
        run_recipe(stage.plan, recipe, own, scratch, log)
        spec = {
            "source": str(whole.top),
            "tree": str(own.top),
            "skipped": [] if stage.kept else list(NOT_SOURCE),
            "references": [],
        }
        write_text_atomic(scratch / "collect.json", json.dumps(spec))
        argv = [sys.executable, "-P", str(COLLECT), "collect.json", str(whole.top)]
        run_step(argv, os.environ, scratch, log)
    if not stage.kept:
        remove(own.release)
        if not any(own.release.parent.iterdir()):
            own.release.parent.rmdir()


@contextmanager
def _naming(stage: Stage) -> Iterator[None]:
    try:
        yield
    except Hop3NixError as error:
        raise type(error)(f"{stage.title}: {error.message}", tip=error.tip) from error
