"""What one hop3-nix asks of another: one line of JSON on its standard input."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from hop3_nix.errors import InputError
from hop3_nix.workers.envfile import write_variables

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

COMMAND: Final = "host-side"
"""The command that reads a request."""

ENV_FILE: Final = "/dev/stdin"
"""What the command that is asked for finds `Request.secrets` under."""


class Request(BaseModel):
    """A command to run there. It stands on no command line, where others could read it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    arguments: tuple[str, ...]
    secrets: str = ""
    """An env file."""

    @classmethod
    def of(cls, arguments: Sequence[str], environment: Mapping[str, str]) -> Self:
        """Return the command ``arguments`` with ``environment`` as its env file."""
        words = list(arguments)
        if environment:
            at = words.index("--") if "--" in words else len(words)
            words[at:at] = ["--env-file", ENV_FILE]
        return cls(arguments=tuple(words), secrets=write_variables(environment))

    def to_line(self) -> str:
        """Return it as it is sent."""
        return f"{self.model_dump_json()}\n"


def read_request(line: bytes) -> Request:
    """Return the request in ``line``. Raises InputError, showing nothing of what stands there."""
    try:
        return Request.model_validate_json(line)
    except ValidationError as error:
        raise InputError(
            "what came on standard input is no request",
            tip="This command is called by `hop3-nix ... --host`, not by hand.",
        ) from error
