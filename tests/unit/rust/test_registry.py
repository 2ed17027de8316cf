"""Where crates are: what the index says that the user's cargo is set up for."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hop3_nix.errors import TemporaryError, ToolError, UnavailableError
from hop3_nix.plan import App, BuildPlan, LockedFile, RuntimePlan, UnlocatedFile
from hop3_nix.toolchains.rust.registry import address, locate_plan
from rust_apps import OFFERS
from unenclosed import Unenclosed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hop3_nix.plan import AnyOffer

SUM = "ab" * 32
CRATE = UnlocatedFile(name="Itoa", version="1.0.19", sha256=(SUM,), filename="Itoa-1.0.19.crate")


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("https://c.example/api", "https://c.example/api/Itoa/1.0.19/download"),
        ("https://c.example/{crate}-{version}.crate", "https://c.example/Itoa-1.0.19.crate"),
        ("https://c.example/{prefix}/{lowerprefix}", "https://c.example/It/oa/it/oa"),
        ("https://c.example/{sha256-checksum}", f"https://c.example/{SUM}"),
    ],
)
def test_addresses_are_made_as_cargo_makes_them(pattern: str, expected: str) -> None:
    assert address(pattern, CRATE) == expected


@dataclass
class Cargo(Unenclosed):
    """A cargo that has written down the configuration of its index, and how it was called."""

    on_path: bool = True
    status: int = 0
    called: list[tuple[str, ...]] = field(default_factory=list)
    settings: str = ""

    def program(self, offer: AnyOffer, name: str) -> Path:
        return Path("/set", offer.named, "bin", name)

    def run(self, argv: Sequence[str], *, env: Mapping[str, str] | None = None) -> str:
        self.called.append(tuple(argv))
        if argv[0] == "cargo" and not self.on_path:
            raise UnavailableError("cargo is not there")
        if self.status:
            raise ToolError("cargo failed", output="could not resolve host")
        assert env is not None
        home = Path(env["CARGO_HOME"])
        self.settings = (home / "config.toml").read_text() if list(home.iterdir()) else ""
        index = home / "registry/index/one"
        index.mkdir(parents=True)
        (index / "config.json").write_text(json.dumps({"dl": "https://c.example"}))
        return ""


PLAN = BuildPlan(
    app=App(name="shop"),
    toolchain="rust",
    interpreter="rustc",
    dependencies=(CRATE,),
    runtime=RuntimePlan(),
)


def test_the_users_settings_are_heard_and_those_of_the_application_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CARGO_HOME", str(tmp_path))
    (tmp_path / "config.toml").write_text("[http]\n")
    cargo = Cargo()
    [file] = locate_plan(PLAN, OFFERS[0], cargo).dependencies
    assert isinstance(file, LockedFile)
    assert (file.url, file.sha256) == ("https://c.example/Itoa/1.0.19/download", SUM)
    assert cargo.settings == "[http]\n"
    assert "--manifest-path" in cargo.called[0]


def test_where_there_is_no_cargo_that_of_the_set_is_asked() -> None:
    cargo = Cargo(on_path=False)
    locate_plan(PLAN, OFFERS[1], cargo)
    assert cargo.called[1][0] == "/set/cargo/bin/cargo"


def test_an_index_that_does_not_answer_may_do_so_later() -> None:
    with pytest.raises(TemporaryError, match="does not reach its index"):
        locate_plan(PLAN, OFFERS[0], Cargo(status=101))


def test_nobody_is_asked_where_nothing_is_to_be_fetched() -> None:
    cargo = Cargo()
    plan = PLAN.model_copy(update={"dependencies": ()})
    assert locate_plan(plan, OFFERS[0], cargo) == plan
    assert not cargo.called
