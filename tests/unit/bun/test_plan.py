"""The plan of a Bun app: detection, version, workers, build steps, environment."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from hop3_nix.config import load_config
from hop3_nix.errors import Hop3NixError, LockError, UnsupportedError
from hop3_nix.plan import BuildPlan, HostOffer, LocalRecipe, PackageRef, PathRef
from hop3_nix.toolchains.app import App
from hop3_nix.toolchains.bun.toolchain import TOOLCHAIN, parse

if TYPE_CHECKING:
    from hop3_nix.source import Source

Plan = Callable[[dict[str, Any]], BuildPlan]

DIGEST = "sha512-" + "A" * 86 + "=="


def locked(root: dict[str, Any], *names: str, **described: Any) -> dict[str, Any]:
    packages = {name: [f"{name}@1.0.0", "", described, DIGEST] for name in names}
    return {"lockfileVersion": 2, "workspaces": {"": root}, "packages": packages}


def shop(*names: str, **manifest: Any) -> dict[str, Any]:
    root = {"dependencies": dict.fromkeys(names, "1"), **manifest}
    return {"package.json": root, "bun.lock": locked(root, *names)}


def test_a_server_locked_by_bun(plan: Plan) -> None:
    found = plan({**shop("hono", scripts={"start": "bun src/index.ts"}), "src/index.ts": ""})
    assert (found.toolchain, found.interpreter) == ("bun", "bun")
    assert found.runtime.workers == {"web": "bun src/index.ts"}
    assert found.options.deps == {
        "modules": {"node_modules/hono": "hono-1.0.0.tgz"},
        "compile": False,
    }
    assert found.options.tools == {}
    assert found.runtime.env["BUN_OPTIONS"] == "--no-install"
    assert found.runtime.env["NODE_ENV"] == "production"
    assert found.runtime.path == (
        PathRef(layer="app", path="app/node_modules/.bin"),
        PackageRef(package="hop3.bun.runner", path="bin"),
        PackageRef(package="bun", path="bin"),
    )
    assert BuildPlan.model_validate_json(found.model_dump_json()) == found


@pytest.mark.parametrize(
    "files",
    [
        {"package.json": {"packageManager": "bun@1.4.5"}},
        {"package.json": {"engines": {"bun": ">=1.2"}}},
        {"package.json": {"scripts": {"start": "PORT=1 bun --hot index.ts"}}},
        {"package.json": {"scripts": {"dev": "bunx vite"}}},
        {"package.json": {}, "bunfig.toml": ""},
        {".bun-version": "1.4"},
        {"package.json": {"packageManager": "bun@1"}, "yarn.lock": ""},
    ],
)
def test_bun_is_told_by(plan: Plan, files: dict[str, Any]) -> None:
    assert plan({**files, "index.ts": ""}).toolchain == "bun"


@pytest.mark.parametrize(
    "files",
    [
        {"package.json": {"scripts": {"start": "bun x.js"}}, "package-lock.json": "{}"},
        {"package.json": {"packageManager": "npm@11"}, "bunfig.toml": ""},
        {"package.json": {"scripts": {"start": "node bundle.js"}}},
    ],
)
def test_another_manager_leaves_it_to_node(app: Callable[..., Source], files: Any) -> None:
    assert TOOLCHAIN.found_in(App(app({**files, "index.js": ""}), None)) is None  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("files", "attribute"),
    [
        ({".bun-version": "1.3"}, "bun_1_3"),
        ({".tool-versions": "bun 1.2.4"}, "bun_1_2"),
        ({"mise.toml": '[tools]\nbun = "1.3.1"'}, "bun_1_3"),
        ({"package.json": {"packageManager": "bun@1.3.0+sha224.abc"}}, "bun_1_3"),
        ({"package.json": {"packageManager": "bun@1.1.30"}}, "bun"),
        ({"package.json": {"engines": {"bun": "<1.4"}}}, "bun_1_3"),
        ({"hop3.toml": '[build]\nbun-version = "1.2"'}, "bun_1_2"),
    ],
)
def test_the_version_that_is_asked_for(plan: Plan, files: dict[str, Any], attribute: str) -> None:
    assert plan({"bunfig.toml": "", "index.ts": "", **files}).interpreter == attribute


def test_a_version_that_is_not_there_is_refused_with_those_that_are(plan: Plan) -> None:
    with pytest.raises(UnsupportedError, match="1\\.4\\.5") as caught:
        plan({"bunfig.toml": "", "index.ts": "", ".bun-version": "2.0"})
    assert caught.value.file == ".bun-version"


@pytest.mark.parametrize(
    ("files", "command"),
    [
        ({"package.json": {"module": "src/main.ts"}, "src/main.ts": ""}, "bun src/main.ts"),
        ({"package.json": {"main": "a.js"}, "a.js": ""}, "bun a.js"),
        ({"package.json": {"module": "src/index.js"}, "src/index.ts": ""}, "bun src/index.ts"),
        ({"server.ts": "", "index.ts": ""}, "bun server.ts"),
        ({"package.json": {"scripts": {"start": "bun run x", "x": "bun b.ts"}}}, "bun b.ts"),
        ({"package.json": {"scripts": {"start": "bun --hot b.ts"}}}, "bun --hot b.ts"),
        ({"Procfile": "web: bun start", "package.json": {"scripts": {"start": "c"}}}, "c"),
        ({"Procfile": "web: bun run --bun x"}, "bun run --bun x"),
        ({"Procfile": "web: bun run src/x.ts"}, "bun run src/x.ts"),
    ],
)
def test_what_starts_it(plan: Plan, files: dict[str, Any], command: str) -> None:
    assert plan({"bunfig.toml": "", **files}).runtime.workers == {"web": command}


def test_a_framework_is_started_by_bun(plan: Plan) -> None:
    scripts = {"build": "nuxt build"}
    found = plan(shop("nuxt", scripts=scripts))
    assert found.runtime.workers == {"web": "bun ./.output/server/index.mjs"}
    assert found.build_steps == ("bun run build",)


def test_a_directory_is_not_taken_for_a_word_of_bun(plan: Plan) -> None:
    files = shop("@sveltejs/kit", "@sveltejs/adapter-node", scripts={"build": "vite build"})
    found = plan(files)
    assert found.runtime.workers == {"web": "bun ./build"}


def test_an_adapter_for_bun_is_known(plan: Plan) -> None:
    config = "import adapter from 'svelte-adapter-bun';"
    files = shop("@sveltejs/kit", "svelte-adapter-bun", scripts={"build": "vite build"})
    found = plan({**files, "svelte.config.js": config})
    assert found.runtime.workers == {"web": "bun ./build/index.js"}


def test_addons_are_compiled_with_what_node_has_for_it(plan: Plan) -> None:
    root = {"dependencies": {"bcrypt": "1"}, "trustedDependencies": ["bcrypt"]}
    files = {"package.json": root, "bun.lock": locked(root, "bcrypt", hasInstallScript=True)}
    found = plan({**files, "index.ts": ""})
    assert found.options.tools == {"toolbox": "nodejs_24"}
    assert found.options.deps["allowScripts"] == ["bcrypt"]


@pytest.mark.parametrize(
    ("files", "error", "said", "tip"),
    [
        (
            {"package.json": {"dependencies": {"a": "1"}}, "bun.lockb": ""},
            LockError,
            r"^bun\.lockb: bun\.lockb is read by Bun alone",
            "bun install --save-text-lockfile",
        ),
        (
            {"package.json": {"packageManager": "bun@1.4", "dependencies": {"a": "1"}}},
            LockError,
            r"no lockfile of bun pins them: there is no bun\.lock",
            "bun install --lockfile-only",
        ),
        (
            {**shop("a"), "package-lock.json": {}},
            LockError,
            r"there are lockfiles of npm and bun",
            "Delete those",
        ),
    ],
)
def test_what_is_wrong_is_an_error_with_its_remedy(
    plan: Plan, files: dict[str, Any], error: type[Hop3NixError], said: str, tip: str
) -> None:
    with pytest.raises(error, match=said) as caught:
        plan({**files, "index.js": ""})
    assert tip in caught.value.tip


def test_node_can_be_asked_for(plan: Plan) -> None:
    files = {**shop("next", scripts={"start": "bun run serve", "serve": "next start"})}
    found = plan({**files, "hop3.toml": '[build]\ntoolchain = "node"'})
    assert (found.toolchain, found.runtime.workers) == ("node", {"web": "next start"})
    assert [file.name for file in found.dependencies] == ["next"]


def test_bun_makes_the_assets_of_another_language(plan: Plan) -> None:
    files = shop("vite", scripts={"build": "vite build"})
    found = plan({**files, "pyproject.toml": "", "app.py": "", "Procfile": "web: python app.py"})
    assert [(stage.name, stage.plan.build_steps) for stage in found.stages] == [
        ("bun", ("bun run build",))
    ]


@pytest.mark.parametrize(
    ("said", "answer"), [("1.4.5 /usr/bin/bun\n", ("1.4.5", "", "/usr/bin/bun")), ("1.4.5", None)]
)
def test_what_a_bun_of_this_machine_says(said: str, answer: object) -> None:
    assert parse(said) == answer


def recipe(app: Source, plan: BuildPlan) -> LocalRecipe:
    offer = HostOffer(language="bun", version="1.4.5", libc="", program="/usr/bin/bun")
    assert TOOLCHAIN.recipe is not None
    (found,) = TOOLCHAIN.recipe(
        App(app, load_config(app)), plan.model_copy(update={"interpreter": offer.named})
    )
    return found


@pytest.mark.parametrize(
    ("manifest", "scripts"), [({}, True), ({"trustedDependencies": ["a"]}, False)]
)
def test_without_nix_bun_itself_installs(
    app: Callable[..., Source], plan: Plan, *, manifest: dict[str, Any], scripts: bool
) -> None:
    files = {**shop("a", **manifest), "index.ts": ""}
    found = recipe(app(files), plan(files))
    (install,) = [step.argv for step in found.steps if "install" in step.argv]
    assert ("--ignore-scripts" in install) is scripts
    assert {"--frozen-lockfile", "--production"} <= {*install}
    assert found.finish == ()


def test_without_nix_what_only_the_build_needs_goes_when_it_is_done(
    app: Callable[..., Source], plan: Plan
) -> None:
    root = {"dependencies": {"a": "1"}, "devDependencies": {"b": "1"}, "scripts": {"build": "b"}}
    files = {"package.json": root, "bun.lock": locked(root, "a", "b"), "index.ts": ""}
    found = recipe(app(files), plan(files))
    (install,) = [step.argv for step in found.steps if "install" in step.argv]
    assert "--production" not in install
    assert [step.argv[0] for step in found.finish] == ["rm", "/usr/bin/bun", "mkdir"]
