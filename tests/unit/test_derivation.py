from __future__ import annotations

from typing import TYPE_CHECKING

from hop3_nix.nix.derivation import Derivation, read_derivation

if TYPE_CHECKING:
    from pathlib import Path

INPUTS = r'[("/nix/store/a.drv",["out","dev"])],["/nix/store/b","/nix/store/c"]'


def test_a_fetch_is_told_from_a_program(tmp_path: Path) -> None:
    file = tmp_path / "x.drv"
    file.write_text(
        'Derive([("out","/nix/store/o","sha256","00")],[],[],"builtin","builtin:fetchurl",[],'
        '[("builder","/bin/sh")])'
    )
    read = read_derivation(str(file))
    assert read == Derivation(("/nix/store/o",), "builtin:fetchurl")
    assert read.is_fetch


def test_what_the_environment_says_is_no_builder(tmp_path: Path) -> None:
    file = tmp_path / "x.drv"
    outputs = '("dev","/nix/store/d","",""),("out","/nix/store/o","","")'
    file.write_text(
        rf'Derive([{outputs}],{INPUTS},"x86_64-linux","/nix/store/b/a\"[x","-e"],'
        '[("builder","builtin:fetchurl")])'
    )
    read = read_derivation(str(file))
    assert read is not None
    assert read.outputs == ("/nix/store/d", "/nix/store/o")
    assert not read.is_fetch


def test_a_file_that_is_none(tmp_path: Path) -> None:
    assert read_derivation(str(tmp_path / "none")) is None
    (tmp_path / "other").write_text("text")
    assert read_derivation(str(tmp_path / "other")) is None
