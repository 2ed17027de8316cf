from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from hop3_nix.builders.tools import HostTools, NixTools
from hop3_nix.errors import ToolError, UnavailableError
from hop3_nix.nix import commands as nixcli
from hop3_nix.plan import Offer

if TYPE_CHECKING:
    from pathlib import Path

    from hop3_nix.nix.commands import Expression


def program(path: Path) -> Path:
    path.write_text("#!/bin/sh\necho $EXTRA\n")
    path.chmod(0o755)
    return path


def offer(attribute: str) -> Offer:
    return Offer(language="python", version="3.13.5", attribute=attribute, libc="2.41")


def test_the_interpreter_of_the_host(tmp_path: Path) -> None:
    python = program(tmp_path / "python3.13")
    assert HostTools().program(offer(str(python)), "python3") == python


def test_a_program_beside_the_interpreter_goes_before_others(tmp_path: Path) -> None:
    python, shell = program(tmp_path / "python3.13"), program(tmp_path / "sh")
    assert HostTools().program(offer(str(python)), "sh") == shell


def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    python = program(tmp_path / "python3.13")
    with pytest.raises(UnavailableError, match="no-such-program"):
        HostTools().program(offer(str(python)), "no-such-program")


@pytest.mark.parametrize("kind", ["host", "nix"])
def test_programs_are_run_with_more_environment(tmp_path: Path, kind: str) -> None:
    tools = HostTools() if kind == "host" else NixTools(Packages())
    path = program(tmp_path / "program")
    assert tools.run([str(path)], env={"EXTRA": "more"}) == "more\n"
    with pytest.raises(ToolError):
        tools.run(["false"])


class Packages:
    """A package set as far as its programs are asked for."""

    name = "<nixpkgs>"

    def expression(self) -> str:
        return "import <nixpkgs> { }"

    def nix_settings(self) -> dict[str, str]:
        return {"max-jobs": "1"}

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(name)


def test_a_program_of_a_package_set_is_realised_and_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[Expression, dict[str, Any]]] = []

    def build(what: Expression, **options: Any) -> Path:
        asked.append((what, options))
        return tmp_path / "store-path"

    monkeypatch.setenv("HOP3_NIX_STATE", str(tmp_path / "state"))
    monkeypatch.setattr(nixcli, "build", build)
    found = NixTools(Packages()).program(offer("python313"), "python3")
    assert found == tmp_path / "store-path" / "bin" / "python3"
    ((what, options),) = asked
    tools = tmp_path / "state" / "tools"
    assert what.attribute == "python313"
    assert options["out_link"] == tools / "python313"
    assert options["settings"].values == {"max-jobs": "1"}
    assert not isinstance(what.source, str)
    assert what.source.read_text() == "import <nixpkgs> { }\n"
    assert (tools / "hop3-nix" / "lib" / "default.nix").is_file()
