"""What is locked for Java: Maven itself, what a build took, and what is refused."""

from __future__ import annotations

import functools
import hashlib
import http.server
import io
import tarfile
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from hop3_nix.errors import LockError, TemporaryError, ToolError, UnavailableError
from hop3_nix.locksandbox import Enclosed, Gave, Outcome
from hop3_nix.toolchains.java.locking import write_lock
from hop3_nix.toolchains.java.maven import HOME
from hop3_nix.toolchains.java.repository import find_repository
from hop3_nix.toolchains.java.tomcat import TOMCAT
from java_apps import GSON, MAIN, TARGET, pom

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from hop3_nix.locks.java.maven_lock import JavaLock
    from hop3_nix.plan import AnyOffer
    from hop3_nix.toolchains.app import App

    Write = Callable[[Mapping[str, str]], App]

JDK = next(offer for offer in TARGET.offers if offer.version.startswith("21"))
SHADED = {"pom.xml": pom("", f"maven-shade-plugin {MAIN}")}
METADATA = "com/example/ranged/maven-metadata.xml"


@dataclass
class Repository:
    """A repository on loopback that is a directory."""

    directory: Path
    address: str = ""

    def put(self, path: str, content: bytes, *, sha1: str = "") -> None:
        """Add a file, with its SHA-1 or another beside it."""
        file = self.directory / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        digest = sha1 or hashlib.sha1(content, usedforsecurity=False).hexdigest()
        file.with_name(f"{file.name}.sha1").write_text(digest)

    def has(self, home: str, name: str, *versions: str, suffix: str = "") -> None:
        """Add a program in these versions."""
        listed = "".join(f"<version>{version}</version>" for version in versions)
        self.put(f"{home}/maven-metadata.xml", listed.encode())
        for version in versions:
            packed = io.BytesIO()
            with tarfile.open(fileobj=packed, mode="w:gz") as archive:
                archive.addfile(tarfile.TarInfo(f"{name}-{version}/bin/mvn"), io.BytesIO())
            self.put(f"{home}/{version}/{name}-{version}{suffix}.tar.gz", packed.getvalue())


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Repository]:
    """Give one that settings.xml names as the mirror of all."""
    made = Repository(tmp_path / "repository")
    made.has(HOME, "apache-maven", "3.8.8", "3.9.10", "3.9.9", suffix="-bin")
    made.put(GSON, b"a jar")
    handler = functools.partial(_Quiet, directory=str(made.directory))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    made.address = f"http://127.0.0.1:{server.server_port}"
    settings = tmp_path / "home/.m2/settings.xml"
    settings.parent.mkdir(parents=True)
    settings.write_text(
        '<settings xmlns="http://maven.apache.org/SETTINGS/1.0.0"><mirrors><mirror>'
        f"<mirrorOf>external:*</mirrorOf><url>{made.address}/</url></mirror></mirrors></settings>"
    )
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    yield made
    server.shutdown()
    server.server_close()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        return


@dataclass
class Asking:
    """Programs of which Maven, in the sandbox, asks for these paths; it prints ``failure``."""

    directory: Path
    paths: tuple[str, ...] = (GSON,)
    failure: str = ""
    seen: list[Enclosed] = field(default_factory=list)

    def program(self, offer: AnyOffer, name: str) -> Path:
        assert offer == JDK
        return self.directory / "jdk/bin" / name

    def run(self, argv: Sequence[str], *, env: Mapping[str, str] | None = None) -> str:
        raise AssertionError(f"{argv} was run with {env}")

    def enclosed(self, program: Path, enclosed: Enclosed, packages: Sequence[str] = ()) -> Outcome:
        assert program == self.directory / "jdk/bin/java"
        assert not packages
        self.seen.append(enclosed)
        assert {name for name in enclosed.files if enclosed.files[name].exists()} == {
            *("app", "bin", "maven", "settings.xml")
        }
        gave = []
        for path in self.paths:
            for each in (path, f"{path}.sha1"):
                given = enclosed.answer(f"/{each}")
                assert given is not None
                gave.append(Gave(given.url, hashlib.sha256(given.content.read()).hexdigest()))
        if self.failure:
            raise ToolError("sh returned 1", output=self.failure)
        return Outcome("", tuple(gave), ())


