"""The parsers that no plan reaches: what each is given at first, and how it is called.

They raise Hop3NixError, or what stands beside them, and nothing else.
"""

from __future__ import annotations

import hashlib
import io
import json
import struct
import tarfile
import time
import zlib
from dataclasses import asdict
from datetime import UTC, datetime
from email.message import Message
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import atheris

with atheris.instrument_imports(include=["hop3_nix", "check_libraries", "foreign"]):
    import check_libraries
    import foreign

    from hop3_nix import contract
    from hop3_nix.building import unchanged
    from hop3_nix.deploy import artifact, inspect, page, place, rules, signatures, verify
    from hop3_nix.deploy import exec as becoming
    from hop3_nix.deploy.configuration import read_environment
    from hop3_nix.deploy.proxy import nginx_conf
    from hop3_nix.deploy.proxy.shape import Shape
    from hop3_nix.deploy.releases import host, journal, record
    from hop3_nix.deploy.releases.layout import AppPlace
    from hop3_nix.deploy.releases.settings import Settings
    from hop3_nix.deploy.remote.address import read_address
    from hop3_nix.deploy.remote.request import read_request
    from hop3_nix.nix import failures as nixfailures
    from hop3_nix.nix import missing
    from hop3_nix.nix.derivation import read_derivation
    from hop3_nix.nix.log import NixLog
    from hop3_nix.packagesets import debian_lock, debian_packages, mirrors, reach
    from hop3_nix.packagesets.nixpkgs import Pin
    from hop3_nix.plan import LockedFile
    from hop3_nix.postbuild import leaks
    from hop3_nix.postbuild.credentials import secret_in_text, secret_in_value
    from hop3_nix.procfile.parse import parse_procfile
    from hop3_nix.procfile.shelltext import unclosed
    from hop3_nix.source import gitfiles, gitindex, gittags
    from hop3_nix.source.ignore import IgnoreRules, patterns_of
    from hop3_nix.text import printable
    from hop3_nix.toolchains.node import registry
    from hop3_nix.toolchains.python import indexes, sdists
    from hop3_nix.toolchains.simple_commands import simple_commands
    from hop3_nix.workers.counts import CountError, read_counts
    from hop3_nix.workers.cron import CronError, is_due, read_schedule
    from hop3_nix.workers.envfile import EnvFileError, read_variables

if TYPE_CHECKING:
    from collections.abc import Callable

SHA1: Final = "a" * 40
SHA256: Final = "b" * 64
DRV: Final = f"/nix/store/{'c' * 32}-shop.drv"


class Reader(NamedTuple):
    """A parser: content to begin with, and what reads it, which has a directory of its own."""

    seed: bytes
    read: Callable[[bytes, Path], object]
    errors: tuple[type[Exception], ...] = ()
    """What it raises beside Hop3NixError."""
    binary: bool = False
    """Whether bytes are mutated, and not the words of a text."""


def _file(
    name: str, seed: str, read: Callable[[Path, Path], object], *errors: type[Exception]
) -> Reader:
    """Return the reader of the file ``name``, which is given its path and the directory."""

    def call(content: bytes, directory: Path) -> object:
        file = directory / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        return read(file, directory)

    return Reader(seed.encode(), call, errors)


def _text(seed: str, read: Callable[[str], object], *errors: type[Exception]) -> Reader:
    def call(content: bytes, _directory: Path) -> object:
        return read(content.decode("utf-8", "replace"))

    return Reader(seed.encode(), call, errors)


# --- what Nix says

LOG: Final = rf"""
@nix {{"action":"start","id":1,"level":3,"parent":0,"text":"building","type":104}}
@nix {{"action":"start","fields":["{DRV}","",1,1],"id":2,"parent":0,"text":"x","type":105}}
@nix {{"action":"result","fields":[0,1,1,0],"id":1,"type":105}}
@nix {{"action":"result","fields":[101,4096],"id":1,"type":106}}
@nix {{"action":"result","fields":["installPhase"],"id":2,"type":104}}
@nix {{"action":"result","fields":["ModuleNotFoundError: No module named 'x'"],"id":2,"type":101}}
@nix {{"action":"msg","level":0,"msg":"error: x","raw_msg":"builder for '{DRV}' failed with 1;\n"}}
@nix {{"action":"msg","level":0,"msg":"error: x","raw_msg":"unable to download 'http://x': HTTP"}}
@nix {{"action":"stop","id":2}}
error: hash mismatch in fixed-output derivation
"""


def _log(text: str) -> None:
    log = NixLog(interval=0)
    for line in text.split("\n"):
        log.feed(line)
    log.progress()
    for errors in (log.errors, log.hearsay, nixfailures.errors_of(text)):
        error = nixfailures.classify(
            nixfailures.Failure(100, errors, log.builds, fetches=frozenset({DRV}))
        )
        missing.find_missing(error.said)
        printable.lines_for_terminal(f"{error}\n{error.tip}")


