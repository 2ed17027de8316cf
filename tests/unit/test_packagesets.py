from __future__ import annotations

import json
import threading
import time
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hop3_nix.errors import TemporaryError, UnavailableError
from hop3_nix.host.process import Completed
from hop3_nix.packagesets import DebianSet, NixpkgsSet, PathSet, select
from hop3_nix.packagesets import reach as reaching
from hop3_nix.packagesets.apt import DebFile
from hop3_nix.packagesets.debian_definition import read_definition
from hop3_nix.packagesets.debian_lock import DebianLock, Seed
from hop3_nix.packagesets.nixpkgs import Pin, read_pin
from hop3_nix.packagesets.reach import answering, why_not
from hop3_nix.packagesets.wheels import WheelFile, WheelLanguage, WheelPins

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

CACHE = "https://cache.example"
OFFERS = [
    {"language": "python", "version": "3.9.1", "attribute": "python39", "libc": "2.40"},
    {"language": "python", "version": "3.13.5", "attribute": "python313", "libc": "2.40"},
]


@pytest.fixture(autouse=True)
def _own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOP3_NIX_STATE", str(tmp_path / "state"))


def deb(package: str, version: str) -> DebFile:
    return DebFile(package, version, "debian", f"pool/{package}.deb", 1, "a" * 64)


@pytest.fixture
def debian(tmp_path: Path) -> DebianSet:
    seed = tmp_path / "store-seed"
    seed.mkdir()
    definition = read_definition()
    lock = DebianLock(
        system="x86_64-linux",
        definition=definition.digest,
        suites={"bookworm": "2026-07-11T10:16:37+00:00"},
        seed=Seed(str(seed), "0" * 52),
        shell=Seed(str(seed), "0" * 52),
        groups={
            **{found.group: (deb(found.package, "1.0-1"),) for found in definition.interpreters},
            "glibc": (deb("libc6", "2.41-12+deb13u4"),),
            "python311": (deb("python3.11", "3.11.2-6+deb12u9"),),
            "python313": (deb("python3.13", "3.13.5-2+deb13u5"),),
        },
    )
    package_set = DebianSet(directory=tmp_path / "debian", system="x86_64-linux", run=refuse)
    package_set.directory.mkdir()
    package_set.lock_file.write_text(lock.to_json())
    mirrors = package_set.lock_file.with_name("mirrors.json")
    mirrors.write_text('{"debian": "https://mirror.example/debian"}')
    return package_set


def refuse(
    argv: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stdin: str = "",
) -> Completed:
    del env, cwd, stdin
    pytest.fail(f"no program was to be started, and this was: {argv}")


def ignore(_line: str) -> None:
    pass


def test_the_debian_set_offers_what_its_lock_says_the_newest_first(debian: DebianSet) -> None:
    offers = debian.target().offers_for("python")
    assert [(o.version, o.named, o.libc) for o in offers] == [
        ("3.13.5", "python313", "2.41"),
        ("3.11.2", "python311", "2.41"),
    ]


def test_the_debian_set_knows_the_names_of_its_packages(debian: DebianSet) -> None:
    packages = debian.target().packages
    assert packages is not None
    assert {"bash", "coreutils", "gcc", "libpq", "python313", "zlib"} <= packages
    assert {"nodejs", "nodejs_22", "nodejs-slim_22"} <= packages
    assert "postgresql" not in packages


def test_the_debian_set_gives_the_sandbox_a_shell_and_asks_no_cache(debian: DebianSet) -> None:
    settings = debian.nix_settings()
    assert settings["sandbox-paths"].startswith("/bin/sh=/")
    assert settings["sandbox-paths"].endswith("store-seed/bin/sh")
    assert settings["substituters"] == ""


def test_the_debian_set_is_pinned_by_its_lock(debian: DebianSet) -> None:
    before = debian.describe()
    assert before["suites"] == {"bookworm": "2026-07-11T10:16:37+00:00"}
    debian.lock_file.write_text(debian.lock_file.read_text().replace("3.13.5-2", "3.13.5-3"))
    assert debian.describe()["lock_sha256"] != before["lock_sha256"]


def pins(version: str) -> WheelPins:
    file = WheelFile(version, "node.whl", "https://index.example/node.whl", "a" * 64)
    return WheelPins("x86_64-linux", {f"nodejs-slim_{major}": file for major in (20, 22, 24)})


