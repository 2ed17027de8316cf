"""An ordinary user of a host deploys for themselves, without systemd: supervisord and nginx."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from host import Host, why_not
from released import QUICK, artifact, trusting

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(bool(why_not()), reason=why_not() or "nothing is missing")


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    with Host.boot(tmp_path_factory.mktemp("user") / "host") as host:
        host.add_user("alice")
        yield host


def command(
    host: Host, *arguments: str | Path, status: int = 0
) -> subprocess.CompletedProcess[str]:
    argv = ["/opt/hop3-nix/bin/hop3-nix", *trusting(*arguments)]
    return host.run(argv, user="alice", status=status)


def test_releases_refusals_and_a_reboot(host: Host, tmp_path: Path) -> None:
    static = {"/unit": "/etc/systemd"}
    words = ("first", "second")
    releases = [
        artifact(tmp_path, word, python="/usr/bin/python3", static_paths=static) for word in words
    ]
    host.copy_closure(*releases)
    name = ("--name", "shop", *QUICK)
    for release, word in zip(releases, words, strict=True):
        command(host, "deploy", release, *name, "--manager", "supervisord", "--listen", "8080")
        assert host.get("/", 8080) == (200, word)
    assert host.get("/unit/system.conf", 8080)[0] == 200
    owners = host.run(["ps", "-C", "nginx", "-o", "user="]).stdout.split()
    assert set(owners) == {"alice"}

    refused = command(host, "deploy", releases[0], *name, "--listen", "80", status=69)
    assert "cannot listen on 80: Permission denied" in refused.stderr
    assert "Ports below 1024 are for root" in refused.stderr
    assert host.get("/", 8080) == (200, "second")

    host.reboot()
    assert "down" in command(host, "status", "shop").stdout
    command(host, "start", "shop")
    assert host.get("/", 8080) == (200, "second")
