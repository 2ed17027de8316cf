"""What a secret looks like in a text: the rules of hop3-server 0.7, and a few keys more.

Known shapes alone: what is merely long and random may as well be a digest.
"""

from __future__ import annotations

import re
from typing import Final

READABLE: Final = "and everybody can read what is in the Nix store"
"""Why a secret cannot be a part of what is built."""

AT_RUN_TIME: Final = (
    "Take it out, and change it if others have seen it. Name the variable in _required of [env], "
    "and set it where the app runs: hop3-nix config set NAME, or --env-file FILE."
)

_KEYS: Final = (
    r"(?:sk|rk)_(?:live|test)_[0-9A-Za-z]",
    r"gh[opsu]_[0-9A-Za-z]{4}",
    r"github_pat_[0-9A-Za-z]",
    r"glpat-[0-9A-Za-z_-]{8}",
    r"xox[abprs]-[0-9A-Za-z]",
    r"(?:AKIA|ASIA)[0-9A-Z]{12}",
    r"AIza[0-9A-Za-z_-]{35}",
    r"sk-(?:ant|proj)-[0-9A-Za-z_-]{16}",
    r"SG\.[0-9A-Za-z_-]{16,}\.[0-9A-Za-z_-]{16}",
    r"npm_[0-9A-Za-z]{36}",
    r"whsec_[0-9A-Za-z+/]{16}",
    r"dop_v1_[0-9a-f]{32}",
)
_KEY: Final = re.compile(rf"(?<![0-9A-Za-z_.-])(?:{'|'.join(_KEYS)})")

_URL: Final = re.compile(
    r"[A-Za-z][A-Za-z0-9+.-]{0,30}://[^/@\s:'\"`<>]{0,200}:([^/@\s'\"`]{1,500})@"
)
_QUERY: Final = re.compile(
    r"://[^\s'\"`]{1,500}[?&](?:password|passwd|secret|api_key)=([^&\s'\"`]+)", re.IGNORECASE
)
PRIVATE_KEY: Final = re.compile(r"-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----")

_FILLED_IN_LATER: Final = re.compile(r"[$<{%*]|\.\.\.")
"""What a password begins with that stands for another text."""

PRIVATE_KEY_BODY: Final = re.compile(
    PRIVATE_KEY.pattern + r"(?:\\n|\s)+(?:[\w-]+: [^\n]*\n)*\s*[A-Za-z0-9+/=\s]{60}"
)
"""A private key that is there, and not only the words that one begins with."""

DIFFERENT: Final = 6
"""Characters that a made-up key, such as xxxxxxxx or 12345123, may have."""

_LIVE: Final = re.compile(
    r"(?<![0-9A-Za-z_.-])(?:[sr]k_live_[0-9A-Za-z]{16,}|gh[opsu]_[0-9A-Za-z]{36}|glpat-[0-9A-Za-z_-]{20}"
    r"|github_pat_[0-9A-Za-z_]{40,}|xox[bp]-[0-9A-Za-z-]{24,}|AKIA[0-9A-Z]{16})(?![0-9A-Za-z])"
)
"""Keys in their full length, for texts that only speak of them."""

_STAND_INS: Final = re.compile(
    "changeme|dummy|example|foo|guest|none|null|pass|passwd|password|placeholder|postgres|pw|root"
    "|secret|test|user|x+",
    re.IGNORECASE,
)
"""Passwords that a command is given where it wants some, as a build step without a database."""

INTERPOLATION: Final = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(:-[^}]*)?\}")
"""``${VAR}`` and ``${VAR:-default}``, as hop3-server 0.7 knows it."""


_PLACEHOLDER: Final = re.compile(
    r"(?:<.*>|\*+|\.+|-+|(?:change|replace|your|example|insert|dummy|fake|todo|insecure|local|dev"
    r"|development|test|testing|ci)(?:[^0-9A-Za-z].*|me|this)?)",
    re.IGNORECASE,
)


def is_stand_in(value: str) -> bool:
    """Return whether ``value`` plainly stands for a secret that is set elsewhere."""
    return bool(_STAND_INS.fullmatch(value) or _PLACEHOLDER.fullmatch(value))


def secret_in_value(value: str) -> str:
    """Return what makes the value of a variable a secret, or "".

    A password in a URL is one whatever it says: a variable is set to be used.
    """
    return _shape(value, stand_ins=None)


def secret_in_text(text: str) -> str:
    """Return what in a command, or any other text, is a secret, or ""."""
    return _shape(text, stand_ins=_STAND_INS)


def _shape(text: str, stand_ins: re.Pattern[str] | None) -> str:
    if PRIVATE_KEY.search(text):
        return "a private key"
    if _KEY.search(text):
        return "a key with the prefix of a known service"
    # What stands there where no variable is set.
    standing = INTERPOLATION.sub(lambda match: (match[2] or "")[2:] or "$", text)
    for pattern in (_URL, _QUERY):
        for match in pattern.finditer(standing):
            filled_in = _FILLED_IN_LATER.match(match[1])
            if not filled_in and not (stand_ins and stand_ins.fullmatch(match[1])):
                return "a URL with a password in it"
    return ""


def live_key(text: str) -> str:
    """Return what is said of ``text`` if a key of a known service stands in it, or "".

    Made-up ones, of which documentation and tests are full, are not.
    """
    for match in _LIVE.finditer(text):
        key = match[0]
        if "EXAMPLE" not in key.upper() and len(set(key[8:])) > DIFFERENT:
            return "a key with the prefix of a known service"
    return ""
