"""The post-build step, run over a small store: what it writes, and what it refuses."""

from __future__ import annotations

import ast
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hop3_nix import postbuild
from hop3_nix.contract import RuntimeConfig
from hop3_nix.postbuild.__main__ import main
from hop3_nix.workersfile import FILE, WorkersFile
from postbuild_tree import Tree


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


def shown(done: subprocess.CompletedProcess[bytes]) -> tuple[str, list[str]]:
    """Return the working directory and the arguments that `show` printed."""
    _, directory, arguments = done.stdout.decode().split("\n", 2)
    return directory, [argument for argument in arguments.split("\0")[:-1] if argument]


def test_runtime_json_is_what_the_contract_writes(tree: Tree) -> None:
    (tree.app / "public").mkdir()
    status = tree.build(
        env={"B": "é\n", "A": "$HOME"},
        workers={"web": "show $PORT", "static": "public"},
        before_run=["show && fail"],
        static_paths={"/public/": "public/"},
        writable_tree=str(tree.app),
        healthcheck_path="/home",
        healthcheck_timeout=5,
        backend_protocol="fastcgi",
    )
    tools = f"{tree.store}/tools/bin"
    expected = RuntimeConfig(
        env_vars={"A": "$HOME", "B": "é\n"},
        path_prepend=[tools, f"{tree.store}/bash/bin"],
        working_dir=str(tree.app),
        workers={"web": f"{tools}/show $PORT", "static": f"{tree.app}/public"},
        before_run=[f"{tools}/show && {tools}/fail"],
        static_paths={"/public/": f"{tree.app}/public"},
        writable_tree=str(tree.app),
        healthcheck_path="/home",
        healthcheck_timeout=5,
        backend_protocol="fastcgi",
    )
    assert status == 0
    assert (tree.out / "hop3/runtime.json").read_text("utf-8") == expected.to_json()


def test_the_names_of_the_defaults_are_written_for_the_run_side(tree: Tree) -> None:
    tree.build(env={"B": "", "A": "", "C": ""}, defaults=["B", "A", "B"])
    file = tree.out / "hop3/defaults.json"
    assert json.loads(file.read_bytes()) == ["A", "B"]
    assert file.stat().st_mode & 0o777 == 0o644


def test_the_names_of_what_is_required_are_written_for_the_run_side(tree: Tree) -> None:
    tree.build(required=["TOKEN", "KEY", "TOKEN"])
    assert json.loads((tree.out / "hop3/required.json").read_bytes()) == ["KEY", "TOKEN"]


def test_a_worker_does_not_start_without_what_is_required(tree: Tree) -> None:
    tree.build(workers={"web": "show"}, required=["TOKEN", "KEY"], env={"KEY": "x"})
    done = tree.run("bin/web")
    assert done.returncode == 78
    assert b"TOKEN is not set" in done.stderr
    assert tree.run("bin/web", env={"TOKEN": ""}).returncode == 0


def test_four_workers_with_a_compound_one_are_all_resolved(tree: Tree) -> None:
    tree.script("app/app/bin/work", "")
    workers = {
        "web": "show --bind 0.0.0.0:${PORT:-8000}",
        "worker": "./bin/work",
        "migrate": "show upgrade && exec fail 2>&1",
        "cron": "*/5 0-6 * * MON,TUE env A=b show tidy",
    }
    assert tree.build(workers=workers) == 0
    tools = f"{tree.store}/tools/bin"
    assert tree.runtime["workers"] == {
        "web": f"{tools}/show --bind 0.0.0.0:${{PORT:-8000}}",
        "worker": f"{tree.app}/bin/work",
        "migrate": f"{tools}/show upgrade && exec {tools}/fail 2>&1",
        "cron": f"*/5 0-6 * * 1,2 {tree.store}/bash/bin/env A=b {tools}/show tidy",
    }


