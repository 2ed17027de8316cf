"""hop3-nix.lock for Ruby: the digests of gems, for a Gemfile.lock that has none.

It is bound to the lockfile that it was made for.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import Field

from hop3_nix.locks.base import Place
from hop3_nix.locks.hashlock import FILE, REMEDY, input_digests
from hop3_nix.locks.reading import LockText
from hop3_nix.plan import Frozen

if TYPE_CHECKING:
    from hop3_nix.source import Source

TIP: Final = f"Write it again: {REMEDY} (or build with --lock)"


class RubyLock(Frozen):
    """The content of hop3-nix.lock."""

    format: Literal[1] = 1
    inputs: dict[str, str] = Field(
        description="SHA-256 of each file that it was made from, by its path in the app."
    )
    ruby: dict[str, Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]] = Field(
        description="SHA-256 of each gem, in hex, by its file name."
    )

    def to_json(self) -> str:
        """Return the text of hop3-nix.lock; equal locks, equal text."""
        data = self.model_dump(mode="json")
        return json.dumps(data, indent=2, sort_keys=True, ensure_ascii=False) + "\n"

    def without_addresses(self) -> RubyLock:
        """Return the lock as it is, as it has no addresses."""
        return self


def read_digests(source: Source) -> dict[str, str]:
    """Return the digests by file name, none if there is no hop3-nix.lock.

    Raises LockError if it is stale or not as we write it.
    """
    if not source.has(FILE):
        return {}
    text = LockText.of(source, FILE)
    lock = text.model(RubyLock, text.json(TIP), TIP)
    for file, digest in lock.inputs.items():
        if not source.has(file) or input_digests(source, [file])[file] != digest:
            raise Place(FILE).error(f"{file} changed since {FILE} was written", tip=TIP)
    return lock.ruby
