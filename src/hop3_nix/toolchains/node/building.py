"""What is done in the app's tree when it is built, and whose install scripts run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from hop3_nix.locks.node.yamlfile import YamlFile
from hop3_nix.plan import Evidence
from hop3_nix.toolchains.language import Steps
from hop3_nix.toolchains.node.commands import Place, write_out
from hop3_nix.toolchains.node.dependencies import AppArguments
from hop3_nix.toolchains.node.managers import sign_of_bun
from hop3_nix.toolchains.node.manifest import FILE
from hop3_nix.toolchains.node.packages import Packages

if TYPE_CHECKING:
    from hop3_nix.source import Source
    from hop3_nix.toolchains.app import App
    from hop3_nix.toolchains.language import Layers
    from hop3_nix.toolchains.node.manifest import Manifest

SCRIPTS: Final = ("heroku-postbuild", "build")
"""The first of them that there is builds the application."""

_INSTALLED: Final = "postinstall"
"""The app's own script of this name completes what is installed, as npm has it run."""

_CHANGES_MODULES: Final = re.compile(r"\bprisma generate\b|\bpatch-package\b")


class Building(NamedTuple):
    """What package.json adds to the configured steps, and why.

    ``built`` says that there is any step, ``changes_modules`` that what they write into
    node_modules belongs to the result.
    """

    installed: tuple[str, ...]
    script: tuple[str, ...]
    built: bool
    changes_modules: bool
    evidence: tuple[Evidence, ...]


def decide_building(app: App) -> Building:
    """Return the app's ``postinstall``, and its script that builds if no step is configured.

    Raises ConfigError if one of the steps runs a script that is not there.
    """
    config, packages = app.config, app.read(Packages)
    manifest = packages.manifest()
    scripts = manifest.scripts
    program = "bun" if sign_of_bun(app) else "npm"
    installed = (_INSTALLED,) if _INSTALLED in scripts else ()
    script = tuple(name for name in SCRIPTS if name in scripts)[:1] if not config.build else ()
    evidence = tuple(
        Evidence(
            choice=f"build step: {scripts[name]}",
            reason=f"scripts.{name}",
            file=FILE,
            line=manifest.line("scripts", name),
        )
        for name in (*installed, *script)
    )
    said = {
        "before-build": config.before_build,
        "build": (*(_run(program, name) for name in script), *config.build),
        "after-build": config.after_build,
    }
    steps = [
        write_out(step, packages, Place(*config.where(f"build.{key}")))
        for key, own in said.items()
        for step in own
    ]
    changes = bool(installed) or any(_CHANGES_MODULES.search(step) for step in steps)
    return Building(
        installed=tuple(_run(program, name) for name in installed),
        script=tuple(_run(program, name) for name in script),
        built=bool(installed or steps),
        changes_modules=changes,
        evidence=evidence,
    )


def build_steps(app: App, _layers: Layers) -> Steps:
    """Return the steps of package.json, and what becomes of node_modules when they are done."""
    building = app.once(decide_building)
    return Steps(
        first=building.installed,
        build=building.script,
        app=AppArguments(node_modules="copied" if building.changes_modules else "linked"),
        evidence=building.evidence,
    )


def _run(program: str, script: str) -> str:
    return f"{program} run {script}"


def allowed_scripts(source: Source, manifest: Manifest) -> tuple[str, ...]:
    """Return the packages whose install scripts the app allows, in the words of any manager."""
    names = {
        *manifest.texts("pnpm", "onlyBuiltDependencies"),
        *manifest.texts("trustedDependencies"),
        *(_bare(spec) for spec, allowed in manifest.table("allowScripts").items() if allowed),
        *(
            _bare(name)
            for name, meta in manifest.table("dependenciesMeta").items()
            if isinstance(meta, dict) and meta.get("built") is True
        ),
        *_of_workspace(source),
    }
    return tuple(sorted(names))


def _of_workspace(source: Source) -> tuple[str, ...]:
    file = "pnpm-workspace.yaml"
    if not source.has(file):
        return ()
    if not source.read_text(file).strip():
        return ()
    remedy = "Repair it: pnpm itself does not read it either."
    listed = YamlFile(source, file, remedy).data.get("onlyBuiltDependencies")
    names = listed if isinstance(listed, list) else []
    return tuple(each for each in names if isinstance(each, str))


def _bare(spec: str) -> str:
    """Return the name of ``name@version``."""
    at = spec.find("@", 1)
    return spec if at < 0 else spec[:at]
