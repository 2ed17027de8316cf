"""What is done in the app's tree when it is built, and what of it the web server serves itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hop3_nix.plan import Evidence
from hop3_nix.toolchains.language import Steps
from hop3_nix.toolchains.python.django import django_of
from hop3_nix.toolchains.python.tools import own_site

if TYPE_CHECKING:
    from hop3_nix.toolchains.app import App
    from hop3_nix.toolchains.language import Layers

COLLECT: Final = "python manage.py collectstatic --noinput"

SWITCH: Final = "DISABLE_COLLECTSTATIC"
"""The variable by which Heroku's users turn that step off; any value but 0 does."""


def build_steps(app: App, layers: Layers) -> Steps:
    """Return ``collectstatic`` for Django with a STATIC_ROOT.

    It comes after the app's own ``build`` steps, which may make some of what is collected, and
    not at all if one of them runs it.
    """
    if made := own_site(app, layers.packages):
        evidence = Evidence(
            choice=f"build step: {made.command}",
            reason=f"{made.tool.title} is locked",
            file=made.file,
        )
        return Steps(build=(made.command,), evidence=(evidence,))
    config, django = app.config, django_of(app, layers.packages)
    switched_off = config.env.get(SWITCH, "0") not in {"", "0"}
    if django is None or not django.static_root or not django.has_staticfiles or switched_off:
        return Steps()
    collected = {django.static_url: django.static_root} if django.static_url else {}
    if any(
        "collectstatic" in step
        for step in (*config.before_build, *config.build, *config.after_build)
    ):
        return Steps(static_paths=collected)
    evidence = Evidence(
        choice=f"build step: {COLLECT}",
        reason=f'STATIC_ROOT is {django.static_root}; {SWITCH} = "1" in [env] turns this off',
        file=django.static_file,
        line=django.static_line,
    )
    return Steps(last=(COLLECT,), static_paths=collected, evidence=(evidence,))
