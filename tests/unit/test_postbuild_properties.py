"""Any text goes through the post-build step unchanged and unevaluated."""

from __future__ import annotations

import shlex
import subprocess
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from hop3_nix.postbuild.commandline import CommandLine
from hop3_nix.postbuild.cursor import LineError
from postbuild_tree import Tree

if TYPE_CHECKING:
    from collections.abc import Iterator

slowly = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=False
)

PIECES: Final = (
    *("$(echo >pwned)", "`echo >pwned`", "${A}", "${", "}", "$", "''${A}", "${pkgs.x}"),
    *("'", '"', "\\", "\n", "\r\n", "\t", " ", "-", "--", "#", ";", "&", "|", "(", ")", "*", "!"),
    *("@", "~", "%s", "\\n", "=", "", "end", "EOF", "NaN", "null"),
    *("\x01", "\x7f", "\x80", "\u2028", "\ufeff", "é", "𝄞"),
)
text = st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=8).map("".join)
values = text.filter(lambda value: "\0" not in value)
file_names = values.filter(
    lambda name: "/" not in name and name not in {"", ".", ".."} and len(name.encode()) < 200
)
lists = st.lists(values, max_size=4)
names = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    return Tree(tmp_path_factory.mktemp("tree"))


@pytest.fixture(autouse=True)
def nothing_is_evaluated(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tree.root)
    yield
    assert list(tree.root.rglob("*pwned*")) == []


@slowly
@given(environment=st.dictionaries(names, values, max_size=4), defaults=st.booleans(), app=values)
def test_environment_values_arrive(
    tree: Tree, environment: dict[str, str], app: str, *, defaults: bool
) -> None:
    kept = list(environment) if defaults else []
    workers = {"web": "env -0"}
    assert tree.build(env=environment, defaults=kept, workers=workers, app_name=app) == 0
    assert tree.runtime["env_vars"] == tree.runtime["env"] == environment
    shown = tree.environment("bin/web")
    assert {name: shown[name] for name in environment} == environment


@slowly
@given(
    arguments=st.lists(values, max_size=4), program=file_names, extra=st.lists(values, max_size=2)
)
def test_arguments_and_file_names_arrive(
    tree: Tree, arguments: list[str], program: str, extra: list[str]
) -> None:
    file = tree.script(f"app/app/{program}", 'printf \'%s\\0\' "$0" "$@"\n')
    line = shlex.join([f"./{program}", *arguments])
    try:
        assert tree.build(env={}, workers={"web": line}) == 0
        assert shlex.split(tree.runtime["workers"]["web"]) == [str(file), *arguments]
        shown = tree.run("bin/web", *extra).stdout.decode().split("\0")[:-1]
    finally:
        file.unlink()
    assert shown == [str(file), *arguments, *extra]


@slowly
@given(name=file_names.filter(lambda name: not name.startswith(("cron", "static"))))
def test_worker_names_arrive(tree: Tree, name: str) -> None:
    assert tree.build(env={}, workers={name: "env"}) == 0
    assert list(tree.runtime["workers"]) == [name]
    assert tree.run(f"bin/{name}").returncode == 0
    (tree.out / "bin" / name).unlink()


TOKENS: Final = (
    *("show", "fail", "env", "exec", "nice -n 1", "A=b", "A=", "echo", "cd", "x", "./x", "$X"),
    *("if", "then", "else", "elif", "fi", "for", "in", "do", "done", "while", "case", "esac"),
    *("time", "function", "[[", "f()", "12", "[", "]", "~", "*", "=", "%", "#"),
    *("|", "||", "&&", "&", ";", ";;", "\n", "(", ")", "{", "}", "!"),
    *("'", '"', "`", "$(", "${", "$((", "))", "$'", "\\", "\\\n"),
    *("<", ">", ">&", "2>&1", "<<", "<(", "&>", ">f", "<f"),
)
soup = st.lists(st.sampled_from(TOKENS) | st.just(" ") | st.text(max_size=2), max_size=14).map(
    "".join
)


def gaps(line: str) -> list[str]:
    """Return what stands between the words in command position that are not known later."""
    position, found = 0, []
    for program in sorted(CommandLine(line).programs, key=lambda program: program.word.start):
        if program.word.text is not None:
            found.append(line[position : program.word.start])
            position = program.word.end
    return [*found, line[position:]]


