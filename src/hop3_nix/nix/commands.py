"""The Nix programs: one function per verb, with the settings that hop3-nix gives them.

Only the stable commands are used, which Nix 2.8 and 2.26 both have. Every function raises
UnavailableError if Nix is not installed, and what `nixfailures` makes of a program that fails.
"""

from __future__ import annotations

import contextlib
import grp
import json
import os
import pwd
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from hop3_nix.errors import UnavailableError
from hop3_nix.host import process
from hop3_nix.host.diskspace import DiskWatch
from hop3_nix.nix.derivation import read_derivation
from hop3_nix.nix.failures import FAILED_BUILD, MISMATCH, Failure, classify, errors_of
from hop3_nix.nix.log import NixLog

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hop3_nix.host.process import Completed, Runner, Streamer

_SANDBOXED: Final = {"sandbox": "true", "sandbox-fallback": "false"}
"""Nix's own default drops the sandbox without a word where it cannot have one."""

_AT_A_TIME: Final = 4000
"""Arguments of one call; Linux allows 2 MB of them by default."""

_MODIFIED: Final = re.compile(r"^path '([^']+)' was modified!", re.MULTILINE)


@dataclass(frozen=True)
class NixSettings:
    """Options for Nix, by their names in nix.conf(5), beside those that every build gets.

    They are passed in NIX_CONFIG, in front of what the user has there, so that the user wins.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    search: tuple[Path, ...] | None = None
    """All that NIX_PATH has, and so all that a restricted evaluation may read; None for the
    caller's own."""
    front: tuple[str, ...] = ()
    """What stands before the command of a build: a program that sets limits, and starts it."""

    def text(self) -> str:
        """Return all that a build gets as lines of nix.conf."""
        options = {**_SANDBOXED, **self.values}
        return "".join(f"{name} = {value}\n" for name, value in options.items())

    def environment(self) -> dict[str, str]:
        """Return the whole environment for a Nix program."""
        users = os.environ.get("NIX_CONFIG", "")
        environment = {**os.environ, "NIX_CONFIG": (self.text() + users).removesuffix("\n")}
        if self.search is not None:
            entries = (f"hop3-{number}={path}" for number, path in enumerate(self.search))
            environment["NIX_PATH"] = ":".join(entries)
        return environment


@dataclass(frozen=True, slots=True)
class Expression:
    """A Nix expression, in a file or as text, and the attribute of it that is meant."""

    source: Path | str
    attribute: str = ""
    texts: tuple[tuple[str, str], ...] = ()
    """Arguments of its functions, by name."""

    @property
    def arguments(self) -> tuple[str, ...]:
        """Return it as nix-build and nix-instantiate take it."""
        texts = (word for pair in self.texts for word in ("--argstr", *pair))
        source = (
            ("-E", self.source) if isinstance(self.source, str) else (str(self.source.absolute()),)
        )
        return (*source, *(("-A", self.attribute) if self.attribute else ()), *texts)


DEFAULT: Final = NixSettings()

ASKING: Final = process.within(3600)
"""Starts programs of Nix that answer a question; to read a large closure may take many minutes."""


def require(*, run: Runner = ASKING) -> None:
    """Raise UnavailableError unless Nix is installed and this user can build in a sandbox."""
    none = f"{_store_directory()}/{'0' * 32}-none"
    done = _run(["nix-store", "--check-validity", none], DEFAULT, run)
    if done.status != 0 and "is not valid" not in done.stderr:
        raise classify(Failure(done.status, errors_of(done.stderr)))
    if not owns_store():
        _refuse_daemon_without_sandbox(run)


def owns_store() -> bool:
    """Return whether this user writes the store directly, and not a daemon for it."""
    return os.access(_store_directory(), os.W_OK)


def build(
    what: Expression,
    *,
    out_link: Path | None,
    settings: NixSettings = DEFAULT,
    check: bool = False,
    log: NixLog | None = None,
    log_file: str = "",
    stream: Streamer = process.stream,
) -> Path:
    """Realise ``what`` and return its store path; ``out_link`` becomes a root of it.

    With ``check`` it is built again and compared. ``log`` is fed the structured log;
    ``log_file`` is where the caller keeps it, for messages.
    """
    log = NixLog() if log is None else log
    argv = [
        *settings.front,
        "nix-build",
        *what.arguments,
        *(("--out-link", str(out_link.absolute())) if out_link else ("--no-out-link",)),
        *(("--check",) if check else ()),
        "--log-format",
        "internal-json",
    ]
    disks = DiskWatch([_store_directory()])

    def read(line: str) -> None:
        disks.read(line)
        log.feed(line)

    try:
        done = stream(argv, on_stderr_line=read, env=settings.environment())
    except UnavailableError as error:
        raise _not_installed(error) from error
    finally:
        log.close()
    if done.status != 0:
        raise classify(_failure(done.status, log, log_file, disks.full()))
    return Path(done.stdout.splitlines()[-1])


