"""Addresses for files that a lockfile pins by digest alone."""

from __future__ import annotations

import hashlib
import io
import os
from email.message import Message
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.response import addinfourl

import pytest

from hop3_nix.errors import LockError, TemporaryError
from hop3_nix.plan import LockedFile, UnlocatedFile
from hop3_nix.toolchains.python.indexes import Indexes
from hop3_nix.toolchains.python.locking import locate_plan, mirrored_plan
from hop3_nix.toolchains.python.pip import pip_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from hop3_nix.plan import BuildPlan, Target

    Offering = Callable[..., None]

SOME = f"{0:064x}"
OTHER = "b" * 64


@pytest.fixture
def unlocated(plan: Callable[..., BuildPlan], pinned: Callable[..., str]) -> BuildPlan:
    return plan({"main.py": "", "requirements.txt": pinned("idna")})


@pytest.fixture
def locate(target: Target) -> Callable[..., LockedFile]:
    def run(plan: BuildPlan, tools: Any) -> LockedFile:
        (file,) = locate_plan(plan, target.offers_for("python")[0], target, tools).dependencies
        assert isinstance(file, LockedFile)
        return file

    return run


def test_the_page_of_each_package_is_read_and_nothing_is_started(
    plan: Any, pinned: Any, target: Target, tools: Any, offered: Offering
) -> None:
    made = plan({"main.py": "", "requirements.txt": pinned("attrs", "idna")})
    offered("attrs", f"{0:064x}")
    offered("idna", f"{1:064x}")
    fake = tools()
    located = locate_plan(made, target.offers_for("python")[0], target, fake)
    assert fake.calls == []
    assert located.dependencies[1] == LockedFile(
        name="idna",
        version="1.0",
        filename="idna-1.0-py3-none-any.whl",
        url="https://index.example/idna-1.0-py3-none-any.whl",
        sha256=f"{1:064x}",
    )


def test_what_was_found_is_not_asked_again(
    unlocated: BuildPlan, locate: Any, tools: Any, offered: Offering
) -> None:
    offered("idna", SOME)
    first = locate(unlocated, tools())
    offered("idna", OTHER, new=True)
    assert locate(unlocated, tools()) == first


def test_an_address_that_expires_is_asked_again(
    unlocated: BuildPlan, locate: Any, tools: Any, offered: Offering
) -> None:
    signed = "https://index.example/idna-1.0-py3-none-any.whl?signature="
    offered("idna", SOME, url=f"{signed}1")
    assert locate(unlocated, tools()).url == f"{signed}1"
    offered("idna", SOME, url=f"{signed}2", new=True)
    assert locate(unlocated, tools()).url == f"{signed}2"


def test_the_file_with_the_locked_digest_is_taken_whatever_else_there_is(
    unlocated: BuildPlan, locate: Any, tools: Any, offered: Offering
) -> None:
    offered("idna", OTHER)
    offered("idna", SOME, url="https://index.example/idna-1.0.zip")
    with pytest.raises(LockError, match=r"idna-1\.0\.zip: a source distribution"):
        locate(unlocated, tools())


def test_of_an_index_without_sha256_the_file_itself_is_compared(
    plan: Any, locate: Any, tools: Any, offered: Offering, contents: dict[str, bytes]
) -> None:
    contents["https://index.example/idna-1.0-py3-none-any.whl"] = b"a wheel"
    digest = hashlib.sha256(b"a wheel").hexdigest()
    made = plan({"main.py": "", "requirements.txt": f"idna==1.0 --hash=sha256:{digest}\n"})
    offered("idna", "")
    assert locate(made, tools()).sha256 == digest


def test_a_hash_mismatch_names_both_digests(
    unlocated: BuildPlan, locate: Any, tools: Any, offered: Offering
) -> None:
    offered("idna", OTHER)
    with pytest.raises(LockError) as caught:
        locate(unlocated, tools())
    assert str(caught.value) == (
        f"hash mismatch: idna 1.0: locked sha256:{SOME}, "
        f"offered sha256:{OTHER} (idna-1.0-py3-none-any.whl)"
    )


