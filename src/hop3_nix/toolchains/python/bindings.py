"""The names that a module binds when it is imported, as far as its syntax tells them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_WRITES_NAMES: Final = frozenset({"exec", "eval", "globals", "locals", "setattr", "vars"})
_OWN_SCOPE: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


def names_bound(tree: ast.Module) -> frozenset[str] | None:
    """Return the names, or None if there may be others than those that are written."""
    if any(map(_may_bind_more, ast.walk(tree))):
        return None
    found = {name for node in _of_module(tree) for name in _bound_by(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Global):
            found.update(node.names)
    return None if "__getattr__" in found else frozenset(found)


def _may_bind_more(node: ast.AST) -> bool:
    match node:
        case ast.ImportFrom(names=[ast.alias(name="*")]):
            return True
        case ast.Call(func=ast.Name(id=name)):
            return name in _WRITES_NAMES
        case ast.Attribute(value=ast.Name(id="sys"), attr="modules"):
            return True
    return False


def _bound_by(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
            for each in aliases:
                yield each.asname or each.name.partition(".")[0]
        case ast.Name(id=name, ctx=ast.Store()):
            yield name
        case (
            ast.FunctionDef(name=str() as name)
            | ast.AsyncFunctionDef(name=str() as name)
            | ast.ClassDef(name=str() as name)
            | ast.MatchAs(name=str() as name)
            | ast.MatchStar(name=str() as name)
            | ast.ExceptHandler(name=str() as name)
        ):
            yield name


def imports(tree: ast.Module) -> Iterator[ast.Import | ast.ImportFrom]:
    """Yield the imports that are always done when the module is imported."""
    for node in tree.body:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield node


def _of_module(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what is done when the module is imported, and not what functions do."""
    for child in ast.iter_child_nodes(node):
        yield child
        if not isinstance(child, _OWN_SCOPE):
            yield from _of_module(child)
