"""Deployments and the Nix store: what is kept, and what was changed, in a store of its own."""

from __future__ import annotations

import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hop3_nix.nix.commands import NixSettings
from private import UNSHARE, why_not
from released import QUICK, Root, artifact_tree, deployments, get
from running import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

HOLD = "mount -t tmpfs tmpfs /nix && echo mounted && read -r _"
pytestmark = pytest.mark.skipif(bool(why_not()), reason=f"no mounts of our own: {why_not()}")


class Store(Root):
    """A root of deployments that sees an empty Nix store of its own."""

    def __init__(self, root: Root, pid: int, scratch: Path) -> None:
        super().__init__(root.directory, ("nsenter", "--mount", "--target", str(pid)))
        self.port = free_port()
        self._scratch = scratch

    def nix(self, *argv: str | Path) -> str:
        """Return what a program of Nix printed."""
        done = subprocess.run(
            [*self.prefix, *map(str, argv)],
            env=NixSettings().environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def artifact(self, word: str) -> Path:
        """Return a new store path whose web answers with ``word``."""
        tree = artifact_tree(self._scratch, word)
        return Path(self.nix("nix-store", "--add", tree).strip())

    def has(self, path: Path) -> bool:
        """Return whether the store has it, by its database and on its disk."""
        argv = [*self.prefix, "test", "-f", str(path / "hop3/runtime.json")]
        there = subprocess.run(argv, check=False).returncode == 0
        assert there == (str(path) in self.nix("nix-store", "--query", "--requisites", path))
        return there

    def change(self, path: Path, script: str) -> None:
        """Change ``path`` behind Nix's back."""
        argv = [*self.prefix, "sh", "-c", script, "sh", str(path)]
        subprocess.run(argv, check=True)

    def pids(self) -> dict[str, int]:
        """Return the process of each worker."""
        workers = self.data("status", "shop")["workers"]
        return {one["worker"]: one["pid"] for one in workers}


@contextmanager
def held() -> Iterator[int]:
    """Give a process whose /nix is empty and nobody else's."""
    with subprocess.Popen(
        [*UNSHARE, "sh", "-c", HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "mounted\n"
        yield holder.pid
        holder.kill()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with held() as pid, deployments(tmp_path / "root") as root:
        yield Store(root, pid, tmp_path / "trees")


def test_garbage_collection_takes_nothing_that_a_kept_release_needs(store: Store) -> None:
    one, two, stray = (store.artifact(word) for word in ("one", "two", "stray"))
    store("deploy", one, "--name", "shop", "--listen", str(store.port), *QUICK)
    store("deploy", two, "--name", "shop")

    store.nix("nix-collect-garbage", "-d")
    assert [store.has(path) for path in (one, two)] == [True, True]
    assert str(stray) not in store.nix("nix-store", "--gc", "--print-live")
    assert get(store.port) == "two"

    store("rollback")
    store.nix("nix-collect-garbage", "-d")
    assert [store.has(path) for path in (one, two)] == [True, True]
    assert get(store.port) == "one"
    store("restart")
    assert get(store.port) == "one"
    store("rollback", "2")
    assert get(store.port) == "two"

    store("gc", "shop", "--keep", "1")
    store.nix("nix-collect-garbage", "-d")
    live = store.nix("nix-store", "--gc", "--print-live")
    assert str(two) in live
    assert str(one) not in live
    assert get(store.port) == "two"

    store("destroy", "shop", "--yes")
    assert str(two) not in store.nix("nix-store", "--gc", "--print-live")


def test_a_changed_store_file_is_found_before_anything_is_stopped(store: Store) -> None:
    one, two = store.artifact("one"), store.artifact("two")
    store("deploy", one, "--name", "shop", "--listen", str(store.port), *QUICK)
    before = store.pids()
    store.change(two, 'chmod u+w "$1/server.py" && echo "# changed" >>"$1/server.py"')

    refused = store("deploy", two, "--name", "shop", "--verify-contents", status=74)
    assert f"{two} is not what was built" in refused.stderr
    assert "nix-store" in refused.stderr
    assert "--repair-path" in refused.stderr
    assert store.pids() == before
    assert get(store.port) == "one"
    assert [one["release"] for one in store.data("releases", "shop")] == [1]


def test_a_store_path_that_is_gone_is_found_before_anything_is_stopped(store: Store) -> None:
    one, two = store.artifact("one"), store.artifact("two")
    store("deploy", one, "--name", "shop", "--listen", str(store.port), *QUICK)
    store("deploy", two, "--name", "shop")
    before = store.pids()
    store.change(one, 'chmod -R u+w "$1" && rm -rf "$1"')

    refused = store("rollback", status=74)
    assert f"{one} is gone" in refused.stderr
    assert store.pids() == before
    assert get(store.port) == "two"
