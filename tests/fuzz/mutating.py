"""Mutations that keep most of a file's syntax, which those of single bytes break at once."""

from __future__ import annotations

import json
import re
from random import Random
from typing import Any, Final

_TOKEN: Final = re.compile(r"\w+|\s+|.", re.DOTALL)
ODD: Final = (
    *("", "-rreq", "--", "../../x", "/etc/passwd", "${X}", "$(x)", "a/b", "@x/", "\0", "\\"),
    *("null", "true", "~", "0", "-1", "1e999", "9" * 30, "1.0", "[]", "{}", "[1]", '{"a": 1}'),
    *("[", "]", "{", "}", ":", ",", "=", '"', "'", "\n", "  ", "- ", "#", "%", "*", "!", "&a"),
    *("http://[", "file:///x", "git+ssh://x", "workspace:*", "npm:x@1", "x" * 300, "\ud83d"),
)
_VALUES: Final[tuple[Any, ...]] = (
    *(None, True, 0, -1, 1.5, 2**63, "", "x", "-x", "../x"),
    *([], [None], [[]], {}, {"": {}}),
)


def mutate(data: bytes, max_size: int, seed: int) -> bytes:
    """Return ``data`` with a few of its tokens, or of its values, changed."""
    random = Random(seed)  # noqa: S311 - to be repeated
    text = data.decode("utf-8", "replace")
    if text.lstrip().startswith("{") and random.random() < 0.7:
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            pass
        else:
            return json.dumps(_changed(value, random), indent=1).encode()[:max_size]
    tokens = _TOKEN.findall(text)
    for _ in range(random.randint(1, 3)):
        place = random.randrange(len(tokens) + 1)
        other = random.choice((*ODD, *random.sample(tokens, min(8, len(tokens)))))
        match random.randrange(4):
            case 0:
                tokens[place : place + random.randint(1, 8)] = []
            case 1:
                tokens[place:place] = [other]
            case 2:
                tokens[place : place + 1] = [other]
            case _:
                tokens[place:place] = tokens[place : place + random.randint(1, 40)]
    return "".join(tokens).encode("utf-8", "surrogatepass")[:max_size]


def _changed(value: Any, random: Random) -> Any:
    """Return ``value`` with one value in it, however deep, replaced, dropped or doubled."""
    if not isinstance(value, (dict, list)) or not value or random.random() < 0.15:
        return random.choice((*_VALUES, *ODD[:12]))
    keys = list(value) if isinstance(value, dict) else list(range(len(value)))
    key = random.choice(keys)
    copy: Any = dict(value) if isinstance(value, dict) else list(value)
    match random.randrange(8):
        case 0:
            del copy[key]
        case 1 if isinstance(copy, dict):
            copy[random.choice(ODD[:20])] = copy.pop(key)
        case _:
            copy[key] = _changed(value[key], random)
    return copy
