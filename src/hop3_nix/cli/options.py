"""Options that several commands share."""

from __future__ import annotations

import errno
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from hop3_nix.errors import InputError
from hop3_nix.files.atomic import require_place
from hop3_nix.host.limits import BuildLimits

if TYPE_CHECKING:
    from collections.abc import Callable

app_argument = click.argument(
    "app", default=".", type=click.Path(path_type=Path, file_okay=True), metavar="[APP]"
)
pkgs_option = click.option(
    "--pkgs",
    metavar="nixpkgs|debian|PATH",
    help="Package set to take interpreters and base programs from.",
)
trust_option = click.option(
    "--trust-artifact",
    "trusted",
    is_flag=True,
    help="Take the artifact as it is: also one that was made elsewhere without Nix, or that uses "
    "what is not part of it.",
)
allow_code_option = click.option(
    "--allow-code",
    is_flag=True,
    help="To lock, run the app's setup.py and build back ends where no sandbox can be made.",
)
builder_option = click.option(
    "--builder",
    type=click.Choice(["auto", "nix", "local"]),
    help="Who builds; auto takes Nix if it can be used. The default is hop3.toml's, else auto.",
)


def build_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add APP, --builder and --pkgs."""
    return app_argument(builder_option(pkgs_option(command)))


def require_output(path: Path) -> None:
    """Raise InputError for an output that cannot be written, before there is one."""
    try:
        require_place(path)
    except OSError as error:
        raise InputError(
            f"cannot be written: {error.strerror}",
            file=str(path),
            tip=f"Make it first (mkdir -p {shlex.quote(str(path.parent))}), or name another place."
            if error.errno == errno.ENOENT
            else "Name a file in it.",
        ) from error


class Size(click.ParamType[int]):
    """A number of bytes, with K, M or G for what they are times 1024."""

    name = "bytes"
    _units: Final = {"": 0, "K": 10, "M": 20, "G": 30}

    def convert(
        self, value: str | int, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        """Return the bytes that ``value`` says."""
        found = re.fullmatch(r"(\d{1,15})([KMG]?)", str(value))
        if found is None:
            self.fail(f"{value!r} is no number of bytes, such as 32M", param, ctx)
        return int(found[1]) << self._units[found[2]]


def limit_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add what a build may take; 0 is no limit."""
    limits = BuildLimits()
    seconds, many = click.IntRange(min=0), click.IntRange(min=0)
    for name, option, kind, default, text in (
        ("processes", "--max-processes", many, limits.processes, "Processes that a build may have"),
        ("memory", "--max-memory", Size(), None, "Memory for a build; else most of the machine's"),
        ("file_size", "--max-file-size", Size(), "16G", "Bytes that a file may have"),
        ("log_size", "--max-log-size", Size(), "32M", "Bytes that a build step may print"),
        ("silence", "--max-silent-time", seconds, limits.silence, "Seconds without any output"),
        ("timeout", "--timeout", seconds, limits.timeout, "Seconds that a build step may take"),
    ):
        shown = f"{text}; 0 for any."
        add = click.option(
            option, name, type=kind, default=default, help=shown, show_default=default is not None
        )
        command = add(command)
    return command
