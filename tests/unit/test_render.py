from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import UndefinedError

from hop3_nix.errors import InputError, LockError
from hop3_nix.files import resources
from hop3_nix.plan import (
    App,
    BuildPlan,
    LockedFile,
    Options,
    PackageRef,
    PathRef,
    RuntimePlan,
    SearchPath,
    UnlocatedFile,
)
from hop3_nix.rendering.expression import _environment, render
from hop3_nix.rendering.nixlang import NixText

PKGS = NixText("import ./hop3-nix/debian { }")
FLASK = LockedFile(
    name="flask",
    version="3.1.0",
    filename="flask-3.1.0-py3-none-any.whl",
    url="https://index.example/flask-3.1.0-py3-none-any.whl",
    sha256="ab" * 32,
)
HATCHLING = FLASK.model_copy(update={"name": "hatchling", "filename": "hatchling-1.whl"})

EXPECTED = """\
{
  pkgs ? import ./hop3-nix/debian { },
  hop3 ? import ./hop3-nix/lib { inherit pkgs; },
  src ? ./.,
}:
let
  language = hop3.python {
    interpreter = pkgs.python313;
  };

  deps = language.mkDeps {
    name = "flask-demo";
    files = [
      (hop3.fetchLocked {
        name = "flask-3.1.0-py3-none-any.whl";
        url = "https://index.example/flask-3.1.0-py3-none-any.whl";
        sha256 = "abababababababababababababababababababababababababababababababab";
      })
    ];
  };

  app = language.mkApp {
    name = "flask-demo";
    src = hop3.cleanSource src;
    inherit deps;
    packages = [ pkgs.bash ];
  };

  # What every worker finds in its environment; `app` is where the application will be.
  environment = app: {
    PYTHONPATH = [ "${app}/app/src" ];
    TZDIR = "${pkgs.tzdata}/share/zoneinfo";
  };

  package = hop3.mkBundle {
    name = "flask-demo";
    inherit app;
    runtime = {
      env = environment app;
      path = [
        "${deps}/bin"
        "${pkgs.bash}/bin"
      ];
      working_dir = "${app}/app";
      workers = {
        web = "gunicorn app:app --bind :$PORT";
      };
    };
  };
in
hop3.mkOutputs {
  inherit package;

  env = hop3.mkEnv {
    name = "flask-demo";
    packages = [
      deps
      pkgs.bash
    ];
    inherit environment;
  };
}
"""


def a_plan(**changes: object) -> BuildPlan:
    runtime = RuntimePlan(
        env={
            "PYTHONPATH": SearchPath(entries=(PathRef(layer="app", path="app/src"),)),
            "TZDIR": PackageRef(package="tzdata", path="share/zoneinfo"),
        },
        path=(PathRef(layer="deps", path="bin"),),
        workers={"web": "gunicorn app:app --bind :$PORT"},
    )
    plan = BuildPlan(
        app=App(name="flask-demo"),
        toolchain="python",
        interpreter="python313",
        packages=("bash",),
        dependencies=(FLASK,),
        runtime=runtime,
    )
    return plan.model_copy(update=changes)


def body(text: str) -> str:
    """The expression without its comment at the top."""
    return text[text.index("{\n") :]


def parses(text: str) -> bool:
    argv = ["nix-instantiate", "--store", "dummy://", "--parse", "-"]
    return (
        subprocess.run(argv, input=text.encode(), capture_output=True, check=False).returncode == 0
    )


def test_a_small_plan_reads_as_if_a_person_wrote_it() -> None:
    assert body(render(a_plan(), pkgs=PKGS)) == EXPECTED


def test_the_file_says_how_to_render_it_again() -> None:
    head = render(a_plan(), pkgs=PKGS).split("\n{\n")[0]
    assert "hop3-nix render -o hop3.nix" in head
    assert all(line.startswith("#") for line in head.splitlines())


def test_the_file_says_what_it_was_rendered_from() -> None:
    text = render(a_plan(), pkgs=PKGS, digests={"Procfile": "ab" * 32})
    assert f'Procfile = "{"ab" * 32}";' in text
    assert parses(text)


def test_everything_that_a_plan_can_say_is_rendered_and_parses() -> None:
    plan = a_plan(
        app=App(name="demo", version="1.0", description="says ${hi}"),
        build_packages=("postgresql.dev",),
        build_dependencies=(HATCHLING,),
        build_steps=("make assets",),
        options=Options(app={"installProject": True}),
        runtime=RuntimePlan(
            defaults=("PORT",),
            workers={"web": "x"},
            before_run=("migrate",),
            static_paths={"/static": "static"},
            writable_tree=PathRef(layer="app", path="app/data"),
            healthcheck_path="/up",
            healthcheck_timeout=5,
            healthcheck_contains="up",
            backend_protocol="fastcgi",
        ),
    )
    text = render(plan, pkgs=PKGS, src="./source")
    assert parses(text)
    for expected in (
        "src ? ./source,",
        'version = "1.0";',
        'description = "says \\${hi}";',
        "buildFiles = [",
        "buildPackages = [ pkgs.postgresql.dev ];",
        'buildSteps = [ "make assets" ];',
        "inherit environment;",
        "installProject = true;",
        'defaults = [ "PORT" ];',
        'before_run = [ "migrate" ];',
        '"/static" = "static";',
        'writable_tree = "${app}/app/data";',
        'healthcheck_path = "/up";',
        "healthcheck_timeout = 5;",
        'healthcheck_contains = "up";',
        'backend_protocol = "fastcgi";',
    ):
        assert expected in text


