"""composer.json, and the lock beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import Field

from hop3_nix.locks.php import composer_lock
from hop3_nix.locks.php.composer_lock import MANIFEST, Requirements
from hop3_nix.locks.reading import LockText, Table

if TYPE_CHECKING:
    from hop3_nix.locks.php.composer_lock import ComposerLock
    from hop3_nix.source import Source

INSTALLED: Final = "vendor/autoload.php"
"""What is there if the packages are committed with the application."""

_REMEDY: Final = "Correct it; composer validate says what is wrong with it."


class Manifest(Table):
    """What hop3-nix reads of a composer.json."""

    name: str = ""
    version: str = ""
    description: str = ""
    require: Requirements = Field(default={})
    scripts: Annotated[dict[str, Any], Field(default_factory=dict)]
    config: Annotated[dict[str, Any], Field(default_factory=dict)]
    extra: Annotated[dict[str, Any], Field(default_factory=dict)]
    autoload: Annotated[dict[str, Any], Field(default_factory=dict)]

    @property
    def packages(self) -> tuple[str, ...]:
        """Return the packages that it requires: what is neither PHP nor a part of it."""
        return tuple(name for name in self.require if "/" in name)


_NONE: Final = Manifest.model_validate({})


def read_manifest(source: Source) -> Manifest:
    """Return the composer.json of ``source``, an empty one if there is none.

    Raises LockError if it is damaged.
    """
    if not source.has(MANIFEST):
        return _NONE
    text = LockText.of(source, MANIFEST)
    data = text.json(_REMEDY)
    # PHP writes a map without entries as a list.
    maps: dict[str, Any] = {
        key: {} for key in ("scripts", "config", "extra", "autoload") if data.get(key) == []
    }
    return text.model(Manifest, {**data, **maps}, _REMEDY)


def read_lock(source: Source) -> ComposerLock | None:
    """Return the composer.lock of ``source``, or None. Raises LockError if it is damaged."""
    return composer_lock.read(source) if source.has(composer_lock.FILE) else None
