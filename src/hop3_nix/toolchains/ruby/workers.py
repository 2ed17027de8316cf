"""The workers: those that the app declares, else those that its files let us infer."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Final, NamedTuple

from hop3_nix.errors import SourceError
from hop3_nix.plan import Evidence
from hop3_nix.procfile.cron import check_schedule
from hop3_nix.toolchains.ruby.commands import without_bundle_exec
from hop3_nix.toolchains.ruby.servers import HOST, PORT, SERVERS, find_server
from hop3_nix.workers.kind import kind_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from hop3_nix.config import AppConfig
    from hop3_nix.source import Source

RACK: Final = "config.ru"

SCRIPTS: Final = ("app.rb", "main.rb", "server.rb")
"""Scripts that are started when nothing else says what is."""

_CLASSIC: Final = re.compile(r"""^\s*require\s*\(?\s*['"]sinatra['"]""", re.MULTILINE)
"""What makes a script an application of Sinatra's that starts its own server."""


class Workers(NamedTuple):
    """Command lines by worker name, and why they are what they are."""

    commands: dict[str, str]
    evidence: tuple[Evidence, ...] = ()


def decide_workers(source: Source, config: AppConfig, gems: Collection[str]) -> Workers:
    """Return the workers that ``config`` declares, else a ``web`` worker that the app implies.

    ``gems`` are the names of those that are installed. Raises SourceError if there is nothing to
    start, or a Rack application without a server.
    """
    if config.workers:
        return _declared(config)
    if source.has(RACK):
        return _by_rack(source, gems)
    scripts = [name for name in SCRIPTS if source.has(name)]
    for name in scripts:
        if "sinatra" in gems and _CLASSIC.search(source.read_text(name)):
            command = f"ruby -rbundler/setup {name} -o {HOST} -p {PORT}"
            return _web(command, "Sinatra, which starts the server that it finds", name)
    for name in scripts:
        command = f"ruby -rbundler/setup {shlex.quote(name)}"
        return _web(command, "a script at the top, of no known framework", name)
    raise SourceError(
        f"nothing here says how to start the app: there is no Procfile, no workers in hop3.toml, "
        f"no {RACK}, and no {' or '.join(SCRIPTS)}",
        file=str(source.root),
        tip="Write a Procfile with a line such as: web: puma -p $PORT",
    )


def _by_rack(source: Source, gems: Collection[str]) -> Workers:
    server = find_server(gems)
    if server is None:
        known = ", ".join(each.gem for each in SERVERS)
        raise SourceError(
            f"{RACK} is there, and no server for it among the gems",
            file=str(source.root),
            tip=f"Add one to the Gemfile ({known}) and lock again; or write a Procfile.",
        )
    return _web(server.command, f"a Rack application, and {server.gem} is locked", RACK)


def _declared(config: AppConfig) -> Workers:
    commands: dict[str, str] = {}
    evidence: list[Evidence] = []
    for name, line in config.workers.items():
        file, number = config.where(f"run.workers.{name}")
        commands[name] = _command(name, line, file, number)
        if commands[name] != line:
            evidence.append(
                Evidence(
                    choice=f"{name}: {commands[name]}",
                    reason=f"what {line} runs",
                    file=file,
                    line=number,
                )
            )
    return Workers(commands, tuple(evidence))


def _command(name: str, line: str, file: str, number: int | None) -> str:
    if kind_of(name) == "static":
        # It holds a directory, and not a command.
        return line
    if kind_of(name) != "cron":
        return without_bundle_exec(line)
    command = check_schedule(line, file=file, line=number)
    return line.removesuffix(command) + without_bundle_exec(command)


def _web(command: str, reason: str, file: str) -> Workers:
    evidence = Evidence(choice=f"web: {command}", reason=reason, file=file)
    return Workers({"web": command}, (evidence,))
