"""The files that finish an artifact, after verifying all that they name."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from hop3_nix.workers.described import FILE, FORMAT
from hop3_nix.workers.environment import OF_THE_STARTER
from hop3_nix.workers.health import GOOD

from .artifact import Artifact
from .bash import VARIABLES
from .launchers import launcher, steps_body
from .problems import BUILDER_TIP, ProblemError
from .resolve import Resolver
from .words import NAME

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .problems import Report
    from .spec import Spec


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
    bodies["hop3/before-run"] = steps_body([line.launched for line in before])
    bodies["hop3/exec"] = 'exec "$@"\n'
    described = {
        "format": FORMAT,
        "tree": spec.tree,
        "working_dir": spec.working_dir,
        "workers": {name: worker.worker.to_data() for name, worker in workers.items()},
        "health": {
            "path": spec.healthcheck_path,
            "timeout": spec.healthcheck_timeout,
            "protocol": spec.backend_protocol,
            "status": list(GOOD),
        },
    }
    return {
        **{path: launcher(spec, body) for path, body in bodies.items()},
        "hop3/defaults.json": _json(sorted(set(spec.defaults))),
        "hop3/required.json": _json(sorted(set(spec.required))),
        "hop3/runtime.json": _json(runtime),
        FILE: _json(described),
    }


def _json(data: Any) -> str:
    return json.dumps(data, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _verify(spec: Spec, artifact: Artifact, report: Report) -> None:
    """Report what is wrong with what the builder chose and with the environment."""
    for name, value in spec.env.items():
        report.add(f"environment variable {name}", _check_name(name))
        report.add(f"environment variable {name}", artifact.check_text(value))
    for entry in spec.path:
        report.add("PATH", artifact.check_directory(entry))
        if ":" in entry:
            report.add("PATH", [ProblemError(f"{entry} has a colon", BUILDER_TIP)])
    report.add("working_dir", artifact.check_directory(spec.working_dir))
    if spec.writable_tree:
        report.add("writable_tree", artifact.check_directory(spec.writable_tree))
    if not artifact.holds(spec.shell):
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
