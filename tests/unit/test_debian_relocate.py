"""The steps that make an unpacked Debian package run from the store."""

from __future__ import annotations

import importlib
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

SCRIPTS = Path(__file__).parents[2] / "nix" / "debian" / "scripts"
LIBDIR = "lib/x86_64-linux-gnu"
LOADER = f"{LIBDIR}/ld-linux-x86-64.so.2"


@pytest.fixture(scope="module")
def relocate() -> Any:
    sys.path.insert(0, str(SCRIPTS))
    try:
        return importlib.import_module("relocate")
    finally:
        sys.path.remove(str(SCRIPTS))


@pytest.fixture
def layer(relocate: Any, tmp_path: Path) -> Any:
    out, below = tmp_path / "out", tmp_path / "below"
    for root in (out, below):
        (root / "bin").mkdir(parents=True)
        (root / LIBDIR).mkdir(parents=True)
        (root / "sbin").symlink_to("bin")
    return relocate.Layer(out=out, below=(below,), glibc=below, loader=LOADER, libdir=LIBDIR)


def test_what_nobody_runs_is_deleted_with_the_directories_that_it_leaves_empty(
    relocate: Any, layer: Any
) -> None:
    (layer.out / "share/doc/x").mkdir(parents=True)
    (layer.out / "share/doc/x/README").touch()
    (layer.out / "bin/stays").touch()
    (layer.out / "bin/dangling").symlink_to("/etc/alternatives/x")
    relocate.prune(layer, ["share/doc", "bin/dang*", "not/there"])
    assert sorted(path.name for path in layer.walk()) == ["bin", "sbin", "stays"]


def test_pruning_does_not_follow_a_symlink_out_of_the_layer(relocate: Any, layer: Any) -> None:
    kept = layer.below[0] / "bin/kept"
    kept.touch()
    (layer.out / "bin/link").symlink_to(layer.below[0] / "bin")
    relocate.prune(layer, ["bin/link"])
    assert kept.exists()
    assert not (layer.out / "bin").exists()


@pytest.mark.parametrize("target", ["/usr/bin/there", "/bin/there"])
def test_an_absolute_symlink_leads_into_the_layer(relocate: Any, layer: Any, target: str) -> None:
    (layer.out / "bin/there").touch()
    link = layer.out / "bin/link"
    link.symlink_to(target)
    relocate.mend_symlinks(layer)
    assert str(link.readlink()) == "there"


def test_a_dangling_symlink_leads_to_the_layer_that_has_the_file(relocate: Any, layer: Any) -> None:
    library = layer.below[0] / LIBDIR / "libz.so.1"
    library.touch()
    link = layer.out / LIBDIR / "libz.so"
    link.symlink_to("libz.so.1")
    relocate.mend_symlinks(layer)
    assert link.readlink() == library


def test_a_symlink_that_leads_nowhere_is_a_problem(relocate: Any, layer: Any) -> None:
    (layer.out / "bin/link").symlink_to("/etc/nothing")
    relocate.mend_symlinks(layer)
    assert relocate.dangling(layer) == [
        f"{layer.out}/bin/link: leads to /etc/nothing, which is not there"
    ]


@pytest.mark.parametrize("line", ["#!/bin/sh -e", "#! /usr/bin/sh -e", "#!/usr/bin/env sh -e"])
def test_a_script_is_run_by_the_layer_that_has_its_interpreter(
    relocate: Any, layer: Any, line: str
) -> None:
    shell = layer.below[0] / "bin/sh"
    shell.touch()
    script = layer.out / "bin/script"
    script.write_text(f"{line}\necho /bin/sh\n")
    relocate.mend_script(layer, script)
    assert script.read_text() == f"#!{shell} -e\necho /bin/sh\n"


def test_a_script_whose_interpreter_no_layer_has_is_left_alone(relocate: Any, layer: Any) -> None:
    script = layer.out / "bin/script"
    script.write_text("#!/usr/bin/perl\n")
    relocate.mend_script(layer, script)
    assert script.read_text() == "#!/usr/bin/perl\n"


def test_the_dynamic_linker_forgets_the_system(relocate: Any, layer: Any) -> None:
    name = Path(LIBDIR).name
    text = (
        f"x\0/etc/ld.so.cache\0/etc/ld.so.preload\0"
        f"/lib/{name}/\0/usr/lib/{name}/\0/lib/\0/usr/lib/\0libc.so.6\0"
    )
    loader = layer.out / LOADER
    loader.write_text(text)
    relocate.hide_fallbacks(layer)
    after = loader.read_text()
    assert len(after) == len(text)
    assert all(part.startswith("/nil/") for part in after.split("\0") if part.startswith("/"))


def test_a_dynamic_linker_of_another_make_is_refused(relocate: Any, layer: Any) -> None:
    (layer.out / LOADER).write_text("/lib/\0")
    with pytest.raises(SystemExit, match="is not where it was expected"):
        relocate.hide_fallbacks(layer)


@pytest.fixture
def program(relocate: Any, tmp_path: Path) -> Path:
    path = tmp_path / "program"
    real = Path(sys.executable).resolve()
    assert relocate.read_elf(real) is not None, f"{real} is not dynamically linked"
    shutil.copyfile(real, path)
    return path


def test_a_program_says_what_it_needs_and_who_loads_it(relocate: Any, program: Path) -> None:
    elf = relocate.read_elf(program)
    assert "libc.so.6" in elf.needed
    assert Path(elf.interpreter).name in {"ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1"}


def test_a_needed_library_that_no_directory_has_is_a_problem(
    relocate: Any, layer: Any, program: Path
) -> None:
    problems = relocate.unresolved(layer, [program])
    assert f"{program}: needs libc.so.6, which no layer has" in problems
    for library in relocate.read_elf(program).needed:
        (layer.glibc / LIBDIR / library).touch()
    assert relocate.unresolved(layer, [program]) == []


@pytest.mark.parametrize("content", [b"", b"\x7fEL", b"#!/bin/sh\n"])
def test_what_is_no_program_is_not_read_as_one(
    relocate: Any, tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "file"
    file.write_bytes(content)
    assert relocate.read_elf(file) is None
