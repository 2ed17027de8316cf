"""Artifacts that go to a binary cache, and come from there into another store."""

from __future__ import annotations

import json
import subprocess
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest

from conftest import COMMAND
from hop3_nix.nix import commands as nixcli
from private import in_place_of, in_private, why_not

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Cli

pytestmark = pytest.mark.skipif(bool(why_not()), reason=why_not())


class Elsewhere(Protocol):
    """The command, on a machine with a store of its own that begins empty."""

    def __call__(self, *arguments: str | Path, status: int = 0) -> subprocess.CompletedProcess[str]:
        """Return what it printed."""


class Keys:
    """A pair of keys."""

    def __init__(self, cli: Cli, secret: Path) -> None:
        self.secret = secret
        self.public = cli("keys", "generate", "cache.example-1", "-o", secret).stdout.strip()


@pytest.fixture(scope="module")
def artifact(cli: Cli, tmp_path_factory: pytest.TempPathFactory) -> Path:
    app = tmp_path_factory.mktemp("app") / "pamphlet"
    (app / "public").mkdir(parents=True)
    (app / "public/index.html").write_text(f"<!doctype html>{app}\n")
    (app / "Procfile").write_text("static: public\n")
    return Path(cli("build", app).stdout.strip())


@pytest.fixture
def keys(cli: Cli, tmp_path: Path) -> Keys:
    return Keys(cli, tmp_path / "cache.secret")


@pytest.fixture
def elsewhere(tmp_path: Path) -> Elsewhere:
    store = tmp_path / "nix"
    store.mkdir()

    def call(*arguments: str | Path, status: int = 0) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [*in_private(in_place_of(Path("/nix"), store)), COMMAND, *map(str, arguments)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == status, done.stderr
        return done

    return call


def nar_of(cache: Path, path: Path) -> Path:
    narinfo = (cache / f"{path.name[:32]}.narinfo").read_text()
    return cache / next(line[5:] for line in narinfo.splitlines() if line.startswith("URL: "))


def test_from_one_store_to_another(
    cli: Cli, artifact: Path, keys: Keys, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    paths = len(nixcli.closure(artifact))
    pushed = json.loads(
        cli("push", artifact, "--to", cache, "--sign", keys.secret, "--json").stdout
    )
    assert pushed == {"path": str(artifact), "paths": paths, "copied": paths}
    assert nar_of(cache, artifact).suffix == ".zst"
    again = cli("push", artifact, "--to", f"file://{cache}")
    assert f"0 of {paths} store paths were not there yet" in again.stderr
    pull = ("pull", artifact, "--from", cache, "--trusted-key", keys.public)
    pulled = elsewhere(*pull, "-o", tmp_path / "result", "--json")
    assert json.loads(pulled.stdout) == pushed
    shown = elsewhere("inspect", tmp_path / "result", "--verify")
    assert f"verified: {paths} store paths are what was built" in shown.stderr
    assert json.loads(elsewhere(*pull, "--json").stdout)["copied"] == 0


def test_what_was_pushed_unsigned_can_be_signed_later(
    cli: Cli, artifact: Path, keys: Keys, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    cli("push", artifact, "--to", cache)
    pull = ("pull", artifact, "--from", cache, "--trusted-key", keys.public)
    refused = elsewhere(*pull, status=77).stderr
    assert "is not signed by a key that is trusted" in refused
    assert f"trusted are: {keys.public}, " in refused
    assert "--sign FILE" in refused
    cli("push", artifact, "--to", cache, "--sign", keys.secret)
    elsewhere(*pull)


def test_a_key_of_the_same_name_is_not_the_same_key(
    cli: Cli, artifact: Path, keys: Keys, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    cache, other = tmp_path / "cache", Keys(cli, tmp_path / "other.secret")
    cli("push", artifact, "--to", cache, "--sign", keys.secret)
    pull = ("pull", artifact, "--from", cache, "--trusted-key")
    assert "is not signed" in elsewhere(*pull, other.public, status=77).stderr
    assert "is not a public key" in elsewhere(*pull, "cache.example-1:none", status=65).stderr


def test_a_damaged_archive_is_refused(
    cli: Cli, artifact: Path, keys: Keys, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    push = ("push", str(artifact), "--to", str(cache), "--sign", str(keys.secret))
    cli(*push)
    nar = nar_of(cache, artifact)
    right = nar.read_bytes()
    middle = len(right) // 2
    pull = ("pull", str(artifact), "--from", str(cache), "--trusted-key", keys.public)
    for wrong in (
        right[:middle] + bytes([right[middle] ^ 0xFF]) + right[middle + 1 :],
        right[:-9],
        next(one for one in nar.parent.iterdir() if one != nar).read_bytes(),
        b"",
    ):
        nar.write_bytes(wrong)
        assert "is not what was put there" in elsewhere(*pull, status=74).stderr
    nar.unlink()
    assert "is not what was put there" in elsewhere(*pull, status=74).stderr
    assert "error: " in elsewhere("inspect", artifact, status=66).stderr
    # As the message says.
    (cache / f"{artifact.name[:32]}.narinfo").unlink()
    cli(*push)
    elsewhere(*pull)


def test_by_http(
    cli: Cli, artifact: Path, keys: Keys, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    with serving(tmp_path / "served") as url:
        cli("push", artifact, "--to", url, "--sign", keys.secret)
        elsewhere("pull", artifact, "--from", url, "--trusted-key", keys.public)
    assert nar_of(tmp_path / "served", artifact).suffix == ".zst"


def test_a_store_without_the_path(
    cli: Cli, artifact: Path, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    absent = f"/nix/store/{'0' * 32}-pamphlet"
    refused = elsewhere("pull", absent, "--from", tmp_path / "none", status=66).stderr
    assert f"does not have {absent}" in refused
    refused = cli("push", artifact, "--to", tmp_path / "a cache", status=65).stderr
    assert "Nix cannot keep a store in" in refused
    for wrong in (tmp_path, "/nix/store/short-name"):
        assert "is not a store path" in cli("pull", wrong, "--from", tmp_path, status=65).stderr


def test_a_nix_without_s3_says_how_to_do_without(cli: Cli, artifact: Path) -> None:
    refused = cli("push", artifact, "--to", "s3://bucket?region=eu-west-1", status=69).stderr
    assert "the Nix of this machine was built without S3" in refused
    assert "aws s3 sync" in refused
    unknown = cli("push", artifact, "--to", "gopher://store.example", status=69).stderr
    assert "Nix does not know stores of this kind: gopher://store.example" in unknown


@contextmanager
def serving(directory: Path) -> Iterator[str]:
    """Serve ``directory``, and take what is PUT there."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"  # else Nix waits for an answer to `Expect`

        def do_GET(self) -> None:
            file = directory / self.path[1:]
            data = file.read_bytes() if file.is_file() else b""
            self.send_response(200 if file.is_file() else 404)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(data)

        do_HEAD = do_GET  # noqa: N815 - the name that the server looks for

        def do_PUT(self) -> None:
            file = directory / self.path[1:]
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(201)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
