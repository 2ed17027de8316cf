"""The runner that stands for npm, pnpm and yarn, with the embedded set's Node."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import time
from typing import TYPE_CHECKING, Any

import pytest

from hop3_nix.files import resources
from hop3_nix.nix.commands import NixSettings
from hop3_nix.packagesets import DebianSet

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TOP: dict[str, Any] = {
    "name": "top",
    "version": "1.2.3",
    "config": {"greeting": "hi"},
    "workspaces": ["packages/*"],
    "dependencies": {"there": "1"},
    "scripts": {
        "prestart": "echo before",
        "start": "echo $npm_package_name $npm_package_version $npm_package_config_greeting",
        "poststart": "echo after",
        "inner": "cd packages/web && npm run build",
        "args": "node -e 'console.log(JSON.stringify(process.argv.slice(1)))' --",
        "unset": "false; echo [$UNSET]",
        "fails": "exit 3",
        "event": "echo $npm_lifecycle_event; echo $0",
        "waits": "exec node wait.js",
    },
}
API = {
    "name": "@me/api",
    "version": "2.0.0",
    "dependencies": {"web": "*"},
    "scripts": {"start": "echo api $npm_package_version", "build": "echo api-build"},
}
WEB = {"name": "web", "version": "3.0.0", "scripts": {"build": "echo web-build", "say": "said"}}
SAID = "#!/bin/sh\necho said by web"
WAIT = (
    "process.on('SIGTERM', () => process.exit(7)); console.log('waits'); setInterval(() => {}, 999)"
)


@pytest.fixture(scope="module")
def path(state: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return PATH with the runner, a Node and what scripts call."""
    chosen = DebianSet(directory=state / "debian")
    chosen.prepare(lambda _line: None, "node")
    directory = tmp_path_factory.mktemp("runner")
    resources.write_library(directory / "hop3-nix")
    (directory / "runner.nix").write_text(
        f"""let pkgs = {chosen.expression()}; hop3 = import ./hop3-nix/lib {{ inherit pkgs; }};
        in [ hop3.node.runner pkgs.nodejs-slim_22 pkgs.coreutils ]"""
    )
    built = subprocess.run(
        ["nix-build", "--no-out-link", directory / "runner.nix"],
        env=NixSettings(chosen.nix_settings()).environment(),
        check=True,
        capture_output=True,
        text=True,
    )
    return ":".join(f"{each}/bin" for each in built.stdout.split())


@pytest.fixture
def app(tmp_path: Path) -> Path:
    for directory, manifest in (("", TOP), ("packages/api", API), ("packages/web", WEB)):
        (tmp_path / directory).mkdir(parents=True, exist_ok=True)
        (tmp_path / directory / "package.json").write_text(json.dumps(manifest))
    for directory in ("node_modules/there", "packages/web/node_modules/.bin"):
        (tmp_path / directory).mkdir(parents=True)
    (tmp_path / "packages/web/node_modules/.bin/said").write_text(SAID)
    (tmp_path / "packages/web/node_modules/.bin/said").chmod(0o755)
    (tmp_path / "wait.js").write_text(WAIT)
    return tmp_path


