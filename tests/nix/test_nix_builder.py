"""The builder on real Nix: sandboxed builds from the Debian package set."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import http.server
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hop3_nix.builders import base
from hop3_nix.building.images import ImageOptions
from hop3_nix.building.pipeline import build_app, image_app, render_app
from hop3_nix.building.unchanged import BuildOptions, cached_artifact
from hop3_nix.contract import (
    ARTIFACT_FILE,
    RUNTIME_FILE,
    read_artifact,
    read_runtime,
    write_artifact,
)
from hop3_nix.errors import (
    ArtifactTamperedError,
    BuildError,
    ConfigError,
    InputError,
    LockError,
    TemporaryError,
    UnavailableError,
)
from hop3_nix.files.resources import write_library
from hop3_nix.host.state import STAGE, app_dir
from hop3_nix.nix import commands as nixcli
from hop3_nix.nix.gcroots import is_root
from hop3_nix.nix.log import store_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hop3_nix.contract import BuildArtifact

pytestmark = pytest.mark.usefixtures("state")

AUTO_ROOTS = Path("/nix/var/nix/gcroots/auto")
NIX = BuildOptions(builder="nix", pkgs="debian")


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """Return an application that nobody else has, so that nothing of it is built yet."""
    root = tmp_path / "lone-app"
    root.mkdir()
    (root / "main.py").write_text(f"print('hello from {tmp_path}')\n")
    (root / "requirements.txt").touch()
    (root / "Procfile").write_text("web: python main.py\n")
    return root


@pytest.fixture
def index(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """Serve a directory over HTTP; return its address and the directory."""
    directory = tmp_path / "index"
    directory.mkdir()

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_arguments: Any) -> None:
            pass

    handler = functools.partial(Quiet, directory=str(directory))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", directory
        server.shutdown()
        thread.join()


def planned(app: Path) -> list[str]:
    """Return the names of the derivations that Nix said it would build, from the full log."""
    log = (app_dir(app) / "build.log").read_text().splitlines()
    return [store_name(line.strip()) for line in log if line.startswith("  /nix/store/")]


def say(app: Path, step: str) -> None:
    """Give the application one build step."""
    (app / "hop3.toml").write_text(f"[build]\nbuild = [{json.dumps(step)}]\n")


def change_code(app: Path) -> None:
    with (app / "main.py").open("a") as file:
        file.write(f"# {time.time_ns()}\n")


def make_wheel(directory: Path) -> tuple[str, str]:
    """Write a wheel that nobody else has; return its name and its digest."""
    name, version = "lonelib", f"1.{time.time_ns()}"
    wheel = directory / f"{name}-{version}-py3-none-any.whl"
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("lonelib.py", "VALUE = 1\n")
        archive.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        )
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", "")
    return wheel.name, hashlib.sha256(wheel.read_bytes()).hexdigest()


def lock_to(app: Path, url: str, digest: str) -> None:
    """Give the application a lockfile with one wheel."""
    (app / "requirements.txt").unlink(missing_ok=True)
    version = url.rpartition("/")[2].split("-")[1]
    (app / "pylock.toml").write_text(
        'lock-version = "1.0"\ncreated-by = "a test"\n\n'
        f'[[packages]]\nname = "lonelib"\nversion = "{version}"\n\n'
        f'[[packages.wheels]]\nurl = "{url}"\nhashes = {{ sha256 = "{digest}" }}\n'
    )


def test_the_artifact_is_the_store_path_and_what_it_says_of_itself(app: Path) -> None:
    link = app.parent / "result"
    artifact = build_app(app, NIX._replace(out_link=link))
    location = Path(artifact.location)
    assert location.parent == Path("/nix/store")
    assert link.readlink() == location
    assert artifact.runtime == read_runtime(location / RUNTIME_FILE)
    assert read_artifact(app_dir(app) / ARTIFACT_FILE) == artifact
    assert artifact.metadata["package_set"]["name"] == "debian"
    started = subprocess.run([location / "bin/web"], capture_output=True, text=True, check=True)
    assert started.stdout == f"hello from {app.parent}\n"


def test_the_out_link_is_a_root_that_an_unchanged_build_recognises(app: Path) -> None:
    link = app.parent / "result"
    artifact = build_app(app, NIX._replace(out_link=link))
    assert is_root(str(link), artifact.location)
    link.unlink()
    link.symlink_to(artifact.location)
    (auto,) = (root for root in AUTO_ROOTS.iterdir() if root.readlink() == link)
    auto.unlink()
    assert not is_root(str(link), artifact.location)
    assert cached_artifact(app, NIX._replace(out_link=link)) is not None
    assert is_root(str(link), artifact.location)


def test_the_same_source_elsewhere_is_the_same_store_path(app: Path, tmp_path: Path) -> None:
    copy = tmp_path / "else where" / "lone-app"
    shutil.copytree(app, copy)
    assert build_app(app, NIX).location == build_app(copy, NIX).location


def rendered(app: Path) -> nixcli.Expression:
    """Return the expression of the app, written into it with the library beside it."""
    found = render_app(app, NIX)
    (app / "hop3.nix").write_text(found.text)
    write_library(app / "hop3-nix", found.languages)
    return nixcli.Expression(app / "hop3.nix", "package")


def test_the_rendered_expression_builds_the_same_by_itself(app: Path) -> None:
    artifact = build_app(app, NIX)
    assert str(nixcli.build(rendered(app), out_link=None)) == artifact.location


def test_nothing_stays_of_what_a_build_was_given(app: Path) -> None:
    build_app(app, NIX)
    assert not (app_dir(app) / STAGE).exists()
    say(app, "false")
    with pytest.raises(BuildError):
        build_app(app, NIX)
    assert not (app_dir(app) / STAGE).exists()


def test_an_image_is_made_of_nothing_that_was_changed(app: Path) -> None:
    location = Path(build_app(app, NIX).location)
    launcher, target = location / "bin/web", app.parent / "image.tar"
    text = launcher.read_text()
    launcher.chmod(0o755)
    launcher.write_text(f"{text}# of somebody else\n")
    try:
        with pytest.raises(ArtifactTamperedError, match="is not what was built"):
            image_app(app, NIX, ImageOptions(), target)
    finally:
        launcher.write_text(text)
        os.utime(launcher, (1, 1))
        launcher.chmod(0o555)
    assert nixcli.verify_path(location)
    assert not target.exists()
    assert not (app_dir(app) / STAGE).exists()


def test_a_secret_that_a_build_step_has_made_is_refused_in_the_build_itself(app: Path) -> None:
    shown = "'sk_' + 'live_4eC39HqLyjWDarjtT1zdp7dc'"
    say(app, f'python -c "print({shown})" > made.js')
    with pytest.raises(
        ConfigError, match=r"made\.js: the result has a key with the prefix"
    ) as caught:
        build_app(app, NIX)
    assert 'include = ["made.js"]' in caught.value.message
    with pytest.raises(ConfigError, match=r"made\.js: the result has a key with the prefix"):
        image_app(app, NIX, ImageOptions(), app.parent / "image.tar")
    with pytest.raises(BuildError, match=r"lone-app failed with exit code 65"):
        nixcli.build(rendered(app), out_link=None)
    with (app / "hop3.toml").open("a") as toml:
        toml.write('include = ["made.*"]\n')
    assert Path(build_app(app, NIX).runtime.working_dir, "made.js").is_file()


def test_a_second_build_gives_the_same_bytes(app: Path) -> None:
    artifact = build_app(app, NIX._replace(check=True))
    assert "checking outputs" in (app_dir(app) / "build.log").read_text()
    assert artifact.location == build_app(app, NIX).location


def test_changed_code_rebuilds_no_dependency(app: Path) -> None:
    build_app(app, NIX)
    change_code(app)
    build_app(app, NIX)
    assert sorted(planned(app)) == ["lone-app", "lone-app-app"]


def test_a_changed_procfile_rebuilds_the_bundle_alone(app: Path) -> None:
    build_app(app, NIX)
    (app / "Procfile").write_text("web: python main.py\nworker: python -m this\n")
    build_app(app, NIX)
    assert planned(app) == ["lone-app"]


@pytest.mark.parametrize(
    "step",
    [
        "ls /usr/bin",
        "ls /root",
        'python -c "import urllib.request as r; r.urlopen(\\"http://127.0.0.1:80\\")"',
    ],
)
def test_a_build_step_sees_nothing_of_the_host(app: Path, step: str) -> None:
    say(app, step)
    with pytest.raises(BuildError, match="building lone-app-app failed"):
        build_app(app, NIX)


def test_a_failed_build_leaves_everything_of_the_one_before(app: Path) -> None:
    link = app.parent / "result"
    before = build_app(app, NIX._replace(out_link=link))
    say(app, "echo the reason >&2; exit 3")
    with pytest.raises(BuildError) as caught:
        build_app(app, NIX._replace(out_link=link))
    assert "the reason" in caught.value.message
    state = app_dir(app)
    assert f"The full log: {state / 'build.log'}" in caught.value.tip
    assert read_artifact(state / ARTIFACT_FILE) == before
    assert [root.name for root in (state / base.ROOTS).iterdir()] == [before.build_id]
    assert str(link.readlink()) == before.location
    assert "lone-app-app> the reason" in (state / "build.log").read_text()
    assert "lone-app-app.drv" in (state / "build.log.1").read_text()


def test_the_new_root_is_there_before_the_old_one_goes(
    app: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = build_app(app, NIX)
    seen: list[set[str]] = []
    write = write_artifact

    def spy(artifact: BuildArtifact, path: Path) -> None:
        roots = (app_dir(app) / base.ROOTS).iterdir()
        seen.append({str(root.readlink()) for root in roots})
        write(artifact, path)

    monkeypatch.setattr(base, "write_artifact", spy)
    change_code(app)
    after = build_app(app, NIX)
    assert seen == [{before.location, after.location}]
    roots = subprocess.run(
        ["nix-store", "--query", "--roots", after.location],
        capture_output=True,
        text=True,
        check=True,
    )
    assert str(app_dir(app) / base.ROOTS / after.build_id) in roots.stdout


def test_an_out_link_never_replaces_a_file(app: Path) -> None:
    link = app.parent / "result"
    link.write_text("mine")
    with pytest.raises(InputError, match="something else"):
        build_app(app, NIX._replace(out_link=link))
    assert link.read_text() == "mine"


def test_a_missing_program_is_named_with_its_worker(app: Path) -> None:
    (app / "Procfile").write_text("web: pythn main.py\n")
    with pytest.raises(BuildError) as caught:
        build_app(app, NIX)
    assert "worker web" in caught.value.message
    assert "pythn" in caught.value.message


def test_a_store_path_that_was_tampered_with_is_refused(app: Path) -> None:
    location = Path(build_app(app, NIX).location)
    runtime = location / RUNTIME_FILE
    text = runtime.read_text()
    runtime.write_text(text.replace("main.py", "evil.py"))
    try:
        with pytest.raises(ArtifactTamperedError, match="is not what was built"):
            build_app(app, NIX._replace(rebuild=True))
    finally:
        runtime.write_text(text)
        os.utime(runtime, (1, 1))
        runtime.chmod(0o444)
    assert nixcli.verify_path(location)


def test_a_locked_wheel_is_fetched_by_its_digest(app: Path, index: tuple[str, Path]) -> None:
    url, directory = index
    name, digest = make_wheel(directory)
    lock_to(app, f"{url}/{name}", digest)
    (app / "main.py").write_text("import lonelib; print(lonelib.VALUE)\n")
    artifact = build_app(app, NIX)
    started = subprocess.run(
        [f"{artifact.location}/bin/web"], capture_output=True, text=True, check=True
    )
    assert started.stdout == "1\n"


def test_a_wheel_that_is_not_the_locked_one(app: Path, index: tuple[str, Path]) -> None:
    url, directory = index
    name, digest = make_wheel(directory)
    lock_to(app, f"{url}/{name}", "0" * 64)
    with pytest.raises(LockError) as caught:
        build_app(app, NIX)
    assert name in caught.value.message
    assert f"sha256:{'0' * 64}" in caught.value.message
    assert f"sha256:{digest}" in caught.value.message


def test_a_wheel_that_is_gone(app: Path, index: tuple[str, Path]) -> None:
    url, _ = index
    lock_to(app, f"{url}/lonelib-1.{time.time_ns()}-py3-none-any.whl", "1" * 64)
    with pytest.raises(UnavailableError, match="404"):
        build_app(app, NIX)


def test_an_index_that_does_not_answer(app: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIX_CONFIG", "download-attempts = 1")
    lock_to(app, "http://127.0.0.1:9/lonelib-1.0-py3-none-any.whl", "2" * 64)
    with pytest.raises(TemporaryError, match="could not download"):
        build_app(app, NIX)


INTERRUPTED = """
import sys
from pathlib import Path
from hop3_nix.errors import InterruptedBuildError
from hop3_nix.building.images import ImageOptions
from hop3_nix.building.pipeline import build_app
from hop3_nix.building.unchanged import BuildOptions
try:
    build_app(Path(sys.argv[1]), BuildOptions(builder="nix", pkgs="debian"))
