from __future__ import annotations

import json
import os
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pytest
from click.testing import CliRunner

from hop3_nix import __version__
from hop3_nix.cli import hosts as cli_hosts
from hop3_nix.cli.hosts import HostCommand, HostOptions, arguments_of, host_options
from hop3_nix.deploy.envfile import read_overrides
from hop3_nix.deploy.remote import copying, hostside
from hop3_nix.deploy.remote import program as programs
from hop3_nix.deploy.remote.address import read_address, read_addresses
from hop3_nix.deploy.remote.connection import Connection
from hop3_nix.deploy.remote.fleet import Fleet, Output, Result, ending, worst
from hop3_nix.deploy.remote.program import Program
from hop3_nix.deploy.remote.request import Request, read_request
from hop3_nix.deploy.remote.together import Before
from hop3_nix.errors import (
    ExitCode,
    InputError,
    InterruptedBuildError,
    TemporaryError,
    UnavailableError,
)
from hop3_nix.host.process import Completed

if TYPE_CHECKING:
    from collections.abc import Sequence

WEB = read_address("ssh://deploy@web.example:2222")
DB = read_address("ssh://db.example")
PATHS = tuple(Path(f"/nix/store/{letter * 32}-x") for letter in "abc")


@dataclass
class Ssh:
    """Stands for ssh: keeps how it was called and answers as told."""

    status: int = 0
    stdout: str = ""
    stderr: str = ""
    calls: list[list[str]] = field(default_factory=list)
    stdins: list[str] = field(default_factory=list)

    def __call__(self, argv: Sequence[str], *, stdin: str = "", **_rest: Any) -> Completed:
        self.calls.append(list(argv))
        self.stdins.append(stdin)
        if "-M" in argv or "-O" in argv:
            return Completed(tuple(argv), 0)
        return Completed(tuple(argv), self.status, self.stdout, self.stderr)


