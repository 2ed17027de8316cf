"""The command line: the only part that prints and exits."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run the command line."""
    try:
        status = _run(sys.argv[1:])
    except KeyboardInterrupt:
        status = 130  # errors.ExitCode.INTERRUPTED, while something was being imported
    sys.exit(status)


def _run(arguments: list[str]) -> int:
    """Run one command and return its exit code.

    Two of them are tried first in a way that imports the standard library alone: ``exec``, which
    stands between a supervisor and its worker, and a ``build`` with nothing to do. Whatever that
    cannot do, the full command line does.
    """
    if arguments[:1] == ["exec"]:
        from hop3_nix.deploy.exec import main_fast  # noqa: PLC0415 - as little as possible

        main_fast(arguments[1:])
    elif arguments[:1] == ["build"]:
        from hop3_nix.cli.quick import build  # noqa: PLC0415 - likewise

        if build(arguments[1:]):
            # Nothing is open any more, and taking the interpreter down takes 6 ms.
            os._exit(0)
    from hop3_nix.cli.group import run  # noqa: PLC0415 - likewise

    return run(arguments)
