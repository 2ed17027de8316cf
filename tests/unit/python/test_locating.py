"""Addresses for files that a lockfile pins by digest alone."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from hop3_nix.errors import LockError, TemporaryError, ToolError
from hop3_nix.plan import LockedFile
from hop3_nix.toolchains.python.locking import locate_plan

if TYPE_CHECKING:
    from collections.abc import Callable

    from hop3_nix.plan import BuildPlan, Target

    Entry = Callable[..., dict[str, Any]]

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


def test_pip_is_asked_once_for_all_and_installs_nothing(
    plan: Any, pinned: Any, target: Target, tools: Any, entry: Entry
) -> None:
    made = plan({"main.py": "", "requirements.txt": pinned("attrs", "idna")})
    fake = tools([entry("attrs", f"{0:064x}"), entry("idna", f"{1:064x}")])
    located = locate_plan(made, target.offers_for("python")[0], target, fake)
    ((argv, _),) = fake.calls
    assert argv[1] == "-I"
    assert argv[2].endswith("/pip")
    assert argv[3:] == [
        *("--python", "/set/python313/bin/python3", "install", "--dry-run"),
        *("--ignore-installed", "--quiet", "--report", "-"),
        *("--no-deps", "attrs==1.0", "idna==1.0"),
    ]
    assert located.dependencies[1] == LockedFile(
        name="idna",
        version="1.0",
        filename="idna-1.0-py3-none-any.whl",
        url="https://index.example/idna-1.0-py3-none-any.whl",
        sha256=f"{1:064x}",
    )


def test_what_was_found_is_not_asked_again(
    unlocated: BuildPlan, locate: Any, tools: Any, entry: Entry
) -> None:
    first = locate(unlocated, tools([entry("idna", SOME)]))
    assert locate(unlocated, tools()) == first


def test_an_address_that_expires_is_asked_again(
    unlocated: BuildPlan, locate: Any, tools: Any, entry: Entry
) -> None:
    signed = "https://index.example/idna-1.0-py3-none-any.whl?signature=1"
    locate(unlocated, tools([entry("idna", SOME, url=signed)]))
    fake = tools([entry("idna", SOME, url=signed)])
    locate(unlocated, fake)
    assert len(fake.calls) == 1


def test_a_file_that_pip_would_not_choose_is_found_by_its_digest(
    unlocated: BuildPlan, locate: Any, tools: Any, entry: Entry
) -> None:
    sdist = "https://index.example/idna-1.0.zip"
    fake = tools([entry("idna", OTHER)], [entry("idna", SOME, url=sdist)])
    with pytest.raises(LockError, match=r"idna-1\.0\.zip: a source distribution"):
        locate(unlocated, fake)
    assert "--require-hashes" in fake.calls[1][0]
    assert fake.requirements == [f"idna==1.0 --hash=sha256:{SOME}\n"]


def test_an_index_without_sha256_is_believed_what_pip_has_checked(
    unlocated: BuildPlan, locate: Any, tools: Any, entry: Entry
) -> None:
    assert locate(unlocated, tools([entry("idna")], [entry("idna")])).sha256 == SOME


def test_a_hash_mismatch_names_both_digests(
    unlocated: BuildPlan, locate: Any, tools: Any, entry: Entry
) -> None:
    fake = tools([entry("idna", OTHER)], ToolError("pip returned 1", output="DO NOT MATCH"))
    with pytest.raises(LockError) as caught:
        locate(unlocated, fake)
    assert str(caught.value) == (
        f"hash mismatch: idna 1.0: locked sha256:{SOME}, "
        f"offered sha256:{OTHER} (idna-1.0-py3-none-any.whl)"
    )


def test_a_version_that_the_index_lacks_is_told_in_pip_s_words(
    unlocated: BuildPlan, locate: Any, tools: Any
) -> None:
    output = (
        "ERROR: Could not find a version\nERROR: No matching distribution found for idna==1.0\n"
    )
    with pytest.raises(LockError, match=r"No matching distribution found for idna==1\.0"):
        locate(unlocated, tools(ToolError("pip returned 1", output=output)))


def test_an_index_out_of_reach_is_a_temporary_error(
    unlocated: BuildPlan, locate: Any, tools: Any
) -> None:
    output = (
        "WARNING: Retrying (Retry(total=0)) after connection broken by 'no route'\n"
        "ERROR: No matching distribution found for idna==1.0\n"
    )
    with pytest.raises(TemporaryError, match="connection broken by 'no route'"):
        locate(unlocated, tools(ToolError("pip returned 1", output=output)))


def test_indexes_of_the_user_are_kept_and_local_ones_are_not(
    unlocated: BuildPlan,
    locate: Any,
    tools: Any,
    entry: Entry,
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
    fake = tools([entry("idna", SOME)], settings=settings)
    locate(unlocated, fake)
    env = fake.calls[0][1]
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
