"""How an application is started: its workers, declared or guessed, or the site that it is.

The one place that decides whether a web server shows a directory in place of a worker.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from hop3_nix.errors import ConfigError, SourceError
from hop3_nix.plan import Evidence
from hop3_nix.procfile.cron import check_schedule
from hop3_nix.procfile.parse import WEB_KINDS
from hop3_nix.toolchains.static.server import serve_command
from hop3_nix.toolchains.static.site import WORKER, find_site, is_declared, links_in
from hop3_nix.workers.kind import kind_of

if TYPE_CHECKING:
    from hop3_nix.plan import Site
    from hop3_nix.toolchains.app import App
    from hop3_nix.toolchains.language import Guess, Language, Place
    from hop3_nix.toolchains.planning import Part


class Started(NamedTuple):
    """The workers by name, the site if there is one, and why."""

    workers: dict[str, str]
    site: Site | None
    evidence: tuple[Evidence, ...]

    @property
    def alone(self) -> bool:
        """Return whether nothing runs beside the web server that shows the site."""
        return self.site is not None and self.workers.keys() == {"web"}


def decide_start(main: Part, *, made: bool) -> Started:
    """Return how the application is started.

    What is declared goes before what the language guesses. ``made`` says that there are stages
    or build steps, which may make files that are not there yet. Raises ConfigError or
    SourceError.
    """
    app, start = main.app, main.language.start
    config = app.config
    if is_declared(config):
        workers, evidence = _declared(main)
        site, why = find_site(app, made=made)
        if known := start.site(app, main.layers):
            site = _as_known(site, known)
        return _served(app, workers, site, (*evidence, why))
    guessed = not config.workers or (start.always and not config.workers.keys() & {*WEB_KINDS})
    workers, evidence = _declared(main)
    if not guessed:
        return Started(workers, None, evidence)
    found = next(iter(start.guesses(app, main.layers)), None)
    if found is None:
        raise _nothing_to_start(main.language, app)
    evidence = (*evidence, found.evidence())
    if found.site is not None:
        return _served(app, workers, found.site, evidence)
    return Started({**workers, "web": found.command}, None, evidence)


def _served(
    app: App, workers: dict[str, str], site: Site, evidence: tuple[Evidence, ...]
) -> Started:
    others = {name: line for name, line in workers.items() if name != WORKER}
    links = (
        Evidence(choice=f"not served: {link}", reason="symlinks are not followed", file=link)
        for link in links_in(app.source, site.directory)
    )
    return Started({**others, "web": serve_command(site)}, site, (*evidence, *links))


def _as_known(site: Site, known: Guess) -> Site:
    """Return ``site``, which was declared, served as the tool that makes it means it."""
    if known.site is None:
        return site
    fallback = site.fallback or known.site.fallback
    return site.model_copy(update={"fallback": fallback, "immutable": known.site.immutable})


def _declared(main: Part) -> tuple[dict[str, str], tuple[Evidence, ...]]:
    """Return the workers that the configuration declares, as they are run, and what changed."""
    app, start = main.app, main.language.start
    commands: dict[str, str] = {}
    evidence: list[Evidence] = []
    for name, line in app.config.workers.items():
        place = app.config.where(f"run.workers.{name}")
        if start.serve and name in start.interfaces:
            if "web" in app.config.workers or "web" in commands:
                raise _second_web(name, place)
            served = start.serve(app, main.layers, name, line, place)
            commands["web"] = served.command
            evidence.append(served.evidence())
            continue
        commands[name] = _command(main, name, line, place)
        if commands[name] != line:
            choice = f"{name}: {commands[name]}"
            reason, (file, number) = f"what {line} runs", place
            evidence.append(Evidence(choice=choice, reason=reason, file=file, line=number))
    return commands, tuple(evidence)


def _command(main: Part, name: str, line: str, place: Place) -> str:
    rewrite = main.language.start.rewrite
    kind = kind_of(name)
    if kind == "static":
        # It holds a directory, and not a command.
        return line
    if kind != "cron":
        return rewrite(main.app, line, place)
    command = check_schedule(line, file=place[0], line=place[1])
    return line.removesuffix(command) + rewrite(main.app, command, place)


def _second_web(name: str, place: Place) -> ConfigError:
    return ConfigError(
        f"the worker {name!r} becomes 'web', and there is another one for HTTP",
        file=place[0],
        line=place[1],
        tip="Keep one of them.",
    )


def _nothing_to_start(language: Language, app: App) -> SourceError:
    return SourceError(
        "nothing here says how to start the app: there is no Procfile, no workers in hop3.toml, "
        f"{language.start.sought}",
        file=str(app.source.root),
        tip=f"Write a Procfile with a line such as: {language.start.example}",
    )