# --- artifacts

RUNTIME: Final[dict[str, Any]] = {
    "env_vars": {"A": "b", "PYTHONPATH": "$HOME"},
    "path_prepend": ["/bin"],
    "working_dir": "/",
    "workers": {"web": "env A=b sh -c 'exec x \"$PORT\"' && { y | z; } # c", "cron": "* * * * * x"},
    "before_run": ["if x; then y; fi"],
    "static_paths": {"/s": "/s"},
    "writable_tree": "",
    "healthcheck_path": "/h",
    "healthcheck_timeout": 30,
    "backend_protocol": "http",
}
ARTIFACT: Final[dict[str, Any]] = {
    "kind": "nix",
    "builder": "nix",
    "app_name": "shop",
    "built_at": "2026-01-01T00:00:00Z",
    "build_id": "1",
    "location": "/",
    "runtime": RUNTIME,
    "metadata": {"contract_version": 1, "evidence": [{"choice": "x", "reason": "y", "line": 1}]},
}


def _runtime(file: Path, directory: Path) -> None:
    runtime = contract.read_runtime(file)
    rules.check_runtime(runtime, directory, [directory])


def _shown(_file: Path, directory: Path) -> None:
    """Read what a directory says that it is, as those do who only look, and who trust it."""
    inspect.inspect(artifact.look_at(directory)).sections()
    verify.verify(artifact.locate(directory, trusted=True))


def _recorded(content: bytes, directory: Path) -> None:
    """Read our own record of a build, also on the way that `exec` takes."""
    record_file = Path(place.recorded(str(directory)))
    record_file.parent.mkdir(parents=True, exist_ok=True)
    record_file.write_bytes(content)
    becoming.main_fast(["no-such-worker", str(directory)])
    artifact.locate(directory)


# --- git


def _index() -> bytes:
    entries = b""
    for name in (b"a/b.py", b"c"):
        entry = struct.pack(">10I", *(0,) * 6, 0o100644, 0, 0, 0) + bytes(20)
        entry += struct.pack(">H", len(name)) + name
        entries += entry + bytes(8 - len(entry) % 8)
    return struct.pack(">4sII", b"DIRC", 2, 2) + entries + b"TREE" + struct.pack(">I", 2) + b"xy"


def _repository(directory: Path) -> Path:
    git = directory / ".git"
    for name in ("objects/aa", "refs/tags", "info"):
        (git / name).mkdir(parents=True, exist_ok=True)
    (git / "HEAD").write_text("ref: refs/heads/main\n")
    return git


def _read_index(content: bytes, directory: Path) -> None:
    git = _repository(directory)
    (git / "index").write_bytes(content + hashlib.sha1(content).digest())  # noqa: S324 - git's own
    gitfiles.git_files(str(directory), lambda _name: False)


def _read_packed(content: bytes, directory: Path) -> None:
    (_repository(directory) / "packed-refs").write_bytes(content)
    gittags.head_tags(str(directory))


def _read_head(content: bytes, directory: Path) -> None:
    git = _repository(directory)
    (git / "HEAD").write_bytes(content)
    (git / "info/exclude").write_bytes(content)
    gittags.head_tags(str(directory))
    gitfiles.git_files(str(directory), lambda _name: False)


def _read_tag(content: bytes, directory: Path) -> None:
    git = _repository(directory)
    (git / "objects/aa" / SHA1[2:]).write_bytes(content)
    (git / "refs/tags/v1").write_text(SHA1)
    (git / "HEAD").write_text(SHA1)
    gittags.head_tags(str(directory))


def _read_link(content: bytes, directory: Path) -> None:
    _repository(directory)
    (directory / "work").mkdir(exist_ok=True)
    (directory / "work/.git").write_bytes(content)
    gitindex.find_repository(str(directory / "work"))


def _ignore(content: bytes, _directory: Path) -> None:
    ignored = IgnoreRules()
    ignored.add("", patterns_of(content), file=".gitignore")
    ignored.keep(["a/b/c.log", "x" * 100, "a" * 60 + "/b"])


# --- indexes of packages


class _Indexes(indexes.Indexes):
    content = b""
    kind = "text/html"

    def open(self, url: str, headers: object = None) -> Any:  # noqa: ARG002 - as it is called
        said = Message()
        said["Content-Type"] = self.kind
        answer = io.BytesIO(self.content)
        answer.headers = said  # type: ignore[attr-defined]
        answer.url = url  # type: ignore[attr-defined]
        return answer