def test_what_cannot_be_known_or_is_the_lines_own_stays_as_it_is(tree: Tree) -> None:
    lines = {
        "a": "$PYTHON -m app",
        "b": f"'{tree.store}/tools/bin/show' x",
        "c": "cd $WEB && ./start",
        "d": "PATH=$PWD/bin:$PATH; mine",
        "e": "mine() { echo; }; mine",
        "f": "command -v nothing",
    }
    assert tree.build(workers=lines) == 0
    assert tree.runtime["workers"] == lines


def test_a_program_whose_path_needs_quotes_gets_them(tree: Tree) -> None:
    program = tree.script("app/app/it's $HOME/a b", "echo ran")
    assert tree.build(workers={"web": '"./it\'s \\$HOME/a b"'}) == 0
    assert tree.run("bin/web").stdout == b"ran\n"
    assert str(program).replace("'", "'\"'\"'") in tree.runtime["workers"]["web"]


# Launchers.


def test_a_launcher_runs_with_nothing_but_the_artifacts_environment(tree: Tree) -> None:
    tree.build(env={"A": "it's"}, workers={"web": "env -0"})
    environment = tree.environment("bin/web", {"PATH": "/bin", "A": "other", "B": "given"})
    assert environment.pop("PATH") == f"{tree.store}/tools/bin:{tree.store}/bash/bin"
    assert {name: environment[name] for name in "AB"} == {"A": "it's", "B": "given"}


def test_a_local_launcher_puts_the_artifacts_path_in_front(tree: Tree) -> None:
    tree.build(mode="local", workers={"web": "env -0"})
    assert tree.environment("bin/web", {"PATH": "/a:/b"})["PATH"].endswith("/bash/bin:/a:/b")


def test_defaults_give_way_to_the_environment_even_to_an_empty_value(tree: Tree) -> None:
    tree.build(env={"A": "'\"}$(fail)\n", "B": "b"}, defaults=["A"], workers={"web": "env -0"})
    assert tree.environment("bin/web")["A"] == "'\"}$(fail)\n"
    given = tree.environment("bin/web", {"A": "", "B": "x"})
    assert (given["A"], given["B"]) == ("", "b")


def test_a_launcher_starts_in_the_working_directory(tree: Tree) -> None:
    tree.build()
    assert shown(tree.run("bin/web"))[0] == str(tree.app)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("show a", ["a", "--help", "x y"]),
        ("show a # b", ["a", "--help", "x y"]),
        ("A=1 show a >&1 ;", ["a", "--help", "x y"]),
        ("exec show a", ["a", "--help", "x y"]),
        ("nice -n 1 show a", ["a", "--help", "x y"]),
        ('true && show "$@" b', ["--help", "x y", "b"]),
        ("show $1", ["--help"]),
    ],
)
def test_arguments_are_added_to_a_simple_command_or_placed_by_the_line(
    tree: Tree, line: str, expected: list[str]
) -> None:
    tree.script("tools/bin/nice", 'shift 2; exec "$@"')
    tree.build(workers={"web": line})
    assert shown(tree.run("bin/web", "--help", "x y"))[1] == expected


@pytest.mark.parametrize(
    "line", ["true; show", "show | show", "A=1", "show '$1'; show", "f() { show $1; }; f", "! show"]
)
def test_arguments_that_have_no_place_are_refused(tree: Tree, line: str) -> None:
    tree.build(workers={"web": line})
    done = tree.run("bin/web", "--help")
    assert (done.returncode, done.stdout) == (64, b"")
    assert b"takes no arguments" in done.stderr


@pytest.mark.parametrize("line", ["show", "true; show", "true && exec show", "A=b show", "$SHOW a"])
def test_the_last_command_has_the_launchers_process(tree: Tree, line: str) -> None:
    tree.build(workers={"web": line})
    with subprocess.Popen(
        [tree.out / "bin/web"], stdout=subprocess.PIPE, env={"SHOW": "show"}
    ) as process:
        output, _ = process.communicate()
    assert output.decode().split("\n")[0] == str(process.pid)


