"""Images of applications: what is in them, and that other people's tools run them."""

from __future__ import annotations

import json
import shutil
import subprocess
import tarfile
import time
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
    assert (config["Entrypoint"], config["Cmd"]) == (["/bin/hop3-start"], ["web"])
    assert config["WorkingDir"] == runtime["working_dir"]
    assert environment.items() >= runtime["env_vars"].items()
    assert environment["PATH"].split(":") == [*runtime["path_prepend"], "/bin"]
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
    first, *others = layers
    start = {"bin/hop3-start", "bin/cron", "bin/shout", "bin/ticker", "bin/web"}
    assert others[-1] >= start
    others[-1] -= start
    roots = [{Path(*Path(name).parts[:3]) for name in layer} for layer in others]
    assert all(len(root) == 1 for root in roots)
    found = {f"/{path}" for root in roots for path in root}
    assert found == set(closure(bundle))
    # What changes with a line of the application is last: all that is below it stays.
    assert [str(*root).rpartition("-flask-demo")[2] for root in roots[-2:]] == ["-app", ""]
    assert {name for name in first if not name.startswith("nix")} == {
        *("bin", "bin/sh", "usr", "usr/bin", "usr/bin/env", "state", "tmp"),
        *("etc", "etc/group", "etc/hosts", "etc/nsswitch.conf", "etc/passwd"),
    }


def test_all_that_load_it_call_it_by_one_name(image: Path) -> None:
    with tarfile.open(image) as archive:
        loaded, index = read(archive, "manifest.json"), read(archive, "index.json")
    assert loaded[0]["RepoTags"] == [f"localhost/{NAME}:1.0"]
    assert index["manifests"][0]["annotations"] == {
        "io.containerd.image.name": f"localhost/{NAME}:1.0",
        "org.opencontainers.image.ref.name": "1.0",
    }
    assert skopeo("inspect", f"oci-archive:{image}:1.0") == skopeo(
        "inspect", f"oci-archive:{image}"
    )


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
    assert manifest[0]["RepoTags"] == [f"localhost/{NAME}:small"]
    merged = {
        str(Path("/", *Path(name).parts[:3]))
        for layer in layers[1:]
        for name in layer
        if name.startswith("nix")
    }
    assert merged == set(closure(bundle))


def test_it_is_the_same_whenever_it_is_built(nix: Nix, app: Path, image: Path) -> None:
    nix("nix-build", app / "hop3.nix", "-A", "image", "--check", "--no-out-link")
    assert image.is_file()


def test_docker_and_podman_find_what_they_load(image: Path) -> None:
    loaded = skopeo("inspect", "--config", f"docker-archive:{image}")
    assert loaded == skopeo("inspect", "--config", f"oci-archive:{image}")


@pytest.fixture(scope="module")
def container(image: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return unpacked(image, tmp_path_factory.mktemp("container"))


def unpacked(image: Path, directory: Path) -> Path:
    """Return the image, unpacked for a runtime, that shares this machine's network."""
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
    """Run the container, yield the file that its output goes to, and end it as a platform does."""
    with started(front(container, "run", "--bundle", str(container))) as log:
        yield log
        subprocess.run(front(container, "kill", signal="TERM"), check=True)
        wait_for_end(container)


def front(container: Path, *command: str, signal: str = "") -> list[str]:
    crun = ["crun", "--cgroup-manager=disabled", "--root", str(container.parent / "crun")]
    # It takes cgroups of the second version alone, which need not be what this machine has.
    script = 'mount -t cgroup2 none /sys/fs/cgroup && exec "$@"'
    front = ["unshare", "--mount", "sh", "-c", script, "sh"]
    name = container.parent.name
    return [*front, *crun, *command, name, *([signal] if signal else [])]


def wait_for_end(container: Path) -> None:
    """Wait until there is no process of the container, for as long as a platform does."""
    limit = time.monotonic() + 10
    state = front(container, "state")
    while '"running"' in subprocess.run(state, capture_output=True, text=True, check=False).stdout:
        assert time.monotonic() < limit, "it heeds no SIGTERM"
        time.sleep(0.1)


def ended(container: Path) -> subprocess.CompletedProcess[str]:
    """Return how the container ends by itself."""
    argv = front(container, "run", "--bundle", str(container))
    return subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60)


