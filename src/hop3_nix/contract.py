"""The contract between build and run: RuntimeConfig and BuildArtifact, as JSON on disk.

The fields and their names are those of ADR 035, which existing Hop3 servers read.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    ValidationError,
    model_serializer,
    model_validator,
)

from hop3_nix.errors import (
    ArtifactCorruptError,
    ArtifactMissingError,
    ArtifactNewerError,
    UnsupportedError,
)
from hop3_nix.files.atomic import write_text_atomic
from hop3_nix.files.documents import json_value
from hop3_nix.files.regularfile import Malformed, read_regular

if TYPE_CHECKING:
    from pathlib import Path

CONTRACT_VERSION: Final = 1
"""Written to ``metadata.contract_version``; a reader refuses a higher one."""

ARTIFACT_FILE: Final = "BUILD_ARTIFACT.json"
RUNTIME_FILE: Final = "hop3/runtime.json"
DEFAULTS_FILE: Final = "hop3/defaults.json"
REQUIRED_FILE: Final = "hop3/required.json"
WRITABLE_FILE: Final = "hop3/writable.json"

ALIASES: Final = {"env": "env_vars", "path": "path_prepend"}
"""The second spelling of two fields, which the NixBuilder of hop3-server 0.7 reads."""

OPTIONAL: Final = ("proxy_max_body_size", "proxy_request_buffering")
"""Fields that not every Hop3 server knows: left out where they say nothing."""

BUILDERS: Final = ("nix", "local")

IMAGE_KINDS: Final = ("docker", "docker-image", "docker-compose")
"""Kinds of a Hop3 server's artifacts that are images: shown, and run by what made them."""

NEWER: Final = "Upgrade hop3-nix on this machine."

Model = TypeVar("Model", bound=BaseModel)


# What a newer writer has added is kept, so that it can be passed on; see `read_runtime`.
_AS_WRITTEN: Final = ConfigDict(
    frozen=True, extra="allow", json_schema_extra={"additionalProperties": False}
)


