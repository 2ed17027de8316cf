"""The plan as a whole: names, environment and what the configuration adds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hop3_nix.plan import APP_TREE, PackageRef, PathRef, SearchPath

if TYPE_CHECKING:
    from collections.abc import Callable

    from hop3_nix.plan import BuildPlan

    Plan = Callable[[dict[str, str]], BuildPlan]

MAIN = {"main.py": ""}


def test_the_directory_names_an_app_that_nothing_else_does(plan: Plan) -> None:
    assert plan(MAIN).app.name == "shop"


def test_the_project_names_the_app(plan: Plan) -> None:
    text = '[project]\nname = "store"\nversion = "2"\ndescription = "Sells"\n'
    app = plan({**MAIN, "pyproject.toml": text}).app
    assert (app.name, app.version, app.description) == ("store", "2", "Sells")


def test_hop3_toml_goes_before_the_project(plan: Plan) -> None:
    files = {
        "pyproject.toml": '[project]\nname = "store"\nversion = "2"\n',
        "hop3.toml": '[metadata]\nid = "till"\nversion = "3"\n',
    }
    app = plan({**MAIN, **files}).app
    assert (app.name, app.version) == ("till", "3")


def test_the_interpreter_is_on_path_behind_the_dependencies(plan: Plan) -> None:
    made = plan(MAIN)
    assert made.interpreter == "python313"
    assert made.runtime.path == (
        PathRef(layer="deps", path="bin"),
        PackageRef(package="python313", path="bin"),
    )
    assert made.packages == ("bash", "coreutils")


def test_the_environment_has_the_platform_s_and_python_s_variables(plan: Plan) -> None:
    env = plan(MAIN).runtime.env
    assert env.keys() == {
        *("LANG", "SSL_CERT_FILE", "TZDIR"),
        *("PYTHONTZPATH", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE"),
    }


def test_a_src_layout_is_on_pythonpath(plan: Plan) -> None:
    made = plan({**MAIN, "src/shop/__init__.py": ""})
    assert made.runtime.env["PYTHONPATH"] == SearchPath(
        entries=(PathRef(layer="app", path="app/src"),)
    )


def test_variables_of_the_user_are_defaults(plan: Plan) -> None:
    runtime = plan({**MAIN, "hop3.toml": '[env]\nMODE = "live"\nLANG = "C"\n'}).runtime
    assert (runtime.env["MODE"], runtime.env["LANG"]) == ("live", "C")
    assert runtime.defaults == ("MODE", "LANG")


def test_the_configuration_is_carried_over(plan: Plan) -> None:
    toml = """\
[build]
build = "make"
packages = ["libpq"]
[run]
before-run = "python migrate.py"
packages = ["ffmpeg", "bash"]
[healthcheck]
path = "/up"
timeout = 5
[nix]
writable-home-at-runtime = true
"""
    made = plan({**MAIN, "hop3.toml": toml})
    assert made.build_steps == ("make",)
    assert made.build_packages == ("libpq",)
    assert made.packages == ("bash", "coreutils", "ffmpeg")
    runtime = made.runtime
    assert runtime.before_run == ("python migrate.py",)
    assert (runtime.healthcheck_path, runtime.healthcheck_timeout) == ("/up", 5)
    assert runtime.writable_tree == APP_TREE


def test_the_same_source_gives_the_same_plan(plan: Plan, pinned: Any) -> None:
    files = {**MAIN, "requirements.txt": pinned("idna", "attrs")}
    assert plan(files) == plan(files)
