"""Real builds of Node applications with the embedded set, as `nix-build hop3.nix` makes them."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import os
import subprocess
import tarfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest

from hop3_nix.files import resources
from hop3_nix.nix.commands import NixSettings
from hop3_nix.packagesets import DebianSet
from hop3_nix.plan import App, BuildPlan, LockedFile, Options, PackageRef, PathRef, RuntimePlan
from hop3_nix.rendering.expression import render
from hop3_nix.rendering.nixlang import NixText
from hop3_nix.toolchains.node.dependencies import AppArguments, DepsArguments
from running import closure, fetch, free_port, only_closure, started

if TYPE_CHECKING:
    from collections.abc import Mapping

NODE = "nodejs-slim_22"


Kept = Literal["linked", "copied", "none"]


@dataclass
class Workshop:
    """A directory as the builder stages it, with packages that are made here."""

    directory: Path
    package_set: DebianSet
    environment: dict[str, str]
    files: dict[str, LockedFile] = field(default_factory=dict)

    def source(self, files: Mapping[str, str]) -> None:
        for name, text in files.items():
            file = self.directory / "source" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
            if text.startswith("#!"):
                file.chmod(0o755)

    def package(
        self,
        name: str,
        files: Mapping[str, str] | None = None,
        *,
        top: str = "package",
        mode: int = 0o644,
        extra: tarfile.TarInfo | None = None,
        fetchable: bool = True,
        **manifest: Any,
    ) -> str:
        """Make a tarball of a package; return the file name by which a layout knows it."""
        described = {"name": name, "version": "1.0.0", **manifest}
        content = {"package.json": json.dumps(described), **(files or {})}
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as archive:
            for path, text in content.items():
                info = tarfile.TarInfo(f"{top}/{path}")
                info.size, info.mode = len(text.encode()), mode
                archive.addfile(info, io.BytesIO(text.encode()))
            if extra is not None:
                archive.addfile(extra)
        tarball = self.directory / f"{name.strip('@').replace('/', '+')}-1.0.0.tgz"
        tarball.write_bytes(gzip.compress(packed.getvalue(), mtime=0))
        if fetchable:
            # What Nix has by its digest, it does not fetch.
            added = self.nix("nix-store", "--add-fixed", "sha512", tarball)
            assert added.returncode == 0, added.stderr
        digest = base64.b64encode(hashlib.sha512(tarball.read_bytes()).digest()).decode()
        self.files[tarball.name] = LockedFile(
            name=name,
            version="1.0.0",
            filename=tarball.name,
            url=f"https://index.example/{tarball.name}",
            integrity=f"sha512-{digest}",
        )
        return tarball.name

    def plan(
        self,
        *,
        steps: tuple[str, ...] = (),
        env: Mapping[str, str] | None = None,
        node_modules: Kept = "linked",
        **options: Any,
    ) -> BuildPlan:
        options = {"modules": {}, "compile": False, **options}
        used = {*options["modules"].values()}
        more = {*options.get("build_modules", {}).values()} - used
        return BuildPlan(
            app=App(name="demo"),
            toolchain="node",
            interpreter=NODE,
            packages=("bash", "coreutils"),
            dependencies=tuple(self.files[name] for name in sorted(used)),
            build_dependencies=tuple(self.files[name] for name in sorted(more)),
            build_steps=steps,
            options=Options(
                tools={"toolbox": NODE.replace("nodejs-slim", "nodejs")},
                deps=DepsArguments(**options).said(),
                app=AppArguments(node_modules=node_modules).said(),
            ),
            runtime=RuntimePlan(
                env={"NODE_ENV": "production", **(env or {})},
                path=(PathRef(layer="deps", path="bin"), PackageRef(package=NODE)),
                workers={"web": "node server.js"},
            ),
        )

    def nix(self, *argv: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            list(map(str, argv)),
            cwd=self.directory,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def try_to_build(
        self, plan: BuildPlan, attribute: str = "package", *options: str
    ) -> subprocess.CompletedProcess[str]:
        text = render(plan, pkgs=NixText(self.package_set.expression()), src="./source")
        (self.directory / "hop3.nix").write_text(text)
        return self.nix("nix-build", "--no-out-link", "hop3.nix", "-A", attribute, *options)

    def build(self, plan: BuildPlan, attribute: str = "package", *options: str) -> Path:
        done = self.try_to_build(plan, attribute, *options)
        assert done.returncode == 0, done.stderr[-4000:]
        return Path(done.stdout.split()[-1])

    def refused(self, plan: BuildPlan) -> str:
        done = self.try_to_build(plan)
        assert done.returncode != 0
        return done.stderr

    def app(self, plan: BuildPlan) -> Path:
        """Build, and return the application's tree."""
        return self.build(plan, "package.app") / "app"

    def node(self, plan: BuildPlan, expression: str) -> str:
        """Build, and return what ``expression`` is in the result, with its closure and no more."""
        built = self.build(plan)
        config = json.loads((built / "hop3/runtime.json").read_text())
        program = config["workers"]["web"].split()[0]
        bwrap, *rest = only_closure(built, config["env_vars"])
        front = [bwrap, "--chdir", config["working_dir"], *rest]
        argv = [*front, program, "-p", expression]
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


