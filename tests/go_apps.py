"""What the tests of Go share: a compiler that is never run, and a proxy that is a directory."""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hop3_nix.locks.go.gosum import h1_of, path_of
from hop3_nix.locks.go.modfile import Module
from hop3_nix.plan import Offer
from unenclosed import Unenclosed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from hop3_nix.plan import AnyOffer

OFFER = Offer(language="go", version="1.24.4", attribute="go_1_24", libc="2.41")
MAIN = "package main\n\nfunc main() {}\n"


@dataclass
class Compiler(Unenclosed):
    """A compiler that has only its settings, and is never run."""

    directory: Path

    def program(self, offer: AnyOffer, name: str) -> Path:
        assert offer.language == "go"
        return self.directory / "bin" / name

    def run(self, argv: Sequence[str], *, env: Mapping[str, str] | None = None) -> str:
        raise AssertionError(f"{argv} was run with {env}")


@dataclass
class Proxy:
    """A module proxy that is a directory, and the go.sum for what is in it."""

    directory: Path
    lines: list[str] = field(default_factory=list)

    def has(self, path: str, version: str) -> Proxy:
        """Add a module, and its lines to go.sum."""
        mod = f"module {path}\n".encode()
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr(f"{path}@{version}/go.mod", mod)
            archive.writestr(f"{path}@{version}/a.go", "package a\n")
        for kind, data in (("zip", packed.getvalue()), ("mod", mod)):
            file = self.directory / path_of((Module(path, version), kind))
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
            suffix = "/go.mod" if kind == "mod" else ""
            self.lines.append(f"{path} {version}{suffix} {h1_of(data, kind)}")
        return self

    @property
    def address(self) -> str:
        """Return it as GOPROXY has it."""
        return self.directory.as_uri()

    @property
    def sums(self) -> str:
        """Return the go.sum."""
        return "".join(f"{line}\n" for line in self.lines)

    def sha256(self, path: str) -> str:
        """Return the digest of a file that it has."""
        return hashlib.sha256((self.directory / path).read_bytes()).hexdigest()
