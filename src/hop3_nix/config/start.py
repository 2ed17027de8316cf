"""``[at-start]`` of hop3.toml: what is done when a worker starts (docs/start-data.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic_core import PydanticCustomError

from hop3_nix.config.env import check_name
from hop3_nix.config.formats import FORMATS, written
from hop3_nix.config.values import wrong
from hop3_nix.postbuild.texts import TextError, names
from hop3_nix.startdata import SettingsFile, StartData, Variable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_KEYS: Final = ("variables", "directories", "files", "before")
_FILE_KEYS: Final = ("path", "content", "format", "keep", "mode")
_WAYS_OUT: Final = (
    "Write it as ${HOP3_STATE_DIR}/NAME, and tell the app its path by a variable; or list its "
    "directory in [run] writable; or have the app run in a copy of its tree: "
    "[nix] writable-home-at-runtime = true"
)


class StartSection(BaseModel):
    """The section; its files are texts already, whatever their format."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data: StartData = StartData()

    @model_validator(mode="before")
    @classmethod
    def _read(cls, section: Any) -> Any:
        if not isinstance(section, dict):
            raise wrong("has to be a section", "Put [at-start] on a line of its own.")
        for key in section:
            if key not in _KEYS:
                raise wrong("is not a key that is known", f"There are: {', '.join(_KEYS)}.", key)
        return {
            "data": StartData(
                variables=tuple(_variables(section.get("variables", {}))),
                directories=tuple(_texts(section.get("directories", []), "directories")),
                files=tuple(_files(section.get("files", []))),
                steps=_steps(section.get("before", {})),
            )
        }


def checked(text: Any, *below: str) -> str:
    """Return a text that can be filled in; ``below`` are the keys that lead to it."""
    if not isinstance(text, str):
        raise wrong("has to be a text", "Put it in quotes.", *below)
    if "\0" in text:
        raise wrong("has a NUL character", "Take it out.", *below)
    try:
        names(text)
    except TextError as error:
        raise wrong(f"cannot be filled in: {error.what}", error.tip, *below) from error
    return text


def check_places(data: StartData, *, tree_is_written: bool, writable: Iterable[str]) -> None:
    """Raise what `wrong` makes for a file or directory at a place that is never written."""
    for path in (*data.directories, *(file.path for file in data.files)):
        inside = any(f"{path}/".startswith(f"{each}/") for each in writable)
        if path.startswith("/") or ".." in path.split("/"):
            raise wrong(f"leads out of the application: {path}", _WAYS_OUT, "files")
        if not (path.startswith("${") or tree_is_written or inside):
            what = f"has {path}, which is in the app's tree, where nothing can be written"
            raise wrong(what, _WAYS_OUT, "files")


def _variables(section: Any) -> Iterable[Variable]:
    if not isinstance(section, dict):
        raise wrong("has to be a section of texts", 'Write it like this: NAME = "${OTHER}"')
    for name, said in section.items():
        check_name(name, "variables", name)
        known = {"value", "unless"}
        if isinstance(said, dict) and not (known >= said.keys() and "value" in said):
            tip = 'Write it like this: { value = "${A}", unless = "B" }'
            raise wrong("is neither a text nor one with a condition", tip, "variables", name)
        value, unless = (
            (said["value"], said.get("unless", "")) if isinstance(said, dict) else (said, "")
        )
        if unless != "":
            check_name(str(unless), "variables", name)
        yield Variable(name=name, value=checked(value, "variables", name), unless=unless)


def _texts(value: Any, key: str) -> Iterable[str]:
    if not isinstance(value, list):
        raise wrong("has to be a list of texts", 'Write it like this: ["one", "two"]', key)
    return [checked(each, key) for each in value]


def _files(value: Any) -> Iterable[SettingsFile]:
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise wrong("has to be a list of sections", "Begin each with [[at-start.files]].", "files")
    for each in value:
        yield _file(each)


def _file(said: Mapping[str, Any]) -> SettingsFile:
    for key in said:
        if key not in _FILE_KEYS:
            tip = f"There are: {', '.join(_FILE_KEYS)}."
            raise wrong(f"has {key}, which is not a key that is known", tip, "files", key)
    for key in ("path", "content"):
        if key not in said:
            raise wrong(f"has a file without {key}", f"Write it like this: {key} = ...", "files")
    form = said.get("format", "raw")
    if form not in FORMATS:
        raise wrong(f"cannot be {form!r}", f"There are: {', '.join(FORMATS)}.", "files", "format")
    keep, mode = said.get("keep", False), said.get("mode", "0600")
    if not isinstance(keep, bool):
        raise wrong("has to be true or false", "Write it without quotes.", "files", "keep")
    if not isinstance(mode, str) or len(mode) != 4 or not set(mode) <= set("01234567"):  # noqa: PLR2004
        raise wrong("is no mode of a file", 'Write it in octal: "0600"', "files", "mode")
    try:
        text = written(form, said["content"])
    except PydanticCustomError as error:
        context = error.context or {}
        raise wrong(context["what"], context["tip"], "files", "content") from error
    except TextError as error:
        what = f"cannot be filled in: {error.what}"
        raise wrong(what, error.tip, "files", "content") from error
    return SettingsFile(
        path=checked(said["path"], "files", "path"),
        text=checked(text, "files", "content"),
        keep=keep,
        mode=mode,
    )


def _steps(section: Any) -> dict[str, tuple[str, ...]]:
    tip = 'Write it like this: web = ["./bin/check"]'
    if not isinstance(section, dict):
        raise wrong("has to be a section of commands by worker", tip, "before")
    for worker, lines in section.items():
        if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
            raise wrong("has to be a list of commands", tip, "before", worker)
    return {worker: tuple(line.strip() for line in lines) for worker, lines in section.items()}
