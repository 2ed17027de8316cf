# ruff: noqa: INP001, T201 - a module that Nix runs by its path, and that prints to the build's log
"""Install scripts: of packages that are allowed to, and of those that have to be compiled."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final, NamedTuple

from bins import manifest

_EVENTS: Final = ("preinstall", "install", "postinstall")
_COMPILES: Final = re.compile(r"\b(node-gyp|node-gyp-build|node-pre-gyp|prebuild-install)\b")
_COMPILE: Final = "node-gyp rebuild"
_KEPT: Final = re.compile(r".*\.(node|so)(\.[0-9.]+)?")
_DOWNLOADS: Final = (
    "ELECTRON_SKIP_BINARY_DOWNLOAD",
    "PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD",
    "PUPPETEER_SKIP_DOWNLOAD",
    "SENTRYCLI_SKIP_DOWNLOAD",
)
"""What tells install scripts to leave out what they could not download here; so does Cypress's."""

_ARCHITECTURES: Final = {"x86_64": "x64", "aarch64": "arm64"}


class Lifecycle(NamedTuple):
    """The packages under ``top``; ``allowed`` are the names of those whose scripts run."""

    top: Path
    shell: str
    allowed: frozenset[str]
    compile: bool
    """Whether there is a compiler."""
    optional: frozenset[str] = frozenset()
    """Paths of what is left out when its scripts fail."""

    def run_all(self, paths: list[str]) -> bool:
        """Run what has to be run, and return whether there was anything.

        Ends the build, naming the package, when a script of one that is not optional fails, or
        there is no compiler for it.
        """
        ran = False
        # Packages inside of others first: these may use them.
        for path in sorted(paths, key=lambda path: (-path.count("/"), path)):
            package = self.top / path
            scripts = self._scripts(package)
            failure = next(filter(None, (self._run(package, *script) for script in scripts)), "")
            if failure and path not in self.optional:
                sys.exit(failure)
            if failure:
                print(f"{failure}\n{path}: left out: it is optional", flush=True)
                shutil.rmtree(package)
            elif scripts:
                drop_intermediates(package)
            ran = ran or bool(scripts)
        return ran

    def _scripts(self, package: Path) -> list[tuple[str, str]]:
        described = manifest(package)
        listed = described.get("scripts")
        scripts = dict(listed) if isinstance(listed, dict) else {}
        is_addon = (package / "binding.gyp").is_file() and described.get("gypfile") is not False
        if is_addon and not scripts.get("install") and not scripts.get("preinstall"):
            scripts["install"] = _COMPILE
        if described.get("name") in self.allowed:
            return [(event, scripts[event]) for event in _EVENTS if scripts.get(event)]
        line = scripts.get("install", "")
        if not is_addon or not _COMPILES.search(line) or has_prebuilt(package):
            return []
        if not self.compile:
            sys.exit(
                f"{described.get('name')} has to be compiled, which the lockfile does not say; add "
                f'to package.json: "allowScripts": {{"{described.get("name")}": true}}'
            )
        return [("install", line)]

    def _run(self, package: Path, event: str, line: str) -> str:
        """Run one script, and return what is to be said if it fails."""
        described = manifest(package)
        name = f"{described.get('name')} {described.get('version')}"
        print(f"{name}: {event}: {line}", flush=True)
        above = (package, *package.parents)
        folders = [
            f"{parent}/node_modules/.bin" for parent in above if parent.name != "node_modules"
        ]
        environment = {
            **os.environ,
            **dict.fromkeys(_DOWNLOADS, "1"),
            "CYPRESS_INSTALL_BINARY": "0",
            "PATH": ":".join([*folders, os.environ["PATH"]]),
            "INIT_CWD": str(self.top),
            "JOBS": os.environ.get("NIX_BUILD_CORES", "1"),
            # Nothing is to be downloaded that could be compiled.
            "npm_config_build_from_source": "true",
            "npm_lifecycle_event": event,
            "npm_package_name": str(described.get("name", "")),
            "npm_package_version": str(described.get("version", "")),
        }
        argv = [self.shell, "-c", line]
        status = subprocess.run(argv, cwd=package, env=environment, check=False).returncode
        return f"{name}: its {event} script failed with status {status}: {line}" if status else ""


def has_prebuilt(package: Path) -> bool:
    """Return whether ``package`` brings itself compiled for this system (prebuildify's layout)."""
    architecture = _ARCHITECTURES.get(platform.machine(), "")
    here = (package / "prebuilds").glob(f"linux-{architecture}*")
    return any(file.suffix == ".node" for folder in here for file in folder.iterdir())


def drop_intermediates(package: Path) -> None:
    """Remove what gyp writes while it compiles, which tells where and how that was done."""
    # node-gyp's is called build, those of node-pre-gyp otherwise.
    for build in [file.parent for file in package.rglob("config.gypi")]:
        _keep_what_is_loaded(build)
    for file in [*package.rglob("*.target.mk")]:
        file.unlink()


def _keep_what_is_loaded(build: Path) -> None:
    for name in ("obj.target", "obj", ".deps", "node_gyp_bins"):
        for folder in [*build.rglob(name)]:
            shutil.rmtree(folder, ignore_errors=True)  # it may stand in one that went before
    for parent, folders, files in os.walk(build, topdown=False):
        for name in (*files, *folders):
            path = Path(parent, name)
            if path.is_symlink() or (path.is_file() and not _KEPT.fullmatch(name)):
                path.unlink()
            elif path.is_dir() and not any(path.iterdir()):
                path.rmdir()
