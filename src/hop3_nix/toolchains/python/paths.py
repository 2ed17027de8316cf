"""Paths that a settings module computes from its own place, evaluated without running it."""

from __future__ import annotations

import ast
import posixpath
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    Names = Callable[[str], str | None]

_UNCHANGED: Final = ("resolve", "absolute", "as_posix", "Path", "abspath", "realpath", "str")
"""Functions and methods that make no difference to a path inside the tree."""


def evaluate_path(node: ast.expr, file: str, names: Names) -> str | None:
    """Return the path that ``node``, in ``file``, stands for, relative to the tree.

    ``names`` gives the value of other names. None if it depends on anything else, such as the
    environment, or is absolute.
    """

    def value(inner: ast.expr) -> str | None:
        return evaluate_path(inner, file, names)

    found: str | None = None
    match node:
        case ast.Constant(value=str() as text) if not text.startswith("/"):
            found = posixpath.normpath(text)
        case ast.Name(id=name):
            found = file if name == "__file__" else names(name)
        case ast.Attribute(value=inner, attr="parent"):
            found = _parent(value(inner))
        case ast.Subscript(
            value=ast.Attribute(value=inner, attr="parents"),
            slice=ast.Constant(value=int() as index),
        ):
            found = value(inner)
            for _ in range(index + 1):
                found = _parent(found)
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            found = _join([value(left), value(right)])
        case ast.Call(func=function, args=arguments, keywords=[]):
            found = _call(function, arguments, value)
    return found


def _call(
    function: ast.expr, arguments: list[ast.expr], value: Callable[[ast.expr], str | None]
) -> str | None:
    match function, arguments:
        case ast.Attribute(attr="joinpath", value=inner), _:
            return _join([value(inner), *map(value, arguments)])
        case ast.Attribute(attr="join"), [_, *_]:
            return _join(list(map(value, arguments)))
        case ast.Attribute(attr="dirname") | ast.Name(id="dirname"), [only]:
            return _parent(value(only))
        case ast.Attribute(attr=name, value=inner), [] if name in _UNCHANGED:
            return value(inner)
        case ((ast.Attribute(attr=name) | ast.Name(id=name)), [only]) if name in _UNCHANGED:
            return value(only)
    return None


def _parent(path: str | None) -> str | None:
    """Return the directory above, None above the tree itself."""
    if path is None or path == ".":
        return None
    return posixpath.dirname(path) or "."


def _join(parts: list[str | None]) -> str | None:
    known = [part for part in parts if part is not None]
    joined = posixpath.normpath(posixpath.join("", *known)) if len(known) == len(parts) else None
    return None if joined is None or joined.startswith("..") else joined
