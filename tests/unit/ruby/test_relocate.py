"""The steps that make a copy of Debian's Ruby run from the store."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

import pytest

from hop3_nix.files.resources import NIX

if TYPE_CHECKING:
    from pathlib import Path

LIBDIR = "lib/x86_64-linux-gnu"
LOAD_PATH = b"/usr/local/lib/site_ruby/3.3.0\0" + b"/usr/lib/ruby/vendor_ruby\0" * 9 + b"\0/usr\0"


@pytest.fixture(scope="module")
def relocate() -> Any:
    directory = str(NIX / "debian/languages/ruby")
    sys.path.insert(0, directory)
    try:
        return importlib.import_module("relocate_ruby")
    finally:
        sys.path.remove(directory)


def test_the_load_path_is_replaced_and_nothing_moves(relocate: Any) -> None:
    library = b"before\0" + LOAD_PATH + b"behind"
    found = relocate.with_load_path(library, ["/store/lib/ruby", "/store/lib/arch"])
    assert len(found) == len(library)
    assert found.startswith(b"before\0/store/lib/ruby\0/store/lib/arch\0\0")
    assert found.endswith(b"\0/usr\0behind")
    assert b"site_ruby" not in found


@pytest.mark.parametrize("library", [b"no load path", LOAD_PATH[-60:]])
def test_a_library_that_is_other_than_expected_is_an_error(relocate: Any, library: bytes) -> None:
    with pytest.raises(ValueError, match="there is no load path of 16 bytes"):
        relocate.with_load_path(library, ["/store/lib/ruby"])


def test_a_load_path_that_does_not_fit_is_an_error(relocate: Any) -> None:
    with pytest.raises(ValueError, match="there is no load path"):
        relocate.with_load_path(LOAD_PATH, ["/store/" + "x" * 300])


def test_extensions_are_built_with_programs_on_path(relocate: Any) -> None:
    rbconfig = (
        "CONFIG[\"INSTALL\"] = '/usr/bin/install -c'\n"
        'CONFIG["MKDIR_P"] = "/bin/mkdir -p"\n'
        'CONFIG["LDFLAGS"] = "-L. -Wl,-z,now"\n'
        'CONFIG["SHELL"] = "/bin/sh"\n'
    )
    assert relocate.with_programs_on_path(rbconfig) == (
        "CONFIG[\"INSTALL\"] = 'install -c'\n"
        'CONFIG["MKDIR_P"] = "mkdir -p"\n'
        'CONFIG["LDFLAGS"] = "-L. -Wl,-z,now -Wl,--allow-shlib-undefined"\n'
        'CONFIG["SHELL"] = "/bin/sh"\n'
    )


def test_a_copy_knows_nothing_of_the_layer_that_it_is_of(relocate: Any, tmp_path: Path) -> None:
    layer, out = tmp_path / "layer", tmp_path / "other"
    ruby = out / LIBDIR / "ruby/3.3.0"
    ruby.mkdir(parents=True)
    (out / "bin").mkdir()
    (out / LIBDIR / "libruby-3.3.so.3.3.8").write_bytes(LOAD_PATH * 4)
    (ruby / "rbconfig.rb").write_text("MKDIR_P = '/bin/mkdir'\n")
    (out / "bin/ruby3.3").write_bytes(b"\x7fELF\0" + str(layer).encode() + b"/lib\0")
    (out / "bin/gem3.3").write_text(f"#!{layer}/bin/ruby3.3\n")
    (out / "bin/link").symlink_to(f"{layer}/bin/ruby3.3")
    relocate.main(str(layer), str(out), LIBDIR, "3.3")
    assert (out / "bin/gem3.3").read_text() == f"#!{out}/bin/ruby3.3\n"
    assert str(out).encode() in (out / "bin/ruby3.3").read_bytes()
    assert str((out / "bin/link").readlink()) == f"{out}/bin/ruby3.3"
    assert str((out / "bin/ruby").readlink()) == "ruby3.3"
    assert (ruby / "rbconfig.rb").read_text() == "MKDIR_P = 'mkdir'\n"


def test_paths_of_another_length_are_refused(relocate: Any) -> None:
    with pytest.raises(SystemExit, match="differ in length"):
        relocate.main("/a", "/bc", LIBDIR, "3.3")
