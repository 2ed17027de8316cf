"""Directories of the tree that an app writes to: declared, proposed, kept, mounted, advised."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from hop3_nix.config.load import load_config
from hop3_nix.deploy import users
from hop3_nix.deploy.advice import Advice
from hop3_nix.deploy.artifact import locate
from hop3_nix.deploy.confinement import within
from hop3_nix.deploy.launch import prepare
from hop3_nix.deploy.releases.processes import Processes
from hop3_nix.deploy.releases.record import read_release
from hop3_nix.deploy.services.units import units_of
from hop3_nix.deploy.verify import written_later
from hop3_nix.deploy.writable import COPY, writable_of
from hop3_nix.errors import ArtifactCorruptError, ConfigError
from hop3_nix.plan import App, BuildPlan, RuntimePlan
from hop3_nix.source import Source
from hop3_nix.toolchains.writable import with_writable

if TYPE_CHECKING:
    from pathlib import Path

    from hop3_nix.deploy.artifact import Located
    from hostdouble import HostDouble


def planned(root: Path, toolchain: str = "python", **workers: str) -> BuildPlan:
    source = Source.open(root)
    plan = BuildPlan(
        app=App(name="shop"),
        toolchain=toolchain,
        interpreter="python3",
        build_steps=("make",),
        runtime=RuntimePlan(workers=workers),
    )
    return with_writable(plan, source, load_config(source))


def write(root: Path, **files: str) -> Path:
    for name, text in files.items():
        path = root / name.replace("__", "/").replace("_toml", ".toml").replace("_py", ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def test_declared_directories_are_made_by_the_last_step(tmp_path: Path) -> None:
    root = write(tmp_path, hop3_toml='[run]\nwritable = ["uploads/", "./var/my data", "uploads"]\n')
    plan = planned(root)
    assert plan.runtime.writable == ("uploads", "var/my data")
    assert plan.build_steps == ("make", "mkdir -p -- uploads 'var/my data'")


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ('["/var"]', "leads out of the application"),
        ('["../x"]', "leads out of the application"),
        ('["."]', "names no directory of its own"),
        ('["a", "a/b"]', "is part of another one: 'a/b'"),
        ('"uploads"', "has to be a list of texts"),
        ('["app.py"]', "names app.py, which is a file"),
    ],
)
def test_what_cannot_be_declared(tmp_path: Path, value: str, said: str) -> None:
    root = write(tmp_path, app_py="", hop3_toml=f"[run]\nwritable = {value}\n")
    with pytest.raises(ConfigError, match=said) as caught:
        planned(root)
    assert caught.value.file == "hop3.toml"
    assert caught.value.line == 2


def test_the_proxy_is_not_told_to_serve_what_it_cannot_read(tmp_path: Path) -> None:
    root = write(tmp_path, hop3_toml='[run]\nwritable = ["media"]\n[static]\n"/m" = "media/a"\n')
    plan = BuildPlan(
        app=App(name="shop"),
        toolchain="python",
        interpreter="python3",
        runtime=RuntimePlan(static_paths={"/m": "media/a"}),
    )
    source = Source.open(root)
    with pytest.raises(ConfigError, match="/m is served from media/a") as caught:
        with_writable(plan, source, load_config(source))
    assert "have the app serve these files itself" in caught.value.tip
    beside = plan.model_copy(update={"runtime": RuntimePlan(static_paths={"/m": "media-built"})})
    assert with_writable(beside, source, load_config(source)).runtime.writable == ("media",)


def test_not_beside_a_tree_that_is_writable_as_a_whole(tmp_path: Path) -> None:
    text = '[run]\nwritable = ["a"]\n[nix]\nwritable-home-at-runtime = true\n'
    with pytest.raises(ConfigError, match="writable as a whole"):
        planned(write(tmp_path, hop3_toml=text))


@pytest.mark.parametrize(
    ("file", "text", "directory"),
    [
        ("shop__settings_py", 'MEDIA_ROOT = BASE_DIR / "media"\n', "media"),
        ("shop__settings_py", 'MEDIA_ROOT = os.path.join(BASE_DIR, "up/loads")\n', "up/loads"),
        ("app_py", 'app.config["UPLOAD_FOLDER"] = "uploads"\n', "uploads"),
        ("app_py", "app = Flask(__name__, instance_relative_config=True)\n", "instance"),
        ("app_py", "uri = 'sqlite:///shop.db'\n", "data"),
    ],
)
def test_the_plan_names_candidates(tmp_path: Path, file: str, text: str, directory: str) -> None:
    (found,) = planned(write(tmp_path, **{file: f"\n{text}"})).evidence
    assert f'[run] writable = ["{directory}"] in hop3.toml' in found.reason
    assert found.line == 2


@pytest.mark.parametrize("text", ['MEDIA_ROOT = "/srv/media"\n', "MEDIA_ROOT = where()\n", "x = 1"])
def test_it_names_none_where_there_are_none(tmp_path: Path, text: str) -> None:
    assert planned(write(tmp_path, settings_py=text)).evidence == ()


def test_pages_that_next_renews(tmp_path: Path) -> None:
    write(tmp_path, x_py="")
    (found,) = planned(tmp_path, "node", web="next start -p $PORT").evidence
    assert '[run] writable = [".next/cache"]' in found.reason


def artifact(double: HostDouble) -> Located:
    located = double.artifact(
        "one", workers={"web": "/bin/sh -c 'echo new >uploads/x; ls uploads'"}
    )
    tree = located.location
    (tree / "uploads").mkdir()
    (tree / "uploads/first").write_text("first")
    (tree / "uploads/first").chmod(0o444)
    (tree / "uploads").chmod(0o555)
    (tree / "hop3").mkdir()
    (tree / "hop3/writable.json").write_text(json.dumps(["uploads"]))
    return locate(tree)


def test_a_worker_finds_what_it_has_written_in_its_tree(
    tmp_path: Path, double: HostDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(users, "REGISTRY", tmp_path / "users")
    located = artifact(double)
    for _ in range(2):
        ready = prepare(located, state_dir=tmp_path / "state")
        start = ready.command(("/bin/sh", "-c", "cat uploads/*; echo new >>uploads/x"))

        def work(start: Any = start) -> str:
            os.chdir(start.cwd)
            return os.popen(start.argv[2]).read()  # noqa: S605

        said = within(ready.confinement, work)
    assert said == "firstnew\n"
    assert (tmp_path / "state/writable/uploads/x").read_text() == "new\nnew\n"
    assert [path.name for path in (located.location / "uploads").iterdir()] == ["first"]


def test_a_release_gets_the_directories_before_anything_runs(double: HostDouble) -> None:
    located = artifact(double)
    double.deploy(located)
    processes = Processes(double.place, read_release(double.place, 1), double.directory / "state")
    copy = processes.copy_writable()
    assert copy is not None
    assert copy.binds == ()
    assert any(COPY.read_text() in argv for argv in double.memory.read()["ran"])
    (web,) = processes.services()
    kept, place = double.directory / "state/writable/uploads", located.location / "uploads"
    assert web.binds == ((kept, place),)
    assert f'BindPaths="{kept}":"{place}"' in units_of(web, "system")[0].text


def test_the_copy_is_whole_and_made_once(tmp_path: Path, double: HostDouble) -> None:
    (one,) = writable_of(artifact(double), tmp_path / "state")
    for _ in range(2):
        argv = ["/bin/sh", str(COPY), "", str(one.kept), str(one.place)]
        subprocess.run(argv, check=True)
        assert (one.kept / "first").read_text() in {"first", "changed"}
        (one.kept / "first").write_text("changed")
    assert (one.kept / "first").read_text() == "changed"


@pytest.mark.parametrize("name", ["/etc", "../x", "no", "a//b", ""])
def test_an_artifact_that_names_what_is_not_its_own(double: HostDouble, name: str) -> None:
    located = artifact(double)
    (located.location / "hop3/writable.json").write_text(json.dumps([name]))
    with pytest.raises(ArtifactCorruptError, match="directory"):
        writable_of(located, double.directory)


def test_an_artifact_whose_directory_is_a_link(double: HostDouble) -> None:
    located = artifact(double)
    (located.location / "away").symlink_to("/etc")
    (located.location / "hop3/writable.json").write_text('["away"]')
    with pytest.raises(ArtifactCorruptError, match="has no directory away"):
        writable_of(located, double.directory)


@pytest.mark.parametrize(
    ("line", "directory"),
    [
        ("PermissionError: [Errno 13] Permission denied: 'uploads/x'", "uploads"),
        ("OSError(30, 'Read-only file system') [Errno 30] Oh: 'uploads/x'", "uploads"),
        ("OSError: [Errno 30] Read-only file system: '{tree}/uploads/x'", "uploads"),
        ("Error: EACCES: permission denied, mkdir '{tree}/.cache'", ".cache"),
        ("Error: EROFS: read-only file system, open './uploads/a.png'", "uploads"),
        ("open uploads/a.png: permission denied", "uploads"),
        ("sh: 1: cannot create uploads/x: Permission denied", "uploads"),
    ],
)
def test_what_the_log_says_is_told_once(tmp_path: Path, line: str, directory: str) -> None:
    (tmp_path / "uploads").mkdir()
    advice = Advice(str(tmp_path))
    text = line.replace("{tree}", str(tmp_path)).encode()
    assert f'[run] writable = ["{directory}"]' in advice.of(text)
    assert advice.of(text) == ""


@pytest.mark.parametrize(
    "line",
    [
        "PermissionError: [Errno 13] Permission denied: '/etc/shadow'",
        "Permission denied: you are not an administrator",
        "GET /uploads/x 200",
        "PermissionError: [Errno 13] Permission denied: '../x/y'",
    ],
)
def test_nothing_is_said_of_what_is_elsewhere(tmp_path: Path, line: str) -> None:
    assert Advice(str(tmp_path)).of(line.encode()) == ""


@pytest.mark.parametrize(
    "line",
    ["sqlite3.OperationalError: unable to open database file", "[Errno 13] Permission denied: 'x'"],
)
def test_at_the_top_of_the_tree_another_place_is_named(tmp_path: Path, line: str) -> None:
    assert "$HOP3_STATE_DIR" in Advice(str(tmp_path)).of(line.encode())


def test_deploy_says_what_the_app_tried(
    double: HostDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = "PermissionError: [Errno 13] Permission denied: 'uploads/x'"
    services: Any = double.host.services
    monkeypatch.setattr(
        services, "logs", lambda names, **_: iter([(name, said) for name in names]), raising=False
    )
    located = artifact(double)
    (located.location / "hop3/writable.json").unlink()
    double.deploy(replace(located))
    assert any("web.1: it tried to write to uploads" in line for line in double.said)


def test_what_a_repair_would_delete(tmp_path: Path) -> None:
    for name, time in (("built", 1), ("upload", 1700000000)):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (time, time))
    assert written_later(tmp_path) == [tmp_path / "upload"]
