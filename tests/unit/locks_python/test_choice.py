"""Which one of a package's files is used."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.utils import parse_wheel_filename

from hop3_nix.errors import LockError
from hop3_nix.locks.base import Place, TargetPython
from hop3_nix.locks.python.packages import (
    ListedFile,
    LockedPackage,
    choose,
    resolve,
    sha256_digests,
)

TARGET = TargetPython(version="3.13.5", system="x86_64-linux", glibc="2.36")
HERE = Place("uv.lock", 7)
DIGEST = "a" * 64


def package(*names: str, version: str = "1.0", url: str = "") -> LockedPackage:
    files = tuple(ListedFile(name, (f"sha256:{DIGEST}",), url) for name in names)
    return LockedPackage("pack", version, HERE, files)


def chosen(*names: str) -> str:
    one = package(*names)
    return choose(one.files, one, TARGET).filename


@pytest.mark.parametrize(
    ("best", "other"),
    [
        ("pack-1.0-py3-none-any.whl", "pack-1.0.tar.gz"),
        ("pack-1.0-cp313-cp313-manylinux_2_17_x86_64.whl", "pack-1.0-py3-none-any.whl"),
        ("pack-1.0-cp313-cp313-manylinux_2_17_x86_64.whl", "pack-1.0-cp39-abi3-linux_x86_64.whl"),
        (
            "pack-1.0-cp313-cp313-manylinux_2_36_x86_64.whl",
            "pack-1.0-cp313-cp313-manylinux_2_17_x86_64.whl",
        ),
        ("pack-1.0-2-py3-none-any.whl", "pack-1.0-1-py3-none-any.whl"),
        ("pack-1.0-py3-none-any.whl", "pack-1.0-cp313-cp313-manylinux_2_37_x86_64.whl"),
        ("pack-1.0-py3-none-any.whl", "pack-1.0-cp313-cp313-win_amd64.whl"),
        ("pack-1.0.tar.gz", "pack-1.0-cp313-cp313-musllinux_1_2_x86_64.whl"),
        ("pack-1.0.tar.gz", "pack-1.0.zip"),
        ("pack-1.0.tar.gz", "pack-1.0.win32-py3.exe"),
        ("pack-1.0.tar.gz", "pack-1.0-no-such-wheel-name-at-all.whl"),
    ],
)
def test_of_two_files_the_better_is_chosen(best: str, other: str) -> None:
    assert chosen(best, other) == chosen(other, best) == best


def test_without_a_wheel_for_the_platform_or_an_sdist_the_error_says_what_there_is() -> None:
    with pytest.raises(LockError) as error:
        chosen(
            "pack-1.0-cp313-cp313-win_amd64.whl",
            "pack-1.0-cp311-cp311-manylinux_2_17_x86_64.whl",
        )
    assert str(error.value) == (
        "uv.lock:7: pack 1.0: wheel not available for the platform "
        "(CPython 3.13.5 on x86_64-linux with glibc 2.36), and there is no sdist; the lockfile has "
        "pack-1.0-cp311-cp311-manylinux_2_17_x86_64.whl, pack-1.0-cp313-cp313-win_amd64.whl"
    )
    assert "another version of pack" in error.value.tip


def test_of_many_files_the_error_lists_the_nearest() -> None:
    names = [f"pack-1.0-cp3{n}-cp3{n}-win_amd64.whl" for n in range(6, 16)]
    with pytest.raises(LockError, match=r"has pack-1.0-cp311-cp311-linux_x86_64.whl,.*and 5 more$"):
        chosen(*names, "pack-1.0-cp311-cp311-linux_x86_64.whl")


WHEEL_NAMES = st.builds(
    "pack-1.0-{}-{}-{}.whl".format,
    st.sampled_from(["cp313", "cp311", "py3", "cp39"]),
    st.sampled_from(["cp313", "abi3", "none", "cp313t"]),
    st.sampled_from(
        ["any", "linux_x86_64", "manylinux_2_17_x86_64", "manylinux_2_40_x86_64", "win_amd64"]
    ),
)


@given(st.lists(WHEEL_NAMES, min_size=1, unique=True), st.randoms(use_true_random=False))
def test_the_choice_is_usable_and_does_not_depend_on_the_order(
    names: list[str], rng: object
) -> None:
    sdist = "pack-1.0.tar.gz"
    first = chosen(*names, sdist)
    rng.shuffle(names)  # type: ignore[attr-defined]
    assert chosen(sdist, *names) == first
    accepted = {name for name in names if parse_wheel_filename(name)[3] & set(TARGET.tags())}
    assert first in (accepted or {sdist})


def test_two_versions_that_both_apply_are_an_error() -> None:
    both = [package("pack-1.0.tar.gz"), package("pack-2.0.tar.gz", version="2.0")]
    with pytest.raises(LockError, match=r"pack is locked twice for .*: 1.0 and 2.0"):
        resolve(both, TARGET)


def test_the_same_package_twice_is_one() -> None:
    assert len(resolve([package("pack-1.0.tar.gz")] * 2, TARGET)) == 1


def test_sha256_is_taken_from_among_other_hashes() -> None:
    hashes = [f"md5:{'b' * 32}", f"sha256:{DIGEST.upper()}"]
    assert sha256_digests(hashes, "pack 1.0", HERE) == (DIGEST,)


@pytest.mark.parametrize(
    ("hashes", "message"),
    [
        ([], "pack 1.0 has no hash"),
        (["sha512:" + "c" * 128, "md5:" + "b" * 32], "it has md5, sha512"),
        (["sha256:abc"], "it has sha256"),
    ],
)
def test_without_a_sha256_the_error_says_what_there_is(hashes: list[str], message: str) -> None:
    with pytest.raises(LockError, match=message):
        sha256_digests(hashes, "pack 1.0", HERE)


@pytest.mark.parametrize(
    "url", ["git+https://index.example/pack", "ftp://index.example/p.tar.gz", "../p.tar.gz"]
)
def test_an_address_that_cannot_be_fetched_is_an_error(url: str) -> None:
    with pytest.raises(LockError, match="is no address to fetch from"):
        resolve([package("pack-1.0.tar.gz", url=url)], TARGET)


def test_a_subdirectory_of_an_archive_is_an_error() -> None:
    url = "https://index.example/p.tar.gz#subdirectory=x"
    with pytest.raises(LockError, match="a subdirectory of an archive is not supported"):
        resolve([package("pack-1.0.tar.gz", url=url)], TARGET)


def test_the_fragment_of_an_address_is_left_out() -> None:
    url = "https://index.example/p.tar.gz"
    (found,) = resolve([package("p.tar.gz", url=f"{url}#sha256={DIGEST}")], TARGET)
    assert found.model_dump()["url"] == url
