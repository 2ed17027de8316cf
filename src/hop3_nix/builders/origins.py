"""Where in the application's files that comes from which made a builder fail."""

from __future__ import annotations

import base64
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from hop3_nix.errors import BuildError, ConfigError, LockError, SourceError
from hop3_nix.postbuild.leaks import REFUSED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hop3_nix.plan import BuildPlan
    from hop3_nix.source import Source

_DIGEST: Final = re.compile(r"\b(?:[0-9a-f]{64}|[0-9a-f]{128})\b|sha512-[A-Za-z0-9+/]+=*")
"""In hex, as Nix and pip write it, or as Subresource Integrity does."""


@contextmanager
def naming_origins(source: Source, plan: BuildPlan) -> Iterator[None]:
    """Add file and line to an error about a locked file or a worker that is raised inside."""
    try:
        yield
    except LockError as error:
        found = None if error.file else _locked_at(error.message, source, plan)
        if found is None:
            raise
        file, line = found
        raise LockError(error.message, tip=error.tip, file=file, line=line) from error
    except BuildError as error:
        if error.message.startswith(_leaking(plan)):
            raise ConfigError(error.message, tip=error.tip) from error
        raise BuildError(_with_places(error.message, plan), tip=error.tip) from error


def _leaking(plan: BuildPlan) -> str:
    """Return what Nix says of a bundle with a secret in it; none of the app's code runs there."""
    return f"building {plan.app.name[:50]} failed with exit code {REFUSED}"


def _locked_at(message: str, source: Source, plan: BuildPlan) -> tuple[str, int] | None:
    """Return where a digest that ``message`` names stands in the lockfile."""
    found = _DIGEST.findall(message)
    # A lockfile may have in base64 what Nix tells in hex.
    digests = [*found, *(_base64(text) for text in found if "-" not in text)]
    for file in [each.file for each in plan.evidence if each.choice == "dependencies"]:
        try:
            lines = source.read_text(file).splitlines()
        except SourceError:
            continue
        for number, line in enumerate(lines, 1):
            if any(digest in line for digest in digests):
                return file, number
    return None


def _base64(digest: str) -> str:
    return base64.b64encode(bytes.fromhex(digest)).decode()


def _with_places(message: str, plan: BuildPlan) -> str:
    for stage in plan.stages:
        if message.startswith(f"building {stage.plan.app.name}-"):
            message = f"{stage.title}: {message}"
    for each in plan.evidence:
        if each.file and each.choice.startswith("worker "):
            place = f"{each.file}:{each.line}" if each.line else each.file
            message = message.replace(f"{each.choice}: ", f"{each.choice} ({place}): ")
    return message
