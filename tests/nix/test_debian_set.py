"""The Debian package set on real Nix: it runs in bubblewrap with its closure and nothing else."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from hop3_nix.errors import TemporaryError, UnavailableError
from hop3_nix.nix import commands as nixcli
from hop3_nix.nix.commands import NixSettings
from hop3_nix.packagesets import DebianSet
from hop3_nix.packagesets.debian_definition import read_definition
from hop3_nix.packagesets.npm_programs import fetched_languages
from hop3_nix.rendering.nixlang import package

if TYPE_CHECKING:
    from collections.abc import Callable

    Build = Callable[..., Path]

EXPRESSION: Final = Path(__file__).parents[2] / "nix" / "debian"
PYTHONS: Final = ("python311", "python313")
WHEELS: Final = ("numpy", "psycopg2-binary", "cryptography", "cffi")


@pytest.fixture(scope="module")
def environment(state: Path) -> dict[str, str]:
    """Return what Nix is run with: what a user has, with the set's own settings."""
    package_set = DebianSet(directory=state / "debian")
    for language in fetched_languages():
        package_set.prepare(lambda _line: None, language.name)
    variables = NixSettings(package_set.nix_settings()).environment()
    # Nothing that tells Nix of certificates: the user of a fresh machine has none of it.
    kept = {name: variables[name] for name in ("PATH", "HOME", "NIX_CONFIG") if name in variables}
    return kept | {"HOP3_NIX_STATE": str(state)}


