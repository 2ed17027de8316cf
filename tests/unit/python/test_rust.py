"""What the plan of a Python application with an extension in Rust has of both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hop3_nix.config import load_config
from hop3_nix.errors import LockError, UnsupportedError
from hop3_nix.locks.hashlock import HashLock
from hop3_nix.locks.own import FILE, input_digests
from hop3_nix.locks.rust.cargo_lock import CRATES_IO
from hop3_nix.plan import LockedFile, Offer, PathRef, Target
from hop3_nix.source import Source
from hop3_nix.toolchains.composition import Composition
from hop3_nix.toolchains.python.dependencies import target_python
from hop3_nix.toolchains.python.recipes import local_recipes
from rust_apps import OFFERS

if TYPE_CHECKING:
    from pathlib import Path

PYTHON = Offer(language="python", version="3.13.5", attribute="python313", libc="2.41")
SET = Target(system="x86_64-linux", package_set="the set", offers=(PYTHON, *OFFERS))
PROJECT = """\
[build-system]
requires = ["maturin>=1,<2"]
build-backend = "maturin"
[project]
name = "greeter"
version = "1.0.0"
[tool.maturin]
bindings = "bin"
"""
CARGO_LOCK = (
    'version = 4\n[[package]]\nname = "itoa"\nversion = "1.0.19"\n'
    f'source = "{CRATES_IO}"\nchecksum = "{"0" * 64}"\n'
)
MATURIN = LockedFile(
    name="maturin",
    version="1.16.0",
    filename="maturin-1.16.0-py3-none-any.whl",
    url="https://index.example/maturin-1.16.0-py3-none-any.whl",
    sha256="1" * 64,
)


def app_of(root: Path, **files: str) -> Composition:
    for name, text in {"Procfile": "web: greeter\n", "pyproject.toml": PROJECT, **files}.items():
        (root / name).write_text(text)
    source = Source.open(root)
    lock = HashLock(
        inputs=input_digests(source, ["pyproject.toml"]),
        python=target_python(PYTHON, SET),
        build=(MATURIN,),
    )
    (root / FILE).write_text(lock.to_json())
    source = Source.open(root)
    return Composition.of(source, load_config(source))


def test_the_projects_crates_are_built_with_and_a_compiler_is_there(tmp_path: Path) -> None:
    app = app_of(tmp_path, **{"Cargo.lock": CARGO_LOCK})
    plan = app.plan(SET)
    assert plan.options.tools == {"rust": "rustc"}
    assert [each.filename for each in plan.build_dependencies] == [
        MATURIN.filename,
        "itoa-1.0.19.crate",
    ]
    # Its programs are beside the tree.
    assert PathRef(layer="app", path="bin") in plan.runtime.path
    # cargo of a machine without Nix has crates by itself.
    for recipe in local_recipes(app.app, plan):
        assert not any("itoa" in text for text in recipe.files.values())


def test_crates_that_nothing_pins_are_refused(tmp_path: Path) -> None:
    with pytest.raises(LockError, match="nothing pins the crates"):
        app_of(tmp_path).plan(SET)


def test_a_set_without_rust_is_named(tmp_path: Path) -> None:
    app = app_of(tmp_path, **{"Cargo.lock": CARGO_LOCK})
    with pytest.raises(UnsupportedError, match="built with Rust, and the set has none"):
        app.plan(SET.model_copy(update={"offers": (PYTHON,)}))
