"""Where the application object of a web framework is, found in the syntax of the modules."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hop3_nix.toolchains.python.modules import Module, Modules

Interface = Literal["asgi", "wsgi"]


class Framework(NamedTuple):
    """A web framework: what it is called, and the interface its applications have."""

    title: str
    interface: Interface


FRAMEWORKS: Final = {
    "fastapi.FastAPI": Framework("FastAPI", "asgi"),
    "fastapi.applications.FastAPI": Framework("FastAPI", "asgi"),
    "starlette.applications.Starlette": Framework("Starlette", "asgi"),
    "litestar.Litestar": Framework("Litestar", "asgi"),
    "quart.Quart": Framework("Quart", "asgi"),
    "falcon.asgi.App": Framework("Falcon", "asgi"),
    "flask.Flask": Framework("Flask", "wsgi"),
    "flask.app.Flask": Framework("Flask", "wsgi"),
    "bottle.Bottle": Framework("Bottle", "wsgi"),
    "falcon.App": Framework("Falcon", "wsgi"),
}
"""The class whose instance is the application, by its dotted name."""

FACTORY_NAMES: Final = ("create_app", "make_app", "get_app", "build_app", "create_application")
VARIABLE_NAMES: Final = ("app", "application", "api", "server")


@dataclass(frozen=True)
class Application:
    """An application object: ``module:name``, or a factory that returns one."""

    module: str
    name: str
    framework: str
    interface: Interface
    file: str
    line: int | None = None
    factory: bool = False

    @property
    def target(self) -> str:
        """Return it as servers take it."""
        return f"{self.module}:{self.name}"


def find_application(modules: Modules) -> Application | None:
    """Return the likeliest application object, a variable before a factory, or None."""
    factory = None
    for file in modules.candidates():
        module = modules.parse(file)
        if module is None:
            continue
        if variable := _variable(module, modules):
            return variable
        factory = factory or _factory(module)
    return factory


def _variable(module: Module, modules: Modules) -> Application | None:
    found = {
        name: Application(
            module.name, name, framework.title, framework.interface, module.file, line
        )
        for name, value, line in module.assignments()
        if (framework := _made_by(value, module, modules))
    }
    usual = [name for name in VARIABLE_NAMES if name in found]
    return found[usual[0]] if usual else next(iter(found.values()), None)


def _made_by(value: ast.expr, module: Module, modules: Modules) -> Framework | None:
    """Return the framework whose class, or a factory of whose, ``value`` calls."""
    if not isinstance(value, ast.Call):
        return None
    called = _dotted(value.func, module)
    if called in FRAMEWORKS:
        return FRAMEWORKS[called]
    home, _, name = called.rpartition(".")
    owner = modules.named(home) if home else module
    if owner is None:
        return None
    return next((made.framework for made in _factories(owner) if made.name == name), None)


def _factory(module: Module) -> Application | None:
    found = {made.name: made for made in _factories(module) if made.callable_alone}
    for name in FACTORY_NAMES:
        if made := found.get(name):
            title, interface = made.framework
            return Application(
                module.name, name, title, interface, module.file, made.line, factory=True
            )
    return None


class Factory(NamedTuple):
    """A function in which an application is made."""

    name: str
    framework: Framework
    line: int
    callable_alone: bool


def _factories(module: Module) -> Iterator[Factory]:
    for node in module.tree.body:
        if not isinstance(node, ast.FunctionDef):
            continue
        for inner in ast.walk(node):
            if isinstance(inner, ast.Call) and (
                framework := FRAMEWORKS.get(_dotted(inner.func, module, node))
            ):
                yield Factory(node.name, framework, node.lineno, not _needs_arguments(node.args))
                break


def _needs_arguments(arguments: ast.arguments) -> bool:
    positional = len(arguments.posonlyargs) + len(arguments.args)
    return positional > len(arguments.defaults) or None in arguments.kw_defaults


def _dotted(function: ast.expr, module: Module, scope: ast.FunctionDef | None = None) -> str:
    """Return the dotted name that ``function`` stands for, its imports followed."""
    names: list[str] = []
    while isinstance(function, ast.Attribute):
        names.append(function.attr)
        function = function.value
    if not isinstance(function, ast.Name):
        return ""
    bound = module.imports()
    if scope is not None:
        inner = type(module)(module.name, module.file, ast.Module(scope.body, type_ignores=[]))
        bound |= inner.imports()
    return ".".join([bound.get(function.id, function.id), *reversed(names)])
