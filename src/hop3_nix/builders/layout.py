"""Where the paths of a plan are in a local release, and its runtime section as a specification."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, assert_never

from hop3_nix.plan import APP_TREE, WHOLE_TREE, PackageRef, PathRef, SearchPath, Value

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from hop3_nix.plan import BuildPlan, RuntimePlan


@dataclass(frozen=True)
class Layout:
    """A release directory, which has the shape of the Nix result: deps, app and the bundle.

    Of a language whose files stand in a ``directory``, that is the tree; paths that lead out of it
    mean what they do in the application, as it has its place in ``top``.
    """

    release: Path
    directory: str = ""

    def of_stage(self, name: str, directory: str = "") -> Layout:
        """Return the layout of a stage, which has the same shape."""
        return Layout(self.release / "stages" / name, directory)

    @property
    def top(self) -> Path:
        """Return the directory that holds the application's files, or what of them is needed."""
        return self.release / "app" / (WHOLE_TREE if self.directory else APP_TREE).path

    @property
    def tree(self) -> Path:
        """Return the directory of the tree in which build steps run."""
        return self.top / self.directory

    def path(self, ref: PathRef | PackageRef) -> str:
        """Return where ``ref`` is; empty for a package that stands nowhere on a host."""
        match ref:
            case PathRef():
                part = self.of_stage(ref.stage) if ref.stage else self
                return str(part.place(ref))
            case PackageRef():
                return ref.host
            case _:
                assert_never(ref)

    def place(self, ref: PathRef) -> Path:
        """Return where ``ref``, whose stage this is the layout of, is."""
        first, _, rest = ref.path.partition("/")
        if (ref.layer, first) == (APP_TREE.layer, APP_TREE.path):
            return self.tree / rest
        return self.release / ref.layer / ref.path

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

    def _start(self, runtime: RuntimePlan) -> dict[str, Any]:
        start: dict[str, Any] = runtime.start.said()
        if start and runtime.places:
            start["places"] = {name: self.path(ref) for name, ref in runtime.places.items()}
        return start

    def specification(self, plan: BuildPlan, shell: str) -> dict[str, Any]:
        """Return what the post-build step takes as JSON; the launchers are run by ``shell``."""
        runtime = plan.runtime
        return {
            **runtime.model_dump(
                exclude={"env", "path", "working_dir", "writable_tree", "start", "places"}
            ),
            "start": self._start(runtime),
            "mode": "local",
            "app_name": plan.app.name,
            "shell": shell,
            "env": self.environment(runtime.env),
            "path": self.search_path(plan),
            "tree": str(self.top) if plan.directory else "",
            "working_dir": self.path(runtime.working_dir),
            "writable_tree": self.path(runtime.writable_tree) if runtime.writable_tree else "",
        }