@pytest.fixture(scope="module")
def package_set(state: Path) -> DebianSet:
    chosen = DebianSet(directory=state / "debian")
    chosen.prepare(lambda _line: None, "node")
    return chosen


def make_workshop(directory: Path, state: Path, package_set: DebianSet) -> Workshop:
    resources.write_library(directory / "hop3-nix")
    (directory / "source").mkdir()
    (directory / "source/server.js").write_text("")
    environment = NixSettings(package_set.nix_settings()).environment()
    return Workshop(directory, package_set, environment | {"HOP3_NIX_STATE": str(state)})


@pytest.fixture
def workshop(tmp_path: Path, state: Path, package_set: DebianSet) -> Workshop:
    return make_workshop(tmp_path, state, package_set)


# --- unpacking


def test_packages_stand_where_the_lockfile_says(workshop: Workshop) -> None:
    one = workshop.package("one", {"index.js": "module.exports = 'one ' + require('two')"})
    outer = workshop.package("two", {"index.js": "module.exports = 'outer'"})
    inner = workshop.package("two-inner", {"index.js": "module.exports = 'inner'"})
    plan = workshop.plan(
        modules={
            "node_modules/one": one,
            "node_modules/one/node_modules/two": inner,
            "node_modules/two": outer,
            "node_modules/@scope/two": outer,
        }
    )
    expression = "[require('one'), require('two'), require('@scope/two')].join()"
    assert workshop.node(plan, expression) == "one inner,outer,outer"


def test_a_tarball_may_have_any_top_directory_and_any_modes(workshop: Workshop) -> None:
    name = workshop.package("odd", {"lib/index.js": ""}, top="odd-1.0.0-beta", mode=0o200)
    deps = workshop.build(workshop.plan(modules={"node_modules/odd": name}), "package.app.deps")
    assert (deps / "node_modules/odd/lib/index.js").stat().st_mode & 0o777 == 0o444


def test_links_in_a_tarball_are_left_out(workshop: Workshop) -> None:
    link = tarfile.TarInfo("package/passwd")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    name = workshop.package("sly", extra=link)
    deps = workshop.build(workshop.plan(modules={"node_modules/sly": name}), "package.app.deps")
    assert [file.name for file in (deps / "node_modules/sly").iterdir()] == ["package.json"]


@pytest.mark.parametrize("path", ["../x", "/x", "node_modules/../../x"])
def test_a_layout_that_leads_out_of_the_application_is_refused(
    workshop: Workshop, path: str
) -> None:
    name = workshop.package("x")
    assert "leads out of the application" in workshop.refused(workshop.plan(modules={path: name}))


