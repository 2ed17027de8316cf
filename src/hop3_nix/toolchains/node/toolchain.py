"""The Node toolchain."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from hop3_nix.locks.node.base import TargetNode
from hop3_nix.plan import APP_TREE, App, BuildPlan, Evidence, PackageRef, RuntimePlan
from hop3_nix.toolchains.node.assets import find_assets
from hop3_nix.toolchains.node.building import allowed_scripts, decide_building
from hop3_nix.toolchains.node.commands import Place, write_out
from hop3_nix.toolchains.node.dependencies import decide_modules, is_berry, read_tree
from hop3_nix.toolchains.node.detect import LOOKS_FOR, find_marker
from hop3_nix.toolchains.node.host import find_interpreters
from hop3_nix.toolchains.node.locking import write_lock
from hop3_nix.toolchains.node.managers import check_name, choose_manager
from hop3_nix.toolchains.node.manifest import read_manifest
from hop3_nix.toolchains.node.recipes import BIN, HOST_BIN, MODULES, Local, local_recipes
from hop3_nix.toolchains.node.registry import locate_files
from hop3_nix.toolchains.node.versions import choose_version
from hop3_nix.toolchains.node.workers import decide_workers
from hop3_nix.toolchains.platform import PLATFORM_PACKAGES, platform_env
from hop3_nix.toolchains.static.server import add_server, find_nginx, nginx_of_host
from hop3_nix.toolchains.static.site import WORKER

if TYPE_CHECKING:
    from hop3_nix.config import AppConfig
    from hop3_nix.locks.node.integrities import NodeLock
    from hop3_nix.plan import Offer, PathRef, Target, Value
    from hop3_nix.source import Source
    from hop3_nix.toolchains.base import Assets, Tools
    from hop3_nix.toolchains.node.building import Building
    from hop3_nix.toolchains.node.dependencies import Modules


class NodeToolchain:
    """Node applications, locked by npm, pnpm or Yarn."""

    @property
    def name(self) -> str:
        """Return the name."""
        return "node"

    @property
    def looks_for(self) -> tuple[str, ...]:
        """Return the files that ``detect`` recognises."""
        return LOOKS_FOR

    def detect(self, source: Source) -> Evidence | None:
        """Return which file makes ``source`` a Node application, or None."""
        return find_marker(source)

    def find_assets(self, source: Source, config: AppConfig) -> Assets | None:
        """Return what the build script of ``source`` makes for an app of another language."""
        return find_assets(source, config)

    def host_offers(self, tools: Tools) -> tuple[Offer, ...]:
        """Return the Nodes on PATH, the newest first, and the web server for sites."""
        return (*find_interpreters(tools), *find_nginx(tools))

    def plan(self, source: Source, config: AppConfig, target: Target) -> BuildPlan:
        """Return the plan; see docs/node.md for every decision in it."""
        manifest = read_manifest(source)
        offer, version = choose_version(source, config, manifest, target)
        manager = choose_manager(source, manifest)
        building = decide_building(config, manifest)
        built = bool(building.steps)
        workers = decide_workers(source, config, manifest, built=built)
        tree = read_tree(source, manager, TargetNode(target.system))
        allowed = allowed_scripts(source, manifest)
        modules = decide_modules(source, tree, built=built, allowed=allowed)
        on_host = Path(offer.attribute).is_absolute()
        # Nothing of Node runs then: the server shows what the build has made.
        site_alone = workers.site is not None and not workers.commands.keys() - {WORKER}
        plan = BuildPlan(
            app=App(
                name=config.name if config.named else check_name(manifest) or config.name,
                version=config.version or manifest.string("version"),
                description=config.description or manifest.string("description"),
            ),
            toolchain=self.name,
            interpreter=offer.attribute,
            packages=tuple(dict.fromkeys((*PLATFORM_PACKAGES, *config.packages))),
            build_packages=config.build_packages,
            dependencies=modules.dependencies,
            build_dependencies=modules.build_dependencies,
            build_steps=building.steps,
            options={
                "node_version": offer.version,
                "package_manager": manager.name,
                **modules.options,
                "node_modules": _kept_modules(building, site_alone=site_alone),
            },
            runtime=RuntimePlan(
                env={**_environment(modules, site_alone=site_alone), **config.env},
                defaults=_defaults(config),
                path=_search_path(modules, offer, on_host=on_host, site_alone=site_alone),
                workers=workers.commands,
                before_run=tuple(
                    write_out(line, manifest, Place(*config.where("run.before-run")))
                    for line in config.before_run
                ),
                static_paths=config.static_paths,
                writable_tree=APP_TREE if config.writable_tree else None,
                healthcheck_path=config.healthcheck_path,
                healthcheck_timeout=config.healthcheck_timeout,
            ),
            recipes=local_recipes(
                Local(offer.attribute, manager, allowed, berry=is_berry(source, manager)),
                built=built,
                present=bool(tree.modules),
                site_alone=site_alone,
            )
            if on_host
            else (),
            evidence=(
                *config.evidence,
                version,
                *manager.evidence,
                *_dependencies(tree.file, modules),
                *building.evidence,
                *workers.evidence,
            ),
        )
        if workers.site is None:
            return plan
        nginx = nginx_of_host(target) if on_host else ""
        return add_server(plan, workers.site, nginx=nginx)

    def locate(self, plan: BuildPlan, target: Target, tools: Tools) -> BuildPlan:
        """Return ``plan`` with the addresses that the registry has for what has none."""
        offer = next(
            offer for offer in target.offers_for("node") if offer.attribute == plan.interpreter
        )
        count = len(plan.dependencies)
        files = locate_files((*plan.dependencies, *plan.build_dependencies), offer, tools)
        return plan.model_copy(
            update={"dependencies": files[:count], "build_dependencies": files[count:]}
        )

    def lock(
        self, source: Source, config: AppConfig, target: Target, tools: Tools
    ) -> NodeLock | None:
        """Return the digests that npm knows of what a lockfile of Yarn 2 or later pins."""
        manifest = read_manifest(source)
        offer, _ = choose_version(source, config, manifest, target)
        return write_lock(source, choose_manager(source, manifest), offer, tools)


TOOLCHAIN: Final = NodeToolchain()


def _kept_modules(building: Building, *, site_alone: bool) -> str:
    """Return what becomes of node_modules when the build is done, as the template has it."""
    if site_alone:
        return "none"
    return "copied" if building.changes_modules else "linked"


def _environment(modules: Modules, *, site_alone: bool) -> dict[str, Value]:
    env: dict[str, Value] = {**platform_env(), "NODE_ENV": "production"}
    return {**env, "NODE_PATH": MODULES} if modules.present and not site_alone else env


def _defaults(config: AppConfig) -> tuple[str, ...]:
    declared = config.env if config.env_policy == "keep-existing" else {}
    return tuple(dict.fromkeys(("NODE_ENV", *declared)))


def _search_path(
    modules: Modules, offer: Offer, *, on_host: bool, site_alone: bool
) -> tuple[PathRef | PackageRef, ...]:
    if on_host:
        # The build steps find their programs there as well.
        return (BIN, HOST_BIN)
    if site_alone:
        return ()
    interpreter = PackageRef(package=offer.attribute, path="bin")
    return (BIN, interpreter) if modules.present else (interpreter,)


def _dependencies(lockfile: str, modules: Modules) -> tuple[Evidence, ...]:
    if not lockfile:
        return ()
    run, build = len(modules.dependencies), len(modules.build_dependencies)
    reason = f"{run} packages" + (f", and {build} for the build steps" if build else "")
    return (Evidence(choice="dependencies", reason=reason, file=lockfile),)
