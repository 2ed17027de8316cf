"""The files that finish an artifact, after verifying all that they name."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from hop3_nix.workers.described import FILE, FORMAT
from hop3_nix.workers.environment import OF_THE_STARTER
from hop3_nix.workers.health import GOOD

from .artifact import Artifact
from .bash import VARIABLES
from .launchers import in_order, launcher, steps_body
from .problems import BUILDER_TIP, ProblemError, Report
from .resolve import Resolver
from .spec import READ
from .starting import DATA, start_script, steps_of
from .starting import FILE as START
from .words import NAME

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .spec import Spec


def problems(spec: Spec, out: str) -> tuple[str, ...]:
    """Return what would have kept an artifact that is there from being built, by the same rules.

    The mode of ``spec`` is READ, its closure is complete, and ``out`` is the artifact.
    """
    report = Report()
    finished_files(spec, out, report)
    return tuple(report.blocks)


def finished_files(spec: Spec, out: str, report: Report) -> dict[str, str]:
    """Return what to write under ``out``, by path; of no use if there are problems."""
    artifact = Artifact(spec, out)
    _verify(spec, artifact, report)
    resolver = Resolver(spec, artifact, report)
    workers = {name: resolver.worker(name, text) for name, text in sorted(spec.workers.items())}
    before = [
        resolver.line(f"before_run {number}", text)
        for number, text in enumerate(spec.before_run, 1)
    ]
    runtime = {
        "env_vars": spec.env,
        "env": spec.env,
        "path_prepend": spec.path,
        "path": spec.path,
        "working_dir": spec.working_dir,
        "workers": {name: worker.text for name, worker in workers.items()},
        "before_run": [line.text for line in before],
        "static_paths": {
            url: resolver.static(f"static path {url}", path)
            for url, path in sorted(spec.static_paths.items())
        },
        "writable_tree": spec.writable_tree,
        "healthcheck_path": spec.healthcheck_path,
        "healthcheck_timeout": spec.healthcheck_timeout,
        "backend_protocol": spec.backend_protocol,
    }
    bodies = {f"bin/{name}": worker.body for name, worker in workers.items() if worker.body}
    for path, body in bodies.items():
        name = os.path.basename(path)
        lines = [
            resolver.line(f"step {number} before {name}", text)
            for number, text in enumerate(steps_of(spec, name), 1)
        ]
        bodies[path] = in_order([line.launched for line in lines]) + body
    bodies["hop3/before-run"] = steps_body([line.launched for line in before])
    start = f"{out}/{START}" if spec.start else ""
    described = {
        "format": FORMAT,
        "tree": spec.moved_tree,
        "working_dir": spec.working_dir,
        "workers": {name: worker.worker.to_data() for name, worker in workers.items()},
        "health": {
            "path": spec.healthcheck_path,
            "timeout": spec.healthcheck_timeout,
            "protocol": spec.backend_protocol,
            "status": list(GOOD),
            "contains": spec.healthcheck_contains,
        },
    }
    started: dict[str, str] = {}
    if start:
        started = {DATA: _json({"format": FORMAT, **spec.start}), START: start_script(spec, report)}
    return {
        **{path: launcher(spec, body, start=start) for path, body in bodies.items()},
        "hop3/exec": launcher(spec, 'exec "$@"\n', required=False, start=start),
        "hop3/defaults.json": _json(sorted(set(spec.defaults))),
        "hop3/required.json": _json(sorted(set(spec.required))),
        "hop3/runtime.json": _json(runtime),
        FILE: _json(described),
        **started,
        **({"hop3/writable.json": _json(sorted(spec.writable))} if spec.writable else {}),
    }


def _json(data: Any) -> str:
    return json.dumps(data, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _verify(spec: Spec, artifact: Artifact, report: Report) -> None:
    """Report what is wrong with what the builder chose and with the environment."""
    for name, value in spec.env.items():
        where = f"environment variable {name}"
        # A server's own builder may say PATH here.
        if (spec.mode, name) != (READ, "PATH"):
            report.add(where, _check_name(name))
        report.add(where, artifact.check_text(value))
        report.add(where, artifact.check_loaded(name, value, spec.working_dir))
    for entry in spec.path:
        report.add("PATH", artifact.check_directory(entry))
        if ":" in entry:
            report.add("PATH", [ProblemError(f"{entry} has a colon", BUILDER_TIP)])
    if spec.working_dir or spec.mode != READ:
        report.add("working_dir", artifact.check_directory(spec.working_dir))
    for path in spec.writable:
        report.add("writable", artifact.check_directory(f"{spec.working_dir}/{path}"))
    if spec.writable_tree:
        report.add("writable_tree", artifact.check_directory(spec.writable_tree))
    if spec.mode != READ and not artifact.holds(spec.shell):
        what = f"{spec.shell} is not part of the artifact"
        report.add("shell", [ProblemError(what, BUILDER_TIP)])


def _check_name(name: str) -> Iterator[ProblemError]:
    if name == "PATH":
        tip = "name the packages to have on it in `packages` under [run]"
        yield ProblemError("is made from the artifact's packages", tip)
    elif name in OF_THE_STARTER:
        yield ProblemError("is set by whoever starts the app", OF_THE_STARTER[name])
    elif not NAME.fullmatch(name) or name in VARIABLES:
        yield ProblemError("is not a name that the shell can set", "choose another name")
