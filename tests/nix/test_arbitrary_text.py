"""Text of any kind arrives as it was written, and nothing of it is evaluated on the way.

A build costs more than a value, so each build carries as many of them as it can hold.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
from dataclasses import dataclass
from itertools import count, islice, takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from running import only_closure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from conftest import Cli, Nix

CORPUS = [
    # The string syntax of Nix
    "${pkgs.hello}",
    '"; in throw "evaluated',
    "${throw ''evaluated''}",
    "''${abort \"x\"}''",
    "''",
    "'''",
    "''\\n",
    "$${x}",
    "\\${x}",
    "\\\\${x}",
    "\\",
    "@out@ @nix@",
    "<nixpkgs>",
    "/* # //",
    # A shell
    "$(touch /tmp/x)",
    "$(kill -9 $PPID)",
    "`exit 9`",
    "$HOME ${HOME} $$ $? $!",
    "${TEXT_0:-x} ${y:?z}",
    "a;b&c|d>e<f",
    "~ ~root",
    "* ? [a-z] {a,b}",
    "!! !x ^a^b",
    "# not a comment",
    "it's",
    '"',
    "'\"'\"'",
    "$'\\n'",
    "-n",
    "--help",
    "-",
    "--",
    "a=b",
    # White space and control characters
    "",
    " ",
    "  leading and trailing  ",
    "tab\there",
    "line\nline\n",
    "\n\n",
    "\r\n",
    "\r",
    "a\\\nb",
    "\x01\x02\x1b[31m\x7f",
    "\x85\u2028\u2029",
    "\ufeffmark",
    # Templates and formats
    "%s %d %% %",
    "{{ jinja }}",
    "{% raw %}",
    "{#",
    "{0} {name!r}",
    # Words that languages have
    "null",
    "None",
    "true",
    "~",
    "NaN",
    "0x10",
    "1e3",
    # Beyond ASCII
    "h\u00e9\u0301 \u202egnirts\u202c \U0001f600\U0010ffff",
    "\u0434\u0430 \u05d0\u05d1 \u65e5\u672c \ufffd\uffff",
]
PARTS = ("files", "scripts", "static")
LONG = "long $x `y` " * 2_500

FRAGMENTS = st.sampled_from(
    [*"${}()`\"\\' \n\t;&|<>#!*?~-=%@,[]", "''", "${", "$(", "\\\n", "{{", "}}", "{%", "\r\n"]
)
TEXTS = st.lists(
    st.one_of(
        FRAGMENTS, st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=4)
    ),
    max_size=8,
).map("".join)
SHOW = """\
printf '%s\\0' $# "$@"
env -0
printf '\\0'
"""
"""Prints how many arguments there are, each of them, each variable, and an empty text."""

SCRIPT = '#!/usr/bin/env bash\nexec bash show.sh "$0" "$@"\n'


@dataclass(frozen=True)
class Texts:
    """What an application is made of; each text stands wherever it can."""

    env: list[str]
    arguments: list[str]
    names: list[str]
    """Names of files."""
    about: str
    """Name, description and path of the health check."""
    policy: str = "keep-existing"

    def variables(self) -> dict[str, str]:
        # A reference is refused in [env], where nothing would fill it in; all else may stand there.
        texts = (re.sub(r"\$\{(?=\w)", "$ {", text) for text in self.env)
        return {f"TEXT_{i}": text for i, text in enumerate(texts)}

    def workers(self) -> dict[str, tuple[str, str]]:
        """Return, by worker, the word that its command begins with, and the rest."""
        rest = {f"shows-{i}": shlex.quote(text) for i, text in enumerate(self.arguments)}
        shows = {name: ("bash", f" show.sh {argument}") for name, argument in rest.items()}
        return shows | {
            f"script-{i}": (shlex.quote(f"./scripts/{name}"), f" {shlex.quote(name)}")
            for i, name in enumerate(self.names)
        }

    def before_run(self) -> list[str]:
        return [f"bash show.sh {shlex.quote(text)}" for text in self.arguments]

    def health_path(self) -> str:
        # Any text that is no path of a URL is refused; percent signs and the like may stand.
        safe = "$()'*!,;=:@&"
        return f"/{quote(self.about, safe=safe, errors='replace')}"

    def static_paths(self) -> dict[str, str]:
        return {f"/{name}": f"static/{name}" for name in self.names}

    def hop3_toml(self) -> str:
        metadata = {"id": self.about[:60], "description": self.about}
        # What a line can hold stands in the Procfile.
        workers = {name: "".join(line) for name, line in self.workers().items()}
        workers = {name: line for name, line in workers.items() if not one_line(line)}
        sections: dict[str, Mapping[str, str | list[str]]] = {
            "metadata": metadata,
            "build": {"build": "bash show.sh > built"},
            "env": {"_policy": self.policy, **self.variables()},
            "run": {"before-run": self.before_run()},
            "run.workers": workers,
            "static": self.static_paths(),
            "healthcheck": {"path": self.health_path()},
        }
        return "".join(f"[{name}]\n{toml(section)}\n" for name, section in sections.items())

    def procfile(self) -> str:
        lines = {name: "".join(line) for name, line in self.workers().items()}
        return "".join(f"{name}: {line}\n" for name, line in lines.items() if one_line(line))

    def write(self, root: Path) -> None:
        root.mkdir()
        (root / "requirements.txt").touch()
        (root / "show.sh").write_text(SHOW)
        (root / "hop3.toml").write_text(self.hop3_toml())
        (root / "Procfile").write_bytes(self.procfile().encode())
        for part in PARTS:
            (root / part).mkdir()
        for name in self.names:
            (root / "files" / name).write_bytes(name.encode())
            (root / "scripts" / name).write_text(SCRIPT)
            (root / "scripts" / name).chmod(0o755)
            (root / "static" / name).mkdir()
            (root / "static" / name / "index.html").touch()


def as_name(text: str) -> str:
    """Return the nearest that can be the name of a file, and is not one that is left out."""
    name = text.replace("/", "_").encode()[:200].decode(errors="ignore")
    return f"x{name}" if name.strip(".") in {"", "pyc"} else name


def one_line(text: str) -> bool:
    return "\n" not in text and "\r" not in text


def toml(section: Mapping[str, str | list[str]]) -> str:
    return "".join(f"{quoted(name)} = {quoted(value)}\n" for name, value in section.items())


def quoted(text: str | list[str]) -> str:
    if isinstance(text, list):
        return f"[{', '.join(map(quoted, text))}]"
    plain = (c if c.isprintable() and c not in '"\\' else f"\\U{ord(c):08X}" for c in text)
    return f'"{"".join(plain)}"'


def names_of(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(as_name(text) for text in texts))


@pytest.fixture(scope="module")
def check(cli: Cli, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Texts], Path]:
    """Return what builds an application of texts and looks at all of it, and returns where."""
    place = tmp_path_factory.mktemp("texts")
    number = count()

    def check(texts: Texts) -> Path:
        root = place / f"app-{next(number)}"
        texts.write(root)
        built = json.loads(
            cli("build", root, "--builder", "nix", "--pkgs", "debian", "--json").stdout
        )
        location, runtime = Path(built["location"]), built["runtime"]
        assert re.fullmatch(r"[A-Za-z0-9._+-]+", built["app_name"])
        assert json.loads((location / "hop3/runtime.json").read_text()) | runtime == runtime | {
            "env": runtime["env_vars"],
            "path": runtime["path_prepend"],
        }
        assert_told(texts, runtime)
        tree = Path(runtime["working_dir"])
        assert_held(texts, tree)
        assert written(location) == {
            "hop3/before-run",
            "hop3/exec",
            *(f"hop3/{name}.json" for name in ("defaults", "required", "runtime", "workers")),
            *(f"bin/{name}" for name in texts.workers()),
        }
        assert received((tree / "built").read_bytes()) == [([], texts.variables())]
        assert_received(texts, location, tree)
        return root

    return check


def written(directory: Path) -> set[str]:
    return {str(file.relative_to(directory)) for file in directory.rglob("*") if file.is_file()}


def assert_told(texts: Texts, runtime: dict[str, Any]) -> None:
    """Every text stands in runtime.json as it was written."""
    told = {name: runtime["env_vars"].get(name) for name in texts.variables()}
    assert told == texts.variables()
    tails = {name: rest for name, (_, rest) in texts.workers().items()}
    workers = runtime["workers"]
    programs = zip(runtime["before_run"], texts.before_run(), strict=True)
    assert [line for line, own in programs if not line.endswith(own.removeprefix("bash"))] == []
    assert {name: workers[name][-len(rest) :] for name, rest in tails.items()} == tails
    tree = runtime["working_dir"]
    scripts = {f"script-{i}": name for i, name in enumerate(texts.names)}
    found = {worker: shlex.split(workers[worker])[0] for worker in scripts}
    assert found == {worker: f"{tree}/scripts/{name}" for worker, name in scripts.items()}
    static = {url: f"{tree}/{path}" for url, path in texts.static_paths().items()}
    assert runtime["static_paths"] == static
    assert runtime["healthcheck_path"] == texts.health_path()


def assert_held(texts: Texts, tree: Path) -> None:
    """The tree has the files that were in the source, and no other."""
    names = set(texts.names)
    here = {entry.name for entry in tree.iterdir()}
    assert here == {*PARTS, "built", "requirements.txt", "show.sh"}
    parts = [{entry.name for entry in tree.joinpath(part).iterdir()} for part in PARTS]
    assert parts == [names] * len(PARTS)
    contents = {name: tree.joinpath("files", name).read_bytes().decode() for name in names}
    assert contents == {name: name for name in names}


def assert_received(texts: Texts, location: Path, tree: Path) -> None:
    """Every worker is given what stands in its line, and every variable."""
    launchers = [location / "hop3/before-run", *(location / "bin" / x for x in texts.workers())]
    shell = launchers[0].read_text().splitlines()[0].removeprefix("#!")
    every = " && ".join(map(str, launchers))
    done = subprocess.run(
        [*only_closure(location, {}), shell, "-c", every], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    arguments = [[text] for text in (*texts.arguments, *texts.arguments)]
    arguments += [[f"{tree}/scripts/{name}", name] for name in texts.names]
    assert received(done.stdout) == [(each, texts.variables()) for each in arguments]


def received(output: bytes) -> list[tuple[list[str], dict[str, str]]]:
    """Return, for each run of show.sh, its arguments and those of its variables that are ours."""
    fields = iter(output.decode().split("\0")[:-1])
    runs = []
    for number in fields:
        arguments = list(islice(fields, int(number)))
        variables = (each.split("=", 1) for each in takewhile(bool, fields))
        runs.append((arguments, {k: v for k, v in variables if k.startswith("TEXT_")}))
    return runs


@pytest.mark.parametrize("policy", ["keep-existing", "override"])
def test_texts_that_mean_something_to_somebody(check: Callable[[Texts], Path], policy: str) -> None:
    check(Texts([*CORPUS, LONG], CORPUS, names_of(CORPUS), "".join(CORPUS), policy))


def test_the_description_is_that_of_the_nix_package(cli: Cli, nix: Nix, tmp_path: Path) -> None:
    about = "".join(CORPUS)
    root = tmp_path / "app"
    Texts([], ["one"], [], about).write(root)
    cli("render", root, "--pkgs", "debian", "-o", root / "hop3.nix")
    evaluate = ["nix-instantiate", "--eval", "--json", "-A", "package.meta.description"]
    assert json.loads(nix(*evaluate, "hop3.nix", cwd=root).stdout) == about


@pytest.mark.parametrize("name", ['$(touch x) ${y} `z` "it\'s" \\n #%s', "-n --help"])
def test_a_directory_of_any_name(cli: Cli, nix: Nix, tmp_path: Path, name: str) -> None:
    root = tmp_path / name / "app"
    root.parent.mkdir()
    Texts(["a text"], ["one"], ["name"], "about").write(root)
    built = cli("build", root, "--builder", "nix", "--pkgs", "debian").stdout.strip()
    cli("render", ".", "--pkgs", "debian", "-o", "hop3.nix", cwd=root)
    by_nix = nix("nix-build", "--no-out-link", "hop3.nix", "-A", "package", cwd=root)
    assert by_nix.stdout.strip() == built


def test_a_file_name_that_is_not_unicode(cli: Cli, tmp_path: Path) -> None:
    root = tmp_path / "app"
    Texts([], ["one"], [], "about").write(root)
    names = [b"caf\xe9", b"\xff\xfe \xc3", b"half \xed\xa0\x80 a pair"]
    for name in names:
        (root / "files" / os.fsdecode(name)).write_bytes(name)
    built = cli("build", root, "--builder", "nix", "--pkgs", "debian", "--json").stdout
    files = Path(json.loads(built)["runtime"]["working_dir"]) / "files"
    held = {os.fsencode(file.name): file.read_bytes() for file in files.iterdir()}
    assert held == {name: name for name in names}


@given(
    st.builds(
        Texts,
        env=st.lists(TEXTS, min_size=15, max_size=50),
        arguments=st.lists(TEXTS, min_size=8, max_size=20),
        names=st.lists(TEXTS.map(as_name), min_size=8, max_size=20, unique=True),
        about=TEXTS,
        policy=st.sampled_from(["keep-existing", "override"]),
    )
)
@settings(
    max_examples=5,
    deadline=None,
    # A failure names the text; finding a smaller one would take a build for each try.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_any_text(check: Callable[[Texts], Path], texts: Texts) -> None:
    check(texts)
