"""A Python project with Rust in it, on real Nix: locked, built, run, and built again."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from running import closure, only_closure

if TYPE_CHECKING:
    from conftest import Cli

FILES = {
    "pyproject.toml": (
        '[build-system]\nrequires = ["maturin>=1,<2"]\nbuild-backend = "maturin"\n'
        '[project]\nname = "greeter"\nversion = "1.0.0"\n[tool.maturin]\nbindings = "bin"\n'
    ),
    "Cargo.toml": (
        '[package]\nname = "greeter"\nversion = "1.0.0"\nedition = "2021"\n'
        '[dependencies]\nitoa = "1"\n'
    ),
    "Cargo.lock": """\
version = 4

[[package]]
name = "greeter"
version = "1.0.0"
dependencies = [
 "itoa",
]

[[package]]
name = "itoa"
version = "1.0.19"
source = "registry+https://github.com/rust-lang/crates.io-index"
checksum = "3bd1574e617a9a6c1f8f8181bd7e841e1f20e4277607ef28945765188d6284d4"
""",
    "src/main.rs": 'fn main() { println!("{} in Rust", itoa::Buffer::new().format(42)); }\n',
    "Procfile": "web: greeter\n",
}


def test_rust_is_compiled_by_maturin_and_no_compiler_is_left(cli: Cli, tmp_path: Path) -> None:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    cli("lock", tmp_path, "--pkgs", "debian")
    options = ("--builder", "nix", "--pkgs", "debian", "--json", "--check")
    location = Path(json.loads(cli("build", tmp_path, *options).stdout)["location"])
    argv = [*only_closure(location, {}), str(location / "bin/web")]
    assert subprocess.run(argv, capture_output=True, text=True, check=True).stdout == "42 in Rust\n"
    names = [Path(path).name.partition("-")[2] for path in closure(location)]
    assert not [name for name in names if name.startswith(("rust", "gcc")) or "crates" in name]
