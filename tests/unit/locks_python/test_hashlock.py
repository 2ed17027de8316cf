from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hop3_nix.errors import LockError
from hop3_nix.locks.base import TargetPython
from hop3_nix.locks.hashlock import HashLock, parse, read
from hop3_nix.locks.own import FILE, input_digests
from hop3_nix.plan import LockedFile

if TYPE_CHECKING:
    from collections.abc import Callable

    from hop3_nix.source import Source

    Make = Callable[[dict[str, str]], Source]

TARGET = TargetPython(version="3.13.5", system="x86_64-linux", glibc="2.41")
NATIVE = "flask\nnumpy\n"


def locked(name: str, filename: str = "") -> LockedFile:
    filename = filename or f"{name}-1.0-py3-none-any.whl"
    return LockedFile(
        name=name,
        version="1.0",
        filename=filename,
        url=f"https://index.example/{filename}",
        sha256="a" * 64,
    )


def example(**changes: object) -> HashLock:
    values: dict[str, object] = {
        "inputs": {"requirements.txt": hashlib.sha256(NATIVE.encode()).hexdigest()},
        "python": TARGET,
        "packages": (locked("numpy", "numpy-1.0-cp313-cp313-manylinux_2_28_x86_64.whl"),),
        "build": (locked("setuptools"),),
    }
    return HashLock.model_validate(values | changes)


def source(app: Make, lock: HashLock, native: str = NATIVE) -> Source:
    return app({"requirements.txt": native, FILE: lock.to_json()})


def test_reading_gives_the_packages_and_what_to_build_with(app: Make) -> None:
    lock = example()
    found = read(source(app, lock), FILE, TARGET)
    assert found.dependencies == lock.packages
    assert found.build == lock.build
    assert found.files == (FILE, "requirements.txt")


def test_a_native_file_that_changed_is_an_error_that_says_what_to_run(app: Make) -> None:
    with pytest.raises(LockError) as error:
        read(source(app, example(), native=NATIVE + "django\n"), FILE, TARGET)
    assert str(error.value) == (
        "hop3-nix.lock: requirements.txt changed since hop3-nix.lock was written"
    )
    assert "hop3-nix lock" in error.value.tip


def test_a_native_file_that_is_gone_is_an_error(app: Make) -> None:
    with pytest.raises(LockError, match=r"requirements.txt, from which hop3-nix.lock was written"):
        read(app({FILE: example().to_json()}), FILE, TARGET)


def test_the_digests_of_inputs_are_those_of_the_files(app: Make) -> None:
    native = app({"requirements.txt": "flask\r\n", "b.txt": "é\n"})
    assert input_digests(native, ["requirements.txt", "b.txt"]) == {
        "b.txt": hashlib.sha256("é\n".encode()).hexdigest(),
        "requirements.txt": hashlib.sha256(b"flask\r\n").hexdigest(),
    }


def test_another_patch_release_will_do(app: Make) -> None:
    target = TARGET.model_copy(update={"version": "3.13.9"})
    assert len(read(source(app, example()), FILE, target).dependencies) == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"version": "3.11.2"},
            "was written for CPython 3.13.5 .*, and the target is CPython 3.11",
        ),
        ({"system": "aarch64-linux"}, "and the target is CPython 3.13.5 on aarch64-linux"),
        ({"glibc": "2.17"}, r"numpy-.*.whl: wheel not available for the platform"),
    ],
)
def test_another_target_is_an_error(app: Make, change: dict[str, str], message: str) -> None:
    with pytest.raises(LockError, match=message):
        read(source(app, example()), FILE, TARGET.model_copy(update=change))


def test_other_extras_than_it_was_written_for_are_an_error(app: Make) -> None:
    lock = source(app, example(extras=["web"]))
    assert read(lock, FILE, TARGET, extras=["Web"]).files
    with pytest.raises(LockError, match=r"written for the extras web, not \(none\)"):
        read(lock, FILE, TARGET)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{\n  x", r"^hop3-nix.lock:2: not JSON"),
        ('{\n  "format": 2\n}', r"^hop3-nix.lock:2: format 2; this hop3-nix reads up to 1"),
        ("{}", "inputs: Field required"),
        (
            example().to_json().replace("a" * 64, "b", 1),
            r"^hop3-nix.lock:\d+: build.0.sha256: String should match",
        ),
    ],
)
def test_a_damaged_lock_is_an_error_with_its_line(text: str, message: str) -> None:
    with pytest.raises(LockError, match=message) as error:
        parse(text)
    assert "hop3-nix lock" in error.value.tip


NAMES = st.from_regex(r"[a-z]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True)
LETTERS = st.characters(exclude_characters="\0", exclude_categories=["Cs"])
LOCKS = st.builds(
    example,
    inputs=st.dictionaries(st.text(LETTERS, min_size=1), st.just("c" * 64)),
    packages=st.lists(st.builds(locked, NAMES), max_size=5),
    build=st.lists(st.builds(locked, NAMES), max_size=3),
)


@given(LOCKS)
def test_what_was_written_is_read_back(lock: HashLock) -> None:
    assert parse(lock.to_json()) == lock


@given(LOCKS, st.randoms(use_true_random=False))
def test_equal_locks_are_equal_text_whatever_the_order(lock: HashLock, rng: object) -> None:
    files = list(lock.packages)
    rng.shuffle(files)  # type: ignore[attr-defined]
    inputs = dict(reversed(lock.inputs.items()))
    again = HashLock(inputs=inputs, python=TARGET, packages=tuple(files), build=lock.build)
    assert again.to_json() == lock.to_json()
    assert list(json.loads(lock.to_json())) == sorted(json.loads(lock.to_json()))
