"""What `hop3-nix lock` asks a proxy for, checks, and writes; and what it refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from go_apps import MAIN, OFFER
from hop3_nix.errors import LockError, TemporaryError, UnavailableError
from hop3_nix.locks.own import FILE
from hop3_nix.plan import LockedFile
from hop3_nix.toolchains.go.locking import locate_plan, write_lock

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from go_apps import Compiler, Proxy
    from hop3_nix.plan import BuildPlan
    from hop3_nix.toolchains.app import App

    Write = Callable[[Mapping[str, str]], App]
    Plan = Callable[[Mapping[str, str]], BuildPlan]

ONE = "example.org/One"
ZIP = "example.org/!one/@v/v1.0.0.zip"


def needing(proxy: Proxy) -> dict[str, str]:
    proxy.has(ONE, "v1.0.0")
    mod = f"module shop\n\ngo 1.23\n\nrequire {ONE} v1.0.0\n"
    return {"go.mod": mod, "go.sum": proxy.sums, "main.go": MAIN}


def test_digests_of_files_are_written_beside_those_of_go(
    write: Write, proxy: Proxy, tools: Compiler
) -> None:
    lock = write_lock(write(needing(proxy)), OFFER, tools)
    assert lock is not None
    assert list(lock.go) == [ZIP, ZIP.replace("zip", "mod")]
    assert lock.go[ZIP].sha256 == proxy.sha256(ZIP)
    assert f"{ONE} v1.0.0 {lock.go[ZIP].h1}" in proxy.lines
    assert proxy.address not in lock.to_json()


def test_a_plan_has_each_file_at_the_proxy(
    write: Write, plan: Plan, proxy: Proxy, tools: Compiler
) -> None:
    files = needing(proxy)
    lock = write_lock(write(files), OFFER, tools)
    assert lock is not None
    located = locate_plan(plan({**files, FILE: lock.to_json()}), OFFER, tools)
    [archive] = [each for each in located.dependencies if each.filename == ZIP]
    assert isinstance(archive, LockedFile)
    assert archive.url == f"{proxy.address}/{ZIP}"


def test_without_a_lock_it_is_said_how_to_write_it(plan: Plan, proxy: Proxy) -> None:
    with pytest.raises(LockError, match=r"go.sum: .* no hop3-nix.lock") as caught:
        plan(needing(proxy))
    assert "hop3-nix lock" in caught.value.tip
    assert "go mod vendor" in caught.value.tip


@pytest.mark.parametrize("change", ["sum", "more"])
def test_a_lock_of_another_go_sum_is_stale(
    write: Write, plan: Plan, proxy: Proxy, tools: Compiler, change: str
) -> None:
    files = needing(proxy)
    lock = write_lock(write(files), OFFER, tools)
    assert lock is not None
    files[FILE] = lock.to_json()
    if change == "sum":
        files["go.sum"] = files["go.sum"].replace(lock.go[ZIP].h1, f"h1:{'A' * 43}=")
    else:
        files["go.sum"] = proxy.has("example.org/two", "v1.0.0").sums
    with pytest.raises(LockError, match=r"another digest|not in hop3-nix\.lock") as caught:
        plan(files)
    assert "hop3-nix lock" in caught.value.tip


def test_other_bytes_than_those_of_go_sum_are_refused(
    write: Write, proxy: Proxy, tools: Compiler
) -> None:
    app = write(needing(proxy))
    (proxy.directory / ZIP).write_bytes(b"<html>")
    with pytest.raises(LockError, match=r"is no archive .* and go.sum says h1:"):
        write_lock(app, OFFER, tools)


def test_a_module_that_no_proxy_has_is_named_with_what_to_do(
    write: Write, proxy: Proxy, tools: Compiler
) -> None:
    app = write(needing(proxy))
    (proxy.directory / ZIP).unlink()
    with pytest.raises(LockError, match=f"{ONE}@v1.0.0 is needed, and no proxy") as caught:
        write_lock(app, OFFER, tools)
    assert "go mod vendor" in caught.value.tip
    assert f"-replace {ONE}=" in caught.value.tip


def test_a_private_module_is_not_asked_for(
    write: Write, proxy: Proxy, tools: Compiler, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = write(needing(proxy))
    monkeypatch.setenv("GOPRIVATE", "example.org/*")
    with pytest.raises(LockError, match="GOPRIVATE keeps it from proxies"):
        write_lock(app, OFFER, tools)


def test_a_proxy_that_does_not_answer_is_tried_again_later(
    write: Write, proxy: Proxy, tools: Compiler, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = write(needing(proxy))
    monkeypatch.setenv("GOPROXY", "http://127.0.0.1:1,direct")
    with pytest.raises(TemporaryError, match=r"does not answer for http://127\.0\.0\.1:1/example"):
        write_lock(app, OFFER, tools)


@pytest.mark.parametrize(("said", "shown"), [("", "is not set"), ("direct", "is 'direct'")])
def test_without_a_proxy_goproxy_is_named(  # noqa: PLR0917 - they are fixtures
    write: Write,
    proxy: Proxy,
    tools: Compiler,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    said: str,
    shown: str,
) -> None:
    app = write(needing(proxy))
    monkeypatch.setenv("GOPROXY", said)
    monkeypatch.setenv("GOENV", str(tmp_path / "none"))
    with pytest.raises(UnavailableError, match=f"GOPROXY {shown}") as caught:
        write_lock(app, OFFER, tools)
    assert "export GOPROXY=" in caught.value.tip


@pytest.mark.parametrize("whose", ["users", "compilers"])
def test_goproxy_is_read_where_go_reads_it(  # noqa: PLR0917 - they are fixtures
    write: Write,
    proxy: Proxy,
    tools: Compiler,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    whose: str,
) -> None:
    app = write(needing(proxy))
    monkeypatch.delenv("GOPROXY")
    monkeypatch.setenv("GOENV", str(tmp_path / "users"))
    file = tmp_path / "users" if whose == "users" else tools.directory / "go.env"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"# settings\nGOPROXY={proxy.address},direct\n")
    assert write_lock(app, OFFER, tools) is not None


def test_what_needs_nothing_needs_no_lock_and_no_proxy(
    write: Write, tools: Compiler, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOPROXY", "off")
    assert write_lock(write({"go.mod": "module shop\n"}), OFFER, tools) is None
