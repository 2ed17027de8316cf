"""What is done in the app's tree when it is built, and whose install scripts run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import yaml

from hop3_nix.plan import Evidence
from hop3_nix.toolchains.node.commands import Place, write_out
from hop3_nix.toolchains.node.manifest import FILE

if TYPE_CHECKING:
    from hop3_nix.config import AppConfig
    from hop3_nix.source import Source
    from hop3_nix.toolchains.node.manifest import Manifest

_SCRIPTS: Final = ("heroku-postbuild", "build")


class Building(NamedTuple):
    """Build steps in their order, and why."""

    steps: tuple[str, ...]
    evidence: tuple[Evidence, ...] = ()


def decide_building(config: AppConfig, manifest: Manifest) -> Building:
    """Return the configured steps; if they do not say how to build, ``scripts.build``.

    Raises ConfigError if one of them runs a script that is not there.
    """
    evidence: tuple[Evidence, ...] = ()
    build = config.build
    script = next((name for name in _SCRIPTS if name in manifest.scripts), "")
    if not build and script:
        line = manifest.line("scripts", script)
        build = (f"npm run {script}",)
        evidence = (
            Evidence(
                choice=f"build step: {manifest.scripts[script]}",
                reason=f"scripts.{script}",
                file=FILE,
                line=line,
            ),
        )
    keys = ("before-build", "build", "after-build")
    steps = tuple(
        write_out(step, manifest, Place(*config.where(f"build.{key}")))
        for key, lines in zip(keys, (config.before_build, build, config.after_build), strict=True)
        for step in lines
    )
    return Building(steps, evidence)


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
