from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet

from hop3_nix.locks.python.poetry_versions import allows


@pytest.mark.parametrize(
    ("constraint", "inside", "outside"),
    [
        ("^1.2.3", ["1.2.3", "1.9"], ["1.2.2", "2.0", "2.0a1"]),
        ("^0.2.3", ["0.2.3", "0.2.9"], ["0.3.0"]),
        ("^0.0.3", ["0.0.3"], ["0.0.4"]),
        ("^0.0", ["0.0.9"], ["0.1"]),
        ("^0", ["0.9"], ["1.0"]),
        ("~1.2.3", ["1.2.9"], ["1.3"]),
        ("~1.2", ["1.2.9"], ["1.3"]),
        ("~1", ["1.9"], ["2.0"]),
        ("~=1.2", ["1.9"], ["2.0"]),
        ("1.2.*", ["1.2.9"], ["1.3"]),
        ("1.2.3", ["1.2.3"], ["1.2.4"]),
        (">= 3.10", ["3.10", "4"], ["3.9"]),
        (">=3.6,<3.7 || >=3.8", ["3.6.5", "3.8"], ["3.7"]),
        ("^2.7|^3.6", ["2.7.1", "3.9"], ["3.5"]),
        ("!=3.0.*, >=2.7", ["2.7", "3.1"], ["3.0.1"]),
        (">=3.8.*", ["3.8"], ["3.7"]),
        ("*", ["1"], []),
        ("", ["1"], []),
    ],
)
def test_a_constraint(constraint: str, inside: list[str], outside: list[str]) -> None:
    assert [v for v in inside + outside if allows(constraint, v)] == inside


@pytest.mark.parametrize("constraint", ["^x", "latest", ">=", "1.2.3.dev.*"])
def test_what_is_no_constraint_raises(constraint: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        allows(constraint, "1.0")


NUMBERS = st.lists(st.integers(0, 30), min_size=1, max_size=3).map(lambda p: ".".join(map(str, p)))


@given(
    st.lists(st.tuples(st.sampled_from(["==", "!=", ">=", "<=", ">", "<"]), NUMBERS), min_size=1),
    NUMBERS,
)
def test_standard_specifiers_mean_what_they_mean_elsewhere(
    atoms: list[tuple[str, str]], version: str
) -> None:
    text = ",".join(operator + number for operator, number in atoms)
    assert allows(text, version) is SpecifierSet(text).contains(version)