def test_without_dependencies_there_is_a_bin_directory_all_the_same(workshop: Workshop) -> None:
    deps = workshop.build(workshop.plan(), "package.app.deps")
    assert (deps / "node_modules/.bin").is_dir()
    assert workshop.node(workshop.plan(), "'runs'") == "runs"


def test_a_changed_entry_fetches_one_tarball_and_lays_the_modules_out_again(
    workshop: Workshop,
) -> None:
    names = {f"node_modules/{name}": workshop.package(name) for name in ("a", "b")}
    workshop.build(workshop.plan(modules=names))
    unique = {"index.js": str(workshop.directory)}
    changed = {**names, "node_modules/b": workshop.package("b2", unique, fetchable=False)}
    done = workshop.try_to_build(workshop.plan(modules=changed), "package", "--dry-run")
    paths = [line.strip() for line in done.stderr.splitlines() if line.startswith("  /nix")]
    built = sorted(path.split("-", 1)[1].removesuffix(".drv") for path in paths)
    assert built == ["b2-1.0.0.tgz", "demo", "demo-app", "demo-deps"]


# --- programs


def test_programs_are_linked_and_run_without_the_hosts_node(workshop: Workshop) -> None:
    hello = "#!/usr/bin/env node\r\nconsole.log('hello')\n"
    plan = workshop.plan(
        modules={
            "node_modules/@scope/hello": workshop.package(
                "@scope/hello", {"cli.js": hello}, bin="./cli.js"
            ),
            "node_modules/many": workshop.package(
                "many", {"a.sh": "#!/bin/sh\necho a\n"}, bin={"a": "a.sh", "gone": "none.js"}
            ),
            "node_modules/folder": workshop.package(
                "folder", {"tools/b": "#!/usr/bin/env bash\necho b\n"}, directories={"bin": "tools"}
            ),
        }
    )
    programs = workshop.build(plan, "package.app.deps") / "bin"
    assert sorted(file.name for file in programs.iterdir()) == ["a", "b", "hello"]
    run = "require('child_process').execFileSync"
    expression = f"['hello', 'a', 'b'].map((name) => {run}('{programs}/' + name)).join('')"
    assert workshop.node(plan, expression) == "hello\na\nb"


def test_a_program_cannot_be_a_file_elsewhere(workshop: Workshop) -> None:
    name = workshop.package("sly", bin={"../../x": "../../../server.js", "y": "/etc/passwd"})
    deps = workshop.build(workshop.plan(modules={"node_modules/sly": name}), "package.app.deps")
    assert list((deps / "bin").iterdir()) == []


# --- install scripts


def test_install_scripts_run_only_where_they_are_allowed(workshop: Workshop) -> None:
    scripts = {event: f"echo {event} >>ran" for event in ("preinstall", "install", "postinstall")}
    plan = workshop.plan(
        modules={
            "node_modules/yes": workshop.package("yes", scripts=scripts),
            "node_modules/no": workshop.package("no", scripts=scripts),
        },
        allow_scripts=["yes"],
    )
    modules = workshop.build(plan, "package.app.deps") / "node_modules"
    assert (modules / "yes/ran").read_text() == "preinstall\ninstall\npostinstall\n"
    assert not (modules / "no/ran").exists()


def test_an_install_script_that_fails_is_named(workshop: Workshop) -> None:
    name = workshop.package("broken", scripts={"postinstall": "exit 3"})
    plan = workshop.plan(modules={"node_modules/broken": name}, allow_scripts=["broken"])
    said = workshop.refused(plan)
    assert "broken 1.0.0: its postinstall script failed with status 3: exit 3" in said


ADDON = {
    "binding.gyp": json.dumps({"targets": [{"target_name": "answer", "sources": ["answer.c"]}]}),
    "answer.c": """\
#include <node_api.h>
NAPI_MODULE_INIT() {
  napi_value answer;
  napi_create_int32(env, 42, &answer);
  return answer;
}
""",
    "index.js": "module.exports = require('./build/Release/answer.node')",
}