def test_a_version_that_the_index_lacks_is_told(
    unlocated: BuildPlan, locate: Any, tools: Any, offered: Offering
) -> None:
    offered("idna", OTHER, url="https://index.example/idna-2.0-py3-none-any.whl")
    with pytest.raises(LockError, match=r"no matching distribution found for idna==1\.0"):
        locate(unlocated, tools())


@pytest.mark.parametrize(
    "page",
    [
        b"[]",
        b"{",
        b'{"files": [null]}',
        b'{"files": [{"filename": null, "url": "x"}]}',
        b'{"files": [{"filename": "x", "url": 1}]}',
        b'{"files": [{"filename": "x", "url": "y", "hashes": []}]}',
    ],
)
def test_a_page_that_is_none_is_told(page: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    said = Message()
    said["Content-Type"] = "application/vnd.pypi.simple.v1+json"
    answer = addinfourl(io.BytesIO(page), said, "https://index.example/simple/idna/")
    monkeypatch.setattr(Indexes, "open", lambda *_: answer)
    with pytest.raises(LockError, match="idna/ is no page of an index"):
        Indexes({}).page("https://index.example/simple", "idna")


def test_an_index_out_of_reach_is_a_temporary_error(
    unlocated: BuildPlan, locate: Any, tools: Any, contents: dict[str, bytes]
) -> None:
    contents["down"] = b""
    with pytest.raises(TemporaryError, match="cannot be reached: no route to host"):
        locate(unlocated, tools())


def test_indexes_of_the_user_are_kept_and_local_ones_are_not(
    tools: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PIP_FIND_LINKS", "/opt/wheels")
    monkeypatch.setenv("PIP_REQUIRE_VIRTUALENV", "1")
    settings = (
        ":env:.cert='/etc/ssl/ours.pem'\n"
        "global.cert='/etc/ssl/theirs.pem'\n"
        "global.extra-index-url='file:///opt/simple\\nhttps://extra.example/simple'\n"
        "global.find-links='/opt/wheels'\n"
        "install.index-url='https://index.example/simple'\n"
        "install.no-binary=':all:'\n"
    )
    env = pip_for(Path("python3"), tools(settings=settings)).env
    assert env["PIP_INDEX_URL"] == "https://index.example/simple"
    assert env["PIP_EXTRA_INDEX_URL"] == "https://extra.example/simple"
    assert env["PIP_CERT"] == "/etc/ssl/ours.pem"
    assert env["PIP_CONFIG_FILE"] == os.devnull
    assert env["PIP_FIND_LINKS"] == env["PIP_REQUIRE_VIRTUALENV"] == ""
    assert "PIP_NO_BINARY" not in env


def test_an_index_of_this_machine_alone_is_refused(
    unlocated: BuildPlan, locate: Any, tools: Any
) -> None:
    with pytest.raises(LockError, match="file:///opt/simple, a directory of this machine"):
        locate(unlocated, tools(settings="global.index-url='file:///opt/simple'\n"))


@pytest.mark.parametrize("variable", ["PIP_INDEX_URL", "UV_DEFAULT_INDEX"])
def test_an_index_of_the_user_stands_in_for_the_public_one_in_a_lockfile(
    unlocated: BuildPlan, tools: Any, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    host = import_module("pip._internal.models.index").PyPI.file_storage_domain
    there = LockedFile(
        name="idna",
        version="1.0",
        filename="idna-1.0-py3-none-any.whl",
        url=f"https://{host}/packages/idna-1.0-py3-none-any.whl",
        sha256=SOME,
    )
    public = unlocated.model_copy(update={"dependencies": (there,)})
    assert mirrored_plan(public, tools()) is public
    monkeypatch.setenv(variable, "https://mirror.example/simple")
    said = "global.index-url='https://mirror.example/simple'" if variable[0] == "P" else ""
    (found,) = mirrored_plan(public, tools(settings=said)).dependencies
    assert found == UnlocatedFile(
        name="idna", version="1.0", filename=there.filename, sha256=(SOME,)
    )
