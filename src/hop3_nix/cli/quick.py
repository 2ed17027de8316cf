"""``hop3-nix build`` when nothing has changed, without click: importing it would double the time.

Only plain arguments are understood here, and only a result is printed. Whatever else there is to
do or to say, build.py does and says it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from hop3_nix.building.unchanged import BuildOptions, cached_artifact
from hop3_nix.errors import Hop3NixError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hop3_nix.building.unchanged import BuilderChoice

_WITH_VALUE: Final = {
    "--builder": "builder",
    "--out-link": "out_link",
    "--pkgs": "pkgs",
    "-o": "out_link",
}


def build(argv: Sequence[str]) -> bool:
    """Print what ``build`` with these arguments prints, if the last build's result is current.

    Return whether it was, also if nobody reads it; if not, nothing was printed.
    """
    given = parse(argv)
    if given is None:
        return False
    app, options, as_json = given
    try:
        same = cached_artifact(app, options)
        if same is None:
            return False
        text = same.artifact_file.read_bytes() if as_json else f"{same.location}\n".encode()
        # Not by way of sys.stdout, which would try again later what has failed here.
        while text:
            text = text[os.write(1, text) :]
    except BrokenPipeError:
        return True
    except (Hop3NixError, OSError, ValueError):
        return False
    return True


def parse(argv: Sequence[str]) -> tuple[Path, BuildOptions, bool] | None:
    """Return the app, the options and whether to print JSON, or None for what is not plain."""
    values: dict[str, str] = {}
    apps: list[str] = []
    as_json = False
    rest = iter(argv)
    for argument in rest:
        name, equals, value = argument.partition("=")
        if argument == "--json":
            as_json = True
        elif argument in _WITH_VALUE:
            values[_WITH_VALUE[argument]] = next(rest, "")
        elif equals and name.startswith("--") and name in _WITH_VALUE:
            values[_WITH_VALUE[name]] = value
        elif argument.startswith("-") or apps:
            return None
        else:
            apps.append(argument)
    if "" in values.values():
        return None
    # A builder that there is not has built nothing, so that build.py gets to refuse it.
    builder = cast("BuilderChoice | None", values.get("builder"))
    out_link = values.get("out_link")
    options = BuildOptions(builder, values.get("pkgs"), Path(out_link) if out_link else None)
    return Path(*apps), options, as_json
