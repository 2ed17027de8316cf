"""Package sets other than our own: what is asked of them, and expressions made for a given one."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from conftest import ROOT
from examples import EXAMPLES, at_example_addresses, expected, outline
from hop3_nix.config import load_config
from hop3_nix.files.resources import write_library
from hop3_nix.packagesets.debian import DebianSet
from hop3_nix.packagesets.nixpkgs import PathSet, offers_of
from hop3_nix.packagesets.npm_programs import fetched_languages
from hop3_nix.plan import Offer, Target
from hop3_nix.rendering.expression import render
from hop3_nix.rendering.nixlang import NixText, to_nix
from hop3_nix.source import Source
from hop3_nix.toolchains.composition import Composition

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Nix
    from flakes import Flakes

GIVEN: Final = os.environ.get("HOP3_NIX_NIXPKGS", "")

OUTPUTS: Final = ("package", "tests", "image", "devShell", "closureInfo", "env", "current")
"""Those of an expression; `current` is empty, and the others are derivations."""
examples = pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)


# --- what is asked of a package set

DOCUMENTED: Final = re.search(
    r"^## Any other package set\n(.*?)^## ",
    (ROOT / "docs/package-sets.md").read_text(),
    re.MULTILINE | re.DOTALL,
)
NAMES: Final = [
    name
    for row in re.findall(r"^\| (`.*?) \|", DOCUMENTED[1] if DOCUMENTED else "", re.MULTILINE)
    for name in re.findall(r"`(.*?)`", row)
]

OF_NO_EXAMPLE: Final = frozenset(
    {
        "meson",  # of an application with a meson.build: test_c.py
        "unzip",  # of one with a composer.lock: test_debian_php.py
        *("maven", "libmaven3-core-java"),  # of `lock`: test_debian_java.py
        *("cargo", "dejavu_fonts"),  # of sets whose compiler or run time does not bring them
    }
)
"""What none of the examples asks for, and who does."""

SETS: Final = {
    "debian": "debian",
    # Interpreters that need what packages bring to be patched, as those of nixpkgs do.
    "patching": (
        "builtins.mapAttrs (name: value: "
        'if builtins.match "(python3|ruby_)[0-9_]+" name == null then value else '
        'builtins.removeAttrs value [ "runsForeignWheels" "runsForeignGems" ]) debian '
        "// { stdenv = debian.stdenv // { cc = debian.gcc // { cc.lib = debian.gcc; }; }; }"
    ),
}

SET: Final = """
let
  debian = import {debian} {{ }};
  asked = import {documented} {{
    set = {set};
    names = builtins.fromJSON {names};
  }};
  pkgs = asked;
in
{what}
"""

PATHS: Final = """
let
  given = import {expression} {{
    inherit pkgs;
    hop3 = import {library} {{ inherit pkgs; }};
    src = {src};
  }};
  built = assert builtins.isFunction given.imageWith; builtins.removeAttrs given [ "imageWith" ];
  outputs = builtins.removeAttrs built [ "current" "tests" ] // built.tests;
in
assert builtins.attrNames built == builtins.fromJSON {outputs};
builtins.mapAttrs (_: output: output.drvPath) outputs
"""


@dataclass(frozen=True)
class Asked:
    """The value of a Nix expression, and what of the package set it has needed."""

    value: Any
    names: frozenset[str]


@pytest.fixture(scope="module")
def asking(nix: Nix, state: Path) -> Callable[[str, str], Asked]:
    """Return what evaluates an expression about ``pkgs``, a set with what is documented alone."""
    for language in fetched_languages():
        DebianSet(directory=state / "debian").prepare(lambda _line: None, language.name)

    @cache
    def evaluate(package_set: str, what: str) -> Asked:
        text = SET.format(
            debian=ROOT / "nix/debian",
            documented=ROOT / "tests/nix/documented.nix",
            set=SETS[package_set],
            names=to_nix(json.dumps(NAMES)),
            what=what,
        )
        done = nix("nix-instantiate", "--eval", "--strict", "--json", "-E", text)
        names = re.findall(r"^trace: asked for: (.*)$", done.stderr, re.MULTILINE)
        return Asked(json.loads(done.stdout), frozenset(names))

    return evaluate


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory with the files of each example, those that are made being empty."""
    directory = tmp_path_factory.mktemp("sources")
    for example in EXAMPLES:
        outline(example, directory / example.name)
    return directory


