from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hop3_nix.errors import BuildError, UnavailableError
from hop3_nix.host.process import Completed
from hop3_nix.nix import commands as nixcli
from hop3_nix.nix.commands import Expression, NixSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

PATH = Path("/nix/store/" + "a" * 32 + "-app")
ROOT_SETTINGS = {"sandbox": "true", "sandbox-fallback": "false"}


class Recorder:
    """Stands for a Nix program: keeps how it was called and answers as told."""

    def __init__(self, stdout: str = "", stderr: str = "", status: int = 0) -> None:
        self.answer = (status, stdout, stderr)
        self.calls: list[list[str]] = []
        self.environments: list[Mapping[str, str] | None] = []

    def __call__(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        stdin: str = "",
    ) -> Completed:
        assert (cwd, stdin) == (None, "")
        self.calls.append(list(argv))
        self.environments.append(env)
        return Completed(tuple(argv), *self.answer)


class StreamRecorder:
    """The same for a program whose lines are read as they come."""

    def __init__(self, lines: Sequence[str], stdout: str = "", status: int = 0) -> None:
        self.lines, self.stdout, self.status = lines, stdout, status
        self.calls: list[list[str]] = []
        self.environments: list[Mapping[str, str] | None] = []

    def __call__(
        self,
        argv: Sequence[str],
        *,
        on_stderr_line: Callable[[str], None],
        on_stdout_line: Callable[[str], None] | None = None,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        stdin: str = "",
    ) -> Completed:
        assert (on_stdout_line, cwd, stdin) == (None, None, "")
        self.calls.append(list(argv))
        self.environments.append(env)
        for line in self.lines:
            on_stderr_line(line)
        return Completed(tuple(argv), self.status, self.stdout)


def missing(argv: Sequence[str], **_rest: Any) -> Completed:
    raise UnavailableError(f"the program {argv[0]!r} is not on this machine")


def test_build_of_a_file() -> None:
    stream = StreamRecorder([], stdout=f"{PATH}\n")
    built = nixcli.build(
        Expression(Path("/w/hop3.nix"), "package"), out_link=Path("/w/root"), stream=stream
    )
    assert built == PATH
    assert stream.calls == [
        [
            "nix-build",
            "/w/hop3.nix",
            "-A",
            "package",
            "--out-link",
            "/w/root",
            "--log-format",
            "internal-json",
        ]
    ]


def test_check_of_a_text_without_a_root() -> None:
    stream = StreamRecorder([], stdout=f"{PATH}\n")
    nixcli.build(Expression("import ./x", ""), out_link=None, check=True, stream=stream)
    assert stream.calls == [
        [
            "nix-build",
            "-E",
            "import ./x",
            "--no-out-link",
            "--check",
            "--log-format",
            "internal-json",
        ]
    ]


def test_evaluate_json() -> None:
    run = Recorder(stdout='{"a": [1]}')
    assert nixcli.evaluate_json(Expression("{ a = [ 1 ]; }"), run=run) == {"a": [1]}
    assert run.calls == [
        ["nix-instantiate", "--eval", "--strict", "--json", "-E", "{ a = [ 1 ]; }"]
    ]


def test_closure() -> None:
    run = Recorder(stdout=f"{PATH}\n/nix/store/b-glibc\n")
    assert nixcli.closure(PATH, run=run) == (PATH, Path("/nix/store/b-glibc"))
    assert run.calls == [["nix-store", "--query", "--requisites", str(PATH)]]


def test_size() -> None:
    run = Recorder(stdout="1234\n1\n")
    assert nixcli.size(PATH, Path("/nix/store/b-glibc"), run=run) == 1235
    assert run.calls == [["nix-store", "--query", "--size", str(PATH), "/nix/store/b-glibc"]]


@pytest.mark.parametrize(("status", "expected"), [(0, True), (1, False)])
def test_is_valid(status: int, expected: bool) -> None:  # noqa: FBT001
    run = Recorder(status=status)
    assert nixcli.is_valid(PATH, run=run) is expected
    assert run.calls == [["nix-store", "--check-validity", str(PATH)]]


def test_verify_names_what_was_modified() -> None:
    run = Recorder(status=1, stderr=f"path '{PATH}' was modified! expected hash 'x', got 'y'\n")
    assert nixcli.verify([PATH, Path("/nix/store/b-ok")], run=run) == (PATH,)
    assert run.calls == [["nix-store", "--verify-path", str(PATH), "/nix/store/b-ok"]]
    assert nixcli.verify_path(PATH, run=run) is False
    assert nixcli.verify_path(PATH, run=Recorder()) is True


def test_verify_of_what_is_no_store_path_is_an_error() -> None:
    run = Recorder(status=1, stderr="error: path '/srv' is not in the Nix store\n")
    with pytest.raises(BuildError, match="is not in the Nix store"):
        nixcli.verify_path(Path("/srv"), run=run)


def test_add_root(tmp_path: Path) -> None:
    run = Recorder(stdout="link\n")
    link = tmp_path / "deep" / "root"
    nixcli.add_root(link, PATH, run=run)
    assert link.parent.is_dir()
    assert run.calls == [
        [
            "nix-store",
            "--realise",
            str(PATH),
            "--add-root",
            str(link),
            "--option",
            "substitute",
            "false",
        ]
    ]


