"""``hop3/start``: the start data of an app, as shell that its launchers read.

Every text becomes assignments of quoted words; nothing of it is evaluated.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
from typing import TYPE_CHECKING, Any, Final

from hop3_nix.workers.environment import OF_THE_STARTER

from .bash import VARIABLES
from .launchers import said
from .problems import ProblemError
from .texts import Place, TextError, pieces
from .words import NAME

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .problems import Report
    from .spec import Spec
    from .texts import Piece, Reference

FILE: Final = "hop3/start"
DATA: Final = "hop3/start.json"
LIBRARY: Final = os.path.join(os.path.dirname(__file__), "start.sh")
PROGRAMS: Final = ("base64", "chmod", "cp", "head", "ln", "mkdir", "mv", "od", "rm", "tr")
"""What start.sh runs, all of coreutils."""

MODE: Final = re.compile(r"0[0-7]{3}")


def start_script(spec: Spec, report: Report) -> str:
    """Return the text of the file; what is wrong goes into ``report``."""
    data = spec.start
    _check(spec, report)
    places: Mapping[str, str] = data.get("places", {})
    lines: list[str] = []

    def filled(where: str, text: str) -> None:
        try:
            lines.extend(_filled(spec, pieces(text), places, where, 0))
        except TextError as error:
            report.add(where, [ProblemError(error.what, error.tip, f"in: {text}")])

    for each in data.get("secrets", ()):
        words = (each["name"], each["kind"], str(each["length"]), each.get("prefix", ""))
        lines.append(f"hop3_secret {' '.join(map(shlex.quote, words))}")
    for each in data.get("variables", ()):
        name, unless = each["name"], each.get("unless", "")
        if unless:
            lines.append(f'if [ -z "${{{unless}-}}" ]; then')
        filled(f"variable {name}", each["value"])
        lines.append(f"{'export ' if each.get('export', True) else ''}{name}=$hop3_0")
        if unless:
            lines.append("fi")
    for path in data.get("directories", ()):
        filled(f"directory {path}", path)
        lines.append('hop3_directory "$hop3_0"')
    for each in data.get("files", ()):
        where = f"file {each['path']}"
        filled(where, each["path"])
        lines.append("hop3_path=$hop3_0")
        filled(where, each["text"])
        keep = "keep" if each.get("keep") else "rewrite"
        lines.append(f'hop3_write "$hop3_path" "$hop3_0" {each.get("mode", "0600")} {keep}')
    with open(LIBRARY, encoding="utf-8") as file:
        return "\n".join([file.read(), *lines, ""])


def steps_of(spec: Spec, worker: str) -> list[str]:
    """Return the commands to run before ``worker``."""
    steps: list[str] = spec.start.get("steps", {}).get(worker, [])
    return steps


def _filled(
    spec: Spec, found: tuple[Piece, ...], places: Mapping[str, str], where: str, depth: int
) -> Iterator[str]:
    """Yield the lines that leave what ``found`` stands for in ``hop3_DEPTH``."""
    yield f"hop3_{depth}="
    for piece in found:
        if isinstance(piece, str):
            yield f"hop3_{depth}+={shlex.quote(piece)}"
        elif isinstance(piece, Place):
            if piece.name not in places:
                raise TextError(
                    f"there is no place {piece.name}", f"There are: {', '.join(sorted(places))}."
                )
            yield f"hop3_{depth}+={said(spec, places[piece.name])}"
        else:
            yield from _value(spec, piece, places, where, depth + 1)
            result = f"$hop3_{depth + 1}"
            if piece.filter:
                yield f'hop3_{piece.filter} "{result}" {piece.name}'
                result = "$hop3_text"
            yield f"hop3_{depth}+={result}"


def _value(
    spec: Spec, piece: Reference, places: Mapping[str, str], where: str, depth: int
) -> Iterator[str]:
    set_ = f"${{{piece.name}-}}" if piece.operator[:1] == ":" else f"${{{piece.name}+set}}"
    value = [f"hop3_{depth}=${piece.name}"]
    word = list(_filled(spec, piece.word, places, where, depth))
    if piece.operator.endswith("+"):
        value, word = word, [f"hop3_{depth}="]
    elif piece.operator.endswith("?") and piece.word:
        word = [*word, f'hop3_fail "{piece.name}: $hop3_{depth}"']
    elif not piece.operator or piece.operator.endswith("?"):
        word = [f"hop3_fail {shlex.quote(f'{piece.name} is not set, and {where} needs it')}"]
    yield f'if [ -n "{set_}" ]; then'
    yield from value
    yield "else"
    yield from word
    yield "fi"


def _check(spec: Spec, report: Report) -> None:
    data = spec.start
    for each in (*data.get("secrets", ()), *data.get("variables", ())):
        report.add(f"variable {each['name']}", _check_name(each["name"]))
        if unless := each.get("unless", ""):
            report.add(f"variable {each['name']}", _check_name(unless))
    for each in data.get("files", ()):
        if not MODE.fullmatch(each.get("mode", "0600")):
            tip = 'write it in octal, such as "0600"'
            report.add(f"file {each['path']}", [ProblemError(f"{each['mode']!r} is no mode", tip)])
    for worker in sorted(data.get("steps", {}).keys() - spec.workers.keys()):
        what = f"there are steps before {worker}, and no such worker"
        tip = f"name one of {', '.join(sorted(spec.workers)) or 'none'}"
        report.add("start", [ProblemError(what, tip)])
    path = os.pathsep.join([*spec.path, *([os.environ["PATH"]] if spec.mode == "local" else [])])
    missing = [name for name in PROGRAMS if not shutil.which(name, path=path)]
    if missing:
        tip = "add coreutils to `packages` under [run] in hop3.toml"
        report.add("start", [ProblemError(f"there is no {missing[0]} on the app's PATH", tip)])


def _check_name(name: Any) -> Iterator[ProblemError]:
    if not NAME.fullmatch(name) or (name in VARIABLES and name != "PWD"):
        yield ProblemError(f"{name} is not a name that the shell can set", "choose another name")
    elif name in OF_THE_STARTER and name != "PORT":
        yield ProblemError(f"{name} is set by whoever starts the app", OF_THE_STARTER[name])
    elif name.startswith("hop3_"):
        yield ProblemError(f"{name} begins with hop3_, which is ours", "choose another name")
