"""Every example, built by every builder, keeps the contract: it runs and says the same."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import pytest

from examples import EXAMPLES, copy_example, expected
from managers import path_with
from running import closure, fetch, free_port, only_closure, started, wait_for_output

if TYPE_CHECKING:
    from conftest import Cli

OF_THE_SET = {"LD_LIBRARY_PATH", "LOCPATH"}
"""What programs and packages of the embedded Debian set need, and those of this machine do not."""

Builder = Literal["nix", "local"]
BUILDERS: Final[tuple[Builder, ...]] = ("nix", "local")

Build = Callable[[Path, Builder], dict[str, Any]]


def name_of(path: object) -> str | None:
    return path.name if isinstance(path, Path) else None


def saying(key: str) -> list[Path]:
    """Return the examples that say what ``key`` of theirs has to be."""
    return [example for example in EXAMPLES if expected(example).get(key)]


@pytest.fixture(scope="module")
def build(cli: Cli, tmp_path_factory: pytest.TempPathFactory) -> Build:
    """Return what builds an example, once each, and returns its artifact."""

    @cache
    def build(example: Path, builder: Builder) -> dict[str, Any]:
        app = tmp_path_factory.mktemp(f"{example.name}-{builder}") / example.name
        copy_example(example, app)
        manager = expected(example).get("package_manager", "")
        with pytest.MonkeyPatch.context() as patch:
            # The Nix builder has to do without it.
            if manager and builder == "local":
                patch.setenv("PATH", path_with(manager, tmp_path_factory.mktemp("manager")))
            built = cli("build", app, "--builder", builder, "--json")
        artifact: dict[str, Any] = json.loads(built.stdout)
        return artifact

    return build


def required(location: Path) -> list[str]:
    """Return the variables without which a launcher does not start anything."""
    file = location / "hop3/required.json"
    names: list[str] = json.loads(file.read_text()) if file.is_file() else []
    return names


@contextmanager
def running(artifact: dict[str, Any], worker: str, port: int, state: Path) -> Iterator[Path]:
    """Start ``worker`` by its launcher: with nothing but the closure if it is from the store."""
    location = Path(artifact["location"])
    env = {
        "PORT": str(port),
        "HOP3_STATE_DIR": "/tmp" if artifact["builder"] == "nix" else str(state),
        **dict.fromkeys(required(location), "for-the-test"),
    }
    launcher = location / "bin" / worker
    before = location / "hop3" / "before-run"
    shell = launcher.read_text().splitlines()[0].removeprefix("#!").split()[0]
    line = f"{before} && exec {launcher}" if before.exists() else f"exec {launcher}"
    argv = [shell, "-c", line]
    if artifact["builder"] == "nix":
        with started([*only_closure(location, env), *argv]) as log:
            yield log
    else:
        with started(argv, env=env) as log:
            yield log


@pytest.mark.parametrize("builder", BUILDERS)
@pytest.mark.parametrize("example", EXAMPLES, ids=name_of)
def test_answers_over_http(build: Build, example: Path, builder: Builder, tmp_path: Path) -> None:
    artifact, port = build(example, builder), free_port()
    with running(artifact, "web", port, tmp_path) as log:
        for request in expected(example)["request"]:
            status, text = fetch(port, request["path"], log)
            assert status == 200, log.read_text()
            assert request["contains"] in text


@pytest.mark.parametrize("builder", BUILDERS)
@pytest.mark.parametrize("example", saying("output"), ids=name_of)
def test_other_workers_print(build: Build, example: Path, builder: Builder, tmp_path: Path) -> None:
    artifact = build(example, builder)
    for output in expected(example)["output"]:
        with running(artifact, output["worker"], free_port(), tmp_path) as log:
            wait_for_output(log, output["contains"])


@pytest.mark.parametrize("example", EXAMPLES, ids=name_of)
def test_builders_agree(build: Build, example: Path) -> None:
    by_nix, by_hand = (build(example, builder)["runtime"] for builder in BUILDERS)
    assert sorted(by_nix["workers"]) == expected(example)["workers"]
    assert by_nix["workers"].keys() == by_hand["workers"].keys()
    assert by_nix["env_vars"].keys() - OF_THE_SET == by_hand["env_vars"].keys()
    for key in ("healthcheck_path", "healthcheck_timeout", "backend_protocol"):
        assert by_nix[key] == by_hand[key]
    assert by_nix["static_paths"].keys() == by_hand["static_paths"].keys()


@pytest.mark.parametrize("example", saying("absent"), ids=name_of)
def test_nothing_is_in_the_closure_that_no_worker_needs(build: Build, example: Path) -> None:
    names = [Path(path).name for path in closure(Path(build(example, "nix")["location"]))]
    for absent in expected(example)["absent"]:
        assert not [name for name in names if absent in name]


def test_every_expectation_is_asked_for_by_some_example() -> None:
    assert saying("request") == list(EXAMPLES)
    assert saying("output")
    assert saying("absent")


def test_uv_is_taken_where_it_is_there(
    build: Build, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    example = next(path for path in EXAMPLES if path.name == "python-flask")
    without = build(example, "local")["runtime"]
    app = shutil.copytree(example, tmp_path / example.name)
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
    artifact = json.loads(cli("build", app, "--builder", "local", "--json", "--verbose").stdout)
    log = Path(artifact["location"]).parents[1] / "build.log"
    assert "$ uv pip install" in log.read_text()
    assert artifact["runtime"]["workers"].keys() == without["workers"].keys()
    port = free_port()
    with running(artifact, "web", port, tmp_path) as output:
        assert fetch(port, "/health", output) == (200, '{"status":"ok"}\n')
