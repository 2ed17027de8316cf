"""hop3-server as PyPI has it, with hop3-nix beside it, in a Python environment of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hop3_nix.nix.commands import NixSettings
from hop3_nix.packagesets.debian import DebianSet

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
DRIVER = ROOT / "tests" / "hop3_server" / "drive.py"
SERVER = "hop3-server>=0.7.5,<0.8"


@dataclass(frozen=True)
class Server:
    """A Hop3 server's Python environment and its HOP3_ROOT."""

    python: Path
    root: Path
    env: dict[str, str]

    def app(self, name: str, files: Path | dict[str, str]) -> Path:
        """Return the source directory of a new app, as a push leaves it."""
        source = self.root / "apps" / name / "src"
        if isinstance(files, Path):
            shutil.copytree(files, source)
        else:
            source.mkdir(parents=True)
            for file, text in files.items():
                (source / file).write_text(text)
        return source

    def drive(self, path: Path, *what: str) -> Any:
        done = subprocess.run(
            [self.python, DRIVER, path, *(what or ("build",))],
            env=self.env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout.splitlines()[-1])


@contextmanager
def hop3_server(state: Path) -> Iterator[Server]:
    """Yield the server, in a virtual environment of its own, where an operator would put us."""
    directory = Path(tempfile.mkdtemp(prefix="hop3-server-"))
    # Users without rights of their own find their way in.
    directory.chmod(0o755)
    uv = Path(sys.executable).with_name("uv")
    python = directory / "venv" / "bin" / "python"
    subprocess.run([uv, "venv", "--quiet", directory / "venv"], check=True)
    into = ["--python", python]
    install = [uv, "pip", "install", "--quiet", *into, SERVER, "--editable", ROOT]
    subprocess.run(list(map(str, install)), check=True)
    env = {
        **os.environ,
        # As the administrator of the host sets them up in nix.conf(5).
        **NixSettings(DebianSet().nix_settings()).environment(),
        "HOP3_NIX_STATE": str(state),
        "HOP3_ROOT": str(directory / "root"),
    }
    try:
        yield Server(python, directory / "root", env)
    finally:
        shutil.rmtree(directory)
