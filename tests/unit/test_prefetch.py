"""Locked files are fetched side by side, and what cannot be had is left to the derivation."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from hop3_nix.builders.download import Downloads
from hop3_nix.builders.fixed import FixedFile, safe_name
from hop3_nix.plan import LockedFile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CONTENT = bytes(range(256)) * 4096


@dataclass
class Index:
    """A server on loopback, and what it was asked for."""

    address: str = ""
    asked: list[tuple[str, str]] = field(default_factory=list)

    def file(self, path: str, *, name: str = "a.whl", content: bytes = CONTENT) -> FixedFile:
        digest = hashlib.sha256(content).hexdigest()
        return FixedFile(name, f"{self.address}{path}", "sha256", digest)


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> Iterator[Index]:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    served = Index()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

        def do_GET(self) -> None:
            span = self.headers.get("Range", "")
            served.asked.append((self.path, span))
            begin = int(span.removeprefix("bytes=").rstrip("-") or 0)
            match self.path.strip("/").split("/")[0]:
                case "gone":
                    self.send_error(404)
                    return
                case "moved":
                    self.send_response(302)
                    self.send_header("Location", "/whole")
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                case "busy" if len(served.asked) < 3:
                    self.send_response(503)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                case "whole-again":
                    begin, ranges = 0, False
                case _:
                    ranges = True
            body = CONTENT[begin:]
            self.send_response(206 if begin and ranges else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            breaks = self.path.startswith(("/breaks", "/whole-again")) and len(served.asked) < 3
            with contextlib.suppress(OSError):
                self.wfile.write(body[: len(body) // 2] if breaks else body)
            self.close_connection = breaks

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield served
    server.shutdown()
    thread.join()
    server.server_close()


def fetch(directory: Path, *files: FixedFile) -> list[tuple[FixedFile, Path]]:
    return Downloads(files, directory, lambda _: None).run()


def test_each_file_has_its_name_and_content(index: Index, tmp_path: Path) -> None:
    files = [index.file(f"/whole/{number}") for number in range(40)]
    fetched = fetch(tmp_path, *files)
    assert {file.url for file, _ in fetched} == {file.url for file in files}
    assert {path.name for _, path in fetched} == {"a.whl"}
    assert all(path.read_bytes() == CONTENT for _, path in fetched)


@pytest.mark.parametrize("path", ["/moved", "/busy"])
def test_redirects_are_followed_and_busy_servers_asked_again(
    index: Index, tmp_path: Path, path: str
) -> None:
    ((_, place),) = fetch(tmp_path, index.file(path))
    assert place.read_bytes() == CONTENT


def test_what_breaks_off_is_taken_up_where_it_ended(index: Index, tmp_path: Path) -> None:
    ((_, place),) = fetch(tmp_path, index.file("/breaks"))
    assert place.read_bytes() == CONTENT
    spans = [span for _, span in index.asked]
    assert spans[0] == ""
    assert spans[1] != spans[2] != ""


def test_a_server_that_knows_no_parts_is_asked_for_the_whole(index: Index, tmp_path: Path) -> None:
    ((_, place),) = fetch(tmp_path, index.file("/whole-again"))
    assert place.read_bytes() == CONTENT


def test_what_is_gone_or_another_file_is_left_out(index: Index, tmp_path: Path) -> None:
    other = index.file("/whole/other", content=b"other")
    fetched = fetch(tmp_path, index.file("/gone"), other, index.file("/whole"))
    assert [file.url for file, _ in fetched] == [f"{index.address}/whole"]
    assert [path.is_file() for path in tmp_path.rglob("a.whl")] == [True]


def test_a_host_that_does_not_answer_is_not_asked_for_everything(tmp_path: Path) -> None:
    files = [FixedFile("a", f"http://127.0.0.1:9/{number}", "sha256", "0") for number in range(99)]
    assert fetch(tmp_path, *files) == []


def test_progress_counts_files_and_bytes(index: Index, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    downloads = Downloads(
        [index.file("/whole/1"), index.file("/whole/2")],
        tmp_path,
        lambda now: seen.append((len(now.done), now.bytes)),
    )
    downloads.run()
    assert seen[-1] == (2, 2 * len(CONTENT))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("a-1.0.tgz", "a-1.0.tgz"),
        ("@x/a b~1.tgz", "x-a-b-1.tgz"),
        (".hidden", "_.hidden"),
        ("", "_"),
        ("é", "_"),
        ("a" * 300, "a" * 200),
    ],
)
def test_names_are_those_that_the_store_accepts(text: str, name: str) -> None:
    assert safe_name(200, text) == name


def test_the_store_path_is_that_of_the_derivation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NIX_STORE_DIR", raising=False)
    digest = hashlib.sha512(b"x").digest()
    file = LockedFile(
        name="a",
        version="1",
        filename="@x+a-1.tgz",
        url="https://index.example/a",
        integrity=f"sha512-{base64.b64encode(digest).decode()}",
    )
    fixed = FixedFile.of(file)
    assert (fixed.name, fixed.algorithm, fixed.digest) == ("x+a-1.tgz", "sha512", digest.hex())
    assert fixed.store_path.endswith("-x+a-1.tgz")
