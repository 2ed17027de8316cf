"""Shell command lines that call a package manager, written out as what it would run."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from hop3_nix.errors import ConfigError

if TYPE_CHECKING:
    from hop3_nix.toolchains.node.manifest import Manifest

_WORD: Final = r"""(?:[^\s'"\\;&|()<>`]|\\.|'[^']*'|"(?:\\.|[^"\\])*")+"""
_COMMAND: Final = re.compile(
    rf"""
    (?P<before>(?:^|&&|\|\||[;|&(\n])\s*)                 # where a command begins
    (?P<prefix>(?:(?:[A-Za-z_]\w*=(?:{_WORD})?|exec)\s+)*)  # variables of it, exec
    (?P<program>npm|pnpm|yarn|npx|pnpx)(?=\s|$|[;&|)])
    (?P<arguments>(?:[ \t]+{_WORD})*)
    """,
    re.VERBOSE | re.DOTALL,
)
_QUOTED: Final = re.compile(r"""'[^']*'|"(?:\\.|[^"\\])*"|\\.""", re.DOTALL)

_LIFECYCLE: Final = ("start", "test", "stop", "restart")
"""Scripts that npm runs without ``run``."""

_QUIET: Final = ("-s", "--silent", "--if-present", "-q", "--quiet")
"""Options that change nothing of what is run."""

_DEEPEST: Final = 20


class Call(NamedTuple):
    """What a package manager is asked to run: a script, or (``script`` empty) a program."""

    script: str
    arguments: tuple[str, ...]


@dataclass(frozen=True)
class Place:
    """Where a command line stands, for errors."""

    file: str
    line: int | None


def write_out(line: str, manifest: Manifest, place: Place, depth: int = 0) -> str:
    """Return ``line`` with each script of package.json that it runs in the script's place.

    What is not understood stays as it is. Raises ConfigError if there is no such script, or if
    scripts run each other for ever.
    """
    if depth > _DEEPEST:
        raise ConfigError(
            f"the scripts run each other for ever: {line}",
            file=place.file,
            line=place.line,
            tip="Write the command itself.",
        )

    def replace(match: re.Match[str]) -> str:
        if _within_quotes(line, match.start("program")):
            return match[0]
        words = tuple(re.findall(_WORD, match["arguments"], re.DOTALL))
        call = _parse(match["program"], words, manifest)
        if call is None:
            return match[0]
        if not call.script:
            return f"{match['before']}{match['prefix']}{' '.join(call.arguments)}"
        text, prefix = _script(call, manifest, place, depth), match["prefix"]
        if _is_list(text):
            # A variable in front of it would hold for its first command alone.
            text, prefix = f"{_exported(prefix)}{text}", ""
            text = f"({text})" if _is_list(line) else text
        return f"{match['before']}{prefix}{text}"

    return _COMMAND.sub(replace, line).strip()


def _script(call: Call, manifest: Manifest, place: Place, depth: int) -> str:
    scripts = manifest.scripts
    if call.script not in scripts:
        there = ", ".join(scripts) or "none"
        raise ConfigError(
            f"there is no script {call.script!r} in {manifest.file}",
            file=place.file,
            line=place.line,
            tip=f"Scripts that there are: {there}.",
        )
    main = " ".join((scripts[call.script].strip(), *call.arguments))
    around = [scripts.get(f"pre{call.script}", ""), main, scripts.get(f"post{call.script}", "")]
    said = Place(manifest.file, manifest.line("scripts", call.script))
    parts = [write_out(each, manifest, said, depth + 1) for each in around if each]
    # Each has a shell of its own, so that it may change the directory.
    return parts[0] if len(parts) == 1 else " && ".join(map(_grouped, parts))


def _grouped(text: str) -> str:
    return f"({text})" if _is_list(text) else text


def _parse(program: str, words: tuple[str, ...], manifest: Manifest) -> Call | None:
    """Return what ``program`` runs when given ``words``; None if that cannot be told."""
    words = _without_options(words)
    if not words or program in {"npx", "pnpx"}:
        return _program(words)
    command, rest = words[0], words[1:]
    if command in {"run", "run-script"}:
        rest = _without_options(rest)
        return Call(rest[0], _passed(rest[1:], program)) if rest else None
    if command in {"exec", "x"}:
        return _program(rest)
    if command == "start" and "start" not in manifest.scripts:
        return Call("", ("node", "server.js", *_passed(rest, program)))
    if command in _LIFECYCLE or (program != "npm" and command in manifest.scripts):
        return Call(command, _passed(rest, program))
    return Call("", words) if (program, command) == ("yarn", "node") else None


def _program(words: tuple[str, ...]) -> Call | None:
    words = _without_options(words)
    words = words[1:] if words[:1] == ("--",) else words
    # A version in the name is one that npx would fetch.
    if not words or words[0].startswith("-") or "@" in words[0]:
        return None
    return Call("", words)


def _without_options(words: tuple[str, ...]) -> tuple[str, ...]:
    while words and words[0] in (*_QUIET, "--no-install", "--yes", "-y", "--no"):
        words = words[1:]
    return words


def _passed(words: tuple[str, ...], program: str) -> tuple[str, ...]:
    """Return the arguments that reach the script: for npm, those behind ``--``."""
    if "--" in words:
        at = words.index("--")
        return (*(words[:at] if program != "npm" else ()), *words[at + 1 :])
    return () if program == "npm" else words


def _within_quotes(line: str, position: int) -> bool:
    return any(match.start() < position < match.end() for match in _QUOTED.finditer(line))


def _is_list(line: str) -> bool:
    return re.search(r"&&|\|\||[;|&\n]", _QUOTED.sub("", line)) is not None


def _exported(prefix: str) -> str:
    variables = [word for word in re.findall(_WORD, prefix) if word != "exec"]
    return f"export {' '.join(variables)}; " if variables else ""
