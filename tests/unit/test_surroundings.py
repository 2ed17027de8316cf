"""What a tool that is asked something gets to see of the caller."""

from __future__ import annotations

from pathlib import Path

import pytest

from hop3_nix.builders import surroundings
from hop3_nix.builders.surroundings import ask, scrubbed
from hop3_nix.builders.tools import HostTools
from hop3_nix.errors import TemporaryError

SECRETS = ("MYSECRET", "AWS_SECRET_ACCESS_KEY", "PYTHONPATH", "NODE_OPTIONS", "RUBYOPT", "GIT_DIR")
KEPT = ("https_proxy", "SSL_CERT_FILE", "PIP_INDEX_URL", "npm_config_registry", "HOME", "NVM_DIR")


def test_a_tool_that_hangs_is_stopped_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(surroundings, "_SECONDS", 0.5)
    with pytest.raises(TemporaryError, match=r"sh -c 'sleep 60; true' did not end within 0\.5 s"):
        ask(["sh", "-c", "sleep 60; true"])


def test_no_variable_of_the_caller_is_passed_but_those_that_are_named_for_it() -> None:
    found = scrubbed(dict.fromkeys((*SECRETS, *KEPT), "x") | {"PATH": "/bin"})
    assert set(found) == {*KEPT, "PATH"}


def test_a_relative_entry_of_path_is_not_looked_into() -> None:
    assert scrubbed({"PATH": ".:/bin::node_modules/.bin:/usr/bin"})["PATH"] == "/bin:/usr/bin"


def test_a_tool_runs_in_an_empty_directory_with_what_it_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "of-the-app").write_text("")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MYSECRET", "s3cr3t")
    script = 'ls; pwd; echo "[$MYSECRET]" "$ADDED"'
    listing, where, said = ask(["sh", "-c", script], {"ADDED": "x"}).splitlines()
    assert (listing, said) == ("package.json", "[] x")
    assert Path(where) != tmp_path
    assert not Path(where).exists()


def test_what_asks_on_this_machine_asks_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MYSECRET", "s3cr3t")
    assert HostTools().run(["sh", "-c", 'echo "[$MYSECRET]"']) == "[]\n"