def paths_of(name: str, sources: Path) -> str:
    """Return the Nix text for the derivations of everything that can be built of an example."""
    return PATHS.format(
        expression=ROOT / "tests/golden" / name / "hop3.nix",
        library=ROOT / "nix/lib",
        src=sources / name,
        outputs=to_nix(json.dumps(sorted(OUTPUTS))),
    )


@pytest.mark.parametrize("package_set", SETS)
@examples
def test_nothing_but_what_is_documented_is_asked_of_a_package_set(
    asking: Callable[[str, str], Asked], sources: Path, example: Path, package_set: str
) -> None:
    asked = asking(package_set, paths_of(example.name, sources))
    assert len(asked.value) >= len(OUTPUTS) - 2
    assert all(path.startswith("/nix/store/") for path in asked.value.values())


def test_everything_that_is_documented_is_asked_for(
    asking: Callable[[str, str], Asked], sources: Path
) -> None:
    texts = [offers_of("asked"), *(paths_of(example.name, sources) for example in EXAMPLES)]
    found = [asking(package_set, text).names for package_set in SETS for text in texts]
    asked = frozenset().union(OF_NO_EXAMPLE, *found)
    assert (sorted(asked - {*NAMES}), sorted({*NAMES} - asked)) == ([], [])


@pytest.mark.parametrize("name", ["nosuch", "gnused", "stdenv.mkDerivation", "python313.pkgs.venv"])
def test_anything_else_is_refused_by_its_name(nix: Nix, name: str) -> None:
    text = SET.format(
        debian=ROOT / "nix/debian",
        documented=ROOT / "tests/nix/documented.nix",
        set="debian // { python313.pkgs = { venv = 1; pip = 1; }; nosuch = 1; }",
        names=to_nix(json.dumps(NAMES)),
        what=f"pkgs.{name}",
    )
    with pytest.raises(AssertionError, match=rf"not documented: pkgs\.{re.escape(name)}"):
        nix("nix-instantiate", "--eval", "-E", text)


FLAKE: Final = """
let
  flake = import {library}/flake {{
    nixpkgs.legacyPackages.x86_64-linux = pkgs;
    expression = {expression};
    systems = [ "x86_64-linux" ];
  }};
  inherit (flake) apps checks devShells packages;
in
[
  (builtins.mapAttrs (_: app: app.program) apps.x86_64-linux)
  (builtins.mapAttrs (_: check: check.drvPath) checks.x86_64-linux)
  devShells.x86_64-linux.default.drvPath
  packages.x86_64-linux.default.drvPath
]
"""


def test_the_flake_of_an_application_asks_for_no_more(
    asking: Callable[[str, str], Asked], sources: Path
) -> None:
    # It stands beside the files that it was rendered from, which the flake's checks compare.
    expression = sources / "python-flask/hop3.nix"
    shutil.copy(ROOT / "tests/golden/python-flask/hop3.nix", expression)
    asked = asking("debian", FLAKE.format(library=ROOT / "nix/lib", expression=expression))
    apps, checks, _, _ = asked.value
    assert apps["default"].startswith("/nix/store/")
    assert checks["web"].endswith(".drv")


INHERITED: Final = re.compile(r"inherit \(pkgs((?:\.\w+)*)\)([^;]*);")
SELECTED: Final = re.compile(r"(?<![\w.])pkgs\.([a-z][\w-]*(?:\.[a-z][\w-]*)*)")


