"""Which directory is shown, and how lines of a Procfile that do it elsewhere are run here."""

from __future__ import annotations

import posixpath
import re
import shlex
from typing import TYPE_CHECKING, Final

from hop3_nix.errors import ConfigError, SourceError
from hop3_nix.locks.php.composer_lock import MANIFEST
from hop3_nix.toolchains.language import Guess
from hop3_nix.toolchains.php.manifest import read_manifest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hop3_nix.toolchains.app import App
    from hop3_nix.toolchains.language import Layers, Place

PROGRAM: Final = "serve-php"
HEROKU: Final = ("heroku-php-nginx", "heroku-php-apache2")
"""Names that Heroku's Procfiles have for the same; they are names of ours as well."""

ROOTS: Final = ("public", "web", "htdocs", "www", "webroot", "pub", ".")
"""Directories that are shown if they have an index.php, the first of them first."""

INDEX: Final = "index.php"

_CALL: Final = re.compile(
    rf"(?P<before>^\s*(?:exec\s+)?)(?P<path>(?:\./)?vendor/bin/)?"
    rf"(?P<program>{PROGRAM}|{'|'.join(HEROKU)})(?P<rest>\s.*)?$",
    re.DOTALL,
)
_FILES: Final = {"-C": "nginx's configuration", "-F": "php-fpm's configuration", "-i": "a php.ini"}


def guesses(app: App, _layers: Layers) -> Iterator[Guess]:
    """Yield the directory that is shown. Raises SourceError if composer.json names a wrong one."""
    if said := _named(app):
        key, directory = said
        if not app.source.has(_inside(directory, INDEX)):
            raise SourceError(
                f"{key} of {MANIFEST} is {directory}, where no {INDEX} is",
                file=MANIFEST,
                tip="Correct it, or write a Procfile with a line such as: web: serve-php public",
            )
        yield Guess(f"{key} names it", MANIFEST, command=_command(directory))
    for directory in ROOTS:
        index = _inside(directory, INDEX)
        if app.source.has(index):
            yield Guess("it has an index.php", index, command=_command(directory))


def rewrite(app: App, line: str, place: Place) -> str:
    """Return ``line`` with Heroku's programs as they are called here.

    Raises ConfigError for options of theirs that have no counterpart, and for a directory that is
    not there and nothing makes.
    """
    match = _CALL.match(line)
    if match is None:
        return line
    rest = match["rest"] or ""
    try:
        words = shlex.split(rest)
    except ValueError:
        words = []
    if not any(character in rest for character in "$`;&|<>()"):
        _check(app, match["program"], words, place)
    return f"{match['before']}{match['program']}{rest}"


def _check(app: App, program: str, words: list[str], place: Place) -> None:
    def error(message: str, tip: str) -> ConfigError:
        return ConfigError(message, file=place[0], line=place[1], tip=tip)

    ahead = list(words)
    directory = ""
    while ahead:
        word = ahead.pop(0)
        if word in _FILES:
            file = posixpath.normpath(ahead.pop(0)) if ahead else ""
            if word == "-C" and program == "heroku-php-apache2":
                raise error(
                    "-C of heroku-php-apache2 is Apache's configuration, and the server is nginx",
                    "Write what it says for nginx, and name that: heroku-php-nginx -C nginx.conf",
                )
            if not app.source.has(file):
                raise error(
                    f"{word} {file}: there is no such file", f"It has to be {_FILES[word]}."
                )
        elif word == "--":
            directory = ahead.pop(0) if ahead else ""
        elif word.startswith("-") and not (word == "--plain" and program == PROGRAM):
            raise error(
                f"{program} has no option {word} here",
                f"There are: {', '.join(_FILES)} and, of serve-php, --plain. Limits stand in "
                ".user.ini, and $PHP_UPLOAD_LIMIT is the largest upload.",
            )
        elif not word.startswith("-"):
            directory = word
    normal = posixpath.normpath(directory) if directory else ""
    config = app.config
    makes = config.before_build or config.build or config.after_build
    if normal and normal != "." and not makes and not _is_directory(app, normal):
        raise error(f"there is no directory {directory}", "Correct the name.")


def _is_directory(app: App, directory: str) -> bool:
    return any(name.startswith(f"{directory}/") for name in app.source.files)


def _named(app: App) -> tuple[str, str] | None:
    """Return what composer.json calls the directory that is shown, and by which key."""
    extra = app.read(read_manifest).extra
    scaffold = extra.get("drupal-scaffold")
    locations = scaffold.get("locations") if isinstance(scaffold, dict) else None
    for key, value in (
        ("extra.public-dir", extra.get("public-dir")),
        (
            "extra.drupal-scaffold.locations.web-root",
            locations.get("web-root") if isinstance(locations, dict) else None,
        ),
    ):
        if isinstance(value, str) and value.strip():
            return key, posixpath.normpath(value.strip())
    return None


def _command(directory: str) -> str:
    return shlex.join([PROGRAM, *(["--"] if directory.startswith("-") else []), directory])


def _inside(directory: str, name: str) -> str:
    return name if directory == "." else f"{directory}/{name}"
