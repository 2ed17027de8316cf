"""The plan of a Deno app: lockfile, workers, build steps, environment."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from hop3_nix.config import load_config
from hop3_nix.errors import ConfigError, Hop3NixError, LockError, UnsupportedError
from hop3_nix.plan import BuildPlan, PackageRef, PathRef, UnlocatedFile
from hop3_nix.toolchains.app import App
from hop3_nix.toolchains.deno.recipes import local_recipes
from hop3_nix.toolchains.deno.toolchain import TOOLCHAIN, parse

if TYPE_CHECKING:
    from hop3_nix.source import Source

Plan = Callable[[dict[str, Any]], BuildPlan]

DIGEST = "sha512-" + "A" * 86 + "=="
SHA = "a" * 64


def lock(**more: Any) -> dict[str, Any]:
    return {"version": "5", "specifiers": {}, **more}


def npm(*keys: str, **described: Any) -> dict[str, Any]:
    return lock(npm={key: {"integrity": DIGEST, **described} for key in keys})


def test_a_server_locked_by_deno(plan: Plan) -> None:
    tasks = {"start": "deno serve -A --port $PORT main.ts"}
    found = plan(
        {
            "deno.json": {"name": "@me/shop", "version": "1.2.0", "tasks": tasks},
            "deno.lock": npm("hono@4.0.0", "react-dom@18.0.0_react@18.0.0", "@x/y@1.0.0"),
        }
    )
    assert (found.app.name, found.app.version, found.toolchain) == ("shop", "1.2.0", "deno")
    assert found.runtime.workers == {
        "web": 'DENO_SERVE_ADDRESS="tcp:${BIND_ADDRESS:-0.0.0.0}:$PORT" '
        "deno serve -A --port $PORT main.ts"
    }
    assert found.options.deps == {
        "npm": {
            "@x/y@1.0.0": "x-y-1.0.0.tgz",
            "hono@4.0.0": "hono-4.0.0.tgz",
            "react-dom@18.0.0": "react-dom-18.0.0.tgz",
        }
    }
    assert all(isinstance(file, UnlocatedFile) for file in found.dependencies)
    assert found.runtime.env["DENO_DIR"] == PathRef(layer="deps", path="deno")
    assert str(found.runtime.env["NPM_CONFIG_REGISTRY"]).endswith(".invalid/")
    assert found.runtime.path == (PackageRef(package="deno", path="bin"),)
    assert found.build_steps == ()
    assert BuildPlan.model_validate_json(found.model_dump_json()) == found


def test_modules_by_address_are_fetched_from_there(plan: Plan) -> None:
    remote = {"https://x.example/mod.ts": SHA, "https://x.example/a?b": SHA}
    redirects = {"https://x.example/": "https://x.example/mod.ts"}
    found = plan(
        {"deno.json": {}, "main.ts": "", "deno.lock": lock(remote=remote, redirects=redirects)}
    )
    assert [(file.filename, getattr(file, "url", "")) for file in found.dependencies] == [
        ("module-0", "https://x.example/a?b"),
        ("module-1", "https://x.example/mod.ts"),
    ]
    assert found.options.deps["redirects"] == redirects


def own_lock(**more: Any) -> dict[str, Any]:
    return {
        "format": 1,
        "inputs": {},
        "manifests": {"@me/greet@1.0.0": SHA},
        "jsr": {"@me/greet@1.0.0": {"/lib/mod.ts": "b" * 64}},
        **more,
    }


JSR = lock(jsr={"@me/greet@1.0.0": {"integrity": SHA}})


def test_packages_of_jsr_are_pinned_file_by_file(plan: Plan) -> None:
    found = plan({"deno.json": {}, "main.ts": "", "deno.lock": JSR, "hop3-nix.lock": own_lock()})
    assert {file.filename: file.sha256 for file in found.dependencies} == {
        "jsr/@me/greet/1.0.0/lib/mod.ts": ("b" * 64,),
        "jsr/@me/greet/1.0.0_meta.json": (SHA,),
    }
    assert found.options.deps["jsr"] == {
        "@me/greet/1.0.0/lib/mod.ts": "jsr/@me/greet/1.0.0/lib/mod.ts",
        "@me/greet/1.0.0_meta.json": "jsr/@me/greet/1.0.0_meta.json",
    }


def test_what_is_for_another_platform_is_left_out(plan: Plan) -> None:
    packages = {
        "a@1.0.0": {"integrity": DIGEST, "os": ["darwin"]},
        "b@1.0.0": {"integrity": DIGEST, "os": ["linux"], "cpu": ["x64"]},
        # Version 4 of the lockfile does not say it.
        "@x/darwin-arm64@1.0.0": {"integrity": DIGEST},
    }
    found = plan({"deno.json": {}, "main.ts": "", "deno.lock": {"version": "4", "npm": packages}})
    assert [file.name for file in found.dependencies] == ["b"]


@pytest.mark.parametrize(
    ("files", "command"),
    [
        (
            {"main.ts": "Deno.serve(() => new Response())"},
            (
                'DENO_SERVE_ADDRESS="tcp:${BIND_ADDRESS:-0.0.0.0}:$PORT" '
                "deno run --allow-net --allow-env --allow-read main.ts"
            ),
        ),
        (
            {"server.ts": "export default { fetch() {} }"},
            "deno serve --port $PORT --allow-net --allow-env --allow-read server.ts",
        ),
        (
            {"deno.json": {"tasks": {"start": "deno run --watch x.ts"}}, "src/main.ts": ""},
            (
                'DENO_SERVE_ADDRESS="tcp:${BIND_ADDRESS:-0.0.0.0}:$PORT" '
                "deno run --allow-net --allow-env --allow-read src/main.ts"
            ),
        ),
        (
            {"Procfile": "web: deno task up", "deno.json": {"tasks": {"up": "deno run -A a.ts"}}},
            "deno run -A a.ts",
        ),
        (
            {"Procfile": "web: deno task up", "deno.json": {"tasks": {"up": "a && deno run b.ts"}}},
            "deno task up",
        ),
        (
            {
                "Procfile": "web: deno task up",
                "deno.json": {"tasks": {"up": {"command": "deno run a.ts", "dependencies": ["b"]}}},
            },
            "deno task up",
        ),
    ],
)
def test_what_starts_it(plan: Plan, files: dict[str, Any], command: str) -> None:
    assert plan({"deno.json": {}, **files}).runtime.workers == {"web": command}


def test_an_import_from_a_host_that_has_to_be_allowed(plan: Plan) -> None:
    code = 'import { x } from "https://x.example/mod.ts";'
    found = plan(
        {
            "deno.json": {},
            "main.ts": code,
            "deno.lock": lock(remote={"https://x.example/mod.ts": SHA}),
        }
    )
    assert "--allow-import" in found.runtime.workers["web"]


@pytest.mark.parametrize(
    ("config", "steps"),
    [
        ({}, ()),
        ({"nodeModulesDir": "auto"}, ("deno install --frozen",)),
        ({"tasks": {"build": "x"}}, ("deno task build",)),
        (
            {"nodeModulesDir": "manual", "tasks": {"build": "x"}},
            ("deno install --frozen", "deno task build"),
        ),
    ],
)
def test_what_is_built(plan: Plan, config: dict[str, Any], steps: tuple[str, ...]) -> None:
    files = {"deno.json": config, "main.ts": "", "deno.lock": npm("a@1.0.0")}
    assert plan(files).build_steps == steps


def test_a_package_json_means_node_modules(plan: Plan) -> None:
    files = {"deno.json": {}, "main.ts": "", "package.json": {}, "deno.lock": npm("a@1.0.0")}
    assert plan(files).build_steps == ("deno install --frozen",)
    files["deno.json"] = {"nodeModulesDir": "none"}
    assert plan(files).build_steps == ()


def test_an_older_lockfile_has_packages_one_level_down(plan: Plan) -> None:
    packages = {"specifiers": {}, "npm": {"a@1.0.0": {"integrity": DIGEST, "dependencies": {}}}}
    found = plan(
        {"deno.json": {}, "main.ts": "", "deno.lock": {"version": "3", "packages": packages}}
    )
    assert [file.name for file in found.dependencies] == ["a"]


def test_scripts_of_package_json_are_tasks_of_deno_and_no_part_of_another_language(
    plan: Plan,
) -> None:
    scripts = {"build": "vite build", "start": "node server.js"}
    files = {"deno.json": {}, "package.json": {"scripts": scripts}, "deno.lock": npm("a@1.0.0")}
    found = plan(files)
    assert found.stages == ()
    assert found.build_steps == ("deno install --frozen", "deno task build")
    assert found.runtime.workers["web"].endswith("deno task start")


def test_comments_and_another_lockfile(plan: Plan) -> None:
    config = '{ // by hand\n  "lock": { "path": "./locks/deno.lock" },\n}'
    found = plan({"deno.jsonc": config, "main.ts": "", "locks/deno.lock": npm("a@1.0.0")})
    assert [file.name for file in found.dependencies] == ["a"]


@pytest.mark.parametrize(
    ("files", "error", "said"),
    [
        ({"deno.json": "{\n x"}, ConfigError, r"^deno\.json:2: not JSON"),
        ({"deno.json": "[]"}, ConfigError, r"^deno\.json:1: not a JSON object"),
        (
            {"deno.json": {"imports": {"a": "npm:a@1"}}},
            LockError,
            r"^deno\.json:2: .* no deno\.lock",
        ),
        ({"main.ts": "\nimport 'jsr:@a/b';"}, LockError, r"^main\.ts:2: .* no deno\.lock"),
        (
            {"deno.json": {"lock": False}, "main.ts": "import('npm:a')"},
            LockError,
            "no lockfile pins",
        ),
        ({"package.json": {"dependencies": {"a": "1"}}}, LockError, r"^package\.json: .* no deno"),
        (
            {"deno.lock": lock(version="2")},
            LockError,
            r"^deno\.lock:2: version 2; read are 3, 4, 5",
        ),
        ({"deno.lock": npm("a")}, LockError, "the entry a is no package"),
        ({"deno.lock": npm("a@../x")}, LockError, r"'\.\./x' is no version"),
        ({"deno.lock": lock(npm={"a@1.0.0": {}})}, LockError, "a 1.0.0 has no integrity"),
        ({"deno.lock": lock(jsr={"x": {"integrity": SHA}})}, LockError, "x is no package of JSR"),
        ({"deno.lock": lock(remote={"https://x.example/a": ""})}, LockError, "has no digest"),
        ({"deno.lock": lock(remote={"file:///etc/passwd": SHA})}, LockError, "no address to fetch"),
        ({"deno.lock": lock(redirects={"https://x/": "x"})}, LockError, "no address to fetch"),
        ({"deno.lock": JSR}, LockError, r"there is no hop3-nix\.lock"),
        (
            {"deno.lock": JSR, "hop3-nix.lock": own_lock(manifests={})},
            LockError,
            "is not in hop3-nix",
        ),
        ({".dvmrc": "1.46"}, UnsupportedError, r"2\.9\.6"),
    ],
)
def test_what_is_wrong_is_an_error_with_its_place(
    plan: Plan, files: dict[str, Any], error: type[Hop3NixError], said: str
) -> None:
    with pytest.raises(error, match=said):
        plan({"deno.json": {}, "main.ts": "", **files})


@pytest.mark.parametrize("file", ["package-lock.json", "bun.lock", "yarn.lock"])
def test_another_lockfile_leaves_it_to_another_language(
    app: Callable[..., Source], file: str
) -> None:
    source = app({"deno.json": {}, "package.json": {}, file: {}})
    assert TOOLCHAIN.found_in(App(source, load_config(source))) is None


def test_what_a_deno_of_this_machine_says() -> None:
    assert parse('["2.9.6","/usr/bin/deno"]\n') == ("2.9.6", "", "/usr/bin/deno")


def test_without_nix_deno_fills_a_cache_of_the_releases_own(
    app: Callable[..., Source], plan: Plan
) -> None:
    code = "import 'https://x.example/a.ts'"
    pinned = {**JSR, "remote": {"https://x.example/a.ts": SHA}}
    files = {"deno.json": {}, "main.ts": code, "deno.lock": pinned, "hop3-nix.lock": own_lock()}
    found = plan(files).model_copy(update={"interpreter": "/usr/bin/deno"})
    source = app(files)
    (recipe,) = local_recipes(App(source, load_config(source)), found)
    installs = [step.argv for step in recipe.steps if "install" in step.argv]
    assert [argv[-1] for argv in installs] == ["--node-modules-dir=none", "main.ts"]
    manifest = hashlib.sha256(b"/@me/greet/1.0.0_meta.json").hexdigest()
    assert recipe.steps[-1].argv[-1] == manifest
    json.dumps(recipe.model_dump(mode="json"))
