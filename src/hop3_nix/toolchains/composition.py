"""The plan of a whole application: that of its main language, with its stages and its site."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from hop3_nix.locks.own import FILE as LOCK_FILE
from hop3_nix.plan import APP_TREE, App, PackageRef, PathRef, SearchPath, Stage
from hop3_nix.procfile.parse import WEB_KINDS
from hop3_nix.toolchains.choice import choose_toolchains, naming_files, placed
from hop3_nix.toolchains.static.server import add_server, find_nginx, nginx_of_host
from hop3_nix.toolchains.static.site import WORKER, find_site, is_declared

if TYPE_CHECKING:
    from hop3_nix.config import AppConfig
    from hop3_nix.plan import BuildPlan, Offer, Target, Value
    from hop3_nix.source import Source
    from hop3_nix.toolchains.base import LockContent, Toolchain, Tools
    from hop3_nix.toolchains.choice import Choice, Part

IDLE: Final = {"stage": "true"}
"""What a stage's toolchain is told to start, so that it looks for nothing: then it is dropped."""

OF_THE_APP: Final[dict[str, Any]] = {
    "workers": IDLE,
    "before_run": (),
    "before_build": (),
    "build": (),
    "after_build": (),
    "packages": (),
    "static_dir": "",
    "static_paths": {},
    "required_env": (),
    "writable_tree": "",
    "healthcheck_path": "",
    "evidence": (),
}
"""What the configuration says of the whole application, and a stage is not to take for itself."""


@dataclass(frozen=True)
class Composition:
    """An application's source and configuration, with the toolchains that make a plan of it."""

    source: Source
    config: AppConfig
    choice: Choice

    @classmethod
    def of(cls, source: Source, config: AppConfig) -> Composition:
        """Return the application of ``source``; raises what `choose_toolchains` does."""
        return cls(source, config, choose_toolchains(source, config))

    @property
    def toolchains(self) -> tuple[Toolchain, ...]:
        """Return all toolchains, the main one first."""
        return (self.choice.main, *(part.toolchain for part in self.choice.parts))

    def host_offers(self, tools: Tools) -> tuple[Offer, ...]:
        """Return what this machine has for any of the languages, and for a site."""
        offers = [offer for each in self.toolchains for offer in each.host_offers(tools)]
        if is_declared(self.config):
            offers += find_nginx(tools)
        return tuple(dict.fromkeys(offers))

    def plan(self, target: Target) -> BuildPlan:
        """Return the plan; the same application and target give the same one.

        Raises LockError, UnsupportedError, ConfigError or SourceError.
        """
        plan = self.choice.main.plan(self.source, self.config, target)
        required = tuple(sorted(self.config.required_env))
        runtime = plan.runtime.model_copy(update={"required": required})
        plan = plan.model_copy(
            update={"runtime": runtime, "evidence": (*plan.evidence, *self.choice.evidence)}
        )
        for part in self.choice.parts:
            plan = self._with_stage(plan, part, target)
        return self._with_site(plan, target)

    def locate(self, plan: BuildPlan, target: Target, tools: Tools) -> BuildPlan:
        """Return ``plan`` with an address for every file, those of its stages included.

        Raises LockError or TemporaryError.
        """
        stages = tuple(
            stage.model_copy(update={"plan": part.toolchain.locate(stage.plan, target, tools)})
            for stage, part in zip(plan.stages, self.choice.parts, strict=True)
        )
        plan = self.choice.main.locate(plan, target, tools)
        return plan.model_copy(update={"stages": stages})

    def locks(self, target: Target, tools: Tools) -> dict[str, LockContent]:
        """Return what ``hop3-nix lock`` writes, by path from the top: a file for each language.

        Raises LockError or TemporaryError.
        """
        found = {LOCK_FILE: self.choice.main.lock(self.source, self.config, target, tools)}
        for part in self.choice.parts:
            with naming_files(part.place, self.config):
                source = part.source(self.source)
                lock = part.toolchain.lock(source, self._config_of_stages(), target, tools)
            found[part.place(LOCK_FILE)] = lock
        return {file: content for file, content in found.items() if content is not None}

    def _config_of_stages(self) -> AppConfig:
        return self.config.model_copy(update=OF_THE_APP)

    def _with_stage(self, plan: BuildPlan, part: Part, target: Target) -> BuildPlan:
        tip = "" if part.said else _without(part.toolchain, self.choice.main)
        with naming_files(part.place, self.config, tip=tip):
            source, config = part.source(self.source), self._config_of_stages()
            made = part.toolchain.plan(source, config, target)
        evidence = [placed(each, part.place, self.config) for each in made.evidence]
        made = made.model_copy(
            update={
                "app": App(name=f"{plan.app.name}-{made.toolchain}"),
                "runtime": made.runtime.model_copy(update={"workers": {}}),
                "evidence": (),
            }
        )
        stage = Stage(
            plan=made, directory=part.directory, whole_tree=part.whole_tree, kept=part.kept
        )
        plan = plan.model_copy(
            update={"stages": (*plan.stages, stage), "evidence": (*plan.evidence, *evidence)}
        )
        return _keeping(plan, stage) if stage.kept else plan

    def _with_site(self, plan: BuildPlan, target: Target) -> BuildPlan:
        """Return ``plan`` with a web server for a ``static`` worker that no other one serves."""
        if WORKER not in plan.runtime.workers or plan.runtime.workers.keys() & set(WEB_KINDS):
            return plan
        # The stages may make it, and the steps that the language adds.
        made = bool(plan.stages or plan.build_steps)
        config = self.config
        told = config.model_copy(update={"build": config.build or ("build",)}) if made else config
        site, why = find_site(self.source, told)
        nginx = nginx_of_host(target) if Path(plan.interpreter).is_absolute() else ""
        return add_server(plan, site, nginx=nginx, evidence=(why,))


def _keeping(plan: BuildPlan, stage: Stage) -> BuildPlan:
    """Return ``plan`` with the language and the packages of ``stage`` at run time."""
    runtime, its = plan.runtime, stage.plan.runtime
    env = {name: _moved(value, stage) for name, value in its.env.items()}
    path = tuple(_moved_path(entry, stage) for entry in its.path)
    packages = (entry.package for entry in path if isinstance(entry, PackageRef))
    return plan.model_copy(
        update={
            "packages": tuple(dict.fromkeys((*plan.packages, *packages))),
            "runtime": runtime.model_copy(
                update={
                    "env": {**env, **runtime.env},
                    "defaults": tuple(dict.fromkeys((*runtime.defaults, *its.defaults))),
                    "path": (*runtime.path, *path),
                }
            ),
        }
    )


def _moved(value: Value, stage: Stage) -> Value:
    match value:
        case str():
            return value
        case SearchPath():
            return SearchPath(entries=tuple(_moved_path(each, stage) for each in value.entries))
        case _:
            return _moved_path(value, stage)


def _moved_path(path: PathRef | PackageRef, stage: Stage) -> PathRef | PackageRef:
    """Return ``path`` of ``stage`` as the whole application has it: its tree is in that one's."""
    if isinstance(path, PackageRef):
        return path
    layer, _, rest = path.path.partition("/")
    if (path.layer, layer) != (APP_TREE.layer, APP_TREE.path):
        return path.model_copy(update={"stage": stage.name})
    return PathRef(layer="app", path="/".join(filter(None, [layer, stage.directory, rest])))


def _without(toolchain: Toolchain, main: Toolchain) -> str:
    return (
        f"If nothing of {toolchain.name} is to be built, say so: "
        f'[build] toolchain = "{main.name}" in hop3.toml.'
    )