@pytest.mark.parametrize(
    "line", ["echo; sleep 60", "echo && sleep 60", "trap 'exit 9' TERM; echo; sleep 1"]
)
def test_a_signal_to_the_launcher_ends_the_worker(tree: Tree, line: str) -> None:
    tree.build(workers={"web": line})
    with subprocess.Popen([tree.out / "bin/web"], stdout=subprocess.PIPE, env={}) as process:
        assert process.stdout
        process.stdout.readline()
        process.terminate()
        status = process.wait(timeout=10)
    assert status == (9 if "trap" in line else -signal.SIGTERM)


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("fail", 3),
        ("fail; true", 0),
        ("fail || exit 7", 7),
        ("true | fail", 3),
        ("fail && show", 3),
        ("! fail", 0),
        ("trap 'exit 9' EXIT; fail", 9),
    ],
)
def test_the_status_is_that_of_the_line(tree: Tree, line: str, status: int) -> None:
    tree.build(workers={"web": line})
    assert tree.run("bin/web").returncode == status


def test_assignments_in_front_of_the_last_command_reach_it(tree: Tree) -> None:
    tree.build(workers={"web": 'true; B="it\'s $A" env -0'})
    assert tree.environment("bin/web", {"A": "x y"})["B"] == "it's x y"


def test_the_launcher_of_a_cron_worker_runs_it_now(tree: Tree) -> None:
    tree.build(workers={"cron-tidy": "0 4 * * * show tidy"})
    assert shown(tree.run("bin/cron-tidy"))[1] == ["tidy"]


def described(tree: Tree) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((tree.out / "hop3/workers.json").read_bytes())
    return data


def test_workers_json_says_what_each_worker_is(tree: Tree) -> None:
    (tree.app / "public").mkdir()
    tree.script("app/app/bin/work", "")
    tree.build(
        workers={
            "web": 'show --port "$PORT"',
            "mailer": "exec show 'a b' c",
            "worker": "./bin/work",
            "both": "show && show",
            "out": "show >log",
            "cron-report": "30 4 * * mon-fri show all",
            "static": "public",
        },
        healthcheck_path="/up",
        healthcheck_contains="all is well",
    )
    tools = f"{tree.store}/tools/bin"
    cron = {
        "kind": "cron",
        "command": f"{tools}/show all",
        "argv": [f"{tools}/show", "all"],
        "schedule": "30 4 * * 1-5",
        "calendars": ["Mon,Tue,Wed,Thu,Fri *-*-* 04:30:00"],
    }
    assert described(tree) == {
        "format": 1,
        "tree": str(tree.app),
        "working_dir": str(tree.app),
        "health": {
            "path": "/up",
            "timeout": 30,
            "protocol": "http",
            "status": [200, 399],
            "contains": "all is well",
        },
        "workers": {
            "web": {"kind": "process", "command": f'{tools}/show --port "$PORT"'},
            "mailer": {
                "kind": "process",
                "command": f"exec {tools}/show 'a b' c",
                "argv": [f"{tools}/show", "a b", "c"],
            },
            "worker": {
                "kind": "process",
                "command": f"{tree.app}/bin/work",
                "argv": [f"{tree.app}/bin/work"],
            },
            "both": {"kind": "process", "command": f"{tools}/show && {tools}/show"},
            "out": {"kind": "process", "command": f"{tools}/show >log"},
            "cron-report": cron,
            "static": {"kind": "static", "command": f"{tree.app}/public"},
        },
    }
    assert WorkersFile.model_validate_json((tree.out / FILE).read_bytes()).tree == str(tree.app)


