"""Mutate one file of an application, and plan it: ``python -m fuzz.one TARGET [OPTIONS]``.

The options are those of libFuzzer, such as -runs=5000. Wrong is an error that is none of ours.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import atheris

from fuzz.apps import targets
from fuzz.mutating import mutate

with atheris.instrument_imports(include=["hop3_nix", "packaging"]):
    from hop3_nix.config import load_config
    from hop3_nix.errors import ExitCode, Hop3NixError
    from hop3_nix.plan import Offer, Target
    from hop3_nix.source import Source
    from hop3_nix.toolchains.composition import Composition

TARGET = Target(
    system="x86_64-linux",
    package_set="debian",
    offers=(
        Offer(language="python", version="3.13.5", attribute="python313", libc="2.41"),
        Offer(language="node", version="22.20.0", attribute="nodejs_22", libc="2.41"),
        Offer(language="ruby", version="3.3.8", attribute="ruby", libc="2.41"),
        Offer(language="static", version="1.26.0", attribute="nginx", libc="2.41"),
    ),
)


def main() -> None:
    """Fuzz the target that argument 1 names."""
    files, mutated = targets()[sys.argv.pop(1)]
    with tempfile.TemporaryDirectory(prefix="hop3-nix-fuzz-") as directory:
        app, corpus = Path(directory, "app"), Path(directory, "corpus")
        corpus.mkdir()
        (corpus / "seed").write_text(files[mutated], encoding="utf-8")
        for name, text in files.items():
            (app / name).parent.mkdir(parents=True, exist_ok=True)
            (app / name).write_text(text, encoding="utf-8")

        def plan(content: bytes) -> None:
            (app / mutated).write_bytes(content)
            with suppress(Hop3NixError):
                plan_of(app)

        atheris.Setup([*sys.argv, str(corpus)], plan, custom_mutator=mutate)
        try:
            atheris.Fuzz()
        finally:
            shutil.rmtree(directory, ignore_errors=True)


def plan_of(app: Path) -> None:
    """Plan the application, as the command does; an internal error is none of ours."""
    source = Source.open(app)
    try:
        Composition.of(source, load_config(source)).plan(TARGET)
    except Hop3NixError as error:
        if error.exit_code is ExitCode.INTERNAL:
            raise RuntimeError(str(error)) from error


if __name__ == "__main__":
    main()
