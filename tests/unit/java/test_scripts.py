"""The programs of builds: the key store, the repository of links, and what is left of target/."""

from __future__ import annotations

import base64
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from hop3_nix.files.resources import NIX

JAVA = NIX / "lib/languages/java"
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")


def run(script: str, *arguments: str | Path) -> None:
    subprocess.run([sys.executable, str(JAVA / script), *map(str, arguments)], check=True)


@pytest.mark.skipif(not shutil.which("keytool"), reason="keytool of a JDK is not installed")
@pytest.mark.skipif(not CERTIFICATES.exists(), reason="ca-certificates is not installed")
def test_java_reads_the_key_store_that_is_the_same_each_time(tmp_path: Path) -> None:
    for name in ("one", "two"):
        run("make_cacerts.py", CERTIFICATES, tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    listed = subprocess.run(
        ["keytool", "-list", "-keystore", str(tmp_path / "one"), "-storepass", "changeit"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    pem = CERTIFICATES.read_text().split("-----BEGIN CERTIFICATE-----")[1:]
    different = {base64.b64decode(each.split("-----END")[0]) for each in pem}
    assert listed.count("trustedCertEntry") == len(different)


def test_a_repository_is_of_links_where_maven_looks(tmp_path: Path) -> None:
    (tmp_path / "links").write_text("a/b/1/b-1.jar /store/x\na/b/1/b-1.pom /store/y")
    run("link_repository.py", tmp_path / "links", tmp_path / "out")
    assert str((tmp_path / "out/a/b/1/b-1.jar").readlink()) == "/store/x"
    assert str((tmp_path / "out/a/b/1/b-1.pom").readlink()) == "/store/y"


def test_before_a_build_nothing_is_left_and_behind_it_what_runs(tmp_path: Path) -> None:
    kept = "target/a.jar"
    for file in (kept, "target/a.jar.original", "target/maven-status/x", "target/test-classes/y"):
        (tmp_path / "m" / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "m" / file).write_text("")
    (tmp_path / "other/target").mkdir(parents=True)
    run("clean_modules.py", "--made", tmp_path, "m")
    assert [path.name for path in (tmp_path / "m/target").iterdir()] == ["a.jar"]
    run("clean_modules.py", tmp_path, "m")
    assert not (tmp_path / "m/target").exists()
    assert (tmp_path / "other/target").exists()


def test_serve_war_says_how_it_is_called(tmp_path: Path) -> None:
    done = subprocess.run(
        ["bash", str(JAVA / "server/serve-war.sh"), str(tmp_path / "none")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (64, "")
    assert done.stderr == "usage: serve-war DIRECTORY, such as target/app\n"
