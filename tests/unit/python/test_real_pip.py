"""pip itself, against an index that this machine serves."""

from __future__ import annotations

import hashlib
import http.server
import io
import os
import sys
import tarfile
import threading
import zipfile
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from hop3_nix.builders.tools import HostTools
from hop3_nix.config import load_config
from hop3_nix.errors import LockError
from hop3_nix.locks.hashlock import HashLock
from hop3_nix.locks.own import FILE
from hop3_nix.plan import HostOffer, LockedFile, Target
from hop3_nix.toolchains.composition import Composition

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from hop3_nix.source import Source

    App = Callable[[dict[str, str]], Source]

METADATA = "Metadata-Version: 2.1\nName: {}\nVersion: 1.0\n"
BACKEND = f"""
from pathlib import Path
def prepare_metadata_for_build_wheel(directory, config_settings=None):
    info = Path(directory, "built-1.0.dist-info")
    info.mkdir()
    info.joinpath("METADATA").write_text({METADATA.format("built")!r})
    info.joinpath("WHEEL").write_text("Wheel-Version: 1.0\\nTag: py3-none-any\\n")
    return info.name
def build_wheel(*arguments, **options):
    raise SystemExit("nothing is to be built")
"""
PYPROJECT = (
    '[build-system]\nrequires = ["hammer"]\nbuild-backend = "backend"\nbackend-path = ["."]\n'
)
VERSION = ".".join(map(str, sys.version_info[:3]))
OFFER = HostOffer(language="python", version=VERSION, program=sys.executable, libc="2.36")
TARGET = Target(system="x86_64-linux", package_set="this machine", on_host=True, offers=(OFFER,))


TOOLS = HostTools()


def wheel(name: str, *requires: str, tag: str = "py3-none-any") -> tuple[str, bytes]:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        lines = "".join(f"Requires-Dist: {each}\n" for each in requires)
        info = f"{name}-1.0.dist-info"
        archive.writestr(f"{info}/METADATA", METADATA.format(name) + lines)
        archive.writestr(f"{info}/WHEEL", f"Wheel-Version: 1.0\nTag: {tag}\n")
        archive.writestr(f"{info}/RECORD", "")
    return f"{name}-1.0-{tag}.whl", stream.getvalue()


def sdist(name: str) -> tuple[str, bytes]:
    stream = io.BytesIO()
    files = {"pyproject.toml": PYPROJECT, "backend.py": BACKEND, "PKG-INFO": METADATA.format(name)}
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for file, text in files.items():
            member = tarfile.TarInfo(f"{name}-1.0/{file}")
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    return f"{name}-1.0.tar.gz", stream.getvalue()


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """Serve an index and return the digest of each of its files."""
    files = dict(
        [
            wheel("anvil", 'nail; sys_platform == "linux"', 'glue; sys_platform == "win32"'),
            wheel("nail"),
            wheel("nail", tag=f"cp3{sys.version_info[1]}-none-any"),
            wheel("hammer"),
            sdist("built"),
        ]
    )
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    root = tmp_path / "index"
    for name, content in files.items():
        page = root / "simple" / name.split("-")[0] / "index.html"
        page.parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
        with page.open("a") as text:
            text.write(f'<a href="/{name}#sha256={digests[name]}">{name}</a>\n')

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            return

    handler = partial(Handler, directory=str(root))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        for variable in ("http_proxy", "HTTP_PROXY", "PIP_PROXY", "PIP_EXTRA_INDEX_URL"):
            monkeypatch.delenv(variable, raising=False)
        monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
        monkeypatch.setenv("PIP_CACHE_DIR", str(tmp_path / "cache"))
        monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{server.server_port}/simple/")
        yield digests
        server.shutdown()


def test_requirements_are_locked_with_what_builds_them(app: App, index: dict[str, str]) -> None:
    source = app({"main.py": "", "requirements.txt": "anvil\nbuilt\n"})
    lock = Composition.of(source, load_config(source)).locks(TARGET, TOOLS)[FILE]
    assert isinstance(lock, HashLock)
    assert {file.filename: file.sha256 for file in lock.packages} == {
        name: index[name]
        for name in (
            "anvil-1.0-py3-none-any.whl",
            "built-1.0.tar.gz",
            f"nail-1.0-cp3{sys.version_info[1]}-none-any.whl",
        )
    }
    assert [file.filename for file in lock.build] == ["hammer-1.0-py3-none-any.whl"]


