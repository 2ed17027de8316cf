"""What is done in the app's tree when it is built, and what of it the web server serves itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from hop3_nix.plan import Evidence

if TYPE_CHECKING:
    from hop3_nix.config import AppConfig
    from hop3_nix.toolchains.python.django import Django

COLLECT: Final = "python manage.py collectstatic --noinput"

SWITCH: Final = "DISABLE_COLLECTSTATIC"
"""The variable by which Heroku's users turn that step off; any value but 0 does."""


class Building(NamedTuple):
    """Build steps in their order, static paths, and why."""

    steps: tuple[str, ...]
    static_paths: dict[str, str]
    evidence: tuple[Evidence, ...] = ()


def decide_building(config: AppConfig, django: Django | None) -> Building:
    """Return the configured steps and, for Django with a STATIC_ROOT, ``collectstatic``.

    It comes after the app's own ``build`` steps, which may make some of what is collected, and
    not at all if one of them runs it.
    """
    before = (*config.before_build, *config.build)
    own = (*before, *config.after_build)
    switched_off = config.env.get(SWITCH, "0") not in {"", "0"}
    if django is None or not django.static_root or not django.has_staticfiles or switched_off:
        return Building(own, config.static_paths)
    collected = {django.static_url: django.static_root} if django.static_url else {}
    static_paths = config.static_paths or collected
    if any("collectstatic" in step for step in own):
        return Building(own, static_paths)
    evidence = Evidence(
        choice=f"build step: {COLLECT}",
        reason=f'STATIC_ROOT is {django.static_root}; {SWITCH} = "1" in [env] turns this off',
        file=django.static_file,
        line=django.static_line,
    )
    return Building((*before, COLLECT, *config.after_build), static_paths, (evidence,))
