"""The application's own files: which they are, their digest, and a snapshot of them.

Nothing else of hop3-nix reads the application. Imports the standard library only, because a
build of an unchanged source does little more than compare the digest.
"""

from __future__ import annotations

import errno
import hashlib
import os
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final, NamedTuple

from hop3_nix.errors import SourceError
from hop3_nix.source.entries import Entry, changed, copy_entry, read_content, read_entries
from hop3_nix.source.fileset import list_files

if TYPE_CHECKING:
    from collections.abc import Mapping

_DIGEST_FORMAT: Final = b"hop3-nix source 1\n"
_NAME_IT: Final = "Name the directory that holds the application."


class Source(NamedTuple):
    """The files of one application, as they were when it was opened.

    ``root`` is absolute. ``files`` are paths relative to it, sorted by their bytes, decoded as by
    os.fsdecode. ``digest`` is a SHA-256 in hex over the names, kinds (file, executable file,
    symlink) and contents; ``entries`` are what it was made from.
    """

    root: Path
    files: tuple[str, ...]
    digest: str
    entries: Mapping[str, Entry]
    names: Mapping[str, str] = {}
    """Names that files go by, and the paths that they have."""

    @classmethod
    def open(cls, root: Path) -> Source:
        """Return the source at ``root``, every file of it read once.

        Raises SourceError if there is no directory or no file in it, or if a file is of a kind
        that cannot be built from, leads out of the tree, or cannot be read; ConfigError if
        ``[build] ignore`` in hop3.toml is wrong.
        """
        absolute = root.resolve()
        if not absolute.is_dir():
            what = "not a directory" if absolute.exists() else "there is no such directory"
            raise SourceError(what, file=str(root), tip=_NAME_IT)
        entries = read_entries(str(absolute), list_files(str(absolute)))
        if not entries:
            what = "there are no files here, or every one of them is ignored"
            raise SourceError(what, file=str(root), tip=_NAME_IT)
        return cls(absolute, tuple(entries), _digest(entries), entries)

    def has(self, path: str) -> bool:
        """Return whether ``path`` is one of the files."""
        return path in self.entries

    def find_config(self, name: str) -> str | None:
        """Return the path of the file ``name``, looked for in ``hop3/`` and then at the root."""
        return next((path for path in (f"hop3/{name}", name) if self.has(path)), None)

    def below(self, directory: str) -> Source:
        """Return the files of ``directory``, relative to it, as a source of their own."""
        front = f"{directory}/" if directory else ""
        entries = {
            name.removeprefix(front): entry
            for name, entry in self.entries.items()
            if name.startswith(front)
        }
        return Source(self.root / directory, tuple(entries), _digest(entries), entries)

    def calling(self, names: Mapping[str, str]) -> Source:
        """Return the source in which each of ``names`` means the file that it is mapped to."""
        entries = {name: entry for name, entry in self.entries.items() if name not in names}
        entries |= {name: entries[path] for name, path in names.items() if path in entries}
        return Source(self.root, tuple(entries), self.digest, entries, names)

    def read_text(self, path: str) -> str:
        """Return the text of the file at ``path``, which has to be UTF-8.

        A symlink is followed to another file of the source. Raises SourceError, also if the file
        is not what it was when the source was opened.
        """
        # What a symlink leads to has to be in the digest as well.
        real = self.root / self.names.get(path, path)
        target = os.path.relpath(os.path.realpath(real), self.root)
        entry = self.entries.get(target)
        if not self.has(path) or entry is None:
            raise SourceError(
                "there is no such file in the source",
                file=path,
                tip="If it is there, an ignore file leaves it out; docs/source.md says which.",
            )
        found, content = read_content(str(self.root), target) or (None, b"")
        if found != entry:
            changed(path)
        try:
            return content.decode("utf-8")
        except UnicodeDecodeError as error:
            raise SourceError(
                f"not UTF-8 text: byte {error.start + 1} is 0x{error.object[error.start]:02x}",
                file=path,
                tip="Save the file in the encoding UTF-8.",
            ) from error

    def copy_to(self, directory: Path) -> None:
        """Make ``directory``, which has to be absent or empty, a snapshot of the source.

        Files get mode 0644 or 0755, directories 0755; symlinks stay symlinks.
        Raises SourceError if a file is not what it was when the source was opened, and OSError if
        the snapshot cannot be written (FileExistsError if there is something in ``directory``);
        what had been copied is removed first.
        """
        directory.mkdir(parents=True, exist_ok=True)
        if any(directory.iterdir()):
            raise FileExistsError(errno.EEXIST, "the directory is not empty", str(directory))
        below = {parent for name in self.files for parent in PurePosixPath(name).parents}
        try:
            for relative in sorted(below):
                (directory / relative).mkdir(exist_ok=True)
                (directory / relative).chmod(0o755)
            for name, entry in self.entries.items():
                copy_entry(str(self.root), name, entry, directory / name)
        except BaseException:
            import shutil  # noqa: PLC0415 - the fast path never gets here

            shutil.rmtree(directory, ignore_errors=True)
            raise


def _digest(entries: Mapping[str, Entry]) -> str:
    outer = hashlib.sha256(_DIGEST_FORMAT)
    for name, entry in entries.items():
        encoded = os.fsencode(name)
        outer.update(b"%b %d %b%b" % (entry.kind.encode(), len(encoded), encoded, entry.sha256))
    return outer.hexdigest()
