"""What the plan of a Go application says: version, programs, C, workers, the recipe."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from go_apps import MAIN
from hop3_nix.errors import ConfigError, SourceError, UnsupportedError
from hop3_nix.plan import UnlocatedFile
from hop3_nix.toolchains.go.recipes import local_recipes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hop3_nix.plan import BuildPlan
    from hop3_nix.toolchains.app import App

    Plan = Callable[[Mapping[str, str]], BuildPlan]

MOD = "module example.org/shop/v2\n\ngo 1.23\n"


def test_every_program_is_built_and_the_only_one_is_started(plan: Plan) -> None:
    made = plan({"go.mod": MOD, "main.go": MAIN})
    assert made.build_steps == ("go build -o bin/ .",)
    assert made.runtime.workers == {"web": "bin/shop"}
    assert made.interpreter == "go_1_24"
    assert made.app.name == "shop"
    assert "ZONEINFO" in made.runtime.env


def test_programs_are_those_that_go_would_build(plan: Plan) -> None:
    made = plan(
        {
            "go.mod": MOD,
            "cmd/web/main.go": MAIN,
            "cmd/tick/main.go": "/*\npackage lib\n*/\n// package x\npackage main // yes\n",
            "cmd/win/main_windows.go": MAIN,
            "gen.go": f"//go:build ignore\n\n{MAIN}",
            "cmd/tool/main.go": f"//go:build tools || (linux && !amd64 && !linux)\n\n{MAIN}",
            "cmd/web/main_test.go": MAIN,
            "lib/testdata/x/main.go": MAIN,
            "_old/main.go": MAIN,
            "other/go.mod": "module other\n",
            "other/main.go": MAIN,
            "lib/lib.go": "package lib\n",
        }
    )
    assert made.build_steps == ("go build -o bin/ ./cmd/tick ./cmd/web",)
    assert made.runtime.workers == {"web": "bin/web"}


def test_a_workspace_builds_the_programs_of_each_module(plan: Plan) -> None:
    made = plan(
        {
            "go.work": "go 1.23\nuse ./api\nuse ./jobs\n",
            "api/go.mod": "module example.org/api\n",
            "api/main.go": MAIN,
            "jobs/go.mod": "module example.org/jobs\n",
            "jobs/cmd/sweep/main.go": MAIN,
        }
    )
    assert made.build_steps == ("go build -o bin/ ./api ./jobs/cmd/sweep",)
    assert made.runtime.workers == {"web": "bin/api"}


def test_one_that_cannot_be_told_from_others_is_asked_for(plan: Plan) -> None:
    files = {"go.mod": MOD, "cmd/one/main.go": MAIN, "cmd/two/main.go": MAIN}
    with pytest.raises(SourceError, match="nothing here says how to start") as caught:
        plan(files)
    assert "web: bin/NAME" in caught.value.tip


def test_an_application_without_a_program_is_refused(plan: Plan) -> None:
    with pytest.raises(SourceError, match="no package here is a program"):
        plan({"go.mod": MOD, "lib.go": "package shop\n"})


def test_two_programs_of_one_name_are_refused(plan: Plan) -> None:
    files = {"go.mod": MOD, "a/web/main.go": MAIN, "b/web/main.go": MAIN}
    with pytest.raises(SourceError, match=r"\./a/web and \./b/web would both be bin/web"):
        plan(files)


def test_a_build_of_the_applications_own_is_all_that_is_done(plan: Plan) -> None:
    build = "go build -tags pro -ldflags '-s -w' -o bin/ ./cmd/..."
    toml = f'[build]\nbuild = "{build}"\n[run.workers]\nweb = "bin/one"\n'
    made = plan({"go.mod": MOD, "cmd/one/main.go": MAIN, "hop3.toml": toml})
    assert made.build_steps == (build,)


def test_packages_of_others_are_compiled_apart(plan: Plan) -> None:
    text = (
        'package main\n\nimport "fmt"\n\nimport (\n\tx "example.org/b/x"\n\t_ "example.org/a"\n'
        '\t"example.org/shop/v2/lib"\n\t// "example.org/no"\n)\n'
    )
    made = plan({"go.mod": MOD, "main.go": text})
    assert made.options.deps["imports"] == ["example.org/a", "example.org/b/x"]


def cgo(made: BuildPlan) -> str:
    environment = made.options.deps["environment"]
    assert isinstance(environment, dict)
    return str(environment["CGO_ENABLED"])


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, "0"),
        ({"c.go": 'package main\n\nimport "C"\n'}, "1"),
        ({"c.go": '//go:build cgo\n\npackage main\n\nimport "C"\n'}, "0"),
        ({"c_test.go": 'package main\n\nimport "C"\n'}, "0"),
        ({"hop3.toml": '[env]\nCGO_ENABLED = "1"\n'}, "1"),
        (
            {
                "go.mod": f"{MOD}require github.com/mattn/go-sqlite3 v1.14.22\n",
                "vendor/modules.txt": "",
            },
            "1",
        ),
    ],
)
def test_c_is_compiled_where_it_is_needed(plan: Plan, files: dict[str, str], expected: str) -> None:
    assert cgo(plan({"go.mod": MOD, "main.go": MAIN, **files})) == expected


def test_what_a_build_sets_itself_is_refused_with_its_line(plan: Plan) -> None:
    files = {"go.mod": MOD, "main.go": MAIN, "hop3.toml": '[env]\nGOFLAGS = "-tags=pro"\n'}
    with pytest.raises(ConfigError, match="GOFLAGS is what a build sets") as caught:
        plan(files)
    assert (caught.value.file, caught.value.line) == ("hop3.toml", 2)
    assert "go build -tags pro" in caught.value.tip


@pytest.mark.parametrize(
    ("files", "line"),
    [
        ({"go.mod": "module a\ngo 1.25\n"}, 2),
        ({"go.mod": "module a\ngo 1.24.5\n"}, 2),
        ({"go.mod": "module a\ngo 1.25rc1\n"}, 2),
        ({"go.mod": "module a\ngo soon\n"}, 2),
        ({"go.mod": "module a\n", "go.work": "go 1.26.1\nuse .\n"}, 1),
        ({"go.mod": "module a\n", ".go-version": "1.22\n"}, 1),
        ({"go.mod": "module a\n", "mise.toml": '[tools]\ngo = "1.22"\n'}, 2),
        ({"go.mod": "// +heroku goVersion go1.23\nmodule a\n"}, 1),
    ],
)
def test_a_version_that_is_not_there_is_refused_with_its_line(
    plan: Plan, files: dict[str, str], line: int
) -> None:
    with pytest.raises(UnsupportedError) as caught:
        plan({"main.go": MAIN, **files})
    assert caught.value.line == line
    assert "1.24.4" in caught.value.message or "no version of Go" in caught.value.message


@pytest.mark.parametrize(
    "said", ["1.16", "1.24", "1.24.4", "1.24rc1", "1.24.0\ntoolchain go1.26.8"]
)
def test_an_older_go_line_and_any_toolchain_line_are_good(plan: Plan, said: str) -> None:
    assert plan({"go.mod": f"module a\ngo {said}\n", "main.go": MAIN}).interpreter == "go_1_24"


def test_a_machine_without_nix_has_go_told_the_same(
    plan: Plan, write: Callable[[Mapping[str, str]], App]
) -> None:
    files = {"go.mod": MOD, "main.go": MAIN}
    [recipe] = local_recipes(write(files), plan(files))
    [wrapper] = recipe.files.values()
    assert "export GOTOOLCHAIN=local\n" in wrapper
    assert "export GOFLAGS='-trimpath -buildvcs=false -mod=readonly'\n" in wrapper
    assert not any("download" in step.argv for step in recipe.steps)


def test_a_machine_without_nix_has_go_fetch_by_its_own_settings(
    plan: Plan, write: Callable[[Mapping[str, str]], App]
) -> None:
    files = {"go.mod": MOD, "main.go": MAIN}
    made = plan(files)
    wanted = UnlocatedFile(name="a", version="v1", sha256=("0" * 64,), filename="a/@v/v1.zip")
    [recipe] = local_recipes(write(files), made.model_copy(update={"dependencies": (wanted,)}))
    [wrapper] = recipe.files.values()
    assert "GOPROXY" not in wrapper
    assert "GOENV" not in wrapper
    assert any("download" in step.argv for step in recipe.steps)
