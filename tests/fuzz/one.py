"""Mutate what one parser reads: ``python -m fuzz.one TARGET [OPTIONS]``.

That is a file of an application, which is then planned, or what a reader of `fuzz.readers` takes.
The options are those of libFuzzer, such as -runs=5000. Wrong is an error that is none of ours.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import atheris

with atheris.instrument_imports(include=["hop3_nix"]):
    from fuzz.apps import plan, targets, write
    from fuzz.readers import READERS
    from hop3_nix.errors import ExitCode, Hop3NixError
    from hop3_nix.toolchains.registry import known

    LANGUAGES = [language.load() for language in known()]

from fuzz.mutating import mutate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def main() -> None:
    """Fuzz the target that argument 1 names."""
    fuzz(sys.argv[1], [sys.argv[0], *sys.argv[2:]])


def fuzz(name: str, argv: list[str]) -> None:
    """Fuzz target ``name`` with libFuzzer's options in ``argv``, which ends the process."""
    directory = tempfile.mkdtemp(prefix="hop3-nix-fuzz-")
    place, corpus = Path(directory, "app"), Path(directory, "corpus")
    place.mkdir()
    corpus.mkdir()
    os.environ["HOP3_NIX_STATE"] = f"{directory}/state"
    seed, read, mutator = _reader(name, place) if name in READERS else _planned(name, place)
    (corpus / "seed").write_bytes(seed)
    atheris.Setup([*argv, str(corpus)], read, **mutator)
    try:
        atheris.Fuzz()
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _reader(name: str, place: Path) -> tuple[bytes, Callable[[bytes], None], dict[str, Any]]:
    reader = READERS[name]

    def read(content: bytes) -> None:
        with suppress(*reader.errors), ours():
            reader.read(content, place)

    return reader.seed, read, {} if reader.binary else {"custom_mutator": mutate}


def _planned(name: str, app: Path) -> tuple[bytes, Callable[[bytes], None], dict[str, Any]]:
    files, mutated = targets()[name]
    write(files, app)

    def plan_mutated(content: bytes) -> None:
        (app / mutated).write_bytes(content)
        with ours():
            plan(app)

    return files[mutated].encode(), plan_mutated, {"custom_mutator": mutate}


@contextmanager
def ours() -> Iterator[None]:
    """Let our errors pass; an internal error is none of ours."""
    try:
        yield
    except Hop3NixError as error:
        if error.exit_code is ExitCode.INTERNAL:
            raise RuntimeError(str(error)) from error


if __name__ == "__main__":
    main()