@pytest.fixture
def run(app: Path, path: str) -> Callable[[str], subprocess.CompletedProcess[str]]:
    def call(line: str) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": path, "HOME": str(app)}
        return subprocess.run(
            ["/bin/sh", "-c", line],
            cwd=app,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    return call


@pytest.mark.parametrize(
    ("line", "printed"),
    [
        ("npm start", "before\ntop 1.2.3 hi\nafter\n"),
        ("yarn start", "before\ntop 1.2.3 hi\nafter\n"),
        ("npm run event", "event\nsh\n"),
        ("npm run unset", "[]\n"),
        ("npm run inner", "web-build\n"),
        ("cd packages/web && npm run build", "web-build\n"),
        ("cd packages/web && npm run say", "said by web\n"),
        ("npm run build --prefix packages/web", "web-build\n"),
        ("npm --prefix packages/api start", "api 2.0.0\n"),
        ("npm start -w packages/api", "api 2.0.0\n"),
        ("npm run start --workspace=@me/api", "api 2.0.0\n"),
        ("npm run build --workspaces", "web-build\napi-build\n"),
        ("npm run build -ws --if-present", "web-build\napi-build\n"),
        ("yarn workspace @me/api start", "api 2.0.0\n"),
        ("yarn --cwd packages/api run start", "api 2.0.0\n"),
        ("yarn workspaces foreach -A run build", "web-build\napi-build\n"),
        ("yarn workspaces run build", "web-build\napi-build\n"),
        ("pnpm --filter @me/api start", "api 2.0.0\n"),
        ("pnpm --filter ./packages/api run start", "api 2.0.0\n"),
        ("pnpm --filter '@me/api...' build", "web-build\napi-build\n"),
        ("pnpm -r build", "web-build\napi-build\n"),
        ("pnpm -C packages/api start", "api 2.0.0\n"),
        ("npm run args -- --port 3 'a b'", '["--port","3","a b"]\n'),
        ("npm run args --port 3 b", '["b"]\n'),
        ("yarn args --port 3 'a b'", '["--port","3","a b"]\n'),
        ("pnpm run args --port 3 'a b'", '["--port","3","a b"]\n'),
        ("cd packages/web && npx said", "said by web\n"),
        ("cd packages/web && npm exec said", "said by web\n"),
        ("cd packages/web && yarn said", "said by web\n"),
        ("cd packages/web && pnpm exec said", "said by web\n"),
        ("bun run event", "event\nsh\n"),
        ("bun run args --port 3 'a b'", '["--port","3","a b"]\n'),
        ("bun --filter @me/api start", "api 2.0.0\n"),
        ("bun --cwd packages/api run start", "api 2.0.0\n"),
        ("cd packages/web && bunx said", "said by web\n"),
        ("cd packages/web && bun run said", "said by web\n"),
        ("bun install", ""),
        ("npm ci", ""),
        ("npm install there", ""),
        ("yarn", ""),
        ("npm run missing --if-present", ""),
    ],
)
def test_what_a_package_manager_would_run_is_run(
    run: Callable[[str], subprocess.CompletedProcess[str]], line: str, printed: str
) -> None:
    done = run(line)
    assert (done.returncode, done.stdout) == (0, printed), done.stderr


@pytest.mark.parametrize(
    ("line", "status", "said"),
    [
        ("npm run fails", 3, ""),
        ("npm run missing", 1, 'there is no script "missing" in'),
        ("npm start -w nobody", 1, "there is no workspace nobody"),
        ("pnpm --filter '...web' build", 1, "is not understood"),
        ("npm --prefix nowhere start", 1, "there is no directory"),
        ("npx missing", 1, 'no installed package has a program "missing"'),
        ("npm install left-pad", 1, "left-pad: nothing is fetched here"),
        ("npm publish", 1, "npm itself is not here"),
        ("bun wait.js", 1, "bun itself is not here"),
        ("bun test", 1, "bun itself is not here"),
    ],
)
def test_what_cannot_be_run_is_said(
    run: Callable[[str], subprocess.CompletedProcess[str]], line: str, status: int, said: str
) -> None:
    done = run(line)
    assert done.returncode == status
    assert said in done.stderr


def test_a_directory_whose_packages_are_not_there_is_said(
    app: Path, run: Callable[[str], subprocess.CompletedProcess[str]]
) -> None:
    (app / "client").mkdir()
    (app / "client/package.json").write_text('{"dependencies": {"gone": "1"}}')
    done = run("cd client && npm install")
    assert done.returncode == 1
    assert "requires gone, which is not installed" in done.stderr


def test_a_signal_reaches_the_script(app: Path, path: str) -> None:
    worker = subprocess.Popen(
        [shutil.which("npm", path=path) or "", "run", "waits"],
        cwd=app,
        env={"PATH": path},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert worker.stdout is not None
    assert worker.stdout.readline() == "waits\n"
    time.sleep(0.05)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(20) == 7
    worker.stdout.close()
