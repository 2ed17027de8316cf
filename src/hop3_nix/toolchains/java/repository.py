"""The repository that files are fetched from, as Maven's own files name it; none is known here."""

from __future__ import annotations

import os
import re
import shutil
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hop3_nix.errors import UnavailableError
from hop3_nix.plan import Offer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hop3_nix.plan import AnyOffer, Target
    from hop3_nix.toolchains.base import Tools

OF_DEBIAN: Final = "libmaven3-core-java"
"""Debian's package with the file of Maven that names its repository."""

_MODEL: Final = "org/apache/maven/model/pom-4.0.0.xml"
_OF_ALL: Final = ("*", "central", "external:*")
_SCHEMES: Final = ("http://", "https://")


def find_repository(offer: AnyOffer, target: Target, tools: Tools) -> str:
    """Return the address of what Maven calls central, without a slash at its end.

    A mirror of it in settings.xml goes before what Maven has by itself. Raises UnavailableError
    for a settings.xml that cannot be read, and where there is no Maven.
    """
    return _find(lambda: _maven(offer, target, tools))


def find_repository_here() -> str:
    """Return the same as this machine has it. Raises UnavailableError."""
    return _find(_maven_here)


def _find(maven: Callable[[], Path]) -> str:
    for file in _settings():
        if address := _mirror(file):
            return address.rstrip("/")
    root = maven()
    for archive in sorted(root.rglob("maven*model-builder*.jar")):
        with zipfile.ZipFile(archive) as opened:
            if _MODEL in opened.namelist():
                text = opened.read(_MODEL).decode()
                found = re.search(r"<id>central</id>.*?<url>\s*(https?://[^<\s]+)", text, re.DOTALL)
                if found:
                    return found[1].rstrip("/")
    raise UnavailableError(
        f"the Maven in {root} does not tell which repository it takes files from",
        tip="Name one in ~/.m2/settings.xml: a <mirror> with <mirrorOf>central</mirrorOf>",
    )


def _settings() -> Iterator[Path]:
    yield Path.home() / ".m2/settings.xml"
    if home := os.environ.get("MAVEN_HOME"):
        yield Path(home) / "conf/settings.xml"
    yield Path("/etc/maven/settings.xml")


def _mirror(file: Path) -> str:
    """Return the address of the first mirror of central in ``file``, empty if there is none."""
    try:
        text = file.read_text(encoding="utf-8")
        if "<!DOCTYPE" in text:
            return ""
        root = ET.fromstring(text)  # noqa: S314 - the user's own, without entities
    except OSError:
        return ""
    except (ET.ParseError, UnicodeDecodeError) as error:
        raise UnavailableError(
            f"it cannot be read: {error}", file=str(file), tip="Correct it, or take it away."
        ) from error
    for element in root.iter():
        if not element.tag.endswith("mirror"):
            continue
        texts = {child.tag.rpartition("}")[2]: (child.text or "").strip() for child in element}
        of = [each.strip() for each in texts.get("mirrorOf", "").split(",")]
        address = re.sub(
            r"\$\{env\.(\w+)\}", lambda found: os.environ.get(found[1], ""), texts.get("url", "")
        )
        is_of_central = "!central" not in of and any(each in _OF_ALL for each in of)
        if is_of_central and address.startswith(_SCHEMES):
            return address
    return ""


def _maven(offer: AnyOffer, target: Target, tools: Tools) -> Path:
    """Return a directory that Maven's own files are below."""
    if not isinstance(offer, Offer):
        return _maven_here()
    name = OF_DEBIAN if OF_DEBIAN in (target.packages or ()) else "maven"
    # The file names the package; its program is not asked for, as Debian's has none.
    return tools.program(offer.model_copy(update={"attribute": name}), "mvn").parent.parent


def _maven_here() -> Path:
    program = shutil.which("mvn")
    if program is None:
        raise UnavailableError(
            "this machine has no Maven, which would tell which repository files are fetched from",
            tip="Install it (Debian: apt install maven), or name one in ~/.m2/settings.xml: a "
            "<mirror> with <mirrorOf>central</mirrorOf>",
        )
    return Path(os.path.realpath(program)).parent.parent / "lib"
