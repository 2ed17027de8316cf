"""Shell command lines that call a package manager, written out as what it would run."""

from __future__ import annotations

import posixpath
import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from hop3_nix.errors import ConfigError
from hop3_nix.toolchains.node.packages import VARIABLES

if TYPE_CHECKING:
    from hop3_nix.toolchains.node.manifest import Manifest
    from hop3_nix.toolchains.node.packages import Packages

_WORD: Final = r"""(?:[^\s'"\\;&|()<>`]|\\.|'[^']*'|"(?:\\.|[^"\\])*")+"""
_COMMAND: Final = re.compile(
    rf"""
    (?P<before>(?:^|&&|\|\||[;|&(\n])\s*)                 # where a command begins
    (?P<prefix>(?:(?:[A-Za-z_]\w*=(?:{_WORD})?|exec)\s+)*)  # variables of it, exec
    (?P<program>npm|pnpm|yarn|npx|pnpx|bun|bunx)(?=\s|$|[;&|)])
    (?P<arguments>(?:[ \t]+{_WORD})*)
    """,
    re.VERBOSE | re.DOTALL,
)
_QUOTED: Final = re.compile(r"""'[^']*'|"(?:\\.|[^"\\])*"|\\.""", re.DOTALL)

_LIFECYCLE: Final = ("start", "test", "stop", "restart")
"""Scripts that npm runs without ``run``."""

_QUIET: Final = ("-s", "--silent", "--if-present", "-q", "--quiet")
"""Options that change nothing of what is run."""

_DIRECTORY: Final = {
    "npm": ("--prefix", "-C"),
    "pnpm": ("-C", "--dir", "--prefix"),
    "yarn": ("--cwd",),
    "bun": ("--cwd",),
}
_MEMBER: Final = {
    "npm": ("-w", "--workspace"),
    "pnpm": ("-F", "--filter"),
    "bun": ("-F", "--filter"),
}
_PROGRAMS: Final = frozenset({"npx", "pnpx", "bunx"})
_OF_BUN: Final = frozenset({"build", "create", "exec", "init", "install", "repl", "test"})
"""Commands of Bun that a script of the same name does not take the place of."""

_CALLS: Final = re.compile(
    r"""(?<![\w./@-])
    (?:(?:npm|npx|pnpm|pnpx|yarn|bunx)(?=[\s"']|$)|bun\s+(?:run|x)(?=\s)
      |(?:run-[ps]|npm-run-all2?|concurrently|turbo|nx|lerna|wireit|wsrun)(?=\s|$))""",
    re.VERBOSE,
)
"""A package manager, wherever it stands in a line, and programs that call one."""

_PLAIN: Final = re.compile(r"(?:^|&&|\|\||[;|&(\n])\s*(?:[A-Za-z_]\w*=\S*\s+)*([^\s;|&()]+)")
_OF_ANY_DIRECTORY: Final = frozenset({"node", "cd", "echo", "exec", "export", "sleep", "true"})
"""Programs that are not looked for in the node_modules of a package."""

_MOVED: Final = re.compile(
    rf"\s*cd\s+({_WORD})\s*(?:&&|;)\s*(?:[A-Za-z_]\w*=\S*\s+|exec\s+)*", re.DOTALL
)

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


def calls_manager(line: str) -> bool:
    """Return whether ``line`` calls a package manager, itself or by a program that does."""
    return _CALLS.search(line) is not None


def programs_of(line: str) -> tuple[str, ...]:
    """Return the programs that stand at the head of the commands of ``line``."""
    return tuple(each[1] for each in _PLAIN.finditer(_QUOTED.sub("_", line)))


def write_out(
    line: str, packages: Packages, place: Place, *, directory: str = "", depth: int = 0
) -> str:
    """Return ``line`` with each script of a package.json that it runs in the script's place.

    ``directory`` is where it is run. What is not understood stays as it is, and so does what only
    a package manager gives the right environment. Raises ConfigError if there is no such script,
    or if scripts run each other for ever.
    """
    if depth > _DEEPEST:
        raise ConfigError(
            f"the scripts run each other for ever: {line}",
            file=place.file,
            line=place.line,
            tip="Write the command itself.",
        )

    def replace(match: re.Match[str]) -> str:
        start = match.start("program")
        here = None if _within_quotes(line, start) else _directory_at(line[:start], directory)
        if here is None:
            return match[0]
        words = tuple(re.findall(_WORD, match["arguments"], re.DOTALL))
        target = _target(match["program"], words, here, packages)
        if target is None:
            return match[0]
        where, words = target
        packages.visited.add(where)
        manifest = packages.manifest(where)
        call = _parse(match["program"], words, manifest)
        if call is None:
            return match[0]
        if not call.script:
            return (
                f"{match['before']}{match['prefix']}{' '.join(call.arguments)}"
                if where == here and not where
                else match[0]
            )
        text = _script(call, packages, where, place, depth)
        if (where and not _is_plain(text)) or VARIABLES.search(text) or packages.read_variables:
            return match[0]
        if where != here:
            text = f"cd {shlex.quote(posixpath.relpath(where or '.', here or '.'))} && {text}"
        prefix = match["prefix"]
        if _is_list(text):
            # A variable in front of it would hold for its first command alone.
            text, prefix = f"{_exported(prefix)}{text}", ""
            text = f"({text})" if _is_list(line) else text
        return f"{match['before']}{prefix}{text}"

    return _COMMAND.sub(replace, line).strip()


