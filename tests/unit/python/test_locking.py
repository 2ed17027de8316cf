"""What ``hop3-nix lock`` writes."""

from __future__ import annotations

import hashlib
import io
import tarfile
import urllib.error
import urllib.request
import zipfile
from typing import TYPE_CHECKING, Any, cast

import pytest

from hop3_nix.config import load_config
from hop3_nix.errors import LockError, TemporaryError, ToolError, UnsupportedError
from hop3_nix.locks import hashlock, own
from hop3_nix.locks.rust.cargo_lock import CRATES_IO
from hop3_nix.plan import LockedFile
from hop3_nix.toolchains.composition import Composition
from hop3_nix.toolchains.python.sdists import build_needs

if TYPE_CHECKING:
    from collections.abc import Callable

    from hop3_nix.plan import Target
    from hop3_nix.source import Source

    App = Callable[[dict[str, str]], Source]
    Entry = Callable[..., dict[str, Any]]
    Offer_ = Callable[..., None]

A, B, C = "a" * 64, "b" * 64, "c" * 64
PACKAGE = {
    "pyproject.toml": '[build-system]\nrequires = ["flit_core>=3"]\nbuild-backend = "flit_core.x"\n'
    '[project]\nname = "shop"\nversion = "1"\ndependencies = ["idna>=3"]\n',
    "shop.py": "",
}


@pytest.fixture
def lock(app: App, target: Target) -> Callable[..., hashlock.HashLock | None]:
    def run(files: dict[str, str], tools: Any) -> hashlock.HashLock | None:
        source = app(files)
        found = Composition.of(source, load_config(source)).locks(target, tools)
        return cast("hashlock.HashLock | None", found.get(own.FILE))

    return run


def archive(kind: str, text: str | None, more: dict[str, str] | None = None) -> bytes:
    """Return an sdist with this pyproject.toml, and another one deeper down."""
    files = {"x-1.0/setup.py": "raise SystemExit", "x-1.0/tests/pyproject.toml": "broken"}
    files |= {} if text is None else {"x-1.0/pyproject.toml": text}
    files |= more or {}
    stream = io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(stream, "w") as zipped:
            for name, content in files.items():
                zipped.writestr(name, content)
    else:
        with tarfile.open(fileobj=stream, mode="w:gz") as tarred:
            for name, content in files.items():
                member = tarfile.TarInfo(name)
                member.size = len(content)
                tarred.addfile(member, io.BytesIO(content.encode()))
    return stream.getvalue()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """Return what the network has, by address."""
    contents: dict[str, bytes] = {}

    def answer(_self: object, request: urllib.request.Request, **_options: object) -> io.BytesIO:
        if request.full_url not in contents:
            raise urllib.error.URLError("no route to host")
        return io.BytesIO(contents[request.full_url])

    monkeypatch.setattr(urllib.request.OpenerDirector, "open", answer)
    return contents


def sdist(content: bytes, filename: str = "x-1.0.tar.gz") -> LockedFile:
    return LockedFile(
        name="x",
        version="1.0",
        filename=filename,
        url=f"https://index.example/{filename}",
        sha256=hashlib.sha256(content).hexdigest(),
    )


def test_requirements_are_resolved_in_a_copy(lock: Any, tools: Any, entry: Entry) -> None:
    fake = tools([entry("Idna", A), entry("attrs", B)])
    made = lock(
        {"main.py": "", "requirements.txt": "idna\n-r more.txt\n", "more.txt": "attrs\n"}, fake
    )
    assert [file.name for file in made.packages] == ["attrs", "idna"]
    assert made.build == ()
    assert set(made.inputs) == {"requirements.txt", "more.txt"}
    assert str(made.python) == "CPython 3.13.5 on x86_64-linux with glibc 2.41"
    assert fake.requirements == ["idna\nattrs\n"]


def test_constraints_and_packages_are_at_hand(lock: Any, tools: Any, entry: Entry) -> None:
    fake = tools([entry("idna", A)])
    files = {
        "hop3.toml": '[build]\npackages = ["libfoo"]\n',
        "requirements.txt": "-c c.txt\nidna\n",
        "c.txt": "idna<4\n",
        "main.py": "",
    }
    lock(files, fake)
    assert (fake.requirements, fake.constraints) == (["idna\n"], ["idna<4\n"])
    assert fake.packages == [("libfoo",)]


