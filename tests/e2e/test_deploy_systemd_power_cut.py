"""A machine that goes down in the middle of a deployment: what it serves when it is up again."""

from __future__ import annotations

import json
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import powercut
from deploying import wait_for
from driving import PYTHON
from host import Host, why_not
from released import QUICK, artifact, trusting

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.skipif(bool(why_not()), reason=why_not() or "nothing is missing")

DRIVER = r"""
import re, sys
from pathlib import Path
sys.path.insert(0, "/opt/test")
from powercut import cut
from hop3_nix.cli.group import run

before = re.compile(sys.argv[1])
killed = cut(lambda: run(sys.argv[2:]), Path("/"), at=1, counts=before.search)
sys.exit(0 if killed else "there was no such effect")
"""
"""Runs hop3-nix, killed right before the first effect that looks so."""

BEFORE = {
    "the journal": r"^os.rename .*/transition.json$",
    "the record": r"^os.rename .*/release.json$",
    "its services": r"^os.rename .*/hop3-shop-r[0-9]+-mailer-1.service$",
    "the traffic": r"^os.rename .*/serving$",
    "the commit": r"^os.rename .*/current$",
    "the boot": r"^os.rename .*/hop3-shop.target$",
    "the variables": r"^os.rename .*/apps/shop/environment$",
    "the old services": r"^os.remove .*/hop3-shop-r[0-9]+-mailer-1.service ",
    "the end": r"^os.remove .*/transition.json ",
}
"""What is about to happen when the machine goes down, in the order of a deployment."""

UNWRITTEN = {"the journal"}
COMMITTED = {"the boot", "the variables", "the old services", "the end"}


class Shop:
    """An app on a host, each of whose releases answers with another word."""

    def __init__(self, host: Host, scratch: Path) -> None:
        self.host = host
        self._words = (f"word{number}" for number in count())
        self._scratch = scratch

    def deploy(self, *driver: str) -> str:
        """Deploy the next artifact, by ``driver`` or by the command, and return its word."""
        word = next(self._words)
        path = artifact(self._scratch, word, python="/usr/bin/python3")
        self.host.copy_closure(path)
        options = ("--name", "shop", "--listen", "80", *QUICK)
        self.host.run([*(driver or ("hop3-nix",)), *trusting("deploy", path, *options)])
        return word

    def says(self) -> str:
        """Return the word that is answered, empty if none is."""
        try:
            status, word = self.host.get("/")
        except OSError:
            return ""
        return word if status == 200 else ""

    def status(self) -> Any:
        """Return what `status` prints."""
        return json.loads(self.host.run(["hop3-nix", "status", "shop", "--json"]).stdout)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with Host.boot(tmp_path_factory.mktemp("cut") / "host") as host:
        directory = host.files / "opt/test"
        directory.mkdir()
        (directory / "powercut.py").write_text(Path(powercut.__file__).read_text())
        shop = Shop(host, tmp_path_factory.mktemp("trees"))
        shop.deploy()
        yield shop


@pytest.mark.parametrize("before", BEFORE)
def test_it_answers_after_the_boot(shop: Shop, before: str) -> None:
    old = shop.says()
    assert old
    new = shop.deploy(PYTHON, "-c", DRIVER, BEFORE[before])
    shop.host.power_cut()
    wait_for(shop.says, "answering after the boot")
    assert shop.says() in {old, new}
    assert shop.status()["interrupted"] == (before not in UNWRITTEN)

    shop.host.run(["hop3-nix", "start", "shop"])
    assert shop.says() == (new if before in COMMITTED else old)
    after = shop.status()
    assert (after["state"], after["transition"]) == ("running", "")

    assert shop.deploy() == shop.says()
