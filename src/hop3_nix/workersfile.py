"""``hop3/workers.json`` as a model: what an artifact's workers are, decided when it was built."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from hop3_nix.workers.described import FILE, FORMAT
from hop3_nix.workers.health import GOOD

__all__ = ["FILE", "FORMAT", "WorkersFile"]

_MODEL: Final = ConfigDict(frozen=True, extra="forbid")


class Worker(BaseModel):
    """One worker."""

    model_config = _MODEL

    kind: Literal["process", "cron", "static"]
    command: str = Field(description="POSIX shell command line; of static files, their directory.")
    argv: tuple[str, ...] = Field(
        default=(),
        description="The words of the command where they are plain; empty where it takes a shell.",
    )
    schedule: str = Field(default="", description="Five fields of crontab(5), in numbers.")
    calendars: tuple[str, ...] = Field(
        default=(), description="The same times as systemd.time(7) has them."
    )


class Health(BaseModel):
    """When a web process counts as healthy."""

    model_config = _MODEL

    path: str = Field(
        default="", description="Page that has to be answered; empty: to accept will do."
    )
    timeout: int = Field(default=30, ge=1, description="Seconds.")
    protocol: Literal["http", "fastcgi"] = "http"
    status: tuple[int, int] = Field(default=GOOD, description="First and last good status.")
    contains: str = Field(default="", description="Text that the page has to contain.")


class WorkersFile(BaseModel):
    """The whole file."""

    model_config = _MODEL

    format: Literal[1] = FORMAT
    tree: str = Field(description="The app's tree, instead of which HOP3_APP_DIR may name a copy.")
    working_dir: str
    workers: dict[str, Worker]
    health: Health = Health()