def evaluate_json(
    what: Expression, *, settings: NixSettings = DEFAULT, run: Runner = ASKING
) -> Any:
    """Return the value of ``what``, which has to be one that JSON can hold."""
    argv = [*settings.front, "nix-instantiate", "--eval", "--strict", "--json", *what.arguments]
    return json.loads(_ask(argv, settings, run))


def closure(path: Path, *, run: Runner = ASKING) -> tuple[Path, ...]:
    """Return every store path that ``path`` needs at run time, itself included."""
    return tuple(map(Path, query("--requisites", str(path), run=run)))


def size(*paths: Path, run: Runner = ASKING) -> int:
    """Return the bytes of ``paths`` together, as NARs, without what they need."""
    text = _ask(["nix-store", "--query", "--size", *map(str, paths)], DEFAULT, run)
    return sum(map(int, text.split()))


def is_valid(path: Path, *, run: Runner = ASKING) -> bool:
    """Return whether ``path`` is a store path that the store's database knows."""
    return _run(["nix-store", "--check-validity", str(path)], DEFAULT, run).status == 0


def verify(paths: Sequence[Path], *, run: Runner = ASKING) -> tuple[Path, ...]:
    """Return those of ``paths`` whose content is not what was built."""
    done = _run(["nix-store", "--verify-path", *map(str, paths)], DEFAULT, run)
    modified = tuple(Path(found) for found in _MODIFIED.findall(done.stderr))
    if done.status != 0 and not modified:
        raise classify(Failure(done.status, errors_of(done.stderr)))
    return modified


def verify_path(path: Path, *, run: Runner = ASKING) -> bool:
    """Return whether the content of ``path`` is what was built."""
    return not verify([path], run=run)


def repair_command(paths: Sequence[str]) -> str:
    """Return what a user can type to have Nix build ``paths`` again where they were changed."""
    return " ".join(["nix-store", "--repair-path", *paths])


def query(*arguments: str, run: Runner = ASKING) -> tuple[str, ...]:
    """Return the store paths that ``nix-store --query`` gives for ``arguments``, a line each."""
    return tuple(_ask(["nix-store", "--query", *arguments], DEFAULT, run).splitlines())


def delete(paths: Sequence[Path], *, run: Runner = ASKING) -> None:
    """Delete ``paths`` and what refers to them from the store; nothing may keep them there."""
    _ask(["nix-store", "--delete", *map(str, paths)], DEFAULT, run)


def add_root(link: Path, path: Path, *, run: Runner = ASKING) -> None:
    """Make ``link`` a symlink to ``path`` and a root of it, in place of what it pointed to.

    The path has to be there: nothing is fetched for it.
    """
    link.parent.mkdir(parents=True, exist_ok=True)
    argv = ["nix-store", "--realise", str(path), "--add-root", str(link.absolute())]
    _ask([*argv, "--option", "substitute", "false"], DEFAULT, run)


def set_profile(profile: Path, path: Path, *, run: Runner = ASKING) -> None:
    """Make ``path`` a new generation of ``profile``, and the one that it shows."""
    argv = ["nix-env", "--profile", str(profile.absolute()), "--set", str(path)]
    _ask([*argv, "--option", "substitute", "false"], DEFAULT, run)


def switch_profile(profile: Path, generation: int, *, run: Runner = ASKING) -> None:
    """Make ``profile`` show ``generation``, which it has."""
    argv = ["nix-env", "--profile", str(profile.absolute())]
    _ask([*argv, "--switch-generation", str(generation)], DEFAULT, run)


def delete_generations(profile: Path, generations: Sequence[int], *, run: Runner = ASKING) -> None:
    """Forget ``generations`` of ``profile``; the one that it shows is kept."""
    argv = ["nix-env", "--profile", str(profile.absolute())]
    _ask([*argv, "--delete-generations", *map(str, generations)], DEFAULT, run)


def add(path: Path, *, run: Runner = ASKING) -> Path:
    """Add the tree at ``path`` to the store, and return its store path."""
    return Path(_ask(["nix-store", "--add", str(path)], DEFAULT, run).strip())


