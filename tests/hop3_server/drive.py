"""Do with an app what a Hop3 server does, as far as the build; run by the server's own Python.

usage: drive.py SOURCE [nix]
With "nix", the server's NixBuilder builds; else the builder that the server chooses. Prints JSON.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from hop3.core.artifacts import ARTIFACT_FILENAME, BuildArtifact
from hop3.core.plugins import get_builder
from hop3.core.protocols import DeploymentContext
from hop3.lib import Abort
from hop3.plugins.build.nix.builder import NixBuilder
from hop3.project.config import AppConfig


def main(source: Path, kind: str) -> dict[str, object]:
    # It would end every nix-build on the machine that builds a file of the same name.
    NixBuilder._kill_stale_nix_builds = lambda *_: None
    name = source.parent.name
    config = AppConfig.from_dir(source.parent)
    context = DeploymentContext(name, source, config.to_dict())
    try:
        builder = NixBuilder(context) if kind == "nix" else get_builder(context)
        chosen = {"builder": type(builder).__name__, "name": builder.name}
        if kind == "choose":
            return chosen
        artifact = builder.build()
    except Abort as error:
        return {"abort": error.msg}
    saved = source.parent / ARTIFACT_FILENAME
    artifact.save(saved)
    return {**chosen, "artifact": artifact.to_dict(), "saved": str(saved)}


def load(path: Path) -> dict[str, object] | None:
    artifact = BuildArtifact.load(path)
    return None if artifact is None else artifact.to_dict()


if __name__ == "__main__":
    what = sys.argv[2] if len(sys.argv) > 2 else "build"
    path = Path(sys.argv[1])
    result = load(path) if what == "load" else main(path, what)
    # Behind what the server's own log prints.
    sys.stdout.write(f"\n{json.dumps(result)}\n")
