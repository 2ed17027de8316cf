"""Root file systems of Debian 12, and hop3-nix installed for one, kept in the user's cache."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hop3_nix.packagesets.mirrors import find_mirrors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

ROOT: Final = Path(__file__).parent.parent
SUITE: Final = "bookworm"
PYTHON: Final = "3.11"
"""What Debian 12 has."""

UNUSED_FOR: Final = 86400.0
"""Seconds after which what was made of a former tree is thrown away."""

INSTALLED: Final = ("pyproject.toml", "README.md", "src", "nix", "templates", "docs/schema")
"""What the wheel is made from."""

COMMAND: Final = f"""\
#!/opt/hop3-nix/bin/python{PYTHON}
import sys

from hop3_nix.cli import main

if __name__ == "__main__":
    sys.exit(main())
"""


def cache() -> Path:
    """Return the directory that outlives test runs."""
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    directory = base / "hop3-nix-tests"
    directory.mkdir(parents=True, exist_ok=True)
    return directory


def archive(included: Sequence[str]) -> Path:
    """Return a tarball of a minimal Debian with these packages, from this machine's own mirror."""
    names = ",".join(included)
    tarball = cache() / f"{SUITE}-{hashlib.sha256(names.encode()).hexdigest()[:16]}.tar"
    with _alone(tarball):
        if not tarball.exists():
            sources = [
                f"deb {mirror} {SUITE}{'-security' if 'security' in name else ''} main"
                for name, mirror in find_mirrors().items()
            ]
            scratch = cache() / f"{os.getpid()}.tar"
            made = ["mmdebstrap", "--quiet", "--variant=minbase", f"--include={names}"]
            subprocess.run([*made, SUITE, str(scratch), *sources], check=True)
            scratch.replace(tarball)
    return tarball


def system(included: Sequence[str]) -> Path:
    """Return a directory with what `archive` has, which nobody may write to."""
    tarball = archive(included)

    def unpack(scratch: Path) -> None:
        subprocess.run(["tar", "-xf", tarball, "-C", scratch], check=True)

    return _made(tarball.with_suffix(".root"), unpack)


def requirements() -> Path:
    """Return a directory with what hop3-nix needs of the Python package index, as a host has it."""

    def install(scratch: Path) -> None:
        place = scratch / "opt/hop3-nix"
        (place / "bin").mkdir(parents=True)
        (place / f"bin/python{PYTHON}").symlink_to(f"/usr/bin/python{PYTHON}")
        (place / "pyvenv.cfg").write_text("home = /usr/bin\ninclude-system-site-packages = false\n")
        command = place / "bin/hop3-nix"
        command.write_text(COMMAND)
        command.chmod(0o755)
        (scratch / "usr/local/bin").mkdir(parents=True)
        (scratch / "usr/local/bin/hop3-nix").symlink_to("/opt/hop3-nix/bin/hop3-nix")
        _pip_install(scratch, str(ROOT))
        for found in _packages(scratch).glob("hop3_nix*"):
            shutil.rmtree(found)

    key = hashlib.sha256(f"{COMMAND}{_requirements()}".encode()).hexdigest()[:16]
    return _made(cache() / f"requirements-{key}", install)


def hop3_nix() -> Path:
    """Return a directory with hop3-nix alone, installed from a wheel of this tree."""
    digest = hashlib.sha256()
    for name in INSTALLED:
        path = ROOT / name
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file() and "__pycache__" not in file.parts:
                digest.update(f"{file}\0".encode() + file.read_bytes())
    directory = cache() / f"hop3-nix-{digest.hexdigest()[:16]}"
    made = _made(directory, lambda scratch: _pip_install(scratch, "--no-deps", str(ROOT)))
    os.utime(made)
    _forget("hop3-nix-*")
    return made


def _requirements() -> str:
    lines = (ROOT / "pyproject.toml").read_text().splitlines()
    begin = lines.index("dependencies = [")
    return "\n".join(lines[begin : lines.index("]", begin)])


def _packages(root: Path) -> Path:
    return root / f"opt/hop3-nix/lib/python{PYTHON}/site-packages"


def _pip_install(root: Path, *what: str) -> None:
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "-qq"]
    debian = ["--python-version", PYTHON, "--only-binary=:all:", "--target", str(_packages(root))]
    subprocess.run([*pip, *debian, *what], check=True)
    shutil.rmtree(_packages(root) / "bin", ignore_errors=True)


def _made(directory: Path, make: Callable[[Path], None]) -> Path:
    """Return ``directory``, filled by ``make``: once, and whole or not at all."""
    with _alone(directory):
        if not directory.exists():
            scratch = directory.with_name(f"{directory.name}.{os.getpid()}")
            scratch.mkdir()
            scratch.chmod(0o755)
            try:
                make(scratch)
                scratch.replace(directory)
            except BaseException:
                shutil.rmtree(scratch)
                raise
    return directory


def _forget(pattern: str) -> None:
    for directory in cache().glob(pattern):
        if directory.is_dir() and time.time() - directory.stat().st_mtime > UNUSED_FOR:
            shutil.rmtree(directory, ignore_errors=True)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Let nobody else make ``path`` in the meantime."""
    with path.with_name(f"{path.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
