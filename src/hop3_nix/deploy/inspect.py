"""An artifact as a person wants to read it, as plain data; the command line prints it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from hop3_nix.deploy.artifact import STORE
from hop3_nix.deploy.kinds import split_schedule
from hop3_nix.errors import UnavailableError
from hop3_nix.nix import commands as nixcli
from hop3_nix.workers.kind import Kind, kind_of

if TYPE_CHECKING:
    from hop3_nix.deploy.artifact import Located

Row = tuple[str, str]

EVIDENCE: Final = "evidence"
"""The key of the metadata under which a build says why it decided as it did."""


@dataclass(frozen=True)
class Worker:
    """One worker: its command line, and when it runs if that is not always."""

    name: str
    kind: Kind
    command: str
    schedule: str
    launcher: str
    """The program that becomes it, or "" if there is none."""


@dataclass(frozen=True)
class Closure:
    """What has to be on a machine for the artifact to run there."""

    paths: int
    size: int
    """Bytes, as the store counts them."""


@dataclass(frozen=True)
class Inspection:
    """All that there is to say of an artifact."""

    app: str
    kind: str
    builder: str
    location: str
    built_at: str
    build_id: str
    found_in: str
    workers: tuple[Worker, ...]
    before_run: tuple[str, ...]
    env: dict[str, str]
    path: tuple[str, ...]
    working_dir: str
    writable_tree: str
    static_paths: dict[str, str]
    healthcheck: str
    backend_protocol: str
    closure: Closure | None
    """None for what is not in a store, and where Nix is not installed."""
    provenance: dict[str, Any]

    def to_data(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return asdict(self)

    def sections(self) -> tuple[tuple[str, tuple[Row, ...]], ...]:
        """Return (title, rows) for each section that has something to show."""
        sections = (
            ("Artifact", self._about()),
            ("Workers", tuple((worker.name, _described(worker)) for worker in self.workers)),
            ("Before they start", tuple(_numbered(self.before_run))),
            ("Environment", tuple(sorted(self.env.items()))),
            ("PATH", tuple(_numbered(self.path))),
            ("Static files", tuple(sorted(self.static_paths.items()))),
            ("Provenance", tuple(_provenance(self.provenance))),
            ("Why", tuple(_reasons(self.provenance.get(EVIDENCE)))),
        )
        return tuple((title, rows) for title, rows in sections if rows)

    def _about(self) -> tuple[Row, ...]:
        built_by = self.kind if self.kind == self.builder else f"{self.kind}, {self.builder}"
        closure = _closure_text(self.closure) if self.closure else ""
        rows = (
            ("app", f"{self.app} ({built_by})"),
            ("location", self.location),
            ("closure", closure),
            ("built", self.built_at),
            ("build id", self.build_id),
            ("found in", self.found_in),
            ("starts in", self.working_dir),
            ("writes to a copy of", self.writable_tree),
            ("health check", self.healthcheck),
            ("protocol", self.backend_protocol),
        )
        return tuple((name, value) for name, value in rows if value)


def inspect(located: Located) -> Inspection:
    """Return what ``located`` is. Raises what Nix's failures raise, but not if there is no Nix."""
    artifact, runtime = located.artifact, located.artifact.runtime
    workers = tuple(_worker(located, name) for name in sorted(runtime.workers))
    health = f"{runtime.healthcheck_path} within {runtime.healthcheck_timeout} s"
    return Inspection(
        app=artifact.app_name,
        kind=artifact.kind,
        builder=artifact.builder,
        location=artifact.location,
        built_at=artifact.built_at.isoformat(),
        build_id=artifact.build_id,
        found_in=str(located.file),
        workers=workers,
        before_run=tuple(runtime.before_run),
        env=dict(runtime.env_vars),
        path=tuple(runtime.path_prepend),
        working_dir=runtime.working_dir,
        writable_tree=runtime.writable_tree,
        static_paths=dict(runtime.static_paths),
        healthcheck=health if runtime.healthcheck_path else "",
        backend_protocol=runtime.backend_protocol,
        closure=_closure(located),
        provenance=dict(artifact.metadata),
    )


def _worker(located: Located, name: str) -> Worker:
    schedule, command = split_schedule(name, located.artifact.runtime.workers[name])
    launcher = located.launcher(name)
    return Worker(name, kind_of(name), command, schedule, str(launcher or ""))


def _closure(located: Located) -> Closure | None:
    if located.location.parent != STORE:
        return None
    try:
        paths = nixcli.closure(located.location)
        return Closure(len(paths), nixcli.size(*paths))
    except UnavailableError:
        return None


def _described(worker: Worker) -> str:
    match worker.kind:
        case "cron":
            return f"at {worker.schedule}: {worker.command}"
        case "static":
            return f"files for a web server: {worker.command}"
        case "process":
            return worker.command


def _numbered(values: tuple[str, ...]) -> list[Row]:
    return [(str(number), value) for number, value in enumerate(values, start=1)]


def _provenance(metadata: dict[str, Any]) -> list[Row]:
    return [(key, _flat(value)) for key, value in metadata.items() if key != EVIDENCE]


def _reasons(evidence: object) -> list[Row]:
    """Return what the build decided, and the file and line that each decision comes from."""
    rows = []
    for one in evidence if isinstance(evidence, list) else []:
        if not isinstance(one, dict):
            continue  # another builder may say it in its own way
        choice, reason, *place = (
            str(one.get(key) or "") for key in ("choice", "reason", "file", "line")
        )
        where = ":".join(filter(None, place))
        rows.append((choice, f"{reason} ({where})" if where else reason))
    return rows


def _flat(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_flat(item)}" for key, item in value.items())
    return str(value)


def _closure_text(closure: Closure) -> str:
    paths = "1 path" if closure.paths == 1 else f"{closure.paths} paths"
    return f"{paths}, {closure.size / 1e6:,.1f} MB"
