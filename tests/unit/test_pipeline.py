from __future__ import annotations

import json
import re
import signal
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import pytest

from hop3_nix.builders import base
from hop3_nix.builders.local import LocalBuilder
from hop3_nix.builders.nix import NixBuilder
from hop3_nix.building import context
from hop3_nix.building.pipeline import build_app, lock_app, plan_app, render_app
from hop3_nix.building.unchanged import BuildOptions, cached_artifact
from hop3_nix.cli.group import run
from hop3_nix.contract import ARTIFACT_FILE, RuntimeConfig, read_artifact
from hop3_nix.errors import (
    BuildError,
    ConfigError,
    ExitCode,
    InterruptedBuildError,
    LockError,
    TemporaryError,
    UnavailableError,
    UnsupportedError,
)
from hop3_nix.host.state import app_dir
from hop3_nix.locks.base import TargetPython
from hop3_nix.locks.hashlock import HashLock
from hop3_nix.nix import commands as nixcli
from hop3_nix.plan import HostOffer, LockedFile, Offer, Target, UnlocatedFile
from hop3_nix.toolchains import composition
from hop3_nix.toolchains.choice import Choice
from hop3_nix.toolchains.language import Guess, Language, Layers, Probe, Start, Versions
from hop3_nix.toolchains.versions import Pin

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from hop3_nix.builders.base import BuildRequest
    from hop3_nix.contract import BuildArtifact
    from hop3_nix.nix.missing import Missing
    from hop3_nix.plan import AnyOffer, BuildPlan
    from hop3_nix.toolchains.app import App as Application
    from hop3_nix.toolchains.base import Tools

OFFER = Offer(language="python", version="3.13.5", attribute="python313", libc="2.41")
HOST_OFFER = HostOffer(language="python", version="3.13.5", program="/usr/bin/python3", libc="2.41")
TARGET = Target(system="x86_64-linux", package_set="debian", offers=(OFFER,))
UNLOCATED = UnlocatedFile(name="flask", version="3.1", sha256=("0" * 64,))
LOCATED = LockedFile(
    name="flask",
    version="3.1",
    filename="flask.whl",
    url="https://index.example/flask.whl",
    sha256="0" * 64,
)


