"""What the page that shows an artifact's health has to contain, as it was decided when planning."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ValidationError

from hop3_nix.errors import ArtifactCorruptError
from hop3_nix.host.statefile import read_state_file
from hop3_nix.workersfile import FILE, WorkersFile

if TYPE_CHECKING:
    from pathlib import Path


def text_of_page(location: Path) -> str:
    """Return the text; none for an artifact that does not describe its workers.

    Raises ArtifactCorruptError.
    """
    file = location / FILE
    try:
        return WorkersFile.model_validate_json(read_state_file(file)).health.contains
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except ValidationError as error:
        raise ArtifactCorruptError(
            f"not a description of workers: {error.errors()[0]['msg']}",
            file=str(file),
            tip="Build the app again.",
        ) from error