def locked(app: App, tools: Asking) -> JavaLock:
    found = write_lock(app, JDK, TARGET, tools)
    assert found is not None
    return found


def test_the_newest_maven_and_what_was_taken_are_locked(
    write: Write, repository: Repository, tmp_path: Path
) -> None:
    tools = Asking(tmp_path)
    found = locked(write(SHADED), tools).java
    maven = f"{HOME}/3.9.10/apache-maven-3.9.10-bin.tar.gz"
    content = (repository.directory / maven).read_bytes()
    assert (found.jdk, found.maven, found.tomcat) == ("21", maven, "")
    assert found.files == {
        GSON: hashlib.sha256(b"a jar").hexdigest(),
        maven: hashlib.sha256(content).hexdigest(),
    }
    assert repository.address not in locked(write(SHADED), tools).to_json()


def test_all_poms_and_the_files_of_mvn_are_what_it_was_made_from(
    write: Write, repository: Repository, tmp_path: Path
) -> None:
    files = {**SHADED, "lib/pom.xml": pom(), ".mvn/maven.config": "-Pa", ".mvn/b.jar": ""}
    assert repository.address
    assert locked(write(files), Asking(tmp_path)).inputs.keys() == {
        *("pom.xml", "lib/pom.xml", ".mvn/maven.config")
    }


def test_what_maven_made_before_is_not_looked_at(
    write: Write, repository: Repository, tmp_path: Path
) -> None:
    class Looking(Asking):
        def enclosed(
            self, program: Path, enclosed: Enclosed, packages: Sequence[str] = ()
        ) -> Outcome:
            assert not (enclosed.files["app"] / "target").exists()
            return super().enclosed(program, enclosed, packages)

    assert repository.address
    locked(write({**SHADED, "target/classes/A.class": ""}), Looking(tmp_path))


def test_the_commands_of_the_build_are_run(
    write: Write, repository: Repository, tmp_path: Path
) -> None:
    text = '[build]\nbefore-build = "echo no"\nbuild = ["./mvnw -Pa package", "cp a b"]\n'
    tools = Asking(tmp_path)
    assert repository.address
    found = locked(write({**SHADED, "hop3.toml": text}), tools).java
    assert found.commands == ("mvn -Pa package",)
    assert "{ mvn -Pa package\n}" in tools.seen[0].argv[2]


def test_a_war_has_its_tomcat_locked(write: Write, repository: Repository, tmp_path: Path) -> None:
    repository.has(TOMCAT, "tomcat", "10.1.2", "11.0.4")
    found = locked(write({"pom.xml": pom("<packaging>war</packaging>")}), Asking(tmp_path)).java
    assert found.tomcat == f"{TOMCAT}/10.1.2/tomcat-10.1.2.tar.gz"
    assert found.tomcat in found.files


def test_a_version_that_is_looked_up_is_refused_with_the_artifact(
    write: Write, repository: Repository, tmp_path: Path
) -> None:
    repository.put(METADATA, b"<metadata/>")
    with pytest.raises(LockError, match=r"which versions there are of com\.example\.ranged") as got:
        locked(write(SHADED), Asking(tmp_path, (GSON, METADATA)))
    assert got.value.file == "pom.xml"


def test_a_build_that_fails_says_what_maven_said(
    write: Write, repository: Repository, tmp_path: Path
) -> None:
    said = (
        "[INFO] Building\n"
        "[ERROR] Could not find artifact a:b:jar:1 in central (http://127.0.0.1:34567/)\n"
        "[ERROR] /sandbox/app/src/A.java:[1,2] ';' expected\n[ERROR] -> [Help 1]\n"
    )
    assert repository.address
    with pytest.raises(LockError, match="Maven could not build it") as caught:
        locked(write(SHADED), Asking(tmp_path, failure=said))
    assert caught.value.message.splitlines()[1:] == [
        "  Could not find artifact a:b:jar:1 in central",
        "  src/A.java:[1,2] ';' expected",
    ]
    assert "mvn -Dmaven.repo.local" in caught.value.tip