def with_volume(container: Path, directory: Path) -> None:
    """Have the state be in ``directory``; what the tools make of a volume is gone with its run."""
    directory.mkdir()
    directory.chmod(0o777)
    file = container / "config.json"
    config = json.loads(file.read_text())
    mounts = [mount for mount in config["mounts"] if mount["destination"] != "/state"]
    mount = {"type": "bind", "source": str(directory), "options": ["bind", "rw"]}
    config["mounts"] = [*mounts, {"destination": "/state", **mount}]
    file.write_text(json.dumps(config))


def restricted(container: Path, *, user: int, group: int, temporary: bool = False) -> None:
    """Have the container's root be read-only, its user another, and, if so, /tmp its own."""
    file = container / "config.json"
    config = json.loads(file.read_text())
    config["root"]["readonly"] = True
    config["process"]["user"] = {"uid": user, "gid": group}
    config["process"]["capabilities"] = {}
    config["process"]["noNewPrivileges"] = True
    mounts = [mount for mount in config["mounts"] if mount["destination"] not in ("/tmp", "/state")]
    if temporary:
        mounts.append({"destination": "/tmp", "type": "tmpfs", "source": "tmpfs"})
    config["mounts"] = mounts
    file.write_text(json.dumps(config))


def test_it_answers_over_http_in_a_container(container: Path) -> None:
    port = free_port()
    configured(container, port)
    with running(container) as log:
        assert fetch(port, "/health", log) == (200, '{"status":"ok"}\n')


def test_any_user_and_a_read_only_root_will_do(container: Path) -> None:
    port = free_port()
    configured(container, port)
    restricted(container, user=123456, group=0, temporary=True)
    with running(container) as log:
        assert fetch(port, "/health", log) == (200, '{"status":"ok"}\n')
        assert "cannot write to /state" in log.read_text()


@pytest.mark.parametrize("argv", [("/bin/hop3-start", "ticker"), ("/bin/ticker",)])
def test_another_worker_is_started_by_its_name(container: Path, argv: tuple[str, ...]) -> None:
    configured(container, 1, *argv)
    with running(container) as log:
        wait_for_output(log, "ticker starts")


def test_what_it_writes_beside_its_code_is_kept_in_the_volume(
    cli: Cli, nix: Nix, app: Path, tmp_path: Path
) -> None:
    writing = shutil.copytree(app, tmp_path / "app")
    (writing / "data/deep").mkdir(parents=True)
    (writing / "data/deep/first").write_text("shipped\n")
    with (writing / "hop3.toml").open("a") as file:
        file.write('\n[run]\nwritable = ["data/deep", "new"]\n')
    line = "date >>data/deep/notes; date >>new/notes; cat data/deep/first; wc -l <new/notes"
    (writing / "Procfile").write_text(f"note: {line}\n")
    cli("render", writing, "--pkgs", "debian", "-o", writing / "hop3.nix")
    container = unpacked(build(nix, writing, "x.image", "image"), tmp_path)
    configured(container, 1)
    with_volume(container, tmp_path / "volume")
    for count in (1, 2):
        done = ended(container)
        assert (done.returncode, done.stdout) == (0, f"shipped\n{count}\n"), done.stderr
    restricted(container, user=123456, group=123456)
    done = ended(container)
    assert done.returncode == 69
    assert "cannot write to /state, where the app keeps data/deep" in done.stderr


