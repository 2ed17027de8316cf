"""Workers and the commands around them, from both files: hop3.toml goes before the Procfile."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from hop3_nix.plan import Evidence
from hop3_nix.procfile.parse import (
    HOOK_NAMES,
    HOOKS,
    WEB_KINDS,
    check_entry,
    check_web_kinds,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hop3_nix.config.file import ConfigFile
    from hop3_nix.procfile import Procfile

Place = tuple[str, int | None]
"""A file and a line of it."""


class Said(NamedTuple):
    """One thing that a file says, and where; ``key`` is that of hop3.toml, with dots."""

    key: str
    choice: str
    value: str
    reason: str
    place: Place

    def evidence(self) -> Evidence:
        """Return it as a reason for the plan."""
        file, line = self.place
        return Evidence(choice=self.choice, reason=self.reason, file=file, line=line)


def merge_workers(config: ConfigFile, procfile: Procfile) -> dict[str, Said]:
    """Return the workers by name, the Procfile's first.

    A worker of hop3.toml replaces the Procfile's of that name and, if both take the HTTP port,
    of another name. Raises ConfigError if one of hop3.toml cannot be a worker.
    """
    own = _own_workers(config)
    replaced = {*own, *(WEB_KINDS if not own.keys().isdisjoint(WEB_KINDS) else ())}
    merged = {
        entry.name: _worker(entry.name, entry.command, "Procfile", (procfile.file, entry.line))
        for entry in procfile.workers
        if entry.name not in replaced
    }
    return merged | own


def merge_hooks(config: ConfigFile, procfile: Procfile, key: str) -> tuple[Said, ...]:
    """Return the commands of ``key``, such as ``run.before-run``.

    What ``key`` itself says goes before the workers of hop3.toml that stand for it, and they
    before those of the Procfile. Raises ConfigError if a command is empty or leaves a quote open.
    """
    section, name = key.split(".")
    place = (config.file, config.line(section, name))
    own = getattr(getattr(config.toml, section), name.replace("-", "_"))
    if own is not None:
        said = tuple(Said(key, name, command, f"[{section}] {name}", place) for command in own)
    else:
        said = tuple(
            Said(key, name, command.strip(), f"[run.workers] {worker}", place)
            for worker, command in config.toml.run.workers.items()
            if worker in HOOKS[key]
            for place in [(config.file, config.line("run", "workers", worker))]
        )
    for each in said:
        check_entry(each.choice, each.value, file=each.place[0], line=each.place[1])
    return said or tuple(
        Said(key, name, entry.command, f"Procfile {entry.name}", (procfile.file, entry.line))
        for entry in procfile.entries
        if own is None and entry.name in HOOKS[key]
    )


def _own_workers(config: ConfigFile) -> dict[str, Said]:
    """Return the workers of hop3.toml; ``[run.workers] web`` goes before ``[run] start``."""
    run = config.toml.run
    own: dict[str, Said] = {}
    if run.start:
        place = (config.file, config.line("run", "start"))
        own["web"] = _worker("web", " && ".join(run.start), "[run] start", place)
    for name, command in run.workers.items():
        if name not in HOOK_NAMES:
            place = (config.file, config.line("run", "workers", name))
            own[name] = _worker(name, command.strip(), "[run.workers]", place)
    for name, each in own.items():
        command = check_entry(name, each.value, file=each.place[0], line=each.place[1])
        own[name] = each._replace(value=command)
    check_web_kinds(_lines(own.values()), config.file)
    return own


def _lines(workers: Iterable[Said]) -> dict[str, int]:
    return {each.key.rpartition(".")[2]: each.place[1] or 1 for each in workers}


def _worker(name: str, command: str, reason: str, place: Place) -> Said:
    return Said(f"run.workers.{name}", f"worker {name}", command, reason, place)