def test_pip_is_asked_for_node_once_and_only_when_node_is_needed(
    debian: DebianSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def pin(_language: WheelLanguage, system: str) -> WheelPins:
        asked.append(system)
        return pins("22.20.0")

    monkeypatch.setattr(WheelLanguage, "pin", pin)
    debian.prepare(ignore)
    debian.prepare(ignore, "python")
    assert debian.target().offers_for("node") == ()
    assert asked == []
    for _ in range(2):
        debian.prepare(ignore, "node")
    assert asked == ["x86_64-linux"]
    offer = debian.target().offers_for("node")[0]
    assert (offer.version, offer.libc) == ("22.20.0", "2.41")
    assert offer.named.startswith("nodejs-slim_")


def test_node_is_pinned_by_what_pip_said(debian: DebianSet) -> None:
    before = debian.describe()
    debian.wheels_file("node").write_text(pins("22.20.0").to_json())
    assert debian.describe() == before | {
        "node": {f"nodejs-slim_{m}": "22.20.0" for m in (20, 22, 24)}
    }


def test_a_refresh_keeps_the_node_there_is_if_pip_reaches_no_index(
    debian: DebianSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pin(_language: WheelLanguage, _system: str) -> WheelPins:
        raise TemporaryError("pip cannot reach the package index", tip="Try again.")

    monkeypatch.setattr(WheelLanguage, "pin", pin)
    monkeypatch.setattr(DebianSet, "_refresh", lambda _self, _definition: None)
    debian.wheels_file("node").write_text(pins("22.20.0").to_json())
    said: list[str] = []
    debian.refresh(said.append)
    assert said[-1] == "Node stays as it is: pip cannot reach the package index"
    assert debian.target().offers_for("node")


def test_a_lock_that_is_current_is_not_written_again(debian: DebianSet) -> None:
    before = debian.lock_file.stat().st_mtime_ns
    debian.prepare(ignore)
    assert debian.lock_file.stat().st_mtime_ns == before


def test_mirrors_that_cannot_be_read_are_written_again(debian: DebianSet) -> None:
    def run(argv: Sequence[str], **_rest: Any) -> Completed:
        assert "indextargets" in argv
        fields = ("Debian", "stable", "main", "https://mirror.example/debian")
        return Completed((), 0, "\t".join(fields) + "\n")

    mirrors = debian.lock_file.with_name("mirrors.json")
    mirrors.write_text('{"debian": "htt')
    said: list[str] = []
    replace(debian, run=run).prepare(said.append)
    assert json.loads(mirrors.read_text()) == {"debian": "https://mirror.example/debian"}
    assert len(said) == 1


@pytest.mark.parametrize("change", [{"definition": "other"}, {"system": "aarch64-linux"}])
def test_a_lock_that_was_made_for_another_set_is_written_again(
    debian: DebianSet, change: dict[str, str]
) -> None:
    data = json.loads(debian.lock_file.read_text())
    debian.lock_file.write_text(json.dumps(data | change))
    calls: list[Sequence[str]] = []

    def run(argv: Sequence[str], **_rest: Any) -> Completed:
        calls.append(argv)
        return Completed(tuple(argv), 0)

    package_set = DebianSet(directory=debian.directory, system="x86_64-linux", run=run)
    with pytest.raises(UnavailableError, match="needs a Debian mirror"):
        package_set.prepare(ignore)
    assert "indextargets" in calls[0]


@pytest.mark.parametrize("file", ["lock.json", "packages.json"])
@pytest.mark.parametrize("text", ["", "[]", '{"format": 99}', "\0garbage"])
def test_a_refresh_does_not_need_the_files_that_it_writes(
    debian: DebianSet, file: str, text: str
) -> None:
    (debian.directory / file).write_text(text)
    package_set = replace(debian, run=lambda argv, **_rest: Completed(tuple(argv), 0))
    with pytest.raises(UnavailableError, match="needs a Debian mirror"):
        package_set.refresh(ignore)


def test_asking_the_debian_set_before_it_has_a_lock_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="no lock yet") as caught:
        DebianSet(directory=tmp_path).target()
    assert "packages refresh" in caught.value.tip


def test_a_store_path_follows_from_the_pin() -> None:
    pin = Pin(
        owner="NixOS",
        repo="nixpkgs",
        rev="d407951447dcd00442e97087bf374aad70c04cea",
        nar_hash="sha256-8i/87eeoqiGE4yOTjwSA3Eh/ziJRQEmd/unYU+K27sk=",
    )
    # What `nix-store --print-fixed-path --recursive sha256 … source` prints.
    assert pin.store_path == Path("/nix/store/ifpab9hxqmk2biwy594da8ipxzsp3y4s-source")


def test_nixpkgs_is_asked_once_for_what_it_offers(tmp_path: Path) -> None:
    asked: list[str] = []

    def evaluate(text: str) -> object:
        asked.append(text)
        return OFFERS

    package_set = NixpkgsSet(directory=tmp_path, system="x86_64-linux", evaluate=evaluate)
    for _ in range(2):
        package_set.prepare(ignore)
    assert [offer.version for offer in package_set.target().offers] == ["3.13.5", "3.9.1"]
    assert len(asked) == 1
    assert read_pin().rev in asked[0]


def test_nixpkgs_that_was_not_prepared_offers_nothing(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="not known yet"):
        NixpkgsSet(directory=tmp_path).target()


def test_a_path_of_the_users_own_is_imported_whatever_its_name_is(tmp_path: Path) -> None:
    path = tmp_path / 'my "pkgs" ${x}'
    path.mkdir()
    package_set = PathSet(str(path), evaluate=lambda _text: OFFERS)
    package_set.prepare(ignore)
    assert package_set.expression() == f'import (/. + "{tmp_path}/my \\"pkgs\\" \\${{x}}") {{ }}'
    assert package_set.target().offers[0].named == "python313"


def test_an_entry_of_nix_path_is_imported_as_that() -> None:
    assert PathSet("<nixpkgs>").expression() == "import <nixpkgs> { }"


@pytest.mark.parametrize("requested", ["/nowhere/pkgs", "nixpkg", "<a> { }; evil", "<"])
def test_a_package_set_that_is_not_there_is_unavailable(requested: str) -> None:
    with pytest.raises(UnavailableError, match="there is no package set"):
        PathSet(requested).prepare(ignore)


def test_what_is_asked_for_is_taken_without_a_look_at_the_network() -> None:
    def fail(_urls: Sequence[str]) -> set[str]:
        pytest.fail("the network was asked")

    chosen = [select(name, report=ignore, reach=fail) for name in ("debian", "nixpkgs", "./x")]
    assert [type(one) for one in chosen] == [DebianSet, NixpkgsSet, PathSet]


@pytest.mark.parametrize("requested", [None, "", "auto"])
def test_nixpkgs_is_chosen_when_its_source_and_a_cache_answer(requested: str | None) -> None:
    said: list[str] = []
    chosen = select(
        requested, report=said.append, caches=lambda: [CACHE], reach=set, nix=lambda: (2, 18)
    )
    assert isinstance(chosen, NixpkgsSet)
    assert said == ["package set: nixpkgs"]


def test_the_debian_set_is_chosen_where_nix_is_too_old_for_nixpkgs() -> None:
    said: list[str] = []
    chosen = select(None, report=said.append, caches=lambda: [CACHE], reach=set, nix=lambda: (2, 8))
    assert isinstance(chosen, DebianSet)
    assert said[0].endswith("it asks for Nix 2.18 or newer, and this is 2.8")


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (set(), "its source cannot be fetched from here"),
        ({f"{CACHE}/nix-cache-info"}, "its source cannot be fetched from here"),
        ({read_pin().url}, "no binary cache answers"),
    ],
)
def test_the_debian_set_is_chosen_when_nixpkgs_cannot_be_had_and_the_reason_is_said(
    answer: set[str], reason: str
) -> None:
    said: list[str] = []
    chosen = select(
        None,
        report=said.append,
        caches=lambda: [CACHE],
        reach=lambda _: answer,
        nix=lambda: (2, 18),
    )
    assert isinstance(chosen, DebianSet)
    assert said == [f"package set: debian, as nixpkgs cannot be had: {reason}"]