@pytest.mark.parametrize("name", ["cronjobs", "cron_tidy", "staticgen", "statics", "cron-", "Cron"])
def test_a_name_that_only_begins_like_a_kind_is_that_of_a_process(tree: Tree, name: str) -> None:
    tree.build(workers={name: "show it"})
    assert described(tree)["workers"][name]["kind"] == "process"
    assert shown(tree.run(f"bin/{name}"))[1] == ["it"]


def test_the_starter_says_where_the_apps_tree_is(tree: Tree) -> None:
    tree.script("app/app/bin/work", 'printf "%s\\n" "$0" "$PWD" "$LIB" "${HOP3_APP_DIR-unset}"\n')
    tree.build(
        env={"LIB": f"{tree.app}/lib:{tree.app}:{tree.store}/tools"},
        workers={"web": "./bin/work"},
        before_run=["./bin/work"],
        writable_tree=str(tree.app),
    )
    copy = tree.root / "a copy"
    shutil.copytree(tree.app, copy)
    lines = [f"{copy}/bin/work", str(copy), f"{copy}/lib:{copy}:{tree.store}/tools", "unset"]
    for program in ("bin/web", "hop3/before-run"):
        done = tree.run(program, env={"HOP3_APP_DIR": str(copy)})
        assert done.stdout.decode().splitlines() == lines
    done = tree.run("hop3/exec", "bash", "-c", 'echo "$PWD $LIB"', env={"HOP3_APP_DIR": str(copy)})
    assert done.stdout.decode() == f"{copy} {lines[2]}\n"
    assert tree.run("bin/web").stdout.decode().splitlines()[1] == str(tree.app)


def test_a_tree_that_depends_on_where_one_stands_is_refused(tree: Tree) -> None:
    tree.build()
    done = tree.run("bin/web", env={"HOP3_APP_DIR": "copy"})
    assert done.returncode == 64
    assert b"not absolute" in done.stderr


def test_the_starter_says_which_variables_stay_as_they_are(tree: Tree) -> None:
    tree.build(env={"A": "a", "B": "b", "AB": "ab"}, workers={"web": "env -0"})
    given = {"A": "", "B": "x", "AB": "y", "PATH": "/p", "HOP3_KEEP": "A PATH B"}
    environment = tree.environment("bin/web", given)
    assert {name: environment.get(name) for name in (*given, "HOP3_APP_DIR")} == {
        "A": "",
        "B": "x",
        "AB": "ab",
        "PATH": "/p",
        "HOP3_KEEP": None,
        "HOP3_APP_DIR": None,
    }


