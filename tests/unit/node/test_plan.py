"""The plan of a Node app: package manager, workers, build steps, environment."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from hop3_nix.config import load_config
from hop3_nix.errors import ConfigError, Hop3NixError, LockError, SourceError, UnsupportedError
from hop3_nix.plan import (
    BuildPlan,
    HostOffer,
    LockedFile,
    PackageRef,
    PathRef,
    Target,
    UnlocatedFile,
)
from hop3_nix.toolchains.app import App
from hop3_nix.toolchains.composition import Composition
from hop3_nix.toolchains.node.toolchain import TOOLCHAIN

if TYPE_CHECKING:
    from hop3_nix.source import Source

Make = Callable[..., Any]

DEPENDS = {"dependencies": {"left": "^1"}}
SERVER = {**DEPENDS, "scripts": {"start": "node server.js"}}


def test_a_server_locked_by_npm(plan: Make, lock: Make) -> None:
    found: BuildPlan = plan(
        {
            "package.json": {"name": "@me/shop", "version": "2.1.0", **SERVER},
            "package-lock.json": lock("left", **DEPENDS),
        }
    )
    assert (found.app.name, found.app.version) == ("shop", "2.1.0")
    assert found.runtime.workers == {"web": "node server.js"}
    assert found.interpreter == "nodejs-slim_22"
    assert found.options.deps["modules"] == {"node_modules/left": "left-1.0.0.tgz"}
    assert any(why.choice == "npm" for why in found.evidence)
    assert found.options.deps["compile"] is False
    file = found.dependencies[0]
    assert isinstance(file, UnlocatedFile)
    assert (file.name, file.filename) == ("left", "left-1.0.0.tgz")
    assert found.runtime.env["NODE_ENV"] == "production"
    assert found.runtime.env["NODE_PATH"] == PathRef(layer="app", path="app/node_modules")
    assert found.runtime.path == (
        PathRef(layer="app", path="app/node_modules/.bin"),
        PackageRef(package="hop3.node.runner", path="bin"),
        PackageRef(package="nodejs-slim_22", path="bin"),
    )
    assert BuildPlan.model_validate_json(found.model_dump_json()) == found


def test_an_app_without_packages_needs_no_lockfile(plan: Make) -> None:
    found = plan({"package.json": {"scripts": {"start": "node a.js"}}, "a.js": ""})
    assert found.dependencies == ()
    assert "NODE_PATH" not in found.runtime.env


@pytest.mark.parametrize("key", ["registry", "@me:registry"])
def test_a_registry_that_depends_on_the_environment_is_refused(
    plan: Make, lock: Make, key: str
) -> None:
    wanted = {"dependencies": {"@me/right": "^1"}}
    files = {
        "package.json": {**wanted, "scripts": {"start": "node a"}},
        "package-lock.json": lock("@me/right", **wanted),
        ".npmrc": f"{key}=https://index.example/${{MYSECRET}}/\n",
    }
    with pytest.raises(LockError, match=r"^\.npmrc: the address of @me/right depends on") as error:
        plan(files)
    assert "Write the registry's address out" in error.value.tip


def test_npmrc_names_the_registry(plan: Make, lock: Make) -> None:
    wanted = {"dependencies": {"left": "^1", "@me/right": "^1"}}
    found = plan(
        {
            "package.json": {**SERVER, **wanted},
            "package-lock.json": lock("left", "@me/right", **wanted),
            ".npmrc": "registry=https://index.example/npm/\n@me:registry=https://me.example\n",
        }
    )
    assert [file.url for file in found.dependencies if isinstance(file, LockedFile)] == [
        "https://index.example/npm/left/-/left-1.0.0.tgz",
        "https://me.example/@me/right/-/right-1.0.0.tgz",
    ]


def test_what_only_the_build_needs_is_apart(plan: Make, lock: Make) -> None:
    groups = {**DEPENDS, "devDependencies": {"tool": "^1"}}
    locked = lock("left", "tool", **groups)
    locked["packages"]["node_modules/tool"]["dev"] = True
    manifest = {**groups, "scripts": {"start": "node .", "build": "tool -o dist"}}
    built = plan({"package.json": manifest, "package-lock.json": locked})
    assert built.build_steps == ("npm run build",)
    assert [file.name for file in built.build_dependencies] == ["tool"]
    assert built.options.deps["buildModules"] == {"node_modules/tool": "tool-1.0.0.tgz"}
    del manifest["scripts"]["build"]
    unbuilt = plan({"package.json": manifest, "package-lock.json": locked})
    assert unbuilt.build_dependencies == ()
    assert "buildModules" not in unbuilt.options.deps


def test_hop3_toml_says_how_to_build_instead(plan: Make) -> None:
    manifest = {"scripts": {"start": "node a.js", "build": "one", "two": "second"}}
    text = '[build]\nbuild = "npm run two"\nafter-build = "third"\n'
    assert plan({"package.json": manifest, "hop3.toml": text}).build_steps == (
        "npm run two",
        "third",
    )


def test_procfile_lines_are_written_out(plan: Make) -> None:
    found = plan(
        {
            "package.json": {"scripts": {"start": "node server.js", "jobs": "node jobs.js"}},
            "Procfile": "web: npm start\nworker: yarn jobs --all\n",
        }
    )
    assert found.runtime.workers == {"web": "node server.js", "worker": "node jobs.js --all"}
    assert any(each.file == "Procfile" and each.line == 2 for each in found.evidence)


@pytest.mark.parametrize(
    ("files", "command"),
    [
        ({"package.json": {"main": "lib/main.js"}, "lib/main.js": ""}, "node lib/main.js"),
        ({"package.json": {"main": "./lib"}, "lib/index.js": ""}, "node lib/index.js"),
        ({"package.json": {}, "server.js": ""}, "node server.js"),
        ({"package.json": {}, "src/index.mjs": ""}, "node src/index.mjs"),
        ({"server.js": ""}, "node server.js"),
        ({"package.json": {"main": "dist/a.js", "scripts": {"build": "b"}}}, "node dist/a.js"),
    ],
)
def test_what_is_started_without_a_script(plan: Make, files: Any, command: str) -> None:
    assert plan(files).runtime.workers == {"web": command}


def test_a_framework_has_its_server(plan: Make, lock: Make) -> None:
    wanted = {"dependencies": {"next": "^1"}}
    manifest = {**wanted, "scripts": {"build": "next build"}}
    found = plan({"package.json": manifest, "package-lock.json": lock("next", **wanted)})
    assert found.runtime.workers == {"web": "next start"}


@pytest.mark.parametrize("start", [None, "vite", "vite preview", "vite dev --host"])
def test_a_single_page_application_is_served_as_files(
    plan: Make, lock: Make, start: str | None
) -> None:
    wanted = {"devDependencies": {"vite": "^1"}}
    scripts = {"build": "vite build", **({"start": start} if start else {})}
    found = plan(
        {
            "package.json": {**wanted, "scripts": scripts},
            "package-lock.json": lock("vite", **wanted),
            "vite.config.js": "export default { build: { outDir: 'out' } };\n",
        }
    )
    command = "serve-static --fallback index.html --immutable /assets/ out"
    assert found.runtime.workers == {"web": command}
    assert found.options.app == {"nodeModules": "none"}
    assert PackageRef(package="nodejs-slim_22", path="bin") not in found.runtime.path
    assert found.build_steps[0] == "npm run build"


def test_a_static_worker_is_served_as_its_tool_needs_it(plan: Make, lock: Make) -> None:
    wanted = {"devDependencies": {"vite": "^1"}}
    found = plan(
        {
            "package.json": {**wanted, "scripts": {"build": "vite build"}},
            "package-lock.json": lock("vite", **wanted),
            "Procfile": "static: dist\n",
        }
    )
    assert found.runtime.workers["web"].endswith("--immutable /assets/ dist")


def test_the_package_manager_that_is_named_goes_before_lockfiles(plan: Make, lock: Make) -> None:
    files = {
        "package.json": {**SERVER, "packageManager": "npm@11.0.0"},
        "package-lock.json": lock("left", **DEPENDS),
        "yarn.lock": "# yarn lockfile v1\n",
    }
    assert "npm" in [why.choice for why in plan(files).evidence]


@pytest.mark.parametrize(
    ("files", "error", "message"),
    [
        ({"package.json": "{\n  oops\n"}, ConfigError, r"^package\.json:2: not JSON"),
        ({"package.json": "[]"}, ConfigError, r"^package\.json:1: not a JSON object"),
        ({"package.json": SERVER}, LockError, r"^package\.json:2: requires packages, and no lock"),
        (
            {"package.json": {**SERVER, "packageManager": "cnpm@9"}},
            UnsupportedError,
            r"^package\.json:\d+: the package manager 'cnpm' is not supported",
        ),
        (
            {"package.json": SERVER, "yarn.lock": "", "package-lock.json": {}},
            LockError,
            "there are lockfiles of npm and yarn: package-lock.json, yarn.lock",
        ),
        ({"package.json": {}, "read.me": ""}, SourceError, "nothing here says how to start"),
        (
            {"package.json": {}, "Procfile": "web: npm run serve\n"},
            ConfigError,
            r"^Procfile:1: there is no script 'serve'",
        ),
    ],
)
def test_what_is_wrong_is_an_error_with_its_place(
    plan: Make, files: Any, error: type[Hop3NixError], message: str
) -> None:
    with pytest.raises(error, match=message) as raised:
        plan(files)
    assert raised.value.tip


@pytest.mark.parametrize(
    "manifest",
    [
        {"pnpm": {"onlyBuiltDependencies": ["sharp"]}},
        {"trustedDependencies": ["sharp"]},
        {"allowScripts": {"sharp@1.0.0": True, "other": False}},
        {"dependenciesMeta": {"sharp": {"built": True}}},
    ],
)
def test_scripts_are_allowed_as_any_package_manager_has_it(plan: Make, manifest: Any) -> None:
    found = plan({"package.json": manifest, "server.js": ""})
    assert found.options.deps["allowScripts"] == ["sharp"]


def test_two_packages_of_one_file_name_stay_apart(plan: Make, lock: Make) -> None:
    wanted = {"dependencies": {"@a/b-c": "^1", "@a-b/c": "^1"}}
    found = plan(
        {
            "package.json": {**SERVER, **wanted},
            "package-lock.json": lock("@a/b-c", "@a-b/c", **wanted),
        }
    )
    names = {file.filename for file in found.dependencies}
    assert len(names) == 2
    assert set(found.options.deps["modules"].values()) == names


def test_a_local_build_uses_the_app_s_package_manager(app: Make, lock: Make) -> None:
    host = Target(
        system="x86_64-linux",
        package_set="this machine",
        on_host=True,
        offers=(HostOffer(language="node", version="22.1.0", program="/opt/node", libc="2.36"),),
    )
    files = {"package.json": SERVER, "package-lock.json": lock("left", **DEPENDS)}
    files["server.js"] = ""
    source = app(files)
    composition = Composition.of(source, load_config(source))
    (recipe,) = composition.recipes(composition.plan(host), host).app
    assert recipe.requires == ("npm",)
    assert any(
        step.argv[:2] == ("npm", "ci") and "--omit=dev" in step.argv for step in recipe.steps
    )
    (parsed,) = recipe.finish
    assert parsed.argv[1:] == ("--check", PathRef(layer="app", path="app/server.js"))


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ({"package.json": {}}, True),
        ({"package.json": {"devDependencies": {"prettier": "3"}}, "index.html": ""}, False),
        ({"package.json": {"scripts": {"build": "vite build"}}, "index.html": ""}, True),
        ({"index.html": "", "index.js": ""}, False),
    ],
)
def test_a_page_with_tools_is_no_node_app(
    app: Callable[[dict[str, Any]], Source],
    files: Any,
    found: bool,  # noqa: FBT001 - a parameter
) -> None:
    source = app(files)
    assert (TOOLCHAIN.found_in(App(source, load_config(source))) is not None) is found


@pytest.mark.parametrize(
    ("name", "marked", "compile_"),
    [("left", False, False), ("left", True, True), ("bindings", False, True)],
)
def test_a_compiler_is_there_if_something_may_need_it(
    plan: Make,
    lock: Make,
    name: str,
    marked: bool,  # noqa: FBT001 - a parameter
    compile_: bool,  # noqa: FBT001 - a parameter
) -> None:
    wanted = {"dependencies": {name: "^1"}}
    locked = lock(name, **wanted)
    locked["packages"][f"node_modules/{name}"]["hasInstallScript"] = marked
    found = plan({"package.json": {**SERVER, **wanted}, "package-lock.json": locked})
    assert found.options.deps.get("compile", True) is compile_


def test_a_server_that_has_its_assets_made_by_vite_is_no_site(plan: Make, lock: Make) -> None:
    wanted = {"devDependencies": {"vite": "^1"}}
    found = plan(
        {
            "package.json": {**wanted, "main": "server.js", "scripts": {"build": "vite build"}},
            "package-lock.json": lock("vite", **wanted),
            "server.js": "",
        }
    )
    assert found.runtime.workers == {"web": "node server.js"}


def test_the_sources_of_a_page_are_not_started(plan: Make, lock: Make) -> None:
    wanted = {"devDependencies": {"vite": "^1"}}
    found = plan(
        {
            "package.json": {**wanted, "main": "index.js", "scripts": {"build": "vite build"}},
            "package-lock.json": lock("vite", **wanted),
            "index.html": "",
            "index.js": "",
        }
    )
    assert found.runtime.workers["web"].startswith("serve-static")


@pytest.mark.parametrize(
    ("scripts", "steps", "kept"),
    [
        ({"build": "tsc"}, ("build",), "linked"),
        ({"postinstall": "patch-package", "build": "tsc"}, ("postinstall", "build"), "copied"),
        ({"build": "prisma generate && tsc"}, ("build",), "copied"),
    ],
)
def test_what_completes_node_modules_is_kept(
    plan: Make, scripts: dict[str, str], steps: tuple[str, ...], kept: str
) -> None:
    found = plan({"package.json": {"scripts": {"start": "node a", **scripts}}})
    assert found.build_steps == tuple(f"npm run {script}" for script in steps)
    assert found.options.app.get("nodeModules", "linked") == kept


def test_hooks_and_scheduled_commands_are_written_out_too(plan: Make) -> None:
    found = plan(
        {
            "package.json": {"scripts": {"start": "node a", "tidy": "node tidy"}},
            "Procfile": "web: npm start\ncron: */5 * * * * npm run tidy\nprerun: npm run tidy\n",
        }
    )
    assert found.runtime.workers["cron"] == "*/5 * * * * node tidy"
    assert found.runtime.before_run == ("node tidy",)


def test_a_directory_that_is_used_has_the_packages_of_its_own_lockfile(
    plan: Make, lock: Make
) -> None:
    client = {"scripts": {"build": "tool"}, "dependencies": {"right": "^1"}}
    found = plan(
        {
            "package.json": {**SERVER, "scripts": {"build": "cd client && npm run build"}},
            "package-lock.json": lock("left", **DEPENDS),
            "client/package.json": client,
            "client/package-lock.json": lock("right", dependencies={"right": "^1"}),
            "unused/package.json": client,
            "server.js": "",
        }
    )
    assert set(found.options.deps["modules"]) == {
        "node_modules/left",
        "client/node_modules/right",
    }
    assert [each.file for each in found.evidence if "directory" in each.reason] == [
        "client/package-lock.json"
    ]


def test_a_directory_that_is_used_and_not_locked_is_an_error(plan: Make, lock: Make) -> None:
    files = {
        "package.json": {**SERVER, "scripts": {"build": "npm run build --prefix client"}},
        "package-lock.json": lock("left", **DEPENDS),
        "client/package.json": {"scripts": {"build": "x"}, "dependencies": {"right": "^1"}},
    }
    with pytest.raises(LockError, match=r"^client/package\.json:\d+: requires packages"):
        plan(files)


def test_a_program_that_reads_variables_of_npm_is_started_by_npm(plan: Make) -> None:
    files = {
        "package.json": {"scripts": {"start": "node server.js"}},
        "server.js": "console.log(process.env.npm_package_version)",
    }
    assert plan(files).runtime.workers == {"web": "npm start"}


def test_the_modules_of_a_worker_are_parsed_when_it_is_built(plan: Make) -> None:
    files = {
        "package.json": {"scripts": {"start": "node server.js"}},
        "server.js": "const a = require('./lib/a');\nrequire('./gone');\n",
        "lib/a.js": "import('./b.mjs');\n",
        "lib/b.mjs": "export default 1;\n",
        "other.js": "not parsed",
    }
    assert plan(files).options.app == {"checked": ["server.js", "lib/a.js", "lib/b.mjs"]}


def test_a_module_that_does_not_say_that_it_is_one_is_left_to_node(plan: Make) -> None:
    files = {
        "package.json": {"scripts": {"start": "node server.js"}},
        "server.js": "import fs from 'fs';\n",
    }
    assert plan(files).options.app == {}
