"""The steps that make an unpacked Debian package run from the store."""

from __future__ import annotations

import importlib
import re
import shutil
import struct
import sys
from pathlib import Path
from typing import Any

import pytest

SCRIPTS = Path(__file__).parents[2] / "nix" / "debian" / "scripts"
LIBDIR = "lib/x86_64-linux-gnu"
STORE_PATH = "/nix/store/00000000000000000000000000000000-glibc"
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
    assert relocate.dangling(layer) == [layer.out / "bin/link"]


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


SYSTEM = (b"/lib/x86_64-linux-gnu/", b"/usr/lib/x86_64-linux-gnu/", b"/lib/", b"/usr/lib/")
"""What Debian's dynamic linker searches by default."""


def dynamic_linker(padding: int = 30) -> bytes:
    """Return what is of interest in one: lengths, text, what the linker aligned, and a copy."""
    text = b"".join(name + b"\0" for name in SYSTEM)
    lengths = struct.pack("<4Q", *map(len, SYSTEM))
    files = b"/etc/ld.so.cache\0/etc/ld.so.preload\0"
    longest = b"\x48\xc7\x05abcd\x1a\0\0\0"
    return b"".join([files, lengths, text, bytes(padding), b"\7", text, b"libc.so.6\0", longest])


def searched(loader: bytes) -> list[str]:
    start = loader.index(b"/nil/x86_64-linux-gnu/")
    found = []
    for length in struct.unpack_from("<4Q", loader, start - 32):
        found.append(loader[start : start + length].decode())
        start += length + 1
    return found


def test_the_dynamic_linker_searches_its_own_directory_and_forgets_the_system(
    relocate: Any, layer: Any
) -> None:
    loader = layer.out / LOADER
    loader.write_bytes(dynamic_linker())
    relocate.mend_loader(loader, f"{STORE_PATH}/lib")
    after = loader.read_bytes()
    own = f"{STORE_PATH}/lib/"
    assert searched(after) == ["/nil/x86_64-linux-gnu/", own, "/nil/", "/nil/"]
    assert len(after) == len(dynamic_linker())
    assert not re.search(rb"/(usr|etc)/", after)
    # Buffers for a path are as long as the longest of these and a name.
    assert after.endswith(struct.pack("<I", len(own)))


@pytest.mark.parametrize(
    "data",
    [dynamic_linker(padding=0), dynamic_linker().replace(b"\x48\xc7\x05", b"\x48\xc7\x06")],
)
def test_a_dynamic_linker_that_cannot_be_taught_forgets_the_system_alone(
    relocate: Any, layer: Any, data: bytes
) -> None:
    loader = layer.out / LOADER
    loader.write_bytes(data)
    relocate.mend_loader(loader, f"{STORE_PATH}/lib")
    after = loader.read_bytes()
    assert len(after) == len(data)
    assert [name.count("/nil/") > 0 for name in searched(after)] == [True] * 4
    assert not re.search(rb"/(usr|etc)/|\0/lib/", after)


def test_a_dynamic_linker_of_another_make_is_refused(relocate: Any, layer: Any) -> None:
    loader = layer.out / LOADER
    loader.write_bytes(dynamic_linker().replace(b"/etc/ld.so.cache", b"/etc/ld.so.other"))
    with pytest.raises(SystemExit, match=r"ld\.so\.cache.*is not where it was expected"):
        relocate.mend_loader(loader, f"{STORE_PATH}/lib")


def test_a_script_that_tells_compilers_where_to_look_tells_of_the_layer(
    relocate: Any, layer: Any
) -> None:
    (layer.below[0] / "bin/sh").touch()
    script = layer.out / "bin/xml2-config"
    script.write_text("#! /bin/sh\nprefix=/usr\n")
    relocate.mend_script(layer, script)
    assert script.read_text() == f"#!{layer.below[0]}/bin/sh\nprefix={layer.out}\n"


def test_python_finds_the_libraries_that_its_dynamic_linker_would(
    relocate: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, given = tmp_path / "own", tmp_path / "given"
    for folder, names in (
        (own, ["libz.so", "libz.so.1", "libz.so.1.3", "libzstd.so.1", "libmagic.so.0"]),
        (given, ["libmagic.so.1.0.0", "libmagic.so.1", "libonly.so"]),
    ):
        folder.mkdir()
        for name in names:
            (folder / name).touch()
    module = tmp_path / "util.py"
    module.write_text("import os\n")
    relocate.mend_find_library(module, [str(tmp_path / "nothing"), str(own)])
    monkeypatch.setenv("LD_LIBRARY_PATH", str(given))
    defined: dict[str, Any] = {}
    exec(module.read_text(), defined)  # noqa: S102 - the text that was written
    found = {name: defined["find_library"](name) for name in ("z", "magic", "only", "c++")}
    assert found == {"z": "libz.so.1", "magic": "libmagic.so.1", "only": "libonly.so", "c++": None}


def test_python_is_told_of_other_places_by_who_compiles(
    relocate: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module, other = tmp_path / "_sysconfigdata.py", tmp_path / "other.py"
    module.write_text("build_time_vars = {'LIBDIR': '/usr/lib'}\n")
    other.write_text("build_time_vars = {'LIBDIR': '/nix/store/x'}\n")
    relocate.mend_sysconfig(module, "python3.13")
    said = []
    for value in ("", str(other)):
        monkeypatch.setenv("NIX_SYSCONFIG_PYTHON3_13", value)
        names: dict[str, Any] = {}
        exec(module.read_text(), names)  # noqa: S102 - the text that was written
        said.append(names["build_time_vars"]["LIBDIR"])
    assert said == ["/usr/lib", "/nix/store/x"]


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
