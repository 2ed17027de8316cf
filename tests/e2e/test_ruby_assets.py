"""A Rack application whose assets a package.json makes: one artifact, and no Node in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from examples import ROOT, copy_example
from running import answer_of, closure

if TYPE_CHECKING:
    from conftest import Cli

MAKE = "mkdir -p public && node -p \\\"'made by Node ' + process.version\\\" > public/made.txt"
RACKUP = 'run ->(_) { [200, {}, [File.read(File.join(__dir__, "public/made.txt"))]] }\n'


@pytest.mark.parametrize("builder", ["nix", "local"])
def test_ruby_serves_what_node_made(cli: Cli, tmp_path: Path, builder: str) -> None:
    app = copy_example(ROOT / "examples/ruby-rack", tmp_path / "shop")
    (app / "config.ru").write_text(RACKUP)
    (app / "package.json").write_text(f'{{"name": "assets", "scripts": {{"build": "{MAKE}"}}}}')
    built = cli("build", app, "--builder", builder, "--json")
    location = Path(json.loads(built.stdout)["location"])
    assert answer_of(location, builder).startswith("made by Node v")
    assert sorted(path.name for path in (location / "bin").iterdir()) == ["web"]
    if builder == "nix":
        assert not [path for path in closure(location) if "node" in path]