def test_an_addon_is_compiled_and_keeps_nothing_of_how_it_was_made(workshop: Workshop) -> None:
    name = workshop.package("answer", ADDON)
    plan = workshop.plan(modules={"node_modules/answer": name}, compile=True)
    assert workshop.node(plan, "String(require('answer'))") == "42"
    deps = workshop.build(plan, "package.app.deps", "--check")
    made = [path for path in (deps / "node_modules/answer/build").rglob("*") if path.is_file()]
    assert [path.name for path in made] == ["answer.node"]


def test_an_addon_that_nobody_expected_is_named(workshop: Workshop) -> None:
    name = workshop.package("answer", ADDON)
    assert "answer has to be compiled" in workshop.refused(
        workshop.plan(modules={"node_modules/answer": name})
    )


def test_an_addon_that_brings_its_binary_is_not_compiled(workshop: Workshop) -> None:
    files = {**ADDON, "prebuilds/linux-x64/answer.node": "", "prebuilds/linux-arm64/a.node": ""}
    name = workshop.package("answer", files)
    workshop.build(workshop.plan(modules={"node_modules/answer": name}))


# --- links and workspaces


def test_a_store_of_links_works_as_pnpm_lays_it_out(workshop: Workshop) -> None:
    store = "node_modules/.pnpm"
    plan = workshop.plan(
        modules={
            f"{store}/one@1.0.0/node_modules/one": workshop.package(
                "one", {"index.js": "module.exports = 'one ' + require('two')"}
            ),
            f"{store}/two@1.0.0/node_modules/two": workshop.package(
                "two", {"index.js": "module.exports = 'two'"}, bin="index.js"
            ),
        },
        links={
            "node_modules/one": f"{store}/one@1.0.0/node_modules/one",
            f"{store}/one@1.0.0/node_modules/two": f"{store}/two@1.0.0/node_modules/two",
        },
    )
    assert workshop.node(plan, "require('one')") == "one two"
    deps = workshop.build(plan, "package.app.deps")
    assert (deps / store / "one@1.0.0/node_modules/.bin/two").exists()
    assert not (deps / "bin/two").exists()


WORKSPACE = {
    "packages/greeting/package.json": json.dumps({"name": "greeting", "bin": {"greet": "cli.js"}}),
    "packages/greeting/index.js": "module.exports = 'hello ' + require('inner')",
    "packages/greeting/cli.js": "#!/usr/bin/env node\nconsole.log(require('greeting'))\n",
}


@pytest.mark.parametrize("node_modules", ["linked", "copied"])
def test_packages_of_the_application_are_linked(workshop: Workshop, node_modules: Kept) -> None:
    workshop.source(WORKSPACE)
    inner = workshop.package("inner", {"index.js": "module.exports = 'world'"})
    other = workshop.package("other", {"index.js": "module.exports = 'other'"})
    plan = workshop.plan(
        modules={
            "node_modules/@scope/other": other,
            "node_modules/other": other,
            "packages/greeting/node_modules/inner": inner,
        },
        links={
            "node_modules/@scope/greeting": "packages/greeting",
            "node_modules/greeting": "packages/greeting",
        },
        steps=("greet >greeted",),
        node_modules=node_modules,
    )
    expression = "[require('greeting'), require('@scope/greeting'), require('@scope/other')].join()"
    assert workshop.node(plan, expression) == "hello world,hello world,other"
    app = workshop.app(plan)
    assert (app / "greeted").read_text() == "hello world\n"
    assert str((app / "node_modules/greeting").readlink()) == "../packages/greeting"
    assert (app / "node_modules/other").is_symlink() == (node_modules == "linked")


# --- build steps


