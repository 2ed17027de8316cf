"""Machines that lack something: Nix, room on a disk, a store that is as it was built."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from private import in_place_of, in_private, small_disk, why_not
from refusing import COMMAND, content, kept_content

if TYPE_CHECKING:
    from refusing import Refuse

NIX = ("--builder", "nix", "--pkgs", "debian")
LOCAL = ("--builder", "local")
BUILDERS = pytest.mark.parametrize("options", [NIX, LOCAL], ids=["nix", "local"])
DATABASE = "/nix/var/nix/db/db.sqlite"
UNAVAILABLE, DAMAGED, TEMPORARY = 69, 74, 75


def run(refuse: Refuse, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run what has to succeed."""
    return subprocess.run(
        [*refuse.front, COMMAND, *arguments],
        env=refuse.environment(),
        check=True,
        capture_output=True,
        text=True,
    )


# No Nix.


@pytest.fixture(scope="module")
def path_without_nix(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return a PATH that has all programs of this machine but those of Nix."""
    directory = tmp_path_factory.mktemp("bin")
    for place in filter(os.path.isdir, os.environ["PATH"].split(os.pathsep)):
        for program in Path(place).iterdir():
            link = directory / program.name
            if not program.name.startswith("nix") and not link.is_symlink():
                link.symlink_to(program)
    return str(directory)


@pytest.fixture
def without_nix(refuse: Refuse, path_without_nix: str) -> Refuse:
    return replace(refuse, env={"PATH": path_without_nix})


@pytest.mark.parametrize("command", [("build", *NIX), ("render",), ("lock", "--pkgs", "debian")])
def test_nix_is_not_installed(without_nix: Refuse, app: Path, command: tuple[str, ...]) -> None:
    tip = "Install it (Debian: apt install nix-bin), or build without it: --builder local"
    says = "Nix is not installed: the program 'nix"
    without_nix(*command, code=UNAVAILABLE, says=says, tip=tip, cwd=app, app=app)


def test_auto_builds_without_nix_and_says_so(without_nix: Refuse, app: Path) -> None:
    done = run(without_nix, "build", app, "--json")
    assert json.loads(done.stdout)["builder"] == "local"
    said = "building without Nix, with the programs of this machine: Nix is not installed"
    assert said in done.stderr


# No room.


@pytest.fixture
def mounts() -> None:
    if reason := why_not():
        pytest.skip(f"mounts of one's own are needed: {reason}")


@pytest.fixture
def own(refuse: Refuse, tmp_path: Path) -> Refuse:
    """Return the command with a state directory that only has the package set's lock."""
    own = tmp_path / "own-state"
    ignore = shutil.ignore_patterns("apt")
    shutil.copytree(refuse.state / "debian", own / "debian", symlinks=True, ignore=ignore)
    return replace(refuse, state=own)


@pytest.mark.usefixtures("mounts")
@BUILDERS
def test_the_disk_of_the_state_is_full(own: Refuse, app: Path, options: tuple[str, ...]) -> None:
    run(own, "build", app, *options)
    before = kept_content(own.state)
    (app / "large.bin").write_bytes(os.urandom(70_000_000))
    after = app.parent / "after"
    save = f"cp -a {shlex.quote(str(own.state))} {shlex.quote(str(after))}"
    full = replace(own, front=in_private(small_disk(own.state, "60m"), after=save))
    tip = "Free some space and try again; nothing half-written was left."
    refusal = full("build", app, *options, code=TEMPORARY, says=str(own.state), tip=tip, app=app)
    assert "the disk is full (No space left on device)" in refusal.headline
    assert kept_content(after) == before
    assert not any("large.bin" in path for path in content(after))


@pytest.mark.usefixtures("mounts")
@pytest.mark.parametrize("command", [("build", *NIX), ("build", *LOCAL), ("packages", "refresh")])
def test_there_is_no_room_at_all_for_the_state(
    refuse: Refuse, app: Path, tmp_path: Path, command: tuple[str, ...]
) -> None:
    state = tmp_path / "no-room"
    state.mkdir()
    line = f"{small_disk(state, '16k')}; head -c 1M /dev/zero 2>&- >{shlex.quote(str(state))}/x ||:"
    full = replace(refuse, state=state, front=in_private(line))
    refusal = full(*command, code=TEMPORARY, says="", tip="Free some space", cwd=app, app=app)
    assert "No space left on device" in refusal.error


@pytest.mark.usefixtures("mounts")
@pytest.mark.parametrize("size", ["1m", "30m"])
def test_the_disk_of_the_store_is_full(own: Refuse, app: Path, size: str) -> None:
    full = replace(own, front=in_private(f"mount -t tmpfs -o size={size} tmpfs /nix"))
    says, tip = "the disk is full (", "nix-collect-garbage drops what nothing refers to"
    full("build", app, *NIX, code=TEMPORARY, says=says, tip=tip, app=app)


@pytest.mark.usefixtures("mounts")
@BUILDERS
def test_the_state_cannot_be_written(own: Refuse, app: Path, options: tuple[str, ...]) -> None:
    at = shlex.quote(str(own.state))
    read_only = f"mount --bind {at} {at}; mount -o remount,bind,ro {at}"
    refused = replace(own, front=in_private(read_only))
    tip = "Set HOP3_NIX_STATE to a directory that you can write."
    says = str(own.state)
    refusal = refused("build", app, *options, code=UNAVAILABLE, says=says, tip=tip, app=app)
    assert "cannot be written: Read-only file system" in refusal.headline


# A store path that was tampered with.


@pytest.fixture
def built(refuse: Refuse, app: Path) -> Path:
    """Return the store path of the application."""
    return Path(run(refuse, "build", app, *NIX).stdout.strip())


def tampered(refuse: Refuse, path: Path, file: str, tmp_path: Path) -> Refuse:
    """Return the command where ``file`` of a store path has one line more than was built."""
    copy = tmp_path / "tampered"
    shutil.copytree(path, copy, symlinks=True)
    changed = copy / file
    for parent in (copy, *changed.relative_to(copy).parents):
        (copy / parent).chmod(0o755)
    changed.chmod(0o644)
    with changed.open("a") as text:
        text.write("\n")
    return replace(refuse, front=in_private(in_place_of(path, copy)))


@pytest.mark.usefixtures("mounts")
@pytest.mark.parametrize("layer", ["bundle", "app"])
def test_inspect_finds_a_store_path_that_was_changed(
    refuse: Refuse, app: Path, built: Path, tmp_path: Path, layer: str
) -> None:
    path, file = built, "hop3/runtime.json"
    if layer == "app":
        tree = Path(json.loads((built / file).read_text())["working_dir"])
        path, file = tree.parent, "app/main.py"
    command = tampered(refuse, path, file, tmp_path)
    says = f"{path} is not what was built: somebody changed it in the store"
    for what in (app, built):
        tip = f"--repair-path {path}"
        command("inspect", what, "--verify", code=DAMAGED, says=says, tip=tip, app=app)


@pytest.mark.usefixtures("mounts")
def test_a_build_does_not_take_a_store_path_that_was_changed(
    refuse: Refuse, app: Path, built: Path, tmp_path: Path
) -> None:
    command = tampered(refuse, built, "hop3/runtime.json", tmp_path)
    says = f"{built} is not what was built: somebody changed it in the store"
    tip = "Have Nix build it again: nix-store "
    command("build", app, *NIX, "--rebuild", code=DAMAGED, says=says, tip=tip, app=app)


@pytest.mark.usefixtures("mounts")
def test_the_command_that_is_told_mends_the_store_path(
    refuse: Refuse, built: Path, tmp_path: Path
) -> None:
    layers = tmp_path / "layers"
    layers.mkdir()
    # Other tests write to the database that would be seen below.
    whole = tmp_path / "db.sqlite"
    with closing(sqlite3.connect(DATABASE)) as ours, closing(sqlite3.connect(whole)) as copy:
        ours.backup(copy)
    at, runtime = shlex.quote(str(layers)), f"{built}/hop3/runtime.json"
    private_store = (
        f"mount -t tmpfs tmpfs {at}; mkdir {at}/upper {at}/work; "
        f"mount -t overlay overlay -o lowerdir=/nix,upperdir={at}/upper,workdir={at}/work /nix; "
        f"rm -f {DATABASE}*; cp {shlex.quote(str(whole))} {DATABASE}; "
        f"chmod u+w {runtime}; echo >>{runtime}"
    )
    broken = replace(refuse, front=in_private(private_store))
    refusal = broken("inspect", built, "--verify", code=DAMAGED, says=str(built), tip="nix-store ")
    remedy = refusal.error.partition("Have Nix build it again: ")[2].strip()
    mended = replace(broken, front=in_private(f"{private_store}\n{remedy}"))
    assert "are what was built" in run(mended, "inspect", built, "--verify").stderr
