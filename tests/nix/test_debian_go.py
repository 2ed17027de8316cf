"""Go of the embedded set on real Nix: with C, with modules in vendor/, and after a change."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

from running import closure, only_closure

if TYPE_CHECKING:
    from conftest import Cli

FILES = {
    "go.mod": "module example.org/shop\n\ngo 1.21\n\nrequire example.org/one v1.0.0\n",
    "vendor/modules.txt": "# example.org/one v1.0.0\n## explicit\nexample.org/one\n",
    "vendor/example.org/one/one.go": 'package one\n\nconst Name = "one"\n',
    "main.go": (
        "package main\n\n"
        "/*\n#cgo LDFLAGS: -lm\n#include <math.h>\n"
        "static int root(int x) { return (int)sqrt(x); }\n*/\n"
        'import "C"\n\n'
        'import (\n\t"fmt"\n\n\t"example.org/one"\n)\n\n'
        'func main() { fmt.Println("root", C.root(1764), "of", one.Name) }\n'
    ),
}


def build(cli: Cli, app: Path, *options: str) -> tuple[Path, str]:
    done = cli("build", app, "--builder", "nix", "--pkgs", "debian", "--json", "-v", *options)
    return Path(json.loads(done.stdout)["location"]), done.stderr


def test_c_and_vendored_modules_are_compiled_alike_and_leave_no_compiler(
    cli: Cli, tmp_path: Path
) -> None:
    app = tmp_path / "shop"
    for name, text in FILES.items():
        (app / name).parent.mkdir(parents=True, exist_ok=True)
        (app / name).write_text(text)
    location, _ = build(cli, app, "--check")
    paths = closure(location)
    names = [Path(path).name.partition("-")[2] for path in paths]
    assert not [name for name in names if name.startswith(("go-", "gcc", "shop-deps"))]
    [tree] = [Path(path) for path in paths if path.endswith("-shop-app")]
    argv = [*only_closure(location, {}), str(tree / "app/bin/shop")]
    said = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    assert said == "root 42 of one\n"

    # Another line each time, so that the store has no result of it.
    (app / "main.go").write_text(FILES["main.go"].replace("1764", str(time.time_ns() % 10**8)))
    changed, log = build(cli, app)
    assert changed != location
    assert "building shop-app" in log
    assert "shop-deps" not in log
    assert "go-std" not in log
