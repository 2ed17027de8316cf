"""The application's own files: which they are, their digest, and a snapshot of them.

Nothing else of hop3-nix reads the application. Imports the standard library only, because a
build of an unchanged source does little more than compare the digest.
"""

from __future__ import annotations

import errno
import hashlib
import os
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final, NamedTuple

from hop3_nix.errors import SourceError
from hop3_nix.source.entries import (
    Entry,
    changed,
    copy_entry,
    read_content,
    read_entries,
    read_file,
)
from hop3_nix.source.fileset import EXPRESSION, Listing, list_files
from hop3_nix.source.pointers import refuse_pointers
from hop3_nix.source.secretfiles import is_of_tests, secret_of
from hop3_nix.source.size import HOP3_IGNORE

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from hop3_nix.source.ignore import IgnoreRules

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
    left_out: tuple[str, ...] = ()
    """Files that are no part of it as they hold secrets, or may."""
    included: IgnoreRules | None = None
    """What of the source, and of what is built of it, is no secret by the user's own word."""

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
        listing = list_files(str(absolute))
        heads: dict[str, bytes] = {}
        entries = read_entries(str(absolute), listing.files, heads)
        refuse_pointers(heads)
        left_out = _secrets(str(absolute), listing, heads)
        for name in (*left_out, *(_links_to(str(absolute), left_out, entries) if left_out else ())):
            del entries[name]
        if not entries:
            what = "there are no files here, or every one of them is ignored"
            raise SourceError(what, file=str(root), tip=_NAME_IT)
        files, digest = tuple(entries), _digest(entries)
        return cls(absolute, files, digest, entries, {}, left_out, listing.included)

    @property
    def own_expression(self) -> str:
        """Return the name of the expression that the application itself brings, or ""."""
        return EXPRESSION if EXPRESSION in self.entries else ""

    def head_tags(self) -> tuple[str, ...]:
        """Return the tags of the repository around it that are on what is checked out."""
        from hop3_nix.source.gittags import head_tags  # noqa: PLC0415 - few ask for them

        return head_tags(str(self.root))

    def includes(self, path: str) -> bool:
        """Return whether ``[build] include`` says that ``path`` is no secret."""
        return self.included is not None and not self.included.keep([path])

    @property
    def include_patterns(self) -> tuple[str, ...]:
        """Return what ``[build] include`` says."""
        return () if self.included is None else self.included.patterns

    def has(self, path: str) -> bool:
        """Return whether ``path`` is one of the files."""
        return path in self.entries

    def find_config(self, name: str, root: str = "") -> str | None:
        """Return the path of the file ``name``, looked for in ``hop3/`` and then at the top.

        If it is in neither, the same places below the directory ``root`` are looked at.
        """
        fronts = ("", f"{root}/") if root else ("",)
        places = (f"{front}{below}{name}" for front in fronts for below in ("hop3/", ""))
        return next((path for path in places if self.has(path)), None)

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
        return self._replace(files=tuple(entries), entries=entries, names=names)

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


def _secrets(root: str, listing: Listing, heads: Mapping[str, bytes]) -> tuple[str, ...]:
    """Return the files that are secrets. Raises SourceError for one that git tracks."""
    found = []
    for name, head in heads.items():
        tracked = name in listing.tracked
        why = secret_of(name, head, partial(_text, root, name), tracked=tracked)
        if not why or not listing.included.keep([name]):
            continue
        if tracked and not is_of_tests(name):
            raise SourceError(
                f"looks like a secret ({why}) and git tracks it; everybody can read what is in the "
                "Nix store",
                file=name,
                tip="Take it out of the repository, and change what it holds: git rm --cached "
                f"{name}. To build without it, put it into {HOP3_IGNORE}; if it is no secret, "
                f'into hop3.toml: [build] include = ["{name}"]',
            )
        found.append(name)
    return tuple(found)


def _links_to(root: str, names: Collection[str], entries: Mapping[str, Entry]) -> list[str]:
    """Return the symlinks that lead to one of ``names``."""
    return [
        name
        for name, entry in entries.items()
        if entry.kind == "symlink"
        and os.path.relpath(os.path.realpath(f"{root}/{name}"), root) in names
    ]


def _text(root: str, name: str) -> str:
    """Return what a file begins with, as text."""
    chunks: list[bytes] = []
    read_file(root, name, lambda chunk: chunks.append(chunk) if not chunks else None)
    return b"".join(chunks).decode("utf-8", errors="replace")


def _digest(entries: Mapping[str, Entry]) -> str:
    outer = hashlib.sha256(_DIGEST_FORMAT)
    for name, entry in entries.items():
        encoded = os.fsencode(name)
        outer.update(b"%b %d %b%b" % (entry.kind.encode(), len(encoded), encoded, entry.sha256))
    return outer.hexdigest()