def test_a_cache_in_a_directory_needs_no_network(tmp_path: Path) -> None:
    pin = read_pin()
    reason = why_not(
        pin, tmp_path / "m", caches=lambda: ["file:///cache"], reach=lambda _: {pin.url}
    )
    assert reason == ""


def test_the_answer_holds_for_a_day(tmp_path: Path) -> None:
    asked: list[Sequence[str]] = []

    def reach(urls: Sequence[str]) -> set[str]:
        asked.append(urls)
        return set()

    memory = tmp_path / "reach.json"
    for now in (0.0, 86399.0, 86401.0):
        why_not(read_pin(), memory, caches=lambda: [CACHE], reach=reach, now=lambda: now)  # noqa: B023
    assert len(asked) == 2


@pytest.mark.parametrize("text", ["", "[]", '{"rev": 1}'])
def test_an_answer_that_cannot_be_read_is_asked_for_again(tmp_path: Path, text: str) -> None:
    memory = tmp_path / "reach.json"
    memory.write_text(text)
    assert why_not(read_pin(), memory, caches=lambda: [CACHE], reach=set) == ""


class Handler(BaseHTTPRequestHandler):
    def do_HEAD(self) -> None:
        if self.path == "/slow":
            time.sleep(1)
        self.send_response(404 if self.path == "/gone" else 200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - likewise
        pass


@pytest.fixture
def server() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Handler) as http:
        thread = threading.Thread(target=http.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{http.server_port}"
        http.shutdown()


def test_only_what_answers_with_success_in_time_counts(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reaching, "PATIENCE", 0.4)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    urls = [f"{server}/there", f"{server}/gone", "file:///etc/passwd", "http://127.0.0.1:1/"]
    assert answering(urls) == {f"{server}/there"}
    start = time.monotonic()
    assert answering([f"{server}/slow"]) == set()
    assert time.monotonic() - start < 0.9


def test_what_decides_on_a_set_is_known_but_for_a_path(tmp_path: Path) -> None:
    assert DebianSet(directory=tmp_path).pinned_by() == (
        tmp_path / "lock.json",
        tmp_path / "node.json",
        tmp_path / "bun.json",
        tmp_path / "deno.json",
    )
    assert NixpkgsSet(directory=tmp_path).pinned_by() == ()
    assert PathSet("/some/nixpkgs").pinned_by() is None
