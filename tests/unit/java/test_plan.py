"""What a Java application's plan says: its JDK, its Maven, and how it is started."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hop3_nix.errors import ConfigError, LockError, SourceError, UnsupportedError
from hop3_nix.plan import UnlocatedFile
from java_apps import GSON, MAIN, MAVEN, SHA256, TOMCAT, lock, pom

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hop3_nix.plan import BuildPlan

    Plan = Callable[..., BuildPlan]

SHADED = pom("", f"maven-shade-plugin {MAIN}")
QUARKUS = "java -Dquarkus.http.host=0.0.0.0 -Dquarkus.http.port=$PORT"
PROPERTIES = ".mvn/wrapper/maven-wrapper.properties"


def test_the_files_of_the_lock_are_what_is_fetched(plan: Plan) -> None:
    found = plan({"pom.xml": SHADED})
    assert {file.filename for file in found.dependencies} == {GSON, MAVEN}
    assert found.options.deps == {"maven": MAVEN}
    gson = next(file for file in found.dependencies if file.filename == GSON)
    assert gson == UnlocatedFile(
        name="com.google.code.gson:gson", version="2.11.0", filename=GSON, sha256=(SHA256,)
    )
    assert found.build_steps[0] == "mvn -DskipTests package"
    assert found.build_steps[1].startswith("test -e target/shop-1.0.jar || { echo 'target/shop")
    assert (found.app.name, found.app.version) == ("shop", "1.0")


@pytest.mark.parametrize(
    ("files", "jdk"),
    [
        ({}, "21"),
        ({"system.properties": "java.runtime.version=17\n"}, "17"),
        ({".java-version": "temurin-25.0.1\n"}, "25"),
        ({".sdkmanrc": "java=17.0.9-tem\n"}, "17"),
        ({".tool-versions": "java temurin-25.0.1+8\n"}, "25"),
        ({"mise.toml": '[tools]\njava = "17"\n'}, "17"),
        ({"hop3.toml": '[build]\njava-version = "25"\n'}, "25"),
    ],
)
def test_a_jdk_is_chosen_by_its_release(plan: Plan, files: Mapping[str, str], jdk: str) -> None:
    assert plan({"pom.xml": SHADED, **files}, jdk=jdk).interpreter == f"jdk{jdk}_headless"


@pytest.mark.parametrize(
    ("properties", "jdk"),
    [
        ({"maven.compiler.release": "17"}, "17"),
        ({"java.version": "1.8"}, "17"),
        ({"of": "22", "maven.compiler.target": "${of}"}, "25"),
        ({"kotlin.compiler.jvmTarget": "21"}, "21"),
        ({"java.version": "${unknown}"}, "21"),
    ],
)
def test_the_jdk_is_the_lowest_that_compiles_it(
    plan: Plan, properties: Mapping[str, str], jdk: str
) -> None:
    text = pom("", f"maven-shade-plugin {MAIN}", properties=properties)
    assert plan({"pom.xml": text}, jdk=jdk).interpreter == f"jdk{jdk}_headless"


def test_a_jdk_that_cannot_compile_it_is_refused_with_both_places(plan: Plan) -> None:
    text = pom("", f"maven-shade-plugin {MAIN}", properties={"maven.compiler.release": "21"})
    with pytest.raises(UnsupportedError, match=r"Java 17 is asked for.*pom\.xml:5") as caught:
        plan({"pom.xml": text, "system.properties": "java.runtime.version=17"})
    assert caught.value.file == "system.properties"


def test_a_release_that_the_set_has_not_is_refused_with_those_that_it_has(plan: Plan) -> None:
    with pytest.raises(UnsupportedError, match=r"the set has 25\.0\.1, 21\.0\.13, 17\.0\.15"):
        plan({"pom.xml": SHADED, ".java-version": "11"})


@pytest.mark.parametrize(
    ("text", "command"),
    [
        (
            pom("", "spring-boot-maven-plugin"),
            "java -Dserver.port=$PORT $JAVA_OPTS -jar target/shop-1.0.jar",
        ),
        (
            pom("<packaging>war</packaging>", "spring-boot-maven-plugin"),
            "java -Dserver.port=$PORT $JAVA_OPTS -jar target/shop-1.0.war",
        ),
        (
            pom("", "quarkus-maven-plugin <executions><goal>build</goal></executions>"),
            f"{QUARKUS} $JAVA_OPTS -jar target/quarkus-app/quarkus-run.jar",
        ),
        (
            pom("<packaging>quarkus</packaging>", "quarkus-maven-plugin"),
            f"{QUARKUS} $JAVA_OPTS -jar target/quarkus-app/quarkus-run.jar",
        ),
        (
            pom("", "micronaut-maven-plugin"),
            "java -Dmicronaut.server.port=$PORT $JAVA_OPTS -jar target/shop-1.0.jar",
        ),
        (
            pom("<parent><artifactId>helidon-se</artifactId></parent>"),
            "java -Dserver.port=$PORT $JAVA_OPTS -jar target/shop.jar",
        ),
        (pom("", "vertx-maven-plugin"), "java $JAVA_OPTS -jar target/shop-1.0.jar"),
        (SHADED, "java $JAVA_OPTS -jar target/shop-1.0.jar"),
        (
            pom("", f"maven-assembly-plugin {MAIN}"),
            "java $JAVA_OPTS -jar target/shop-1.0-jar-with-dependencies.jar",
        ),
        (pom("", f"maven-jar-plugin {MAIN}"), "java $JAVA_OPTS -jar target/shop-1.0.jar"),
        (
            pom("", f"maven-jar-plugin {MAIN}", version="${revision}"),
            "java $JAVA_OPTS -jar target/shop-*.jar",
        ),
    ],
)
def test_what_a_framework_makes_is_started_as_it_listens(
    plan: Plan, text: str, command: str
) -> None:
    assert plan({"pom.xml": text}).runtime.workers == {"web": command}


def test_the_name_of_a_jar_knows_properties_of_a_parent(plan: Plan) -> None:
    modules = "<packaging>pom</packaging><modules><module>api</module></modules>"
    top = pom(modules, properties={"revision": "2.3"}, version="${revision}")
    parent = "<parent><artifactId>shop</artifactId><version>${revision}</version></parent>"
    api = pom(parent, f"maven-shade-plugin {MAIN}", version="", artifact="api")
    found = plan({"pom.xml": top, "api/pom.xml": api})
    assert found.runtime.workers == {"web": "java $JAVA_OPTS -jar api/target/api-2.3.jar"}
    assert found.options.app == {"modules": [".", "api"]}


def test_several_modules_that_start_are_for_the_user_to_choose_from(plan: Plan) -> None:
    modules = "<packaging>pom</packaging><modules><module>a</module><module>b</module></modules>"
    files = {"pom.xml": pom(modules)}
    files |= {
        f"{name}/pom.xml": pom("", f"maven-shade-plugin {MAIN}", artifact=name) for name in "ab"
    }
    with pytest.raises(SourceError, match="several modules make what can be started: a, b") as got:
        plan(files)
    assert "web: java $JAVA_OPTS -jar b/target/b-1.0.jar" in got.value.tip
    plan({**files, "Procfile": "web: java -jar a/target/a-1.0.jar\n"})


def test_nothing_that_starts_is_an_error_with_what_was_looked_for(plan: Plan) -> None:
    with pytest.raises(SourceError, match="no module makes a jar with a main class"):
        plan({"pom.xml": pom()})


@pytest.mark.parametrize(
    ("api", "line"),
    [
        ("<artifactId>javax.servlet-api</artifactId><version>4.0.1</version>", "9.0"),
        ("<artifactId>jakarta.servlet-api</artifactId><version>6.0.0</version>", "10.1"),
        ("<artifactId>jakarta.servlet-api</artifactId><version>6.1.0</version>", "11.0"),
        ("<artifactId>jakarta.jakartaee-api</artifactId><version>11.0.0</version>", "11.0"),
        ("<artifactId>gson</artifactId>", "10.1"),
    ],
)
def test_a_war_runs_in_the_tomcat_of_its_servlet_api(
    write: Callable[[Mapping[str, str]], object], api: str, line: str
) -> None:
    from hop3_nix.toolchains.java.tomcat import line_of_war  # noqa: PLC0415

    inside = (
        f"<packaging>war</packaging><dependencies><dependency>{api}</dependency></dependencies>"
    )
    assert line_of_war(write({"pom.xml": pom(inside)})) == line  # type: ignore[arg-type]


def test_a_war_is_served_unpacked(plan: Plan) -> None:
    files = {"pom.xml": pom("<packaging>war</packaging>")}
    found = plan({"hop3-nix.lock": lock(files, tomcat=TOMCAT), **files})
    assert found.runtime.workers == {"web": "serve-war target/shop-1.0"}
    assert found.options.deps == {"maven": MAVEN, "tomcat": TOMCAT}


def test_the_wrapper_is_heard_and_never_run(plan: Plan) -> None:
    command = "mvn -Pprod package"
    files = {
        "pom.xml": SHADED,
        "mvnw": "#!/bin/sh\n",
        PROPERTIES: "distributionUrl=https\\://maven.example/org/apache/maven/apache-maven/3.9.9/"
        "apache-maven-3.9.9-bin.zip\n",
        "hop3.toml": '[build]\nbuild = "./mvnw -Pprod package && touch done"\n',
    }
    locked = lock(files, commands=(f"{command} && touch done",))
    found = plan({**files, "hop3-nix.lock": locked})
    assert found.build_steps[0] == f"{command} && touch done"
    assert any("the wrapper names it" in each.reason for each in found.evidence)


@pytest.mark.parametrize(
    "url", ["https://example.org/maven.zip", "https://x/apache-maven/4.0.0/apache-maven-bin.zip"]
)
def test_a_wrapper_of_something_else_is_refused_with_its_line(plan: Plan, url: str) -> None:
    with pytest.raises(UnsupportedError, match="no Maven 3") as caught:
        plan({"pom.xml": SHADED, PROPERTIES: f"# generated\ndistributionUrl={url}\n"})
    assert (caught.value.file, caught.value.line) == (PROPERTIES, 2)


def test_another_maven_is_refused_with_its_line(plan: Plan) -> None:
    with pytest.raises(UnsupportedError, match="Maven 4 is asked for") as caught:
        plan({"pom.xml": SHADED, ".sdkmanrc": "maven=4\n"})
    assert (caught.value.file, caught.value.line) == (".sdkmanrc", 1)


def test_a_worker_that_runs_maven_is_refused_with_its_line(plan: Plan) -> None:
    with pytest.raises(ConfigError, match="runs Maven, which builds") as caught:
        plan({"pom.xml": SHADED, "Procfile": "web: ./mvnw spring-boot:run\n"})
    assert (caught.value.file, caught.value.line) == ("Procfile", 1)


@pytest.mark.parametrize("file", ["build.gradle", "build.gradle.kts", "settings.gradle"])
def test_gradle_is_refused_with_what_to_do(plan: Plan, file: str) -> None:
    with pytest.raises(UnsupportedError, match="there is no Gradle") as caught:
        plan({file: "", "package.json": "{}"})
    assert "Write a pom.xml" in caught.value.tip
    assert caught.value.file == file
    found = plan({"hop3.toml": '[build]\ntoolchain = "java"\n', "Procfile": "web: java -jar a.jar"})
    assert found.build_steps == ()


def test_without_a_pom_there_is_no_maven(plan: Plan) -> None:
    text = '[build]\ntoolchain = "java"\nbuild = "javac -d classes Web.java"\n'
    found = plan({"hop3.toml": text, "Web.java": "", "Procfile": "web: java -cp classes Web\n"})
    assert found.build_steps == ("javac -d classes Web.java",)
    assert not found.dependencies


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"hop3-nix.lock": None}, "Maven locks nothing, and there is no hop3-nix.lock"),
        ({"pom.xml": SHADED + " "}, r"pom\.xml changed since hop3-nix\.lock was written"),
        ({".mvn/maven.config": "-Pprod"}, "is not one of those that hop3-nix.lock was written"),
        ({".java-version": "25"}, "written with JDK 21, and the build has JDK 25"),
        ({"hop3.toml": '[build]\nbuild = "mvn verify"\n'}, "and the build is mvn verify"),
    ],
)
def test_a_lock_that_is_not_of_this_build_is_refused(
    plan: Plan, tmp_path: object, changes: Mapping[str, str | None], what: str
) -> None:
    files = {"pom.xml": SHADED}
    made = {"hop3-nix.lock": lock(files), **files, **changes}
    if made["hop3-nix.lock"] is None:
        with pytest.raises(LockError, match=what):
            _plan_without_lock(tmp_path, files)
        return
    with pytest.raises(LockError, match=what) as caught:
        plan(made)
    assert "hop3-nix lock" in caught.value.tip


def _plan_without_lock(root: object, files: Mapping[str, str]) -> None:
    from pathlib import Path  # noqa: PLC0415

    from hop3_nix.config import load_config  # noqa: PLC0415
    from hop3_nix.source import Source  # noqa: PLC0415
    from hop3_nix.toolchains.composition import Composition  # noqa: PLC0415
    from java_apps import TARGET  # noqa: PLC0415

    app = Path(str(root)) / "bare"
    app.mkdir()
    for name, text in files.items():
        (app / name).write_text(text)
    source = Source.open(app)
    Composition.of(source, load_config(source)).plan(TARGET)


@pytest.mark.parametrize(
    ("text", "what", "line"),
    [
        ("<project>\n<modules>\n", "this is no XML", 3),
        ('<?xml version="1.0"?>\n<!DOCTYPE a [<!ENTITY b "c">]>\n<project/>', "document type", 2),
        ("<project>\n<modules><module>\nx</module></modules>\n</project>", "x is not there", None),
    ],
)
def test_a_damaged_pom_is_refused_with_its_line(
    plan: Plan, text: str, what: str, line: int | None
) -> None:
    with pytest.raises(LockError, match=what) as caught:
        plan({"pom.xml": text})
    assert caught.value.file == "pom.xml"
    assert caught.value.line == line