def test_node_that_a_plugin_fetches_is_named(
    write: Write, repository: Repository, tmp_path: Path
) -> None:
    said = "[ERROR] Failed to execute goal com.github.eirslett:frontend-maven-plugin:1.15.0\n"
    assert repository.address
    with pytest.raises(LockError) as caught:
        locked(write(SHADED), Asking(tmp_path, failure=said))
    assert "fetches Node from elsewhere" in caught.value.tip


def test_a_maven_that_is_not_there_is_refused(
    write: Write, repository: Repository, tmp_path: Path
) -> None:
    assert repository.address
    with pytest.raises(LockError, match=r"the repository has no apache-maven 3\.9\.1"):
        locked(write({**SHADED, ".sdkmanrc": "maven=3.9.1\n"}), Asking(tmp_path))


def test_a_maven_that_is_not_the_wrappers_is_refused_with_its_line(
    write: Write, repository: Repository, tmp_path: Path
) -> None:
    wrapper = (
        f"distributionUrl={repository.address}/{HOME}/3.9.9/apache-maven-3.9.9-bin.tar.gz\n"
        f"distributionSha256Sum={'0' * 64}\n"
    )
    files = {**SHADED, ".mvn/wrapper/maven-wrapper.properties": wrapper}
    with pytest.raises(LockError, match="distributionSha256Sum is 0000") as caught:
        locked(write(files), Asking(tmp_path))
    assert caught.value.line == 1


def test_a_damaged_maven_is_refused(write: Write, repository: Repository, tmp_path: Path) -> None:
    path = f"{HOME}/3.9.9/apache-maven-3.9.9-bin.tar.gz"
    repository.put(path, b"other", sha1="0" * 40)
    with pytest.raises(LockError, match="and the repository says"):
        locked(write({**SHADED, ".sdkmanrc": "maven=3.9.9\n"}), Asking(tmp_path))


def test_a_repository_that_does_not_answer_is_a_temporary_failure(
    write: Write, repository: Repository, tmp_path: Path
) -> None:
    settings = tmp_path / "home/.m2/settings.xml"
    settings.write_text(settings.read_text().replace(repository.address, "http://127.0.0.1:9"))
    with pytest.raises(TemporaryError, match="the repository does not answer"):
        locked(write(SHADED), Asking(tmp_path))


def test_settings_that_cannot_be_read_are_named(repository: Repository, tmp_path: Path) -> None:
    settings = tmp_path / "home/.m2/settings.xml"
    settings.write_text("<settings>")
    assert repository.address
    with pytest.raises(UnavailableError) as caught:
        find_repository(JDK, TARGET, Asking(tmp_path))
    assert caught.value.file == str(settings)


def test_without_a_mirror_mavens_own_files_tell_the_repository(
    repository: Repository, tmp_path: Path
) -> None:
    import zipfile  # noqa: PLC0415

    (tmp_path / "home/.m2/settings.xml").unlink()
    (tmp_path / "jdk/share").mkdir(parents=True)
    model = "<id>central</id><name>a</name>\n<url>https://index.example/all</url>"
    with zipfile.ZipFile(tmp_path / "jdk/share/maven-model-builder-3.jar", "w") as archive:
        archive.writestr("org/apache/maven/model/pom-4.0.0.xml", model)

    class OfTheSet(Asking):
        def program(self, offer: AnyOffer, name: str) -> Path:
            assert (offer.named, name) == ("maven", "mvn")
            return self.directory / "jdk/bin/mvn"

    assert repository.address
    assert find_repository(JDK, TARGET, OfTheSet(tmp_path)) == "https://index.example/all"