def with_tool(workshop: Workshop, **options: Any) -> BuildPlan:
    """Return a plan whose step is made by a package that only steps have."""
    tool = "#!/usr/bin/env node\nrequire('fs').writeFileSync('made', require('used'))\n"
    return workshop.plan(
        modules={
            "node_modules/used": workshop.package("used", {"index.js": "module.exports = 'used'"})
        },
        build_modules={
            "node_modules/tool": workshop.package("tool", {"cli.js": tool}, bin="cli.js")
        },
        **options,
    )


def test_steps_have_what_is_not_in_the_result(workshop: Workshop) -> None:
    workshop.source({"package.json": json.dumps({"scripts": {"build": "tool && echo $NODE_ENV"}})})
    plan = with_tool(workshop, steps=("npm run build", "touch node_modules/.trace"))
    app = workshop.app(plan)
    assert (app / "made").read_text() == "used"
    assert (app / "node_modules").is_symlink()
    assert sorted(path.name for path in (app / "node_modules").iterdir()) == [".bin", "used"]
    names = [path.split("-", 1)[1] for path in closure(workshop.build(plan))]
    assert not [name for name in names if "build-deps" in name or name.startswith("nodejs-2")]


def test_what_steps_left_in_a_copy_stays_and_their_own_packages_go(workshop: Workshop) -> None:
    steps = ("tool", "mkdir node_modules/.made", "touch node_modules/.made/x node_modules/.cache")
    plan = with_tool(workshop, steps=steps, node_modules="copied")
    modules = workshop.app(plan) / "node_modules"
    assert sorted(path.name for path in modules.iterdir()) == [".bin", ".made", "used"]
    assert list((modules / ".bin").iterdir()) == []


def test_a_result_may_have_no_modules(workshop: Workshop) -> None:
    plan = with_tool(workshop, steps=("tool",), node_modules="none")
    app = workshop.app(plan)
    assert (app / "made").exists()
    assert not (app / "node_modules").exists()


def test_without_steps_what_they_need_is_not_even_fetched(workshop: Workshop) -> None:
    nowhere = workshop.package("nowhere", {"x": str(workshop.directory)}, fetchable=False)
    used = workshop.package("used")
    plan = workshop.plan(
        modules={"node_modules/used": used}, build_modules={"node_modules/nowhere": nowhere}
    )
    assert (workshop.app(plan) / "node_modules/used").is_dir()


def test_a_development_shell_has_npm_and_the_programs_of_steps(workshop: Workshop) -> None:
    plan = with_tool(workshop, steps=("true",))
    workshop.build(plan, "env")
    done = workshop.nix("nix-shell", "hop3.nix", "-A", "env", "--run", "which npm node tool")
    assert done.returncode == 0, done.stderr
    assert [Path(line).name for line in done.stdout.split()] == ["npm", "node", "tool"]


def test_a_step_may_run_a_script_of_the_application(workshop: Workshop) -> None:
    workshop.source(
        {"tools/make": "#!/usr/bin/env node\nrequire('fs').writeFileSync('made', '')\n"}
    )
    assert (workshop.app(workshop.plan(steps=("./tools/make",))) / "made").exists()


def test_a_node_modules_of_the_applications_own_stays_if_it_is_elsewhere(
    workshop: Workshop,
) -> None:
    plan = workshop.plan(
        modules={"node_modules/x": workshop.package("x")},
        steps=("mkdir -p vendor/node_modules/own", "touch vendor/node_modules/own/index.js"),
    )
    assert (workshop.app(plan) / "vendor/node_modules/own/index.js").exists()


# --- a real application


SERVER = """\
const express = require('express');
const sharp = require('sharp');
const ext = require('fs-ext');
const app = express();
const blank = {create: {width: 8, height: 8, channels: 3, background: 'red'}};
app.use(express.static('dist'));
app.get('/version', (_, answer) => answer.send(process.version));
app.get('/image', async (_, answer) =>
  answer.send((await sharp(blank).png().toBuffer()).subarray(1, 4).toString()));
app.get('/lock', (_, answer) => {
  ext.flockSync(require('fs').openSync('/tmp/lock', 'w'), 'ex');
  answer.send('locked');
});
app.listen(process.env.PORT);
"""


