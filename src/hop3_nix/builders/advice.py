"""What to write into hop3.toml when a build has not found a file that a package would have."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from hop3_nix.errors import Hop3NixError, TemporaryError, UnavailableError
from hop3_nix.nix.missing import find_missing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from hop3_nix.config import AppConfig
    from hop3_nix.nix.missing import Missing
    from hop3_nix.packagesets.base import PackageSet

_MOST: Final = 12
"""A log that names more is about something else."""


@contextmanager
def advising(package_set: PackageSet | None, config: AppConfig) -> Iterator[None]:
    """End an error that is raised inside with the lines that bring what its log says is missing."""
    try:
        yield
    except Hop3NixError as error:
        missing = find_missing(error.said)[:_MOST]
        if package_set is None or not missing:
            raise
        try:
            found = package_set.packages_with(missing)
        except (TemporaryError, UnavailableError):
            found = {}
        if lines := lines_to_add(found, config):
            error.tip = f"{error.tip}\n{lines}".strip()
        raise


def lines_to_add(found: Mapping[Missing, str], config: AppConfig) -> str:
    """Return a sentence and the lines of hop3.toml that name the packages of ``found``.

    Empty if all of them are named already. The lists are whole, to stand in the place of others.
    """
    build = {one: name for one, name in found.items() if not one.is_loaded}
    run = {one: name for one, name in found.items() if one.is_loaded}
    wanted = {
        "build": _more(config.build_packages, build.values()),
        "run": _more(config.packages, run.values()),
    }
    if not any(wanted.values()):
        return ""
    told = "; ".join(f"{one.name} is in {name}" for one, name in found.items())
    sections = [
        f"[{section}]\npackages = {json.dumps(names)}" for section, names in wanted.items() if names
    ]
    return "\n".join([f"{told}. Write into hop3.toml:", *sections])


def _more(present: Sequence[str], names: Iterable[str]) -> list[str]:
    new = sorted(set(names) - set(present))
    return [*present, *new] if new else []
