"""One artifact, started in all eight ways: every process finds the same around it."""

from __future__ import annotations

import json
import os
import runpy
import shlex
import sys
from datetime import UTC, datetime
from pathlib import Path
from re import fullmatch
from typing import TYPE_CHECKING, Any

import pytest

from conftest import COMMAND, ROOT
from hop3_nix.contract import read_artifact
from hop3_nix.deploy.releases.layout import Layout
from hop3_nix.deploy.releases.processes import Processes
from hop3_nix.deploy.releases.record import Instance, Release, write_release
from hop3_nix.deploy.releases.settings import Settings
from hop3_nix.deploy.services import starter
from hop3_nix.deploy.services.starter_file import for_starter
from hop3_nix.deploy.services.units import units_of
from nixos import module
from running import fetch, free_port, started

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeAlias

    from conftest import Cli, Nix

    Start: TypeAlias = tuple[list[str], Mapping[str, str], Path]

APP = """
import http.server, json, os, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        seen = {"environment": dict(os.environ), "directory": os.getcwd(), "argv": sys.argv}
        seen["settings"] = json.load(open(os.environ["SETTINGS"]))
        body = json.dumps(seen).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""
HOP3_TOML = """
[env]
_policy = "override"
GREETING = "it's %d \\"quoted\\""
TOKEN = { generate = "hex", length = 4 }
[env.computed]
SETTINGS = "${HOP3_STATE_DIR}/settings/shop.json"
[[nix.at-start.files]]
path = "${SETTINGS}"
format = "json"
content = { port = "${PORT|number}", words = ["${GREETING}", "${TOKEN}"] }
"""
OF_A_HOST = {"PATH": "/usr/bin:/bin", "HOME": "/root", "GREETING": "of the host"}


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    app = tmp_path_factory.mktemp("environment") / "shop"
    app.mkdir()
    (app / "app.py").write_text(APP)
    (app / "requirements.txt").touch()
    (app / "Procfile").write_text("web: python app.py 'one word' $PORT\n")
    (app / "hop3.toml").write_text(HOP3_TOML)
    return app


@pytest.fixture(scope="module")
def location(cli: Cli, source: Path) -> Path:
    return Path(json.loads(cli("build", source, "--builder", "nix", "--json").stdout)["location"])


@pytest.fixture
def service(location: Path, cli: Cli, source: Path, tmp_path: Path) -> Callable[[int], Any]:
    """Return what deploy tells a service manager of the web worker on a port."""
    record = tmp_path / "BUILD_ARTIFACT.json"
    record.write_text(cli("build", source, "--builder", "nix", "--json").stdout)

    def service(port: int) -> Any:
        release = Release(
            app="shop",
            number=1,
            reason="deploy",
            created=datetime.now(UTC),
            replaces=None,
            artifact=read_artifact(record),
            generation=None,
            settings=Settings(),
            variables=(),
            tree=None,
            instances=(Instance(worker="web", number=1, port=port),),
        )
        place = Layout(tmp_path / "root").app("shop")
        write_release(place, release, {})
        (only,) = Processes(place, release, tmp_path / "state").services()
        assert only.argv == (f"{location}/bin/web",)
        return only

    return service


@pytest.fixture
def ways(
    location: Path,
    service: Callable[[int], Any],
    nix: Nix,
    state: Path,
    tmp_path: Path,
) -> dict[str, Callable[[int], Start]]:
    """Return, for each way, what is started on a port: arguments, environment, directory."""
    own = {**OF_A_HOST, "HOP3_NIX_STATE": str(state), "HOP3_STATE_DIR": str(tmp_path / "state")}

    def command(*arguments: str) -> Callable[[int], Start]:
        return lambda port: ([str(COMMAND), *arguments], {**own, "PORT": str(port)}, tmp_path)

    def systemd(port: int) -> Start:
        told = service(port)
        lines = [line.partition("=") for line in units_of(told, "system")[0].text.splitlines()]
        found = {name: value for name, _, value in lines}
        given = [shlex.split(value)[0] for name, _, value in lines if name == "Environment"]
        variables = dict(each.replace("%%", "%").split("=", 1) for each in given)
        directory = Path(found["WorkingDirectory"])
        argv = shlex.split(found["ExecStart"].removeprefix(":"))
        return argv, {**OF_A_HOST, **variables}, directory

    def supervisord(port: int) -> Start:
        file = tmp_path / f"service-{port}"
        file.write_text(for_starter(service(port), None))
        argv = [sys.executable, "-I", "-S", starter.__file__, str(file), f"{file}-record"]
        return argv, OF_A_HOST, tmp_path

    def image(port: int) -> Start:
        told = {"title": "shop", "version": "", "description": "", "system": "x86_64-linux"}
        # What the image starts with becomes this launcher, by its name in the image's /bin.
        own = {"entrypoint": [f"{location}/bin/web"], "labels": {}, "workers": ["web"]}
        spec = {**told, **own, "bundle": str(location), "port": port, "worker": "web"}
        writer = runpy.run_path(str(ROOT / "nix/lib/image/oci_image.py"))
        config = writer["configuration"](spec, [])["config"]
        variables = dict(each.split("=", 1) for each in config["Env"])
        assert variables["HOP3_STATE_DIR"] == "/state"
        variables["HOP3_STATE_DIR"] = str(tmp_path / "state")
        assert list(config["ExposedPorts"]) == [f"{variables['PORT']}/tcp"]
        return config["Entrypoint"], variables, Path(config["WorkingDir"])

    def nixos(port: int) -> Start:
        package = f'{{ outPath = "{location}"; runtime.workers.web = "x"; }}'
        unit = module(f"{{ shop = {{ package = {package}; port = {port}; }}; }}").services[
            "hop3-shop-web-1"
        ]
        start = unit["serviceConfig"]["ExecStart"].removeprefix(":")
        kept = {"HOP3_STATE_DIR": str(tmp_path / "state")}
        return [start], {**OF_A_HOST, **unit["environment"], **kept}, Path("/")

    def flake(port: int) -> Start:
        text = (
            f"let pkgs = import {ROOT}/nix/debian {{ lock = {state}/debian/lock.json; }}; in "
            f'import {ROOT}/nix/lib/flake/runner.nix {{ inherit pkgs; }} {{ worker = "web"; '
            f'package = {{ name = "shop"; outPath = builtins.storePath "{location}"; }}; }}'
        )
        program = nix("nix-build", "--no-out-link", "-E", text).stdout.strip()
        return [program], {**own, "PORT": str(port)}, tmp_path

    def server(port: int) -> Start:
        """Return what a Hop3 server does: the artifact's variables, and its own directory."""
        runtime = json.loads((location / "hop3/runtime.json").read_text())
        variables = {**OF_A_HOST, **runtime["env_vars"], "PORT": str(port)}
        variables["HOP3_STATE_DIR"] = str(tmp_path / "state")
        variables["PATH"] = ":".join([*runtime["path_prepend"], OF_A_HOST["PATH"]])
        return ["/bin/sh", "-c", f"exec {location}/bin/web"], variables, tmp_path

    return {
        "run": command("run", str(location)),
        "exec": command("exec", "web", str(location)),
        "exec --": lambda port: command(
            "exec", str(location), "--", "python", "app.py", "one word", str(port)
        )(port),
        "systemd": systemd,
        "supervisord": supervisord,
        "image": image,
        "nixos": nixos,
        "flake": flake,
        "server": server,
    }


