"""What is done when a worker starts, as data: ``hop3/start.json`` as a model.

Every text is filled in by the grammar of `postbuild.texts`; nothing of it is evaluated.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from hop3_nix.postbuild.texts import names

FILE: Final = "hop3/start.json"

Kind = Literal["hex", "base64", "urlsafe", "password", "uuid"]


def _parsed(text: str) -> str:
    names(text)
    return text


Filled = Annotated[str, AfterValidator(_parsed)]
"""A text that is filled in."""


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Secret(_Model):
    """A value that is made once and kept, unless the environment has one."""

    name: str
    kind: Kind
    length: int = Field(default=32, ge=1, description="Bytes; of a password, characters.")
    prefix: str = Field(default="", description="Text in front of it.")


class Variable(_Model):
    """A variable whose value is put together from others."""

    name: str
    value: Filled
    unless: str = Field(
        default="", description="It is left alone if this variable has a value that is not empty."
    )
    export: bool = Field(default=True, description="Whether the worker sees it.")


class SettingsFile(_Model):
    """A file that is written."""

    path: Filled = Field(description="Relative to the directory in which the worker starts.")
    text: Filled
    keep: bool = Field(default=False, description="Whether one that is there stays as it is.")
    mode: str = Field(default="0600", pattern=r"^0[0-7]{3}$", description="Octal.")


class StartData(_Model):
    """All of it, in the order in which it is done; each list is done from first to last."""

    secrets: tuple[Secret, ...] = ()
    variables: tuple[Variable, ...] = ()
    directories: tuple[Filled, ...] = Field(default=(), description="Directories to make.")
    files: tuple[SettingsFile, ...] = ()
    steps: dict[str, tuple[str, ...]] = Field(
        default={}, description="Commands to run before a worker, by its name: shell lines."
    )

    def said(self) -> dict[str, Any]:
        """Return it as JSON has it, without what says nothing."""
        said: dict[str, Any] = self.model_dump(mode="json", exclude_defaults=True)
        for secret, data in zip(self.secrets, said.get("secrets", ()), strict=True):
            data["length"] = secret.length
        return said


class StartFile(StartData):
    """The whole file of an artifact."""

    format: Literal[1] = 1
    places: dict[str, str] = Field(
        default={}, description="Absolute paths that a text names as ${@NAME}."
    )
