from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hop3_nix.builders import base, recipes, releases
from hop3_nix.builders.base import BuildRequest
from hop3_nix.builders.layout import Layout
from hop3_nix.builders.local import LocalBuilder
from hop3_nix.contract import (
    ARTIFACT_FILE,
    REQUIRED_FILE,
    read_artifact,
    read_required,
    read_runtime,
)
from hop3_nix.errors import (
    BuildError,
    ConfigError,
    Hop3NixError,
    InputError,
    LockError,
    TemporaryError,
    UnavailableError,
    UnsupportedError,
)
from hop3_nix.plan import (
    APP_TREE,
    App,
    BuildPlan,
    Evidence,
    LocalRecipe,
    PackageRef,
    PathRef,
    RuntimePlan,
    SearchPath,
    Stage,
    Step,
    Target,
)
from hop3_nix.source import Source
from hop3_nix.toolchains.composition import Recipes

if TYPE_CHECKING:
    from hop3_nix.contract import BuildArtifact

TARGET = Target(system="x86_64-linux", package_set="this machine", on_host=True, offers=())
DEPS = PathRef(layer="deps")
PROGRAM = "#!/bin/sh\necho served from $0\n"


def install(text: str = PROGRAM, **step: Any) -> LocalRecipe:
    """Return a recipe that installs one program."""
    script = 'mkdir -p "$1/bin"; cp program "$1/bin/serve"; chmod +x "$1/bin/serve"; echo done'
    return LocalRecipe(
        requires=("sh",),
        files={"program": text},
        steps=(Step(argv=("sh", "-c", script, "sh", DEPS), **step),),
    )


class Planned(BuildPlan):
    """A plan, with the recipes that its language would have for it."""

    recipes: tuple[LocalRecipe, ...]


def recipes_of(plan: BuildPlan, _target: Target) -> Recipes:
    assert isinstance(plan, Planned)
    stages = [stage.plan for stage in plan.stages]
    return Recipes(
        plan.recipes, tuple(each.recipes for each in stages if isinstance(each, Planned))
    )


def make_plan(*recipes: LocalRecipe, **fields: Any) -> Planned:
    runtime = {
        "path": (PathRef(layer="deps", path="bin"), PackageRef(package="bash")),
        "workers": {"web": "serve --port $PORT"},
        **fields.pop("runtime", {}),
    }
    return Planned(
        app=App(name="shop"),
        toolchain="test",
        interpreter="sh",
        recipes=recipes or (install(),),
        runtime=RuntimePlan(**runtime),
        **fields,
    )


@pytest.fixture
def app(tmp_path: Path) -> Path:
    root = tmp_path / "app"
    root.mkdir()
    (root / "main.txt").write_text("one\n")
    return root


def build(app: Path, plan: BuildPlan, *, build_id: str = "a" * 32, **options: Any) -> BuildArtifact:
    request = BuildRequest(
        plan=plan,
        source=Source.open(app),
        state=app.parent / "state",
        build_id=build_id,
        **options,
    )
    return LocalBuilder(TARGET, recipes_of).build(request)


def releases_of(app: Path) -> list[str]:
    directory = app.parent / "state" / "releases"
    return sorted(path.name for path in directory.iterdir()) if directory.exists() else []


def test_a_release_has_the_shape_of_the_nix_result(app: Path) -> None:
    artifact = build(app, make_plan())
    release = app.parent / "state" / "releases" / ("a" * 32)
    assert artifact.location == str(release)
    assert (release / "app/app/main.txt").read_text() == "one\n"
    assert artifact.runtime == read_runtime(release / "hop3/runtime.json")
    assert artifact.runtime.workers == {"web": f"{release}/deps/bin/serve --port $PORT"}
    assert artifact.runtime.working_dir == f"{release}/app/app"
    started = subprocess.run([release / "bin/web"], capture_output=True, text=True, check=True)
    assert started.stdout == f"served from {release}/deps/bin/serve\n"