def nix(program: str, *arguments: str | Path, environment: dict[str, str], status: int = 0) -> str:
    done = subprocess.run(
        [program, *map(str, arguments)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status, f"{program} -> {done.returncode}\n{done.stderr}"
    return done.stdout if status == 0 else done.stderr


@pytest.fixture(scope="module")
def build(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Build:
    """Return a function that builds an expression in which ``pkgs`` is the set, and roots it."""
    links = tmp_path_factory.mktemp("roots")

    def realise(expression: str, *options: str) -> Path:
        text = f"let pkgs = import {EXPRESSION} {{ }}; in {expression}"
        link = links / str(len(list(links.iterdir())))
        out = nix("nix-build", "-E", text, "--out-link", link, *options, environment=environment)
        return Path(out.splitlines()[-1])

    return realise


@pytest.fixture(scope="module")
def closure(environment: dict[str, str]) -> Callable[..., list[str]]:
    """Return a function that lists the closure of store paths."""

    def requisites(*paths: Path) -> list[str]:
        return nix("nix-store", "-qR", *paths, environment=environment).split()

    return requisites


@pytest.fixture(scope="module")
def alone(build: Build, closure: Callable[..., list[str]]) -> Callable[..., str]:
    """Return a function that runs a program with its closure and the platform's, alone."""
    glibc, cacert, tzdata = (build(f"pkgs.{name}") for name in ("glibc", "cacert", "tzdata"))

    def run(program: Path, *arguments: str) -> str:
        root = Path(*program.parts[:4])
        mounts = [
            word
            for path in sorted(set(closure(root, glibc, cacert, tzdata)))
            for word in ("--ro-bind", path, path)
        ]
        variables = {
            "LANG": "C.UTF-8",
            "LOCPATH": f"{glibc}/lib/locale",
            "PYTHONTZPATH": f"{tzdata}/share/zoneinfo",
            "SSL_CERT_FILE": f"{cacert}/etc/ssl/certs/ca-bundle.crt",
            "TZDIR": f"{tzdata}/share/zoneinfo",
        }
        settings = [word for pair in variables.items() for word in ("--setenv", *pair)]
        sandbox = ["bwrap", "--unshare-all", "--clearenv", "--proc", "/proc", "--dev", "/dev"]
        done = subprocess.run(
            [*sandbox, "--tmpfs", "/tmp", *mounts, *settings, program, *arguments],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    return run


def test_every_attribute_that_is_offered_is_there(environment: dict[str, str]) -> None:
    names = "builtins.attrNames (import (set + /definition.nix)).attributes"
    text = (
        f"let set = {EXPRESSION}; pkgs = import set {{ }}; in "
        f"builtins.listToAttrs (map (name: {{ inherit name; value = pkgs.${{name}}.drvPath; }})"
        f" ({names}))"
    )
    found = nix(
        "nix-instantiate", "--eval", "--strict", "--json", "-E", text, environment=environment
    )
    assert sorted(json.loads(found)) == sorted(read_definition().attributes)


def test_what_other_languages_are_made_of_is_not_needed(
    environment: dict[str, str], state: Path, tmp_path: Path
) -> None:
    shutil.copytree(state / "debian", tmp_path / "debian")
    for language in fetched_languages():
        (tmp_path / f"debian/{language.name}.json").unlink(missing_ok=True)
    found = nix(
        "nix-instantiate",
        *("--eval", "-E", f"(import {EXPRESSION} {{ }}).rustc.outPath"),
        environment=environment | {"HOP3_NIX_STATE": str(tmp_path)},
    )
    assert "-rust" in found


def test_another_mirror_gives_the_same_store_paths(environment: dict[str, str]) -> None:
    mirrors = '{ debian = "https://a.example/d"; debian-security = "https://b.example/s"; }'
    texts = [
        f"(import {EXPRESSION} {arguments}).python313.outPath"
        for arguments in ("{ }", f"{{ mirrors = {mirrors}; }}")
    ]
    one, other = (
        nix("nix-instantiate", "--eval", "-E", text, environment=environment) for text in texts
    )
    assert one == other


def test_without_a_lock_the_expression_says_what_to_run(
    environment: dict[str, str], tmp_path: Path
) -> None:
    text = f"(import {EXPRESSION} {{ }}).bash.outPath"
    said = nix(
        "nix-instantiate",
        *("--eval", "-E", text),
        environment=environment | {"HOP3_NIX_STATE": str(tmp_path)},
        status=1,
    )
    assert f"no lock at {tmp_path}/debian/lock.json" in said
    assert "hop3-nix packages refresh" in said


@pytest.fixture
def moved(state: Path, tmp_path: Path) -> Callable[..., str]:
    """Return a function that gives an expression for tzdata, with its .deb elsewhere."""
    for program in ("seed", "shell"):
        shutil.copytree(state / "debian" / program, tmp_path / program)
    shutil.copy(state / "debian" / "mirrors.json", tmp_path)

    def write(**changes: str) -> str:
        lock = json.loads((state / "debian" / "lock.json").read_text())
        (file,) = lock["groups"]["tzdata"]
        file["path"] = f"pool/moved/{Path(file['path']).name}"
        file |= changes
        (tmp_path / "lock.json").write_text(json.dumps(lock))
        return f"(import {EXPRESSION} {{ lock = {tmp_path}/lock.json; }}).tzdata"

    return write


def test_a_file_that_the_mirror_dropped_is_used_as_long_as_it_is_in_the_store(
    build: Build, moved: Callable[..., str]
) -> None:
    fetched = build("pkgs.tzdata")
    assert build(moved()) == fetched


def test_a_file_that_the_mirror_dropped_says_to_refresh(
    state: Path, moved: Callable[..., str]
) -> None:
    settings = NixSettings(DebianSet(directory=state / "debian").nix_settings())
    expression = nixcli.Expression(moved(sha256="1" * 64))
    with pytest.raises(UnavailableError, match=r"could not download .*/pool/moved/") as caught:
        nixcli.build(expression, out_link=None, settings=settings)
    assert "refresh" in caught.value.tip


def test_a_mirror_that_cannot_be_reached_leaves_the_lock_as_it_was(
    state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = tmp_path / "debian"
    shutil.copytree(state / "debian", directory, ignore=shutil.ignore_patterns("apt"))
    before = (directory / "lock.json").read_bytes()
    for name in ("http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with pytest.raises(TemporaryError, match="could not read the Debian archive"):
        DebianSet(directory=directory).refresh(lambda _line: None)
    assert (directory / "lock.json").read_bytes() == before


def test_an_interpreter_does_not_fetch_a_compiler(
    environment: dict[str, str], closure: Callable[..., list[str]]
) -> None:
    text = (
        f"let pkgs = import {EXPRESSION} {{ }}; in "
        'pkgs.runCommand "x" { nativeBuildInputs = [ pkgs.python313.pkgs.pip ]; } ""'
    )
    derivation = nix("nix-instantiate", "-E", text, environment=environment).strip()
    needed = closure(Path(derivation))
    assert any("-python3.13_" in path for path in needed)
    assert not [path for path in needed if "g++" in path or "-dev_" in path]


@pytest.mark.parametrize("python", PYTHONS)
def test_an_interpreter_runs_with_its_closure_alone(
    python: str, build: Build, alone: Callable[..., str]
) -> None:
    program = build(f"pkgs.{python}") / "bin" / "python3"
    said = alone(
        program,
        "-c",
        "import bz2, ctypes, curses, dbm.ndbm, hashlib, locale, lzma, readline, sqlite3, ssl\n"
        "import uuid, venv, zlib, zoneinfo, json, sys\n"
        "ctypes.CDLL('libstdc++.so.6')\n"
        "print(json.dumps([\n"
        "    locale.setlocale(locale.LC_ALL, ''), sys.getfilesystemencoding(),\n"
        "    str(zoneinfo.ZoneInfo('Europe/Paris')),\n"
        "    len(ssl.create_default_context().get_ca_certs()) > 100,\n"
        "    sqlite3.connect(':memory:').execute('select 1').fetchone()[0],\n"
        "]))",
    )
    assert json.loads(said) == ["C.UTF-8", "utf-8", "Europe/Paris", True, 1]


@pytest.mark.parametrize("python", PYTHONS)
def test_the_lock_says_what_the_interpreter_and_its_c_library_say(
    python: str, state: Path, build: Build, alone: Callable[..., str]
) -> None:
    offers = DebianSet(directory=state / "debian").target().offers_for("python")
    offer = next(offer for offer in offers if offer.named == python)
    program = build(f"pkgs.{python}") / "bin" / "python3"
    code = (
        "import os, platform; print(platform.python_version(), os.confstr('CS_GNU_LIBC_VERSION'))"
    )
    assert alone(program, "-c", code) == f"{offer.version} glibc {offer.libc}"


@pytest.mark.parametrize("python", PYTHONS)
def test_an_interpreters_closure_is_small_and_has_no_build_tools(
    python: str, build: Build, closure: Callable[..., list[str]]
) -> None:
    paths = closure(build(f"pkgs.{python}"))
    names = {path.partition("-")[2] for path in paths}
    assert names == {"glibc", "stdcxx", "libraries", python}
    size = sum(
        file.lstat().st_size for path in paths for file in Path(path).rglob("*") if file.is_file()
    )
    assert size < 70_000_000


@pytest.mark.parametrize("python", PYTHONS)
def test_compiled_wheels_run_as_they_are(
    python: str, build: Build, alone: Callable[..., str], tmp_path: Path
) -> None:
    wheels = tmp_path / "wheels"
    tag = python.removeprefix("python")
    platforms = ("manylinux_2_28_x86_64", "manylinux2014_x86_64", "manylinux_2_17_x86_64")
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "download", "--quiet", "--only-binary=:all:"),
            *("--no-deps", "--implementation=cp", f"--python-version={tag[0]}.{tag[1:]}"),
            *(f"--abi={abi}" for abi in (f"cp{tag}", "abi3", "none")),
            *(f"--platform={platform}" for platform in platforms),
            *("--dest", wheels, *WHEELS),
        ],
        env=os.environ,
        check=True,
    )
    venv = build(
        f"""pkgs.runCommand "wheels" {{
          nativeBuildInputs = [ pkgs.{python}.pkgs.pip ];
          wheels = builtins.path {{ path = {wheels}; name = "wheels"; }};
        }} ''
          ${{pkgs.{python}.interpreter}} -m venv --without-pip $out
          pip --python $out/bin/python install -q --no-index --no-deps --no-compile $wheels/*
        ''"""
    )
    said = alone(
        venv / "bin" / "python",
        "-c",
        "import numpy, psycopg2, cffi\n"
        "from cryptography.hazmat.primitives.ciphers.aead import AESGCM\n"
        "print(numpy.linalg.det(numpy.eye(3)), psycopg2.extensions.libpq_version() > 0,\n"
        "      len(AESGCM.generate_key(128)))",
    )
    assert said == "1.0 True 16"


@pytest.mark.parametrize("python", PYTHONS)
def test_a_c_extension_is_compiled_with_the_interpreters_own_settings(
    python: str, build: Build
) -> None:
    out = build(
        f"""pkgs.runCommandCC "extension" {{
          nativeBuildInputs = [ pkgs.{python} ];
          buildInputs = [ pkgs.zlib ];
        }} ''
          cat >m.c <<'END'
          #include <Python.h>
          #include <zlib.h>
          static PyObject *f(PyObject *s, PyObject *a) {{
            return PyUnicode_FromString(zlibVersion());
          }}
          static PyMethodDef methods[] = {{{{"f", f, METH_NOARGS, ""}}, {{0}}}};
          static struct PyModuleDef m = {{PyModuleDef_HEAD_INIT, "m", 0, -1, methods}};
          PyMODINIT_FUNC PyInit_m(void) {{ return PyModule_Create(&m); }}
          END
          mkdir $out
          settings="import sysconfig as s; print(*map(s.get_config_var, ['LDSHARED', 'CFLAGS']))"
          $(python3 -c "$settings") -fPIC m.c -lz -o $out/m.so
          cd $out
          python3 -Bc 'import m; print(m.f())' >$out/said
          readelf --debug-dump=info m.so >$out/debug
        ''"""
    )
    assert (out / "said").read_text().startswith("1.")
    assert (out / "debug").read_text() == ""


@pytest.mark.parametrize("python", PYTHONS)
def test_an_interpreter_is_embedded_by_what_its_sysconfig_says(
    python: str, build: Build, alone: Callable[..., str], closure: Callable[..., list[str]]
) -> None:
    out = build(
        f"""pkgs.runCommandCC "embedded" {{
          nativeBuildInputs = [ pkgs.{python} ];
        }} ''
          cat >main.c <<'END'
          #include <Python.h>
          int main() {{
            setenv("PYTHONHOME", "${{pkgs.{python}}}", 1);
            Py_Initialize();
            PyRun_SimpleString("import ssl, sys; print(sys.version_info[:2], sys.prefix)");
            return Py_FinalizeEx();
          }}
          END
          mkdir -p $out/bin
          cat >names.py <<'END'
          from sysconfig import get_config_var as said, get_path
          print("-L" + said("LIBDIR"), "-l" + said("LDLIBRARY")[3:-3], "-I" + get_path("include"))
          print(said("LIBPL"))
          END
          set -- $(python3 names.py)
          test -f "$4/Makefile"
          gcc main.c $1 $2 -o $out/bin/embedded
        ''"""
    )
    prefix = build(f"pkgs.{python}")
    assert alone(out / "bin" / "embedded") == f"({python[6]}, {python[7:]}) {prefix}"
    assert not [path for path in closure(out) if "-dev" in path or "headers" in path]


@pytest.mark.parametrize("python", PYTHONS)
def test_ctypes_finds_the_libraries_that_can_be_loaded(
    python: str, build: Build, alone: Callable[..., str]
) -> None:
    code = (
        "from ctypes import CDLL, util\n"
        "names = [util.find_library(name) for name in ('c', 'z', 'ssl', 'stdc++')]\n"
        "[CDLL(name) for name in names]\n"
        "print(*names, util.find_library('no-such-library'))"
    )
    said = alone(build(f"pkgs.{python}") / "bin/python3", "-c", code)
    assert said == "libc.so.6 libz.so.1 libssl.so.3 libstdc++.so.6 None"


def test_a_library_that_hides_its_programs_directories_finds_those_of_the_c_library(
    build: Build, alone: Callable[..., str]
) -> None:
    out = build(
        """pkgs.runCommandCC "hidden" { } ''
          mkdir -p $out/bin
          echo 'int util(void) { return 7; }' >lib.c
          # Needed though unused, and nothing else has loaded it.
          gcc -shared -fPIC lib.c -Wl,--no-as-needed -lutil -lanl -o $out/libhidden.so
          patchelf --set-rpath /nothing $out/libhidden.so
          echo 'int util(void); int main() { return util() == 7 ? 0 : 1; }' >main.c
          gcc main.c $out/libhidden.so -Wl,-rpath,$out -o $out/bin/main
          readelf -d $out/libhidden.so | grep RUNPATH
          readelf -d $out/libhidden.so | grep libanl
        ''"""
    )
    assert alone(out / "bin" / "main") == ""


def test_any_package_of_debians_can_be_named_and_leaves_its_headers_behind(
    state: Path, build: Build, alone: Callable[..., str], closure: Callable[..., list[str]]
) -> None:
    debian = DebianSet(directory=state / "debian")
    debian.provide(["libyaml-dev", "libpango1.0-dev", "no-such-package"], print)
    offered = debian.target().packages or frozenset()
    assert {"libyaml-dev", "libyaml"} <= offered
    assert "no-such-package" not in offered
    out = build(
        """pkgs.runCommandCC "yaml" { buildInputs = [ pkgs.libyaml ]; } ''
          echo '#include <yaml.h>
          #include <stdio.h>
          int main() { puts(yaml_get_version_string()); }' >main.c
          mkdir -p $out/bin
          gcc main.c $(pkg-config --cflags --libs yaml-0.1) -o $out/bin/yaml
        ''"""
    )
    assert alone(out / "bin" / "yaml").startswith("0.")
    # hop3.toml's names are written into expressions as attributes, which end at a dot.
    assert build(str(package("libpango1.0-dev"))).name.endswith("-libpango1.0-dev")
    names = {path.partition("-")[2] for path in closure(out)}
    assert names == {"glibc", "stdcxx", "libraries", "libyaml-dev", "yaml"}


def test_a_compiled_program_runs_with_its_closure_and_without_the_compiler(
    build: Build, alone: Callable[..., str], closure: Callable[..., list[str]]
) -> None:
    out = build(
        """pkgs.stdenv.mkDerivation (final: {
          pname = "hello";
          version = "1.2";
          src = pkgs.writeText "hello.cc" ''
            #include <iostream>
            int main() { std::cout << "hello from " FILE_NAME << std::endl; }
          '';
          dontUnpack = true;
          buildPhase = ''
            runHook preBuild
            g++ -DFILE_NAME="\\"${final.pname} ${final.version}\\"" "$src" -o hello
          '';
          installPhase = "install -D hello $out/bin/hello";
        })"""
    )
    assert alone(out / "bin" / "hello") == "hello from hello 1.2"
    assert not [path for path in closure(out) if "gcc" in path or path.endswith("-base")]


@pytest.mark.parametrize(
    "flags",
    [
        "-I$(pg_config --includedir) -L$(pg_config --libdir) -lpq",
        "$(pkg-config --cflags --libs libpq)",
    ],
)
def test_a_program_finds_the_postgresql_client_and_its_libraries(
    flags: str, build: Build, alone: Callable[..., str], closure: Callable[..., list[str]]
) -> None:
    out = build(
        f"""pkgs.runCommandCC "client" {{
          nativeBuildInputs = [ pkgs.pkg-config ];
          buildInputs = [ pkgs.libpq ];
        }} ''
          echo '#include <libpq-fe.h>
          #include <stdio.h>
          int main() {{ printf("%d", PQlibVersion() / 10000); }}' >main.c
          mkdir -p $out/bin
          gcc main.c {flags} -o $out/bin/client
        ''"""
    )
    assert alone(out / "bin" / "client") == "17"
    assert not [path for path in closure(out) if path.endswith(("-dev", "-headers"))]


def test_a_foreign_program_is_patched_by_the_hook(build: Build, alone: Callable[..., str]) -> None:
    out = build(
        """pkgs.stdenv.mkDerivation {
          name = "foreign";
          dontUnpack = true;
          nativeBuildInputs = [ pkgs.autoPatchelfHook ];
          buildInputs = [ pkgs.zlib ];
          installPhase = ''
            echo '#include <zlib.h>
            #include <stdio.h>
            int main() { puts(zlibVersion()); }' >main.c
            mkdir -p $out/bin
            gcc main.c -lz -o $out/bin/foreign
            patchelf --set-interpreter /lib64/ld-linux.so --remove-rpath $out/bin/foreign
          '';
        }"""
    )
    assert alone(out / "bin" / "foreign").startswith("1.")


def test_what_the_hook_cannot_find_fails_the_build(environment: dict[str, str]) -> None:
    text = f"""let pkgs = import {EXPRESSION} {{ }}; in pkgs.stdenv.mkDerivation {{
      name = "foreign";
      dontUnpack = true;
      nativeBuildInputs = [ pkgs.autoPatchelfHook ];
      installPhase = ''
        mkdir -p $out/lib
        echo 'int f(void) {{ return 0; }}' | gcc -shared -xc - -o libgone.so
        echo 'int f(void); int g(void) {{ return f(); }}' \\
          | gcc -shared -xc - -L. -lgone -o $out/lib/libuser.so
      '';
    }}"""
    said = nix("nix-build", "--no-out-link", "-E", text, environment=environment, status=100)
    assert "libuser.so needs libgone.so" in said


def test_the_build_environment_has_the_functions_of_nixpkgs(build: Build) -> None:
    out = build(
        """(pkgs.stdenv.mkDerivation {
          name = "functions";
          src = pkgs.runCommand "source" { } ''
            mkdir -p $out
            printf '#!/usr/bin/env bash\\necho @word@\\n' >$out/script
            chmod +x $out/script
          '';
          word = "to be replaced";
          postPatch = "substituteInPlace script --subst-var word --replace-fail bash bash";
          preInstallHooks = "";
          installPhase = ''
            mkdir -p $out/bin
            cp script $out/bin/script
            makeWrapper $out/bin/script $out/bin/wrapped \\
              --set A "it's" --set-default B 'b $c' --prefix P : /p --suffix S : /s --unset U
            sed -i '$d' $out/bin/wrapped
            echo 'echo "$A|$B|$P|$S|''${U-}"' >>$out/bin/wrapped
          '';
        }).overrideAttrs (old: { word = "a  word"; })"""
    )
    script = (out / "bin/script").read_text().splitlines()
    assert script[0].startswith("#!/nix/store/")
    assert script[1] == "echo a  word"
    variables = {"P": "x", "U": "u", "PATH": "/nowhere"}
    done = subprocess.run([out / "bin/wrapped"], env=variables, capture_output=True, check=True)
    assert done.stdout == b"it's|b $c|/p:x|/s|\n"


def test_the_shell_of_a_build_runs_the_programs_on_path(build: Build) -> None:
    out = build(
        """pkgs.runCommandCC "archive" { } ''
          mkdir $out
          echo 'int f;' >f.c
          gcc -c f.c
          /bin/sh -c "ar rcs $out/libf.a f.o && ar --version" >$out/said
        ''"""
    )
    assert (out / "libf.a").read_bytes().startswith(b"!<arch>")
    assert "GNU ar" in (out / "said").read_text()


def test_a_lock_of_before_gets_a_shell_and_stays_as_it_is(state: Path, tmp_path: Path) -> None:
    directory = tmp_path / "debian"
    shutil.copytree(state / "debian", directory, ignore=shutil.ignore_patterns("apt*", "shell"))
    lock = directory / "lock.json"
    before = json.loads(lock.read_text())
    del before["shell"]
    lock.write_text(json.dumps(before))
    package_set = DebianSet(directory=directory)
    with pytest.raises(UnavailableError, match="no shell for builds") as caught:
        package_set.nix_settings()
    assert "packages refresh" in caught.value.tip
    package_set.prepare(lambda _line: None)
    after = json.loads(lock.read_text())
    shell = Path(after.pop("shell")["path"], "bin/sh")
    assert after == before
    assert package_set.nix_settings()["sandbox-paths"] == f"/bin/sh={shell}"
    done = subprocess.run([shell, "-c", "echo $BASH_VERSION"], capture_output=True, check=True)
    assert done.stdout.startswith(b"5.")


def test_trivial_builders_write_what_they_are_told(build: Build) -> None:
    out = build(
        """pkgs.symlinkJoin {
          name = "joined";
          paths = [
            (pkgs.writeShellScriptBin "one" "echo \\"1 $*\\"")
            (pkgs.writeTextFile {
              name = "two";
              destination = "/share/two";
              text = "$x \'\' \\\\n";
            })
          ];
          postBuild = "touch $out/done";
        }"""
    )
    assert (out / "share/two").read_text() == "$x '' \\n"
    assert (out / "done").exists()
    done = subprocess.run([out / "bin/one", "a  b"], capture_output=True, check=True)
    assert done.stdout == b"1 a  b\n"


def test_every_layer_is_reproducible(build: Build) -> None:
    layers = """pkgs.writeText "layers" (builtins.concatStringsSep "\\n" (
      map toString (builtins.attrValues pkgs.groups ++ [ pkgs.gcc pkgs.cacert ])
    ))"""
    build(layers)
    build("builtins.attrValues pkgs.groups ++ [ pkgs.gcc pkgs.cacert ]", "--check")


def test_it_is_evaluated_without_what_one_language_alone_has_locked(
    state: Path, tmp_path: Path
) -> None:
    """Who builds applications in others has asked npm and PyPI for none of it."""
    shutil.copytree(state / "debian", tmp_path / "debian", symlinks=True)
    for language in fetched_languages():
        (tmp_path / f"debian/{language.name}.json").unlink(missing_ok=True)
    names = nix(
        *("nix-instantiate", "--eval", "--strict", "--json", "-E"),
        f"builtins.attrNames (import {EXPRESSION} {{ state = {tmp_path}; }})",
        environment={**os.environ},
    )
    assert {"bun", "deno", "nodejs", "python3"} <= set(json.loads(names))
