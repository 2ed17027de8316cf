"""Files that Git LFS has not fetched: what stands there is a few lines about the file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hop3_nix.errors import SourceError
from hop3_nix.source.size import HOP3_IGNORE

if TYPE_CHECKING:
    from collections.abc import Mapping

_BEGINS: Final = (
    b"version https://git-lfs.github.com/spec/v",
    b"version https://hawser.github.com/spec/v",
)
_FOLLOWS: Final = (b"oid sha256:", b"ext-")
_SHOWN: Final = 5


def refuse_pointers(heads: Mapping[str, bytes]) -> None:
    """Raise SourceError if one of the files, by the bytes that it begins with, is a pointer."""
    found = [name for name, head in heads.items() if _is_pointer(head)]
    if not found:
        return
    others = ", ".join(found[1:_SHOWN])
    more = f" and {len(found) - _SHOWN} more" if found[_SHOWN:] else ""
    raise SourceError(
        "is a pointer of Git LFS, and not the file that it stands for"
        + (f"; so are {others}{more}" if others else ""),
        file=found[0],
        tip="Fetch the files: git lfs pull. To build without them, leave them out with a line in "
        f"{HOP3_IGNORE}.",
    )


def _is_pointer(head: bytes) -> bool:
    first, _, second = head.partition(b"\n")
    return first.startswith(_BEGINS) and second.startswith(_FOLLOWS)
