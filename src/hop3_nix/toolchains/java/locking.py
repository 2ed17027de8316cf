"""What `hop3-nix lock` does for Java: builds once, and writes down what Maven took.

Only a build knows it: plugins resolve what no pom names. Maven itself, and Tomcat for a WAR, are
fetched by plain requests.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import tarfile
import tempfile
import zipfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hop3_nix.errors import LockError, ToolError
from hop3_nix.locks.base import Place
from hop3_nix.locks.java.maven_lock import JavaLock, Resolved
from hop3_nix.locks.java.pom import POM, pom_files, read_poms
from hop3_nix.locks.own import input_digests
from hop3_nix.locksandbox import Enclosed, mirror
from hop3_nix.toolchains.java.building import decide_commands
from hop3_nix.toolchains.java.fetching import Central
from hop3_nix.toolchains.java.maven import HOME, find_asked, home_of, release_of_offer
from hop3_nix.toolchains.java.repository import find_repository
from hop3_nix.toolchains.java.tomcat import TOMCAT, line_of_war
from hop3_nix.toolchains.java.wrapper import mvn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hop3_nix.locksandbox import Outcome
    from hop3_nix.plan import AnyOffer, Target
    from hop3_nix.toolchains.app import App
    from hop3_nix.toolchains.base import Tools

_SETTINGS: Final = """<settings><mirrors><mirror><id>central</id><mirrorOf>*</mirrorOf>
<url>${env.HOP3_REPOSITORY}</url></mirror></mirrors></settings>
"""
_CHECKSUM: Final = re.compile(r"\.(?:sha1|sha256|sha512|md5|asc)$")
_SHOWN: Final = 12
_OURS: Final = re.compile(r" \(http://127\.0\.0\.1:\d+/?\)")
_ERROR: Final = re.compile(
    r"^\[(?:ERROR|FATAL)\](?: \[ERROR\])?\s*"
    r"((?!\s|\[Help|-> \[Help|To see the full|Re-run Maven|For more information).+)$",
    re.MULTILINE,
)


def write_lock(app: App, offer: AnyOffer, target: Target, tools: Tools) -> JavaLock | None:
    """Return the digests of all that a build takes from repositories; None if Maven builds nothing.

    Raises LockError if the build fails, or takes what is not the same each time; TemporaryError if
    the repository does not answer; NoSandboxError.
    """
    if not app.read(read_poms):
        return None
    asked = find_asked(app)
    jdk = Path(os.path.realpath(tools.program(offer, "java")))
    central = Central(find_repository(offer, target, tools))
    maven = central.distribution(HOME, "apache-maven", "-bin", asked.version, asked.kind)
    if asked.sha256 and asked.sha256 != maven.sha256:
        raise Place(asked.file, asked.line).error(
            f"the wrapper's Maven has the SHA-256 {maven.sha256}, and distributionSha256Sum is "
            f"{asked.sha256}",
            tip="One of them was changed. Have the wrapper written again: mvn wrapper:wrapper",
        )
    files = {maven.path: maven.sha256}
    tomcat = ""
    if line := line_of_war(app):
        server = central.distribution(TOMCAT, "tomcat", "", line, "tar.gz")
        tomcat = server.path
        files[server.path] = server.sha256
    commands = decide_commands(app)
    with _laid_out(app, maven.content, home_of(str(jdk))) as place:
        enclosed = _enclosed(place, jdk, central, commands)
        try:
            outcome = tools.enclosed(jdk, enclosed)
        except ToolError as error:
            raise _failed(app, error, central) from error
    files |= _taken(outcome, central.address)
    return JavaLock(
        inputs=input_digests(app.source, pom_files(app.source)),
        java=Resolved(
            jdk=release_of_offer(offer),
            maven=maven.path,
            tomcat=tomcat,
            commands=commands,
            files=dict(sorted(files.items())),
        ),
    )


def _enclosed(place: Path, jdk: Path, central: Central, commands: tuple[str, ...]) -> Enclosed:
    script = " && ".join(f"{{ {command}\n}}" for command in commands)
    return Enclosed(
        # What fails is told on standard output.
        argv=("/bin/sh", "-c", f"exec 2>&1; PATH=/sandbox/bin:$PATH; {script}"),
        answer=mirror(central.address, central.open),
        files={name: place / name for name in ("app", "bin", "maven", "settings.xml")},
        env={
            "HOME": "/sandbox",
            "HOP3_REPOSITORY": "{proxy}",
            "LANG": "C.UTF-8",
            "PATH": "/usr/bin:/bin",
        },
        readable=_configuration(Path(home_of(str(jdk)))),
        directory="app",
    )


@contextmanager
def _laid_out(app: App, maven: bytes, jdk: str) -> Iterator[Path]:
    """Give a directory with what the sandbox has beside the JDK."""
    with tempfile.TemporaryDirectory(prefix="hop3-nix-") as directory:
        place = Path(directory)
        app.source.copy_to(place / "app")
        for pom in app.read(read_poms):
            shutil.rmtree(place / "app" / pom.directory / "target", ignore_errors=True)
        unpack(maven, place / "unpacked")
        next((place / "unpacked").iterdir()).rename(place / "maven")
        (place / "bin").mkdir()
        options = ("-s", "/sandbox/settings.xml", "-C", "-Dmaven.repo.local=/sandbox/m2")
        script = place / "bin/mvn"
        script.write_text(mvn("/bin/sh", jdk, "/sandbox/maven", *options), encoding="utf-8")
        script.chmod(0o755)
        (place / "settings.xml").write_text(_SETTINGS, encoding="utf-8")
        yield place


def unpack(content: bytes, directory: Path) -> None:
    """Unpack an archive of Maven; programs stay programs."""
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            archive.extractall(directory)  # noqa: S202 - zipfile leads no name out of it
            for entry in archive.infolist():
                if mode := entry.external_attr >> 16 & 0o111:
                    file = directory / entry.filename
                    file.chmod(file.stat().st_mode | mode)
        return
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        archive.extractall(directory, filter="data")


def _configuration(home: Path) -> tuple[Path, ...]:
    """Return where a JDK of Debian's has its configuration, below /etc."""
    real = Path(os.path.realpath(home / "conf/security/java.security"))
    return (Path(*real.parts[:3]),) if real.is_relative_to("/etc") else ()


