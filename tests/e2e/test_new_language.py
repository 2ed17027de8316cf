"""A language is added by files of its own: here is one, in a copy of the tree, really built.

It has a lockfile, a version to choose, and makes parts of applications of other languages.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).parent.parent.parent

TOOLCHAIN: Final = """\
\"\"\"Pages in a language of their own: *.upper is shown in capitals, above what is locked.\"\"\"

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from hop3_nix.plan import APP_TREE, Evidence, LocalRecipe, LockedFile, PathRef, Site, Step
from hop3_nix.toolchains.base import Assets
from hop3_nix.toolchains.language import Answer, Guess, Language, Layers, Marker, Probe, Start
from hop3_nix.toolchains.upper.versions import VERSIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hop3_nix.config import AppConfig
    from hop3_nix.plan import AnyOffer, BuildPlan, Target
    from hop3_nix.source import Source
    from hop3_nix.toolchains.app import App

DEPS: Final = PathRef(layer="deps")
FIRST: Final = Marker("index.upper", "its first page")
LOCK: Final = "upper.lock"
SCRIPT: Final = '''
mkdir -p "$2"
while read -r url sha256; do
  python3 -c "import sys, urllib.request as web; web.urlretrieve(*sys.argv[1:])" \\
    "$url" "$2/${url##*/}"
  echo "$sha256  $2/${url##*/}" | sha256sum --check --quiet
done
for page in "$1"/*.upper; do
  { tr a-z A-Z <"$page"; cat "$2"/*; echo "by $BASH_VERSINFO"; } >"${page%.upper}.html"
done
'''


def read_lock(source: Source) -> tuple[LockedFile, ...]:
    lines = (line.split() for line in source.read_text(LOCK).splitlines())
    return tuple(
        LockedFile(name=url, version="1", filename=url.split("/")[-1], url=url, sha256=sha256)
        for url, sha256 in lines
    )


def layers(app: App, _offer: AnyOffer, _target: Target) -> Layers:
    files = app.read(read_lock)
    why = Evidence(choice="dependencies", reason=f"{len(files)} files", file=LOCK)
    return Layers(dependencies=files, interpreted=False, evidence=(why,))


def guesses(_app: App, _layers: Layers) -> Iterator[Guess]:
    yield Guess(FIRST.reason, FIRST.file, site=Site(directory="."))


def assets(app: App, _config: AppConfig) -> Assets | None:
    found = TOOLCHAIN.marker_of(app)
    return found and Assets(found, wanted=True)


def recipe(_app: App, plan: BuildPlan) -> tuple[LocalRecipe, ...]:
    files = [file for file in plan.dependencies if isinstance(file, LockedFile)]
    lines = "".join(f"{file.url} {file.sha256}\\n" for file in files)
    argv = (plan.interpreter, "-euc", SCRIPT, "upper", APP_TREE, DEPS)
    return (LocalRecipe(requires=(), steps=(Step(argv=argv, stdin=lines),)),)


def parse(said: str) -> Answer:
    version, program = said.split()
    return Answer(version, "2.41", program)


TOOLCHAIN: Final = Language(
    name="upper",
    title="Upper",
    markers=(FIRST,),
    versions=VERSIONS,
    probe=Probe(re.compile("bash"), ("-c", "echo ${BASH_VERSION%%(*} $BASH"), parse),
    layers=layers,
    start=Start(guesses=guesses, sought="and no page", example="static: ."),
    assets=assets,
    recipe=recipe,
)
"""
VERSIONS: Final = """\
\"\"\"What asks for a version of Upper.\"\"\"

from __future__ import annotations

from typing import Final

from hop3_nix.toolchains.language import Versions
from hop3_nix.toolchains.versions import Pin, in_file