@pytest.fixture(scope="module")
def real(
    tmp_path_factory: pytest.TempPathFactory, state: Path, package_set: DebianSet
) -> tuple[Workshop, BuildPlan]:
    """Return express, sharp, an addon of C++, Vite and a compiled program, locked by npm."""
    workshop = make_workshop(tmp_path_factory.mktemp("real"), state, package_set)
    manifest = {
        "name": "real",
        "version": "1.0.0",
        "scripts": {"build": "vite build && esbuild --version && oxlint --version"},
        "dependencies": {"express": "4.21.2", "fs-ext": "2.1.1", "sharp": "0.33.5"},
        "devDependencies": {"esbuild": "0.24.2", "oxlint": "0.15.5", "vite": "6.0.7"},
    }
    workshop.source(
        {
            "package.json": json.dumps(manifest),
            "server.js": SERVER,
            "index.html": "<!doctype html><script type=module src=/main.js></script>",
            "main.js": "document.body.textContent = 'made by Vite'",
        }
    )
    npm("install", "--package-lock-only", "--ignore-scripts", cwd=workshop.directory / "source")
    registry = npm("config", "get", "registry", cwd=workshop.directory).strip().rstrip("/")
    lock = json.loads((workshop.directory / "source/package-lock.json").read_text())
    modules: dict[str, Any] = {"modules": {}, "build_modules": {}}
    for path, entry in lock["packages"].items():
        if path and all(
            wanted in entry.get(key, [wanted])
            for key, wanted in (("os", "linux"), ("cpu", "x64"), ("libc", "glibc"))
        ):
            name, version = path.rpartition("node_modules/")[2], entry["version"]
            filename = f"{name.replace('/', '+')}-{version}.tgz"
            workshop.files[filename] = LockedFile(
                name=name,
                version=version,
                filename=filename,
                url=f"{registry}/{name}/-/{name.rpartition('/')[2]}-{version}.tgz",
                integrity=entry["integrity"],
            )
            is_tool = entry.get("dev") or entry.get("devOptional")
            modules["build_modules" if is_tool else "modules"][path] = filename
    return workshop, workshop.plan(steps=("npm run build",), compile=True, **modules)


def npm(*arguments: str, cwd: Path) -> str:
    done = subprocess.run(
        ["npm", *arguments],
        cwd=cwd,
        env={**os.environ, "npm_config_loglevel": "error"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_real_application_answers_with_only_its_closure(
    real: tuple[Workshop, BuildPlan], package_set: DebianSet
) -> None:
    workshop, plan = real
    built, port = workshop.build(plan), free_port()
    (version,) = (o.version for o in package_set.target().offers if o.named == NODE)
    front = only_closure(built, {"PORT": str(port)})
    with started([*front, str(built / "bin/web")]) as log:
        assert fetch(port, "/version", log) == (200, f"v{version}")
        assert fetch(port, "/image", log) == (200, "PNG")
        assert fetch(port, "/lock", log) == (200, "locked")
        assert "/assets/index-" in fetch(port, "/", log)[1]


def test_a_real_application_has_no_npm_no_compiler_and_no_tarball(
    real: tuple[Workshop, BuildPlan],
) -> None:
    workshop, plan = real
    names = [path.split("-", 1)[1] for path in closure(workshop.build(plan))]
    wanted = ["bash", "coreutils", "demo", "demo-app", "demo-deps", "glibc", "stdcxx"]
    assert sorted(name for name in names if not name.startswith("nodejs-slim-")) == wanted


def test_a_real_application_is_the_same_when_it_is_built_again(
    real: tuple[Workshop, BuildPlan],
) -> None:
    workshop, plan = real
    workshop.build(plan)
    for attribute in ("package.app.deps", "package.app.deps.forBuild", "package.app", "package"):
        workshop.build(plan, attribute, "--check")
