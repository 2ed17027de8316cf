"""A Ruby application locked by Bundler itself, in every way that pins its gems: built, started and
fetched."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from examples import ROOT, copy_example
from gems import Gem, serving_gems
from hop3_nix.files.resources import NIX
from running import answer_of, closure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conftest import Cli, Nix
    from gems import GemServer

RACK: Final = ROOT / "examples/ruby-rack"
"""Has the gems of a server, made from Debian's packages."""

GEMFILE: Final = """\
source "{url}"

gem "inside", path: "lib/inside"
gem "rack"
gem "shade"
gem "twice"
gem "webrick"

group :test do
  gem "absent"
end
"""

FILES: Final = {
    "config.ru": """\
require "bundler/setup"
require "inside"
require "json"
require "shade"
require "twice"

told = { inside: INSIDE, shade: SHADE, twice: twice(21), env: ENV["RACK_ENV"] }
run ->(_) { [200, { "Content-Type" => "application/json" }, [JSON.generate(told)]] }
""",
    "lib/inside/inside.gemspec": """\
Gem::Specification.new do |s|
  s.name, s.version, s.summary, s.authors = "inside", "0.1", "a part of the shop", ["tests"]
  s.files = ["lib/inside.rb"]
  s.add_dependency "shade"
end
""",
    "lib/inside/lib/inside.rb": 'INSIDE = "in the tree"\n',
}

EXPECTED: Final = {"inside": "in the tree", "shade": "x86_64-linux", "twice": 42}

TWICE: Final = """\
#include <ruby.h>

static VALUE twice(VALUE self, VALUE number) { return INT2NUM(2 * NUM2INT(number)); }

void Init_twice(void) { rb_define_global_function("twice", twice, 1); }
"""

GEMS: Final = (
    Gem("absent", "1.0", {"lib/absent.rb": 'raise "it is for tests alone"\n'}),
    Gem("shade", "1.0", {"lib/shade.rb": 'SHADE = "any"\n'}),
    Gem("shade", "1.0", {"lib/shade.rb": 'SHADE = "x86_64-linux"\n'}, "x86_64-linux"),
    Gem("shade", "1.0", {"lib/shade.rb": 'SHADE = "arm64-darwin"\n'}, "arm64-darwin"),
    Gem(
        "twice",
        "1.0",
        {
            "ext/extconf.rb": 'require "mkmf"\ncreate_makefile("twice")\n',
            "ext/twice.c": TWICE,
        },
    ),
)

FORMATS: Final = ("CHECKSUMS", "hop3-nix.lock", "hop3-nix.lock, no index", "vendor/cache")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GemServer]:
    built = tmp_path_factory.mktemp("built")
    example = copy_example(RACK, tmp_path_factory.mktemp("rack") / "app")
    with serving_gems(tmp_path_factory.mktemp("gems")) as server:
        vendored = sorted((example / "vendor/cache").iterdir())
        server.add(*vendored, *(gem.build(built) for gem in GEMS))
        yield server


@pytest.fixture(scope="module")
def bundle(nix: Nix, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., None]:
    """Return what calls Bundler: one that knows checksums, or that of this machine."""
    home = tmp_path_factory.mktemp("home")

    @cache
    def of_the_set() -> str:
        built = nix("nix-build", "--no-out-link", NIX / "debian", "-A", "ruby_3_3").stdout.strip()
        return f"{built}/bin:"

    def call(tree: Path, *arguments: str, checksums: bool = False) -> None:
        path = (of_the_set() if checksums else "") + os.environ["PATH"]
        env = {**os.environ, "PATH": path, "HOME": str(home), "BUNDLE_PATH": str(home / "gems")}
        done = subprocess.run(
            ["bundle", *arguments], cwd=tree, env=env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr

    return call


@pytest.fixture(scope="module")
def locked(
    server: GemServer, bundle: Callable[..., None], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Path]:
    """Return what gives the application locked in one way, once each."""

    @cache
    def lock(name: str) -> Path:
        tree = tmp_path_factory.mktemp("locked") / "shop"
        for file, text in {**FILES, "Gemfile": GEMFILE.format(url=server.url)}.items():
            (tree / file).parent.mkdir(parents=True, exist_ok=True)
            (tree / file).write_text(text)
        bundle(tree, "lock", "--add-platform", "x86_64-linux", "arm64-darwin")
        if name == "CHECKSUMS":
            with (tree / "Gemfile.lock").open("a") as lockfile:
                lockfile.write("\nCHECKSUMS\n")
            bundle(tree, "lock", "--update", checksums=True)
            assert "sha256=" in (tree / "Gemfile.lock").read_text()
        if name == "vendor/cache":
            bundle(tree, "cache", "--no-install")
        return tree

    return lock


@pytest.fixture(params=FORMATS)
def tree(
    locked: Callable[[str], Path],
    server: GemServer,
    request: pytest.FixtureRequest,
) -> Iterator[Path]:
    """Return the application; nobody fetches what its tests alone need."""
    tree = locked(request.param)
    info, aside = server.index.directory / "info", server.index.directory / "aside"
    if "no index" in request.param:
        info.rename(aside)
    server.index.asked.clear()
    yield tree
    if aside.exists():
        # Then hop3-nix lock takes the digests of the gems themselves.
        aside.rename(info)
    else:
        assert "/gems/absent-1.0.gem" not in server.index.asked


@pytest.mark.parametrize("builder", ["nix", "local"])
def test_the_application_answers(
    cli: Cli, server: GemServer, tree: Path, tmp_path: Path, builder: str
) -> None:
    app = shutil.copytree(tree, tmp_path / "shop")
    pinned = "CHECKSUMS" in (app / "Gemfile.lock").read_text() or (app / "vendor").exists()
    # Where the native lockfile and the tree say all, there is no need to lock.
    lock = [] if pinned else ["--lock"]
    built = cli("build", app, "--builder", builder, "--json", *lock)
    location = Path(json.loads(built.stdout)["location"])
    assert json.loads(answer_of(location, builder)) == {**EXPECTED, "env": "production"}
    assert (app / "hop3-nix.lock").exists() is not pinned
    if (app / "vendor").exists():
        assert server.index.asked == []
    if builder == "nix":
        names = [path.partition("-")[2] for path in closure(location)]
        assert not [name for name in names if name.endswith(".gem") or "gcc" in name]
