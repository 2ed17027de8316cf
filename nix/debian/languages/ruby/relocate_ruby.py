# ruff: noqa: INP001 - a program that Nix runs by its path
"""``relocate_ruby.py LAYER OUT LIBDIR RELEASE``: make OUT, a copy of LAYER, a Ruby that runs there.

Both are store paths of the same length; LIBDIR is the directory of shared libraries relative to
them, RELEASE is such as ``3.3``.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

LOAD_PATH: Final = re.compile(rb"/usr/local/lib/site_ruby/[0-9.]+\0(?:[^\0]+\0)+(?=\0)")
"""What the library searches: paths that end with NUL, and an empty one behind them."""

_PLACES: Final = re.compile(r"(?<![\w/])/(?:usr/)?bin/(?=(?:install|mkdir|grep)\b)")
"""Where Debian's build had the programs that the build of an extension calls."""

_LDFLAGS: Final = re.compile(r'(CONFIG\["LDFLAGS"\] = "[^"\n]*)')


def with_load_path(library: bytes, directories: list[str]) -> bytes:
    """Return ``library`` with ``directories`` for its load path, as long as it was.

    Raises ValueError if it has no load path, or one that is too short to be replaced.
    """
    found = LOAD_PATH.search(library)
    text = b"".join(os.fsencode(directory) + b"\0" for directory in directories)
    if found is None or len(text) > len(found[0]):
        raise ValueError(f"there is no load path of {len(text)} bytes")
    return library[: found.start()] + text.ljust(len(found[0]), b"\0") + library[found.end() :]


def with_programs_on_path(rbconfig: str) -> str:
    """Return ``rbconfig``, which extensions are built by, for a system without /usr and /bin."""
    text = _PLACES.sub("", rbconfig)
    # The compiler may stand on an older C library than the interpreter does.
    return _LDFLAGS.sub(r"\1 -Wl,--allow-shlib-undefined", text)


def main(layer: str, out: str, libdir: str, release: str) -> None:
    """Do all of it, or exit with what is wrong."""
    if len(layer) != len(out):
        sys.exit(f"{layer} and {out} differ in length")
    for path in _walk(Path(out)):
        if path.is_symlink():
            target = str(path.readlink())
            if layer in target:
                path.unlink()
                path.symlink_to(target.replace(layer, out))
        elif path.is_file():
            data = path.read_bytes()
            if os.fsencode(layer) in data:
                path.write_bytes(data.replace(os.fsencode(layer), os.fsencode(out)))
    library = next(Path(out, libdir).glob(f"libruby-{release}.so.*.*.*"))
    directories = [f"{out}/lib/ruby/{release}.0", f"{out}/{libdir}/ruby/{release}.0"]
    library.write_bytes(with_load_path(library.read_bytes(), directories))
    rbconfig = Path(out, libdir, "ruby", f"{release}.0", "rbconfig.rb")
    rbconfig.write_text(with_programs_on_path(rbconfig.read_text("utf-8")), "utf-8")
    for program in sorted(Path(out, "bin").glob(f"*{release}")):
        link = program.with_name(program.name.removesuffix(release))
        if not link.exists():
            link.symlink_to(program.name)


def _walk(top: Path) -> Iterator[Path]:
    for folder, names, files in os.walk(top):
        for name in sorted([*names, *files]):
            yield Path(folder, name)


if __name__ == "__main__":
    main(*sys.argv[1:])
