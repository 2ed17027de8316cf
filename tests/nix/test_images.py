"""Images of applications: what is in them, and that other people's tools run them."""

from __future__ import annotations

import json
import shutil
import subprocess
import tarfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conftest import ROOT
from running import closure, fetch, free_port, started, wait_for_output

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Cli, Nix

NAME = "flask-demo"


@pytest.fixture(scope="module")
def app(cli: Cli, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the Flask example, rendered."""
    app = tmp_path_factory.mktemp("images") / "app"
    shutil.copytree(ROOT / "examples/python-flask", app)
    cli("render", app, "--pkgs", "debian", "-o", app / "hop3.nix")
    return app


def build(nix: Nix, app: Path, expression: str, name: str) -> Path:
    """Return the store path of ``expression``, in which ``x`` is what hop3.nix gives."""
    text = (
        f"let pkgs = import {app}/hop3-nix/debian {{ }}; "
        f"hop3 = import {app}/hop3-nix/lib {{ inherit pkgs; }}; "
        f"x = import {app}/hop3.nix {{ inherit pkgs hop3; }}; in {expression}"
    )
    link = app.parent / name
    nix("nix-build", "-E", text, "-o", link)
    return link.resolve()


@pytest.fixture(scope="module")
def bundle(nix: Nix, app: Path) -> Path:
    return build(nix, app, "x.package", "package")


@pytest.fixture(scope="module")
def image(nix: Nix, app: Path) -> Path:
    return build(nix, app, "x.image", "image")


def skopeo(*arguments: str | Path) -> Any:
    done = subprocess.run(
        ["skopeo", *map(str, arguments)], check=True, capture_output=True, text=True
    )
    return json.loads(done.stdout) if done.stdout.strip() else None


def test_it_says_how_it_runs_as_runtime_json_does(image: Path, bundle: Path) -> None:
    runtime = json.loads((bundle / "hop3/runtime.json").read_text())
    shown = skopeo("inspect", "--config", f"oci-archive:{image}")
    config = shown["config"]
    environment = dict(entry.split("=", 1) for entry in config["Env"])
    assert config["Entrypoint"] == [f"{bundle}/bin/web"]
    assert config["WorkingDir"] == runtime["working_dir"]
    assert environment.items() >= runtime["env_vars"].items()
    assert environment["PATH"].split(":") == runtime["path_prepend"]
    assert environment["PORT"] == "8000"
    assert config["ExposedPorts"] == {"8000/tcp": {}}
    assert config["User"] == "1000:1000"
    assert (shown["architecture"], shown["os"]) == ("amd64", "linux")


def test_it_tells_its_name_its_version_and_its_other_workers(image: Path, bundle: Path) -> None:
    labels = skopeo("inspect", f"oci-archive:{image}")["Labels"]
    assert labels["org.opencontainers.image.title"] == NAME
    assert labels["org.opencontainers.image.version"] == "1.0"
    assert labels["hop3.worker.ticker"] == f"{bundle}/bin/ticker"


def test_each_store_path_is_a_layer_and_nothing_else_is_there(image: Path, bundle: Path) -> None:
    with tarfile.open(image) as archive:
        manifest = read(archive, "manifest.json")
        layers = [set(names(archive, layer)) for layer in manifest[0]["Layers"]]
    assert manifest[0]["RepoTags"] == [f"{NAME}:1.0"]
    first, *others = layers
    roots = [{Path(*Path(name).parts[:3]) for name in layer} for layer in others]
    assert all(len(root) == 1 for root in roots)
    found = {f"/{path}" for root in roots for path in root}
    assert found == set(closure(bundle))
    assert {name for name in first if not name.startswith("nix")} == {
        *("bin", "bin/sh", "usr", "usr/bin", "usr/bin/env", "state", "tmp"),
        *("etc", "etc/group", "etc/hosts", "etc/nsswitch.conf", "etc/passwd"),
    }


def read(archive: tarfile.TarFile, name: str) -> Any:
    file = archive.extractfile(name)
    assert file is not None
    return json.load(file)


def names(archive: tarfile.TarFile, layer: str) -> list[str]:
    with tarfile.open(fileobj=archive.extractfile(layer), mode="r:gz") as files:
        members = files.getmembers()
    assert {member.mtime for member in members} == {1}
    assert {member.uid for member in members} <= {0, 1000}
    return [member.name for member in members]


def test_there_are_at_most_as_many_layers_as_allowed(nix: Nix, app: Path, bundle: Path) -> None:
    expression = 'hop3.mkImage { inherit (x) package; maxLayers = 4; tag = "small"; }'
    image = build(nix, app, expression, "few")
    with tarfile.open(image) as archive:
        manifest = read(archive, "manifest.json")
        layers = [names(archive, layer) for layer in manifest[0]["Layers"]]
    assert len(layers) == 4
    assert manifest[0]["RepoTags"] == [f"{NAME}:small"]
    merged = {str(Path("/", *Path(name).parts[:3])) for layer in layers[1:] for name in layer}
    assert merged == set(closure(bundle))


def test_it_is_the_same_whenever_it_is_built(nix: Nix, app: Path, image: Path) -> None:
    nix("nix-build", app / "hop3.nix", "-A", "image", "--check", "--no-out-link")
    assert image.is_file()


def test_docker_and_podman_find_what_they_load(image: Path) -> None:
    loaded = skopeo("inspect", "--config", f"docker-archive:{image}")
    assert loaded == skopeo("inspect", "--config", f"oci-archive:{image}")


@pytest.fixture(scope="module")
def container(image: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the image, unpacked for a runtime, that shares this machine's network."""
    directory = tmp_path_factory.mktemp("container")
    skopeo("copy", "--quiet", f"oci-archive:{image}", f"oci:{directory}/layout:latest")
    unpack = ["umoci", "unpack", "--image", f"{directory}/layout:latest", f"{directory}/bundle"]
    subprocess.run(unpack, check=True, capture_output=True)
    return directory / "bundle"


def configured(container: Path, port: int, *argv: str) -> None:
    """Have the container use ``port`` and, if given, run ``argv``."""
    file = container / "config.json"
    config = json.loads(file.read_text())
    config["process"]["terminal"] = False
    config["process"]["args"] = list(argv) or config["process"]["args"]
    kept = [entry for entry in config["process"]["env"] if not entry.startswith("PORT=")]
    config["process"]["env"] = [*kept, f"PORT={port}"]
    config["mounts"] = [mount for mount in config["mounts"] if mount["type"] != "cgroup"]
    namespaces = config["linux"]["namespaces"]
    config["linux"]["namespaces"] = [space for space in namespaces if space["type"] != "network"]
    config["root"]["readonly"] = False
    file.write_text(json.dumps(config))


@contextmanager
def running(container: Path) -> Iterator[Path]:
    """Run the container, and yield the file that its output goes to."""
    crun = ["crun", "--cgroup-manager=disabled", "--root", str(container.parent / "crun")]
    name = container.parent.name
    # It takes cgroups of the second version alone, which need not be what this machine has.
    script = 'mount -t cgroup2 none /sys/fs/cgroup && exec "$@"'
    front = ["unshare", "--mount", "sh", "-c", script, "sh"]
    with started([*front, *crun, "run", "--bundle", str(container), name]) as log:
        yield log
        # A program that is the first of its container heeds no signal that it has not asked for.
        subprocess.run([*front, *crun, "kill", name, "KILL"], check=True)


def test_it_answers_over_http_in_a_container(container: Path) -> None:
    port = free_port()
    configured(container, port)
    with running(container) as log:
        assert fetch(port, "/health", log) == (200, '{"status":"ok"}\n')


def test_another_worker_is_started_by_its_launcher(container: Path, bundle: Path) -> None:
    configured(container, 1, f"{bundle}/bin/ticker")
    with running(container) as log:
        wait_for_output(log, "ticker starts")


def test_a_program_in_a_container_finds_a_shell_env_and_its_users_name(container: Path) -> None:
    script = 'read -r name </etc/passwd && /usr/bin/env echo "found $name"; exec sleep 60'
    configured(container, 1, "/bin/sh", "-c", script)
    with running(container) as log:
        wait_for_output(log, "found root:x:0:0::/:/bin/sh")


def test_the_command_writes_the_image_to_a_file(cli: Cli, image: Path, tmp_path: Path) -> None:
    app = shutil.copytree(ROOT / "examples/python-flask", tmp_path / "app")
    target = tmp_path / "image.tar"
    target.write_text("an older one")
    said = cli("image", app, "--pkgs", "debian", "-o", target)
    assert said.stderr.endswith(f"wrote {target}\n")
    assert target.read_bytes() == image.read_bytes()
    assert [path.name for path in tmp_path.glob(".image*")] == []


def test_an_image_among_the_files_of_the_application_is_told_of(cli: Cli, tmp_path: Path) -> None:
    app = shutil.copytree(ROOT / "examples/python-flask", tmp_path / "app")
    said = cli("image", app, "--pkgs", "debian", "-o", app / "image.tar")
    assert "It is among the files of the app" in said.stderr


def test_an_application_that_cannot_be_built_leaves_the_file(cli: Cli, tmp_path: Path) -> None:
    app = shutil.copytree(ROOT / "examples/python-flask", tmp_path / "app")
    (app / "Procfile").write_text("web: no-such-program\n")
    target = tmp_path / "image.tar"
    target.write_text("an older one")
    failed = cli("image", app, "--pkgs", "debian", "-o", target, status=100)
    assert "no-such-program" in failed.stderr
    assert target.read_text() == "an older one"