def test_profiles() -> None:
    run = Recorder()
    profile = Path("/d/profile")
    nixcli.set_profile(profile, PATH, run=run)
    nixcli.switch_profile(profile, 3, run=run)
    nixcli.delete_generations(profile, [1, 2], run=run)
    assert run.calls == [
        ["nix-env", "--profile", "/d/profile", *rest]
        for rest in (
            ["--set", str(PATH), "--option", "substitute", "false"],
            ["--switch-generation", "3"],
            ["--delete-generations", "1", "2"],
        )
    ]


def test_add() -> None:
    run = Recorder(stdout=f"{PATH}\n")
    assert nixcli.add(Path("/d/tree"), run=run) == PATH
    assert run.calls == [["nix-store", "--add", "/d/tree"]]


def test_nar_hash() -> None:
    run = Recorder(stdout="sha256:0abc\n")
    assert nixcli.nar_hash(PATH, run=run) == "0abc"
    assert run.calls == [["nix-store", "--query", "--hash", str(PATH)]]


def test_configured() -> None:
    run = Recorder(stdout='{"substituters": {"value": ["https://cache.example"]}}')
    assert nixcli.configured("substituters", run=run) == ["https://cache.example"]
    options = ["nix", "--extra-experimental-features", "nix-command"]
    assert run.calls == [[*options, "config", "show", "--json"]]


def test_a_store_that_this_user_can_use() -> None:
    nothing = f"/nix/store/{'0' * 32}-none"
    run = Recorder(status=1, stderr=f"error: path '{nothing}' is not valid\n")
    nixcli.require(run=run)
    assert run.calls == [["nix-store", "--check-validity", nothing]]


DAEMON = '{"sandbox": {"value": %s}, "trusted-users": {"value": %s}}'


@pytest.mark.parametrize("options", [("true", '["root"]'), ("false", '["root", "*"]')])
def test_a_daemon_that_builds_in_a_sandbox(
    monkeypatch: pytest.MonkeyPatch, options: tuple[str, str]
) -> None:
    monkeypatch.setattr(os, "access", lambda _path, _mode: False)
    run = Recorder(stdout=DAEMON % options)
    nixcli.require(run=run)
    assert run.environments[-1] == {**os.environ}


def test_a_daemon_that_builds_without_a_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda _path, _mode: False)
    monkeypatch.setenv("NIX_CONFIG", "sandbox = true")
    run = Recorder(stdout=DAEMON % ("false", '["@wheel", "nobody-here"]'))
    with pytest.raises(UnavailableError, match="builds without a sandbox") as caught:
        nixcli.require(run=run)
    assert "sandbox = true" in caught.value.tip
    assert "NIX_CONFIG" not in (run.environments[-1] or {})


def test_a_store_that_this_user_cannot_use() -> None:
    run = Recorder(status=1, stderr="error: cannot connect to socket at '/nix/s': No such file\n")
    with pytest.raises(UnavailableError, match="daemon does not answer"):
        nixcli.require(run=run)


def test_settings_stand_before_those_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIX_CONFIG", "max-jobs = 1\nsandbox = false")
    run = Recorder(stdout="1")
    nixcli.evaluate_json(Expression("x"), settings=NixSettings({"max-jobs": "4"}), run=run)
    (environment,) = run.environments
    assert environment is not None
    lines = environment["NIX_CONFIG"].splitlines()
    assert lines[:2] == ["sandbox = true", "sandbox-fallback = false"]
    assert lines[-3:] == ["max-jobs = 4", "max-jobs = 1", "sandbox = false"]
    assert {**environment, "NIX_CONFIG": ""} == {**os.environ, "NIX_CONFIG": ""}


def test_without_nix_the_tip_says_how_to_get_it_and_how_to_do_without() -> None:
    with pytest.raises(UnavailableError) as caught:
        nixcli.require(run=missing)
    assert "apt install nix-bin" in caught.value.tip
    assert "--builder local" in caught.value.tip
    with pytest.raises(UnavailableError, match="Nix is not installed"):
        nixcli.build(Expression("x"), out_link=None, stream=missing)


def test_a_failed_build_is_told_from_the_structured_log() -> None:
    drv = "/nix/store/" + "b" * 32 + "-web.drv"
    events = [
        {"action": "start", "id": 1, "type": 105, "fields": [drv, "", 1, 1]},
        {"action": "result", "id": 1, "type": 101, "fields": ["no such module"]},
        {"action": "stop", "id": 1},
        {
            "action": "msg",
            "level": 0,
            "msg": "error: x",
            "raw_msg": f"builder for '{drv}' failed with exit code 2",
        },
    ]
    stream = StreamRecorder(["@nix " + json.dumps(event) for event in events], status=100)
    with pytest.raises(BuildError) as caught:
        nixcli.build(Expression("x"), out_link=None, log_file="/state/build.log", stream=stream)
    assert caught.value.message == "building web failed with exit code 2\n  no such module"
    assert "/state/build.log" in caught.value.tip
