# ruff: noqa: INP001 - a program of the local builder, run by its path
"""Fetch what is locked, and lay out Maven, its repository and the run time.

usage: lay_out_build.py BUILD.JSON DEPS. Standard library only.
"""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import shutil
import stat
import sys
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

_AT_ONCE: Final = 8
_PATIENCE: Final = 60.0
_FONTS: Final = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig><include ignore_missing="yes">/etc/fonts/fonts.conf</include></fontconfig>
"""


def main() -> None:
    """Do all of it, or exit with what is wrong."""
    spec: dict[str, Any] = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    deps, here = Path(sys.argv[2]), Path.cwd()
    (deps / "bin").mkdir(parents=True)
    _program(deps / "bin/java", f'exec {shlex.quote(spec["java"])} -XX:MaxRAMPercentage=75 "$@"')
    (deps / "jre").symlink_to(spec["jdk"])
    (deps / "etc").mkdir()
    (deps / "etc/fonts.conf").write_text(_FONTS, encoding="utf-8")
    repository = here / "repository"
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for _ in pool.map(lambda each: _lay(repository, *each), spec["files"]):
            pass
    if spec["maven"]:
        _unpack(repository / spec["maven"], here / "maven")
        options = f"-Dmaven.repo.local={here}/m2"
        if spec["tail"]:
            options += f" --offline -Dmaven.repo.local.tail={repository}"
        else:
            options += f" -s {_settings(here, repository)}"
        text = (here / "mvn.sh").read_text(encoding="utf-8")
        for name, value in (
            ("jdk", shlex.quote(spec["jdk"])),
            ("maven", shlex.quote(str(here / "maven"))),
            ("options", options),
        ):
            text = text.replace(f"@{name}@", value)
        _program(deps / "bin/mvn", text)
    if spec["tomcat"]:
        _unpack(repository / spec["tomcat"], deps / "tomcat")
        shutil.copy(here / "server.xml", deps / "tomcat/conf/server.xml")
        shutil.copy(here / "context.xml", deps / "tomcat/conf/context.xml")
        text = (here / "serve-war.sh").read_text(encoding="utf-8")
        for name, place in (("java", deps / "bin/java"), ("tomcat", deps / "tomcat")):
            text = text.replace(f"@{name}@", str(place))
        _program(deps / "bin" / spec["server"], text, "/usr/bin/env bash")


def _lay(repository: Path, path: str, url: str, sha256: str) -> None:
    """Lay the file at ``url``, or as Maven of this machine has it, which is given what is new."""
    kept = Path.home() / ".m2/repository" / path
    file = repository / path
    file.parent.mkdir(parents=True, exist_ok=True)
    with suppress(OSError):
        content = kept.read_bytes()
        if hashlib.sha256(content).hexdigest() == sha256:
            file.write_bytes(content)
            return
    content = _fetch(url, sha256)
    file.write_bytes(content)
    with suppress(OSError):
        kept.parent.mkdir(parents=True, exist_ok=True)
        part = kept.with_name(f"{kept.name}.{os.getpid()}")
        part.write_bytes(content)
        part.replace(kept)


def _fetch(url: str, sha256: str) -> bytes:
    if not url.startswith(("https://", "http://")):
        sys.exit(f"{url} is no address of a web server")
    with urllib.request.urlopen(url, timeout=_PATIENCE) as answer:  # noqa: S310 - see above
        content: bytes = answer.read()
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        sys.exit(f"hash mismatch: {url} has the SHA-256 {found}, and hop3-nix.lock has {sha256}")
    return content


def _unpack(archive: Path, directory: Path) -> None:
    """Unpack ``archive``, whose files are all in one directory, which becomes ``directory``."""
    work = directory.with_name(f"{directory.name}-unpacked")
    shutil.unpack_archive(archive, work)
    next(work.iterdir()).rename(directory)
    work.rmdir()
    for program in directory.glob("bin/mvn*"):
        program.chmod(program.stat().st_mode | stat.S_IXUSR)


def _settings(here: Path, repository: Path) -> Path:
    file = here / "settings.xml"
    file.write_text(
        "<settings><mirrors><mirror><id>locked</id><mirrorOf>*</mirrorOf>"
        f"<url>file://{repository}</url></mirror></mirrors></settings>\n",
        encoding="utf-8",
    )
    return file


def _program(file: Path, text: str, shell: str = "/bin/sh") -> None:
    file.write_text(f"#!{shell}\n{text}\n", encoding="utf-8")
    file.chmod(0o755)


if __name__ == "__main__":
    main()
