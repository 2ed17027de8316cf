# ruff: noqa: INP001 - a program that Nix runs by its path
"""``install.py SPEC FILE OUT``: put what was fetched in its place, an archive unpacked.

SPEC is JSON: ``archive`` (tar-gz, tar-bz2, tar-xz, zip; without it, it is one file), ``strip``
(directories around what matters), ``root`` (the one that matters), ``file`` (where one file goes),
``executable``, ``link`` (a link and what it leads to), ``directories`` (to make), ``mappings``.
"""

from __future__ import annotations

import json
import shutil
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import Any, Final

SHOWN: Final = 10
"""Names that a message lists."""


def main(spec_file: str, source: str, out: str) -> None:
    """Do it; what is not there is an error that names it."""
    spec: dict[str, Any] = json.loads(Path(spec_file).read_text(encoding="utf-8"))
    target = Path(out)
    if not spec.get("archive"):
        place = target / spec.get("file", "app/file")
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, place)
        place.chmod(0o755 if spec.get("executable") else 0o644)
    else:
        unpacked = Path("unpacked")
        unpacked.mkdir()
        unpack(spec["archive"], source, unpacked)
        root = inside(unpacked, spec)
        if "mappings" in spec:
            for mapping in spec["mappings"]:
                place_mapping(root, target, mapping)
        else:
            shutil.copytree(root, target / "app", symlinks=True)
    for directory in spec.get("directories", ()):
        (target / "app" / directory).mkdir(parents=True, exist_ok=True)
    if "link" in spec:
        name, leads_to = spec["link"]
        if not (target / name).exists():
            (target / name).symlink_to(leads_to)
    same_modes(target)


def unpack(kind: str, source: str, target: Path) -> None:
    """Unpack an archive; nothing of it can be put elsewhere."""
    if kind == "zip":
        with zipfile.ZipFile(source) as archive:
            archive.extractall(target)  # noqa: S202 - it leaves out what leads outside
            for entry in archive.infolist():
                if (entry.external_attr >> 16) & 0o111:
                    (target / entry.filename).chmod(0o755)
        return
    with tarfile.open(source, "r:*") as archive:
        archive.extractall(target, filter="data")


def inside(unpacked: Path, spec: dict[str, Any]) -> Path:
    """Return the directory that matters."""
    if root := spec.get("root"):
        found: Path = unpacked / root
        if not found.is_dir():
            sys.exit(f"hop3-nix: source-root: the archive has no {root}; it has {listed(unpacked)}")
        return found
    if spec.get("archive") == "zip":
        # unzip has nothing to strip: a server takes it as it is, unless one directory holds all.
        entries = list(unpacked.iterdir())
        if len(entries) == 1 and entries[0].is_dir() and "mappings" not in spec:
            return entries[0]
        return unpacked
    for _ in range(spec.get("strip", 1)):
        entries = [entry for entry in unpacked.iterdir() if entry.is_dir()]
        if len(list(unpacked.iterdir())) != 1 or not entries:
            sys.exit(
                "hop3-nix: the archive has no directory around its files, which strip-components "
                f"takes away; it has {listed(unpacked)}"
            )
        unpacked = entries[0]
    return unpacked


def place_mapping(root: Path, out: Path, mapping: dict[str, Any]) -> None:
    """Copy what one mapping names; a directory that ends in /* gives what is in it."""
    source, destination = mapping["source"], mapping["destination"]
    found = sorted(root.glob(source))
    if not found:
        sys.exit(f"hop3-nix: file-mappings: the archive has no {source}; it has {listed(root)}")
    for path in found:
        into = destination.endswith("/") or source.endswith("/*")
        place = out / destination / path.name if into else out / destination
        place.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            shutil.copytree(path, place, symlinks=True, dirs_exist_ok=True)
        else:
            shutil.copy(path, place)
            if mapping.get("executable") or place.parent == out / "bin":
                place.chmod(0o755)


def listed(directory: Path) -> str:
    """Return what messages say is in a directory."""
    names = sorted(path.name for path in directory.iterdir())
    return ", ".join(names[:SHOWN]) + (", …" if len(names) > SHOWN else "")


def same_modes(target: Path) -> None:
    """Let the owner read and write all of it, whatever the archive says."""
    for path in target.rglob("*"):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o755 if path.is_dir() else 0o644))


if __name__ == "__main__":
    main(*sys.argv[1:])
