"""The toolchain of static sites."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hop3_nix.config import load_config
from hop3_nix.plan import APP_TREE, App, BuildPlan, Evidence, LocalRecipe, RuntimePlan
from hop3_nix.procfile.parse import WEB_KINDS
from hop3_nix.toolchains.platform import PLATFORM_PACKAGES, platform_env
from hop3_nix.toolchains.static.server import LANGUAGE, add_server, find_nginx, no_nginx
from hop3_nix.toolchains.static.site import (
    INDEX,
    USUAL,
    find_site,
    is_declared,
    links_in,
    usual_site,
)
from hop3_nix.toolchains.static.staticfile import FILE

if TYPE_CHECKING:
    from hop3_nix.config import AppConfig
    from hop3_nix.plan import Offer, Target
    from hop3_nix.source import Source
    from hop3_nix.toolchains.base import Tools


class StaticToolchain:
    """Sites that are files, as they are in the tree or as build steps make them."""

    @property
    def name(self) -> str:
        """Return the name."""
        return "static"

    @property
    def looks_for(self) -> tuple[str, ...]:
        """Return the files that ``detect`` recognises."""
        return (FILE, *(INDEX if name == "." else f"{name}/{INDEX}" for name in USUAL))

    def detect(self, source: Source) -> Evidence | None:
        """Return what makes ``source`` a static site, or None.

        An application that answers HTTP by itself is none, whatever files are beside it.
        """
        config = load_config(source)
        if config.workers.keys() & set(WEB_KINDS):
            return None
        if is_declared(config) or source.has(FILE) or usual_site(source) is not None:
            return find_site(source, config)[1]
        return None

    def host_offers(self, tools: Tools) -> tuple[Offer, ...]:
        """Return the nginx of this machine. Raises UnavailableError if there is none."""
        offers = find_nginx(tools)
        if not offers:
            raise no_nginx()
        return offers

    def plan(self, source: Source, config: AppConfig, target: Target) -> BuildPlan:
        """Return the plan; see docs/static.md for every decision in it."""
        nginx = next((offer.attribute for offer in target.offers_for(LANGUAGE)), "")
        plan = BuildPlan(
            app=App(name=config.name, version=config.version, description=config.description),
            toolchain=self.name,
            interpreter=nginx or LANGUAGE,
            packages=tuple(dict.fromkeys((*PLATFORM_PACKAGES, *config.packages))),
            build_packages=config.build_packages,
            build_steps=(*config.before_build, *config.build, *config.after_build),
            runtime=RuntimePlan(
                env={**platform_env(), **config.env},
                defaults=tuple(config.env) if config.env_policy == "keep-existing" else (),
                workers=config.workers,
                before_run=config.before_run,
                static_paths=config.static_paths,
                writable_tree=APP_TREE if config.writable_tree else None,
                healthcheck_path=config.healthcheck_path,
                healthcheck_timeout=config.healthcheck_timeout,
            ),
            recipes=(LocalRecipe(requires=(), steps=()),) if nginx else (),
            evidence=config.evidence,
        )
        if config.workers.keys() & set(WEB_KINDS):
            return plan
        site, why = find_site(source, config)
        links = links_in(source, site.directory)
        return add_server(plan, site, nginx=nginx, evidence=(why, *map(_not_served, links)))

    def locate(self, plan: BuildPlan, target: Target, tools: Tools) -> BuildPlan:
        """Return ``plan``, in which nothing is to be fetched."""
        del target, tools
        return plan

    def lock(self, source: Source, config: AppConfig, target: Target, tools: Tools) -> None:
        """Return None: there is nothing to lock."""
        del source, config, target, tools


TOOLCHAIN: Final = StaticToolchain()


def _not_served(link: str) -> Evidence:
    return Evidence(choice=f"not served: {link}", reason="symlinks are not followed", file=link)
