"""The fast path of exec: what it takes on, what it leaves, and what it imports."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hop3_nix.contract import RuntimeConfig
from hop3_nix.deploy.place import recorded

# Not as root, whose workers have confines that the fast path leaves to the other one.
FAST = (
    "import sys; from hop3_nix.deploy import exec; exec._could_write = lambda *_: False; "
    "exec.main_fast(sys.argv[1:]); print('slow')"
)
SLOW = "slow\n"


@pytest.fixture
def artifact(tmp_path: Path) -> Path:
    root = tmp_path / "state/apps/app/releases/artifact"
    runtime = RuntimeConfig(
        env_vars={}, path_prepend=[], working_dir="/", workers={"web": "x", "static": "/srv"}
    )
    (root / "hop3").mkdir(parents=True)
    (root / "hop3" / "runtime.json").write_text(runtime.to_json())
    (root / "bin").mkdir()
    for name in ("bin/web", "bin/stranger", "hop3/before-run"):
        launcher = root / name
        launcher.write_text('#!/bin/sh\necho "web $HOP3_STATE_DIR"\n')
        launcher.chmod(0o755)
    return root


def fast(
    tmp_path: Path, *arguments: str | Path, options: tuple[str, ...] = (), **environ: str
) -> subprocess.CompletedProcess[str]:
    environ = {"HOP3_NIX_STATE": str(tmp_path / "state"), **environ}
    return subprocess.run(
        [sys.executable, *options, "-c", FAST, *map(str, arguments)],
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=True,
    )


def test_launcher_is_become(tmp_path: Path, artifact: Path) -> None:
    state = tmp_path / "state" / "apps" / "artifact" / "run"
    assert fast(tmp_path, "web", artifact).stdout == f"web {state}\n"
    assert state.is_dir()


def test_state_directory_of_the_environment(tmp_path: Path, artifact: Path) -> None:
    done = fast(tmp_path, "web", artifact, HOP3_STATE_DIR=str(tmp_path / "mine"))
    assert done.stdout == f"web {tmp_path}/mine\n"


def test_only_the_standard_library_is_imported(tmp_path: Path, artifact: Path) -> None:
    done = fast(tmp_path, "web", artifact, options=("-X", "importtime"))
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    ours = {name for name in imported if name.startswith("hop3_nix")}
    assert ours == {
        "hop3_nix",
        "hop3_nix.deploy",
        "hop3_nix.deploy.exec",
        "hop3_nix.deploy.place",
        "hop3_nix.host",
        "hop3_nix.host.statepath",
    }
    foreign = {"pydantic", "click", "sh", "jinja2", "rich", "packaging", "pathspec", "asyncio"}
    foreign |= {"typing", "pathlib", "hashlib", "contextlib"}
    assert not {name.partition(".")[0] for name in imported} & foreign


@pytest.mark.parametrize(
    "arguments", [[], ["stranger"], ["static"], ["../bin/web"], ["no"], ["--env"], ["a", "b", "c"]]
)
def test_everything_else_is_left_to_the_slow_path(
    tmp_path: Path, artifact: Path, arguments: list[str]
) -> None:
    given = [*arguments, str(artifact)] if len(arguments) == 1 else arguments
    assert fast(tmp_path, *given).stdout == SLOW


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"workers": 1}', '{"workers": ["web"], "x": '])
def test_corrupt_artifact_is_left_to_the_slow_path(
    tmp_path: Path, artifact: Path, text: str
) -> None:
    (artifact / "hop3" / "runtime.json").write_text(text)
    assert fast(tmp_path, "web", artifact).stdout == SLOW


def test_missing_launcher_is_left_to_the_slow_path(tmp_path: Path, artifact: Path) -> None:
    (artifact / "bin" / "web").unlink()
    assert fast(tmp_path, "web", artifact).stdout == SLOW


def test_writable_tree_is_left_to_the_slow_path(tmp_path: Path, artifact: Path) -> None:
    file = artifact / "hop3" / "runtime.json"
    file.write_text(file.read_text().replace('"writable_tree": ""', '"writable_tree": "/x"'))
    assert fast(tmp_path, "web", artifact).stdout == SLOW


def test_newer_contract_is_left_to_the_slow_path(tmp_path: Path, artifact: Path) -> None:
    runtime = (artifact / "hop3" / "runtime.json").read_text()
    (artifact / "BUILD_ARTIFACT.json").write_text(
        f'{{"runtime": {runtime}, "location": "{artifact}", "app_name": "a",'
        ' "metadata": {"contract_version": 2}}'
    )
    assert fast(tmp_path, "web", artifact).stdout == SLOW


def test_closed_pipe_ends_the_worker_as_if_it_was_started_directly(
    tmp_path: Path, artifact: Path
) -> None:
    launcher = artifact / "bin" / "web"
    launcher.write_text("#!/bin/sh\ngrep SigIgn /proc/self/status\n")
    direct = subprocess.run([launcher], capture_output=True, text=True, check=True)
    assert fast(tmp_path, "web", artifact).stdout == direct.stdout


def test_the_workers_of_root_have_confines_that_the_fast_path_leaves_to_the_other_one(
    tmp_path: Path, artifact: Path
) -> None:
    assert os.geteuid() == 0, "this has to be run as root"
    as_root = FAST.replace("exec._could_write = lambda *_: False; ", "")
    done = subprocess.run(
        [sys.executable, "-c", as_root, "web", str(artifact)],
        env={**os.environ, "HOP3_NIX_STATE": str(tmp_path / "state")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == SLOW


@pytest.mark.parametrize("damage", ["pipe", "nested"])
def test_a_damaged_record_is_left_to_the_slow_path(
    tmp_path: Path, damage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = tmp_path / "app"
    app.mkdir()
    monkeypatch.setenv("HOP3_NIX_STATE", str(tmp_path / "state"))
    record = Path(recorded(str(app)))
    record.parent.mkdir(parents=True)
    if damage == "pipe":
        os.mkfifo(record)
    else:
        record.write_text("[" * 100_000)
    assert fast(tmp_path, "web", app).stdout == SLOW
