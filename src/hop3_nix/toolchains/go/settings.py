"""Go's own variables while the application is built, and whether that takes a C compiler."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from hop3_nix.errors import ConfigError
from hop3_nix.locks.go.modules import read_modules
from hop3_nix.plan import Evidence
from hop3_nix.toolchains.go.packages import read_packages

if TYPE_CHECKING:
    from hop3_nix.toolchains.app import App

CGO: Final = "CGO_ENABLED"

NEED_C: Final = frozenset(
    {
        "github.com/confluentinc/confluent-kafka-go",
        "github.com/confluentinc/confluent-kafka-go/v2",
        "github.com/duckdb/duckdb-go/v2",
        "github.com/marcboeker/go-duckdb",
        "github.com/marcboeker/go-duckdb/v2",
        "github.com/mattn/go-sqlite3",
        "github.com/mutecomm/go-sqlcipher/v4",
    }
)
"""Modules that bring their C with them. Without a C compiler some of them compile, and then fail
when they are used."""

_TUNED: Final[tuple[str, ...]] = ("GOAMD64", "GOARM64", "GOEXPERIMENT")
"""What [env] may say of what is compiled: dependencies are compiled with it as well."""

_OURS: Final = {
    "GOFLAGS": 'Write flags into a build step: [build] build = "go build -tags pro -o bin/ ./..."',
    **dict.fromkeys(
        ("GO111MODULE", "GOCACHE", "GOENV", "GOMODCACHE", "GOPROXY", "GOSUMDB", "GOTOOLCHAIN"),
        "Take it out.",
    ),
}


class Settings(NamedTuple):
    """What Go is told while building, and why it gets a C compiler."""

    environment: dict[str, str]
    evidence: tuple[Evidence, ...]

    @property
    def cgo(self) -> bool:
        """Return whether C is compiled."""
        return self.environment[CGO] == "1"


def decide_settings(app: App) -> Settings:
    """Return what Go is told. Raises ConfigError for a variable that a build sets itself."""
    config = app.config
    for name, tip in _OURS.items():
        if name in config.env:
            file, line = config.where(f"env.{name}")
            raise ConfigError(
                f"{name} is what a build sets by itself", file=file, line=line, tip=tip
            )
    tuned = {name: config.env[name] for name in _TUNED if name in config.env}
    needed, evidence = _cgo(app)
    return Settings({**tuned, CGO: "1" if needed else "0"}, evidence)


def _cgo(app: App) -> tuple[bool, tuple[Evidence, ...]]:
    if said := app.config.env.get(CGO):
        file, line = app.config.where(f"env.{CGO}")
        evidence = Evidence(choice=f"{CGO}={said}", reason="it is asked for", file=file, line=line)
        return said == "1", (evidence,)
    if file := app.once(read_packages).cgo:
        return True, (Evidence(choice=f"{CGO}=1", reason="C is imported", file=file),)
    for module, place in app.read(read_modules).required:
        if module.path in NEED_C:
            reason = f"{module.path} needs a C compiler"
            evidence = Evidence(choice=f"{CGO}=1", reason=reason, file=place.file, line=place.line)
            return True, (evidence,)
    return False, ()
