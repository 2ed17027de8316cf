"""Builds without Nix, and the interpreters for them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hop3_nix.errors import ToolError
from hop3_nix.plan import (
    AnyOffer,
    App,
    BuildPlan,
    HostOffer,
    LocalRecipe,
    LockedFile,
    Options,
    RuntimePlan,
    UnlocatedFile,
)
from hop3_nix.toolchains import on_path
from hop3_nix.toolchains.python.recipes import BUILD_SITE, DEPS_PYTHON
from hop3_nix.toolchains.python.toolchain import TOOLCHAIN
from unenclosed import Unenclosed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hop3_nix.toolchains.base import Tools

WHEEL = LockedFile(
    name="idna",
    version="1.0",
    filename="idna-1.0-py3-none-any.whl",
    url="https://index.example/idna-1.0-py3-none-any.whl",
    sha256="a" * 64,
)
DIGESTS = UnlocatedFile(name="attrs", version="2.0", sha256=("b" * 64, "c" * 64))


def recipes_for(
    *files: LockedFile | UnlocatedFile,
    build: tuple[UnlocatedFile, ...] = (),
    install_project: bool = False,
) -> tuple[LocalRecipe, ...]:
    plan = BuildPlan(
        app=App(name="shop"),
        toolchain="python",
        interpreter="/bin/python3",
        dependencies=files,
        build_dependencies=build,
        options=Options(app={"installProject": True} if install_project else {}),
        runtime=RuntimePlan(),
    )
    unused: Any = None
    assert TOOLCHAIN.recipe is not None
    return TOOLCHAIN.recipe(unused, plan)


def find_interpreters(tools: Tools) -> tuple[HostOffer, ...]:
    assert TOOLCHAIN.probe is not None
    return on_path.find_interpreters("python", TOOLCHAIN.probe, tools)


def test_uv_is_preferred_and_the_interpreter_s_venv_is_the_fallback() -> None:
    uv, venv = recipes_for(WHEEL)
    assert uv.requires == ("uv",)
    assert uv.steps[0].argv[:2] == ("uv", "venv")
    assert venv.requires == ()
    assert venv.steps[0].argv[:4] == ("/bin/python3", "-m", "venv", "--without-pip")


def test_both_install_the_same_files_by_their_digests() -> None:
    recipes = recipes_for(WHEEL, DIGESTS)
    requirements = {recipe.files["requirements.txt"] for recipe in recipes}
    idna = f"idna @ {WHEEL.url} --hash=sha256:{'a' * 64}\n"
    attrs = f"attrs==2.0 --hash=sha256:{'b' * 64} --hash=sha256:{'c' * 64}\n"
    assert requirements == {idna + attrs}
    for recipe in recipes:
        install = recipe.steps[1].argv
        assert DEPS_PYTHON in install
        assert install[-6:-2] == ("--no-deps", "--require-hashes", "--only-binary", ":all:")
        assert install[-2:] == ("-r", "requirements.txt")


def test_build_requirements_are_apart_and_do_not_stay() -> None:
    for recipe in recipes_for(WHEEL, build=(DIGESTS,), install_project=True):
        _, backend, deps = recipe.steps
        project, remove, compile_ = recipe.finish
        assert backend.argv[-4:] == ("--target", BUILD_SITE, "-r", "build-requirements.txt")
        assert deps.env["PYTHONPATH"] == project.env["PYTHONPATH"] == BUILD_SITE
        assert "--no-build-isolation" in deps.argv
        assert "--no-build-isolation" in project.argv
        assert remove.argv[-1] == BUILD_SITE
        assert "compileall" in str(compile_.argv[2])


def test_an_app_without_dependencies_installs_nothing() -> None:
    for recipe in recipes_for():
        assert len(recipe.steps) == len(recipe.finish) == 1
        assert recipe.files == {}


class Machine:
    """Programs on PATH, by file name, with what each says of itself."""

    def __init__(self, answers: dict[str, object]) -> None:
        self.answers = answers

    def program(self, offer: AnyOffer, name: str) -> Path:
        raise AssertionError(offer, name)

    def run(self, argv: Sequence[str], *, env: object = None) -> str:
        assert not env
        answer = self.answers[Path(argv[0]).name]
        if answer is None:
            raise ToolError("command not found")
        return json.dumps(answer)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    def make(**answers: object) -> Machine:
        for name in answers:
            (tmp_path / name.replace("_", ".")).write_text("#!/bin/sh\n")
            (tmp_path / name.replace("_", ".")).chmod(0o755)
        monkeypatch.setenv("PATH", f"relative:{tmp_path / 'absent'}:{tmp_path}")
        return Machine({name.replace("_", "."): answer for name, answer in answers.items()})

    return make


def says(version: str, **other: Any) -> list[object]:
    return [
        other.get("implementation", "CPython"),
        version,
        other.get("libc", ["glibc", "2.36"]),
        f"/opt/{version}/bin/python3",
        other.get("outside", True),
    ]


def test_the_interpreters_of_this_machine_are_offered_newest_first(machine: Any) -> None:
    tools = machine(python3=says("3.9.2"), python3_11=says("3.11.2"), python3_13=says("3.13.5"))
    offers = find_interpreters(tools)
    assert [offer.version for offer in offers] == ["3.13.5", "3.11.2", "3.9.2"]
    assert offers[0] == HostOffer(
        language="python", version="3.13.5", program="/opt/3.13.5/bin/python3", libc="2.36"
    )


@pytest.mark.parametrize(
    "answer",
    [
        None,
        says("3.12.0", implementation="PyPy"),
        says("3.15.0a1"),
        says("3.12.0", libc=["", ""]),
        says("3.12.0", outside=False),
    ],
)
def test_what_cannot_be_used_is_not_offered(machine: Any, answer: object) -> None:
    assert find_interpreters(machine(python3=says("3.11.2"), python3_12=answer)) == (
        HostOffer(
            language="python", version="3.11.2", program="/opt/3.11.2/bin/python3", libc="2.36"
        ),
    )


def test_the_environment_that_this_runs_in_leads_to_the_interpreter_behind(
    machine: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tools = machine(**{"python3.11": says("3.11.2")})
    environment = tmp_path / "venv"
    environment.mkdir()
    (environment / "python3").symlink_to(tmp_path / "python3.11")
    monkeypatch.setenv("PATH", str(environment))
    assert [offer.version for offer in find_interpreters(tools)] == ["3.11.2"]


def test_this_very_interpreter_answers_the_question(monkeypatch: pytest.MonkeyPatch) -> None:
    class Real(Unenclosed):
        def program(self, offer: AnyOffer, name: str) -> Path:
            raise AssertionError(offer, name)

        def run(self, argv: Sequence[str], *, env: object = None) -> str:
            assert not env
            return subprocess.run(argv, check=True, capture_output=True, text=True).stdout

    monkeypatch.setenv("PATH", str(Path(sys.executable).parent))
    version = ".".join(map(str, sys.version_info[:3]))
    assert version in [offer.version for offer in find_interpreters(Real())]
