"""Where the application object of a web framework is, found in the syntax of the modules."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hop3_nix.toolchains.python.modules import Module, Modules

Interface = Literal["asgi", "wsgi", "aiohttp", "sanic"]
"""What a server takes; the last two are the frameworks' own."""


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
    "fasthtml.common.FastHTML": Framework("FastHTML", "asgi"),
    "fasthtml.common.fast_app": Framework("FastHTML", "asgi"),
    "fasthtml.core.FastHTML": Framework("FastHTML", "asgi"),
    "fasthtml.fastapp.fast_app": Framework("FastHTML", "asgi"),
    "litestar.app.Litestar": Framework("Litestar", "asgi"),
    "blacksheep.Application": Framework("BlackSheep", "asgi"),
    "aiohttp.web.Application": Framework("aiohttp", "aiohttp"),
    "sanic.Sanic": Framework("Sanic", "sanic"),
    "flask.Flask": Framework("Flask", "wsgi"),
    "flask.app.Flask": Framework("Flask", "wsgi"),
    "bottle.Bottle": Framework("Bottle", "wsgi"),
    "falcon.App": Framework("Falcon", "wsgi"),
}
"""The class whose instance is the application, by its dotted name."""

DASH: Final = frozenset({"dash.Dash", "dash.dash.Dash"})
"""Dash, whose application for a server is its attribute ``server``."""

FACTORY_NAMES: Final = (
    *("create_app", "make_app", "get_app", "build_app", "create_application", "init_app"),
)
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
        if (framework := _made_by(value, module, modules) or _of_dash(value, module))
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


def _of_dash(value: ast.expr, module: Module) -> Framework | None:
    """Return what ``app.server`` is, where ``app`` is one of Dash."""
    if not (isinstance(value, ast.Attribute) and value.attr == "server"):
        return None
    owner = ast.dump(value.value)
    made = any(
        isinstance(its, ast.Call) and _dotted(its.func, module) in DASH
        for name, its, _ in module.assignments()
        if ast.dump(ast.Name(name, ast.Load())) == owner
    )
    return Framework("Dash", "wsgi") if made else None


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
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        for inner in ast.walk(node):
            framework = (
                FRAMEWORKS.get(_dotted(inner.func, module, node))
                if isinstance(inner, ast.Call)
                else None
            )
            # Only aiohttp's own runner waits for one that is asynchronous.
            waits = isinstance(node, ast.FunctionDef) or (framework and framework[1] == "aiohttp")
            if framework and waits:
                yield Factory(node.name, framework, node.lineno, not _needs_arguments(node.args))
                break


def _needs_arguments(arguments: ast.arguments) -> bool:
    positional = len(arguments.posonlyargs) + len(arguments.args)
    return positional > len(arguments.defaults) or None in arguments.kw_defaults


def _dotted(
    function: ast.expr, module: Module, scope: ast.FunctionDef | ast.AsyncFunctionDef | None = None
) -> str:
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
    name = bound.get(function.id, "")
    if not name:
        starred = (f"{origin}.{function.id}" for origin in module.starred())
        name = next((each for each in starred if each in FRAMEWORKS), function.id)
    return ".".join([name, *reversed(names)])