def test_the_artifact_is_recorded_in_the_state_and_in_the_release(app: Path) -> None:
    plan = make_plan(evidence=(Evidence(choice="test", reason="because", file="main.txt"),))
    artifact = build(app, plan)
    state = app.parent / "state"
    assert read_artifact(state / ARTIFACT_FILE) == artifact
    assert read_artifact(state / "releases" / ("a" * 32) / ARTIFACT_FILE) == artifact
    assert (artifact.builder, artifact.kind, artifact.build_id) == ("local", "test", "a" * 32)
    assert artifact.metadata["source_digest"] == Source.open(app).digest
    assert artifact.metadata["contract_version"] == 1
    assert artifact.metadata["provenance"] == "lockfile"
    assert artifact.metadata["package_set"] == {"name": "this machine", "system": "x86_64-linux"}
    assert artifact.metadata["evidence"][0]["reason"] == "because"


def test_what_is_required_stands_in_the_artifact_and_beside_its_runtime(app: Path) -> None:
    artifact = build(app, make_plan(runtime={"required": ("TOKEN", "KEY")}))
    assert artifact.metadata["required_env"] == ["KEY", "TOKEN"]
    assert read_required(Path(artifact.location) / REQUIRED_FILE) == {"KEY", "TOKEN"}


def test_the_source_tree_is_left_as_it_was(app: Path) -> None:
    build(app, make_plan(build_steps=("echo x > made.txt",)))
    assert [path.name for path in app.iterdir()] == ["main.txt"]


def test_build_steps_run_in_the_copy_with_the_programs_of_the_app(app: Path) -> None:
    steps = ("serve > made.txt", 'echo "$STAGE" >> made.txt')
    artifact = build(app, make_plan(build_steps=steps, runtime={"env": {"STAGE": "build"}}))
    text = (app.parent / artifact.runtime.working_dir / "made.txt").read_text()
    assert text == f"served from {artifact.location}/deps/bin/serve\nbuild\n"


def test_a_result_with_a_secret_in_it_is_refused_and_not_kept(app: Path) -> None:
    step = "printf 'sk_%s' live_4eC39HqLyjWDarjtT1zdp7dc > made.js"
    with pytest.raises(ConfigError, match="the result has a key with the prefix"):
        build(app, make_plan(build_steps=(step,)))
    assert releases_of(app) == []


def stage_of(directory: str = "", *, kept: bool = False, step: str = "true") -> Stage:
    script = 'mkdir -p "$1/bin"; cp program "$1/bin/made-with"; chmod +x "$1/bin/made-with"'
    install_it = Step(argv=("sh", "-c", script, "sh", DEPS))
    recipe = LocalRecipe(requires=("sh",), files={"program": PROGRAM}, steps=(install_it,))
    runtime = {"path": (PathRef(layer="deps", path="bin"),)}
    plan = make_plan(recipe, build_steps=(step,), runtime={**runtime, "workers": {}})
    plan = plan.model_copy(update={"toolchain": "other"})
    return Stage(plan=plan, directory=directory, whole_tree=not directory, kept=kept)


def test_a_stage_is_built_first_with_its_own_programs(app: Path) -> None:
    stage = stage_of(step="made-with > made.txt; cat main.txt >> made.txt; mkdir empty")
    artifact = build(app, make_plan(stages=(stage,), build_steps=("cp made.txt after.txt",)))
    release = Path(artifact.location)
    text = (release / "app/app/after.txt").read_text()
    assert text == f"served from {release}/stages/other/deps/bin/made-with\none\n"
    assert (release / "app/app/empty").is_dir()
    assert not (release / "stages").exists()


def test_a_stage_in_a_directory_sees_that_and_may_write_beside_it(app: Path) -> None:
    (app / "ui").mkdir()
    (app / "ui/page.txt").write_text("page")
    stage = stage_of("ui", step="cp page.txt copy.txt; test ! -e ../main.txt; echo 1 >../out.txt")
    tree = Path(build(app, make_plan(stages=(stage,))).location) / "app/app"
    assert (tree / "ui/copy.txt").read_text() == "page"
    assert (tree / "out.txt").read_text() == "1\n"
    assert (tree / "main.txt").read_text() == "one\n"


