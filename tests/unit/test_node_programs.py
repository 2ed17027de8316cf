"""The programs that lay out node_modules, as far as they need no Nix."""

from __future__ import annotations

import importlib
import json
import os
import platform
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

FOLDER = Path(__file__).parents[2] / "nix/lib/languages/node"


@pytest.fixture(autouse=True)
def _beside_one_another(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.syspath_prepend(FOLDER)
    monkeypatch.syspath_prepend(FOLDER.parents[1] / "scripts")
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    yield
    for name in ("bins", "foreign", "install_modules", "lifecycle", "place_modules"):
        sys.modules.pop(name, None)


def module(name: str) -> ModuleType:
    return importlib.import_module(name)


def package(directory: Path, files: tuple[str, ...] = (), **manifest: Any) -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "package.json").write_text(json.dumps(manifest))
    for name in files:
        file = directory / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("")
    return directory


# --- bins


@pytest.mark.parametrize(
    ("manifest", "expected"),
    [
        ({"name": "@scope/tool", "bin": "cli.js"}, {"tool": "cli.js"}),
        (
            {"name": "tool", "bin": {"a": "./cli.js", "b": "/cli.js"}},
            {"a": "cli.js", "b": "cli.js"},
        ),
        ({"name": "tool", "bin": {"a": "../../../cli.js"}}, {"a": "cli.js"}),
        ({"name": "tool", "bin": {"../a": "cli.js"}}, {"a": "cli.js"}),
        ({"name": "tool", "directories": {"bin": "tools"}}, {"x": "tools/x"}),
        ({"name": "tool", "bin": {"gone": "gone.js"}}, {}),
        ({"name": "tool", "bin": None, "directories": None}, {}),
        ({"name": "tool", "bin": 3}, {}),
        ({}, {}),
    ],
)
def test_the_programs_of_a_package(
    tmp_path: Path, manifest: dict[str, Any], expected: dict[str, str]
) -> None:
    root = package(tmp_path / "package", ("cli.js", "tools/x"), **manifest)
    assert module("bins").programs(root) == expected


@pytest.mark.parametrize("text", ["", "[]", "\xff", "{"])
def test_a_package_whose_manifest_cannot_be_read_has_no_programs(tmp_path: Path, text: str) -> None:
    (tmp_path / "package.json").write_bytes(text.encode("latin-1"))
    assert module("bins").programs(tmp_path) == {}


def test_of_two_programs_with_one_name_the_package_called_so_has_it(tmp_path: Path) -> None:
    modules = tmp_path / "node_modules"
    for name in ("aaa", "tool", "zzz"):
        package(modules / name, ("cli.js",), name=name, bin={"tool": "cli.js"})
    for _ in range(2):
        module("bins").link_bins(tmp_path)
        assert str((modules / ".bin/tool").readlink()) == "../tool/cli.js"


# --- foreign


