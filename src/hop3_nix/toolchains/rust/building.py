"""What is built, and with what: the calls of cargo in the build steps, and cargo's variables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from hop3_nix.errors import ConfigError, SourceError, UnsupportedError
from hop3_nix.locks.rust.cargo_config import read_config
from hop3_nix.locks.rust.manifest import MANIFEST
from hop3_nix.locks.rust.workspace import read_workspace
from hop3_nix.plan import Evidence
from hop3_nix.toolchains.language import Steps
from hop3_nix.toolchains.rust.libraries import told_of_libraries
from hop3_nix.toolchains.simple_commands import is_plain, simple_commands

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hop3_nix.toolchains.app import App
    from hop3_nix.toolchains.language import Layers

USUAL: Final = "cargo build --release --locked"

_BUILDS: Final = frozenset({"b", "build"})

_HEARD: Final = re.compile(
    r"RUSTFLAGS|CARGO_(?:BUILD|ENCODED|PROFILE|TARGET)_\w+|\w+_SYS_\w+|\w+_(?:STATIC|NO_VENDOR)"
    r"|(?:OPENSSL|PKG_CONFIG|SQLITE3|LIBSQLITE3|ZSTD|PQ|MYSQLCLIENT|BINDGEN|CMAKE)_\w+"
    r"|(?:HOST_|TARGET_)?(?:CC|CXX|AR|CFLAGS|CXXFLAGS|LDFLAGS)|PROTOC(?:_\w+)?|SQLX_OFFLINE"
)
"""What [env] may say of how crates are compiled: those that are compiled before hear it as well."""

_OURS: Final = (
    *("CARGO_BUILD_TARGET_DIR", "CARGO_HOME", "CARGO_NET_OFFLINE", "CARGO_TARGET_DIR"),
    *("RUSTC", "RUSTC_WORKSPACE_WRAPPER", "RUSTC_WRAPPER", "RUSTUP_TOOLCHAIN"),
)


class Call(NamedTuple):
    """A call of ``cargo build`` by its arguments."""

    arguments: tuple[str, ...]

    def value_of(self, *options: str) -> str:
        """Return the value of the first of ``options`` that is there, or nothing."""
        for number, word in enumerate(self.arguments):
            name, equals, value = word.partition("=")
            if name in options:
                return value if equals else "".join(self.arguments[number + 1 : number + 2])
        return ""

    @property
    def directory(self) -> str:
        """Return where its programs are, from the top."""
        profile = self.value_of("--profile")
        if {"--release", "-r"} & {*self.arguments}:
            profile = "release"
        folder = "debug" if profile in {"", "dev", "test"} else profile
        return "/".join(filter(None, ("target", self.value_of("--target"), folder)))


def calls(app: App) -> tuple[Call, ...]:
    """Return the calls of ``cargo build`` in the application's build steps."""
    config = app.config
    lines = (*config.before_build, *(config.build or (USUAL,)), *config.after_build)
    return tuple(dict.fromkeys(call for line in lines for call in _calls(line)))


def _calls(line: str) -> Iterator[Call]:
    for command in simple_commands(line):
        words = command.words
        if command.program != "cargo" or command.directory != "" or words[1:2] == ():
            continue
        if words[1] in _BUILDS and not command.env and all(map(is_plain, words)):
            yield Call(words[2:])


def decide_environment(app: App) -> dict[str, str]:
    """Return what cargo is told. Raises ConfigError for a variable that a build sets itself."""
    config = app.config
    for name in _OURS:
        if name in config.env:
            file, line = config.where(f"env.{name}")
            raise ConfigError(
                f"{name} is what a build sets by itself", file=file, line=line, tip="Take it out."
            )
    heard = {name: value for name, value in config.env.items() if _HEARD.fullmatch(name)}
    return {**told_of_libraries(app), **heard}


def build_steps(app: App, _layers: Layers) -> Steps:
    """Return the command that makes the programs.

    Raises SourceError if there is none, and UnsupportedError if they would be for another system.
    """
    settings = app.read(read_config)
    if settings.target and "linux-gnu" not in settings.target:
        raise UnsupportedError(
            f"what is built would be for {settings.target}, and it is to run on this system",
            file=settings.file,
            line=settings.target_line,
            tip="Take the line out, or say it to cargo where it is wanted: cargo build --target "
            f"{settings.target}",
        )
    if app.config.build:
        return Steps()
    workspace = app.read(read_workspace)
    if not workspace.programs:
        raise SourceError(
            "no package here has a program: there is no src/main.rs, no src/bin/NAME.rs and no "
            "[[bin]] in what cargo builds",
            file=MANIFEST,
            tip='Say what makes one: [build] build = "cargo build --release --locked -p PACKAGE"',
        )
    names = ", ".join(name for name, _ in workspace.programs)
    evidence = Evidence(choice=f"build step: {USUAL}", reason=f"programs: {names}", file=MANIFEST)
    return Steps(build=(USUAL,), evidence=(evidence,))
