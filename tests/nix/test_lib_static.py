"""What the Nix library makes of a static site, with the embedded package set."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from running import closure

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Cli

MAXIMUM = 40
"""MB, of a closure that is nginx and what it needs."""


@pytest.fixture(scope="module")
def build(cli: Cli, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    def build(**files: str) -> Path:
        app = tmp_path_factory.mktemp("static") / "reading-room"
        for name, text in files.items():
            file = app / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
            file.chmod(0o755 if name.endswith(".sh") else 0o644)
        built = cli("build", app, "--builder", "nix", "--pkgs", "debian", "--json")
        return Path(json.loads(built.stdout)["location"])

    return build


def tree_of(location: Path) -> Path:
    return Path(json.loads((location / "hop3/runtime.json").read_text())["working_dir"])


def test_the_closure_is_the_server_and_the_files(build: Callable[..., Path]) -> None:
    paths = closure(build(**{"public/index.html": "<!doctype html>"}))
    names = [re.sub(r"^/nix/store/[^-]+-", "", path) for path in paths]
    assert {"nginx", "serve-static", "bash", "coreutils"} <= set(names)
    assert not [name for name in names if re.search("python|gcc|perl|source|scripts", name)]
    listed = subprocess.run(
        ["du", "--summarize", "--total", "--block-size=1", *paths],
        check=True,
        capture_output=True,
        text=True,
    )
    assert int(listed.stdout.split()[-2]) < MAXIMUM * 10**6


def test_files_are_served_as_they_are(build: Callable[..., Path]) -> None:
    script = "#!/bin/bash\necho hello\n"
    location = build(**{"public/index.html": "", "public/install.sh": script})
    assert (tree_of(location) / "public/install.sh").read_text() == script


def test_build_steps_make_the_site(build: Callable[..., Path]) -> None:
    toml = '[build]\nstatic-dir = "out"\nbuild = "mkdir out && cp page out/index.html"\n'
    location = build(**{"hop3.toml": toml, "page": "made\n"})
    assert (tree_of(location) / "out/index.html").read_text() == "made\n"


def test_build_steps_that_make_no_site_fail(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "hop3.toml").write_text('[build]\nstatic-dir = "out"\nbuild = "true"\n')
    failed = cli("build", tmp_path, "--builder", "nix", "--pkgs", "debian", status=100)
    assert "the build steps did not make the site out" in failed.stderr


def test_a_change_of_a_page_builds_the_server_no_second_time(
    build: Callable[..., Path],
) -> None:
    servers = set()
    for text in ("one", "two"):
        location = build(**{"index.html": text})
        servers |= {path for path in closure(location) if path.endswith("-serve-static")}
    assert len(servers) == 1
    for file in ("nginx.conf", "store.conf", "mime.types", "compressed"):
        assert (Path(*servers) / "share/serve-static" / file).is_file()