except InterruptedBuildError as error:
    sys.exit(error.exit_code)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_leaves_nothing_half_written(app: Path, number: signal.Signals) -> None:
    before = build_app(app, NIX)
    marker = f"{4000 + os.getpid() % 1000}.{int(number)}"
    say(app, f"echo waiting; sleep {marker}")
    ours = subprocess.Popen([sys.executable, "-c", INTERRUPTED, str(app)])
    log = app_dir(app) / "build.log"
    wait_until(lambda: log.exists() and "waiting" in log.read_text())
    assert sleeping(marker)
    ours.send_signal(number)
    assert ours.wait(timeout=30) == 130
    wait_until(lambda: not sleeping(marker))
    state = app_dir(app)
    assert read_artifact(state / ARTIFACT_FILE) == before
    assert [root.name for root in (state / base.ROOTS).iterdir()] == [before.build_id]
    (app / "hop3.toml").unlink()
    assert build_app(app, NIX) == before


def test_a_full_disk_is_told_and_leaves_the_build_before(app: Path) -> None:
    before = build_app(app, NIX)
    (app / "large.bin").write_bytes(os.urandom(2_000_000))
    with small_disk(app_dir(app)):
        with pytest.raises(TemporaryError, match="disk is full"):
            build_app(app, NIX)
        assert read_artifact(app_dir(app) / ARTIFACT_FILE) == before
        assert not (app_dir(app) / STAGE).exists()


@contextlib.contextmanager
def small_disk(directory: Path) -> Iterator[None]:
    """Put what ``directory`` holds on a file system of one megabyte."""
    with contextlib.ExitStack() as stack:
        kept = directory.with_name(f"{directory.name}.kept")
        directory.rename(kept)
        directory.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(directory)]
        mounted = subprocess.run(mount, capture_output=True, text=True, check=False)
        if mounted.returncode != 0:
            pytest.skip(f"a small file system cannot be mounted here: {mounted.stderr.strip()}")
        stack.callback(subprocess.run, ["umount", str(directory)], check=True)
        shutil.copytree(kept, directory, symlinks=True, dirs_exist_ok=True)
        yield


def wait_until(condition: Any, seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.05)


def sleeping(marker: str) -> bool:
    """Return whether a process with ``marker`` for its last argument runs."""
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if process.joinpath("cmdline").read_bytes().split(b"\0")[-2:-1] == [marker.encode()]:
                return True
    return False