def test_addresses_and_indexes_of_requirements_are_those_of_the_sandbox(
    lock: Any, tools: Any, entry: Entry
) -> None:
    fake = tools([entry("idna", A)], settings="global.extra-index-url='https://more.example/s'\n")
    text = "--index-url https://mine.example/simple\nx @ https://a.example/x-1.zip#sha256=0\n"
    lock({"requirements.txt": text, "main.py": ""}, fake)
    assert fake.requirements == [
        "--index-url ${HOP3_INDEX}/i2/\nx @ ${HOP3_INDEX}/f/0/x-1.zip#sha256=0\n"
    ]
    env = fake.calls[0][1]
    assert (env["PIP_INDEX_URL"], env["PIP_EXTRA_INDEX_URL"]) == ("{proxy}/i0/", "{proxy}/i1/")


def test_dependencies_of_pyproject_and_its_backend_are_resolved(
    lock: Any, tools: Any, entry: Entry
) -> None:
    fake = tools([entry("idna", A)], [entry("flit-core", B)])
    made = lock(PACKAGE, fake)
    assert fake.requirements == ["idna>=3\n", "flit_core>=3\n"]
    assert ["--prefer-binary" in argv for argv, _ in fake.calls] == [False, True]
    assert [file.name for file in made.packages] == ["idna"]
    assert [file.name for file in made.build] == ["flit-core"]
    assert set(made.inputs) == {"pyproject.toml"}


def test_dependencies_that_the_backend_computes_are_asked_of_it(
    lock: Any, tools: Any, entry: Entry
) -> None:
    itself = entry("shop", url="file:///sandbox/app", dir_info={})
    fake = tools([itself, entry("idna", A)], [entry("setuptools", B)])
    made = lock({"setup.py": "", "main.py": ""}, fake)
    assert fake.requirements[0] == "/sandbox/app\n"
    assert [file.name for file in made.packages] == ["idna"]


def test_the_project_among_its_own_requirements_is_the_tree(
    lock: Any, tools: Any, entry: Entry
) -> None:
    fake = tools([entry("idna", A)], [entry("setuptools", B)])
    lock({"setup.py": "", "requirements.txt": "-e .\nidna\n"}, fake)
    assert fake.requirements[0] == "/sandbox/app\nidna\n"


def test_build_requirements_of_sdists_are_added_until_none_is_new(
    lock: Any, tools: Any, entry: Entry, server: dict[str, bytes]
) -> None:
    first = archive("zip", '[build-system]\nrequires = ["backend"]\n')
    second = archive("tar", None)
    urls = ["https://index.example/x-1.0.zip", "https://index.example/backend-1.0.tar.gz"]
    server.update(zip(urls, (first, second), strict=True))
    digests = [hashlib.sha256(content).hexdigest() for content in (first, second)]
    backend = entry("backend", digests[1], url=urls[1])
    fake = tools(
        [entry("x", digests[0], url=urls[0])],
        [backend],
        [backend, entry("setuptools", A), entry("wheel", B)],
    )
    made = lock({".python-version": "3.13", "main.py": "", "requirements.txt": "x\n"}, fake)
    assert fake.requirements == ["x\n", "backend\n", "backend\nsetuptools\nwheel\n"]
    assert [file.name for file in made.build] == ["backend", "setuptools", "wheel"]


def test_beside_a_native_lock_only_build_requirements_are_written(
    lock: Any, pinned: Any, tools: Any, entry: Entry, offered: Offer_
) -> None:
    files = {**PACKAGE, "requirements.txt": pinned("idna")}
    offered("idna", f"{0:064x}")
    made = lock(files, tools([entry("flit-core", B)]))
    assert made.packages == ()
    assert [file.name for file in made.build] == ["flit-core"]
    assert set(made.inputs) == {"requirements.txt", "pyproject.toml"}


def test_nothing_is_written_when_a_native_lock_says_all(
    lock: Any, pinned: Any, tools: Any, offered: Offer_
) -> None:
    files = {"main.py": "", "requirements.txt": pinned("idna")}
    offered("idna", f"{0:064x}")
    assert lock(files, tools()) is None


