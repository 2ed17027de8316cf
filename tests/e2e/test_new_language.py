"""A language is added by files of its own: here is one, in a copy of the tree, really built."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parent.parent.parent

TOOLCHAIN: Final = '''\
"""Pages in a language of their own: a file *.upper is shown in capitals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hop3_nix.plan import APP_TREE, App, BuildPlan, Evidence, LocalRecipe, RuntimePlan, Step
from hop3_nix.toolchains.platform import PLATFORM_PACKAGES, platform_env
from hop3_nix.toolchains.static.server import add_server, find_nginx, nginx_of_host
from hop3_nix.toolchains.static.site import StaticSite

if TYPE_CHECKING:
    from hop3_nix.config import AppConfig
    from hop3_nix.plan import Offer, Target
    from hop3_nix.source import Source
    from hop3_nix.toolchains.base import LockContent, Tools

TRANSLATE: Final = (
    \'for page in "$1"/*.upper; do tr a-z A-Z <"$page" >"${page%.upper}.html"; done\'
)


class UpperToolchain:
    @property
    def name(self) -> str:
        return "upper"

    @property
    def looks_for(self) -> tuple[str, ...]:
        return ("index.upper",)

    def detect(self, source: Source) -> Evidence | None:
        if not source.has("index.upper"):
            return None
        return Evidence(choice="upper", reason="its first page", file="index.upper")

    def host_offers(self, tools: Tools) -> tuple[Offer, ...]:
        return find_nginx(tools)

    def plan(self, source: Source, config: AppConfig, target: Target) -> BuildPlan:
        local = target.package_set == "this machine"
        step = Step(argv=("bash", "-c", TRANSLATE, "translate", APP_TREE))
        plan = BuildPlan(
            app=App(name=config.name),
            toolchain=self.name,
            interpreter="bash",
            packages=PLATFORM_PACKAGES,
            runtime=RuntimePlan(env=platform_env()),
            recipes=(LocalRecipe(requires=(), steps=(step,)),) if local else (),
        )
        nginx = nginx_of_host(target) if local else ""
        return add_server(plan, StaticSite(directory="."), nginx=nginx)

    def locate(self, plan: BuildPlan, target: Target, tools: Tools) -> BuildPlan:
        return plan

    def lock(
        self, source: Source, config: AppConfig, target: Target, tools: Tools
    ) -> LockContent | None:
        return None


TOOLCHAIN: Final = UpperToolchain()
'''
TEMPLATE: Final = """\
{% extends "base.nix.j2" %}
{% block layers %}
  deps = hop3.static.server;

  app = hop3.upper.mkApp {
    name = {{ plan.app.name | nix }};
    src = {{ source }};
    inherit environment;
  };
{% endblock %}
"""
LIBRARY: Final = """\
{ pkgs, safeName, ... }:
{
  mkApp =
    { name, src, environment }:
    pkgs.runCommand "${safeName 50 name}-app" { passthru.buildTools = [ ]; } ''
      ${import ../../place-source.nix src}
      for page in $out/app/*.upper; do tr a-z A-Z <"$page" >"''${page%.upper}.html"; done
    '';
}
"""
FILES: Final = {
    "src/hop3_nix/toolchains/upper/__init__.py": '"""Pages in capitals."""\n\nPRECEDENCE = 50\n',
    "src/hop3_nix/toolchains/upper/toolchain.py": TOOLCHAIN,
    "templates/upper.nix.j2": TEMPLATE,
    "nix/lib/languages/upper/default.nix": LIBRARY,
    "examples/upper-page/index.upper": "hello from the page\n",
    "examples/upper-page/expect.toml": 'workers = ["web"]\n\n[[request]]\npath = "/"\n'
    'contains = "HELLO FROM THE PAGE"\n',
    "docs/upper.md": "# Upper\n",
}
COPIED: Final = ("docs", "nix", "src", "templates", "tests")


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
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
    return copy


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
