"""The Nix library's functions, as far as they need no package set, and the programs it runs."""

from __future__ import annotations

import csv
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hop3_nix.rendering.nixlang import to_nix
from hop3_nix.source.fileset import NOT_SOURCE

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

LIB = Path(__file__).parents[2] / "nix/lib"


def evaluate(expression: str) -> Any:
    argv = ["nix-instantiate", "--store", "dummy://", "--eval", "--json", "--strict", "-"]
    done = subprocess.run(argv, input=expression, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def program(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(Path(name).stem, LIB / name)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def executable(file: Path, text: str) -> Path:
    file.write_text(text)
    file.chmod(0o755)
    return file


@pytest.fixture(scope="module")
def library_tests() -> dict[str, Any]:
    result: dict[str, Any] = evaluate(f"import {LIB}/tests")
    return result


def test_every_function_does_what_its_nix_tests_expect(library_tests: dict[str, Any]) -> None:
    assert library_tests["failures"] == {}
    assert library_tests["count"] > 0


def test_every_exported_function_has_a_nix_test(library_tests: dict[str, Any]) -> None:
    assert library_tests["untested"] == []
    assert library_tests["unknown"] == []


@pytest.mark.parametrize("file", sorted(LIB.rglob("*.nix")), ids=lambda file: file.name)
def test_no_file_of_the_library_uses_with_or_rec(file: Path) -> None:
    argv = ["nix-instantiate", "--store", "dummy://", "--parse", str(file)]
    parsed = subprocess.run(argv, check=True, capture_output=True, text=True).stdout
    assert "(with " not in parsed
    assert "rec {" not in parsed


# --- cleanSource


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "app"
    (root / "package").mkdir(parents=True)
    (root / "app.py").write_text("print()\n")
    (root / "package/module.py").write_text("")
    return root


def cleaned(tree: Path) -> str:
    path: str = evaluate(f"builtins.toString (import {LIB}/clean-source.nix {tree})")
    return path


def directory(name: str) -> Callable[[Path], None]:
    def make(tree: Path) -> None:
        (tree / name).mkdir(parents=True)
        (tree / name / "content").write_text("x")

    return make


def file(name: str) -> Callable[[Path], None]:
    def make(tree: Path) -> None:
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text("x")

    return make


def link(name: str) -> Callable[[Path], None]:
    def make(tree: Path) -> None:
        (tree / name).symlink_to("/nix/store")

    return make


NO_PART_OF_THE_APP = {
    ".git": directory(".git"),
    "package/.git": file("package/.git"),
    ".hg": directory(".hg"),
    ".svn": directory(".svn"),
    ".venv": directory(".venv"),
    "venv": directory("venv"),
    "an environment of any name": file("package/py/pyvenv.cfg"),
    ".direnv": directory(".direnv"),
    "node_modules": directory("package/node_modules"),
    "__pycache__": directory("package/__pycache__"),
    "*.pyc": file("package/module.pyc"),
    "hop3.nix": file("hop3.nix"),
    "hop3-nix": directory("hop3-nix"),
    "hop3-nix.lock": file("hop3-nix.lock"),
    "result": link("result"),
    "result-2": link("result-2"),
    "Procfile": file("Procfile"),
    "hop3.toml": file("hop3.toml"),
    "hop3/Procfile": file("hop3/Procfile"),
    "hop3/hop3.toml": file("hop3/hop3.toml"),
    "a socket": lambda tree: os.mkfifo(tree / "pipe"),
}

PART_OF_THE_APP = {
    "results.py": file("results.py"),
    "a file called result": file("result"),
    "a directory called result": directory("result"),
    "a link elsewhere": link("package/result"),
    "a Procfile elsewhere": file("package/Procfile"),
    "a hop3.nix elsewhere": file("package/hop3.nix"),
    "a package called venv": file("package/venv/__init__.py"),
    "other files in hop3": file("hop3/settings.py"),
    "hidden files": file(".env.example"),
    "a name with spaces and quotes": file("a 'b' \"c\" é.txt"),
}


@pytest.mark.parametrize("add", NO_PART_OF_THE_APP.values(), ids=NO_PART_OF_THE_APP)
def test_what_is_no_part_of_the_app_does_not_change_its_store_path(
    tree: Path, add: Callable[[Path], None]
) -> None:
    before = cleaned(tree)
    add(tree)
    assert cleaned(tree) == before


@pytest.mark.parametrize("add", PART_OF_THE_APP.values(), ids=PART_OF_THE_APP)
def test_what_is_part_of_the_app_changes_its_store_path(
    tree: Path, add: Callable[[Path], None]
) -> None:
    before = cleaned(tree)
    add(tree)
    assert cleaned(tree) != before


def test_every_file_of_a_snapshot_is_part_of_the_app(tree: Path) -> None:
    def cleaned_snapshot() -> str:
        argument = f"{{ snapshot = {tree}; }}"
        path: str = evaluate(f"builtins.toString (import {LIB}/clean-source.nix {argument})")
        return path

    assert cleaned_snapshot() == cleaned(tree)
    (tree / "Procfile").write_text("web: true")
    assert cleaned_snapshot() == cleaned(tree)
    for litter in ("vendor/node_modules", "venv"):
        before = cleaned_snapshot()
        directory(litter)(tree)
        assert cleaned_snapshot() != before
        assert cleaned_snapshot() != cleaned(tree)


def test_a_build_by_hand_and_hop3_nix_leave_out_the_same_names() -> None:
    litter = evaluate(f"import {LIB}/litter.nix")
    assert {*litter["anywhere"], *litter["atTheRoot"]} == {*NOT_SOURCE, ".env", ".git"}


def test_the_store_path_does_not_depend_on_where_the_tree_is(tree: Path) -> None:
    assert cleaned(tree) == cleaned(tree.rename(tree.with_name("elsewhere")))


# --- the programs that builds run


def test_shebangs_point_at_the_first_program_on_the_path(tmp_path: Path) -> None:
    path = [tmp_path / "a", tmp_path / "b"]
    for folder in path:
        folder.mkdir()
    executable(path[0] / "python3", "")
    executable(path[1] / "python3", "")
    executable(path[1] / "bash", "")
    patched = program("scripts/patch_shebangs.py").patched
    lines = {
        b"#!/usr/bin/env python3": f"#!{path[0]}/python3\n",
        b"#! /usr/bin/env  python3 -u": f"#!{path[0]}/python3 -u\n",
        b"#!/usr/bin/env -S python3 -u -X dev": f"#!{path[0]}/python3 -u -X dev\n",
        b"#!/bin/bash -e": f"#!{path[1]}/bash -e\n",
        b"#!/usr/local/bin/python3\r": f"#!{path[0]}/python3\n",
    }
    for line, expected in lines.items():
        assert patched(line, "/nix/store", [str(entry) for entry in path]) == expected.encode()


@pytest.mark.parametrize(
    "line",
    [
        b"#!/nix/store/00000000000000000000000000000000-bash/bin/bash",
        b"#!/usr/bin/perl",
        b"#!/usr/bin/env NAME=value bash",
        b"#!/usr/bin/env -i bash",
        b"#!/usr/bin/env",
        b"#!",
    ],
)
def test_a_shebang_that_cannot_be_pointed_into_the_store_stays(tmp_path: Path, line: bytes) -> None:
    executable(tmp_path / "bash", "")
    assert program("scripts/patch_shebangs.py").patched(line, "/nix/store", [str(tmp_path)]) is None


def test_the_tree_gets_what_the_back_end_has_made_and_nothing_else(tmp_path: Path) -> None:
    tree, site = tmp_path / "tree", tmp_path / "site"
    for name in ("site/shop/main.py", "site/shop/_version.py", "site/shop/native/_speed.so"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("made")
    for name in ("site/other/x.py", "site/shop-1.dist-info/RECORD", "tree/shop/main.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("own")
    program("languages/python/complete_tree.py").complete(tree, site)
    there = {str(path.relative_to(tree)) for path in tree.rglob("*") if path.is_file()}
    assert there == {"shop/main.py", "shop/_version.py", "shop/native/_speed.so"}
    assert (tree / "shop/main.py").read_text() == "own"


def test_only_executable_scripts_are_patched_and_the_rest_of_them_is_kept(tmp_path: Path) -> None:
    bin_directory = tmp_path / "bin"
    bin_directory.mkdir()
    executable(bin_directory / "sh", "")
    tree = tmp_path / "tree"
    tree.mkdir()
    content = "#!/bin/sh\necho '#!/bin/sh'\n"
    script = executable(tree / "script", content)
    text = tree / "text"
    text.write_text(content)
    (tree / "link").symlink_to(text)
    program("scripts/patch_shebangs.py").main("/nix/store", str(tree), str(bin_directory))
    assert script.read_text() == f"#!{bin_directory}/sh\necho '#!/bin/sh'\n"
    assert script.stat().st_mode & 0o777 == 0o755
    assert text.read_text() == content


def run_steps(
    tmp_path: Path, steps: list[str], environment: list[tuple[str, str]] | None = None
) -> subprocess.CompletedProcess[str]:
    spec = tmp_path / "spec.json"
    spec.write_text(json.dumps({"steps": steps, "environment": environment or []}))
    argv = [sys.executable, str(LIB / "scripts/run_steps.py"), str(spec), "/bin/bash"]
    return subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, check=False)


def test_each_step_starts_in_the_tree_with_the_environment(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    done = run_steps(
        tmp_path, ["cd sub; X=1", 'echo "$PWD ${X-unset} $GREETING" > out'], [("GREETING", "$(hé)")]
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out").read_text() == f"{tmp_path} unset $(hé)\n"


@pytest.mark.parametrize(
    ("step", "status"), [("exit 7", 7), ("false; true", 1), ("false | true", 1), ("kill $$", 143)]
)
def test_a_step_that_fails_ends_the_build_and_is_named(
    tmp_path: Path, step: str, status: int
) -> None:
    done = run_steps(tmp_path, ["true", step, "touch later"])
    assert done.returncode == status
    assert f"build step 2 failed with status {status}: {step}" in done.stderr
    assert not (tmp_path / "later").exists()


def test_a_spec_is_completed_with_the_closure_and_the_build_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NIX_BUILD_TOP", str(tmp_path))
    # Nix writes, for each path: the path, its deriver (none), how many references, the references.
    (tmp_path / "closure-0").write_text("/nix/store/b\n\n1\n/nix/store/a\n/nix/store/a\n\n0\n")
    (tmp_path / "closure-1").write_text("/nix/store/c\n\n0\n")
    spec, out = tmp_path / "spec.json", tmp_path / "out.json"
    # A package that is named for its libraries has no programs; what is not there stays an error.
    (tmp_path / "tool/bin").mkdir(parents=True)
    (tmp_path / "libraries/lib").mkdir(parents=True)
    path = [f"{tmp_path}/{name}/bin" for name in ("tool", "libraries", "gone")]
    spec.write_text(json.dumps({"store": "/nix/store", "env": {"é": "\n"}, "path": path}))
    program("scripts/complete_spec.py").main(str(spec), str(out))
    assert json.loads(out.read_text()) == {
        "store": "/nix/store",
        "env": {"é": "\n"},
        "path": [path[0], path[2]],
        "closure": ["/nix/store/a", "/nix/store/b", "/nix/store/c"],
        "forbidden": ["/usr", "/home", str(tmp_path)],
    }


def test_what_pip_notes_of_the_build_directory_is_removed(tmp_path: Path) -> None:
    info = tmp_path / "demo-1.dist-info"
    info.mkdir()
    (info / "direct_url.json").write_text("{}")
    rows = [
        ["demo/a, b.py", "sha256=x", "3"],
        ["demo-1.dist-info/direct_url.json", "sha256=y", "2"],
        ["demo-1.dist-info/RECORD", "", ""],
    ]
    with (info / "RECORD").open("w", newline="") as record:
        csv.writer(record).writerows(rows)
    program("languages/python/install_wheels.py").normalise(tmp_path)
    assert not (info / "direct_url.json").exists()
    with (info / "RECORD").open(newline="") as record:
        assert list(csv.reader(record)) == [rows[0], rows[2]]


def test_the_store_paths_in_a_wheel_are_found_under_compression(tmp_path: Path) -> None:
    names = [f"/nix/store/{letter * 32}-lib-1.0" for letter in "ab"]
    wheel = tmp_path / "demo.whl"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("demo.so", f"\0{names[1]}/lib\0{names[0]}\0".encode())
        archive.writestr("demo.py", f"# {names[0]}/x /nix/store/short")
    assert program("languages/python/build_wheel.py").references(wheel) == names


@pytest.mark.parametrize("kind", ["gztar", "zip"])
def test_a_source_distribution_is_unpacked_whatever_it_is_called(tmp_path: Path, kind: str) -> None:
    root = tmp_path / "in/demo-1"
    root.mkdir(parents=True)
    (root / "setup.py").write_text("")
    made = shutil.make_archive(str(tmp_path / "x"), kind, tmp_path / "in")
    archive = Path(made).rename(tmp_path / "0000-demo-1")
    project = program("languages/python/build_wheel.py").unpacked(archive, tmp_path / "out")
    assert project == tmp_path / "out/demo-1"
    assert (project / "setup.py").exists()


def test_pycs_are_the_same_each_time_and_what_does_not_compile_is_named(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "good.py").write_text("x = {'a', 'b', 'c'}\n")
    (tree / "template.py").write_text("{{ name }} = \n")
    (tree / "other.txt").write_text("not Python")
    argv = [sys.executable, str(LIB / "languages/python/compile_tree.py"), str(tree)]
    compiled = []
    for seed in ("1", "1"):
        done = subprocess.run(
            argv,
            env={"PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            text=True,
        )
        assert "template.py" in done.stdout
        (pyc,) = tree.rglob("*.pyc")
        compiled.append(pyc.read_bytes())
        # PEP 552: bit 0 says that there is a hash, bit 1 that it is to be checked.
        assert int.from_bytes(compiled[-1][4:8], "little") == 1
        os.utime(tree / "good.py", (1, 1))
        pyc.unlink()
    assert compiled[0] == compiled[1]


def test_any_name_gives_a_name_that_the_store_accepts() -> None:
    names = ["x" * 300, "a/b", "", ".", "..", "é" * 200, "$(id)", "a\nb", "-", "\x01"]
    expression = (
        f"map (text: (derivation {{ name = import {LIB}/safe-name.nix 50 text; "
        f'system = "x"; builder = "x"; }}).name) {to_nix(names)}'
    )
    for name in evaluate(expression):
        assert 0 < len(name) <= 51