@settings(max_examples=1000, deadline=None)
@given(line=soup)
def test_any_line_is_read_or_refused(line: str) -> None:
    try:
        read = CommandLine(line)
    except LineError:
        return
    assert all(0 <= w.start < w.end <= len(line) for w, _, _, _ in read.programs)


@slowly
@given(line=soup)
def test_a_line_that_is_accepted_is_changed_in_its_command_words_only(
    tree: Tree, line: str
) -> None:
    assume("\0" not in line)
    tree.script("app/app/x", "")
    status = tree.build(env={}, workers={"web": line})
    assert status in {0, 1}
    if status == 0:
        resolved = tree.runtime["workers"]["web"]
        assert gaps(resolved) == gaps(line)
        check = [str(tree.bash), "-n", str(tree.out / "bin/web")]
        assert subprocess.run(check, capture_output=True, check=True).stderr == b""


# Lines of shell that end by themselves and print the same each time.

blank = st.sampled_from([" ", "  ", "\t", " \\\n "])
words = st.sampled_from(
    ["a", "'b c'", '"$A"', "$A", "${A:-d e}", "\\$", "if", "in", "{", "}", "5", "x=y", "a#b"]
)
programs = st.sampled_from(["say", "'say'", "s\\ay", '"sa"y', "s\\\nay", "fail", "echo", "true"])
wrappers = st.sampled_from(
    ["", "", "env ", "env -u Z B=c ", "exec ", "exec -a n ", "command ", "nohup ", "A=q "]
)
redirections = st.sampled_from(["", "", "", " 2>/dev/null", " >&2", " </dev/null"])


def substituted(commands: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Return words that hold commands."""
    return st.one_of(
        st.builds("$({})".format, commands.filter(lambda line: not line.startswith("("))),
        st.builds('"x$( {} )y"'.format, commands),
        st.builds("${{N:-$( {} )}}".format, commands),
        st.builds(
            "`{}`".format, commands.filter(lambda line: "`" not in line and "\\" not in line)
        ),
    )


def simple(arguments: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Return simple commands."""
    tails = st.lists(st.tuples(blank, arguments).map("".join), max_size=3).map("".join)
    return st.builds("{}{}{}{}".format, wrappers, programs, tails, redirections)


def compounds(line: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Return commands made of commands."""
    joiner = st.sampled_from(["; ", " && ", "||", "\n", " # say no\n", "|", " |\n ", "; \n\n "])
    return st.one_of(
        simple(words | substituted(line)),
        st.builds("{}{}{}".format, line, joiner, line),
        st.builds("({})".format, line.filter(lambda text: not text.startswith("("))),
        st.builds("{{ {}; }}".format, line),
        st.builds("{{ ! {}; }}".format, simple(words)),
        st.builds("if {}; then {}\nelse {}; fi".format, line, line, line),
        st.builds("for i in a say; do {}; done".format, line),
        st.builds("until true; do {}; done".format, line),
        st.builds("case $A in (b) {};; a|*) {}\nesac".format, line, line),
        st.builds("f() {{ {}; }}; f".format, line),
    )


shell = st.recursive(simple(words), compounds, max_leaves=6)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(line=shell)
def test_a_resolved_line_does_the_same_without_any_path(tree: Tree, line: str) -> None:
    tree.script("tools/bin/say", "printf '<%s>' say \"$@\"\n")
    tree.script("tools/bin/nohup", 'exec "$@"\n')
    tree.script("tools/bin/true", "printf '<a program>'\n")
    tree.script("tools/bin/echo", "printf '<a program>'\n")
    assert tree.build(env={}, workers={"web": line}) == 0
    path = ":".join(tree.spec["path"])

    def run(argv: list[str], search: str) -> tuple[bytes, int]:
        done = subprocess.run(
            argv,
            env={"PATH": search, "A": "a"},
            cwd=tree.app,
            capture_output=True,
            check=False,
        )
        return done.stdout, done.returncode

    expected = run([str(tree.bash), "-c", line], path)
    assert run([str(tree.bash), "-c", tree.runtime["workers"]["web"]], "/none") == expected
    assert run([str(tree.out / "bin/web")], path) == expected
