"""Which words of a command line are programs."""

from __future__ import annotations

import pytest

from hop3_nix.postbuild.bash import BUILTINS
from hop3_nix.postbuild.commandline import CommandLine
from hop3_nix.postbuild.cursor import LineError


def programs(text: str) -> list[str | None]:
    """Return the words in command position that are no builtins, in their order."""
    words = sorted(CommandLine(text).programs, key=lambda program: program.word.start)
    return [word.text for word, _, _, outer in words if outer or word.text not in BUILTINS]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("gunicorn app:app", ["gunicorn"]),
        ("  gunicorn\t-b 0.0.0.0:$PORT app:app # all of it; not this", ["gunicorn"]),
        ("a# b", ["a#"]),
        ("a && b || c; d & e | f\ng", list("abcdefg")),
        ("a |\n b", ["a", "b"]),
        ("A=1 B='x y' C+=z a", ["a"]),
        ("A=1", []),
        ('"A"=1 a', ["A=1"]),
        ("1A=1 a", ["1A=1"]),
        ("A=$(a x | b) c", ["a", "b", "c"]),
        (">log 2>&1 <in a b >>c 3<>d >|e", ["a"]),
        ("2>x a 2 >y", ["a"]),
        ("'2'>x", ["2"]),
        ("12a >x", ["12a"]),
        ("! a", ["a"]),
        ("time -p a", ["a"]),
        ("time a | time b", ["a", "b"]),
        ("if a; then b; elif c; then d; else e; fi", list("abcde")),
        ("while a; do b; done <in", ["a", "b"]),
        ("until a; do b; done", ["a", "b"]),
        ("for x in a b $(c); do d $x; done", ["c", "d"]),
        ("for x; do d; done", ["d"]),
        ("for x do d; done", ["d"]),
        ("for x\nin a\ndo d\ndone", ["d"]),
        ("case $x in a|b) c;; (d) e & ;; *) f; esac && g", ["c", "e", "f", "g"]),
        ("case x in if) a;; esac", ["a"]),
        ("case x in esac; a", ["a"]),
        ("case x in a) esac", []),
        ("case $(a) in b) if c; then d; fi ;; esac", ["a", "c", "d"]),
        ("(a; (b)); { c; }", ["a", "b", "c"]),
        ("{a; }b", ["{a", "}b"]),
        ("f() { a; }; f; g () (b)", ["a", "f", "b"]),
        ("echo if then; a", ["a"]),
        ("\\if a", ["if"]),
        ("'if' a", ["if"]),
        ("A=b if", ["if"]),
        ('"a b"\\ c d', ["a b c"]),
        ("'a'\"b\"c d", ["abc"]),
        ('"a\\$\\"\\x" b', ['a$"\\x']),
        ("a\\\nb c\\\n && d", ["ab", "d"]),
        ("a &\\\n& b", ["a", "b"]),
        ("'a\\\nb'", ["a\\\nb"]),
        ("$PYTHON -m a", [None]),
        ("${X:-b} c", [None]),
        ("./$X c", [None]),
        ("~/b c", [None]),
        ("a~b", ["a~b"]),
        ("./*.sh", [None]),
        ("{a,b}", [None]),
        ("{a}", ["{a}"]),
        ("./[ab]", [None]),
        ("$'a\\'b' c; d", [None, "d"]),
        ("a$ b", ["a$"]),
        ('"$(a "$(b)")" c', [None, "a", "b"]),
        ('echo "${X:-$(a)}" \'$(b)\' "\\$(c)"', ["a"]),
        ('echo "${X:-it\'s}"; a', ["a"]),
        ("echo \"${X%'}'}\"; a", ["a"]),
        ("echo ${X:-'}'}; a", ["a"]),
        ('echo "${X:-"}"}"; a', ["a"]),
        ("echo ${#X} $# $$ $? $! $- $0; a", ["a"]),
        ('echo $((1 + (2))) `a b` "`c`"; d', ["a", "c", "d"]),
        ("echo `a \\`b\\``; c", ["c"]),
        ("echo `a # b`; c", ["a", "c"]),
        ("echo $(a # )\n); b", ["a", "b"]),
        ("echo $(case x in x) a;; esac); b", ["a", "b"]),
        ("echo $( (a) ); b", ["a", "b"]),
        ('echo $(( $(a) + ("$X" + ${Y:-1}) )); b', ["a", "b"]),
        ("[ -n a ] && . ./b && cd c && export D=e && a", ["a"]),
        ("eval b; command -v b; a", ["a"]),
        ("exec a b", ["a"]),
        ("exec -a name a b", ["a"]),
        ("exec -cl -- a b", ["a"]),
        ("exec 3>&1; a", ["a"]),
        ("command -p a b", ["a"]),
        ("command echo; exec echo; env true", ["echo", "env", "true"]),
        ("nohup a b", ["nohup", "a"]),
        ("nice a", ["nice", "a"]),
        ("nice -n 5 a", ["nice", "a"]),
        ("nice -n5 a", ["nice", "a"]),
        ("nice -5 a", ["nice", "a"]),
        ("nice --adjustment=5 a", ["nice", "a"]),
        ("nice --adjustment 5 a", ["nice", "a"]),
        ("env A=b -c=d a e", ["env", "a"]),
        ("env -i A=$X 'B C=d' a", ["env", "a"]),
        ("env -iu A a", ["env", "a"]),
        ("env -uA a", ["env", "a"]),
        ("env - a", ["env", "a"]),
        ("env -- A=b a", ["env", "a"]),
        ("env -S 'a b'", ["env"]),
        ("env -C /x ./a", ["env"]),
        ("env", ["env"]),
        ("timeout 5 a 6", ["timeout", "a"]),
        ("timeout -k 3 -s TERM -- $T a", ["timeout", "a"]),
        ("timeout --signal=TERM --foreground 5 a", ["timeout", "a"]),
        ("stdbuf -oL a", ["stdbuf", "a"]),
        ("stdbuf -o L a", ["stdbuf", "a"]),
        ("exec nice -n 1 env A=b nohup a b", ["nice", "env", "nohup", "a"]),
        ("/x/env a", ["/x/env", "a"]),
        ("nice $OPTIONS a", ["nice", None]),
        ("env $X a", ["env", None]),
    ],
)
def test_programs_are_the_words_in_command_position(line: str, expected: list[str | None]) -> None:
    assert programs(line) == expected


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("", "no command"),
        (" # nothing", "no command"),
        ("a <<EOF", "here-document"),
        ("a <\\\n<EOF", "here-document"),
        ("a <<<b", "here-document"),
        ("a 'b", "open '"),
        ('a "b', 'open "'),
        ('a "b\\', 'open "'),
        ("a `b", "open `"),
        ("a $(b", "no )"),
        ("a ${b", "without }"),
        ("a $((b", "without ))"),
        ("a $((b 'c)'))", "' inside $(( ))"),
        ("a $((b) )", "without ))"),
        ("a $'b", "open $'"),
        ("a \\", "backslash"),
        ("(a", "no )"),
        ("a)", ") too many"),
        ("a ;; b", ";; too many"),
        ("case x in a) b", "no esac"),
        ("case x in a) b)", ") too many"),
        ("case x of a) b;; esac", "without `in`"),
        ("case x in a b) c;; esac", "without )"),
        ("case x in |", "where a word is needed"),
        ("a >", "ends too early"),
        ("a > ; b", "has ; where a word"),
        ("a (b)", "( too many"),
        ("A=(b)", "array"),
        ("[[ a ]]", "[["),
        ("function a { b; }", "function"),
        ("((a))", "(( of bash"),
        ("a <(b)", "<( or >("),
        ("a &> b", "&>"),
        ("a |& b", "|&"),
        ("a $[1]", "$[ of bash"),
        ('a $"b"', '$" of bash'),
        ("( " * 5000, "nested too deeply"),
    ],
)
def test_what_cannot_be_read_is_refused(line: str, said: str) -> None:
    with pytest.raises(LineError) as caught:
        CommandLine(line)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("line", "directory"),
    [
        ("cd web && ./a", "web"),
        ("cd -P web; cd admin; ./a", "web/admin"),
        ("cd /web && ./a", "/web"),
        ("cd web || exit 1; ./a", "web"),
        ("(cd web); ./a", ""),
        ("echo $(cd web); ./a", ""),
        ("cd $WEB && ./a", None),
        ("cd && ./a", None),
        ("cd - && ./a", None),
        ("cd $WEB && cd x && ./a", None),
        ("cd a || cd b; ./a", None),
        ("if true; then cd web; fi; ./a", None),
    ],
)
def test_cd_moves_what_relative_programs_are_looked_for_in(
    line: str, directory: str | None
) -> None:
    found = [program for program in CommandLine(line).programs if program.word.text == "./a"]
    assert [program.directory for program in found] == [directory]