@pytest.fixture(autouse=True)
def _no_options(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NIX_SSHOPTS", raising=False)


@pytest.mark.parametrize(
    ("text", "target", "name", "store"),
    [
        ("ssh://web.example", "web.example", "web.example", "ssh://web.example"),
        ("ssh://root@10.0.0.1:22", "root@10.0.0.1", "10.0.0.1:22", "ssh://root@10.0.0.1"),
        ("ssh-ng://ann@h/", "ann@h", "h", "ssh-ng://ann@h"),
        ("ssh://ann@[fd00::1]:22", "ann@fd00::1", "[fd00::1]:22", "ssh://ann@[fd00::1]"),
        ("ssh://h?compress=true", "h", "h", "ssh://h?compress=true"),
    ],
)
def test_addresses(text: str, target: str, name: str, store: str) -> None:
    address = read_address(text)
    assert (address.target, address.name, address.store()) == (target, name, store)


@pytest.mark.parametrize(
    "text",
    [
        "web.example",
        "http://web.example",
        "ssh://",
        "ssh://-oProxyCommand=x",
        "ssh://-x@h",
        "ssh://a b",
        "ssh://h;id",
        "ssh://h:port",
        "ssh://u:secret@h",
        "ssh://h\n",
    ],
)
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(InputError, match="not the address of a host"):
        read_address(text)


def test_a_host_is_named_once() -> None:
    with pytest.raises(InputError, match="named twice"):
        read_addresses(["ssh://h", "ssh-ng://h"])
    assert len(read_addresses(["ssh://a@h", "ssh://b@h", "ssh://h:2"])) == 3


def test_one_connection_carries_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIX_SSHOPTS", "-i 'my key'")
    ssh = Ssh(stdout="hello\n")
    with Connection(WEB, run=ssh) as connection:
        assert connection.run("echo hello", stdin="in").stdout == "hello\n"
        environment = connection.nix_environment
    opened, ran, closed = ssh.calls
    options = opened[: opened.index("-M")]
    assert options[:5] == ["ssh", "-i", "my key", "-p", "2222"]
    assert {"BatchMode=yes", "ControlPersist=60"} <= set(options)
    (control,) = (word for word in options if word.startswith("ControlPath=/tmp/hop3-"))
    assert opened[-3:] == ["-M", "-N", "deploy@web.example"]
    assert ran[-3:] == ["deploy@web.example", "--", "echo hello"]
    assert control in ran
    assert ssh.stdins[1] == "in"
    assert closed[-3:] == ["-O", "exit", "deploy@web.example"]
    assert environment["NIX_SSHOPTS"].startswith("-i 'my key' -p 2222 -o BatchMode=yes ")
    assert environment["NIX_SSHOPTS"].endswith(control)
    assert not Path(control.partition("=")[2]).parent.exists()


@pytest.mark.parametrize(
    ("said", "kind", "message"),
    [
        ("ssh: connect to host h: Connection refused", TemporaryError, "no connection to"),
        ("x\nHost key verification failed.", UnavailableError, "lets us not in: Host key"),
        ("deploy@h: Permission denied (publickey).", UnavailableError, "lets us not in"),
    ],
)
def test_a_connection_that_fails(said: str, kind: type[Exception], message: str) -> None:
    with (
        Connection(WEB, run=Ssh(status=255, stderr=said)) as connection,
        pytest.raises(kind, match=message),
    ):
        connection.run("true")


def test_a_command_there_that_returns_something_else_is_no_lost_connection() -> None:
    with Connection(WEB, run=Ssh(status=1)) as connection:
        assert connection.run("false").status == 1


def test_after_its_end_nothing_is_begun() -> None:
    ssh = Ssh()
    with Connection(WEB, run=ssh) as connection:
        connection.end()
        with pytest.raises(InterruptedBuildError):
            connection.run("true")
        with pytest.raises(InterruptedBuildError):
            connection.copying(lambda _environment: None)


def test_a_request_is_standard_input_that_stays_open_until_the_end() -> None:
    seen: list[bytes] = []

    def stream(argv: Sequence[str], *, stdin: Any, on_stdout_line: Any, **_: Any) -> Completed:
        seen.append(stdin.readline())
        on_stdout_line("working")
        connection.end()
        seen.append(stdin.read())
        return Completed(tuple(argv), 101)

    lines: list[str] = []
    connection = Connection(WEB, run=Ssh(), stream=stream)
    with connection:
        status = connection.talk(
            ["hop3-nix", "host-side"],
            "request\n",
            on_stdout_line=lines.append,
            on_stderr_line=lines.append,
        )
    assert (status, lines, seen) == (101, ["working"], [b"request\n", b""])


def test_what_a_host_lacks() -> None:
    ssh = Ssh(stdout=f"{PATHS[1]}\n")
    with Connection(WEB, run=ssh) as connection:
        assert copying.missing(connection, PATHS) == (PATHS[1],)
    assert ssh.calls[1][-1] == "xargs nix-store --check-validity --print-invalid"
    assert ssh.stdins[1].splitlines() == list(map(str, PATHS))


def test_a_host_without_nix() -> None:
    ssh = Ssh(status=127, stderr="xargs: nix-store: No such file or directory\n")
    with (
        Connection(WEB, run=ssh) as connection,
        pytest.raises(UnavailableError, match=r"Nix does not work on web\.example:2222: xargs"),
    ):
        copying.missing(connection, PATHS)


def test_the_program_of_a_host() -> None:
    with Connection(WEB, run=Ssh(stdout=f"motd\nhop3-nix {__version__}\n")) as connection:
        programs.check(connection, Program("hop3-nix"))
    with (
        Connection(WEB, run=Ssh(status=127)) as connection,
        pytest.raises(UnavailableError, match=r"there is no hop3-nix on web\.example:2222"),
    ):
        programs.check(connection, Program("hop3-nix"))
    with (
        Connection(WEB, run=Ssh(stdout="hop3-nix 9.9\n")) as connection,
        pytest.raises(UnavailableError, match=r"is version 9\.9; this one is"),
    ):
        programs.check(connection, Program("hop3-nix"))


def test_a_program_in_the_store_travels(monkeypatch: pytest.MonkeyPatch) -> None:
    package = PATHS[0]
    own = str(package / "bin/hop3-nix")
    assert programs.choose(argv0=own) == Program(own, package)
    assert programs.choose(argv0="/usr/bin/hop3-nix") == Program("hop3-nix")
    assert programs.choose("/opt/hop3-nix") == Program("/opt/hop3-nix")
    monkeypatch.setattr("hop3_nix.nix.commands.is_valid", lambda _path: True)
    assert programs.choose(own) == Program(own, package)
    monkeypatch.setattr("hop3_nix.nix.commands.is_valid", lambda _path: False)
    with pytest.raises(UnavailableError, match="this machine does not have"):
        programs.choose(own)


@pytest.mark.parametrize(
    "value", ["plain", "with space", "a\"b'c\\$d`", "", "'x'", '"', "two\nlines"]
)
def test_secrets_travel_in_an_env_file(value: str, tmp_path: Path) -> None:
    request = Request.of(["deploy", "--", "/nix/store/x"], {"TOKEN": value})
    assert request.arguments == ("deploy", "--env-file", "/dev/stdin", "--", "/nix/store/x")
    file = tmp_path / "env"
    file.write_text(read_request(request.to_line().encode()).secrets)
    file.chmod(0o600)
    assert read_overrides((), [file]) == {"TOKEN": value}


def test_what_is_no_request_is_not_shown() -> None:
    with pytest.raises(InputError) as caught:
        read_request(b'{"secrets": "TOKEN=1", "other": 2}\n')
    assert "TOKEN" not in str(caught.value)


class Conversation:
    """A caller of `serve`, with pipes to and from it."""

    def __init__(self, run: Any) -> None:
        self.stdin, self.out, self.err = os.pipe(), os.pipe(), os.pipe()
        self.status: list[int] = []
        ends = (self.stdin[0], self.out[1], self.err[1])
        serve = lambda: self.status.append(hostside.serve(run, *ends))  # noqa: E731
        self.thread = threading.Thread(target=serve)
        self.thread.start()

    def ask(self, request: Request) -> None:
        os.write(self.stdin[1], request.to_line().encode())

    def hear(self, text: bytes, descriptor: int, at_most: int = 1000) -> None:
        heard = b""
        while text not in heard:
            heard += os.read(descriptor, at_most)

    def end(self) -> int:
        self.thread.join(30)
        return self.status[0]


def test_the_host_side_passes_on_output_and_status() -> None:
    def run(arguments: list[str]) -> int:
        os.write(1, " ".join(arguments).encode())
        os.write(2, Path("/dev/stdin").read_bytes())
        return 101

    talk = Conversation(run)
    talk.ask(Request(arguments=("status", "shop"), secrets="TOKEN=1\n"))
    talk.hear(b"status shop", talk.out[0])
    talk.hear(b"TOKEN=1", talk.err[0])
    assert talk.end() == 101


@pytest.mark.parametrize("heard", [True, False], ids=["somebody listens", "nobody listens"])
def test_the_host_side_ends_the_command_with_the_caller(tmp_path: Path, heard: bool) -> None:  # noqa: FBT001
    done = tmp_path / "done"

    def run(_arguments: list[str]) -> int:
        import signal  # noqa: PLC0415 - of the child alone

        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
        os.write(1, b"begun")
        signal.sigtimedwait({signal.SIGTERM}, 30)
        os.write(1, b"going back\n" * 10_000)
        done.touch()
        return 130

    talk = Conversation(run)
    talk.ask(Request(arguments=("deploy",)))
    talk.hear(b"begun", talk.out[0])
    if not heard:
        os.close(talk.out[0])
    os.close(talk.stdin[1])
    for _ in range(10_000 if heard else 0):
        talk.hear(b"\n", talk.out[0], at_most=len(b"going back\n"))
    assert talk.end() == 130
    assert done.exists()


def test_the_host_side_without_a_request() -> None:
    reading, writing = os.pipe()
    os.close(writing)
    with pytest.raises(TemporaryError):
        hostside.serve(lambda _arguments: 0, reading)


def test_lines_stand_behind_the_name_of_their_host() -> None:
    lines: list[tuple[str, bool]] = []
    output = Output([WEB, DB], lambda text, error: lines.append((text, error)))
    output.line(WEB, "one", error=False)
    output.line(DB, "two", error=True)
    assert lines == [("web.example:2222 | one", False), ("db.example       | two", True)]
    lines.clear()
    output = Output([DB], lambda text, error: lines.append((text, error)))
    output.line(DB, "{}", error=False)
    output.line(DB, "two", error=True)
    assert lines == [("{}", False), ("db.example | two", True)]


def test_the_answers_of_several_hosts_are_one_document() -> None:
    lines: list[tuple[str, bool]] = []
    output = Output([WEB, DB], lambda text, error: lines.append((text, error)), as_json=True)
    output.line(WEB, '[{"app":', error=False)
    output.line(DB, "it is broken", error=True)
    output.line(WEB, '"shop"}]', error=False)
    output.end({WEB: Result(0), DB: Result(74)})
    assert [error for _, error in lines] == [True, False]
    assert json.loads(lines[1][0]) == [
        {"host": "web.example:2222", "status": 0, "answer": [{"app": "shop"}]},
        {"host": "db.example", "status": 74, "answer": None},
    ]


def test_the_answer_of_a_host_that_is_alone_stays_as_it_is() -> None:
    lines: list[str] = []
    output = Output([DB], lambda text, _error: lines.append(text), as_json=True)
    output.line(DB, "[]", error=False)
    output.end({DB: Result(0)})
    assert lines == ["[]"]


def test_several_hosts_with_a_limit() -> None:
    addresses = [read_address(f"ssh://h{number}") for number in range(6)]
    lock, busy, most = threading.Lock(), 0, 0

    def work(connection: Connection) -> int:
        nonlocal busy, most
        with lock:
            busy += 1
            most = max(most, busy)
        connection.run("true")
        with lock:
            busy -= 1
        if connection.address.host == "h3":
            raise TemporaryError("it was lost")
        return 7 if connection.address.host == "h4" else 0

    with Fleet(addresses, parallel=2, connect=lambda one: Connection(one, run=Ssh())) as fleet:
        results = fleet.each(work)
    assert most <= 2
    assert [results[one].status for one in addresses] == [0, 0, 0, 75, 7, 0]
    assert worst(results, addresses) == 75
    assert worst({}, addresses) == 0


def test_after_a_failure_nothing_is_begun_where_all_or_none_count() -> None:
    addresses = [read_address(f"ssh://h{number}") for number in range(4)]
    with Fleet(addresses, parallel=1, connect=lambda one: Connection(one, run=Ssh())) as fleet:
        results = fleet.each(lambda one: int(one.address.host == "h1"), stop_on_failure=True)
    assert [one.host for one in results] == ["h0", "h1"]


def test_how_a_host_goes_back() -> None:
    served, stopped, absent = Before(known=True, release=4), Before(known=True), Before(known=False)
    assert served.restored_by("shop") == ("rollback", "4", "--name", "shop")
    assert stopped.restored_by("shop") == ("stop", "shop")
    assert absent.restored_by("shop") == ("destroy", "shop", "--yes")
    assert served.told(0) == "went back to what release 4 was"
    assert "DID NOT GO BACK (status 101)" in served.told(101)


def test_endings() -> None:
    assert ending(Result(ExitCode.RELEASE_FAILED)) == "failed; the release before it serves"
    assert ending(Result(42)) == "failed with status 42"


def test_options_are_given_as_they_were_typed() -> None:
    seen: list[list[str]] = []

    @click.command()
    @click.argument("app", default=".")
    @click.option("--name", default="")
    @click.option("--listen", multiple=True)
    @click.option("--proxy/--no-proxy", default=None)
    @click.option("--keep", type=int)
    @click.option("-v", "--verbose", is_flag=True)
    @host_options
    @click.pass_context
    def deploy(ctx: click.Context, /, *, hosts: HostOptions, **_: Any) -> None:
        assert hosts == HostOptions(("ssh://a", "ssh://b"), 3, atomic=True)
        seen.append(arguments_of(ctx, leave_out={"app", "name"}))

    words = "x --name n --listen 80 --listen 81 --no-proxy --keep 2 -v --atomic --parallel 3"
    hosts = ["--host", "ssh://a", "--host", "ssh://b"]
    done = CliRunner().invoke(deploy, [*words.split(), *hosts], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert seen == [
        ["--listen", "80", "--listen", "81", "--no-proxy", "--keep", "2", "--verbose"],
    ]


def test_what_is_about_hosts_needs_one() -> None:
    @click.command()
    @host_options
    def deploy(**_: Any) -> None:
        raise AssertionError

    done = CliRunner().invoke(deploy, ["--atomic"])
    assert done.exit_code == 2
    assert "--atomic is about hosts" in done.output


def test_a_command_for_other_hosts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[Request] = []

    def run_elsewhere(_addresses: Any, request: Request, **_: Any) -> int:
        asked.append(request)
        return 66

    monkeypatch.setattr("hop3_nix.deploy.remote.elsewhere.run_elsewhere", run_elsewhere)
    secrets = tmp_path / "env"
    secrets.write_text("TOKEN=1\n")
    secrets.chmod(0o600)

    @click.group(name="hop3-nix")
    def group() -> None:
        pass

    @group.command(name="set", cls=HostCommand)
    @click.argument("pairs", nargs=-1)
    @click.option("--env-file", "env_files", type=click.Path(path_type=Path), multiple=True)
    def set_(**_: Any) -> str:
        return "here"

    def call(*words: str) -> Any:
        return group.main(["set", *words], prog_name="hop3-nix", standalone_mode=False)

    assert call("A=1") == "here"
    assert call("A=1", "--env-file", str(secrets), "--host", "ssh://h") == 66
    (request,) = asked
    assert request.arguments == ("set", "--env-file", "/dev/stdin", "--", "A=1")
    assert request.secrets == 'TOKEN="1"\n'
    assert json.loads(request.to_line())["secrets"] == request.secrets
    assert cli_hosts.PARALLEL == 8