class RuntimeConfig(BaseModel):
    """Everything the run side needs, computed at build time (ADR 035)."""

    model_config = _AS_WRITTEN

    env_vars: dict[str, str] = Field(description="Environment of every worker.")
    path_prepend: list[str] = Field(description="Directories to put in front of PATH.")
    working_dir: str = Field(
        default="",
        description="Directory the workers start in; empty for one that may be written.",
    )
    workers: dict[str, str] = Field(
        description="Name to POSIX shell command line; its programs are absolute paths."
    )
    before_run: list[str] = Field(
        default_factory=list, description="Command lines to run before the workers start."
    )
    static_paths: dict[str, str] = Field(
        default_factory=dict, description="URL prefix to the directory served for it."
    )
    writable_tree: str = Field(
        default="", description="Tree that the app must be able to write; empty for none."
    )
    healthcheck_path: str = Field(default="", description="HTTP path to ask; empty for none.")
    healthcheck_timeout: int = Field(default=30, ge=1, description="Seconds to wait for health.")
    backend_protocol: Literal["http", "fastcgi"] = "http"
    proxy_max_body_size: str = Field(
        default="", description="Largest request body, such as 50m; empty for the proxy's own."
    )
    proxy_request_buffering: bool = Field(
        default=True, description="Whether the proxy reads a request whole before it passes it on."
    )

    @model_serializer(mode="wrap")
    def _without_what_says_nothing(
        self, serialise: SerializerFunctionWrapHandler
    ) -> dict[str, Any]:
        data: dict[str, Any] = serialise(self)
        for name in OPTIONAL:
            if data[name] == type(self).model_fields[name].default:
                del data[name]
        return data

    @model_validator(mode="before")
    @classmethod
    def _accept_either_spelling(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        merged = {key: value for key, value in data.items() if key not in ALIASES}
        for alias, name in ALIASES.items():
            if alias not in data:
                continue
            if merged.setdefault(name, data[alias]) != data[alias]:
                msg = f"{alias!r} and {name!r} are both given, with different values"
                raise ValueError(msg)
        return merged

    def to_json(self) -> str:
        """Return the text of runtime.json, with both spellings; equal models, equal text."""
        data = self.model_dump(mode="json")
        data |= {alias: data[name] for alias, name in ALIASES.items()}
        return json.dumps(data, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


class BuildArtifact(BaseModel):
    """Self-describing build output (ADR 035): exactly these eight keys.

    Hop3 servers refuse any other; what is ours alone stands in ``metadata``.
    """

    model_config = _AS_WRITTEN

    kind: str = Field(description="What was built: a toolchain's name.")
    builder: str = Field(description="What built it.", json_schema_extra={"enum": ["nix", "local"]})
    app_name: str
    built_at: AwareDatetime = Field(description="ISO 8601, UTC.")
    build_id: str = Field(description="Digest of the source and of what built it.")
    location: str = Field(description="Root of the result: a store path or a directory.")
    runtime: RuntimeConfig
    metadata: dict[str, Any] = Field(default_factory=dict)

    def to_json(self) -> str:
        """Return the text of BUILD_ARTIFACT.json; a Hop3 server reads it unchanged."""
        data = self.model_dump(mode="json")
        return json.dumps(data, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def read_artifact(path: Path, *, only_shown: bool = False) -> BuildArtifact:
    """Return the artifact at ``path``.

    Raises ArtifactMissingError, ArtifactCorruptError, ArtifactNewerError, or UnsupportedError for
    the artifact of a builder that is not ours. What is ``only_shown`` may be newer, or an image.
    """
    data = _read_object(path)
    metadata = data.get("metadata")
    version = metadata.get("contract_version") if isinstance(metadata, dict) else None
    if not only_shown:
        _refuse_newer(version, path)
    image = data.get("kind") in IMAGE_KINDS or data.get("builder") == "docker"
    builder = "docker" if image else data.get("builder")
    if not only_shown and isinstance(builder, str) and builder not in BUILDERS:
        raise UnsupportedError(
            f"was built by {builder!r}, which hop3-nix cannot run",
            file=str(path),
            tip=f"Run it with what built it, or build the app with: {', '.join(BUILDERS)}.",
        )
    if image:
        data = _IMAGE | {name: value for name, value in data.items() if value != ""}
        # A Hop3 server does not say when it has built an image.
        data.setdefault("built_at", datetime.fromtimestamp(path.stat().st_mtime, UTC))
    return _validate(BuildArtifact, data, path, newer=only_shown)


def read_runtime(path: Path, *, newer: bool = False) -> RuntimeConfig:
    """Return the runtime configuration at ``path``, in either spelling.

    Raises ArtifactMissingError, ArtifactCorruptError, or, unless it may be ``newer``,
    ArtifactNewerError for a field that is not known: it may be one that matters.
    """
    return _validate(RuntimeConfig, _read_object(path), path, newer=newer)


def unknown_fields(model: BaseModel) -> tuple[str, ...]:
    """Return the fields of ``model``, and of the models in it, that only a newer reader knows."""
    own = list(model.model_extra or ())
    for name in type(model).model_fields:
        if isinstance(value := getattr(model, name), BaseModel):
            own += [f"{name}.{below}" for below in unknown_fields(value)]
    return tuple(sorted(own))


def read_defaults(path: Path) -> frozenset[str]:
    """Return the variables in ``path`` that the environment may override; none without a file.

    Raises ArtifactCorruptError.
    """
    return _read_names(path)


def read_required(path: Path) -> frozenset[str]:
    """Return the variables in ``path`` that need a value at run time; none without a file.

    Raises ArtifactCorruptError.
    """
    return _read_names(path)


def read_writable(path: Path) -> tuple[str, ...]:
    """Return the directories in ``path`` that the app writes to, relative to its tree, sorted.

    There are none without a file. Raises ArtifactCorruptError.
    """
    names = sorted(_read_names(path))
    for name in names:
        if name.startswith("/") or {"", ".", ".."} & set(name.split("/")):
            raise ArtifactCorruptError(
                f"not a directory of the app's tree: {name!r}", file=str(path), tip=_REBUILD
            )
    return tuple(names)


def write_artifact(artifact: BuildArtifact, path: Path) -> None:
    """Write ``artifact`` to ``path`` atomically."""
    write_text_atomic(path, artifact.to_json())


def _read_names(path: Path) -> frozenset[str]:
    try:
        names = _read_json(path)
    except ArtifactMissingError:
        return frozenset()
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ArtifactCorruptError("not a JSON list of names", file=str(path), tip=_REBUILD)
    return frozenset(names)


def _read_object(path: Path) -> dict[str, Any]:
    data = _read_json(path)
    if not isinstance(data, dict):
        raise ArtifactCorruptError("not a JSON object", file=str(path), tip=_REBUILD)
    return data


def _read_json(path: Path) -> Any:
    try:
        return json_value(read_regular(path))
    except (FileNotFoundError, NotADirectoryError):
        raise ArtifactMissingError(
            "there is no such file", file=str(path), tip="Build the app: hop3-nix build APP"
        ) from None
    except OSError as error:
        raise ArtifactCorruptError(
            f"cannot be read: {error.strerror}", file=str(path), tip=_REBUILD
        ) from error
    except Malformed as error:
        raise ArtifactCorruptError(
            error.what, file=str(path), line=error.line, tip=_REBUILD
        ) from error


_IMAGE: Final[dict[str, Any]] = {
    "builder": "docker",
    "app_name": "",
    "build_id": "",
    "location": "",
    "runtime": {"env_vars": {}, "path_prepend": [], "workers": {}},
}
"""What a Hop3 server need not say of an image."""

_REBUILD: Final = "Build the app again: hop3-nix build --rebuild APP"


def _refuse_newer(version: object, path: Path) -> None:
    if isinstance(version, int) and version > CONTRACT_VERSION:
        raise ArtifactNewerError(
            f"written under contract version {version}; this hop3-nix reads up to "
            f"{CONTRACT_VERSION}",
            file=str(path),
            tip=NEWER,
        )


def _validate(model: type[Model], data: dict[str, Any], path: Path, *, newer: bool) -> Model:
    try:
        read = model.model_validate(data)
    except ValidationError as error:
        # What has new fields may have new values of the others as well.
        if not newer and (fields := _unknown(model, data)):
            raise _newer(fields, path) from error
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise ArtifactCorruptError(
            f"{where}: {first['msg']}", file=str(path), tip=_REBUILD
        ) from error
    if not newer and (fields := unknown_fields(read)):
        raise _newer(fields, path)
    return read


def _unknown(model: type[BaseModel], data: dict[str, Any]) -> tuple[str, ...]:
    return tuple(sorted(data.keys() - model.model_fields.keys() - ALIASES.keys()))


def _newer(fields: tuple[str, ...], path: Path) -> ArtifactNewerError:
    return ArtifactNewerError(
        f"newer than this hop3-nix, which does not know its field {', '.join(fields)}",
        file=str(path),
        tip=NEWER,
    )
