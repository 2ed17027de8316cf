"""The file of an app's variables is read back as it was written, by us and by the managers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hop3_nix.deploy.configuration import checked, read_environment, write_environment
from hop3_nix.errors import ArtifactCorruptError, InputError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

VALUES = st.text(st.characters(exclude_characters="\0\r", exclude_categories=["Cs"]))
NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True)


@given(values=st.dictionaries(NAMES, VALUES, max_size=4))
def test_read_as_written(tmp_path_factory: pytest.TempPathFactory, values: dict[str, str]) -> None:
    file = tmp_path_factory.getbasetemp() / "environment"
    write_environment(file, values)
    assert read_environment(file) == values


def test_nobody_else_can_read_it(tmp_path: Path) -> None:
    write_environment(tmp_path / "environment", {"TOKEN": "1"})
    assert (tmp_path / "environment").stat().st_mode & 0o777 == 0o600


def test_no_file_is_no_variables(tmp_path: Path) -> None:
    assert read_environment(tmp_path / "environment") == {}


@pytest.mark.parametrize("text", ["A", 'A="', "1=2"])
def test_a_damaged_file(tmp_path: Path, text: str) -> None:
    (tmp_path / "environment").write_text(text)
    with pytest.raises(ArtifactCorruptError) as caught:
        read_environment(tmp_path / "environment")
    assert "hop3-nix config set" in caught.value.tip


@pytest.mark.parametrize(
    "values",
    [{"PORT": "1"}, {"HOP3_STATE_DIR": "/"}, {"HOP3_KEEP": "A"}, {"A B": "1"}, {"A": "\0"}],
)
def test_what_cannot_be_set(values: dict[str, str]) -> None:
    with pytest.raises(InputError) as caught:
        checked(values)
    assert caught.value.tip
