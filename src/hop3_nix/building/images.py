"""Images of applications: what can be asked of one, what is refused, and what was made."""

from __future__ import annotations

import json
import re
import tarfile
from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel, ConfigDict

from hop3_nix.contract import RUNTIME_FILE
from hop3_nix.errors import InputError, UnsupportedError
from hop3_nix.workers.kind import kind_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hop3_nix.config import AppConfig
    from hop3_nix.plan import BuildPlan

_NAME: Final = re.compile(
    r"([A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*(:[0-9]{1,5})?/)?[a-z0-9]+(([._/]|__|-+)[a-z0-9]+)*"
)
_TAG: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_MANIFEST: Final = "manifests"


class ImageOptions(BaseModel):
    """What `image` was asked for beyond what the application says; nothing is left to it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = ""
    tag: str = ""
    worker: str = ""
    port: int = 0
    labels: dict[str, str] = {}
    entrypoint: tuple[str, ...] = ()
    static_elsewhere: bool = False

    def to_json(self) -> str:
        """Return the arguments of mkImage."""
        said = self.model_dump(exclude_defaults=True, exclude={"static_elsewhere"})
        # Whoever asks has been told of it.
        return json.dumps({**said, "staticElsewhere": True}, sort_keys=True)


class MadeImage(BaseModel):
    """An image as it was written."""

    model_config = ConfigDict(frozen=True)

    name: str
    digest: str


def check_name(name: str) -> None:
    """Raise ValueError for a name that no registry takes, or that has a tag."""
    if not _NAME.fullmatch(name):
        msg = f"{name!r} is no name of an image, such as shop or registry.example/team/shop"
        raise ValueError(msg)


def check_tag(tag: str) -> None:
    """Raise ValueError for a tag that no registry takes."""
    if not _TAG.fullmatch(tag):
        msg = f"{tag!r} is no tag: up to 128 letters, digits, _, . and -, the first no . or -"
        raise ValueError(msg)


def refuse_built(root: Path) -> None:
    """Raise InputError if ``root`` is what was built of an application, or its artifact."""
    if (root / RUNTIME_FILE).is_file() or root.suffix == ".json":
        raise InputError(
            "is what was built, and an image is made of an application's directory",
            file=str(root),
            tip="Name that directory: hop3-nix image -o FILE APP. What is built already is not "
            "built again.",
        )


def check_image(
    plan: BuildPlan, asked: ImageOptions, config: AppConfig, say: Callable[[str], None]
) -> None:
    """Raise UnsupportedError for what the application needs and an image does not do.

    Raises InputError for a worker that there is not.
    """
    workers = plan.runtime.workers
    if asked.worker and asked.worker not in workers:
        there = ", ".join(sorted(workers)) or "none"
        raise InputError(f"there is no worker {asked.worker}; there are: {there}")
    started = [name for name in workers if kind_of(name) != "static"]
    if not asked.entrypoint and (not started or (asked.worker and asked.worker not in started)):
        raise UnsupportedError(
            f"no program is started for {asked.worker or 'it'}, so that a container would end",
            tip="Name a worker that runs (--worker), or give the app one in its Procfile.",
        )
    if plan.runtime.writable_tree is not None:
        raise UnsupportedError(
            "the app writes all over its tree, which is read-only in an image",
            tip="Name the directories that it writes to ([run] writable in hop3.toml), have it "
            "write to the directory in HOP3_STATE_DIR, or run it with hop3-nix run or deploy, "
            "which give it a copy that it can write to.",
        )
    if asked.static_elsewhere or not plan.runtime.static_paths:
        return
    paths = ", ".join(sorted(plan.runtime.static_paths))
    if config.static_paths:
        raise UnsupportedError(
            f"the app leaves {paths} to a web server ([static] in hop3.toml), and there is none in "
            "an image",
            tip="Have the app serve them, or say with --static-elsewhere that what is in front of "
            "the container does. The labels hop3.static.PATH say where they are in it.",
        )
    say(f"nothing in the image serves {paths}, unless the app does it itself")


def read_image(archive: Path) -> MadeImage:
    """Return name and digest of the image in ``archive``, as its index has them."""
    with tarfile.open(archive) as files:
        index = files.extractfile("index.json")
        assert index is not None  # noqa: S101 - for the type checker: it is a regular file
        first: dict[str, Any] = json.load(index)[_MANIFEST][0]
    name = first["annotations"]["io.containerd.image.name"]
    return MadeImage(name=name, digest=first["digest"])
