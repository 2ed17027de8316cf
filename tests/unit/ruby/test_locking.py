"""What a gem server is asked for, and what becomes of its answer."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hop3_nix.config import load_config
from hop3_nix.errors import LockError, TemporaryError, ToolError
from hop3_nix.locks.own import input_digests
from hop3_nix.plan import AnyOffer, Offer
from hop3_nix.source import Source
from hop3_nix.toolchains.app import App
from hop3_nix.toolchains.ruby.locking import write_lock
from ruby_apps import lockfile
from unenclosed import Unenclosed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

OFFER = Offer(language="ruby", version="3.3.8", attribute="ruby_3_3", libc="2.41")


@dataclass
class FakeTools(Unenclosed):
    """Answers by rote; an exception is raised."""

    answer: str | Exception
    calls: list[list[str]] = field(default_factory=list)

    def program(self, offer: AnyOffer, name: str) -> Path:
        return Path("/set", offer.named, "bin", name)

    def run(self, argv: Sequence[str], *, env: Mapping[str, str] | None = None) -> str:
        assert env is not None
        self.calls.append([*argv])
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def opened(directory: Path, **more: Any) -> Source:
    lock = lockfile("puma (6.0)", "rack (3.0)", "rack (3.0-java)", **more)
    (directory / "Gemfile").write_text("")
    (directory / "Gemfile.lock").write_text(lock)
    (directory / "vendor/cache").mkdir(parents=True)
    (directory / "vendor/cache/puma-6.0.gem").write_text("a gem")
    return Source.open(directory)


def test_the_server_is_asked_for_what_nothing_pins(tmp_path: Path) -> None:
    source = opened(tmp_path, checksums=False)
    digests = {"rack-3.0.gem": "1" * 64, "rack-3.0-java.gem": "2" * 64}
    tools = FakeTools(json.dumps(digests))
    lock = write_lock(App(source, load_config(source)), OFFER, tools)
    assert lock is not None
    assert lock.ruby == digests
    assert lock.inputs == input_digests(source, ["Gemfile.lock"])
    assert lock.without_addresses() == lock
    assert json.loads(lock.to_json())["format"] == 1
    program, script, wanted = tools.calls[0]
    assert (program, Path(script).name) == ("/set/ruby_3_3/bin/ruby", "gem_digests.rb")
    assert json.loads(wanted)[1] == {
        "name": "rack",
        "version": "3.0-java",
        "filename": "rack-3.0-java.gem",
        "remote": "https://index.example/",
    }


def test_nobody_is_asked_if_the_lockfile_says_all(tmp_path: Path) -> None:
    source = opened(tmp_path)
    tools = FakeTools("")
    assert write_lock(App(source, load_config(source)), OFFER, tools) is None
    assert tools.calls == []


@pytest.mark.parametrize(
    ("said", "error", "says"),
    [
        ("bad response Not Found 404", LockError, "Gemfile.lock: the gem server cannot tell"),
        ("Errno::ECONNREFUSED: Connection refused", TemporaryError, "the gem server does not"),
        ("bad response Service Unavailable 503", TemporaryError, "the gem server does not"),
    ],
)
def test_what_the_server_does_not_tell(
    tmp_path: Path, said: str, error: type[LockError | TemporaryError], says: str
) -> None:
    source = opened(tmp_path, checksums=False)
    tools = FakeTools(ToolError("ruby failed", output=said, status=1))
    with pytest.raises(error) as caught:
        write_lock(App(source, load_config(source)), OFFER, tools)
    assert str(caught.value).startswith(says)
    assert said in str(caught.value)
    assert caught.value.tip
