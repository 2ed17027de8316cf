from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

import pytest

from hop3_nix.contract import BuildArtifact, RuntimeConfig
from hop3_nix.deploy.artifact import Located
from hop3_nix.deploy.instances import plan_instances
from hop3_nix.deploy.launch import Ready, prepare
from hop3_nix.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def clean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOP3_NIX_STATE", str(tmp_path / "state"))
    for name in ("PORT", "HOP3_STATE_DIR"):
        monkeypatch.delenv(name, raising=False)


def located(tmp_path: Path, builder: Literal["nix", "local"] = "local", **runtime: Any) -> Located:
    data = {
        "env_vars": {"FIXED": "artifact"},
        "path_prepend": [],
        "working_dir": str(tmp_path),
        "workers": {"web": "echo web", "worker": "echo worker", "cron-a": "0 3 * * 1 tidy --all"},
    }
    artifact = BuildArtifact(
        kind="any",
        builder=builder,
        app_name="demo",
        built_at=datetime(2025, 1, 2, tzinfo=UTC),
        build_id="b1",
        location=str(tmp_path),
        runtime=RuntimeConfig.model_validate(data | runtime),
    )
    return Located(artifact, tmp_path / "BUILD_ARTIFACT.json")


def names_and_ports(ready: Ready, **choice: Any) -> list[tuple[str, str]]:
    instances, _ = plan_instances(ready, **choice)
    return [(instance.name, instance.start.env["PORT"]) for instance in instances]


def test_web_comes_first_and_ports_follow(tmp_path: Path) -> None:
    ready = prepare(
        located(tmp_path, workers={"api": "x", "web": "x", "zed": "x"}), overrides={"PORT": "7000"}
    )
    assert names_and_ports(ready) == [("web", "7000"), ("api", "7100"), ("zed", "7200")]
    assert names_and_ports(ready, scale={"web": 2, "zed": 0}) == [
        ("web.1", "7000"),
        ("web.2", "7001"),
        ("api", "7100"),
    ]
    assert names_and_ports(ready, only=("zed",)) == [("zed", "7000")]


def test_port_of_the_environment_then_of_the_artifact(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready = prepare(located(tmp_path, workers={"web": "x"}, env_vars={"PORT": "7001"}))
    assert names_and_ports(ready) == [("web", "7001")]
    monkeypatch.setenv("PORT", "7002")
    assert names_and_ports(ready) == [("web", "7002")]


@pytest.mark.parametrize("port", ["0", "65536", "x", "-1", "²"])
def test_port_that_is_none(tmp_path: Path, port: str) -> None:
    with pytest.raises(InputError, match="PORT is not a port"):
        plan_instances(prepare(located(tmp_path), overrides={"PORT": port}))


def test_ports_end(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="65536"):
        plan_instances(prepare(located(tmp_path), overrides={"PORT": "65535"}), scale={"web": 2})


def test_cron_and_static_workers_are_named(tmp_path: Path) -> None:
    workers = {"web": "x", "cron-a": "0 3 * * 1 tidy", "static": "/srv/www"}
    _, notes = plan_instances(prepare(located(tmp_path, workers=workers)))
    assert notes == [
        (
            "cron-a is not started: its schedule is '0 3 * * 1'; "
            f"to run it once: hop3-nix exec cron-a {tmp_path}"
        ),
        "static is not started: a web server has to serve /srv/www",
    ]


@pytest.mark.parametrize("choice", [{"only": ("wbe",)}, {"scale": {"wbe": 1}}])
def test_choice_of_an_unknown_worker(tmp_path: Path, choice: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="no worker 'wbe'"):
        plan_instances(prepare(located(tmp_path)), **choice)


def test_choice_of_a_cron_worker(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not started in the foreground") as caught:
        plan_instances(prepare(located(tmp_path)), only=("cron-a",))
    assert "hop3-nix exec cron-a" in caught.value.tip


@pytest.mark.parametrize("workers", [{}, {"static": "/srv"}])
def test_nothing_to_start(tmp_path: Path, workers: dict[str, str]) -> None:
    with pytest.raises(InputError, match="no worker to start"):
        plan_instances(prepare(located(tmp_path, workers=workers)))