def _page(kind: str) -> Callable[[bytes, Path], None]:
    def read(content: bytes, _directory: Path) -> None:
        index = _Indexes({})
        index.content, index.kind = content, kind
        found = index.page("https://index.example/simple", "idna")
        indexes.page_of(found, lambda file: file.url)

    return read


PAGE: Final = {
    "files": [
        {
            "filename": "idna-3.1-py3-none-any.whl",
            "url": "../idna-3.1-py3-none-any.whl",
            "hashes": {"sha256": SHA256},
            "requires-python": ">=3.9",
            "yanked": False,
            "core-metadata": {"sha256": SHA256},
        }
    ]
}


def _archive() -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        text = b'[build-system]\nrequires = ["hatchling"]\n'
        member = tarfile.TarInfo("x-1/pyproject.toml")
        member.size = len(text)
        tar.addfile(member, io.BytesIO(text))
    return stream.getvalue()


def _sdist(content: bytes, _directory: Path) -> None:
    sdists._fetch = lambda url, settings: content  # noqa: ARG005 - in the place of a server
    digest = hashlib.sha256(content).hexdigest()
    file = LockedFile(
        name="x", version="1", filename="x-1.tar.gz", url="https://x/x", sha256=digest
    )
    sdists.build_needs(file, {})


# --- texts


def _shell_line(text: str) -> None:
    unclosed(text)
    list(simple_commands(text))
    runtime = contract.RuntimeConfig(env_vars={}, path_prepend=[], workers={"web": text})
    rules.check_runtime(runtime, Path("/nonexistent"), [])


def _schedule(text: str) -> None:
    is_due(read_schedule(text).text, time.gmtime(0))


def _secrets(text: str) -> None:
    secret_in_text(text)
    secret_in_value(text)
    leaks.secret_in("a.py", text.encode("utf-8", "replace"), made=True)
    printable.lines_for_terminal(text)


# --- what a build has made


def _library(content: bytes, directory: Path) -> None:
    file = directory / "x.so"
    file.write_bytes(content)
    check_libraries.needed(file)
    foreign.interpreter(file)
    foreign.inherit_search(file)


# --- files of the state directory, which a full disk or a hand may have damaged

_LOCK: Final = debian_lock.DebianLock("x86_64-linux", "d", {}, None, {})  # type: ignore[arg-type]
_DEB: Final = {
    "package": "p",
    "version": "1",
    "archive": "debian",
    "path": "pool/p.deb",
    "size": 1,
    "sha256": SHA256,
}
_SEED: Final = {"path": "/nix/store/x-busybox", "sha256": SHA256}
_RELEASE: Final = record.Release(
    app="shop",
    number=1,
    reason="deploy",
    created=datetime(2026, 1, 1, tzinfo=UTC),
    replaces=None,
    artifact=contract.BuildArtifact.model_validate(ARTIFACT),
    generation=1,
    settings=Settings(),
    variables=("A",),
    tree=None,
    instances=(record.Instance(worker="web", port=20000),),
)
_SHAPE: Final = Shape(
    "shop", ("8080",), ("a.example",), "http", (("/s", "store"),), "", answers=True
)


def _place(directory: Path) -> AppPlace:
    return AppPlace(directory / "apps/shop", "shop")


def _reach(file: Path, _directory: Path) -> None:
    pin = Pin(owner="o", repo="r", rev="r", nar_hash=f"sha256-{'A' * 43}=")
    reach.why_not(pin, file, caches=list, reach=lambda _urls: set())


STATE: Final = {
    "last-build.json": _file(
        "last-build.json",
        json.dumps(
            {
                "format": 1,
                "key": "k",
                "location": "/nix/store/x",
                "root": "",
                "fell_back": False,
                "watched": {"a": "b"},
            }
        ),
        lambda file, _: unchanged._read(file),
    ),
    "debian-lock.json": _file(
        "lock.json",
        json.dumps(
            {
                "format": debian_lock.LOCK_FORMAT,
                "system": "x86_64-linux",
                "definition": "d",
                "suites": {"trixie": "2026-01-01T00:00:00Z"},
                "seed": _SEED,
                "groups": {"base": [_DEB]},
            }
        ),
        lambda file, _: debian_lock.read_lock(file),
    ),
    "debian-packages.json": _file(
        "packages.json",
        json.dumps(
            {
                "format": 1,
                "definition": "d",
                "packages": {"p": {"runtime": [_DEB], "development": []}},
            }
        ),
        lambda file, _: debian_packages.read_packages(file, _LOCK),
    ),
    "mirrors.json": _file(
        "mirrors.json",
        '{"debian": "https://mirror.example/debian"}',
        lambda file, _: mirrors.is_mirrors_file(file),
    ),
    "reach.json": _file("reach.json", '{"rev": "r", "at": 1.5, "reason": "x"}', _reach),
    "host.json": _file("host.json", '{"manager": "systemd"}', lambda file, _: host._recorded(file)),
    "release.json": _file(
        "apps/shop/releases/1/release.json",
        _RELEASE.model_dump_json(indent=1),
        lambda _, directory: record.read_release(_place(directory), 1),
    ),
    "transition.json": _file(
        "apps/shop/transition.json",
        '{"kind": "release", "release": 2}',
        lambda _, directory: journal.under_way(_place(directory)),
    ),
    "environment": _file("environment", "A=b\nB='c d'\n", lambda file, _: read_environment(file)),
    "trusted-keys": _file(
        "trusted-keys",
        f"# ours\ncache.example-1:{'A' * 43}=\n",
        lambda _, directory: signatures.trusted_keys(directory),
    ),
    "nginx.conf": _file(
        "nginx.conf",
        f"# site {json.dumps(asdict(_SHAPE))}\n",
        lambda file, _: nginx_conf.read(file),
    ),
}