def add_fixed(algorithm: str, files: Sequence[Path], *, run: Runner = ASKING) -> None:
    """Add ``files``, each under its own name, as a fixed-output derivation would make them."""
    for start in range(0, len(files), _AT_A_TIME):
        batch = map(str, files[start : start + _AT_A_TIME])
        _ask(["nix-store", "--add-fixed", algorithm, *batch], DEFAULT, run)


def nar_hash(path: Path, *, run: Runner = ASKING) -> str:
    """Return the SHA-256 of the NAR of store path ``path``, in Nix's base 32."""
    text = _ask(["nix-store", "--query", "--hash", str(path)], DEFAULT, run)
    return text.strip().removeprefix("sha256:")


def configured(name: str, *, run: Runner = ASKING) -> Any:
    """Return the value that Nix uses for option ``name`` of nix.conf(5)."""
    return _configuration(DEFAULT.environment(), run)[name]["value"]


def version(*, run: Runner = ASKING) -> tuple[int, int]:
    """Return the version of Nix, such as (2, 18)."""
    said = _ask(["nix-build", "--version"], DEFAULT, run)
    found = re.search(r"(\d+)\.(\d+)", said)
    assert found, said  # noqa: S101 - the GNU coding standards have it so
    return int(found[1]), int(found[2])


def _refuse_daemon_without_sandbox(run: Runner) -> None:
    """Raise UnavailableError if a daemon would build without one whatever it is asked for.

    It takes that option from its own configuration, and from users it trusts (nix.conf(5)).
    """
    environment = {name: text for name, text in os.environ.items() if name != "NIX_CONFIG"}
    options = _configuration(environment, run)
    trusted = _names_of_user() & set(options["trusted-users"]["value"])
    if options["sandbox"]["value"] not in {True, "true"} and not trusted:
        raise UnavailableError(
            "the Nix daemon of this machine builds without a sandbox",
            tip="Add two lines to /etc/nix/nix.conf and restart the daemon:\n"
            "  sandbox = true\n  sandbox-fallback = false",
        )


def _store_directory() -> str:
    return os.environ.get("NIX_STORE_DIR", "/nix/store")


def _failure(status: int, log: NixLog, log_file: str, full: str) -> Failure:
    """Return what is known of a build that failed."""
    derivations = {build.derivation: read_derivation(build.derivation) for build in log.builds}
    fetches = frozenset(name for name, read in derivations.items() if read and read.is_fetch)
    confirmed = () if owns_store() else tuple(filter(_is_confirmed, log.hearsay))
    return Failure(status, (*confirmed, *log.errors), log.builds, log_file, fetches, full)


def _is_confirmed(message: str) -> bool:
    """Return whether a message that a builder may have printed is true, as far as one can see.

    A daemon passes on its own messages like those of builders. It is true that a file is another
    one than was locked if it was to be fetched, and is not there.
    """
    found = MISMATCH.match(message) or FAILED_BUILD.match(message)
    read = read_derivation(found["derivation"] or "") if found else None
    if found is None or read is None or any(os.path.lexists(path) for path in read.outputs):
        return False
    return found.re is FAILED_BUILD or read.is_fetch


def _names_of_user() -> set[str]:
    """Return what this user is called in ``trusted-users``; an account need not have a name."""
    names = {"*"}
    with contextlib.suppress(KeyError):
        names.add(pwd.getpwuid(os.getuid()).pw_name)
    for group in os.getgroups():
        with contextlib.suppress(KeyError):
            names.add(f"@{grp.getgrgid(group).gr_name}")
    return names


def _configuration(environment: Mapping[str, str], run: Runner) -> Any:
    command = ["nix", "--extra-experimental-features", "nix-command"]
    # It was renamed in Nix 2.20.
    for name in (["config", "show"], ["show-config"]):
        done = _started([*command, *name, "--json"], environment, run)
        if done.status == 0:
            return json.loads(done.stdout)
    raise classify(Failure(done.status, errors_of(done.stderr)))


def _ask(argv: Sequence[str], settings: NixSettings, run: Runner) -> str:
    done = _run(argv, settings, run)
    if done.status != 0:
        raise classify(Failure(done.status, errors_of(done.stderr)))
    return done.stdout


def _run(argv: Sequence[str], settings: NixSettings, run: Runner) -> Completed:
    return _started(argv, settings.environment(), run)


def _started(argv: Sequence[str], environment: Mapping[str, str], run: Runner) -> Completed:
    try:
        return run(argv, env=environment)
    except UnavailableError as error:
        raise _not_installed(error) from error


def _not_installed(error: UnavailableError) -> UnavailableError:
    return UnavailableError(
        f"Nix is not installed: {error.message}",
        tip="Install it (Debian: apt install nix-bin), or build without it: --builder local",
    )