def test_a_worker_that_there_is_not_is_refused_with_those_that_are(container: Path) -> None:
    configured(container, 1, "/bin/hop3-start", "wrker")
    done = ended(container)
    assert done.returncode == 64
    assert "no worker wrker; it has: cron shout ticker web" in done.stderr


def test_a_container_ends_with_its_worker(container: Path) -> None:
    configured(container, 1, "/bin/cron")
    done = ended(container)
    assert (done.returncode, done.stdout) == (0, "good night\n")


def test_a_program_in_a_container_finds_a_shell_env_and_its_users_name(container: Path) -> None:
    script = (
        'read -r name </etc/passwd && /usr/bin/env echo "found $name"; '
        'trap "exit 0" TERM; while :; do sleep 0.1; done'
    )
    configured(container, 1, "/bin/sh", "-c", script)
    with running(container) as log:
        wait_for_output(log, "found root:x:0:0::/:/bin/sh")


def test_the_command_writes_the_image_to_a_file(cli: Cli, image: Path, tmp_path: Path) -> None:
    app = shutil.copytree(ROOT / "examples/python-flask", tmp_path / "app")
    target = tmp_path / "image.tar"
    target.write_text("an older one")
    said = cli("image", app, "--pkgs", "debian", "-o", target)
    digest = skopeo("inspect", f"oci-archive:{image}")["Digest"]
    assert said.stderr.endswith(f"localhost/{NAME}:1.0 {digest}\nwrote {target}\n")
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


def test_what_the_command_is_asked_for_is_in_the_image(cli: Cli, tmp_path: Path) -> None:
    app = shutil.copytree(ROOT / "examples/python-flask", tmp_path / "app")
    target = tmp_path / "image.tar"
    options = ["--name", "registry.example/team/shop", "--tag", "n1", "--worker", "ticker"]
    options += ["--port", "9000", "--label", "org.opencontainers.image.licenses=MIT"]
    said = cli("image", app, "--pkgs", "debian", "-o", target, "--json", *options)
    shown = skopeo("inspect", f"oci-archive:{target}:n1")
    assert json.loads(said.stdout) == {
        "name": "registry.example/team/shop:n1",
        "digest": shown["Digest"],
        "file": str(target),
    }
    assert shown["Labels"]["org.opencontainers.image.licenses"] == "MIT"
    config = skopeo("inspect", "--config", f"oci-archive:{target}")["config"]
    assert (config["Cmd"], config["ExposedPorts"]) == (["ticker"], {"9000/tcp": {}})


@pytest.mark.parametrize(
    ("more", "options", "refused"),
    [
        ("", ["--worker", "wbe"], (65, "no worker wbe")),
        ('[static]\n"/assets" = "."\n', [], (65, "--static-elsewhere")),
        ("[nix]\nwritable-home-at-runtime = true\n", [], (65, "writes all over its tree")),
        ("", ["--name", "Shop:1"], (2, "no name of an image")),
        ("", ["--tag", "-x"], (2, "no tag")),
        ("", ["--label", "x"], (2, "NAME=VALUE")),
        ("", ["--entrypoint", "'"], (2, "entrypoint")),
        ("", ["--json", "-o", "-"], (2, "--json")),
    ],
)
def test_what_an_image_cannot_be_is_refused_before_it_is_made(
    cli: Cli, tmp_path: Path, more: str, options: list[str], refused: tuple[int, str]
) -> None:
    app = shutil.copytree(ROOT / "examples/python-flask", tmp_path / "app")
    with (app / "hop3.toml").open("a") as file:
        file.write(f"\n{more}")
    status, words = refused
    target = tmp_path / "image.tar"
    failed = cli("image", app, "--pkgs", "debian", "-o", target, *options, status=status)
    assert words in failed.stderr
    assert not target.exists()


def test_what_is_built_already_is_told_from_an_application(cli: Cli, bundle: Path) -> None:
    failed = cli("image", bundle, "-o", "/dev/null", status=65)
    assert "is what was built" in failed.stderr
