"""Platforms whose file is one object: each a few keys that have a counterpart.

Fly's fly.toml, Render's render.yaml, Heroku's app.json, Railway's railway.json and railway.toml,
nixpacks.toml, railpack.json, and the services of a compose file.
"""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from hop3_nix.platforms import values
from hop3_nix.platforms.findings import Finding, unsaid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Table(NamedTuple):
    """What a file says, and the line of a key in it, as far as that can be told."""

    data: dict[str, Any]
    file: str
    text: str

    def line(self, key: str) -> int | None:
        """Return the first line that has ``key`` as a word."""
        spellings = (f'"{key}"', f"{key} =", f"{key}=", f"{key}:", f"[{key}", f".{key}]")
        for number, line in enumerate(self.text.splitlines(), 1):
            if any(each in line for each in spellings):
                return number
        return None


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(each for each in _list(value) if isinstance(each, str))


def _command(value: Any) -> str:
    """Return a command that may be a list of words."""
    if isinstance(value, list):
        return shlex.join(map(str, value))
    return value if isinstance(value, str) else ""


def _variables(table: Table, found: Any) -> Iterator[Finding]:
    for name, value in _object(found).items():
        if isinstance(value, str | int | float):
            text = json.dumps(value) if isinstance(value, bool) else str(value)
            yield from values.variable(name, text, table.file, table.line(name))


def _health(table: Table, path: Any, key: str) -> Iterator[Finding]:
    if isinstance(path, str) and path.startswith("/"):
        yield Finding("healthcheck", "path", path, table.file, table.line(key))


def _before_run(table: Table, command: Any, key: str) -> Iterator[Finding]:
    if text := _command(command):
        yield Finding("run", "before-run", (text,), table.file, table.line(key))


def fly(table: Table) -> Iterator[Finding]:
    """Yield what fly.toml says."""
    data, file = table.data, table.file
    yield from _variables(table, data.get("env"))
    yield from _before_run(
        table, _object(data.get("deploy")).get("release_command"), "release_command"
    )
    for name, command in _object(data.get("processes")).items():
        started = "web" if name == "app" else name
        yield from values.worker(started, _command(command), file, table.line(name))
    service = _object(data.get("http_service"))
    for check in _list(service.get("checks")):
        yield from _health(table, _object(check).get("path"), "path")
    for mount in _list(data.get("mounts")) or [data.get("mounts")]:
        if place := _object(mount).get("destination"):
            what = "files that are kept go to $HOP3_STATE_DIR, or into [run] writable"
            yield unsaid(f"[mounts] {place}: {what}", file, table.line("mounts"))
    if data.get("vm"):
        what = "limits are said when it is deployed: hop3-nix deploy --help"
        yield unsaid(f"[[vm]]: {what}", file, table.line("vm"))


def render_yaml(table: Table) -> Iterator[Finding]:
    """Yield what render.yaml says of its services."""
    for service in map(_object, _list(table.data.get("services"))):
        kind, name = service.get("type"), str(service.get("name", ""))
        if service.get("rootDir"):
            yield Finding(
                "build", "root", str(service["rootDir"]), table.file, table.line("rootDir")
            )
        yield from values.build_step(
            _command(service.get("buildCommand")), table.file, table.line("buildCommand")
        )
        yield from _before_run(table, service.get("preDeployCommand"), "preDeployCommand")
        command, line = _command(service.get("startCommand")), table.line("startCommand")
        if kind == "cron":
            schedule = service.get("schedule", "")
            yield from values.worker(f"cron-{name}", f"{schedule} {command}", table.file, line)
        elif command:
            worker = "web" if kind in {"web", "pserv", None} else name or "worker"
            yield from values.worker(worker, command, table.file, line)
        if path := service.get("staticPublishPath"):
            yield Finding(
                "build",
                "static-dir",
                str(path).removeprefix("./"),
                table.file,
                table.line("staticPublishPath"),
            )
        yield from _health(table, service.get("healthCheckPath"), "healthCheckPath")
        for each in map(_object, _list(service.get("envVars"))):
            key = str(each.get("key", ""))
            if "value" in each:
                yield from _variables(table, {key: each["value"]})
            else:
                yield from values.required(key, table.file, table.line(key))
    for each in map(_object, _list(table.data.get("databases"))):
        yield unsaid(
            f"database {each.get('name')}: give its address in a variable",
            table.file,
            table.line("databases"),
        )