READERS: Final = {
    "nix-log": _text(LOG, _log),
    "nix-derivation": _file(
        "x.drv",
        f'Derive([("out","/nix/store/x","","")],[("{DRV}",["out"])],[],"x86_64-linux","builtin:'
        'fetchurl",["a"],[("name","x")])',
        lambda file, _: read_derivation(str(file)),
    ),
    "runtime.json": _file("hop3/runtime.json", json.dumps(RUNTIME, indent=1), _runtime),
    "BUILD_ARTIFACT.json": _file("BUILD_ARTIFACT.json", json.dumps(ARTIFACT, indent=1), _shown),
    "record": Reader(json.dumps(ARTIFACT, indent=1).encode(), _recorded),
    "defaults.json": _file("x.json", '["A", "B"]', lambda file, _: contract.read_defaults(file)),
    "required.json": _file("x.json", '["A", "B"]', lambda file, _: contract.read_required(file)),
    "writable.json": _file("x.json", '["a/b"]', lambda file, _: contract.read_writable(file)),
    "workers.json": _file(
        "hop3/workers.json",
        '{"format": 1, "tree": "/t", "working_dir": "/t", "workers": {"web": {"kind": "process", '
        '"command": "x", "argv": ["x"]}}, "health": {"path": "/", "status": [200, 399]}}',
        lambda _, directory: page.text_of_page(directory),
    ),
    "git-index": Reader(_index(), _read_index, binary=True),
    "git-packed-refs": Reader(
        f"# pack-refs with: peeled\n{SHA1} refs/tags/v1\n^{SHA1}\n".encode(), _read_packed
    ),
    "git-head": Reader(b"ref: refs/heads/main\n", _read_head),
    "git-tag": Reader(
        zlib.compress(f"tag 99\0object {SHA1}\ntype commit\n".encode()), _read_tag, binary=True
    ),
    "git-file": Reader(b"gitdir: ../.git\n", _read_link),
    "git-config": _text("[core]\n\texcludesFile = ~/x\n", gitfiles._excludes_file),
    "ignore-file": Reader(b"*.log\n!a\n/b/**/c/\n[a-z]?\\ \n*a*a*a*b\n", _ignore),
    "procfile": _text(
        "web: gunicorn app:app & wait\ncron-x: @daily x\nstatic: public\n",
        lambda text: parse_procfile(text, "Procfile"),
    ),
    "shell-line": _text(RUNTIME["workers"]["web"], _shell_line),
    "schedule": _text("*/5 1-3,7 * jan-mar mon", _schedule, CronError),
    "env-file": _text('# x\nexport A=\'b\nc\'\nB="d\\"e"\nC=f # g\n', read_variables, EnvFileError),
    "counts": _text("web=2,worker=0", lambda text: read_counts([text]), CountError),
    "address": _text("ssh://root@host.example:22", read_address),
    "request": Reader(
        b'{"arguments": ["status", "--json"], "secrets": "A=b"}\n',
        lambda content, _: read_request(content),
    ),
    "secrets": _text("https://u:p@h/ AKIAIOSFODNN7EXAMPLE -----BEGIN PRIVATE KEY-----", _secrets),
    "index-html": Reader(
        b'<base href="../"><a href="idna-3.1.tar.gz#sha256=b" data-yanked="x">i</a>',
        _page("text/html"),
    ),
    "index-json": Reader(json.dumps(PAGE, indent=1).encode(), _page("application/json")),
    "sdist": Reader(_archive(), _sdist, binary=True),
    "npm-answers": _text('@x:registry=https://r/\nregistry="x"\n', registry._answers),
    "library": Reader(Path("/bin/true").read_bytes()[:16384], _library, binary=True),
    **{f"state/{name}": reader for name, reader in STATE.items()},
}
