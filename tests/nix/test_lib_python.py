"""Real builds with the embedded package set, as `nix-build hop3.nix -A package` makes them."""

from __future__ import annotations

import functools
import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hop3_nix.files import resources
from hop3_nix.nix.commands import NixSettings
from hop3_nix.packagesets import DebianSet
from hop3_nix.plan import (
    App,
    BuildPlan,
    LockedFile,
    Options,
    PackageRef,
    PathRef,
    RuntimePlan,
    SearchPath,
)
from hop3_nix.rendering.expression import render
from hop3_nix.rendering.nixlang import NixText
from running import closure, fetch, free_port, only_closure, started

if TYPE_CHECKING:
    from collections.abc import Callable

DEPS = PathRef(layer="deps", path="bin")
SITE_PACKAGES = "lib/python3.13/site-packages"
PLATFORM = {
    "LANG": "C.UTF-8",
    "SSL_CERT_FILE": PackageRef(package="cacert", path="etc/ssl/certs/ca-bundle.crt"),
}

APP = """\
import flask
app = flask.Flask(__name__)

@app.get("/")
def index():
    return "hello from the store"
"""


@dataclass(frozen=True)
class Workshop:
    """A directory as the builder stages it, and Nix with the package set's settings."""

    directory: Path
    package_set: DebianSet
    environment: dict[str, str]

    def nix(self, *argv: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            list(map(str, argv)),
            cwd=self.directory,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def write(self, plan: BuildPlan) -> None:
        pkgs = NixText(self.package_set.expression())
        (self.directory / "hop3.nix").write_text(render(plan, pkgs=pkgs, src="./source"))

    def build(self, attribute: str = "package", *options: str) -> Path:
        done = self.nix("nix-build", "--no-out-link", "hop3.nix", "-A", attribute, *options)
        assert done.returncode == 0, done.stderr[-4000:]
        return Path(done.stdout.split()[-1])

    def planned(self) -> list[str]:
        """The names of what Nix says that it would build."""
        done = self.nix("nix-build", "--dry-run", "hop3.nix", "-A", "package")
        assert done.returncode == 0, done.stderr
        paths = [line.strip() for line in done.stderr.splitlines() if line.startswith("  /nix")]
        return [path.split("-", 1)[1].removesuffix(".drv") for path in paths]


@pytest.fixture(scope="session")
def package_set(state: Path) -> DebianSet:
    return DebianSet(directory=state / "debian")


@pytest.fixture
def workshop(tmp_path: Path, state: Path, package_set: DebianSet) -> Workshop:
    resources.write_library(tmp_path / "hop3-nix")
    (tmp_path / "source").mkdir()
    environment = NixSettings(package_set.nix_settings()).environment()
    return Workshop(tmp_path, package_set, environment | {"HOP3_NIX_STATE": str(state)})


@pytest.fixture(scope="session")
def locked(
    state: Path, package_set: DebianSet, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., tuple[LockedFile, ...]]:
    """Ask pip, run by the set's own interpreter, which files it would install."""
    directory = tmp_path_factory.mktemp("locking")
    environment = NixSettings(package_set.nix_settings()).environment()
    workshop = Workshop(directory, package_set, environment | {"HOP3_NIX_STATE": str(state)})
    done = workshop.nix(
        "nix-build", "--no-out-link", resources.NIX / "debian", "-A", "python313.pkgs.pip"
    )
    assert done.returncode == 0, done.stderr[-4000:]
    pip = f"{done.stdout.strip()}/bin/pip"

    @functools.cache
    def ask(*arguments: str) -> tuple[LockedFile, ...]:
        report = directory / "report.json"
        options = ("--isolated", "--quiet", "--dry-run", "--ignore-installed", "--report", report)
        asked = workshop.nix(pip, "install", *options, *arguments)
        assert asked.returncode == 0, asked.stderr
        return tuple(map(_locked_file, json.loads(report.read_text())["install"]))

    return ask


def _locked_file(item: dict[str, Any]) -> LockedFile:
    url = item["download_info"]["url"]
    return LockedFile(
        name=item["metadata"]["name"],
        version=item["metadata"]["version"],
        filename=url.rsplit("/", 1)[1],
        url=url,
        sha256=item["download_info"]["archive_info"]["hashes"]["sha256"],
    )


def a_plan(**fields: Any) -> BuildPlan:
    runtime = {"env": PLATFORM, "path": (DEPS,), **fields.pop("runtime", {})}
    defaults = {
        "app": App(name="demo"),
        "toolchain": "python",
        "interpreter": "python313",
        "packages": ("bash", "coreutils"),
        "runtime": RuntimePlan(**runtime),
    }
    return BuildPlan(**{**defaults, **fields})


def run(package: Path, worker: str, **env: str) -> str:
    """What WORKER prints where there is nothing but the package's closure."""
    argv = [*only_closure(package, env), str(package / "bin" / worker)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_flask_answers_from_its_closure_alone_and_rebuilds_only_what_changed(
    workshop: Workshop, locked: Callable[..., tuple[LockedFile, ...]]
) -> None:
    source = workshop.directory / "source"
    (source / "app.py").write_text(APP)
    script = source / "tool"
    script.write_text("#!/usr/bin/env python3\nimport flask; print('tool')\n")
    script.chmod(0o755)
    workers = {
        "web": "gunicorn --no-control-socket app:app --bind 127.0.0.1:$PORT",
        "tool": "./tool",
    }
    plan = a_plan(dependencies=locked("flask", "gunicorn"), runtime={"workers": workers})
    workshop.write(plan)
    package = workshop.build()

    port = free_port()
    with started([*only_closure(package, {"PORT": str(port)}), str(package / "bin/web")]) as log:
        assert fetch(port, "/", log) == (200, "hello from the store")
    assert run(package, "tool") == "tool\n"
    for attribute in ("package", "package.app", "package.app.deps"):
        workshop.build(attribute, "--check")

    assert workshop.planned() == []
    workshop.write(
        a_plan(dependencies=plan.dependencies, runtime={"workers": {"web": "gunicorn --version"}})
    )
    assert workshop.planned() == ["demo"]
    (source / "Procfile").write_text("web: gunicorn --version\n")
    assert workshop.planned() == ["demo"]
    (source / "app.py").write_text(APP + "# changed\n")
    assert workshop.planned() == ["demo-app", "demo"]


def test_compiled_wheels_find_their_libraries(
    workshop: Workshop, locked: Callable[..., tuple[LockedFile, ...]]
) -> None:
    (workshop.directory / "source/main.py").write_text(
        "import numpy, psycopg2, cryptography.hazmat.bindings._rust\n"
        "print(numpy.arange(3).sum(), psycopg2.__libpq_version__ > 0)\n"
    )
    workshop.write(
        a_plan(
            dependencies=locked("numpy", "psycopg2-binary", "cryptography"),
            runtime={"workers": {"main": "python main.py"}},
        )
    )
    assert run(workshop.build(), "main") == "3 True\n"


def test_a_source_distribution_is_compiled_in_the_sandbox(
    workshop: Workshop, locked: Callable[..., tuple[LockedFile, ...]]
) -> None:
    (workshop.directory / "source/main.py").write_text(
        "import markupsafe._speedups as speedups\nprint(speedups.__file__)\n"
    )
    dependencies = locked("markupsafe", "--no-binary", "markupsafe")
    assert dependencies[0].filename.endswith(".tar.gz")
    workshop.write(
        a_plan(
            dependencies=dependencies,
            build_dependencies=locked("setuptools"),
            runtime={"workers": {"main": "python main.py"}},
        )
    )
    package = workshop.build()
    assert run(package, "main").strip().endswith(".so")
    workshop.build("package.app.deps", "--check")
    names = [Path(path).name[33:] for path in closure(package)]
    assert not [name for name in names if "gcc" in name or "build-deps" in name]


def test_a_packaged_project_is_installed_beside_its_tree(
    workshop: Workshop, locked: Callable[..., tuple[LockedFile, ...]]
) -> None:
    source = workshop.directory / "source"
    package = source / "src/demo_pkg"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "main.py").write_text(
        "import importlib.metadata\n"
        "def main():\n"
        "    made = open('made.txt').read().strip()\n"
        "    print(importlib.metadata.version('demo-pkg'), made, __file__)\n"
    )
    (source / "pyproject.toml").write_text(
        "[build-system]\nrequires = ['hatchling']\nbuild-backend = 'hatchling.build'\n"
        "[project]\nname = 'demo-pkg'\nversion = '1.2.3'\n"
        "[project.scripts]\ndemo = 'demo_pkg.main:main'\n"
        "[tool.hatch.build.targets.wheel]\npackages = ['src/demo_pkg']\n"
    )
    workshop.write(
        a_plan(
            app=App(name="Démo / ${x}", version="1.2.3"),
            build_dependencies=locked("hatchling"),
            build_steps=("python -c \"print('made by a step')\" > made.txt",),
            options=Options(app={"installProject": True}),
            runtime={
                "env": {
                    **PLATFORM,
                    "PYTHONPATH": SearchPath(entries=(PathRef(layer="app", path=SITE_PACKAGES),)),
                },
                "path": (PathRef(layer="app", path="bin"), DEPS),
                "workers": {"main": "demo"},
            },
        )
    )
    result = workshop.build()
    version, *made, place = run(result, "main").split()
    assert version == "1.2.3"
    assert " ".join(made) == "made by a step"
    assert f"-app/{SITE_PACKAGES}/demo_pkg" in place
    app = workshop.build("package.app")
    assert (app / "bin/demo").read_text().startswith(f"#!{workshop.build('package.app.deps')}/bin/")
    assert not list(app.rglob("direct_url.json"))
    workshop.build("package.app", "--check")


def test_no_interpreter_writes_or_reads_times_in_what_is_compiled(
    workshop: Workshop, locked: Callable[..., tuple[LockedFile, ...]]
) -> None:
    (workshop.directory / "source/app.py").write_text(APP)
    workshop.write(a_plan(dependencies=locked("flask")))
    deps = workshop.build("package.app.deps")
    sources = [path for path in deps.rglob("*.py") if "site-packages" in path.parts]
    pycs = [path for path in deps.rglob("*.pyc") if "site-packages" in path.parts]
    assert len(pycs) == len(sources)
    assert {path.read_bytes()[4:8] for path in pycs} == {b"\x01\0\0\0"}


def test_the_compiler_cannot_get_into_a_closure_by_accident(workshop: Workshop) -> None:
    workshop.write(a_plan(build_packages=("gcc",), build_steps=("command -v gcc > where",)))
    done = workshop.nix("nix-build", "--no-out-link", "hop3.nix", "-A", "package")
    assert done.returncode != 0
    assert "is not allowed to refer to the following paths" in done.stderr
    assert "gcc" in done.stderr


def test_a_wheel_for_another_platform_is_refused_by_name(
    workshop: Workshop, locked: Callable[..., tuple[LockedFile, ...]]
) -> None:
    options = ("--platform", "manylinux2014_aarch64", "--only-binary=:all:", "--target", "x")
    workshop.write(a_plan(dependencies=locked("markupsafe", *options)))
    done = workshop.nix("nix-build", "--no-out-link", "hop3.nix", "-A", "package")
    assert done.returncode != 0
    assert "is not a supported wheel on this platform" in done.stderr


def test_a_step_cannot_reach_the_network(workshop: Workshop) -> None:
    step = "python -c 'import socket; socket.create_connection((\"192.0.2.1\", 80), 5)'"
    workshop.write(a_plan(build_steps=(step,)))
    done = workshop.nix("nix-build", "--no-out-link", "hop3.nix", "-A", "package")
    assert done.returncode != 0
    assert "Network is unreachable" in done.stderr
    assert "build step 1 failed" in done.stderr


def test_any_text_reaches_the_runtime_section_and_nothing_evaluates_it(workshop: Workshop) -> None:
    text = "'\"\\ $(touch /tmp/x) `id` ${builtins.abort \"x\"} ''${y} é \u2028 \n\t\x01 /*"
    workshop.write(
        a_plan(
            app=App(name=text, description=text),
            runtime={
                "env": {**PLATFORM, "TEXT": text, "outPath": text},
                "workers": {"web": "bash"},
            },
        )
    )
    runtime = json.loads((workshop.build() / "hop3/runtime.json").read_text())
    assert runtime["env_vars"]["TEXT"] == text
    assert runtime["env_vars"]["outPath"] == text


def test_the_development_environment_has_the_dependencies_and_packages(
    workshop: Workshop, locked: Callable[..., tuple[LockedFile, ...]]
) -> None:
    workshop.write(a_plan(dependencies=locked("flask")))
    programs = {path.name for path in (workshop.build("env") / "bin").iterdir()}
    assert {"python", "flask", "bash", "ls"} <= programs
    shell = workshop.nix(
        "nix-shell", "--pure", "hop3.nix", "-A", "env", "--run", "type -p flask python"
    )
    assert shell.returncode == 0, shell.stderr
    assert all(line.startswith("/nix/store/") for line in shell.stdout.split())
    assert [Path(line).name for line in shell.stdout.split()] == ["flask", "python"]
