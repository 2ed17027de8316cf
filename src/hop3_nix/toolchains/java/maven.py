"""Which Maven builds an application: the one of its wrapper, which itself is never run."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hop3_nix.toolchains.java.properties import in_properties, in_sdkmanrc, read_property
from hop3_nix.toolchains.mise import in_mise
from hop3_nix.toolchains.versions import in_tool_versions

if TYPE_CHECKING:
    from hop3_nix.plan import AnyOffer
    from hop3_nix.toolchains.app import App

WRAPPER: Final = ".mvn/wrapper/maven-wrapper.properties"
USUAL: Final = "3.9"
"""The line of Maven whose newest version is locked where nothing asks for one."""

HOME: Final = "org/apache/maven/apache-maven"
_DISTRIBUTION: Final = re.compile(
    rf".*/{HOME}/(?P<version>3\.[\w.-]+)/apache-maven-(?P=version)-bin\.(?P<kind>zip|tar\.gz)"
)
_VERSION: Final = re.compile(r"3(\.\d+){1,2}")
_PINS: Final = (
    in_properties("system.properties", "maven.version"),
    in_mise("maven"),
    in_tool_versions("maven"),
    in_sdkmanrc("maven"),
)


@dataclass(frozen=True)
class Asked:
    """The Maven that is asked for; ``version`` may have two parts, of which the newest is meant."""

    version: str = USUAL
    kind: str = ""
    sha256: str = ""
    """What the wrapper says that the file has."""
    reason: str = "nothing asks for a version"
    file: str = ""
    line: int | None = None


def find_asked(app: App) -> Asked:
    """Return which Maven is asked for.

    Raises UnsupportedError for one that is no Maven 3, or from elsewhere than Maven's repository.
    """
    wrapper = read_property(app.source, WRAPPER, "distributionUrl")
    if wrapper:
        found = _DISTRIBUTION.fullmatch(wrapper.text)
        if found is None:
            raise wrapper.error(
                f"the wrapper takes Maven from {wrapper.text}, which is no Maven 3 of Maven's own "
                "repository",
                tip=f"Let it end in {HOME}/VERSION/apache-maven-VERSION-bin.zip, as the wrapper "
                "itself writes it: mvn wrapper:wrapper",
            )
        digest = read_property(app.source, WRAPPER, "distributionSha256Sum")
        return Asked(
            version=found["version"],
            kind=found["kind"],
            sha256=digest.text.lower() if digest else "",
            reason="the wrapper names it",
            file=WRAPPER,
            line=wrapper.line,
        )
    written = next((said for pin in _PINS if (said := pin(app))), None)
    if written is None:
        return Asked()
    if not _VERSION.fullmatch(written.text):
        raise written.error(
            f"Maven {written.text} is asked for, which is none that is built with here",
            tip="Write a version of Maven 3, such as 3.9 or 3.9.9.",
        )
    return Asked(
        version=written.text,
        reason=f"{written.text} is asked for",
        file=written.file,
        line=written.line,
    )


def has_tail(maven: str) -> bool:
    """Return whether the Maven at this path reads a second repository, as it does from 3.9 on."""
    found = re.search(r"/(\d+)\.(\d+)[^/]*/[^/]*$", maven)
    return found is not None and (int(found[1]), int(found[2])) >= (3, 9)


def home_of(program: str) -> str:
    """Return the directory of the JDK whose ``java`` this is."""
    return program.removesuffix("/bin/java")


def release_of_offer(offer: AnyOffer) -> str:
    """Return the release of a JDK, such as 21."""
    return offer.version.partition(".")[0]
