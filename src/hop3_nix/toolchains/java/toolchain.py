"""Java and what else Maven builds, as a language. docs/java.md has every decision."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from hop3_nix.locks.java.maven_lock import pinned_files, read_resolved
from hop3_nix.locks.java.pom import POM, read_poms
from hop3_nix.plan import Evidence, LockedFile, PathRef, UnlocatedFile, Value
from hop3_nix.toolchains.java.arguments import AppArguments, DepsArguments
from hop3_nix.toolchains.java.building import decide_commands, rewrite_step
from hop3_nix.toolchains.java.locking import write_lock
from hop3_nix.toolchains.java.maven import find_asked, release_of_offer
from hop3_nix.toolchains.java.recipes import local_recipes
from hop3_nix.toolchains.java.refusing import GRADLE, refuse_gradle
from hop3_nix.toolchains.java.repository import find_repository
from hop3_nix.toolchains.java.starting import guesses, rewrite, steps
from hop3_nix.toolchains.java.versions import VERSIONS
from hop3_nix.toolchains.language import (
    About,
    Answer,
    Language,
    Layers,
    Marker,
    Probe,
    Start,
)

if TYPE_CHECKING:
    from hop3_nix.plan import AnyOffer, BuildPlan, Target
    from hop3_nix.toolchains.app import App
    from hop3_nix.toolchains.base import Tools

BIN: Final = PathRef(layer="deps", path="bin")
"""Has java and what else a run time has, and serve-war."""

_ENV: Final[dict[str, Value]] = {
    "FONTCONFIG_FILE": PathRef(layer="deps", path="etc/fonts.conf"),
    "JAVA_HOME": PathRef(layer="deps", path="jre"),
}

_ASK: Final = ("-Xlog:class+path=info:stdout", "--list-modules")
_IMAGE: Final = re.compile(r"=(/\S+)/lib/modules$", re.MULTILINE)
_VERSION: Final = re.compile(r"^java\.base@(\S+)$", re.MULTILINE)


def layers(app: App, offer: AnyOffer, _target: Target) -> Layers:
    """Return the files that a build takes from repositories. Raises LockError."""
    refuse_gradle(app)
    asked, poms = find_asked(app), app.read(read_poms)
    if not poms:
        return Layers(env=_ENV, path=(BIN,), interpreted=False)
    resolved = read_resolved(app.source, release_of_offer(offer), decide_commands(app))
    version = resolved.maven.split("/")[-2]
    files = pinned_files(resolved)
    return Layers(
        dependencies=files,
        deps=DepsArguments(maven=resolved.maven, tomcat=resolved.tomcat),
        app=AppArguments(modules=tuple(pom.directory or "." for pom in poms)),
        env=_ENV,
        path=(BIN,),
        interpreted=False,
        packages=frozenset(file.name for file in files),
        about=_about(app),
        evidence=(
            Evidence(
                choice=f"Maven {version}", reason=asked.reason, file=asked.file, line=asked.line
            ),
            Evidence(
                choice="dependencies",
                reason=f"hop3-nix.lock locks {len(files)} files of repositories",
                file="hop3-nix.lock",
            ),
        ),
    )


def declared(app: App) -> Layers:
    """Return what can be told while nothing is locked."""
    return Layers(env=_ENV, path=(BIN,), interpreted=False, about=_about(app))


def _about(app: App) -> About:
    poms = app.read(read_poms)
    if not poms:
        return About()
    top = poms[0]
    name = top.artifact if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._+-]*", top.artifact) else ""
    version = top.version if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._+-]*", top.version) else ""
    return About(name=name, version=version)


def locate_plan(plan: BuildPlan, offer: AnyOffer, target: Target, tools: Tools) -> BuildPlan:
    """Return ``plan`` with the address of each file. Raises UnavailableError."""
    if not any(isinstance(file, UnlocatedFile) for file in plan.dependencies):
        return plan
    repository = find_repository(offer, target, tools)
    located = tuple(
        LockedFile(
            name=file.name,
            version=file.version,
            filename=file.filename,
            url=f"{repository}/{file.filename}",
            sha256=file.sha256[0],
        )
        if isinstance(file, UnlocatedFile)
        else file
        for file in plan.dependencies
    )
    return plan.model_copy(update={"dependencies": located})


def parse(said: str) -> Answer | None:
    """Return what a Java on this machine is; a run time that cannot compile is none for us."""
    image, version = _IMAGE.search(said), _VERSION.search(said)
    if image is None or version is None or "jdk.compiler@" not in said:
        return None
    return Answer(version[1], "", f"{image[1]}/bin/java")


TOOLCHAIN: Final = Language(
    name="java",
    title="Java",
    frameworks=("Spring Boot", "Quarkus", "Micronaut", "Tomcat"),
    markers=(
        Marker(POM, "a project of Maven"),
        *(Marker(file, "a project of Gradle") for file in GRADLE),
    ),
    versions=VERSIONS,
    probe=Probe(re.compile(r"java"), _ASK, parse),
    layers=layers,
    declared=declared,
    steps=steps,
    start=Start(
        guesses=guesses,
        sought="and no module makes a jar with a main class (Spring Boot, Quarkus, Micronaut, "
        "maven-shade-plugin, maven-assembly-plugin, maven-jar-plugin) or a WAR",
        example="web: java $JAVA_OPTS -jar target/app.jar",
        rewrite=rewrite,
        step=rewrite_step,
    ),
    lock=write_lock,
    locate=locate_plan,
    recipe=local_recipes,
)
