"""What is asked of the registry of JSR, and of Deno about where that is."""

from __future__ import annotations

import hashlib
import json
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

from hop3_nix.config import load_config
from hop3_nix.errors import LockError, TemporaryError, ToolError, UnavailableError
from hop3_nix.plan import AnyOffer, LockedFile, Offer, Target
from hop3_nix.toolchains.app import App
from hop3_nix.toolchains.deno.locking import find_jsr, locate_plan, write_lock
from unenclosed import Unenclosed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from hop3_nix.plan import BuildPlan
    from hop3_nix.source import Source

OFFER = Offer(language="deno", version="2.9.6", attribute="deno", libc="2.36")


class Deno(Unenclosed):
    """Answers as Deno does when it must not fetch."""

    def __init__(self, answer: str | Exception) -> None:
        self.answer = answer

    def program(self, offer: AnyOffer, name: str) -> Path:
        return Path("/set", offer.named, "bin", name)

    def run(self, argv: Sequence[str], *, env: Mapping[str, str] | None = None) -> str:
        del env
        assert argv[:3] == ["/set/deno/bin/deno", "cache", "--no-remote"]
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@contextmanager
def registry(directory: Path, manifest: bytes) -> Iterator[str]:
    """Serve a package of JSR with this manifest."""
    file = directory / "@me/greet/1.0.0_meta.json"
    file.parent.mkdir(parents=True)
    file.write_bytes(manifest)

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(directory)))
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def manifest_of(files: Mapping[str, str]) -> bytes:
    listed = {path: {"size": 1, "checksum": f"sha256-{digest}"} for path, digest in files.items()}
    return json.dumps({"manifest": listed, "exports": {".": "./mod.ts"}}).encode()


def locked(app: Callable[..., Source], manifest: bytes) -> App:
    digest = hashlib.sha256(manifest).hexdigest()
    lock = {"version": "5", "jsr": {"@me/greet@1.0.0": {"integrity": digest}}}
    source = app({"deno.json": {}, "main.ts": "", "deno.lock": lock})
    return App(source, load_config(source))


def test_the_digests_of_files_are_those_of_the_manifest(
    app: Callable[..., Source], target: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = manifest_of({"/mod.ts": "b" * 64})
    with registry(tmp_path / "jsr", manifest) as address:
        monkeypatch.setenv("JSR_URL", f"{address}/")
        found = write_lock(locked(app, manifest), OFFER, target, Deno(""))
    assert found is not None
    assert found.jsr == {"@me/greet@1.0.0": {"/mod.ts": "b" * 64}}
    assert found.manifests == {"@me/greet@1.0.0": hashlib.sha256(manifest).hexdigest()}


@pytest.mark.parametrize(
    "case",
    [
        (b"{}", "what the registry has for @me/greet@1.0.0 is"),
        (None, "has no http"),
    ],
)
def test_another_manifest_or_none_is_an_error(
    app: Callable[..., Source],
    target: Target,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    case: tuple[bytes | None, str],
) -> None:
    served, said = case
    manifest = manifest_of({"/mod.ts": "b" * 64})
    with registry(tmp_path / "jsr", served or b"") as address:
        monkeypatch.setenv("JSR_URL", address if served else f"{address}/nothing")
        with pytest.raises(LockError, match=said):
            write_lock(locked(app, manifest), OFFER, target, Deno(""))


@pytest.mark.parametrize(
    "manifest",
    [b"[]", b"{", manifest_of({"/../x": "b" * 64}), manifest_of({"/x": "short"})],
)
def test_a_manifest_that_is_none_is_an_error(
    app: Callable[..., Source],
    target: Target,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    manifest: bytes,
) -> None:
    with registry(tmp_path / "jsr", manifest) as address:
        monkeypatch.setenv("JSR_URL", address)
        with pytest.raises(LockError, match="none that can be read"):
            write_lock(locked(app, manifest), OFFER, target, Deno(""))


def test_a_registry_that_does_not_answer_is_another_error(
    app: Callable[..., Source], target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JSR_URL", "http://127.0.0.1:9")
    with pytest.raises(TemporaryError, match="does not answer for http://127"):
        write_lock(locked(app, b"x"), OFFER, target, Deno(""))


def test_deno_itself_tells_where_jsr_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JSR_URL", raising=False)
    said = 'A remote specifier was requested: "https://x.example/@hop3/asks/meta.json", but'
    assert find_jsr(OFFER, Deno(ToolError("deno failed", output=said, status=1))) == (
        "https://x.example"
    )
    with pytest.raises(UnavailableError, match="tells no address") as caught:
        find_jsr(OFFER, Deno("?"))
    assert "JSR_URL" in caught.value.tip


def test_files_of_jsr_get_their_addresses(
    plan: Callable[[dict[str, Any]], BuildPlan], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JSR_URL", "https://x.example/")
    sha = "a" * 64
    own = {
        "format": 1,
        "inputs": {},
        "manifests": {"@me/greet@1.0.0": sha},
        "jsr": {"@me/greet@1.0.0": {"/mod.ts": sha}},
    }
    lock = {"version": "5", "jsr": {"@me/greet@1.0.0": {"integrity": sha}}}
    files = {"deno.json": {}, "main.ts": "", "deno.lock": lock, "hop3-nix.lock": own}
    found = locate_plan(plan(files), OFFER, Deno(""))
    assert [file.url for file in found.dependencies if isinstance(file, LockedFile)] == [
        "https://x.example/@me/greet/1.0.0/mod.ts",
        "https://x.example/@me/greet/1.0.0_meta.json",
    ]
