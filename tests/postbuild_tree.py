"""A small store to run the post-build step over."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

from hop3_nix.postbuild.__main__ import main

if TYPE_CHECKING:
    from pathlib import Path

SHOW = """\
printf '%s\\n' "$$" "$PWD"
printf '%s\\0' "$@"
"""


class Tree:
    """A store with bash, env, `show` and `fail`, an app, and the specification for both."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.store = root / "store"
        self.out = self.store / "bundle"
        self.app = self.store / "app" / "app"
        self.bash = self.store / "bash/bin/bash"
        self.app.mkdir(parents=True)
        for program in ("bash", "env", "sleep"):
            target = self.store / "bash/bin" / program
            target.parent.mkdir(exist_ok=True, parents=True)
            shutil.copy(shutil.which(program) or program, target)
        self.script("tools/bin/show", SHOW)
        self.script("tools/bin/fail", "exit 3\n")
        self.spec: dict[str, Any] = {
            "mode": "nix",
            "app_name": "shop",
            "shell": str(self.bash),
            "store": str(self.store),
            "path": [str(self.store / "tools/bin"), str(self.store / "bash/bin")],
            "working_dir": str(self.app),
            "workers": {"web": "show"},
            "closure": [str(self.store / name) for name in ("app", "bash", "tools")],
            "forbidden": ["/usr", "/home", "/build"],
        }

    def script(self, path: str, text: str, *, interpreter: str = "") -> Path:
        """Write an executable script under the store."""
        target = self.store / path
        target.parent.mkdir(exist_ok=True, parents=True)
        target.write_text(f"#!{interpreter or self.bash}\n{text}", encoding="utf-8")
        target.chmod(0o755)
        return target

    def build(self, **changes: Any) -> int:
        """Run the step with a changed specification; return its exit code."""
        self.spec |= changes
        file = self.root / "spec.json"
        file.write_text(json.dumps(self.spec), encoding="utf-8")
        return main([str(file), str(self.out)])

    @property
    def runtime(self) -> dict[str, Any]:
        """Return what was written to runtime.json."""
        data: dict[str, Any] = json.loads((self.out / "hop3/runtime.json").read_bytes())
        return data

    def run(
        self, launcher: str, *arguments: str, env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        """Run a launcher, elsewhere, with nothing in its environment but ``env``."""
        return subprocess.run(
            [self.out / launcher, *arguments],
            env=env or {},
            cwd=self.root,
            capture_output=True,
            check=False,
        )

    def environment(self, launcher: str, env: dict[str, str] | None = None) -> dict[str, str]:
        """Return the environment that a launcher of ``env -0`` shows."""
        shown = os.fsdecode(self.run(launcher, env=env).stdout).split("\0")[:-1]
        return dict(variable.split("=", 1) for variable in shown)
