"""Compiled modules whose libraries are not in the closure are refused, plug-ins told of."""

from __future__ import annotations

import importlib.util
import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hop3_nix.nix.missing import find_missing

if TYPE_CHECKING:
    from types import ModuleType

PROGRAM = Path(__file__).parents[2] / "nix/lib/scripts/check_libraries.py"
SITE = "lib/python3.13/site-packages"


@pytest.fixture(scope="module")
def checks() -> ModuleType:
    spec = importlib.util.spec_from_file_location("check_libraries", PROGRAM)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a library that needs libodd.so.1."""
    folder = tmp_path_factory.mktemp("compiled")
    (folder / "odd.c").write_text("int odd(void) { return 1; }\n")
    (folder / "user.c").write_text("int odd(void); int use(void) { return odd(); }\n")
    gcc = ["gcc", "-shared", "-fPIC", "-nostdlib"]
    odd = folder / "libodd.so"
    subprocess.run([*gcc, "-Wl,-soname,libodd.so.1", "-o", odd, folder / "odd.c"], check=True)
    subprocess.run([*gcc, "-o", folder / "user.so", folder / "user.c", odd], check=True)
    return folder / "user.so"


def put(compiled: Path, root: Path, name: str) -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_bytes(compiled.read_bytes())


def status(checks: ModuleType, tmp_path: Path) -> int:
    spec = tmp_path / "spec.json"
    roots = [str(path) for path in tmp_path.iterdir() if path.is_dir()]
    spec.write_text(json.dumps({"closure": roots}))
    code: int = checks.main(str(spec))
    return code


@pytest.mark.parametrize(
    "name",
    [
        f"{SITE}/user.cpython-313-x86_64-linux-gnu.so",
        f"{SITE}/pkg/user.abi3.so",
        "node_modules/pkg/build/Release/user.node",
    ],
)
def test_a_module_that_lacks_a_library_is_refused_in_words_that_are_looked_up(
    checks: ModuleType,
    compiled: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
) -> None:
    put(compiled, tmp_path / "deps", name)
    assert status(checks, tmp_path) == 1
    [missing] = find_missing(capsys.readouterr().err)
    assert (missing.name, missing.is_loaded) == ("libodd.so.1", True)
    (tmp_path / "named/lib").mkdir(parents=True)
    (tmp_path / "named/lib/libodd.so.1").touch()
    assert status(checks, tmp_path) == 0


@pytest.mark.parametrize(
    "name",
    [
        f"{SITE}/pkg/deep/plugin/user.cpython-313-x86_64-linux-gnu.so",
        f"{SITE}/pkg/libuser.so",
        "node_modules/pkg/prebuilds/darwin-x64/user.node",
    ],
)
def test_plug_ins_and_files_for_others_are_let_be(
    checks: ModuleType, compiled: Path, tmp_path: Path, name: str
) -> None:
    put(compiled, tmp_path / "deps", name)
    assert status(checks, tmp_path) == 0


def test_a_package_that_loads_a_library_by_its_name_is_known(
    checks: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "deps" / SITE / "python_magic-0.4.27.dist-info").mkdir(parents=True)
    assert status(checks, tmp_path) == 1
    said = capsys.readouterr().err
    assert said == "python_magic-0.4.27 needs libmagic.so.1, which is not there\n"


def test_drivers_are_the_hosts(checks: ModuleType) -> None:
    assert checks._HOSTS.fullmatch("libcuda.so.1")
    assert not checks._HOSTS.fullmatch("libodbc.so.2")


def test_a_damaged_module_needs_nothing(checks: ModuleType, compiled: Path, tmp_path: Path) -> None:
    good = compiled.read_bytes()
    module = tmp_path / "user.so"
    assert checks.needed(compiled) == ("libodd.so.1",)
    for size in (6, 19, 40, 64, 200, 600):
        module.write_bytes(good[:size])
        assert checks.needed(module) == ()
    module.write_bytes(good[:32] + b"\xff" * 32 + good[64:])
    assert checks.needed(module) == ()