@pytest.mark.parametrize("name", ["PORT", "HOP3_STATE_DIR", "HOP3_APP_DIR", "HOP3_KEEP"])
def test_what_the_starter_sets_cannot_be_in_the_environment(
    tree: Tree, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    assert tree.build(env={name: "x"}) == 1
    assert "is set by whoever starts the app" in capsys.readouterr().err


def test_static_workers_have_no_launcher(tree: Tree) -> None:
    tree.build(workers={"static": "."})
    assert not (tree.out / "bin").exists()


def test_before_run_runs_each_line_by_itself_and_stops_at_the_first_failure(tree: Tree) -> None:
    tree.build(before_run=["cd / && A=1", 'echo "$PWD$A" # x', "fail", "echo no"])
    done = tree.run("hop3/before-run")
    assert (done.stdout.decode(), done.returncode) == (f"{tree.app}\n", 3)


def test_before_run_is_there_when_there_is_nothing_to_run(tree: Tree) -> None:
    tree.build()
    assert tree.run("hop3/before-run").returncode == 0


def test_a_launcher_does_not_start_in_a_tree_that_is_gone(tree: Tree) -> None:
    tree.build()
    tree.app.rmdir()
    assert tree.run("bin/web").returncode == 126


# Problems.

PROBLEMS: list[tuple[dict[str, Any], list[str]]] = [
    (
        {"workers": {"web": "shwo x"}},
        [
            "worker web: there is no program shwo",
            "line: shwo x",
            "looked in: /",
            "names: show",
            "lockfile",
        ],
    ),
    ({"before_run": ["true", "none"]}, ["before_run 2: there is no program none", "names: none"]),
    ({"workers": {"web": "echo $(none)"}}, ["no program none"]),
    ({"workers": {"web": "nohup none"}}, ["no program nohup", "no program none"]),
    ({"workers": {"web": "./strat"}}, ["no program strat", "names: start", "looked in: {app}"]),
    ({"workers": {"web": "start"}}, ["no program start", "write ./start"]),
    ({"workers": {"web": "cd sub && ./start"}}, ["looked in: {app}/sub"]),
    ({"workers": {"web": "./notes"}}, ["{app}/notes is not executable", "chmod +x ./notes"]),
    ({"workers": {"web": "./sub"}}, ["{app}/sub is not executable"]),
    (
        {"workers": {"web": "inert"}},
        ["no program inert", "make {store}/tools/bin/inert executable"],
    ),
    ({"workers": {"web": "../../other/bin/x"}}, ["{store}/other/bin/x is not part"]),
    ({"workers": {"web": f"{'../' * 30}usr/bin/env x"}}, ["/usr/bin/env is not part"]),
    ({"workers": {"web": "./outside"}}, ["{app}/outside is not part"]),
    ({"workers": {"web": "linked"}}, ["linked leads to /", "outside of the artifact"]),
    ({"workers": {"web": "/bin/sh x"}}, ["/bin/sh is not part", "without its directory"]),
    ({"workers": {"web": "/usr/bin/env show"}}, ["refers to /usr", "without its directory"]),
    ({"workers": {"web": "show --config='/home/me/x'"}}, ["refers to /home"]),
    ({"workers": {"web": "show ${X:-/build/x}"}}, ["refers to /build"]),
    ({"workers": {"web": "show {store}/gone-1.0/x"}}, ["{store}/gone-1.0 is not part"]),
    ({"workers": {"web": "foreign"}}, ["begins with #!/bin/sh", "not part"]),
    ({"workers": {"web": "envy"}}, ["no program snake", "needed by: {store}/tools/bin/envy"]),
    ({"workers": {"web": "bare"}}, ["begins with #!,"]),
    ({"workers": {"web": "a <<E"}}, ["worker web: the line has a here-document", "line: a <<E"]),
    ({"workers": {"web": "if true; then"}}, ["the line is not shell", "syntax error"]),
    ({"workers": {"a/b": "show"}}, ["worker a/b: the name cannot"]),
    ({"workers": {"é" * 128: "show"}}, ["the name cannot be that of a file"]),
    ({"workers": {"cron": "show"}}, ["worker cron: has no schedule: 'show' is not a minute"]),
    ({"workers": {"static": "sub/none"}}, ["worker static: there is no {app}/sub/none"]),
    ({"static_paths": {"/s": "su"}}, ["static path /s: there is no {app}/su", "names: sub"]),
    ({"static_paths": {"/s": "../x"}}, ["../x is outside of the app"]),
    ({"static_paths": {"/s": "/etc"}}, ["/etc is outside of the app"]),
    ({"static_paths": {"/s": "outside"}}, ["{app}/outside leads to", "link"]),
    ({"env": {"A-B": ""}}, ["variable A-B: is not a name"]),
    ({"env": {"UID": ""}}, ["variable UID: is not a name"]),
    ({"env": {"PATH": "/x"}}, ["variable PATH: is made from", "`packages`"]),
    ({"env": {"A": "x:/usr/lib"}}, ["variable A: refers to /usr"]),
    (
        {"env": {"A": "file:///home/x", "B": '["/usr"]'}},
        ["A: refers to /home", "B: refers to /usr"],
    ),
    ({"env": {"A": "{store}/gone"}}, ["variable A: {store}/gone is not part"]),
    ({"path": ["{store}/none"]}, ["PATH: {store}/none is not a directory"]),
    ({"path": ["{store}/other/bin"]}, ["PATH: {store}/other is not part"]),
    ({"path": ["/etc"]}, ["PATH: /etc is not part"]),
    ({"path": ["tools"]}, ["PATH: tools is not a directory"]),
    ({"path": ["{app}/a:b"]}, ["{app}/a:b has a colon"]),
    ({"working_dir": "{app}/none"}, ["working_dir: {app}/none is not a directory"]),
    ({"writable_tree": "{app}/none"}, ["writable_tree: {app}/none is not a directory"]),
    ({"shell": "/bin/sh"}, ["shell: /bin/sh is not part"]),
]


@pytest.fixture
def faulty(tree: Tree) -> Tree:
    """Return a tree with one of each thing that a line may not use."""
    tree.script("app/app/start", "")
    (tree.app / "notes").touch()
    (tree.app / "sub").mkdir()
    (tree.app / "a:b").mkdir()
    tree.script("other/bin/x", "")
    (tree.app / "outside").symlink_to(tree.store / "other/bin/x")
    (tree.store / "tools/bin/inert").touch()
    (tree.store / "tools/bin/linked").symlink_to("/bin/sh")
    tree.script("tools/bin/foreign", "", interpreter="/bin/sh")
    tree.script("tools/bin/envy", "", interpreter=f"{tree.store}/bash/bin/env -S A=b snake -u")
    tree.script("tools/bin/bare", "", interpreter=" ")
    return tree


def filled(value: Any, tree: Tree) -> Any:
    """Return ``value`` with {app} and {store} replaced in every text in it."""
    text = json.dumps(value).replace("{app}", str(tree.app)).replace("{store}", str(tree.store))
    return json.loads(text)


@pytest.mark.parametrize(("changes", "said"), PROBLEMS)
def test_a_problem_is_reported_and_nothing_is_written(
    faulty: Tree, capsys: pytest.CaptureFixture[str], changes: dict[str, Any], said: list[str]
) -> None:
    assert faulty.build(**filled(changes, faulty)) == 1
    printed = capsys.readouterr().err
    assert [part for part in filled(said, faulty) if part not in printed] == []
    assert "tip: " in printed
    assert not faulty.out.exists()


ACCEPTED: list[dict[str, Any]] = [
    {"workers": {"web": "show http://host/usr /x/usr ./home usr/lib /usrx /home-made $X/usr"}},
    {"env": {"A": "http://host/home", "B": "/usr-local:x/home", "C": "{store}/app."}},
    {"healthcheck_path": "/usr/home"},
    {"static_paths": {"/home": "sub"}},
    {"env": {"A": "{store}/bundle/bin"}},
    {"writable_tree": "{app}", "static_paths": {"/media": "made/later"}},
    {"workers": {"web": "./start && cd sub && ../start"}},
]


@pytest.mark.parametrize("changes", ACCEPTED)
def test_what_only_looks_like_a_problem_is_none(faulty: Tree, changes: dict[str, Any]) -> None:
    assert faulty.build(**filled(changes, faulty)) == 0


def test_all_problems_are_reported_at_once(tree: Tree, capsys: pytest.CaptureFixture[str]) -> None:
    tree.build(workers={"a": "nothing", "b": "none"}, env={"A": "/usr"}, before_run=["a ("])
    printed = capsys.readouterr().err
    assert all(
        part in printed
        for part in ("worker a:", "worker b:", "variable A:", "before_run 1:", "'shop'")
    )


def test_messages_show_control_characters_instead_of_printing_them(
    tree: Tree, capsys: pytest.CaptureFixture[str]
) -> None:
    tree.build(workers={"web": "none \x1b[2J\nnone"})
    printed = capsys.readouterr().err
    assert "\x1b" not in printed
    assert "\\x1b[2J\n" in printed


def test_a_local_artifact_may_use_the_system_but_not_the_callers_path(
    tree: Tree, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = tree.script("mine/mine-alone", "")
    monkeypatch.setenv("PATH", str(mine.parent))
    lines = {"web": "ls /usr", "job": "/bin/sh x"}
    assert tree.build(mode="local", closure=[], forbidden=[], workers=lines) == 0
    assert tree.runtime["workers"]["web"] in {"/usr/bin/ls /usr", "/bin/ls /usr"}
    assert tree.build(workers={"web": "mine-alone"}) == 1
    assert "no program mine-alone" in capsys.readouterr().err


# The specification.


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"mode": "docker"}, "mode is neither"),
        ({"backend_protocol": "wsgi"}, "backend_protocol is neither"),
        ({"colour": "red"}, "colour"),
        ({"env": {"A": 1}}, "env is not dict[str, str]"),
        ({"env": {"A": "\0"}}, "env is not"),
        ({"env": {"\ud800": ""}}, "env is not"),
        ({"env": []}, "env is not"),
        ({"path": "x"}, "path is not list[str]"),
        ({"healthcheck_timeout": 0}, "healthcheck_timeout is not int"),
        ({"healthcheck_timeout": True}, "healthcheck_timeout is not int"),
        ({"shell": "/none"}, "cannot be run"),
    ],
)
def test_a_bad_specification_is_refused(
    tree: Tree, capsys: pytest.CaptureFixture[str], changes: dict[str, Any], said: str
) -> None:
    assert tree.build(**changes) == 2
    assert said in capsys.readouterr().err
    assert not tree.out.exists()