VERSIONS: Final = Versions(
    pins=(in_file(".upper-version"),), grammar=lambda written: Pin(written, written.text, release=1)
)
"""
LIBRARY: Final = """\
{
  mkTree,
  pkgs,
  safeName,
  ...
}:
{ interpreter }:
{
  mkDeps =
    { name, files }:
    pkgs.runCommand "${safeName 50 name}-deps" { inherit files; } ''
      mkdir $out
      for file in $files; do cp "$file" $out/; done
    '';

  mkApp =
    arguments:
    mkTree (
      arguments
      // {
        tools = [ interpreter ];
        before = ''
          for page in $out/app/*.upper; do
            {
              tr a-z A-Z <"$page"
              cat ${arguments.deps}/*
              ${interpreter}/bin/bash -c 'echo "by $BASH_VERSINFO"'
            } >"''${page%.upper}.html"
          done
        '';
      }
    );
}
"""
SET: Final = "{ pkgs, ... }:\n{\n  upper_5 = pkgs.bash;\n}\n"
EXPECT: Final = """\
workers = ["web"]

[[request]]
path = "{path}"
contains = "HELLO FROM THE PAGE\\nlocked\\nby 5"

[[offer]]
language = "upper"
version = "5.2"
attribute = "upper_5"
libc = "2.41"
"""
FILES: Final = {
    "src/hop3_nix/toolchains/upper/__init__.py": '"""Pages in capitals."""\n\nPRECEDENCE = 150\n'
    'ASSET_FILES = ("index.upper",)\n',
    "src/hop3_nix/toolchains/upper/toolchain.py": TOOLCHAIN,
    "src/hop3_nix/toolchains/upper/versions.py": VERSIONS,
    "nix/lib/languages/upper/default.nix": LIBRARY,
    "nix/debian/languages/upper/attributes.json": '{ "upper_5": { "offer": '
    '{ "group": "bash", "package": "bash" } } }\n',
    "nix/debian/languages/upper/default.nix": SET,
    "examples/upper-page/index.upper": "hello from the page\n",
    "examples/upper-page/.upper-version": "5.0.1\n",
    "examples/upper-page/expect.toml": EXPECT.replace("{path}", "/"),
    "examples/upper-stage/main.py": "",
    "examples/upper-stage/Procfile": "web: python -m http.server $PORT\n",
    "examples/upper-stage/web/index.upper": "hello from the page\n",
    "examples/upper-stage/expect.toml": EXPECT.replace("{path}", "/web/"),
    "docs/upper.md": "# Upper\n",
}
LOCKS: Final = ("examples/upper-page/upper.lock", "examples/upper-stage/web/upper.lock")
FOOTER: Final = "locked\n"
COPIED: Final = ("docs", "nix", "src", "templates", "tests")


@pytest.fixture(scope="module")
def footer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve what the lockfiles pin, and yield its address."""
    directory = tmp_path_factory.mktemp("served")
    (directory / "footer.txt").write_text(FOOTER)
    handler = partial(SimpleHTTPRequestHandler, directory=directory)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/footer.txt"
        server.shutdown()


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory, footer: str) -> Path:
    """Return a copy of the tree, without any example, in which the language was added."""
    copy = tmp_path_factory.mktemp("copy")
    for name in COPIED:
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, copy / name, symlinks=True, ignore=ignore)
    shutil.copy(ROOT / "pyproject.toml", copy)
    for name, text in FILES.items():
        assert not (copy / name).exists()
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / name).write_text(text)
    digest = hashlib.sha256(FOOTER.encode()).hexdigest()
    for name in LOCKS:
        (copy / name).write_text(f"{footer} {digest}\n")
    return copy


def test_the_page_on_adding_a_language_says_how_much_that_is() -> None:
    of_the_language = ("src/hop3_nix/toolchains/upper/", "nix/lib/languages/upper/")
    lines = sum(
        text.count("\n") for name, text in FILES.items() if name.startswith(of_the_language)
    )
    page = " ".join((ROOT / "docs/adding-a-language.md").read_text().split())
    assert f"in four files of {lines} lines" in page


@pytest.mark.parametrize("tests", [("golden", "--update"), ("golden",), ("contract",)])
def test_a_new_language_needs_no_other_file(
    tree: Path, state: Path, tests: tuple[str, ...]
) -> None:
    where, *options = tests
    argv = [sys.executable, "-m", "pytest", f"tests/{where}", "-k", "upper", "-q", *options]
    done = subprocess.run(
        [*argv, "-p", "no:cacheprovider", "-p", "no:xdist"],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree / "src"), "HOP3_NIX_STATE": str(state)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert " passed" in done.stdout


def test_a_language_of_an_installed_package_builds_with_nix(
    tmp_path: Path, state: Path, footer: str
) -> None:
    versionless = TOOLCHAIN.replace(
        "from hop3_nix.toolchains.upper.versions import VERSIONS\n", "from pathlib import Path\n"
    ).replace("    versions=VERSIONS,\n", '    nix=Path(__file__).parent / "nix",\n')
    library = LIBRARY.replace("{ interpreter }:\n", "").replace("interpreter", "pkgs.bash")
    digest = hashlib.sha256(FOOTER.encode()).hexdigest()
    files = {
        "site/upper/__init__.py": versionless,
        "site/upper/nix/default.nix": library,
        "site/upper-1.dist-info/METADATA": "Metadata-Version: 2.1\nName: upper\nVersion: 1\n",
        "site/upper-1.dist-info/entry_points.txt": "[hop3_nix.toolchains]\n"
        "upper = upper:TOOLCHAIN\n",
        "app/index.upper": "hello from the page\n",
        "app/upper.lock": f"{footer} {digest}\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site"), "HOP3_NIX_STATE": str(state)}
    command = Path(sys.executable).with_name("hop3-nix")
    done = subprocess.run(
        [command, "build", tmp_path / "app", "--builder", "nix", "--json"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    artifact = json.loads(done.stdout)
    page = Path(artifact["runtime"]["working_dir"], "index.html").read_text()
    assert page == "HELLO FROM THE PAGE\nlocked\nby 5\n"
    assert artifact["runtime"]["workers"]["web"].endswith("serve-static .")