def test_the_dynamic_linker_of_a_program_is_found() -> None:
    found = module("foreign").interpreter(Path(sys.executable).resolve())
    assert found is not None
    assert Path(found[1]).name.startswith("ld-linux-")


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"\x7fELF", b"#!/bin/sh\n", b"\x7fELF\x02\x01" + b"\0" * 20),
        # Tables that are said to be where there is nothing.
        *(b"\x7fELF\x02\x01" + bytes([byte]) * 58 for byte in (0x01, 0x7F, 0xFF)),
    ],
)
def test_all_else_has_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file").write_bytes(content)
    assert module("foreign").interpreter(tmp_path / "file") is None
    assert not module("foreign").inherit_search(tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == content


def test_a_library_that_hides_the_interpreters_directories_hides_them_no_more(
    tmp_path: Path,
) -> None:
    library = tmp_path / "libx.so"
    (tmp_path / "x.c").write_text("int x(void) { return 1; }\n")
    options = ("-shared", "-fPIC", "-Wl,--enable-new-dtags", "-Wl,-rpath,$ORIGIN/libs")
    subprocess.run(["gcc", *options, "-o", library, tmp_path / "x.c"], check=True)
    library.chmod(0o444)
    size = library.stat().st_size
    assert module("foreign").inherit_search(library)
    said = subprocess.run(["readelf", "-d", library], check=True, capture_output=True, text=True)
    assert "(RPATH)" in said.stdout
    assert "$ORIGIN/libs" in said.stdout
    assert "(RUNPATH)" not in said.stdout
    assert (library.stat().st_size, library.stat().st_mode & 0o777) == (size, 0o444)
    assert not module("foreign").inherit_search(library)


# --- lifecycle


def test_what_gyp_wrote_while_compiling_is_removed_wherever_it_is(tmp_path: Path) -> None:
    names = (
        "build/Makefile",
        "build/config.gypi",
        "build/Release/addon.node",
        "build/Release/.deps/Release/obj.target/addon/x.o.d",
        "build/Release/obj.target/addon.node",
        "build/Release/libsound.so.1",
        "build-tmp-napi-v3/config.gypi",
        "build-tmp-napi-v3/addon.target.mk",
        "lib/binding/addon.node",
        "node-addon-api/nothing.target.mk",
        "src/Makefile",
    )
    package(tmp_path, names, name="addon")
    (tmp_path / "build/node_gyp_bins").mkdir()
    (tmp_path / "build/node_gyp_bins/python3").symlink_to(sys.executable)
    module("lifecycle").drop_intermediates(tmp_path)
    left = sorted(str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*") if not p.is_dir())
    assert left == [
        "build/Release/addon.node",
        "build/Release/libsound.so.1",
        "lib/binding/addon.node",
        "package.json",
        "src/Makefile",
    ]


REBUILD = {"install": "node-gyp rebuild"}
FALLS_BACK = {"install": "prebuild-install || node-gyp rebuild"}
THANKS = {"postinstall": "node thanks.js"}


@pytest.mark.parametrize(
    ("manifest", "allowed", "expected"),
    [
        ({}, (), REBUILD),
        ({"gypfile": False}, (), {}),
        ({"scripts": FALLS_BACK}, (), FALLS_BACK),
        ({"scripts": {"install": "node fetch.js"}}, (), {}),
        ({"scripts": THANKS}, (), REBUILD),
        ({"scripts": THANKS}, ("addon",), REBUILD | THANKS),
        ({"scripts": "none"}, (), REBUILD),
    ],
)
def test_which_scripts_of_an_addon_run(
    tmp_path: Path, manifest: dict[str, Any], allowed: tuple[str, ...], expected: dict[str, str]
) -> None:
    package(tmp_path / "addon", ("binding.gyp",), name="addon", **manifest)
    has_compiler = True
    lifecycle = module("lifecycle").Lifecycle(tmp_path, "/bin/sh", frozenset(allowed), has_compiler)
    assert lifecycle._scripts(tmp_path / "addon") == list(expected.items())


def test_a_prebuilt_binary_counts_only_for_this_system(tmp_path: Path) -> None:
    here = {"x86_64": "x64", "aarch64": "arm64"}[platform.machine()]
    has_prebuilt = module("lifecycle").has_prebuilt
    package(tmp_path, ("prebuilds/linux-arm/a.node", "prebuilds/darwin-x64+arm64/a.node"))
    assert not has_prebuilt(tmp_path)
    package(tmp_path, (f"prebuilds/linux-{here}/a.node",))
    assert has_prebuilt(tmp_path)


# --- placing


def test_the_outermost_node_modules_of_paths() -> None:
    root_of = module("place_modules").root_of
    assert root_of("node_modules/a/node_modules/b") == "node_modules"
    assert root_of("packages/a/node_modules/@s/b") == "packages/a/node_modules"
    assert root_of("packages/a") is None


@pytest.mark.parametrize("path", ["", "/x", "..", "a/../../b", "../node_modules/x"])
def test_a_path_that_leads_out_ends_the_build(path: str) -> None:
    with pytest.raises(SystemExit, match="leads out"):
        module("install_modules").checked(path)


def test_a_directory_that_nobody_may_enter_is_unpacked(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a.tgz", "w:gz") as archive:
        for name, kind, mode in (
            ("package/", tarfile.DIRTYPE, 0o644),
            ("package/lib/", tarfile.DIRTYPE, 0o644),
            ("package/lib/a.js", tarfile.REGTYPE, 0o644),
        ):
            entry = tarfile.TarInfo(name)
            entry.type, entry.mode = kind, mode
            archive.addfile(entry)
    code = (
        f"import sys; sys.path.insert(0, {str(FOLDER)!r}); from pathlib import Path;"
        "from install_modules import normalise, unpack;"
        "unpack('a.tgz', Path('out')); normalise(Path('out')); print(Path('out/lib/a.js').exists())"
    )
    tmp_path.chmod(0o777)
    argv = [sys.executable, "-B", "-c", code]
    if os.geteuid() == 0:
        # Root may enter any directory, and the users of builds may not.
        argv = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", *argv]
    said = subprocess.run(argv, cwd=tmp_path, check=True, capture_output=True, text=True)
    assert said.stdout == "True\n"