@pytest.mark.parametrize("text", ["", "[]", "1", "{}", "\xff", None])
def test_a_file_that_is_no_specification_is_refused(tmp_path: Path, text: str | None) -> None:
    file = tmp_path / "spec.json"
    if text is not None:
        file.write_text(text, encoding="latin-1")
    assert main([str(file), str(tmp_path / "out")]) == 2


def test_wrong_arguments_are_refused() -> None:
    assert main([]) == 2


def test_a_result_that_cannot_be_written_is_an_error(
    tree: Tree, capsys: pytest.CaptureFixture[str]
) -> None:
    tree.out.write_text("")
    assert tree.build() == 1
    assert "cannot write" in capsys.readouterr().err


PACKAGE = Path(postbuild.__file__).parent
WORKERS = PACKAGE.parent / "workers"


@pytest.mark.parametrize(
    "file",
    sorted([*PACKAGE.glob("*.py"), *WORKERS.glob("*.py")]),
    ids=lambda file: f"{file.parent.name}/{file.name}",
)
def test_it_runs_alone_under_an_old_python(file: Path) -> None:
    module = ast.parse(file.read_text("utf-8"), feature_version=(3, 9))
    imported: set[str] = set()
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            imported |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            name = str(node.module)
            if not name.startswith("hop3_nix.workers."):
                imported.add(name.partition(".")[0])
        elif isinstance(node, ast.ImportFrom):
            assert (node.level, (file.parent / f"{node.module}.py").is_file()) == (1, True)
    assert imported <= sys.stdlib_module_names


def test_a_copy_of_it_runs_as_a_program_with_nothing_else_in_its_environment(tree: Tree) -> None:
    tree.build(env={"A": "é"})
    first = (tree.out / "hop3/runtime.json").read_bytes()
    copy = tree.root / "copy"
    shutil.copytree(PACKAGE, copy / "hop3_nix/postbuild")
    shutil.copytree(WORKERS, copy / "hop3_nix/workers")
    argv = [
        sys.executable,
        "-S",
        "-m",
        "hop3_nix.postbuild",
        str(tree.root / "spec.json"),
        str(tree.out),
    ]
    subprocess.run(argv, env={"PYTHONPATH": str(copy)}, cwd=tree.root, check=True)
    assert (tree.out / "hop3/runtime.json").read_bytes() == first
    assert os.access(tree.out / "bin/web", os.X_OK)
