"""Python apps made of a few files, what a package set offers, and programs that answer by rote."""

from __future__ import annotations

import io
import json
import urllib.response
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hop3_nix.config import load_config
from hop3_nix.errors import TemporaryError
from hop3_nix.locksandbox import Enclosed, Outcome
from hop3_nix.plan import AnyOffer, BuildPlan, Offer, Target
from hop3_nix.source import Source
from hop3_nix.toolchains.composition import Composition
from hop3_nix.toolchains.python.indexes import Indexes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    state = tmp_path / "state"
    monkeypatch.setenv("HOP3_NIX_STATE", str(state))
    return state


@pytest.fixture
def app(tmp_path: Path) -> Callable[[dict[str, str]], Source]:
    def make(files: dict[str, str]) -> Source:
        for name, text in files.items():
            path = tmp_path / "shop" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return Source.open(tmp_path / "shop")

    return make


@pytest.fixture
def target() -> Target:
    return Target(
        system="x86_64-linux",
        package_set="debian",
        offers=(
            Offer(language="python", version="3.13.5", attribute="python313", libc="2.41"),
            Offer(language="ruby", version="3.3.8", attribute="ruby", libc="2.41"),
            Offer(language="python", version="3.11.2", attribute="python311", libc="2.36"),
        ),
    )


@pytest.fixture
def plan(app: Callable[[dict[str, str]], Source], target: Target) -> Callable[..., BuildPlan]:
    def make(files: dict[str, str], on: Target = target) -> BuildPlan:
        source = app(files)
        return Composition.of(source, load_config(source)).plan(on)

    return make


@pytest.fixture
def pinned() -> Callable[..., str]:
    """Return a requirements.txt that pins the given packages."""

    def make(*names: str) -> str:
        lines = (f"{name}==1.0 --hash=sha256:{index:064x}\n" for index, name in enumerate(names))
        return "".join(lines)

    return make


def reported(
    name: str, sha256: str = "", *, version: str = "1.0", url: str = "", **info: Any
) -> dict[str, Any]:
    """Return an entry of pip's installation report."""
    url = url or f"https://index.example/{name}-{version}-py3-none-any.whl"
    hashes = {"sha256": sha256} if sha256 else {}
    download = {"url": url, **(info or {"archive_info": {"hashes": hashes}})}
    return {"metadata": {"name": name, "version": version}, "download_info": download}


@dataclass
class FakeTools:
    """Answers in the order in which pip is asked; an exception is raised."""

    answers: list[Any] = field(default_factory=list)
    settings: str = ""
    calls: list[tuple[list[str], Mapping[str, str]]] = field(default_factory=list)
    requirements: list[str] = field(default_factory=list)
    constraints: list[str] = field(default_factory=list)
    packages: list[tuple[str, ...]] = field(default_factory=list)

    def program(self, offer: AnyOffer, name: str) -> Path:
        return Path("/set", offer.named, "bin", name)

    def run(self, argv: Sequence[str], *, env: Mapping[str, str] | None = None) -> str:
        assert argv[-2:] == ["config", "list"]
        assert env is None
        return self.settings

    def enclosed(self, program: Path, enclosed: Enclosed, packages: Sequence[str] = ()) -> Outcome:
        assert program == Path(enclosed.argv[0])
        self.calls.append(([*enclosed.argv], enclosed.env))
        self.packages.append(tuple(packages))
        self.requirements.append(enclosed.files["requirements.txt"].read_text())
        self.constraints.append(enclosed.files["constraints.txt"].read_text())
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return Outcome(json.dumps({"install": answer}), (), ())


@pytest.fixture
def tools() -> Callable[..., FakeTools]:
    return lambda *answers, settings="": FakeTools(list(answers), settings)


@pytest.fixture
def entry() -> Callable[..., dict[str, Any]]:
    return reported


@pytest.fixture
def contents(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """Return what there is at each address; with "down", there is nothing."""
    there: dict[str, bytes] = {}

    def opened(_self: Indexes, url: str, _headers: object = None) -> Any:
        if "down" in there:
            raise TemporaryError("the index cannot be reached: no route to host")
        if url not in there:
            raise FileNotFoundError(url)
        answer = urllib.response.addinfourl(io.BytesIO(there[url]), Message(), url)
        kind = "text/html" if url.endswith("/") else "application/octet-stream"
        answer.headers["Content-Type"] = kind
        return answer

    monkeypatch.setattr(Indexes, "open", opened)
    return there


@pytest.fixture
def offered(contents: dict[str, bytes]) -> Callable[..., None]:
    """Put a file on the page of its package; with ``new``, alone."""

    def put(name: str, sha256: str, *, url: str = "", new: bool = False) -> None:
        page = f"{Indexes({}).addresses[0]}/{name}/"
        address = url or f"https://index.example/{name}-1.0-py3-none-any.whl"
        fragment = f"#sha256={sha256}" if sha256 else ""
        before = b"" if new else contents.get(page, b"")
        contents[page] = before + f'<a href="{address}{fragment}">x</a>\n'.encode()

    return put
