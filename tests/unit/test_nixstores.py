from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hop3_nix.errors import (
    ArtifactMissingError,
    ArtifactTamperedError,
    BuildError,
    Hop3NixError,
    InputError,
    SignatureError,
    TemporaryError,
    UnavailableError,
)
from hop3_nix.host.process import Completed
from hop3_nix.nix import stores as nixstores

if TYPE_CHECKING:
    from collections.abc import Sequence

PATH = Path("/nix/store/" + "a" * 32 + "-app")
DEPENDENCY = Path("/nix/store/" + "b" * 32 + "-lib")
NIX = ["nix", "--extra-experimental-features", "nix-command"]
KEY = "cache.example-1:" + "A" * 43 + "="


class Recorder:
    """Stands for a Nix program: keeps how it was called and answers as told."""

    def __init__(self, status: int = 0, stdout: str = "", stderr: str = "") -> None:
        self.answer = (status, stdout, stderr)
        self.calls: list[list[str]] = []
        self.variables: list[str] = []

    def __call__(self, argv: Sequence[str], *, env: Any = None, **_rest: Any) -> Completed:
        self.calls.append(list(argv))
        self.variables.append(env.get("NIX_SSHOPTS", ""))
        return Completed(tuple(argv), *self.answer)


class StreamRecorder(Recorder):
    """The same for a program whose lines are read as they come."""

    def __init__(self, lines: Sequence[str], status: int = 0) -> None:
        super().__init__(status)
        self.lines = lines

    def __call__(self, argv: Sequence[str], *, env: Any = None, **rest: Any) -> Completed:
        for line in self.lines:
            rest["on_stderr_line"](line)
        return super().__call__(argv, env=env)


def copying(path: Path) -> str:
    fields = [str(path), "local", "ssh://h"]
    event = {"action": "start", "fields": fields, "id": 1, "level": 3, "text": "x", "type": 100}
    return "@nix " + json.dumps(event, separators=(",", ":"))


def refused(text: str) -> str:
    return "@nix " + json.dumps(
        {"action": "msg", "level": 0, "msg": f"error: {text}", "raw_msg": text}
    )


def test_copy_to_a_store_tells_what_was_sent() -> None:
    stream = StreamRecorder([copying(DEPENDENCY), "debug1: from ssh", copying(PATH)])
    sent = nixstores.copy(
        PATH, destination="ssh://h", environment={"NIX_SSHOPTS": "-p 2"}, stream=stream
    )
    assert sent == (str(DEPENDENCY), str(PATH))
    assert stream.variables == ["-p 2"]
    assert stream.calls == [
        [
            *NIX,
            "copy",
            *("--to", "ssh://h"),
            *("--option", "substitute", "false"),
            *("--log-format", "internal-json"),
            str(PATH),
        ]
    ]


def test_copy_from_a_store_trusting_a_key() -> None:
    stream = StreamRecorder([])
    assert nixstores.copy(PATH, source="file:///c", keys=[KEY, "x"], stream=stream) == ()
    (call,) = stream.calls
    assert call[4:6] == ["--from", "file:///c"]
    assert call[9:12] == ["--option", "extra-trusted-public-keys", f"{KEY} x"]


@pytest.mark.parametrize(
    ("said", "kind", "message"),
    [
        (
            f"cannot add path '{PATH}' because it lacks a valid signature",
            SignatureError,
            f"{PATH} is not signed by a key that is trusted",
        ),
        (
            f"cannot add path '{PATH}' because it lacks a signature by a trusted key",
            SignatureError,
            "is not signed",
        ),
        ("don't know how to open Nix store 's3://b'", UnavailableError, "built without S3"),
        (f"path '{PATH}' is not valid", ArtifactMissingError, "does not have"),
        (f"path '{PATH}' does not exist in the store", ArtifactMissingError, "does not have"),
        (
            f"path '{PATH}' is required, but there is no substituter that can build it",
            ArtifactMissingError,
            "s3://b does not have",
        ),
        (f"hash mismatch importing path '{PATH}';", ArtifactTamperedError, "not what was put"),
        ("Failed to open archive (Truncated zstd input)", ArtifactTamperedError, "put there"),
        ("NAR info file 'x.narinfo' is corrupt", ArtifactTamperedError, "put there"),
        ("file 'nar/x' does not exist in binary cache", ArtifactTamperedError, "put there"),
        ("unexpected end-of-file", TemporaryError, "connection to s3://b was lost"),
        ("cannot connect to 'root@h'", TemporaryError, "was lost"),
        ("writing to file: Broken pipe", TemporaryError, "was lost"),
        ("No space left on device", TemporaryError, "disk is full"),
        ("something else", BuildError, "something else"),
    ],
)
def test_what_keeps_a_copy_from_being_made(
    said: str, kind: type[Hop3NixError], message: str
) -> None:
    with pytest.raises(kind, match=message) as caught:
        nixstores.copy(PATH, source="s3://b?x=y", stream=StreamRecorder([refused(said)], 1))
    assert caught.value.tip or kind is SignatureError


