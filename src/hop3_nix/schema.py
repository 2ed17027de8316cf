"""The JSON Schemas of the contract, made from its models.

``python -m hop3_nix.schema [DIRECTORY]`` writes them, by default to docs/schema/.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from hop3_nix.contract import ALIASES, CONTRACT_VERSION, BuildArtifact, RuntimeConfig
from hop3_nix.files.atomic import write_text_atomic
from hop3_nix.startdata import StartFile
from hop3_nix.workersfile import WorkersFile

if TYPE_CHECKING:
    from collections.abc import Sequence

REGENERATE: Final = "python -m hop3_nix.schema"

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_DIRECTORY: Final = Path(__file__).parent / "data" / "schema"


def schemas() -> dict[str, str]:
    """Return the text of each schema by its file's name; equal models, equal text."""
    return {
        "runtime-config.schema.json": _text("runtime-config", _either_spelling()),
        "build-artifact.schema.json": _text("build-artifact", BuildArtifact.model_json_schema()),
        "start.schema.json": _text("start", StartFile.model_json_schema()),
        "workers.schema.json": _text("workers", WorkersFile.model_json_schema()),
    }


def main(argv: Sequence[str]) -> None:
    """Write the schemas into the directory that ``argv`` names. Raises OSError."""
    directory = Path(argv[0]) if argv else _DIRECTORY.resolve()
    for name, text in schemas().items():
        write_text_atomic(directory / name, text)


def _either_spelling() -> dict[str, Any]:
    """Return the schema of runtime.json, which has two of its fields under two names.

    That both say the same is more than JSON Schema can ask for; contract.py checks it.
    """
    schema = RuntimeConfig.model_json_schema()
    required = schema["required"]
    for alias, name in ALIASES.items():
        schema["properties"][alias] = {
            **schema["properties"][name],
            "title": alias,
            "description": f"The same as {name}, under the name that hop3-server 0.7 reads.",
        }
        required.remove(name)
    schema["allOf"] = [
        {"anyOf": [{"required": [name]}, {"required": [alias]}]} for alias, name in ALIASES.items()
    ]
    return schema


def _text(name: str, schema: dict[str, Any]) -> str:
    head = {"$schema": _DIALECT, "$id": f"urn:hop3-nix:schema:{name}:{CONTRACT_VERSION}"}
    return json.dumps(head | schema, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    main(sys.argv[1:])
