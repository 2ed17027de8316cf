"""Whether a store path that somebody made may be used here: the rules of the post-build step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hop3_nix.deploy import place
from hop3_nix.deploy.place import STORE
from hop3_nix.errors import ArtifactCorruptError
from hop3_nix.nix import commands as nixcli
from hop3_nix.postbuild.finish import problems
from hop3_nix.postbuild.spec import READ, Spec

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from hop3_nix.contract import RuntimeConfig
    from hop3_nix.deploy.artifact import Located

FORBIDDEN: Final = ("/usr", "/home")
"""What nothing in a runtime section may refer to, as in the Nix library's complete_spec.py."""

SHOWN: Final = 4
"""Problems that are told at once."""


def check_rules(located: Located) -> None:
    """Raise ArtifactCorruptError if the artifact would use what is not in its closure.

    What the caller trusts is taken as it is, and what is in no store has no closure. The answer is
    remembered, as a store path does not change.
    """
    if located.trusted or not located.in_store or place.is_checked(str(located.location)):
        return
    check_runtime(located.artifact.runtime, located.location, nixcli.closure(located.location))
    place.mark_checked(str(located.location))


def check_runtime(runtime: RuntimeConfig, location: Path, closure: Iterable[Path]) -> None:
    """Raise ArtifactCorruptError if ``runtime`` names what is not in ``closure``."""
    spec = Spec(
        mode=READ,
        app_name=location.name,
        shell="",
        path=runtime.path_prepend,
        working_dir=runtime.working_dir,
        workers=runtime.workers,
        store=STORE,
        env=runtime.env_vars,
        before_run=runtime.before_run,
        static_paths=runtime.static_paths,
        writable_tree=runtime.writable_tree,
        closure=[str(path) for path in closure],
        forbidden=list(FORBIDDEN),
    )
    found = problems(spec, str(location))
    if found:
        more = f"\n... and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
        raise ArtifactCorruptError(
            "uses what is not part of it:\n" + "\n".join(found[:SHOWN]) + more,
            file=str(location),
            tip="It was not built by the rules that hop3-nix builds by, and works on the machine "
            "that it was made for at best. If you trust who made it: --trust-artifact",
        )