def _directory_at(before: str, directory: str) -> str | None:
    """Return where the command behind ``before`` is run; None if that cannot be told."""
    said = _QUOTED.sub(lambda quoted: "_" * len(quoted[0]), before)
    if not re.search(r"(?:^|[\s;&|(])(?:cd|pushd|popd)(?=\s|$)", said):
        return directory
    found = _MOVED.fullmatch(before)
    target = found[1].strip("\"'") if found else "$"
    path = posixpath.normpath(posixpath.join(directory, target))
    if re.search(r"[$~`*?\\]", target) or target == "-" or path.startswith(("..", "/")):
        return None
    return "" if path == "." else path


def _target(
    program: str, words: tuple[str, ...], here: str, packages: Packages
) -> tuple[str, tuple[str, ...]] | None:
    """Return the directory that the options mean, and the words without them, else None."""
    if program in _PROGRAMS:
        return packages.above(here), words
    if program == "yarn" and words[:1] == ("workspace",) and len(words) > 1:
        member = packages.member(words[1].strip("\"'"))
        return None if member is None else (member, words[2:])
    where, rest, kept = packages.above(here), list(words), list[str]()
    while rest:
        word = rest.pop(0)
        name, joined, value = word.partition("=") if word.startswith("--") else (word, "", "")
        is_directory = name in _DIRECTORY.get(program, ())
        is_member = name in _MEMBER.get(program, ())
        if word == "--" or (program != "npm" and kept and kept[0] not in {"run", "exec"}):
            kept += [word, *rest]
            break
        if not is_directory and not is_member:
            kept.append(word)
            continue
        value = (value if joined else rest.pop(0) if rest else "").strip("\"'")
        found = (
            packages.member(value)
            if is_member
            else posixpath.normpath(posixpath.join(here, value)).removeprefix("./")
        )
        if found is None or not packages.is_package("" if found == "." else found):
            return None
        where = "" if found == "." else found
    return where, tuple(kept)


def _is_plain(text: str) -> bool:
    """Return whether ``text`` calls no program of a package, which only its own directory has."""
    return all(each in _OF_ANY_DIRECTORY for each in programs_of(text))


def _script(call: Call, packages: Packages, where: str, place: Place, depth: int) -> str:
    manifest = packages.manifest(where)
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
    parts = [
        write_out(each, packages, said, directory=where, depth=depth + 1) for each in around if each
    ]
    # Each has a shell of its own, so that it may change the directory.
    return parts[0] if len(parts) == 1 else " && ".join(map(_grouped, parts))


def _grouped(text: str) -> str:
    return f"({text})" if _is_list(text) else text


def _parse(program: str, words: tuple[str, ...], manifest: Manifest) -> Call | None:
    """Return what ``program`` runs when given ``words``; None if that cannot be told."""
    words = _without_options(words)
    if not words or program in _PROGRAMS:
        return _program(words)
    command, rest = words[0], words[1:]
    if command in {"exec", "x"} and (program, command) != ("bun", "exec"):
        return _program(rest)
    if (program, command) == ("yarn", "node"):
        return Call("", words)
    named = _without_options(rest) if command in {"run", "run-script"} else words
    if not named or not _names_script(program, named[0], manifest, short=named is words):
        return None
    passed = _passed(named[1:], program)
    if passed is not None and named[0] == "start" and "start" not in manifest.scripts:
        return Call("", ("node", "server.js", *passed))
    return None if passed is None else Call(named[0], passed)


def _names_script(program: str, word: str, manifest: Manifest, *, short: bool) -> bool:
    """Return whether ``program`` takes ``word`` for a script; ``short`` is without ``run``."""
    is_there = word in manifest.scripts
    if program == "bun":
        # Anything else is a file, or a program of a package, that Bun runs.
        return is_there and not (short and word in _OF_BUN)
    is_short = word in _LIFECYCLE or (program != "npm" and is_there)
    return not word.startswith("-") and (is_short or not short)


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


def _passed(words: tuple[str, ...], program: str) -> tuple[str, ...] | None:
    """Return the arguments that reach the script: for npm, those behind ``--``.

    None if there are options before it, which npm takes for its own.
    """
    if program != "npm":
        return words[1:] if words[:1] == ("--",) else words
    at = words.index("--") if "--" in words else len(words)
    if any(word not in _QUIET for word in words[:at] if word.startswith("-")):
        return None
    return (*(word for word in words[:at] if word not in _QUIET), *words[at + 1 :])


def _within_quotes(line: str, position: int) -> bool:
    return any(match.start() < position < match.end() for match in _QUOTED.finditer(line))


def _is_list(line: str) -> bool:
    return re.search(r"&&|\|\||[;|&\n]", _QUOTED.sub("", line)) is not None


def _exported(prefix: str) -> str:
    variables = [word for word in re.findall(_WORD, prefix) if word != "exec"]
    return f"export {' '.join(variables)}; " if variables else ""