def test_nothing_is_written_for_an_app_without_requirements(lock: Any, tools: Any) -> None:
    assert lock({"main.py": ""}, tools()) is None


def test_a_repository_cannot_be_locked(lock: Any, tools: Any, entry: Entry) -> None:
    git = entry("x", url="https://code.example/x.git", vcs_info={"vcs": "git"})
    with pytest.raises(LockError, match="comes from a repository"):
        lock({"requirements.txt": "x @ git+https://code.example/x.git\n"}, tools([git]))


def test_a_directory_other_than_the_project_cannot_be_locked(
    lock: Any, tools: Any, entry: Entry
) -> None:
    with pytest.raises(LockError, match="comes from a directory"):
        lock({"requirements.txt": "./lib\n"}, tools([entry("x", url="file:///x", dir_info={})]))


def test_a_file_without_sha256_cannot_be_locked(lock: Any, tools: Any, entry: Entry) -> None:
    with pytest.raises(LockError, match=r"no sha256 hash for x-1\.0-py3-none-any\.whl"):
        lock({"requirements.txt": "x\n"}, tools([entry("x")]))


def test_what_pip_cannot_resolve_is_told_in_its_words(lock: Any, tools: Any) -> None:
    with pytest.raises(LockError, match="ResolutionImpossible") as caught:
        lock(
            {"requirements.txt": "x\n"},
            tools(*[ToolError("1", output="ERROR: ResolutionImpossible")] * 2),
        )
    assert caught.value.file == "requirements.txt"


@pytest.mark.parametrize("kind", ["zip", "tar"])
@pytest.mark.parametrize(
    ("text", "requires"),
    [
        ('[build-system]\nrequires = ["flit_core >=3"]\n', ("flit_core >=3",)),
        ("[build-system]\nrequires = []\n", ()),
        ("[tool.x]\n", ("setuptools", "wheel")),
        (None, ("setuptools", "wheel")),
    ],
)
def test_an_sdist_says_what_builds_it(
    server: dict[str, bytes], kind: str, text: str | None, requires: tuple[str, ...]
) -> None:
    content = archive(kind, text)
    file = sdist(content)
    server[file.url] = content
    assert build_needs(file, {}).requires == requires


CRATE = (
    'version = 4\n[[package]]\nname = "itoa"\nversion = "1.0.19"\n'
    f'source = "{CRATES_IO}"\nchecksum = "{"0" * 64}"\n'
)


@pytest.mark.parametrize("kind", ["zip", "tar"])
@pytest.mark.parametrize("backend", ["maturin>=1,<2", "Setuptools_Rust"])
def test_an_sdist_with_rust_pins_its_crates(
    server: dict[str, bytes], kind: str, backend: str
) -> None:
    text = f'[build-system]\nrequires = ["wheel", "{backend}"]\n'
    lockfiles = {"x-1.0/src/rust/Cargo.lock": CRATE, "x-1.0/src/rust/old/x/Cargo.lock": "broken"}
    content = archive(kind, text, lockfiles)
    file = sdist(content)
    server[file.url] = content
    [crate] = build_needs(file, {}).crates
    assert crate.filename == "itoa-1.0.19.crate"


def test_an_sdist_with_rust_that_pins_no_crates_is_refused(server: dict[str, bytes]) -> None:
    content = archive("tar", '[build-system]\nrequires = ["maturin"]\n')
    file = sdist(content)
    server[file.url] = content
    with pytest.raises(UnsupportedError, match=r"has no Cargo.lock that pins its crates"):
        build_needs(file, {})


def test_an_sdist_with_another_digest_is_refused(server: dict[str, bytes]) -> None:
    file = sdist(b"locked")
    server[file.url] = b"other"
    with pytest.raises(LockError, match="hash mismatch"):
        build_needs(file, {})


def test_an_sdist_that_is_no_archive_is_refused(server: dict[str, bytes]) -> None:
    file = sdist(b"text")
    server[file.url] = b"text"
    with pytest.raises(UnsupportedError, match="can be read"):
        build_needs(file, {})


@pytest.mark.usefixtures("server")
def test_an_sdist_out_of_reach_is_a_temporary_error() -> None:
    with pytest.raises(TemporaryError, match="no route to host"):
        build_needs(sdist(b""), {"PIP_PROXY": "http://proxy.example"})


