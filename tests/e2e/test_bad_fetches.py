"""Files that are not what was locked, that are gone, and servers that do not answer."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from index import pylock
from refusing import COMMAND
from running import free_port

if TYPE_CHECKING:
    from pathlib import Path

    from index import Index, Wheel
    from refusing import Refuse

NIX = ("--builder", "nix", "--pkgs", "debian")
LOCAL = ("--builder", "local")
BAD_INPUT, UNAVAILABLE, TEMPORARY = 65, 69, 75
OTHER = "0" * 64


@pytest.fixture
def refuse(refuse: Refuse, tmp_path: Path) -> Refuse:
    """Return the command with pip and Nix set up for nothing of this machine."""
    settings = {
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_FIND_LINKS": "",
        "PIP_EXTRA_INDEX_URL": "",
        "PIP_INDEX_URL": closed_address(),
        "PIP_RETRIES": "0",
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
        "NIX_CONFIG": "download-attempts = 1",
    }
    return replace(refuse, env=settings)


@pytest.fixture
def wheel(index: Index) -> Wheel:
    """Return a wheel that nobody else has, and that nothing has fetched yet."""
    return index.wheel("lonelib", f"1.{time.time_ns()}")


def closed_address() -> str:
    """Return an address where nothing answers."""
    return f"http://127.0.0.1:{free_port()}"


def offering(refuse: Refuse, index: Index, wheel: Wheel) -> Refuse:
    """Return the command with an index that has ``wheel`` (PEP 503)."""
    page = index.directory / "simple" / wheel.name / "index.html"
    page.parent.mkdir(parents=True)
    page.write_text(f'<a href="{wheel.url}#sha256={wheel.sha256}">{wheel.filename}</a>\n')
    return replace(refuse, env={**refuse.env, "PIP_INDEX_URL": f"{index.url}/simple/"})


def require(app: Path, wheel: Wheel, digest: str) -> None:
    """Give the application a lockfile without addresses."""
    text = f"# locked\n{wheel.name}=={wheel.version} --hash=sha256:{digest}\n"
    (app / "requirements.txt").write_text(text)


def pin(app: Path, wheel: Wheel) -> None:
    """Give the application a lockfile with addresses."""
    (app / "requirements.txt").unlink(missing_ok=True)
    (app / "pylock.toml").write_text(pylock(wheel))


def build(refuse: Refuse, app: Path, *options: str) -> None:
    argv = [str(COMMAND), "build", str(app), *options]
    subprocess.run(argv, env=refuse.environment(), check=True, capture_output=True)


# A digest that is not that of the file.


def test_the_index_has_another_file_than_the_locked_one(
    refuse: Refuse, app: Path, index: Index, wheel: Wheel
) -> None:
    require(app, wheel, OTHER)
    refusal = offering(refuse, index, wheel)(
        "build",
        app,
        *NIX,
        code=BAD_INPUT,
        says=f"requirements.txt:2: hash mismatch: lonelib {wheel.version}: locked sha256:{OTHER}",
        tip="If you trust the index: lock again",
        app=app,
    )
    assert f"offered sha256:{wheel.sha256} ({wheel.filename})" in refusal.error


def test_the_index_has_another_file_without_nix_too(
    refuse: Refuse, app: Path, index: Index, wheel: Wheel
) -> None:
    require(app, wheel, OTHER)
    says, tip = "requirements.txt:2: a file is not the one that was locked: ", "Find out which"
    command = offering(refuse, index, wheel)
    refusal = command("build", app, *LOCAL, code=BAD_INPUT, says=says, tip=tip, app=app)
    assert OTHER in refusal.error
    assert wheel.sha256 in refusal.error


@pytest.mark.parametrize("options", [NIX, LOCAL])
def test_a_server_gives_other_bytes_than_were_locked(
    refuse: Refuse, app: Path, index: Index, wheel: Wheel, options: tuple[str, ...]
) -> None:
    build(refuse, app, *options)  # What must stay the artifact.
    pin(app, wheel)
    (index.directory / wheel.filename).write_bytes(b"something else")
    refusal = refuse(
        "build", app, *options, code=BAD_INPUT, says="pylock.toml:10: ", tip="Find out which"
    )
    assert "that was locked" in refusal.headline
    assert wheel.filename in refusal.error
    assert wheel.sha256 in refusal.error


# A file that is gone.


@pytest.mark.parametrize("options", [NIX, LOCAL])
def test_a_file_is_no_longer_where_the_lockfile_says(
    refuse: Refuse, app: Path, index: Index, wheel: Wheel, options: tuple[str, ...]
) -> None:
    pin(app, wheel)
    (index.directory / wheel.filename).unlink()
    refusal = refuse(
        "build", app, *options, code=UNAVAILABLE, says="", tip="Lock the dependencies again"
    )
    assert wheel.url in refusal.error
    assert "404" in refusal.error


# Servers that do not answer.


@pytest.mark.parametrize(
    "command", [("build", *NIX), ("build", *NIX, "--lock"), ("lock", "--pkgs", "debian")]
)
def test_the_index_does_not_answer(
    refuse: Refuse, app: Path, wheel: Wheel, command: tuple[str, ...]
) -> None:
    name, *options = command
    if options == list(NIX):
        require(app, wheel, OTHER)
    else:
        (app / "requirements.txt").write_text("lonelib\n")
    says = "pip cannot reach the package index: Connection refused (127.0.0.1:"
    refuse(name, app, *options, code=TEMPORARY, says=says, tip="Check the network", app=app)


def test_a_server_of_wheels_does_not_answer(refuse: Refuse, app: Path, wheel: Wheel) -> None:
    url = f"{closed_address()}/{wheel.filename}"
    pin(app, wheel._replace(url=url))
    tip = "See that this machine reaches that address; try again."
    refuse("build", app, *NIX, code=TEMPORARY, says=f"could not download {url}: ", tip=tip)


def test_a_server_of_wheels_does_not_answer_without_nix(
    refuse: Refuse, app: Path, wheel: Wheel
) -> None:
    pin(app, wheel._replace(url=f"{closed_address()}/{wheel.filename}"))
    tip = "See that this machine reaches that address; try again."
    refuse("build", app, *LOCAL, code=TEMPORARY, says="the network failed: ", tip=tip)


# The Debian mirror.


@pytest.fixture
def fresh(refuse: Refuse, tmp_path: Path) -> Refuse:
    """Return the command with a state directory that has nothing in it."""
    state = tmp_path / "fresh-state"
    state.mkdir()
    return replace(refuse, state=state)


def with_changed_lock(fresh: Refuse, state: Path, mirror: str) -> str:
    """Lock a .deb that nobody has yet to be fetched from ``mirror``; return its path there."""
    shutil.copytree(state / "debian", fresh.state / "debian", ignore=shutil.ignore_patterns("apt"))
    file = fresh.state / "debian" / "lock.json"
    lock = json.loads(file.read_text())
    deb = next(deb for deb in lock["groups"]["tzdata"] if deb["package"] == "tzdata")
    deb["sha256"] = f"{time.time_ns():064d}"
    file.write_text(json.dumps(lock))
    mirrors = fresh.state / "debian" / "mirrors.json"
    mirrors.write_text(json.dumps(dict.fromkeys(json.loads(mirrors.read_text()), mirror)))
    path: str = deb["path"]
    return path


def test_the_mirror_has_dropped_a_version(
    fresh: Refuse, app: Path, state: Path, index: Index
) -> None:
    path = with_changed_lock(fresh, state, index.url)
    says, tip = (
        f"could not download {index.url}/{path}: HTTP error 404",
        "hop3-nix packages refresh",
    )
    fresh("build", app, *NIX, code=UNAVAILABLE, says=says, tip=tip, app=app)


def test_the_mirror_has_another_file_of_that_name(
    fresh: Refuse, app: Path, state: Path, index: Index
) -> None:
    path = index.directory / with_changed_lock(fresh, state, index.url).replace("%2b", "+")
    path.parent.mkdir(parents=True)
    path.write_bytes(b"not a package")
    tip = "hop3-nix packages refresh"
    refusal = fresh("build", app, *NIX, code=UNAVAILABLE, says="tzdata_", tip=tip, app=app)
    assert "is not the file that was locked" in refusal.headline


def test_the_mirror_does_not_answer(fresh: Refuse, app: Path, state: Path) -> None:
    mirror = closed_address()
    path = with_changed_lock(fresh, state, mirror)
    says, tip = f"could not download {mirror}/{path}: ", "try again"
    fresh("build", app, *NIX, code=TEMPORARY, says=says, tip=tip, app=app)


def with_mirror(fresh: Refuse, tmp_path: Path, sources: str) -> Refuse:
    """Return the command where the machine's apt has ``sources`` and has fetched nothing."""
    (tmp_path / "lists").mkdir()
    (tmp_path / "sources.list").write_text(sources)
    configuration = tmp_path / "apt.conf"
    configuration.write_text(
        f'Dir::Etc::sourcelist "{tmp_path}/sources.list";\n'
        'Dir::Etc::sourceparts "/dev/null";\n'
        f'Dir::State::lists "{tmp_path}/lists";\n'
        'Acquire::Retries "0";\n'
        'Acquire::http::Proxy "DIRECT";\n'
    )
    return replace(fresh, env={**fresh.env, "APT_CONFIG": str(configuration)})


