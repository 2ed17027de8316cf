"""Languages that cannot be built yet, so that no application of one is taken for something else.

They are looked for after the languages that have files of their own, and before those whose files
lie in applications of any language: Node's package.json, and pages.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection

    from hop3_nix.source import Source

PRECEDENCE: Final = 400
"""Languages with a higher one are asked behind these."""


class Other(NamedTuple):
    """A language by the name that it will have here, and the files at the top that tell it."""

    name: str
    title: str
    files: tuple[str, ...]


OTHERS: Final = (
    Other("elixir", "Elixir", ("mix.exs",)),
    Other("gleam", "Gleam", ("gleam.toml",)),
    Other("erlang", "Erlang", ("rebar.config",)),
    Other("scala", "Scala", ("build.sbt", "build.sc", "build.mill")),
    Other("clojure", "Clojure", ("project.clj", "deps.edn", "build.boot")),
    Other("dotnet", ".NET", ("*.csproj", "*.fsproj", "*.vbproj", "*.sln", "*.slnx")),
    Other("swift", "Swift", ("Package.swift",)),
    Other("dart", "Dart", ("pubspec.yaml",)),
    Other("haskell", "Haskell", ("stack.yaml", "cabal.project", "*.cabal")),
    Other("ocaml", "OCaml", ("dune-project",)),
    Other("crystal", "Crystal", ("shard.yml",)),
    Other("nim", "Nim", ("*.nimble",)),
    Other("zig", "Zig", ("build.zig",)),
    Other("perl", "Perl", ("cpanfile", "Makefile.PL")),
    Other("julia", "Julia", ("Project.toml", "Manifest.toml")),
    Other("r", "R", ("renv.lock",)),
)
"""Each row leaves when its language arrives."""

SENT_AS_TEXT: Final = (
    *("*.php", "*.php[0-9]", "*.phtml", "*.phar"),
    *("*.asp", "*.aspx", "*.ascx", "*.jsp", "*.cgi"),
)
"""Files that are pages of a language: a server of files would show their source."""


def find_other(source: Source, known: Collection[str]) -> tuple[Other, str] | None:
    """Return the first language that is not ``known``, and the file that tells it; or None."""
    for other in OTHERS:
        if other.name in known:
            continue
        for pattern in other.files:
            if found := _first(source, pattern):
                return other, found
    return None


def shown_as_text(source: Source, directory: str) -> str:
    """Return the first page of a language below ``directory``, empty if there is none."""
    front = "" if directory == "." else f"{directory}/"
    return next(
        (
            file
            for file in source.files
            if file.startswith(front)
            and any(fnmatchcase(file.lower(), pattern) for pattern in SENT_AS_TEXT)
        ),
        "",
    )


def _first(source: Source, pattern: str) -> str:
    if not any(character in pattern for character in "*?["):
        return pattern if source.has(pattern) else ""
    depth = pattern.count("/")
    names = (file for file in source.files if file.count("/") == depth)
    return next((file for file in names if fnmatchcase(file, pattern)), "")