def test_no_branch_that_the_examples_do_not_take_asks_for_more() -> None:
    patterns = [re.sub("XX?|Y", "[0-9]+", name) for name in NAMES]
    found = set()
    for file in (ROOT / "nix/lib").rglob("*.nix"):
        if "tests" in {file.stem, file.parent.name}:
            continue
        text = file.read_text()
        for within, names in INHERITED.findall(text):
            found |= {f"{within}.{name}".removeprefix(".") for name in names.split()}
        found |= set(SELECTED.findall(INHERITED.sub("", text)))
    assert {"bash", "stdenv.hostPlatform.system", "nginx"} <= found
    assert [name for name in sorted(found) if not any(re.match(p, name) for p in patterns)] == []


# --- what a package set offers


def test_what_was_removed_and_what_is_not_released_is_not_offered(
    state: Path, tmp_path: Path
) -> None:
    assert state.is_dir()
    file = tmp_path / "set.nix"
    file.write_text("""
    { }:
    {
      glibc.version = "2.42";
      python39 = throw "python39 was removed";
      python313.version = "3.13.5";
      python314.version = "3.14.0";
      python315.version = "3.15.0a2";
      python315FreeThreading.version = "3.15.0";
      nodejs-slim_22.version = "22.20.0";
      ruby_3_3.version.__toString = _: "3.3.10";
    }
    """)
    offers = PathSet(str(file)).target().offers
    assert [offer.named for offer in offers] == [
        "nodejs-slim_22",
        "python314",
        "python313",
        "ruby_3_3",
    ]


# --- a package set that is given


given = pytest.mark.skipif(
    not GIVEN,
    reason="HOP3_NIX_NIXPKGS is not set; with a checkout of nixpkgs: "
    "HOP3_NIX_NIXPKGS=PATH pytest tests/nix/test_any_nixpkgs.py",
)


def instantiate(
    flakes: Flakes, *arguments: str | Path, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Return what nix-instantiate printed, of one of the versions of Nix; it has to succeed.

    The test is skipped if what is given is not for that version, and says so.
    """
    done = subprocess.run(
        [Path(shutil.which(flakes.program) or "").with_name("nix-instantiate"), *arguments],
        cwd=cwd,
        env=flakes.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode and "requires Nix >=" in done.stderr:
        pytest.skip(f"{GIVEN} is for newer versions of Nix than that of {flakes.program}")
    assert done.returncode == 0, done.stderr
    return done


@pytest.fixture(scope="session")
def given_target(flakes: Flakes) -> Target:
    def evaluate(text: str) -> Any:
        return json.loads(instantiate(flakes, "--eval", "--strict", "--json", "-E", text).stdout)

    return PathSet(GIVEN, evaluate=evaluate).target()


def target_for(example: Path, there: Target) -> Target:
    """Return ``there``, with the versions that ``example`` has to find if it has none like them.

    An example may ask for a version that nixpkgs no longer has; the newest one stands in for it.
    """
    newest = {offer.language: offer for offer in reversed(there.offers)}
    series = {(offer.language, offer.version.rpartition(".")[0]) for offer in there.offers}
    wanted = [Offer.model_validate(offer) for offer in expected(example).get("offer", [])]
    missing = [
        offer.model_copy(update={"attribute": newest[offer.language].named})
        for offer in wanted
        if (offer.language, offer.version.rpartition(".")[0]) not in series
    ]
    return there.model_copy(update={"offers": (*there.offers, *missing)})


@given
@examples
def test_the_expression_of_every_example_evaluates_without_a_warning(
    flakes: Flakes, given_target: Target, tmp_path: Path, example: Path
) -> None:
    app = outline(example, tmp_path / example.name)
    source = Source.open(app)
    plan = Composition.of(source, load_config(source)).plan(target_for(example, given_target))
    text = render(at_example_addresses(plan), pkgs=NixText(PathSet(GIVEN).expression()))
    (app / "hop3.nix").write_text(text)
    write_library(app / "hop3-nix")
    attributes = [word for output in OUTPUTS for word in ("-A", output)]
    roots = ("--add-root", tmp_path / "root")  # without them, it would warn of that
    done = instantiate(flakes, "hop3.nix", *attributes, *roots, cwd=app)
    assert len(done.stdout.split()) >= len(OUTPUTS) - 1
    assert done.stderr == ""