DYNAMIC = (
    '[build-system]\nrequires = ["hammer"]\nbuild-backend = "backend"\nbackend-path = ["."]\n'
    '[project]\nname = "shop"\nversion = "1.0"\ndynamic = ["dependencies"]\n'
)
PROBE = """
import os
from pathlib import Path
def prepare_metadata_for_build_wheel(directory, config_settings=None):
    seen = [name for name in ("MYSECRET", "PIP_CONFIG") if name in os.environ]
    seen += [path for path in ("{mark}", "/etc/shadow", "/etc/hostname") if os.path.exists(path)]
    seen += [pid for pid in os.listdir("/proc") if pid == "{pid}"]
    seen += ["root"] if os.access("/usr/bin", os.W_OK) else []
    info = Path(directory, "shop-1.0.dist-info")
    info.mkdir()
    needs = "" if seen else "Requires-Dist: anvil\\n"
    said = "Metadata-Version: 2.1\\nName: shop\\nVersion: 1.0\\n" + needs
    info.joinpath("METADATA").write_text(said)
    info.joinpath("WHEEL").write_text("Wheel-Version: 1.0\\nTag: py3-none-any\\n")
    Path("touched").write_text("in the copy")
    return info.name
"""


@pytest.mark.usefixtures("index")
def test_what_the_backend_computes_it_computes_without_this_machine(
    app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = tmp_path / "mark"
    mark.write_text("")
    monkeypatch.setenv("MYSECRET", "s3cr3t")
    probe = PROBE.format(mark=mark, pid=os.getpid())
    source = app({"pyproject.toml": DYNAMIC, "backend.py": probe, "shop.py": ""})
    lock = Composition.of(source, load_config(source)).locks(TARGET, TOOLS)[FILE]
    assert isinstance(lock, HashLock)
    assert [file.name for file in lock.packages] == ["anvil", "nail"]
    assert not (source.root / "touched").exists()


@pytest.mark.usefixtures("index")
@pytest.mark.parametrize("line", ["-e {}", "{}", "x @ file://{}", "../outside", "-e ../outside"])
def test_nothing_outside_of_the_application_is_a_requirement(
    app: App, tmp_path: Path, line: str
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "pyproject.toml").write_text(DYNAMIC)
    (outside / "backend.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    source = app({"main.py": "", "requirements.txt": line.format(outside) + "\n"})
    with pytest.raises(LockError, match="pip cannot resolve it"):
        Composition.of(source, load_config(source)).locks(TARGET, TOOLS)
    assert not (tmp_path / "ran").exists()


def test_the_locked_one_of_two_files_is_located(app: App, index: dict[str, str]) -> None:
    digest = index["nail-1.0-py3-none-any.whl"]
    source = app({"main.py": "", "requirements.txt": f"nail==1.0 --hash=sha256:{digest}\n"})
    composition = Composition.of(source, load_config(source))
    plan = composition.plan(TARGET)
    (file,) = composition.locate(plan, TARGET, TOOLS).dependencies
    assert isinstance(file, LockedFile)
    assert file.filename == "nail-1.0-py3-none-any.whl"
    assert file.url.startswith("http://127.0.0.1:")
    assert file.sha256 == digest


@pytest.mark.usefixtures("index")
def test_a_file_that_is_not_the_locked_one_is_a_hash_mismatch(app: App) -> None:
    source = app({"main.py": "", "requirements.txt": f"nail==1.0 --hash=sha256:{'0' * 64}\n"})
    composition = Composition.of(source, load_config(source))
    plan = composition.plan(TARGET)
    with pytest.raises(LockError, match=r"hash mismatch: nail 1\.0: locked sha256:0000"):
        composition.locate(plan, TARGET, TOOLS)