def test_a_stage_that_is_kept_stays_where_the_plan_names_it(app: Path) -> None:
    path = (PathRef(layer="deps", path="bin", stage="other"),)
    runtime = {"path": path, "workers": {"web": "made-with"}}
    plan = make_plan(stages=(stage_of(kept=True),), runtime=runtime)
    artifact = build(app, plan)
    program = f"{artifact.location}/stages/other/deps/bin/made-with"
    assert artifact.runtime.workers == {"web": program}
    assert Path(program).exists()


def test_a_stage_that_fails_is_named_and_leaves_nothing(app: Path) -> None:
    (app / "ui").mkdir()
    (app / "ui/page.txt").write_text("page")
    with pytest.raises(BuildError, match=r"^stage other in ui: false returned 1"):
        build(app, make_plan(stages=(stage_of("ui", step="false"),)))
    assert releases_of(app) == []


def test_a_stage_without_what_builds_it_is_told_before_anything_is_built(app: Path) -> None:
    stage = stage_of()
    recipe = LocalRecipe(requires=("no-such-program",), steps=())
    stage = stage.model_copy(update={"plan": make_plan(recipe)})
    with pytest.raises(UnavailableError, match="no-such-program"):
        build(app, make_plan(stages=(stage,)))
    assert releases_of(app) == []


def test_paths_of_the_plan_are_resolved() -> None:
    layout = Layout(Path("/r"))
    assert layout.environment(
        {
            "TEXT": "as it is",
            "EMPTY": "",
            "TREE": APP_TREE,
            "HOST": PackageRef(package="tzdata", host="/usr/share/zoneinfo"),
            "NOWHERE": PackageRef(package="bash"),
            "LIST": SearchPath(entries=(DEPS, PackageRef(package="x"), APP_TREE)),
            "NOTHING": SearchPath(entries=(PackageRef(package="x"),)),
        }
    ) == {
        "TEXT": "as it is",
        "EMPTY": "",
        "TREE": "/r/app/app",
        "HOST": "/usr/share/zoneinfo",
        "LIST": "/r/deps:/r/app/app",
    }


def test_a_step_gets_its_environment_and_its_input(app: Path) -> None:
    recipe = LocalRecipe(
        requires=(),
        steps=(
            Step(
                argv=(
                    "sh",
                    "-c",
                    'mkdir -p "$TO/bin"; cat > "$TO/bin/serve"; chmod +x "$TO/bin/serve"',
                ),
                env={"TO": DEPS},
                stdin=PROGRAM,
            ),
        ),
    )
    artifact = build(app, make_plan(recipe))
    assert subprocess.run([f"{artifact.location}/deps/bin/serve"], check=False).returncode == 0


def test_the_first_recipe_whose_programs_exist_is_taken() -> None:
    absent = LocalRecipe(requires=("no-such-program",), steps=())
    present = install()
    assert recipes.choose_recipe(make_plan(), (absent, present)) is present


def test_no_recipe_fits() -> None:
    either = (
        LocalRecipe(requires=("no-such-program",), steps=()),
        LocalRecipe(requires=("nor-this", "sh"), steps=()),
    )
    with pytest.raises(UnavailableError, match="no-such-program; or nor-this and sh"):
        recipes.choose_recipe(make_plan(), either)


def test_a_toolchain_without_recipes_needs_nix() -> None:
    with pytest.raises(UnsupportedError, match="only be built with Nix"):
        recipes.choose_recipe(make_plan(), ())


def test_a_comparison_is_refused(app: Path) -> None:
    with pytest.raises(UnsupportedError, match="only builds with Nix"):
        build(app, make_plan(), check=True)


def failing(script: str) -> LocalRecipe:
    return LocalRecipe(requires=(), steps=(Step(argv=("sh", "-c", script)),))


@pytest.mark.parametrize(
    ("printed", "kind"),
    [
        ("error: it broke", BuildError),
        ("OSError: [Errno 28] No space left on device", TemporaryError),
        ("Temporary failure in name resolution", TemporaryError),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE FILE", LockError),
        ("error: Hash mismatch for `flask`", LockError),
    ],
)
def test_a_failing_step_is_told_by_what_it_printed(
    app: Path, printed: str, kind: type[Hop3NixError]
) -> None:
    with pytest.raises(kind) as caught:
        build(app, make_plan(failing(f"echo '{printed}' >&2; exit 3")))
    assert type(caught.value) is kind
    assert "returned 3" in str(caught.value)
    assert printed in str(caught.value)
    assert "build.log" in caught.value.tip


