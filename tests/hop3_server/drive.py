"""Do with an app what a Hop3 server does, as far as the build; run by the server's own Python.

usage: drive.py SOURCE [nix | choose | load | deploy]
With "nix", the server's NixBuilder builds; else the builder that the server chooses. With "deploy",
the whole of its deployment is run, as far as what uWSGI's emperor is given. Prints JSON.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from types import SimpleNamespace

from hop3 import config as server
from hop3.core.artifacts import ARTIFACT_FILENAME, BuildArtifact
from hop3.core.plugins import get_builder
from hop3.core.protocols import DeploymentContext
from hop3.deployers import deployer
from hop3.lib import Abort
from hop3.orm.app import App, AppStateEnum
from hop3.plugins.build.nix.builder import NixBuilder
from hop3.plugins.deploy.static import deployer as static
from hop3.project.config import AppConfig
from hop3.run.spawn import AppLauncher


def main(source: Path, kind: str) -> dict[str, object]:
    # It would end every nix-build on the machine that builds a file of the same name.
    NixBuilder._kill_stale_nix_builds = lambda *_: None
    name = source.parent.name
    config = AppConfig.from_dir(source.parent)
    context = DeploymentContext(name, source, config.to_dict())
    try:
        builder = NixBuilder(context) if kind == "nix" else get_builder(context)
        chosen = {"builder": type(builder).__name__, "name": builder.name}
        if kind == "choose":
            return chosen
        artifact = builder.build()
    except Abort as error:
        return {"abort": error.msg}
    saved = source.parent / ARTIFACT_FILENAME
    artifact.save(saved)
    return {**chosen, "artifact": artifact.to_dict(), "saved": str(saved)}


def deploy(source: Path, uid: int) -> dict[str, object]:
    """Deploy, from what is pushed to where the emperor would start it, as user ``uid``."""
    name = source.parent.name
    app = App(name=name, port=0, run_state=AppStateEnum.STOPPED)
    for directory in (*server.ROOT_DIRS, app.log_path, app.virtualenv_path):
        directory.mkdir(parents=True, exist_ok=True)
    verify = AppLauncher.verify_nix_closure_intact

    def verify_and_become(launcher: AppLauncher) -> None:
        # The store of these tests answers its owner alone; all that follows is the user's.
        verify(launcher)
        for root, directories, files in os.walk(server.HOP3_ROOT):
            for each in (root, *(Path(root, below) for below in (*directories, *files))):
                os.chown(each, uid, uid, follow_symlinks=False)
        os.setgroups([])
        os.setgid(uid)
        os.setuid(uid)

    AppLauncher.verify_nix_closure_intact = verify_and_become
    started: dict[str, object] = {}
    # It waits for the emperor's processes, which the caller starts.
    deployer._update_app_model = lambda _, runtime, info, *__: started.update(
        runtime=runtime, address=info.address
    )
    # It needs a daemon of root's that has nginx read what was written for it.
    static.get_proxy_strategy = lambda *_: SimpleNamespace(setup=lambda: None)
    try:
        deployer.do_deploy(app)
    except Abort as error:
        return {"abort": error.msg}
    files = server.UWSGI_ENABLED.glob(f"{name}*.ini")
    vassals = {file.name.removeprefix(f"{name}_"): settings(file.read_text()) for file in files}
    saved = source.parent / ARTIFACT_FILENAME
    return {**started, "vassals": vassals, "artifact": json.loads(saved.read_text())}


def settings(text: str) -> dict[str, list[str]]:
    """Return what a file for uWSGI sets, each name as often as it stands there."""
    values: dict[str, list[str]] = {}
    for line in text.splitlines():
        name, equals, value = line.partition(" = ")
        if equals:
            values.setdefault(name, []).append(value)
    return values


def load(path: Path) -> dict[str, object] | None:
    artifact = BuildArtifact.load(path)
    return None if artifact is None else artifact.to_dict()


if __name__ == "__main__":
    what = sys.argv[2] if len(sys.argv) > 2 else "build"
    path = Path(sys.argv[1])
    if what == "load":
        result = load(path)
    elif what == "deploy":
        result = deploy(path, int(sys.argv[3]))
    else:
        result = main(path, what)
    # Behind what the server's own log prints.
    sys.stdout.write(f"\n{json.dumps(result)}\n")