def app_json(table: Table) -> Iterator[Finding]:
    """Yield what Heroku's app.json says."""
    data, file = table.data, table.file
    for name, said in _object(data.get("env")).items():
        value = said if isinstance(said, str) else _object(said).get("value")
        if isinstance(value, str) and value:
            yield from _variables(table, {name: value})
        elif not (isinstance(said, dict) and said.get("required") is False):
            yield from values.required(name, file, table.line(name))
    yield from _before_run(table, _object(data.get("scripts")).get("postdeploy"), "postdeploy")
    for each in _list(data.get("addons")):
        plan = each if isinstance(each, str) else _object(each).get("plan")
        yield unsaid(f"addon {plan}: give its address in a variable", file, table.line("addons"))
    for each in map(_object, _list(data.get("buildpacks"))):
        yield unsaid(
            f"buildpack {each.get('url')}: languages are told by files, or by [build] toolchain",
            file,
            table.line("buildpacks"),
        )


def railway(table: Table) -> Iterator[Finding]:
    """Yield what railway.json and railway.toml say."""
    build, deploy = _object(table.data.get("build")), _object(table.data.get("deploy"))
    yield from values.build_step(
        _command(build.get("buildCommand")), table.file, table.line("buildCommand")
    )
    yield from values.worker(
        "web", _command(deploy.get("startCommand")), table.file, table.line("startCommand")
    )
    yield from _before_run(table, _joined(deploy.get("preDeployCommand")), "preDeployCommand")
    yield from _health(table, deploy.get("healthcheckPath"), "healthcheckPath")


def nixpacks(table: Table) -> Iterator[Finding]:
    """Yield what nixpacks.toml and nixpacks.json say."""
    data, file = table.data, table.file
    for name, phase in _object(data.get("phases")).items():
        found = _object(phase)
        yield from values.packages(_texts(found.get("aptPkgs")), file, table.line("aptPkgs"))
        if nix := _texts(found.get("nixPkgs")):
            named = tuple(each for each in nix if each != "...")
            if named:
                yield Finding("run", "packages", named, file, table.line("nixPkgs"))
        if name != "install":
            for command in _texts(found.get("cmds")):
                if command != "...":
                    yield from values.build_step(command, file, table.line("cmds"))
    yield from values.worker(
        "web", _command(_object(data.get("start")).get("cmd")), file, table.line("cmd")
    )
    yield from _variables(table, data.get("variables"))


def railpack(table: Table) -> Iterator[Finding]:
    """Yield what railpack.json says."""
    data, file = table.data, table.file
    for name, asked in _object(data.get("packages")).items():
        yield from values.version(name, str(asked), file, table.line(name))
    deploy = _object(data.get("deploy"))
    yield from values.worker(
        "web", _command(deploy.get("startCommand")), file, table.line("startCommand")
    )
    yield from values.packages(_texts(deploy.get("aptPackages")), file, table.line("aptPackages"))
    yield from values.packages(
        _texts(data.get("buildAptPackages")), file, table.line("buildAptPackages")
    )
    yield from _variables(table, deploy.get("variables"))
    for name, step in _object(data.get("steps")).items():
        for command in _list(_object(step).get("commands")):
            text = command if isinstance(command, str) else _object(command).get("cmd")
            if name != "install" and isinstance(text, str) and text != "...":
                yield from values.build_step(text, file, table.line(name))


def compose(table: Table) -> Iterator[Finding]:
    """Yield what services that are built here say; of others, that there are such."""
    for name, service in _object(table.data.get("services")).items():
        found = _object(service)
        if "build" not in found:
            what = f"service {name} ({found.get('image')}): give its address in a variable"
            yield unsaid(what, table.file, table.line(name))
            continue
        environment = found.get("environment")
        if isinstance(environment, list):
            pairs = [str(each).partition("=") for each in environment]
            environment = {key: value for key, equals, value in pairs if equals}
        yield from _variables(table, environment)
        worker = "web" if found.get("ports") else name
        yield from values.worker(
            worker, _command(found.get("command")), table.file, table.line("command")
        )


def _joined(value: Any) -> str:
    return " && ".join(_texts(value)) if isinstance(value, list) else _command(value)


READERS: Final[dict[str, Callable[[Table], Iterator[Finding]]]] = {
    "railway.json": railway,
    "railway.toml": railway,
    "fly.toml": fly,
    "render.yaml": render_yaml,
    "app.json": app_json,
    "nixpacks.toml": nixpacks,
    "nixpacks.json": nixpacks,
    "railpack.json": railpack,
    "compose.yaml": compose,
    "compose.yml": compose,
    "docker-compose.yml": compose,
    "docker-compose.yaml": compose,
}
"""By the name of the file, those first that say how it is deployed."""
