"""Which Tomcat runs a WAR: the one of the servlet API that it is written for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hop3_nix.locks.java.pom import read_poms

if TYPE_CHECKING:
    from hop3_nix.locks.java.pom import Pom
    from hop3_nix.toolchains.app import App

TOMCAT: Final = "org/apache/tomcat/tomcat"

_JAVAX: Final = "9.0"
_USUAL: Final = "10.1"
_APIS: Final = ("jakarta.servlet-api", "jakarta.jakartaee-web-api", "jakarta.jakartaee-api")
_OLD_APIS: Final = ("javax.servlet-api", "servlet-api", "javaee-web-api", "javaee-api")
_NEWEST: Final = {"jakarta.servlet-api": (6, 1)}
_NEWEST_PLATFORM: Final = (11, 0)


def war_of(app: App) -> Pom | None:
    """Return the module that makes a WAR which runs by itself no more than any other, or None."""
    wars = [pom for pom in app.read(read_poms) if pom.packaging == "war" and not is_boot(pom)]
    return wars[0] if wars else None


def is_boot(pom: Pom) -> bool:
    """Return whether what a module makes runs by itself, as Spring Boot packs it."""
    return pom.plugin("spring-boot-maven-plugin") is not None


def line_of_war(app: App) -> str:
    """Return the line of Tomcat that runs the application's WAR, empty if it has none."""
    pom = war_of(app)
    if pom is None:
        return ""
    if pom.depends_on(*_OLD_APIS):
        return _JAVAX
    found = pom.depends_on(*_APIS)
    if found is None:
        return _USUAL
    numbers = tuple(int(part) for part in pom.text(found.version).split(".") if part.isdigit())
    return "11.0" if numbers >= _NEWEST.get(found.name, _NEWEST_PLATFORM) else _USUAL