def seen(start: Start, port: int) -> Any:
    argv, env, directory = start
    here = Path.cwd()
    os.chdir(directory)
    try:
        with started(argv, env=env) as log:
            status, text = fetch(port, "/", log)
    finally:
        os.chdir(here)
    assert status == 200
    return json.loads(text)


def test_all_ways_of_starting_agree(
    ways: dict[str, Callable[[int], Start]], location: Path
) -> None:
    runtime = json.loads((location / "hop3/runtime.json").read_text())
    names = {*runtime["env_vars"], "PATH"}
    expected = {**runtime["env_vars"], "PATH": ":".join(runtime["path_prepend"])}
    assert expected["GREETING"] == 'it\'s %d "quoted"'
    for way, start in ways.items():
        port = free_port()
        found = seen(start(port), port)
        assert {name: found["environment"].get(name) for name in names} == expected, way
        assert found["directory"] == runtime["working_dir"], way
        assert found["argv"] == ["app.py", "one word", str(port)], way
        assert found["environment"]["PORT"] == str(port), way
        token = found["environment"]["TOKEN"]
        assert found["settings"] == {"port": port, "words": [expected["GREETING"], token]}, way
        assert fullmatch("[0-9a-f]{8}", token), way
        assert not {"HOP3_APP_DIR", "HOP3_KEEP"} & found["environment"].keys(), way
