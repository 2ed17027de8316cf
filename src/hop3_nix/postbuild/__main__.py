"""The program: ``SPEC.json OUT``.

Returns 0; 1 after printing every problem found, with nothing written; 2 for a bad SPEC.
"""

from __future__ import annotations

import os
import sys

from .finish import finished_files
from .problems import Report
from .spec import Spec


def main(argv: list[str]) -> int:
    """Run the step for the arguments SPEC.json and OUT; return its exit code."""
    try:
        source, target = argv
        spec = Spec.read(source)
    except ValueError as error:
        print(f"hop3-nix: postbuild SPEC.json OUT: {error}", file=sys.stderr)
        return 2
    out = os.path.abspath(target)
    report = Report()
    files = finished_files(spec, out, report)
    if report.blocks:
        print(f"hop3-nix: {spec.app_name!r} would not run as it was built:", file=sys.stderr)
        print("", *report.blocks, sep="\n", file=sys.stderr)
        return 1
    try:
        for name, text in files.items():
            _write(os.path.join(out, name), text)
    except OSError as error:
        print(f"hop3-nix: cannot write the artifact: {error}", file=sys.stderr)
        return 1
    return 0


def _write(path: str, text: str) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(text.encode())
    os.chmod(path, 0o755 if text.startswith("#!") else 0o644)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
