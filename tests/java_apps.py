"""What the tests of Java share: poms, locks, and a set with three JDKs."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from hop3_nix.plan import Offer, Target

if TYPE_CHECKING:
    from collections.abc import Mapping

MAVEN = "org/apache/maven/apache-maven/3.9.9/apache-maven-3.9.9-bin.tar.gz"
TOMCAT = "org/apache/tomcat/tomcat/10.1.1/tomcat-10.1.1.tar.gz"
GSON = "com/google/code/gson/gson/2.11.0/gson-2.11.0.jar"
SHA256 = "0" * 64
PACKAGE = "mvn -DskipTests package"

TARGET = Target(
    system="x86_64-linux",
    package_set="the set",
    offers=tuple(
        Offer(language="java", version=version, attribute=f"jdk{release}_headless", libc="2.41")
        for release, version in (("25", "25.0.1"), ("21", "21.0.13"), ("17", "17.0.15"))
    ),
)

MAIN = "<configuration><mainClass>a.Main</mainClass></configuration>"


def pom(
    inside: str = "",
    *plugins: str,
    properties: Mapping[str, str] | None = None,
    version: str = "1.0",
    artifact: str = "shop",
) -> str:
    """Return a pom.xml; a plugin is its name, or its name and what stands behind it."""
    names = [each.partition(" ") for each in plugins]
    said = "".join(f"<{name}>{text}</{name}>\n" for name, text in (properties or {}).items())
    return (
        '<project xmlns="http://maven.apache.org/POM/4.0.0">\n'
        f"<artifactId>{artifact}</artifactId>\n"
        + (f"<version>{version}</version>\n" if version else "")
        + f"<properties>\n{said}</properties>\n{inside}\n<build><plugins>\n"
        + "".join(
            f"<plugin><artifactId>{name}</artifactId>{rest}</plugin>\n" for name, _, rest in names
        )
        + "</plugins></build>\n</project>\n"
    )


def lock(
    files: Mapping[str, str],
    *,
    jdk: str = "21",
    commands: tuple[str, ...] = (PACKAGE,),
    **more: str,
) -> str:
    """Return the hop3-nix.lock of an application of ``files``."""
    read = {
        name: hashlib.sha256(text.encode()).hexdigest()
        for name, text in files.items()
        if name.endswith("pom.xml") or name.startswith(".mvn/")
    }
    return json.dumps(
        {
            "format": 1,
            "inputs": read,
            "java": {
                "jdk": jdk,
                "maven": MAVEN,
                "commands": commands,
                "files": dict.fromkeys([MAVEN, GSON, *more.values()], SHA256),
                **more,
            },
        }
    )
