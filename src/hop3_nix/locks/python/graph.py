"""Walking the requirements of a lockfile that does not say which packages the app itself needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable

    Node = TypeVar("Node", bound=Hashable)
    Want = TypeVar("Want")
    Extras = frozenset[str]


def walk(
    roots: Iterable[Want],
    find: Callable[[Want], Iterable[tuple[Node, Extras]]],
    needs: Callable[[Node, Extras], Iterable[Want]],
) -> tuple[Node, ...]:
    """Return the nodes that ``roots`` reach, each once, in the order they are met.

    ``find`` names the nodes of a requirement, each with the extras it is wanted with, and
    ``needs`` the requirements of a node with those extras.
    """
    pending = list(roots)
    visited: set[tuple[Node, Extras]] = set()
    nodes: dict[Node, None] = {}
    while pending:
        for visit in find(pending.pop()):
            if visit not in visited:
                visited.add(visit)
                nodes[visit[0]] = None
                pending.extend(needs(*visit))
    return tuple(nodes)