@pytest.mark.parametrize("command", [("build", *NIX), ("packages", "refresh")])
def test_the_package_set_cannot_be_reached(
    fresh: Refuse, app: Path, tmp_path: Path, command: tuple[str, ...]
) -> None:
    offline = with_mirror(fresh, tmp_path, f"deb {closed_address()}/debian bookworm main\n")
    says = "apt could not read the Debian archive: Failed to fetch http://127.0.0.1:"
    offline(*command, code=TEMPORARY, says=says, tip="reaches its Debian mirror", cwd=app, app=app)
    assert not (fresh.state / "debian" / "lock.json").exists()


def test_apt_has_no_debian_mirror(fresh: Refuse, app: Path, tmp_path: Path) -> None:
    foreign = with_mirror(fresh, tmp_path, "deb http://vendor.example/apt stable main\n")
    says = "the Debian package set needs a Debian mirror, and apt here is set up for none"
    foreign("build", app, *NIX, code=UNAVAILABLE, says=says, tip="--pkgs nixpkgs", app=app)


def test_without_a_package_set_auto_builds_without_nix_and_says_why(
    fresh: Refuse, app: Path, tmp_path: Path
) -> None:
    offline = with_mirror(fresh, tmp_path, f"deb {closed_address()}/debian bookworm main\n")
    (app / "hop3.toml").write_text('[nix]\npkgs = "debian"\n')
    argv = [str(COMMAND), "build", str(app), "--json"]
    env = offline.environment()
    done = subprocess.run(argv, env=env, check=True, capture_output=True, text=True)
    assert json.loads(done.stdout)["builder"] == "local"
    said = "building without Nix, with the programs of this machine: apt could not read"
    assert said in done.stderr