def test_what_is_locked_is_what_is_planned(
    app: App, target: Target, tools: Any, entry: Entry, lock: Any
) -> None:
    made = lock(PACKAGE, tools([entry("idna", A)], [entry("flit-core", C)]))
    source = app({"Procfile": "web: python -m shop\n", own.FILE: made.to_json()})
    plan = Composition.of(source, load_config(source)).plan(target)
    assert plan.dependencies == made.packages
    assert plan.build_dependencies == made.build


IMPOSSIBLE = ToolError("1", output="ERROR: No matching distribution found for numpy==1.26.0")
NUMPY = "https://index.example/numpy-1.26.0"


def test_what_cannot_be_had_for_the_newest_version_is_locked_for_another(
    lock: Any, tools: Any, entry: Entry
) -> None:
    files = {"main.py": "", "requirements.txt": "numpy==1.26.0\n"}
    assert lock(files, tools(IMPOSSIBLE, [entry("numpy", A)])).python.version == "3.11.2"


def test_what_does_not_run_on_the_newest_version_is_locked_for_another(
    lock: Any, tools: Any, entry: Entry
) -> None:
    files = {"main.py": "", "requirements.txt": "django==4.0.3\n"}
    old = [entry("Django", A, version="4.0.3")]
    assert lock(files, tools(old, old)).python.version == "3.11.2"
    new = [entry("Django", A, version="4.2.1")]
    assert lock(files, tools(new)).python.version == "3.13.5"
    pinned = {**files, ".python-version": "3.13"}
    assert lock(pinned, tools(old)).python.version == "3.13.5"


def test_what_needs_setuptools_to_run_has_one_with_pkg_resources(
    lock: Any, tools: Any, entry: Entry
) -> None:
    files = {"main.py": "", "requirements.txt": "gunicorn==20.1.0\n"}
    gunicorn = entry("gunicorn", A, version="20.1.0")
    newest = [gunicorn, entry("setuptools", B, version="84.0.0")]
    fake = tools(newest, [gunicorn, entry("setuptools", B, version="81.0.0")])
    made = lock(files, fake)
    assert [each.version for each in made.packages] == ["20.1.0", "81.0.0"]
    assert "setuptools<82" in fake.constraints[-1]
    made = lock(files, tools(newest, IMPOSSIBLE))
    assert [each.version for each in made.packages] == ["20.1.0", "84.0.0"]


def test_no_other_version_is_tried_than_the_one_that_is_asked_for(lock: Any, tools: Any) -> None:
    files = {".python-version": "3.13", "requirements.txt": "numpy==1.26.0\n"}
    with pytest.raises(LockError, match="No matching distribution"):
        lock(files, tools(IMPOSSIBLE))


def test_the_versions_that_were_tried_are_told(lock: Any, tools: Any) -> None:
    with pytest.raises(LockError, match="No matching distribution") as caught:
        lock({"main.py": "", "requirements.txt": "x\n"}, tools(IMPOSSIBLE, IMPOSSIBLE))
    assert "for Python 3.13.5, 3.11.2" in caught.value.tip


@pytest.mark.parametrize(
    ("wheel", "version"), [("cp311-cp311-manylinux2014_x86_64", "3.11.2"), (None, "3.13.5")]
)
def test_a_version_with_wheels_goes_before_one_that_has_to_compile(  # noqa: PLR0917
    lock: Any,
    tools: Any,
    entry: Entry,
    offered: Offer_,
    contents: dict[str, bytes],
    wheel: str | None,
    version: str,
) -> None:
    sdist_url = f"{NUMPY}.tar.gz"
    contents[sdist_url] = archive("tar", None)
    digest = hashlib.sha256(contents[sdist_url]).hexdigest()
    offered("numpy", digest, url=sdist_url)
    compiled = [entry("numpy", digest, url=sdist_url, version="1.26.0")]
    answers: list[Any] = [compiled, [entry("setuptools", B)]]
    if wheel:
        offered("numpy", C, url=f"{NUMPY}-{wheel}.whl")
        answers.append([entry("numpy", C, url=f"{NUMPY}-{wheel}.whl", version="1.26.0")])
    fake = tools(*answers)
    made = lock({"main.py": "", "requirements.txt": "numpy==1.26.0\n"}, fake)
    assert made.python.version == version
    assert fake.answers == []