def test_what_ssh_says_is_heard() -> None:
    stream = StreamRecorder(["ssh: connect to host h port 22: Connection refused"], 1)
    with pytest.raises(TemporaryError, match="Connection refused"):
        nixstores.copy(PATH, destination="ssh://h", stream=stream)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("file:///srv/cache", "file:///srv/cache?compression=zstd"),
        ("/srv/cache", "file:///srv/cache?compression=zstd"),
        ("http://h:1/c?compression=xz", "http://h:1/c?compression=xz"),
        ("s3://b?region=eu&x=a%2Fb", "s3://b?compression=zstd&region=eu&x=a%2Fb"),
        ("ssh://h", "ssh://h"),
    ],
)
def test_settings_of_caches(url: str, expected: str) -> None:
    assert nixstores.cache_url(url) == expected


def test_a_directory_that_a_url_cannot_name() -> None:
    with pytest.raises(InputError, match="Nix cannot keep a store in"):
        nixstores.cache_url("/srv/my cache")


def test_sign() -> None:
    run = Recorder()
    nixstores.sign(PATH, Path("/k"), run=run)
    nixstores.sign(PATH, Path("/k"), store="file:///c", run=run)
    end = ["--recursive", "--key-file", "/k", str(PATH)]
    assert run.calls == [
        [*NIX, "store", "sign", *end],
        [*NIX, "store", "sign", "--store", "file:///c", *end],
    ]


def test_send_signatures() -> None:
    run = Recorder()
    assert nixstores.send_signatures(PATH, "ssh-ng://h", run=run)
    assert run.calls == [
        [
            *NIX,
            *("store", "copy-sigs", "--store", "ssh-ng://h", "--substituter", "auto"),
            *("--recursive", str(PATH)),
        ]
    ]
    may_not = Recorder(1, stderr="error: you are not privileged to add signatures\n")
    assert not nixstores.send_signatures(PATH, "ssh-ng://h", run=may_not)
    lost = Recorder(1, stderr="error: cannot connect to 'h'\n")
    with pytest.raises(TemporaryError):
        nixstores.send_signatures(PATH, "ssh-ng://h", run=lost)


def test_untrusted() -> None:
    run = Recorder(2, stderr=f"checking '{PATH}'...\npath '{PATH}' is untrusted\n")
    assert nixstores.untrusted(PATH, [KEY], run=run) == (PATH,)
    assert nixstores.untrusted(PATH, run=Recorder()) == ()
    assert run.calls == [
        [
            *NIX,
            *("store", "verify", "--no-contents", "--recursive", "--sigs-needed", "1"),
            *("--option", "trusted-public-keys", KEY),
            str(PATH),
        ]
    ]
    with pytest.raises(BuildError, match="public key is not valid"):
        nixstores.untrusted(PATH, run=Recorder(1, stderr="error: public key is not valid\n"))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (f"{PATH}\tultimate k:x", False),
        (f"{PATH}", False),
        (f"{PATH}\tca:fixed:r:sha256:x", True),
        (f"{PATH}\tultimate ca:text:sha256:x k:x", True),
    ],
)
def test_is_content_addressed(line: str, expected: bool) -> None:  # noqa: FBT001
    run = Recorder(stdout=f"{line}\n")
    assert nixstores.is_content_addressed(PATH, run=run) is expected
    assert run.calls == [[*NIX, "path-info", "--sigs", str(PATH)]]


def test_generate_key() -> None:
    run = Recorder()
    nixstores.generate_key("k-1", Path("/s"), Path("/p"), run=run)
    assert run.calls == [["nix-store", "--generate-binary-cache-key", "k-1", "/s", "/p"]]
