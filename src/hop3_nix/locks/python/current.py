"""Whether a lockfile still has what the file that it was made from asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from hop3_nix.errors import LockError
    from hop3_nix.locks.base import TargetPython
    from hop3_nix.locks.python.wanted import Wanted
    from hop3_nix.plan import Dependency


def check_current(
    wanted: Iterable[Wanted],
    dependencies: Iterable[Dependency],
    target: TargetPython,
    *,
    lock: str,
    remedy: str,
    except_for: Collection[str] = (),
) -> None:
    """Raise LockError unless ``dependencies`` has, in a version that will do, all of ``wanted``.

    That is what counts of a lockfile's being current, whatever the tool's own hash says.
    """
    versions = {dependency.name: dependency.version for dependency in dependencies}
    for want in wanted:
        if want.name in except_for or not want.applies(target):
            continue
        version = versions.get(want.name)
        if version is None:
            raise _stale(want, f"{lock} does not have it", remedy)
        if not want.allows(version):
            raise _stale(want, f"{lock} has {version}", remedy)


def _stale(want: Wanted, what: str, remedy: str) -> LockError:
    return want.place.error(f"{want} is required, and {what}", tip=remedy)
