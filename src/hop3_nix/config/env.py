"""``[env]`` of hop3.toml: values, and the names whose values are not known at build time."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from pydantic import BaseModel, ConfigDict, model_validator

from hop3_nix.config.values import MAX_TEXT, VARIABLE, check_size, wrong
from hop3_nix.postbuild.credentials import INTERPOLATION
from hop3_nix.postbuild.texts import TextError, names
from hop3_nix.startdata import Secret, Variable
from hop3_nix.workers.environment import OF_THE_STARTER

if TYPE_CHECKING:
    from collections.abc import Iterable

Policy = Literal["keep-existing", "override"]

MAX_VARIABLES: Final = 1000
MAX_NAME: Final = 255
MAX_CHARACTERS: Final = 500_000
"""Of all names and values: the kernel takes two megabytes with the arguments (execve(2))."""

_OWN_KEYS: Final = ("_policy", "_required", "computed")
_NAME: Final = "A name has letters, digits and '_', and begins with none of the digits."
_FILLED_IN: Final = (
    "[env] is taken as it stands. Write the reference into the command of a worker, where a shell "
    'reads it, as in start = "env URL=http://$HOST/ ./serve"; or name the variable in _required, '
    "and set it at run time."
)
_PACKAGES: Final = 'Name the packages whose programs are missing: [run] packages = ["..."]'
_GENERATED: Final = frozenset({"generate", "length", "prefix", "display"})
_KINDS: Final = get_args(Secret.model_fields["kind"].annotation)
_LENGTHS: Final = {"password": 24}
_REFERENCE: Final = frozenset({"from", "key", "external_ip"})


class EnvSection(BaseModel):
    """The variables that hop3.toml sets, and those it only names.

    ``required`` are the names that must have a value at run time: those of ``_required`` and
    those that a Hop3 server copies or looks up when it deploys. ``secrets`` and ``computed`` get
    their values when the app starts, unless the environment has them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    values: dict[str, str] = {}
    policy: Policy = "keep-existing"
    required: tuple[str, ...] = ()
    secrets: tuple[Secret, ...] = ()
    computed: tuple[Variable, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _read(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            raise wrong("has to be a section of variables", 'Write it like this: NAME = "text"')
        check_size(len(data), MAX_VARIABLES, "variables")
        values: dict[str, str] = {}
        required = list(_names(data.get("_required", []), "_required"))
        secrets: list[Secret] = []
        computed: list[Variable] = []
        for name, value in data.items():
            if name == "computed":
                computed += _computed(value)
            elif name.startswith("_"):
                _check_own(name, value)
            elif isinstance(value, dict):
                check_name(name, name)
                _check_deferred(name, value)
                if "generate" in value:
                    secrets.append(_secret(name, value))
                else:
                    required.append(name)
            else:
                check_name(name, name)
                values[name] = _scalar(name, value)
        total = sum(len(name) + len(value) for name, value in values.items())
        check_size(total, MAX_CHARACTERS, "characters in all")
        missing = dict.fromkeys(name for name in required if name not in values)
        return {
            "values": values,
            "policy": data.get("_policy", "keep-existing"),
            "required": tuple(missing),
            "secrets": tuple(secrets),
            "computed": tuple(computed),
        }


def _names(value: Any, key: str) -> Iterable[str]:
    if not isinstance(value, list):
        raise wrong("has to be a list of names", 'Write it like this: ["SECRET_KEY"]', key)
    for name in value:
        if not isinstance(name, str) or not VARIABLE.fullmatch(name):
            raise wrong(f"has {name!r}, which cannot be the name of a variable", _NAME, key)
        if name in OF_THE_STARTER:
            raise wrong(f"has {name}, which always has a value", "Take it out.", key)
    return value


def _secret(name: str, said: dict[str, Any]) -> Secret:
    kind = said["generate"]
    length, prefix = said.get("length", _LENGTHS.get(kind, 32)), said.get("prefix", "")
    if kind not in _KINDS:
        raise wrong(f"cannot be made as {kind!r}", f"There are: {', '.join(_KINDS)}.", name)
    if not isinstance(length, int) or isinstance(length, bool) or length < 1:
        raise wrong("has a length that is no number, 1 or more", "Such as: length = 32", name)
    if not isinstance(prefix, str):
        raise wrong("has a prefix that is no text", "Put it in quotes.", name)
    return Secret(name=name, kind=kind, length=length, prefix=prefix)


def _computed(value: Any) -> list[Variable]:
    tip = 'Write it like this: NAME = "${OTHER}"'
    if not isinstance(value, dict):
        raise wrong("has to be a section of texts", tip, "computed")
    for name, each in value.items():
        check_name(name, "computed", name)
        if not isinstance(each, str):
            raise wrong("has to be a text", tip, "computed", name)
        try:
            names(each)
        except TextError as error:
            what = f"cannot be filled in: {error.what}"
            raise wrong(what, error.tip, "computed", name) from error
    return [Variable(name=name, value=text, unless=name) for name, text in value.items()]


def check_name(name: str, *below: str) -> None:
    """Raise what `wrong` makes unless hop3.toml can set the variable ``name``."""
    check_size(len(name), MAX_NAME, "characters in its name", *below[:-1])
    if not VARIABLE.fullmatch(name):
        raise wrong("cannot be the name of a variable", _NAME, *below)
    if name == "PATH":
        raise wrong("is what the build computes", _PACKAGES, *below)
    if name in OF_THE_STARTER:
        raise wrong("cannot be set here", f"Take it out. {OF_THE_STARTER[name]}", *below)


def _check_own(name: str, value: Any) -> None:
    if name == "_policy" and value not in {"keep-existing", "override"}:
        raise wrong(f"cannot be {value!r}", 'Write "keep-existing" or "override".', name)
    if name not in _OWN_KEYS:
        near = get_close_matches(name, _OWN_KEYS, n=1)
        tip = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(_OWN_KEYS)}."
        raise wrong("is not a key that is known here", tip, name)


def _check_deferred(name: str, value: dict[str, Any]) -> None:
    """Check the forms of ADR 046 of Hop3: a generated value and a reference."""
    known = _GENERATED if "generate" in value else _REFERENCE
    if not value or not known.issuperset(value):
        raise wrong(
            "is neither a generated value nor a reference",
            'Write a text, { generate = "hex" }, or { from = "ADDON", key = "NAME" }.',
            name,
        )


def _scalar(name: str, value: Any) -> str:
    if not isinstance(value, str | int | float):
        raise wrong("has to be a text, a number, true or false", "Put it in quotes.", name)
    text = str(value)
    check_size(len(text), MAX_TEXT, "characters", name)
    if "\0" in text:
        raise wrong("has a NUL character, which no variable can hold", "Take it out.", name)
    if reference := INTERPOLATION.search(text):
        raise wrong(f"has {reference[0]} in it, which nothing fills in here", _FILLED_IN, name)
    return text
