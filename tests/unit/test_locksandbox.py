"""What has to be run to be known: what it sees, what it reaches, and what is left of it."""

from __future__ import annotations

import io
import json
import os
import socket
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hop3_nix.builders.tools import HostTools
from hop3_nix.errors import TemporaryError, ToolError
from hop3_nix.locksandbox import Enclosed, Given, NoSandboxError, inside, mirror, run, run_openly

if TYPE_CHECKING:
    from collections.abc import Callable

    from hop3_nix.locksandbox import Outcome

PYTHON = Path(sys.executable)
LOOK = """
import json, os, sys
def reads(path):
    try:
        return bool(os.listdir(path) if os.path.isdir(path) else open(path).read() or 1)
    except OSError:
        return False
def writes(path):
    try:
        open(path, "w").close()
    except OSError:
        return False
    return True
print(json.dumps({
    "env": sorted(os.environ), "uid": os.getuid(),
    "ids": [name for name in os.listdir("/proc") if name.isdigit()],
    "capabilities": int(open("/proc/self/status").read().split("CapEff:")[1].split()[0], 16),
    "reads": [path for path in sys.argv[1:] if reads(path)],
    "writes": [path for path in sys.argv[1:] if writes(path)],
    "files": sorted(os.listdir("/sandbox")),
}))
"""
ASK = """
import sys, urllib.error, urllib.request
for path in sys.argv[2:]:
    try:
        print(urllib.request.urlopen(sys.argv[1] + path).read().decode())
    except urllib.error.HTTPError as error:
        print(error.code)
"""


def nothing(path: str) -> Given | None:
    del path
    return None


def enclosed(script: str, *arguments: str, **more: Any) -> Enclosed:
    argv = (str(PYTHON), "-I", "-c", script, *arguments)
    return Enclosed(argv=argv, **{"answer": nothing, **more})


def of_host(what: Enclosed) -> Outcome:
    return HostTools().enclosed(PYTHON, what)


def test_it_sees_copies_and_programs_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MYSECRET", "s3cr3t")
    secret = tmp_path / "secret"
    secret.write_text("s3cr3t")
    kernel = "/proc/sys/kernel/core_pattern"
    places = [str(secret), "/etc/shadow", "/etc/hostname", "/home", "/usr/bin/x", kernel]
    what = enclosed(LOOK, *places, files={"copy": secret}, env={"A": "b"})
    seen = json.loads(of_host(what).output)
    assert seen["reads"] in ([], [kernel])
    assert seen["writes"] == []
    assert seen["files"] == ["copy"]
    assert set(seen["env"]) <= {"A", "LC_CTYPE"}
    assert seen["capabilities"] == 0
    assert len(seen["ids"]) == 2
    if os.geteuid() == 0:
        assert seen["uid"] == 65534


def test_what_it_writes_is_gone_and_not_in_what_was_copied(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app/a").write_text("before")
    script = "import os; open('a', 'w').write('after'); open('b', 'w'); print(os.getcwd())"
    what = enclosed(script, files={"app": tmp_path / "app"}, directory="app")
    assert of_host(what).output == "/sandbox/app\n"
    assert {file.name: file.read_text() for file in (tmp_path / "app").iterdir()} == {"a": "before"}


def test_the_server_answers_from_its_index_and_records_it() -> None:
    def answer(path: str) -> Given | None:
        if path == "/missing":
            raise FileNotFoundError(path)
        return Given(f"https://index.example{path}", io.BytesIO(b"x")) if path == "/a/b" else None

    outcome = of_host(enclosed(ASK, "{proxy}", "/a/b", "/missing", "/other", answer=answer))
    assert outcome.output.split() == ["x", "404", "403"]
    assert [each.url for each in outcome.gave] == ["https://index.example/a/b"]
    assert outcome.gave[0].sha256.startswith("2d711642b726b04401627ca9fbac32f5")
    assert outcome.refused == ("/other",)


def test_there_is_no_other_network() -> None:
    script = (
        "import socket\n"
        "for host in ('192.0.2.1', '127.0.0.1'):\n"
        "    try:\n        socket.create_connection((host, PORT), 2); print('reached')\n"
        "    except OSError as error:\n        print(error.errno is not None)\n"
    )
    with socket.create_server(("127.0.0.1", 0)) as server:
        what = enclosed(script.replace("PORT", str(server.getsockname()[1])))
        assert "reached" not in of_host(what).output


def test_what_the_index_does_not_give_for_now_is_told() -> None:
    def answer(path: str) -> Given | None:
        raise TemporaryError(f"{path} cannot be reached")

    with pytest.raises(TemporaryError, match="/a cannot be reached"):
        of_host(enclosed(ASK, "{proxy}", "/a", answer=answer))


def test_a_program_that_fails_is_told_with_what_it_printed() -> None:
    with pytest.raises(ToolError, match="returned 3") as caught:
        of_host(enclosed("import sys; sys.exit(print('bad', file=sys.stderr) or 3)"))
    assert caught.value.output == "bad\n"


def test_it_ends_with_all_that_it_has_started() -> None:
    started = time.monotonic()
    with pytest.raises(TemporaryError, match="stopped after 1 seconds"):
        of_host(enclosed("import os, time\nos.fork()\nos.setsid()\ntime.sleep(60)", seconds=1))
    of_host(enclosed("import os, time\nif not os.fork():\n    os.setsid()\n    time.sleep(60)"))
    assert time.monotonic() - started < 20


def test_a_mirror_has_the_paths_of_its_index_alone() -> None:
    answer = mirror("https://index.example/maven2/", lambda url: io.BytesIO(url.encode()))
    given = answer("/org/x/x-1.0.pom")
    assert given is not None
    assert given.content.read() == b"https://index.example/maven2/org/x/x-1.0.pom"
    assert [answer(path) for path in ("/../etc", "//x", "/a?b", "/a/%2e%2e/b/../..", "")] == [
        None
    ] * 5


@pytest.fixture
def forbidden(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Have a kernel that makes no namespaces."""
    refused = "(ctypes.set_errno(1), -1)[1] or abs("
    helper = tmp_path / "inside.py"
    helper.write_text(Path(inside.__file__).read_text().replace("_libc.unshare(", refused))
    monkeypatch.setattr(inside, "__file__", str(helper))


@pytest.mark.usefixtures("forbidden")
def test_without_namespaces_it_says_what_would_run_and_wants_consent() -> None:
    what = enclosed("print('ran')")
    with pytest.raises(NoSandboxError, match=r"makes no namespaces.* would run") as caught:
        of_host(what)
    assert "--allow-code" in caught.value.tip
    assert HostTools(allow_code=True).enclosed(PYTHON, what).output == "ran\n"


def test_without_a_sandbox_the_same_is_run_with_the_same_answers(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("text")
    answer: Callable[[str], Given] = lambda path: Given(path, io.BytesIO(b"x"))  # noqa: E731
    script = ASK + "print(open('/sandbox/a').read(), '/sandbox/a')\n"
    outcome = run_openly(
        enclosed(script, "{proxy}", "/b", files={"a": tmp_path / "a"}, answer=answer)
    )
    assert outcome.output.split() == ["x", "text", "/sandbox/a"]
    assert [each.url for each in outcome.gave] == ["/b"]


def test_a_sandbox_that_is_told_nothing_has_nothing() -> None:
    with pytest.raises(ToolError) as caught:
        run(Enclosed(argv=("/usr/bin/true",), answer=nothing))
    assert "cannot be started" in caught.value.output
