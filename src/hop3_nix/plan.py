"""The build plan: everything a builder needs, as data; it knows no language and no builder."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    SerializerFunctionWrapHandler,
    ValidationInfo,
    field_validator,
    model_serializer,
)

from hop3_nix.startdata import StartData


class Frozen(BaseModel):
    """A value that crosses module boundaries: immutable, unknown fields refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class PathRef(Frozen):
    """A path inside one layer of the result, typed until a builder resolves it.

    ``deps`` is what comes from the lockfile alone; ``app`` is the source with its build steps
    applied, whose tree stands under ``app/``.
    """

    layer: Literal["deps", "app"]
    path: str = ""
    stage: str = Field(default="", description="The stage whose layer it is; empty for the app.")

    @model_serializer(mode="wrap")
    def _without_no_stage(self, serialise: SerializerFunctionWrapHandler) -> dict[str, Any]:
        data: dict[str, Any] = serialise(self)
        return data if self.stage else {"layer": data["layer"], "path": data["path"]}


class PackageRef(Frozen):
    """A path inside a package of the package set, named by its nixpkgs attribute.

    A local builder, which has no package set, takes the path of ``host`` or leaves the entry
    out when that is empty.
    """

    package: str
    path: str = "bin"
    host: str = ""


class SearchPath(Frozen):
    """A colon-separated list of directories, as in PYTHONPATH."""

    entries: tuple[PathRef | PackageRef, ...]


Value = Annotated[str | PathRef | PackageRef | SearchPath, Field(union_mode="left_to_right")]
"""The value of an environment variable: text, a path, or a list of paths."""

APP_TREE: Final = PathRef(layer="app", path="app")
"""The tree in which build steps and workers run: of a language in a directory, that directory."""

WHOLE_TREE: Final = PathRef(layer="app", path="tree")
"""All of the application's files, where the main language has a directory of its own."""


Integrity = Annotated[str, Field(pattern=r"^(sha(256|512)-[A-Za-z0-9+/]+=*)?$")]
"""A digest as in Subresource Integrity, for ecosystems whose lockfiles have it so; or empty."""


class _Pinned(Frozen):
    """A file of a package, by ``sha256`` or by ``integrity``; the other one is left out."""

    name: str = Field(description="The package it belongs to.")
    version: str

    @field_validator("integrity", check_fields=False)
    @classmethod
    def _one_digest(cls, integrity: str, others: ValidationInfo) -> str:
        if "sha256" in others.data and bool(others.data["sha256"]) == bool(integrity):
            msg = "a file is pinned either by sha256 or by integrity"
            raise ValueError(msg)
        return integrity

    @model_serializer(mode="wrap")
    def _without_the_other(self, serialise: SerializerFunctionWrapHandler) -> dict[str, Any]:
        data: dict[str, Any] = serialise(self)
        del data["sha256" if data["integrity"] else "integrity"]
        return data


class LockedFile(_Pinned):
    """One file that the lockfile pins: what one fixed-output derivation fetches."""

    filename: str
    url: str
    sha256: str = Field(
        default="", pattern=r"^([0-9a-f]{64})?$", description="Digest of the file, in hex."
    )
    integrity: Integrity = Field(default="", validate_default=True)


class UnlocatedFile(_Pinned):
    """A file whose lockfile gives digests but no address; the ecosystem's client knows it."""

    sha256: tuple[str, ...] = Field(
        default=(), description="The digests that the lockfile allows, in hex."
    )
    filename: str = Field(default="", description="Empty if the lockfile does not name it.")
    integrity: Integrity = Field(default="", validate_default=True)


Dependency = LockedFile | UnlocatedFile


REPOSITORY: Final = ".git"
"""The file of evidence that is in no digest of the source: what git knows of it."""


class Evidence(Frozen):
    """Why the plan says what it says: shown to the user by ``hop3-nix plan``."""

    choice: str = Field(description="What was decided, such as 'python 3.13'.")
    reason: str
    file: str = ""
    line: int | None = None


class Problem(Frozen):
    """Something that is wrong with the application, or may be, and what to do about it."""

    severity: Literal["error", "warning"]
    message: str
    file: str = ""
    line: int | None = None
    tip: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line is not None else self.file
        return f"{place}: {self.message}" if place else self.message


class App(Frozen):
    """What the application is called and says of itself."""

    name: str
    version: str = ""
    description: str = ""


class Step(Frozen):
    """One command of a local build; the arguments may be paths of the result."""

    argv: tuple[Value, ...]
    env: dict[str, Value] = {}
    stdin: str = ""


class LocalRecipe(Frozen):
    """One way to build without Nix; the first whose programs the host has is taken."""

    requires: tuple[str, ...]
    files: dict[str, str] = Field(
        default={}, description="Files to write under the release's scratch directory."
    )
    steps: tuple[Step, ...] = Field(description="Before the application's own build steps.")
    finish: tuple[Step, ...] = Field(default=(), description="After them.")