@pytest.mark.parametrize(
    ("line", "own"),
    [
        ("PATH=x a", True),
        ("PATH=x; a", True),
        ("export PATH=x; a", True),
        ("env PATH=x a", True),
        ("a PATH=x", False),
        ("MYPATH=x a", False),
        ("(PATH=x); a", False),
    ],
)
def test_a_line_that_sets_path_looks_its_programs_up_itself(line: str, *, own: bool) -> None:
    found = [program for program in CommandLine(line).programs if program.word.text == "a"]
    assert [program.own_path for program in found] == [own]


@pytest.mark.parametrize(
    ("line", "tail", "single"),
    [
        ("a b", "a", True),
        ("A=1 a >x # y", "a", True),
        ("a;", "a", True),
        ("a; b", "b", False),
        ("a && b || c", "c", False),
        ("a & b", "b", False),
        ("a | b; c", "c", False),
        ("if a; then b; fi; c", "c", False),
        ("f() { a; }; c", "c", False),
        ("! a; b", "b", False),
        ("echo $(a)", "echo", True),
        ("a &", None, False),
        ("a | b", None, False),
        ("a |\nb", None, False),
        ("! a", None, False),
        ("time a", None, False),
        ("{ a; }", None, False),
        ("(a)", None, False),
        ("if a; then b; fi", None, False),
        ("while a; do b; done", None, False),
        ("for x in y; do b; done", None, False),
        ("case x in x) b;; esac", None, False),
        ("f() { a; }", None, False),
        ("A=1", None, False),
    ],
)
def test_the_tail_is_the_simple_command_that_a_line_ends_with(
    line: str, tail: str | None, *, single: bool
) -> None:
    read = CommandLine(line)
    word = read.tail.word if read.tail else None
    assert ((word.text if word else None), read.single) == (tail, single)