class Notes(base.Silence):
    """A report that keeps what it is told."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def note(self, text: str) -> None:
        self.seen.append(text)


@dataclass
class Packages:
    """A package set that has one Python."""

    name: str = "debian"
    pin: str = "one"
    unreachable: bool = False

    def prepare(self, report: Callable[[str], None], language: str) -> None:
        assert language == "python"
        if self.unreachable:
            raise TemporaryError("the mirror does not answer")
        report("prepared")

    def provide(self, names: Sequence[str], report: Callable[[str], None]) -> None:
        del names, report

    def packages_with(self, missing: Sequence[Missing]) -> dict[Missing, str]:
        return {one: "libx-dev" for one in missing if one.name == "x.h"}

    def expression(self) -> str:
        return "import ./hop3-nix/debian { }"

    def target(self) -> Target:
        return TARGET

    def nix_settings(self) -> dict[str, str]:
        return {}

    def pinned_by(self) -> tuple[Path, ...] | None:
        return () if self.name == "debian" else None

    def describe(self) -> dict[str, Any]:
        return {"name": self.name, "pin": self.pin}


@dataclass
class Answers:
    """What a language answers: a file without an address, and a lock if there is need of one."""

    needs_lock: bool = False
    no_wheel: bool = False
    """Whether the index has an sdist alone, and no lockfile says what builds it."""
    lock_says: bool = True
    name: str = "python"
    calls: list[str] = field(default_factory=list)

    def language(self) -> Language:
        return Language(
            name=self.name,
            title="Python",
            markers=(),
            versions=Versions(pins=(), grammar=lambda written: Pin(written, written.text)),
            probe=Probe(re.compile("none"), (), lambda _said: None),
            layers=self.layers,
            start=Start(lambda _app, _layers: [Guess("it is", "", command="serve")], "", ""),
            locate=self.locate,
            lock=self.lock,
        )

    def layers(self, app: Application, _offer: AnyOffer, _target: Target) -> Layers:
        self.calls.append("plan")
        if self.needs_lock and not app.source.has("hop3-nix.lock"):
            raise LockError("requirements.txt has no hashes")
        return Layers(dependencies=(UNLOCATED,))

    def locate(self, plan: BuildPlan, offer: AnyOffer, target: Target, tools: Tools) -> BuildPlan:
        assert None not in (offer, target, tools)
        self.calls.append("locate")
        if self.no_wheel and "lock" not in self.calls:
            raise LockError("one.tar.gz: a source distribution")
        return plan.model_copy(update={"dependencies": (LOCATED,)})

    def lock(
        self, app: Application, offer: AnyOffer, target: Target, tools: Tools
    ) -> HashLock | None:
        assert None not in (app, offer, target, tools)
        self.calls.append("lock")
        python = TargetPython(version="3.13.5", system="x86_64-linux", glibc="2.41")
        return HashLock(inputs={}, python=python) if self.lock_says else None


@dataclass
class World:
    """What the pipeline finds around it, and what it asked the builders for."""

    app: Path
    language: Answers
    packages: Packages
    requests: list[tuple[str, BuildRequest]] = field(default_factory=list)
    nix: bool = True
    requested: list[str | None] = field(default_factory=list)
    during: Callable[[], None] = lambda: None


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("HOP3_NIX_STATE", str(tmp_path / "state"))
    app = tmp_path / "app"
    app.mkdir()
    (app / "main.txt").write_text("one\n")
    around = World(app, Answers(), Packages())

    def require() -> None:
        if not around.nix:
            raise UnavailableError("Nix is not installed")

    def select(requested: str | None, *, report: Callable[[str], None]) -> Packages:
        assert callable(report)
        around.requested.append(requested)
        return around.packages

    def build(self: NixBuilder | LocalBuilder, request: BuildRequest) -> BuildArtifact:
        around.requests.append((self.name, request))
        around.during()
        location = tmp_path / "made" / request.build_id
        location.mkdir(parents=True, exist_ok=True)
        (location / ARTIFACT_FILE).touch()
        roots = request.state / base.ROOTS
        roots.mkdir(exist_ok=True)
        (roots / request.build_id).unlink(missing_ok=True)
        (roots / request.build_id).symlink_to(location)
        runtime = RuntimeConfig(env_vars={}, path_prepend=[], working_dir="/", workers={})
        artifact = base.describe(
            request, self, location=location, runtime=runtime, package_set={"name": "x"}
        )
        base.record(request.state, artifact)
        return artifact

    monkeypatch.setattr(nixcli, "require", require)
    monkeypatch.setattr(context, "select", select)
    monkeypatch.setattr(
        composition, "choose_toolchains", lambda *_app: Choice(around.language.language())
    )
    monkeypatch.setattr(composition, "find_interpreters", lambda *_: (HOST_OFFER,))
    monkeypatch.setattr(NixBuilder, "build", build)
    monkeypatch.setattr(LocalBuilder, "build", build)
    return around


def test_auto_takes_nix_and_says_why(world: World) -> None:
    notes = Notes()
    assert build_app(world.app, BuildOptions(), notes).builder == "nix"
    assert "prepared" in notes.seen
    assert any("building with Nix, which is installed" in note for note in notes.seen)


def test_auto_without_nix_builds_locally_and_says_why(world: World) -> None:
    world.nix = False
    notes = Notes()
    assert build_app(world.app, BuildOptions(), notes).builder == "local"
    assert any("without Nix" in note and "not installed" in note for note in notes.seen)


def test_a_language_without_nix_files_is_built_without_nix_or_refused(world: World) -> None:
    world.language.name = "cobol"
    notes = Notes()
    with pytest.raises(UnavailableError, match=r"no Nix files for Python \(cobol\)") as caught:
        build_app(world.app, BuildOptions(builder="nix"))
    assert "--builder local" in caught.value.tip
    # Its offers have another name, so that only the choice of the builder is looked at here.
    with pytest.raises(UnsupportedError, match="has no Python"):
        build_app(world.app, BuildOptions(), notes)
    assert any("no Nix files" in note for note in notes.seen)


def test_auto_without_a_package_set_builds_locally_and_says_why(world: World) -> None:
    world.packages.unreachable = True
    notes = Notes()
    assert build_app(world.app, BuildOptions(), notes).builder == "local"
    assert any("the mirror does not answer" in note for note in notes.seen)


def test_nix_that_was_asked_for_is_not_replaced(world: World) -> None:
    world.nix = False
    with pytest.raises(UnavailableError, match="not installed"):
        build_app(world.app, BuildOptions(builder="nix"))


def test_a_package_set_that_was_asked_for_is_not_replaced(world: World) -> None:
    world.packages.unreachable = True
    with pytest.raises(TemporaryError):
        build_app(world.app, BuildOptions(pkgs="debian"))


def test_hop3_toml_says_which_builder(world: World) -> None:
    (world.app / "hop3.toml").write_text('[build]\nbuilder = "local"\n')
    assert build_app(world.app, BuildOptions()).builder == "local"
    assert world.requested == []


def test_options_go_before_hop3_toml(world: World) -> None:
    (world.app / "hop3.toml").write_text('[build]\nbuilder = "local"\n\n[nix]\npkgs = "nixpkgs"\n')
    options = BuildOptions(builder="nix", pkgs="debian")
    assert build_app(world.app, options).builder == "nix"
    assert world.requested == ["debian"]


def test_hop3_toml_says_which_package_set(world: World) -> None:
    (world.app / "hop3.toml").write_text('[nix]\npkgs = "nixpkgs"\n')
    build_app(world.app, BuildOptions())
    assert world.requested == ["nixpkgs"]


@pytest.mark.parametrize("said", ["./set", "../set", "/opt/set"])
def test_a_path_of_hop3_toml_is_not_evaluated_unless_the_caller_says_so(
    world: World, said: str
) -> None:
    (world.app / "hop3.toml").write_text(f'[nix]\npkgs = "{said}"\n')
    for call in (build_app, plan_app, render_app):
        with pytest.raises(ConfigError, match=r"^hop3\.toml:2: \[nix\] pkgs is a path") as caught:
            call(world.app, BuildOptions())
        assert f"--pkgs {(world.app / said).resolve()}" in caught.value.tip
    assert world.requested == []
    build_app(world.app, BuildOptions(pkgs="/opt/set"))
    assert world.requested == ["/opt/set"]


def test_files_get_their_address_for_nix_only(world: World) -> None:
    build_app(world.app, BuildOptions(builder="nix"))
    build_app(world.app, BuildOptions(builder="local"))
    (_, with_nix), (_, without) = world.requests
    assert with_nix.plan.dependencies == (LOCATED,)
    assert without.plan.dependencies == (UNLOCATED,)
    assert without.plan.interpreter == "/usr/bin/python3"


def test_the_plan_is_made_without_asking_for_addresses(world: World) -> None:
    assert plan_app(world.app, BuildOptions()).dependencies == (UNLOCATED,)
    assert world.language.calls == ["plan"]


def test_render_is_for_nix_whatever_builder_is_said(world: World) -> None:
    (world.app / "hop3.toml").write_text('[build]\nbuilder = "local"\n')
    text = render_app(world.app, BuildOptions(), src="./source").text
    assert "https://index.example/flask.whl" in text
    assert "src ? ./source" in text


def test_lock_writes_the_file_into_the_app(world: World) -> None:
    (path,) = lock_app(world.app, BuildOptions())
    assert path == world.app / "hop3-nix.lock"
    assert path.read_text().startswith("{")


def test_lock_where_there_is_nothing_to_lock(world: World) -> None:
    world.language.lock_says = False
    assert lock_app(world.app, BuildOptions()) == ()
    assert not (world.app / "hop3-nix.lock").exists()


def test_a_build_without_its_lock_says_so(world: World) -> None:
    world.language.needs_lock = True
    with pytest.raises(LockError, match="no hashes"):
        build_app(world.app, BuildOptions())
    assert world.requests == []


def test_lock_and_build_in_one_go(world: World) -> None:
    world.language.needs_lock = True
    notes = Notes()
    build_app(world.app, BuildOptions(lock=True), notes)
    assert world.language.calls == ["plan", "lock", "plan", "locate"]
    assert any("no hashes" in note for note in notes.seen)
    ((_, request),) = world.requests
    assert request.source.has("hop3-nix.lock")


def test_what_builds_an_sdist_is_locked_in_the_same_go(world: World) -> None:
    world.language.no_wheel = True
    notes = Notes()
    build_app(world.app, BuildOptions(lock=True), notes)
    assert world.language.calls == ["plan", "locate", "lock", "plan", "locate"]
    assert any("a source distribution" in note for note in notes.seen)
    assert world.requests[0][1].source.has("hop3-nix.lock")


def test_what_builds_an_sdist_is_not_locked_unasked(world: World) -> None:
    world.language.no_wheel = True
    with pytest.raises(LockError, match="a source distribution"):
        build_app(world.app, BuildOptions())
    assert "lock" not in world.language.calls


def test_a_lock_that_is_current_is_not_written_again(world: World) -> None:
    build_app(world.app, BuildOptions(lock=True))
    assert world.language.calls == ["plan", "locate"]


def test_a_lock_that_would_not_help(world: World) -> None:
    world.language = Answers(needs_lock=True, lock_says=False)
    with pytest.raises(LockError, match="no hashes"):
        build_app(world.app, BuildOptions(lock=True))


def test_an_unchanged_app_is_not_even_planned_again(world: World) -> None:
    first = build_app(world.app, BuildOptions())
    again = build_app(world.app, BuildOptions())
    assert again == first
    assert world.language.calls == ["plan", "locate"]
    assert cached_artifact(world.app, BuildOptions()) is not None


def test_a_build_that_was_written_by_lock_is_unchanged_afterwards(world: World) -> None:
    world.language.needs_lock = True
    build_app(world.app, BuildOptions(lock=True))
    assert cached_artifact(world.app, BuildOptions()) is not None


@pytest.mark.parametrize("options", [BuildOptions(rebuild=True), BuildOptions(check=True)])
def test_a_build_that_is_wanted_is_made(world: World, options: BuildOptions) -> None:
    build_app(world.app, BuildOptions())
    build_app(world.app, options)
    assert len(world.requests) == 2
    assert world.requests[1][1].check is options.check


def test_a_package_set_of_the_users_own_is_looked_at_each_time(world: World) -> None:
    world.packages.name = "/srv/pkgs"
    build_app(world.app, BuildOptions(pkgs="/srv/pkgs"))
    build_app(world.app, BuildOptions(pkgs="/srv/pkgs"))
    assert len(world.requests) == 2


def test_a_failed_build_leaves_the_one_before(world: World) -> None:
    def fail() -> None:
        raise BuildError("broken")

    first = build_app(world.app, BuildOptions())
    (world.app / "main.txt").write_text("two\n")
    world.during = fail
    with pytest.raises(BuildError):
        build_app(world.app, BuildOptions())
    assert read_artifact(app_dir(world.app) / ARTIFACT_FILE) == first
    (world.app / "main.txt").write_text("one\n")
    assert cached_artifact(world.app, BuildOptions()) is not None


def test_the_build_id_depends_on_source_package_set_and_builder(world: World) -> None:
    def build_id(builder: Literal["nix", "local"] = "nix") -> str:
        return build_app(world.app, BuildOptions(builder=builder, rebuild=True)).build_id

    ids = [build_id()]
    assert build_id() == ids[0]
    ids.append(build_id("local"))
    world.packages.pin = "two"
    ids.append(build_id())
    (world.app / "main.txt").write_text("two\n")
    ids.append(build_id())
    assert len(set(ids)) == len(ids)


def test_a_new_build_drops_the_roots_of_those_before(world: World) -> None:
    build_app(world.app, BuildOptions())
    (world.app / "main.txt").write_text("two\n")
    artifact = build_app(world.app, BuildOptions())
    roots = app_dir(world.app) / base.ROOTS
    assert [root.name for root in roots.iterdir()] == [artifact.build_id]


def test_the_second_of_two_builds_waits_says_so_and_finds_the_work_done(world: World) -> None:
    entered, go_on = threading.Event(), threading.Event()
    results: list[BuildArtifact] = []

    def hold() -> None:
        entered.set()
        assert go_on.wait(20)

    class Waiting(base.Silence):
        def note(self, text: str) -> None:
            if "waiting for another build" in text:
                go_on.set()

    world.during = hold
    threads = [
        threading.Thread(target=lambda: results.append(build_app(world.app, BuildOptions())))
    ]
    threads[0].start()
    assert entered.wait(20)
    threads.append(
        threading.Thread(
            target=lambda: results.append(build_app(world.app, BuildOptions(), Waiting()))
        )
    )
    threads[1].start()
    for thread in threads:
        thread.join(timeout=30)
    assert len(world.requests) == 1
    assert results[0] == results[1]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_an_interrupted_build(world: World, number: signal.Signals) -> None:
    first = build_app(world.app, BuildOptions())
    (world.app / "main.txt").write_text("two\n")
    world.during = lambda: signal.raise_signal(number)
    with pytest.raises(InterruptedBuildError):
        build_app(world.app, BuildOptions())
    assert read_artifact(app_dir(world.app) / ARTIFACT_FILE) == first


def test_interrupts_are_as_before_afterwards(world: World) -> None:
    build_app(world.app, BuildOptions())
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_nothing_of_the_app_is_written_to(world: World) -> None:
    build_app(world.app, BuildOptions())
    assert [path.name for path in world.app.iterdir()] == ["main.txt"]


def test_check_says_all_that_is_wrong(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", str(world.app), "--builder", "nix"]) == ExitCode.OK
    assert capsys.readouterr().out == "nothing is wrong that can be known without building\n"
    (world.app / "Procfile").write_text("release: bash one.sh\nweb: python two.py\n")
    assert run(["check", str(world.app), "--builder", "nix"]) == ExitCode.BAD_INPUT
    said = capsys.readouterr().err
    assert "error: Procfile:1: before-run runs one.sh, and there is no such file\n  Correct" in said
    assert "error: Procfile:2: web runs two.py, and there is no such file\n  Correct" in said
    assert run(["check", str(world.app), "--json", "--builder", "nix"]) == ExitCode.BAD_INPUT
    problems = json.loads(capsys.readouterr().out)
    assert [(each["severity"], each["file"], each["line"]) for each in problems] == [
        ("error", "Procfile", 1),
        ("error", "Procfile", 2),
    ]


def test_plan_shows_what_it_can_beside_what_is_wrong(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    (world.app / "Procfile").write_text("web: python two.py\n")
    assert run(["plan", str(world.app), "--builder", "nix"]) == ExitCode.BAD_INPUT
    printed = capsys.readouterr()
    assert "web  python two.py" in printed.out
    assert "two.py, and there is no such file" in printed.err
    assert run(["plan", str(world.app), "--json", "--builder", "nix"]) == ExitCode.BAD_INPUT
    assert capsys.readouterr().out == ""


def test_a_build_begins_with_all_errors(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    (world.app / "Procfile").write_text("release: bash one.sh\nweb: python two.py\n")
    assert run(["build", str(world.app), "--builder", "nix"]) == ExitCode.BAD_INPUT
    said = capsys.readouterr().err
    assert "one.sh, and there is" in said
    assert "two.py, and there is" in said
    assert world.requests == []
