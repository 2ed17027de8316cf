"""What several platforms say in the same way: variables, commands, system packages, versions."""

from __future__ import annotations

import posixpath
import re
import shlex
from typing import TYPE_CHECKING, Final

from hop3_nix.config.schema import LANGUAGES
from hop3_nix.platforms.findings import Finding, unsaid
from hop3_nix.postbuild.credentials import secret_in_text, secret_in_value

if TYPE_CHECKING:
    from collections.abc import Iterator

_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OF_THE_STARTER: Final = frozenset({"PORT", "HOST", "BIND_ADDRESS", "PATH", "HOME", "PWD"})
_OF_THE_IMAGE: Final = re.compile(
    r"PYTHON(?:UNBUFFERED|DONTWRITEBYTECODE|HASHSEED|FAULTHANDLER)|PIP_.*|POETRY_.*|UV_.*|"
    r"DEBIAN_FRONTEND|LANG|LC_ALL|NPM_CONFIG_.*|npm_config_.*|BUNDLE_.*|GEM_HOME|GOPATH|GOFLAGS|"
    r"NIXPACKS_.*|RAILPACK_.*|VIRTUAL_ENV|NVM_.*|COREPACK_.*"
)
"""Variables that tell the tools of an image how to build it."""

_THERE: Final = frozenset(
    {
        *("apt-transport-https", "apt-utils", "bash", "build-essential", "ca-certificates"),
        *("coreutils", "dumb-init", "gnupg", "locales", "make", "gcc", "g++", "procps", "tini"),
        *(
            "pkg-config",
            "tzdata",
            "python3",
            "python3-pip",
            "python3-venv",
            "python3-dev",
            "nodejs",
        ),
        *("npm", "software-properties-common", "lsb-release", "nginx", "supervisor", "sudo"),
    }
)
"""Debian's packages that an artifact or a build has in any case, or has no use for."""

_INSTALLS: Final = re.compile(
    r"(?:python3? -m )?pip3? install\b|npm (?:ci|install|i)\b(?!.* -g)|"
    r"yarn(?: install)?(?: --\S+)*$|"
    r"pnpm (?:i|install)\b|bun (?:i|install)\b|bundle install\b|poetry install\b|uv sync\b|"
    r"pipenv (?:install|sync)\b|composer install\b|go mod download\b|cargo fetch\b|corepack\b"
)
"""Commands that install what the lockfile pins, which is done without being said."""

_NAMES: Final = {"nodejs": "node", "golang": "go", "eclipse-temurin": "java", "openjdk": "java"}
_VERSION: Final = re.compile(r"v?(\d+(?:\.\d+){0,2})")


_LISTENS: Final = r":|(?:^|\s)-(?:p|b|l)[ =]?|--?(?:[\w.-]*port|bind|listen)[ =]|\bPORT="
"""What stands before a number that is listened on."""


def variable(name: str, value: str, file: str, line: int | None) -> Iterator[Finding]:
    """Yield what a variable becomes: a value of [env], one that is required, or words."""
    if name in _OF_THE_STARTER:
        yield unsaid(f"{name}={value}: the starter gives it", file, line)
    elif _OF_THE_IMAGE.fullmatch(name) or not _VARIABLE.fullmatch(name):
        return
    elif secret_in_value(value):
        yield Finding("env", "_required", (name,), file, line)
    elif "$" in value:
        yield unsaid(f"{name}={value}: [env] has no values that are made of others", file, line)
    else:
        yield Finding("env", name, value, file, line)


def required(name: str, file: str, line: int | None) -> Iterator[Finding]:
    """Yield that a variable needs a value at run time."""
    if _VARIABLE.fullmatch(name) and name not in _OF_THE_STARTER:
        yield Finding("env", "_required", (name,), file, line)


def worker(name: str, command: str, file: str, line: int | None) -> Iterator[Finding]:
    """Yield the worker ``name``; a secret on its line is for its author to move."""
    if secret_in_text(command):
        yield unsaid(
            f"the command of {name} has a secret in it: take it from a variable", file, line
        )
    elif command.strip():
        yield Finding("run.workers", name, command.strip(), file, line)


def build_step(command: str, file: str, line: int | None) -> Iterator[Finding]:
    """Yield the parts of ``command`` that build, without those that install what is locked."""
    kept = [part.strip() for part in command.split("&&")]
    kept = [part for part in kept if part and not _INSTALLS.match(part)]
    if kept:
        yield Finding("build", "build", (" && ".join(kept),), file, line)


def packages(names: tuple[str, ...], file: str, line: int | None) -> Iterator[Finding]:
    """Yield Debian's packages: what is compiled against for the build, all else for the workers."""
    plain = [
        name.partition("=")[0] for name in names if re.fullmatch(r"[a-z0-9][a-z0-9+.=:~_-]*", name)
    ]
    for section in ("build", "run"):
        wanted = tuple(
            name
            for name in plain
            if name not in _THERE and (section == "build") is name.endswith("-dev")
        )
        if wanted:
            yield Finding(section, "packages", wanted, file, line)


def version(language: str, written: str, file: str, line: int | None) -> Iterator[Finding]:
    """Yield the version of ``language`` that ``written`` begins with, if it is one that we have."""
    name = _NAMES.get(language, language)
    if name in LANGUAGES and (found := _VERSION.match(written)):
        said = ".".join(found[1].split(".")[:2])
        yield Finding("build", f"{name}-version", said, file, line)


def in_tree(command: str, directory: str, port: str = "") -> str:
    """Return ``command`` as it is run in the tree, which an image had in ``directory``.

    Where ``port``, which the image exposes, is listened on, it is $PORT.
    """
    if directory and directory != "/":
        command = re.sub(rf"(?<![\w./-]){re.escape(directory.rstrip('/'))}/", "./", command)
    if port:
        command = re.sub(rf"({_LISTENS}){port}(?![\w.])", r"\1$PORT", command)
    return command


def words(argv: list[str]) -> str:
    """Return a list of arguments as a line; no shell has expanded anything in it."""
    return shlex.join(argv)


def directory_of(path: str, below: str) -> str:
    """Return the directory that ``path`` is in an image that is in ``below``."""
    return posixpath.normpath(posixpath.join(below or "/", path))