class RuntimePlan(Frozen):
    """The runtime section: what the post-build step turns into a RuntimeConfig."""

    env: dict[str, Value] = {}
    defaults: tuple[str, ...] = Field(
        default=(),
        description="Names in ``env`` that the environment at run time may override.",
    )
    required: tuple[str, ...] = Field(
        default=(), description="Names of variables that need a value at run time."
    )
    path: tuple[PathRef | PackageRef, ...] = ()
    working_dir: PathRef = APP_TREE
    workers: dict[str, str] = {}
    before_run: tuple[str, ...] = ()
    static_paths: dict[str, str] = Field(
        default={}, description="URL prefix to a directory relative to the app's tree."
    )
    writable_tree: PathRef | None = None
    writable: tuple[str, ...] = Field(
        default=(), description="Directories of the tree that are the app's own, kept and written."
    )
    healthcheck_path: str = ""
    healthcheck_timeout: int = Field(default=30, ge=1, description="Seconds.")
    healthcheck_contains: str = ""
    backend_protocol: Literal["http", "fastcgi"] = "http"
    start: StartData = Field(default=StartData(), description="What is done at each start.")
    places: dict[str, PathRef | PackageRef] = Field(
        default={}, description="What the texts of the start data name as ${@NAME}."
    )

    @model_serializer(mode="wrap")
    def _without_no_start(self, serialise: SerializerFunctionWrapHandler) -> dict[str, Any]:
        data: dict[str, Any] = serialise(self)
        for name in ("start", "places"):
            if not getattr(self, name) or self.start == StartData():
                data.pop(name, None)
        return data


class Site(Frozen):
    """A directory of the app's tree as a web server shows it."""

    directory: str
    fallback: str = Field(default="", description="A file in it that is sent for what is no file.")
    listing: bool = False
    immutable: tuple[str, ...] = Field(
        default=(), description="URL prefixes below which every name has a digest in it."
    )

    @property
    def shown(self) -> str:
        """Return what messages call it."""
        return "the whole tree" if self.directory == "." else self.directory


class Options(Frozen):
    """Arguments of one language's Nix functions, by the names that these have for them."""

    tools: dict[str, str] = Field(
        default={}, description="Package-set attributes beside the interpreter, by argument."
    )
    deps: dict[str, JsonValue] = Field(default={}, description="Arguments of mkDeps.")
    app: dict[str, JsonValue] = Field(default={}, description="Arguments of mkApp.")
    reads_source: bool = Field(
        default=False, description="Whether mkDeps is given the application's files."
    )


class BuildPlan(Frozen):
    """What a toolchain decided: input to the renderer and to the local builder."""

    format: Literal[1] = 1
    app: App
    toolchain: str = Field(description="The language, and so the Nix functions.")
    directory: str = Field(
        default="", description="Where the language's files are, and commands run; empty: the top."
    )
    interpreter: str = Field(
        description="Attribute (or, locally, program) of the interpreter; empty without one."
    )
    packages: tuple[str, ...] = Field(
        default=(), description="Package-set attributes that the workers have on PATH."
    )
    build_packages: tuple[str, ...] = Field(
        default=(), description="Package-set attributes that only the build steps have."
    )
    dependencies: tuple[Dependency, ...] = ()
    build_dependencies: tuple[Dependency, ...] = ()
    build_steps: tuple[str, ...] = Field(
        default=(), description="Shell command lines run in the app's tree, in order."
    )
    options: Options = Options()
    stages: tuple[Stage, ...] = Field(
        default=(), description="Parts in other languages, built before this one's build steps."
    )
    runtime: RuntimePlan
    site: Site | None = Field(
        default=None, description="What a web server shows in place of a worker for HTTP."
    )
    evidence: tuple[Evidence, ...] = ()
    warnings: tuple[Problem, ...] = Field(
        default=(), description="What may be wrong, and keeps nothing from being built."
    )

    @model_serializer(mode="wrap")
    def _without_nothing(self, serialise: SerializerFunctionWrapHandler) -> dict[str, Any]:
        data: dict[str, Any] = serialise(self)
        for name in ("directory", "warnings"):
            if not data[name]:
                del data[name]
        return data


class Stage(Frozen):
    """A part of the application in another language, which is built before the rest of it.

    What its build steps make goes to the same place in the application's tree.
    """

    plan: BuildPlan = Field(description="Its runtime section holds for its build steps alone.")
    directory: str = Field(default="", description="Where its files are; empty for the top.")
    whole_tree: bool = Field(
        default=True, description="Whether its build steps see more than that directory."
    )
    kept: bool = Field(
        default=False, description="Whether the workers have its language and packages as well."
    )

    @property
    def name(self) -> str:
        """Return its name, which no other stage of the application has: its toolchain's."""
        return self.plan.toolchain

    @property
    def title(self) -> str:
        """Return what messages call it."""
        return f"stage {self.name}" + (f" in {self.directory}" if self.directory else "")


class _Offered(Frozen):
    language: str
    version: str = Field(description="Full version, such as 3.13.5.")
    libc: str = Field(description="Version of the glibc it runs on, such as 2.41.")


class Offer(_Offered):
    """One interpreter or compiler that a package set has."""

    attribute: str = Field(description="nixpkgs attribute.")

    @property
    def named(self) -> str:
        """Return it as a plan names it."""
        return self.attribute


class HostOffer(_Offered):
    """One interpreter, compiler or server that this machine has."""

    program: str = Field(description="Its path.")

    @property
    def named(self) -> str:
        """Return it as a plan names it."""
        return self.program


AnyOffer = Offer | HostOffer


class Target(Frozen):
    """What a plan is made for: the machine and what the package set offers on it."""

    system: Literal["x86_64-linux", "aarch64-linux"]
    package_set: str = Field(description="For messages: 'debian', 'nixpkgs', 'this machine'.")
    on_host: bool = Field(
        default=False, description="Whether it is this machine, without a package set."
    )
    offers: tuple[AnyOffer, ...]
    packages: frozenset[str] | None = Field(
        default=None, description="Attributes that exist; None if any may."
    )

    def offers_for(self, language: str) -> tuple[AnyOffer, ...]:
        """Return the offers of ``language``, the preferred one first."""
        return tuple(offer for offer in self.offers if offer.language == language)