def test_a_package_that_path_names_already_is_not_repeated() -> None:
    path = (PackageRef(package="bash"), PathRef(layer="deps", path="bin"))
    text = render(a_plan(runtime=RuntimePlan(path=path)), pkgs=PKGS)
    assert text.count('"${pkgs.bash}/bin"') == 1


def test_several_lines_of_a_package_set_are_indented() -> None:
    pkgs = NixText('import (fetchTarball {\n  url = "https://example/";\n}) { }')
    assert '  pkgs ? import (fetchTarball {\n    url = "https://example/";\n  }) { },\n' in render(
        a_plan(), pkgs=pkgs
    )


def test_equal_plans_give_equal_text() -> None:
    assert render(a_plan(), pkgs=PKGS) == render(a_plan(), pkgs=PKGS)


@settings(max_examples=25, deadline=None)
@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_any_text_in_a_plan_gives_an_expression_that_parses(text: str) -> None:
    plan = a_plan(
        app=App(name=text, version=text, description=text),
        build_steps=(text,),
        runtime=RuntimePlan(env={text: text}, workers={text: text}, before_run=(text,)),
    )
    assert parses(render(plan, pkgs=PKGS))


@pytest.mark.parametrize("field", ["dependencies", "build_dependencies"])
def test_a_file_without_an_address_is_refused(field: str) -> None:
    unlocated = UnlocatedFile(name="flask", version="3", sha256=("ab" * 32,))
    with pytest.raises(LockError, match="no address for flask 3") as caught:
        render(a_plan(**{field: (unlocated,)}), pkgs=PKGS)
    assert "hop3-nix lock" in caught.value.tip


def test_text_that_nix_cannot_hold_is_refused() -> None:
    with pytest.raises(InputError):
        render(a_plan(app=App(name="a\0b")), pkgs=PKGS)


@pytest.mark.parametrize(
    "template", ["{{ 'text' }}", "{{ text }}", "{{ text | upper }}", "{{ 1 }}"]
)
def test_a_template_cannot_interpolate_anything_but_nix(template: str) -> None:
    with pytest.raises(TypeError, match="filter 'nix'"):
        _environment().from_string(template).render(text="x")


def test_a_template_that_names_something_unknown_fails() -> None:
    with pytest.raises((UndefinedError, TypeError)):
        _environment().from_string("{{ unknown }}").render()
    with pytest.raises(UndefinedError):
        _environment().from_string("{% if unknown %}{% endif %}").render()


def test_a_copy_of_the_library_holds_every_file_in_its_layout(tmp_path: Path) -> None:
    target = tmp_path / "hop3-nix"
    resources.write_library(target)
    assert sorted(path.name for path in target.iterdir()) == [
        "debian",
        "lib",
        "nixpkgs-pin.json",
        "postbuild",
        "workers",
    ]
    assert (target / "lib/default.nix").read_text() == (
        resources.NIX / "lib/default.nix"
    ).read_text()
    assert not (target / "lib/tests").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["hop3-nix"]


def test_a_copy_that_is_current_is_left_alone_and_another_is_replaced(tmp_path: Path) -> None:
    target = tmp_path / "hop3-nix"
    resources.write_library(target)
    identity = target.stat().st_ino
    resources.write_library(target)
    assert target.stat().st_ino == identity
    (target / "lib/default.nix").write_text("changed")
    (target / "lib/extra.nix").write_text("of a former version")
    resources.write_library(target)
    assert not (target / "lib/extra.nix").exists()
    assert (target / "lib/default.nix").read_text() != "changed"
    assert [path.name for path in tmp_path.iterdir()] == ["hop3-nix"]


def test_a_directory_of_somebody_elses_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match=r"notes\.txt"):
        resources.write_library(tmp_path)
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_two_processes_may_write_the_same_copy_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "hop3-nix"
    resources.write_library(tmp_path / "other")
    rename = Path.rename

    def be_overtaken(path: Path, to: Path) -> Path:
        (tmp_path / "other").replace(target)
        return rename(path, to)

    monkeypatch.setattr(Path, "rename", be_overtaken)
    resources.write_library(target)
    assert resources.is_current_library(target)


def test_a_copy_that_fails_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shutil.copyfile", full)
    with pytest.raises(OSError, match="No space"):
        resources.write_library(tmp_path / "hop3-nix")
    assert list(tmp_path.iterdir()) == []


def test_the_fingerprint_is_that_of_names_and_contents(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def of(content: str, name: str) -> str:
        file = tmp_path / "file"
        file.write_text(content)
        monkeypatch.setattr(resources, "library_files", lambda *_: iter([(name, file)]))
        resources.fingerprint.cache_clear()
        return resources.fingerprint()

    try:
        assert len({of("a", "n"), of("b", "n"), of("a", "m"), of("a", "n")}) == 3
    finally:
        monkeypatch.undo()
        resources.fingerprint.cache_clear()
