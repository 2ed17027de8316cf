"""Deno of the embedded set on real Nix: packages of npm and JSR, modules by address."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Final

import pytest

from hop3_nix.files.resources import NIX
from hop3_nix.packagesets import DebianSet
from running import answer_of, closure, only_closure

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conftest import Cli, Nix


@pytest.fixture(scope="module")
def deno(nix: Nix, state: Path) -> Path:
    DebianSet(directory=state / "debian").prepare(lambda _line: None, "deno")
    done = nix("nix-build", "--no-out-link", NIX / "debian", "-A", "deno")
    return Path(done.stdout.strip())


def test_deno_runs_with_nothing_but_its_closure(deno: Path) -> None:
    front = only_closure(deno, {"HOME": "/tmp", "DENO_NO_UPDATE_CHECK": "1"})
    program = "console.log(new Date(0).toLocaleTimeString('fr', {timeZone: 'Europe/Paris'}))"
    argv = [*front, f"{deno}/bin/deno", "eval", program]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.stdout == "01:00:00\n", done.stderr
    names = sorted(path.split("-", 1)[1].partition("-")[0] for path in closure(deno))
    assert names == ["deno", "glibc", "stdcxx"]


# --- registries of our own

MODULES: Final = {
    "@me/greet/1.0.0/mod.ts": 'import { hi } from "./lib/hi.ts";\n'
    "export const greet = (name: string): string => `${hi}, ${name}`;\n",
    "@me/greet/1.0.0/lib/hi.ts": 'export const hi = "Hello";\n',
    "x/mod.ts": "export const answer: number = 42;\n",
    "x/plain": 'export const plain = "plain";\n',
}


class Typed(SimpleHTTPRequestHandler):
    """Sends modules as their registries do, and one from another place."""

    extensions_map = {  # noqa: RUF012 - as the class has it
        ".ts": "application/typescript",
        ".json": "application/json",
        "": "application/javascript",
    }

    def do_GET(self) -> None:
        if self.path != "/latest":
            super().do_GET()
            return
        self.send_response(302)
        self.send_header("Location", "/x/plain")
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        pass


@contextmanager
def registry(directory: Path) -> Iterator[str]:
    """Serve a package as JSR has it, and modules by their addresses."""
    for path, text in MODULES.items():
        (directory / path).parent.mkdir(parents=True, exist_ok=True)
        (directory / path).write_text(text)
    top = "@me/greet/1.0.0"
    manifest = {
        path.removeprefix(top): {
            "size": len(text),
            "checksum": f"sha256-{hashlib.sha256(text.encode()).hexdigest()}",
        }
        for path, text in MODULES.items()
        if path.startswith(top)
    }
    said = {"manifest": manifest, "exports": {".": "./mod.ts"}}
    (directory / f"{top}_meta.json").write_text(json.dumps(said))
    versions = {"scope": "me", "name": "greet", "latest": "1.0.0", "versions": {"1.0.0": {}}}
    (directory / "@me/greet/meta.json").write_text(json.dumps(versions))
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Typed, directory=str(directory)))
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def locked(deno: Path, app: Path, code: str, config: Mapping[str, object]) -> Path:
    """Return ``app`` with a deno.lock that Deno itself has written, and Deno's cache beside it."""
    app.mkdir()
    (app / "deno.json").write_text(json.dumps(config))
    (app / "main.ts").write_text(code)
    cache = app.with_name("cache")
    env = {**os.environ, "DENO_DIR": str(cache), "DENO_NO_UPDATE_CHECK": "1"}
    for more in ([], ["--entrypoint", "main.ts"]):
        argv = [f"{deno}/bin/deno", "install", "--allow-import", "--node-modules-dir=none", *more]
        subprocess.run(argv, cwd=app, env=env, check=True)
    return cache


@pytest.mark.parametrize("builder", ["nix", "local"])
def test_jsr_and_addresses_are_there_without_a_network(
    builder: str, deno: Path, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{deno}/bin:{os.environ['PATH']}")
    with registry(tmp_path / "registry") as address:
        monkeypatch.setenv("JSR_URL", f"{address}/")
        code = (
            'import { greet } from "greet";\n'
            f'import {{ answer }} from "{address}/x/mod.ts";\n'
            f'import {{ plain }} from "{address}/latest";\n'
            "Deno.serve(() => new Response(`${greet(plain)} ${answer}`));\n"
        )
        app = tmp_path / "app"
        locked(deno, app, code, {"imports": {"greet": "jsr:@me/greet@^1.0.0"}})
        built = cli("build", app, "--builder", builder, "--json", "--lock")
    monkeypatch.delenv("JSR_URL")
    # Nobody listens where it came from any more.
    location = Path(json.loads(built.stdout)["location"])
    assert answer_of(location, builder) == "Hello, plain 42"


def test_node_modules_are_those_that_deno_installs(deno: Path, cli: Cli, tmp_path: Path) -> None:
    app = tmp_path / "app"
    imports = {"send": "npm:send@0.19.0", "semver": "npm:semver@7.6.0"}
    config = {"nodeModulesDir": "auto", "imports": imports}
    cache = locked(deno, app, 'import send from "send"; console.log(send);', config)
    artifact = json.loads(cli("build", app, "--builder", "nix", "--json", "--check").stdout)
    tree = Path(artifact["runtime"]["working_dir"])
    theirs = shutil.copytree(app, tmp_path / "theirs")
    env = {**os.environ, "DENO_DIR": str(cache)}
    subprocess.run([f"{deno}/bin/deno", "install", "--frozen"], cwd=theirs, env=env, check=True)
    found = subprocess.run(
        ["diff", "--recursive", "--no-dereference", tree / "node_modules", theirs / "node_modules"],
        capture_output=True,
        text=True,
        check=False,
    )
    # What Deno keeps for itself: a lock, and when it has looked at each package.
    said = [line for line in found.stdout.splitlines() if ".setup-cache.bin" not in line]
    assert said == [f"Only in {theirs}/node_modules/.deno: .deno.lock"]
    assert '"manual"' in (tree / "deno.json").read_text()


def test_root_writes_nothing_into_the_store(deno: Path, cli: Cli, tmp_path: Path, nix: Nix) -> None:
    app = tmp_path / "app"
    code = 'import ms from "ms"; Deno.serve(() => new Response(String(ms("1s"))));'
    locked(deno, app, code, {"imports": {"ms": "npm:ms@2.1.3"}})
    location = Path(json.loads(cli("build", app, "--builder", "nix", "--json").stdout)["location"])
    assert answer_of(location, "local") == "1000"
    for path in closure(location):
        if path.endswith(("-app", "-deps")):
            nix("nix-store", "--verify-path", path)
