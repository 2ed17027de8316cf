"""What else builds applications for the JVM, and why that is not done here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hop3_nix.errors import UnsupportedError
from hop3_nix.locks.java.pom import POM

if TYPE_CHECKING:
    from hop3_nix.toolchains.app import App

GRADLE: Final = ("build.gradle.kts", "build.gradle", "settings.gradle.kts", "settings.gradle")


def refuse_gradle(app: App) -> None:
    """Raise UnsupportedError for an application that Gradle builds, and Maven does not."""
    if app.source.has(POM) or "java" in app.config.toolchains:
        return
    for file in GRADLE:
        if app.source.has(file):
            raise UnsupportedError(
                "Gradle builds this, and there is no Gradle to build it with: it is in no package "
                "registry, Debian's is of 2018, and the wrapper fetches one that nothing pins",
                file=file,
                tip="Write a pom.xml for it; both may stand beside each other. Or commit the jar "
                "that Gradle makes, and start that:\n"
                '  hop3.toml: [build] toolchain = "java"\n'
                "  Procfile:  web: java $JAVA_OPTS -jar app.jar",
            )
