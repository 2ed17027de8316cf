# ruff: noqa: INP001 - a program that Nix runs by its path
"""``closure_info.py PACKAGE``: write what Nix has exported about PACKAGE's closure.

The output is a directory: ``closure.json`` (a list of objects with ``path``, ``narHash``,
``narSize`` and ``references``), ``store-paths``, ``total-nar-size`` in bytes, and ``registration``
for ``nix-store --load-db`` (as ``nix-store --dump-db`` writes it).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any


def registration(entries: list[dict[str, Any]]) -> str:
    """Return the entries as ``nix-store --load-db`` reads them, without derivers."""
    lines = []
    for entry in entries:
        digest = entry["narHash"].removeprefix("sha256:")
        references = sorted(entry["references"])
        lines += [entry["path"], digest, str(entry["narSize"]), "", str(len(references))]
        lines += references
    return "".join(f"{line}\n" for line in lines)


def main(package: str) -> None:
    """Write the four files."""
    # The variable that names it has, in Nix 2.8, its name outside of the sandbox.
    given = json.loads(Path(".attrs.json").read_text(encoding="utf-8"))
    entries = sorted(given["closure"], key=lambda entry: entry["path"])
    kept = ("path", "narHash", "narSize", "references")
    told = [{key: entry[key] for key in kept} for entry in entries]
    out = Path(given["outputs"]["out"])
    out.mkdir()
    files = {
        "closure.json": json.dumps({"package": package, "paths": told}, indent=1, sort_keys=True),
        "registration": registration(told).removesuffix("\n"),
        "store-paths": "\n".join(entry["path"] for entry in told),
        "total-nar-size": str(sum(entry["narSize"] for entry in told)),
    }
    for name, text in files.items():
        (out / name).write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
