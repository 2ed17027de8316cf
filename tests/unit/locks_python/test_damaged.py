"""Whatever is wrong with a lockfile, the error is one that a user can act on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hop3_nix.errors import InputError
from hop3_nix.locks.base import LockedSet, TargetPython
from hop3_nix.locks.python.formats import FORMATS

if TYPE_CHECKING:
    from hop3_nix.source import Source

DATA = Path(__file__).parent / "data"
TARGET = TargetPython(version="3.11.2", system="x86_64-linux", glibc="2.36")
JUNK = [
    "",
    "x",
    "3",
    "name = 3",
    'name = "../x"',
    'version = "x y"',
    'version = ""',
    "dependencies = 3",
    'dependencies = ["x >> 1"]',
    "dependencies = { x = 3 }",
    "markers = \"'x' in extras\"",
    "marker = \"os_name ~= 'x'\"",
    'python-versions = "what"',
    'requires_python = "what"',
    "files = []",
    'files = ["x"]',
    'wheels = [{ url = "x" }]',
    "[[package]]",
    "[project]",
    "[package.source]",
    '"version": 3,',
    '"markers": "x",',
    "-r .",
    "--hash=sha256:x",
]


class Files(dict[str, str]):
    """As much of a Source as a reader uses."""

    def has(self, path: str) -> bool:
        return path in self

    def read_text(self, path: str) -> str:
        return self[path]


@pytest.mark.parametrize("name", sorted(path.name for path in DATA.iterdir()))
@given(data=st.data())
def test_a_line_that_is_lost_or_replaced_is_an_input_error_or_does_no_harm(
    name: str, data: st.DataObject
) -> None:
    files = Files({path.name: path.read_text() for path in (DATA / name).iterdir()})
    damaged = data.draw(st.sampled_from(sorted(files)))
    lines = files[damaged].splitlines()
    for _ in range(data.draw(st.integers(1, 3))):
        lines[data.draw(st.integers(0, len(lines) - 1))] = data.draw(st.sampled_from(JUNK))
    files[damaged] = "\n".join(lines)
    found = outcome(files)
    if isinstance(found, InputError):
        assert found.tip
        assert found.file
    else:
        assert all(one.name for one in found.dependencies)


def outcome(files: Files) -> LockedSet | InputError:
    lock = next(one for one in FORMATS if one.file in files)
    try:
        return lock.read(cast("Source", files), TARGET)
    except InputError as error:
        return error
