"""Which module makes what answers HTTP, and how that is started."""

from __future__ import annotations

import posixpath
import re
import shlex
from typing import TYPE_CHECKING, Final, NamedTuple

from hop3_nix.errors import ConfigError, SourceError
from hop3_nix.locks.java.pom import POM, read_poms
from hop3_nix.toolchains.java.building import build_steps, calls_maven, use_maven
from hop3_nix.toolchains.java.tomcat import is_boot
from hop3_nix.toolchains.language import Guess

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hop3_nix.locks.java.pom import Plugin, Pom
    from hop3_nix.toolchains.app import App
    from hop3_nix.toolchains.language import Layers, Place, Steps

SERVE_WAR: Final = "serve-war"

_PLAIN: Final = re.compile(r"[\w./*+-]+")


class Program(NamedTuple):
    """What a module makes that can be started: its file, relative to the module, and how."""

    pom: Pom
    file: str
    options: str = ""
    """What tells its framework where to listen."""
    reason: str = "its manifest names a main class"

    @property
    def path(self) -> str:
        """Return where it is in the application's tree."""
        return posixpath.join(self.pom.directory, "target", self.file)

    @property
    def command(self) -> str:
        """Return the line that starts it."""
        path = self.path
        path = path if _PLAIN.fullmatch(path) else shlex.quote(path)
        if self.file.endswith(".war") and not self.options:
            return f"{SERVE_WAR} {path.removesuffix('.war')}"
        options = f"{self.options} " if self.options else ""
        return f"java {options}$JAVA_OPTS -jar {path}"


_QUARKUS: Final = "-Dquarkus.http.host=0.0.0.0 -Dquarkus.http.port=$PORT"
_SPRING: Final = "-Dserver.port=$PORT"
_MICRONAUT: Final = "-Dmicronaut.server.port=$PORT"


def find_programs(app: App) -> tuple[Program, ...]:
    """Return what the modules make that can be started."""
    poms = app.read(read_poms)
    return tuple(found for pom in poms if (found := _program(pom)))


def _program(pom: Pom) -> Program | None:
    if pom.packaging == "pom":
        return None
    return _of_framework(pom) or _plain(pom)


def _of_framework(pom: Pom) -> Program | None:
    if _is_quarkus(pom):
        kind = pom.property("quarkus.package.jar.type") or pom.property("quarkus.package.type")
        file = f"{pom.jar}-runner.jar" if kind == "uber-jar" else "quarkus-app/quarkus-run.jar"
        return Program(pom, file, _QUARKUS, "Quarkus")
    if is_boot(pom) and _starts_boot(pom):
        name = _classified(pom, pom.plugin("spring-boot-maven-plugin"))
        return Program(pom, f"{name}.{pom.packaging}", _SPRING, "Spring Boot")
    if pom.plugin("micronaut-maven-plugin") or pom.parent == "micronaut-parent":
        return Program(pom, f"{pom.jar}.jar", _MICRONAUT, "Micronaut")
    if pom.plugin("vertx-maven-plugin"):
        return Program(pom, f"{pom.jar}.jar", reason="Vert.x")
    if pom.parent.startswith("helidon-"):
        # Its parent names the jar without the version.
        name = pom.jar if pom.final_name else pom.text(pom.artifact)
        return Program(pom, f"{name}.jar", _SPRING, "Helidon")
    return None


def _is_quarkus(pom: Pom) -> bool:
    plugin = pom.plugin("quarkus-maven-plugin")
    return plugin is not None and (pom.packaging == "quarkus" or "build" in plugin.goals)


def _starts_boot(pom: Pom) -> bool:
    """Return whether a module that Spring Boot's plugin is asked for is more than a library."""
    plugin = pom.plugin("spring-boot-maven-plugin")
    own = any(each is plugin for each in pom.plugins)
    skipped = plugin is not None and plugin.texts.get("skip") == "true"
    return not skipped and (own or pom.packaging == "war")


def _plain(pom: Pom) -> Program | None:
    if pom.packaging == "war":
        return Program(pom, f"{pom.jar}.war", reason="a WAR")
    shade = pom.plugin("maven-shade-plugin")
    if shade and "mainClass" in shade.texts:
        name = pom.text(shade.texts.get("finalName", "")) or pom.jar
        if shade.texts.get("shadedArtifactAttached") == "true":
            name += f"-{shade.texts.get('shadedClassifierName', 'shaded')}"
        return Program(pom, f"{name}.jar", reason="maven-shade-plugin names its main class")
    assembly = pom.plugin("maven-assembly-plugin")
    if assembly and "mainClass" in assembly.texts:
        name = pom.text(assembly.texts.get("finalName", "")) or pom.jar
        if assembly.texts.get("appendAssemblyId") != "false":
            name += "-jar-with-dependencies"
        return Program(pom, f"{name}.jar", reason="maven-assembly-plugin names its main class")
    jar = pom.plugin("maven-jar-plugin")
    if jar and ("mainClass" in jar.texts or "Main-Class" in jar.texts):
        return Program(pom, f"{_classified(pom, jar)}.jar")
    return None


def _classified(pom: Pom, plugin: Plugin | None) -> str:
    texts = plugin.texts if plugin else {}
    name = pom.text(texts.get("finalName", "")) or pom.jar
    classifier = pom.text(texts.get("classifier", ""))
    return f"{name}-{classifier}" if classifier else name


def guesses(app: App, _layers: Layers) -> Iterator[Guess]:
    """Yield what is taken for what answers HTTP. Raises SourceError if several modules may."""
    programs = find_programs(app)
    if len(programs) > 1:
        names = ", ".join(each.pom.directory or "the top" for each in programs)
        lines = "\n".join(f"web: {each.command}" for each in programs)
        raise SourceError(
            f"several modules make what can be started: {names}",
            file=POM,
            tip=f"Write into a Procfile the one that answers HTTP:\n{lines}",
        )
    for each in programs:
        yield Guess(each.reason, each.pom.file, command=each.command)


def steps(app: App, layers: Layers) -> Steps:
    """Return the build step, and one that sees that what is started by a guess was made.

    A parent from a repository may give it another name.
    """
    found = build_steps(app, layers)
    programs = () if app.config.workers else find_programs(app)
    if len(programs) != 1 or "*" in programs[0].path:
        return found
    path = programs[0].path
    tip = "the build made no such file: write into a Procfile what starts it"
    return found._replace(
        last=(f"test -e {shlex.quote(path)} || {{ echo {_quoted(path, tip)}; }}",)
    )


def _quoted(path: str, tip: str) -> str:
    return f"{shlex.quote(f'{path}: {tip}')} >&2; exit 1"


def rewrite(_app: App, line: str, place: Place) -> str:
    """Return a worker's line. Raises ConfigError if it runs Maven, which is not there then."""
    if calls_maven(line):
        raise ConfigError(
            f"{use_maven(line)!r} runs Maven, which builds and is gone when the application runs",
            file=place[0],
            line=place[1],
            tip="Start what it has made, such as: java $JAVA_OPTS -jar target/*.jar",
        )
    return line
