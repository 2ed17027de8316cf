# ruff: noqa: INP001, T201 - a program that Nix runs by its path, and that prints to the build's log
"""``compile_crates.py CARGO SPEC TREE``: compile what an application needs, and nothing of its own.

SPEC is JSON: ``manifests`` and ``directories``, each a list of paths below TREE and what is to be
there; ``entries``, paths of files that are to begin a target; ``builds``, the arguments of each
`cargo build`; ``members``, the packages of the application. What cargo makes of these is removed.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

NOTHING: Final = "#![allow(dead_code)]\nfn main() {}\n"
"""A target that compiles whatever kind it is of."""

_PROFILES: Final = ("--release", "-r")
_VALUED: Final = ("--profile", "--target", "--manifest-path")


def lay_out(spec: dict[str, Any], tree: Path) -> None:
    """Make ``tree`` what cargo takes for the application."""
    tree.mkdir(parents=True)
    for each in spec["directories"]:
        shutil.copytree(each["file"], tree / each["path"], symlinks=True)
    for each in spec["manifests"]:
        path = tree / each["path"]
        path.parent.mkdir(parents=True, exist_ok=True)
        # Without its mode: cargo may write Cargo.lock as it would have it.
        shutil.copyfile(each["file"], path)
    for entry in spec["entries"]:
        path = tree / entry
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(NOTHING, encoding="utf-8")


def choosing(arguments: list[str]) -> list[str]:
    """Return those of ``arguments`` that say where cargo puts what it makes."""
    kept: list[str] = []
    for number, word in enumerate(arguments):
        if word in _PROFILES or word.partition("=")[0] in _VALUED:
            kept.append(word)
            if word in _VALUED:
                kept += arguments[number + 1 : number + 2]
    return kept


def main(cargo: str, spec_file: str, tree: str) -> int:
    """Return 0, or what cargo returned."""
    spec = json.loads(Path(spec_file).read_text(encoding="utf-8"))
    lay_out(spec, Path(tree))
    members = [word for member in spec["members"] for word in ("-p", member)]
    for arguments in spec["builds"]:
        print("cargo build", *arguments, flush=True)
        built = subprocess.run([cargo, "build", *arguments], cwd=tree, check=False)
        if built.returncode != 0:
            return built.returncode
        cleaned = [cargo, "clean", "--quiet", *choosing(arguments), *members]
        subprocess.run(cleaned, cwd=tree, check=True)
    target = Path(os.environ["CARGO_TARGET_DIR"])
    target.mkdir(exist_ok=True)
    # What cargo has heard of the compiler, in no order.
    (target / ".rustc_info.json").unlink(missing_ok=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
