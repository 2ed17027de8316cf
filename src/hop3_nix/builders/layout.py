"""Where the paths of a plan are in a local release, and its runtime section as a specification."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, assert_never

from hop3_nix.plan import PackageRef, PathRef, SearchPath, Value

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from hop3_nix.plan import BuildPlan


@dataclass(frozen=True)
class Layout:
    """A release directory, which has the shape of the Nix result: deps, app and the bundle."""

    release: Path

    @property
    def tree(self) -> Path:
        """Return the directory of the application's own tree."""
        return self.release / "app" / "app"

    def path(self, ref: PathRef | PackageRef) -> str:
        """Return where ``ref`` is; empty for a package that stands nowhere on a host."""
        match ref:
            case PathRef():
                return str(self.release / ref.layer / ref.path)
            case PackageRef():
                return ref.host
            case _:
                assert_never(ref)

    def text(self, value: Value) -> str:
        """Return ``value`` as text; empty if all it names stands nowhere on a host."""
        match value:
            case str():
                return value
            case SearchPath():
                return ":".join(filter(None, map(self.path, value.entries)))
            case _:
                return self.path(value)

    def environment(self, values: Mapping[str, Value]) -> dict[str, str]:
        """Return ``values`` as text, without those that stand for nothing here."""
        texts = {name: (value, self.text(value)) for name, value in values.items()}
        return {name: text for name, (value, text) in texts.items() if text or value == ""}

    def search_path(self, plan: BuildPlan) -> list[str]:
        """Return the directories in front of the host's PATH."""
        return [path for ref in plan.runtime.path if (path := self.path(ref))]

    def specification(self, plan: BuildPlan, shell: str) -> dict[str, Any]:
        """Return what the post-build step takes as JSON; the launchers are run by ``shell``."""
        runtime = plan.runtime
        return {
            **runtime.model_dump(exclude={"env", "path", "working_dir", "writable_tree"}),
            "mode": "local",
            "app_name": plan.app.name,
            "shell": shell,
            "env": self.environment(runtime.env),
            "path": self.search_path(plan),
            "working_dir": self.path(runtime.working_dir),
            "writable_tree": self.path(runtime.writable_tree) if runtime.writable_tree else "",
        }
