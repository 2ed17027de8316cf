"""What the fuzzer begins with gets as far as the parser that it is to try."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import pytest

from fuzz.apps import plan, targets, write
from hop3_nix.errors import Hop3NixError, LockError
from hop3_nix.toolchains.registry import known

if TYPE_CHECKING:
    from pathlib import Path

TARGETS: Final = targets()
UNLOCKED: Final = {"python/setup.cfg": "which no lockfile pins"}
"""What no lockfile pins is refused once it has been read."""


@pytest.mark.parametrize("name", TARGETS)
def test_the_file_that_is_mutated_is_read(name: str, tmp_path: Path) -> None:
    files, mutated = TARGETS[name]
    assert mutated in files
    write(files, tmp_path)
    if name in UNLOCKED:
        with pytest.raises(LockError, match=UNLOCKED[name]):
            plan(tmp_path)
    else:
        plan(tmp_path)


def test_every_language_has_a_target(tmp_path: Path) -> None:
    found = set()
    for number, (files, _) in enumerate(TARGETS.values()):
        app = tmp_path / str(number)
        write(files, app)
        with suppress(LockError):
            found.add(plan(app).toolchain)
    assert found == {language.name for language in known()}


@pytest.mark.parametrize("name", TARGETS)
def test_no_file_of_blanks_takes_long(name: str, tmp_path: Path) -> None:
    files, mutated = TARGETS[name]
    write(files, tmp_path)
    began = time.process_time()
    (tmp_path / mutated).write_text("\n" * 60_000)
    with suppress(Hop3NixError):
        plan(tmp_path)
    assert time.process_time() - began < 5