def test_a_failing_build_leaves_the_previous_one_as_it_was(app: Path) -> None:
    before = build(app, make_plan(), build_id="good")
    with pytest.raises(BuildError):
        build(app, make_plan(failing("exit 1")), build_id="bad")
    assert read_artifact(app.parent / "state" / ARTIFACT_FILE) == before
    assert releases_of(app) == ["good"]
    assert "exit 1" in (app.parent / "state/build.log").read_text()
    assert "done" in (app.parent / "state/build.log.1").read_text()


def test_a_worker_without_its_program_fails_and_names_it(app: Path) -> None:
    with pytest.raises(BuildError, match="worker web") as caught:
        build(app, make_plan(runtime={"workers": {"web": "serv"}}))
    assert "serve" in str(caught.value)
    assert releases_of(app) == []


def test_what_an_earlier_build_left_incomplete_is_removed(app: Path) -> None:
    broken = app.parent / "state" / "releases" / "broken"
    (broken / "deps").mkdir(parents=True)
    (broken / "deps").chmod(0o500)
    build(app, make_plan())
    assert releases_of(app) == ["a" * 32]


def test_a_complete_release_is_never_built_over(app: Path) -> None:
    first = build(app, make_plan(), build_id="same")
    second = build(app, make_plan(), build_id="same")
    assert first.location != second.location
    assert releases_of(app) == ["same", "same-2"]


def test_the_newest_releases_are_kept(app: Path) -> None:
    for number in range(releases.KEPT + 2):
        build(app, make_plan(), build_id=f"build{number}")
    assert releases_of(app) == [f"build{number}" for number in range(2, releases.KEPT + 2)]


def test_the_out_link_points_to_the_release(app: Path) -> None:
    link = app.parent / "result"
    for build_id in ("one", "two"):
        artifact = build(app, make_plan(), build_id=build_id, out_link=link)
        assert str(link.readlink()) == artifact.location


def test_an_out_link_never_replaces_a_file(app: Path) -> None:
    link = app.parent / "result"
    link.write_text("mine")
    with pytest.raises(InputError, match="something else"):
        build(app, make_plan(), out_link=link)
    assert link.read_text() == "mine"
    assert releases_of(app) == []


def test_every_line_goes_to_the_report_and_to_the_log(app: Path) -> None:
    class Lines(base.Silence):
        def __init__(self) -> None:
            self.seen: list[str] = []

        def line(self, text: str) -> None:
            self.seen.append(text)

    report = Lines()
    build(app, make_plan(build_steps=("echo out; echo err >&2",)), report=report)
    log = (app.parent / "state/build.log").read_text().splitlines()
    assert log == report.seen
    assert {"done", "out", "err", "$ echo out; echo err >&2"} <= set(log)


def test_output_that_is_not_text_is_escaped_in_the_log(app: Path) -> None:
    build(app, make_plan(build_steps=(r"printf '\377\n'",)))
    assert r"\udcff" in (app.parent / "state/build.log").read_text()


def test_a_full_disk_is_told_as_such(app: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_source: Source, _directory: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Source, "copy_to", full)
    with pytest.raises(TemporaryError, match="disk is full"):
        build(app, make_plan())
    assert releases_of(app) == []


KILLED = """
import sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from test_local_builder import build, failing, make_plan
from hop3_nix.host.interrupts import ended_by_signals
with ended_by_signals():
    build(Path({app!r}), make_plan(failing("echo > {flag}; sleep 60")), build_id="late")
"""


def test_an_interrupt_leaves_nothing_half_written(app: Path) -> None:
    before = build(app, make_plan(), build_id="good")
    flag = app.parent / "started"
    code = KILLED.format(tests=str(Path(__file__).parent), app=str(app), flag=flag)
    process = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE)
    deadline = time.monotonic() + 30
    while not flag.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=30)
    assert b"KeyboardInterrupt" in err
    assert releases_of(app) == ["good"]
    record = json.loads((app.parent / "state" / ARTIFACT_FILE).read_text())
    assert record["build_id"] == before.build_id
