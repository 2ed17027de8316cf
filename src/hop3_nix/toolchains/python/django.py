"""What a Django project's settings say, read from their syntax."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from hop3_nix.toolchains.python.frameworks import Application
from hop3_nix.toolchains.python.modules import Modules
from hop3_nix.toolchains.python.paths import evaluate_path

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from hop3_nix.config import AppConfig
    from hop3_nix.toolchains.app import App
    from hop3_nix.toolchains.python.frameworks import Interface
    from hop3_nix.toolchains.python.modules import Module


class Setting(NamedTuple):
    """The value of a setting, and where it is set."""

    value: ast.expr
    file: str
    line: int


@dataclass(frozen=True)
class Django:
    """A Django project.

    ``static_root`` is relative to the tree, empty if the settings set none that is inside it.
    """

    settings: str
    wsgi: Application | None
    asgi: Application | None
    prefers_asgi: bool
    has_staticfiles: bool = False
    static_url: str = ""
    static_root: str = ""
    static_file: str = ""
    static_line: int | None = None


def django_of(app: App, locked: Collection[str]) -> Django | None:
    """Return the Django project that ``app`` is, or None; Django has to be ``locked``."""
    return app.once(_find) if "django" in locked else None


def _find(app: App) -> Django | None:
    return find_django(app.read(Modules), app.config)


def find_django(modules: Modules, config: AppConfig) -> Django | None:
    """Return the Django project of manage.py, or None if there is none."""
    if not modules.source.has("manage.py"):
        return None
    manage = modules.parse("manage.py")
    module = config.env.get("DJANGO_SETTINGS_MODULE") or (manage and _settings_module(manage.tree))
    if not module:
        return None
    parts = tuple(_inherited(modules, module, frozenset()))
    settings = _read_settings(parts)
    root = settings.get("STATIC_ROOT")
    url = _text(settings, "STATIC_URL").strip("/")
    return Django(
        settings=module,
        wsgi=_application(modules, module, _text(settings, "WSGI_APPLICATION"), "wsgi"),
        asgi=_application(modules, module, _text(settings, "ASGI_APPLICATION"), "asgi"),
        prefers_asgi="ASGI_APPLICATION" in settings,
        has_staticfiles=_has_staticfiles(parts),
        static_url=f"/{url}" if url and "://" not in url else "",
        static_root=_path(settings, "STATIC_ROOT", frozenset()) or "",
        static_file=root.file if root else "",
        static_line=root.line if root else None,
    )


def _settings_module(tree: ast.Module) -> str:
    """Return what a module sets DJANGO_SETTINGS_MODULE to, empty if it does not."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                args=[ast.Constant(value="DJANGO_SETTINGS_MODULE"), ast.Constant(value=str(name))]
            ):
                return name
            case ast.Assign(
                targets=[ast.Subscript(slice=ast.Constant(value="DJANGO_SETTINGS_MODULE"))],
                value=ast.Constant(value=str(name)),
            ):
                return name
    return ""


def _read_settings(parts: tuple[Module, ...]) -> dict[str, Setting]:
    return {
        key: Setting(value, module.file, line)
        for module in parts
        for key, value, line in module.assignments()
    }


def _has_staticfiles(parts: tuple[Module, ...]) -> bool:
    return any(
        isinstance(node, ast.Constant) and node.value == "django.contrib.staticfiles"
        for module in parts
        for node in ast.walk(module.tree)
    )


def _inherited(modules: Modules, name: str, seen: frozenset[str]) -> Iterator[Module]:
    """Yield the settings module, those that it takes over with ``import *`` before it."""
    module = modules.named(name)
    if module is None or name in seen:
        return
    for node in module.tree.body:
        if isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
            yield from _inherited(modules, module.absolute(node), seen | {name})
    yield module


def _text(settings: dict[str, Setting], key: str) -> str:
    match settings.get(key):
        case Setting(value=ast.Constant(value=str(text))):
            return text
    return ""


def _path(settings: dict[str, Setting], key: str, seen: frozenset[str]) -> str | None:
    setting = settings.get(key)
    if setting is None or key in seen:
        return None
    return evaluate_path(
        setting.value, setting.file, lambda name: _path(settings, name, seen | {key})
    )


def _application(
    modules: Modules, settings: str, dotted: str, interface: Interface
) -> Application | None:
    """Return the application that the settings name, else that of wsgi.py or asgi.py beside."""
    above = settings.removesuffix(".settings").split(".settings.")[0]
    likely = (
        (dotted,) if dotted else (f"{above}.{interface}.application", f"{interface}.application")
    )
    for path in likely:
        home, _, name = path.rpartition(".")
        if module := modules.named(home):
            return Application(home, name, "Django", interface, module.file)
    return None
