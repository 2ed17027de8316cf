"""Applications of several languages: which stages they have, and what becomes of the plan."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest

from hop3_nix.config import load_config
from hop3_nix.errors import ConfigError, LockError, UnsupportedError
from hop3_nix.plan import (
    BuildPlan,
    Evidence,
    HostOffer,
    Offer,
    PackageRef,
    PathRef,
    SearchPath,
    Target,
)
from hop3_nix.rendering.expression import render
from hop3_nix.rendering.nixlang import NixText
from hop3_nix.source import Source
from hop3_nix.toolchains.composition import Composition
from hop3_nix.toolchains.node import toolchain as node
from hop3_nix.toolchains.python import toolchain as python

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import ModuleType

    from hop3_nix.toolchains.app import App

SET: Final = Target(
    system="x86_64-linux",
    package_set="debian",
    offers=(
        Offer(language="python", version="3.13.5", attribute="python313", libc="2.41"),
        Offer(language="node", version="22.20.0", attribute="nodejs-slim_22", libc="2.41"),
    ),
)
HOST: Final = Target(
    system="x86_64-linux",
    package_set="this machine",
    on_host=True,
    offers=(
        HostOffer(language="python", version="3.13.5", program="/usr/bin/python3", libc="2.41"),
        HostOffer(language="node", version="22.20.0", program="/usr/bin/node", libc="2.41"),
        HostOffer(language="nginx", version="1.28.0", program="/usr/sbin/nginx", libc=""),
    ),
)
WEB: Final = {"main.py": "", "Procfile": "web: python main.py\n"}
BUILT: Final = {"scripts": {"build": "vite build"}}
PINNED: Final = {**BUILT, "devDependencies": {"vite": "^8"}}


def lock(manifest: dict[str, Any]) -> dict[str, Any]:
    """Return the package-lock.json of ``manifest``."""
    entry = {"version": "8.0.0", "integrity": "sha512-" + "A" * 86 + "=="}
    locked = {
        f"node_modules/{name}": {**entry, "dev": group == "devDependencies"}
        for group in ("dependencies", "devDependencies")
        for name in manifest.get(group, {})
    }
    return {"lockfileVersion": 3, "packages": {"": manifest, **locked}}


def answers(monkeypatch: pytest.MonkeyPatch, module: ModuleType, **functions: Any) -> None:
    """Have the language of ``module`` answer by other functions."""
    monkeypatch.setattr(module, "TOOLCHAIN", replace(module.TOOLCHAIN, **functions))


@pytest.fixture
def app(tmp_path: Path) -> Callable[[dict[str, Any]], Composition]:
    """Return what opens an app of the given files; what is no text is written as JSON."""

    def make(files: dict[str, Any]) -> Composition:
        for name, content in files.items():
            path = tmp_path / "shop" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content if isinstance(content, str) else json.dumps(content, indent=2))
        source = Source.open(tmp_path / "shop")
        return Composition.of(source, load_config(source))

    return make


def stages(plan: BuildPlan) -> list[tuple[str, str]]:
    return [(stage.name, stage.directory) for stage in plan.stages]


def toml(**build: Any) -> dict[str, str]:
    lines = "".join(f"{key.replace('_', '-')} = {json.dumps(build[key])}\n" for key in build)
    return {"hop3.toml": f"[build]\n{lines}"}


@pytest.mark.parametrize(
    "folder", ["", "frontend/", "client/", "assets/", "web/", "theme/static_src/"]
)
def test_a_build_script_in_a_usual_place_is_a_stage(app: Any, folder: str) -> None:
    plan = app({**WEB, f"{folder}package.json": BUILT}).plan(SET)
    assert plan.toolchain == "python"
    (stage,) = plan.stages
    assert (stage.name, stage.directory) == ("node", folder.rstrip("/"))
    assert stage.whole_tree == (not folder)
    assert stage.plan.build_steps == ("npm run build",)
    assert not stage.kept


def test_the_top_goes_before_folders_and_one_folder_is_taken(app: Any) -> None:
    files = {**WEB, "client/package.json": BUILT, "frontend/package.json": BUILT}
    assert stages(app(files).plan(SET)) == [("node", "frontend")]
    assert stages(app({**files, "package.json": BUILT}).plan(SET)) == [("node", "")]


def test_a_stage_is_told_with_its_files_from_the_top(app: Any) -> None:
    files = {"frontend/package.json": PINNED, "frontend/package-lock.json": lock(PINNED)}
    evidence = app({**WEB, **files}).plan(SET).evidence
    assert (
        Evidence(choice="stage: node", reason="scripts.build", file="frontend/package.json", line=3)
        in evidence
    )
    assert ("dependencies", "frontend/package-lock.json") in [
        (each.choice, each.file) for each in evidence
    ]


def test_tools_of_developers_are_no_stage_and_that_is_told(app: Any) -> None:
    plan = app({**WEB, "package.json": {"devDependencies": {"prettier": "3"}}}).plan(SET)
    assert plan.stages == ()
    (told,) = [each for each in plan.evidence if each.choice == "no stage: node"]
    assert (told.file, told.reason) == (
        "package.json",
        "package.json has no script build, so it lists tools of developers",
    )


def test_tools_at_the_top_do_not_hide_a_build_in_a_folder(app: Any) -> None:
    files = {**WEB, "package.json": {"devDependencies": {}}, "frontend/package.json": BUILT}
    assert stages(app(files).plan(SET)) == [("node", "frontend")]


@pytest.mark.parametrize("package", ["tailwindcss", "@tailwindcss/vite", "unocss"])
def test_what_reads_templates_sees_the_whole_tree(app: Any, package: str) -> None:
    manifest = {**BUILT, "devDependencies": {package: "^4"}}
    here = "theme/static_src"
    files = {f"{here}/package.json": manifest, f"{here}/package-lock.json": lock(manifest)}
    (stage,) = app({**WEB, **files}).plan(SET).stages
    assert (stage.directory, stage.whole_tree) == ("theme/static_src", True)


def test_hop3_toml_can_let_a_stage_see_the_whole_tree(app: Any) -> None:
    files = {**WEB, "frontend/package.json": BUILT, **toml(assets_whole_tree=True)}
    (stage,) = app(files).plan(SET).stages
    assert (stage.directory, stage.whole_tree) == ("frontend", True)


@pytest.mark.parametrize(
    "files",
    [
        {"package.json": {**BUILT, "scripts": {"build": "x", "start": "node a.js"}}, "a.js": ""},
        {"public/index.html": "", "frontend/package.json": BUILT},
    ],
)
def test_only_languages_that_are_asked_later_are_stages(app: Any, files: dict[str, Any]) -> None:
    assert app(files).plan(SET).stages == ()


def test_one_language_that_is_named_is_the_only_one(app: Any) -> None:
    files = {**WEB, "package.json": BUILT, **toml(toolchain="python")}
    assert app(files).plan(SET).stages == ()


def test_the_directory_of_the_assets_can_be_named(app: Any) -> None:
    files = {**WEB, "package.json": BUILT, "ui/package.json": BUILT, **toml(assets_dir="./ui/")}
    assert stages(app(files).plan(SET)) == [("node", "ui")]
    files |= {**toml(assets_dir=".")}
    assert stages(app(files).plan(SET)) == [("node", "")]


@pytest.mark.parametrize(
    ("there", "reason"),
    [
        ({}, "it has no file that tells what makes assets"),
        ({"ui/package.json": {}}, "package.json has no script build"),
    ],
)
def test_a_directory_without_anything_to_build_is_refused(
    app: Any, there: dict[str, Any], reason: str
) -> None:
    with pytest.raises(ConfigError, match=f"nothing can be built from 'ui': {reason}") as caught:
        app({**WEB, **there, **toml(assets_dir="ui")})
    assert (caught.value.file, caught.value.line) == ("hop3.toml", 2)


def test_what_the_app_says_of_itself_is_not_said_to_a_stage(app: Any) -> None:
    files = {
        "main.py": "",
        "package.json": BUILT,
        "hop3.toml": '[metadata]\nid = "shop"\n[build]\nbuild = "python make.py"\n'
        'packages = ["libpq"]\n[run]\nstart = "python main.py"\nbefore-run = "python main.py"\n'
        'packages = ["jq"]\n[env]\n_required = ["KEY"]\nMODE = "fast"\n',
    }
    plan = app(files).plan(SET)
    (stage,) = plan.stages
    its = stage.plan
    assert its.app.name == "shop-node"
    assert its.build_steps == ("npm run build",)
    assert its.build_packages == ("libpq",)
    assert "jq" not in its.packages
    assert its.runtime.workers == {}
    assert its.runtime.required == its.runtime.before_run == ()
    assert its.runtime.env["MODE"] == "fast"
    assert plan.build_steps == ("python make.py",)
    assert plan.runtime.required == ("KEY",)


def test_nothing_of_a_stage_is_left_at_run_time(app: Any) -> None:
    alone = app(WEB).plan(SET).runtime
    assert app({**WEB, "package.json": BUILT}).plan(SET).runtime == alone


@pytest.mark.parametrize("builds", [BUILT, {"name": "renderer"}])
def test_a_worker_that_calls_node_keeps_it(app: Any, builds: dict[str, Any]) -> None:
    files = {"main.py": "", "Procfile": "web: python main.py\nssr: PORT=1 node ssr.js\n"}
    plan = app({**files, "package.json": builds, "ssr.js": ""}).plan(SET)
    (stage,) = plan.stages
    assert stage.kept
    assert plan.runtime.workers["ssr"] == "PORT=1 node ssr.js"
    assert PackageRef(package="nodejs-slim_22") in plan.runtime.path
    assert "nodejs-slim_22" in plan.packages
    assert plan.runtime.env["NODE_ENV"] == "production"
    assert "NODE_ENV" in plan.runtime.defaults
    assert ("stage: node, kept", "ssr calls its programs", "Procfile", 2) in [
        (each.choice, each.reason, each.file, each.line) for each in plan.evidence
    ]


@pytest.mark.parametrize("line", ["python nodes.py", "python a.py --node x", "./nodejs", "a.node"])
def test_another_word_keeps_nothing(app: Any, line: str) -> None:
    files = {"main.py": "", "Procfile": f"web: python main.py\nother: {line}\n"}
    (stage,) = app({**files, "package.json": BUILT}).plan(SET).stages
    assert not stage.kept


def test_a_list_names_the_main_language_and_what_is_kept_beside_it(app: Any) -> None:
    manifest = {"dependencies": {"a": "1"}}
    files = {"ui/package.json": manifest, "ui/package-lock.json": lock(manifest)}
    plan = app({**WEB, **files, **toml(toolchain=["python", "node"], assets_dir="ui")}).plan(SET)
    (stage,) = plan.stages
    assert (plan.toolchain, stage.name, stage.directory, stage.kept) == (
        "python",
        "node",
        "ui",
        True,
    )
    # What of its tree is named is named where it is put.
    assert PathRef(layer="app", path="app/ui/node_modules/.bin") in plan.runtime.path
    assert plan.runtime.env["NODE_PATH"] == PathRef(layer="app", path="app/ui/node_modules")


def test_the_other_way_round_python_is_kept_with_its_packages(app: Any) -> None:
    files = {
        "package.json": {"scripts": {"start": "node server.js"}},
        "server.js": "",
        "tasks.py": "",
        "pyproject.toml": '[project]\nname = "tasks"\nversion = "1"\n',
        **toml(toolchain=["node", "python"]),
    }
    plan = app(files).plan(SET)
    assert (plan.toolchain, plan.runtime.workers) == ("node", {"web": "node server.js"})
    assert stages(plan) == [("python", "")]
    assert PathRef(layer="deps", path="bin", stage="python") in plan.runtime.path
    text = render(plan, pkgs=NixText("import <nixpkgs> { }"))
    assert '"${stages.python.deps}/bin"' in text
    assert "kept = true;" in text


@pytest.mark.parametrize(
    ("listed", "error", "message"),
    [
        (["python", "cobol"], UnsupportedError, "there is no toolchain 'cobol'"),
        (["python", "node", "python"], ConfigError, "'python' is there twice"),
        (["python", "node"], ConfigError, "there is nothing of node in the top, frontend, "),
    ],
)
def test_a_list_that_cannot_be_is_refused(
    app: Any, listed: list[str], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message) as caught:
        app({**WEB, **toml(toolchain=listed)})
    assert str(caught.value).startswith("hop3.toml:2: ")


def test_a_language_that_is_missing_is_told_with_its_files(app: Any) -> None:
    with pytest.raises(ConfigError) as caught:
        app({**WEB, **toml(toolchain=["python", "node"])})
    assert "Take node out of the list" in caught.value.tip
    assert "package.json" in caught.value.tip


def test_a_stage_without_its_lockfile_says_where_and_how_to_do_without(app: Any) -> None:
    files = {**WEB, "frontend/package.json": PINNED}
    with pytest.raises(LockError, match="requires packages, and no lockfile of npm") as caught:
        app(files).plan(SET)
    assert (caught.value.file, caught.value.line) == ("frontend/package.json", 5)
    assert "npm install --package-lock-only" in caught.value.tip
    assert '[build] toolchain = "python"' in caught.value.tip


def test_a_broken_file_of_a_stage_is_named_from_the_top(app: Any) -> None:
    with pytest.raises(ConfigError, match="not JSON") as caught:
        app({**WEB, "frontend/package.json": "{"})
    assert caught.value.file == "frontend/package.json"


def test_hop3_toml_is_named_as_it_is_in_a_stage_as_well(app: Any) -> None:
    files = {**WEB, "frontend/package.json": BUILT, **toml(node_version="99")}
    with pytest.raises(UnsupportedError) as caught:
        app(files).plan(SET)
    assert (caught.value.file, caught.value.line) == ("hop3.toml", 2)


def test_each_language_has_a_lock_of_its_own(app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bool] = []

    def written(app: App, *_: object) -> Any:
        source = app.source
        # What is read as hop3-nix.lock is the language's own.
        seen.append(source.has("hop3-nix.lock"))
        return source.read_text("hop3-nix.lock") if source.has("hop3-nix.lock") else "new"

    answers(monkeypatch, node, lock=written)
    tools: Any = None
    files = {**WEB, "package.json": BUILT, "hop3-nix.lock": "python's"}
    answers(monkeypatch, python, lock=lambda *_: "again")
    assert app(files).locks(SET, tools) == {
        "hop3-nix.lock": "again",
        "hop3-nix.node.lock": "new",
    }
    assert app({"hop3-nix.node.lock": "its"}).locks(SET, tools)["hop3-nix.node.lock"] == "its"
    assert seen == [False, True]


def test_a_stage_in_a_folder_has_its_lock_there(app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, python, lock=lambda *_: None)
    answers(monkeypatch, node, lock=lambda *_: "new")
    tools: Any = None
    assert app({**WEB, "frontend/package.json": BUILT}).locks(SET, tools) == {
        "frontend/hop3-nix.lock": "new"
    }


def test_every_stage_is_located(app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def locate(plan: BuildPlan, *_: object) -> BuildPlan:
        return plan.model_copy(update={"options": {"located": True}})

    answers(monkeypatch, node, locate=locate)
    tools: Any = None
    opened = app({**WEB, "package.json": BUILT})
    located = opened.locate(opened.plan(SET), SET, tools)
    assert [stage.plan.options for stage in located.stages] == [{"located": True}]


def test_a_site_beside_another_language_gets_a_server(app: Any) -> None:
    files = {"requirements.txt": "", "Procfile": "static: site\ntick: python tick.py\n"}
    opened = app({**files, "site/index.html": "", "tick.py": ""})
    plan = opened.plan(SET)
    assert plan.toolchain == "python"
    assert plan.runtime.workers == {"tick": "python tick.py", "web": "serve-static site"}
    assert PackageRef(package="hop3.static.server") in plan.runtime.path
    recipes = opened.recipes(opened.plan(HOST), HOST).app
    assert all("serve-static" in recipe.files for recipe in recipes)


def test_a_site_that_a_stage_makes_gets_a_server(app: Any) -> None:
    files = {"requirements.txt": "", "Procfile": "static: frontend/dist\ntick: python tick.py\n"}
    plan = app({**files, "frontend/package.json": BUILT}).plan(SET)
    assert plan.runtime.workers["web"] == "serve-static frontend/dist"
    assert stages(plan) == [("node", "frontend")]


def test_a_site_beside_a_web_worker_gets_none(app: Any) -> None:
    files = {"main.py": "", "Procfile": "web: python main.py\nstatic: site\n"}
    plan = app({**files, "site/index.html": ""}).plan(SET)
    assert plan.runtime.workers == {"web": "python main.py", "static": "site"}


def test_paths_of_a_stage_that_is_kept_are_named_where_they_are(app: Any) -> None:
    files = {
        "package.json": {"scripts": {"start": "node server.js"}},
        "server.js": "",
        "back/tasks.py": "",
        "back/src/tasks/__init__.py": "",
        "back/pyproject.toml": '[project]\nname = "tasks"\nversion = "1"\n',
        **toml(toolchain=["node", "python"], assets_dir="back"),
    }
    path = app(files).plan(SET).runtime.env["PYTHONPATH"]
    assert isinstance(path, SearchPath)
    assert PathRef(layer="app", path="app/back/src") in path.entries