def _taken(outcome: Outcome, address: str) -> dict[str, str]:
    files = {
        gave.url.removeprefix(f"{address}/"): gave.sha256
        for gave in outcome.gave
        if not _CHECKSUM.search(gave.url)
    }
    for path in files:
        if path.endswith("/maven-metadata.xml"):
            name = path.removesuffix("/maven-metadata.xml").replace("/", ".")
            raise Place(POM).error(
                f"the build asks which versions there are of {name}, so that tomorrow it may be "
                "another one",
                tip="Name one version, in place of a range, LATEST, RELEASE, a -SNAPSHOT of others "
                "or none; that of a dependency of others in <dependencyManagement>. mvn "
                "dependency:tree says who needs it, and a plugin on the command line is named as "
                "GROUP:ARTIFACT:VERSION:GOAL.",
            )
    return files


def _failed(app: App, error: ToolError, central: Central) -> LockError:
    told = _OURS.sub("", error.output).replace("/sandbox/app/", "")
    lines = list(dict.fromkeys(_ERROR.findall(told)))
    shown = lines[:_SHOWN] or told.splitlines()[-_SHOWN:]
    tips = []
    if central.missing and any("Could not find artifact" in line for line in lines):
        tips.append(
            "Only Maven's own repository is asked, or its mirror in settings.xml; a mirror that "
            "has the others as well can be named there."
        )
    if "frontend-maven-plugin" in error.output:
        tips.append(
            "frontend-maven-plugin fetches Node from elsewhere. Leave it out of this build "
            "(-Dskip.npm, or a profile), and have the front end built beside it: docs/java.md"
        )
    tips.append(
        "See that it builds elsewhere, from an empty repository: "
        "mvn -Dmaven.repo.local=$(mktemp -d) -DskipTests package"
    )
    return Place(app.read(read_poms)[0].file).error(
        "Maven could not build it, so that what it takes is not known:\n  " + "\n  ".join(shown),
        tip="\n".join(tips),
    )
