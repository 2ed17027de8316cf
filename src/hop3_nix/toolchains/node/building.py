"""What is done in the app's tree when it is built, and whose install scripts run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

import yaml

from hop3_nix.plan import Evidence
from hop3_nix.toolchains.node.commands import Place, write_out
from hop3_nix.toolchains.node.manifest import FILE

if TYPE_CHECKING:
    from hop3_nix.config import AppConfig
    from hop3_nix.source import Source
    from hop3_nix.toolchains.node.manifest import Manifest

SCRIPTS: Final = ("heroku-postbuild", "build")
"""The first of them that there is builds the application."""

_INSTALLED: Final = "postinstall"
"""The app's own script of this name completes what is installed, as npm has it run."""

_CHANGES_MODULES: Final = re.compile(r"\bprisma generate\b|\bpatch-package\b")


class Building(NamedTuple):
    """Build steps in their order, and why.

    ``changes_modules`` says that what they write into node_modules belongs to the result.
    """

    steps: tuple[str, ...]
    evidence: tuple[Evidence, ...] = ()
    changes_modules: bool = False


def decide_building(config: AppConfig, manifest: Manifest) -> Building:
    """Return the app's ``postinstall``, then the configured steps, or else ``scripts.build``.

    Raises ConfigError if one of them runs a script that is not there.
    """
    evidence: list[Evidence] = []
    scripts = manifest.scripts

    def run(script: str) -> tuple[str, ...]:
        evidence.append(
            Evidence(
                choice=f"build step: {scripts[script]}",
                reason=f"scripts.{script}",
                file=FILE,
                line=manifest.line("scripts", script),
            )
        )
        return (f"npm run {script}",)

    installed = run(_INSTALLED) if _INSTALLED in scripts else ()
    script = next((name for name in SCRIPTS if name in scripts), "")
    build = config.build or (run(script) if script else ())
    lines = {
        "before-build": (*installed, *config.before_build),
        "build": build,
        "after-build": config.after_build,
    }
    steps = tuple(
        write_out(step, manifest, Place(*config.where(f"build.{key}")))
        for key, said in lines.items()
        for step in said
    )
    changes = bool(installed) or any(_CHANGES_MODULES.search(step) for step in steps)
    return Building(steps, tuple(evidence), changes)


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
    try:
        data = yaml.safe_load(source.read_text(file))
    except yaml.YAMLError:
        # pnpm itself says what is wrong with it; nothing is allowed then.
        return ()
    listed = data.get("onlyBuiltDependencies") if isinstance(data, dict) else None
    return tuple(each for each in listed or () if isinstance(each, str))


def _bare(spec: str) -> str:
    """Return the name of ``name@version``."""
    at = spec.find("@", 1)
    return spec if at < 0 else spec[:at]
