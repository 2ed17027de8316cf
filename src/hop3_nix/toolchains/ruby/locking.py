"""The digests of gems that a Gemfile.lock lacks, asked of their servers by Ruby itself."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from hop3_nix.errors import LockError, TemporaryError, ToolError
from hop3_nix.locks.own import input_digests
from hop3_nix.locks.ruby.base import FILE
from hop3_nix.locks.ruby.digests import RubyLock
from hop3_nix.toolchains.ruby.dependencies import address, read_lock, unpinned
from hop3_nix.toolchains.ruby.recipes import CLEAN, SCRIPTS

if TYPE_CHECKING:
    from hop3_nix.plan import AnyOffer
    from hop3_nix.toolchains.app import App
    from hop3_nix.toolchains.base import Tools

_NETWORK: Final = re.compile(
    r"refused|reset|timed? ?out|timeout|unreachable|resolution|getaddrinfo|5\d\d\b", re.IGNORECASE
)


def write_lock(app: App, offer: AnyOffer, tools: Tools) -> RubyLock | None:
    """Return the digests of the gems that neither the lockfile nor vendor/cache pins.

    None if there are no such gems. Raises LockError if a server does not have a gem, and
    TemporaryError if one does not answer.
    """
    source = app.source
    gems = unpinned(source, app.read(read_lock))
    if not gems:
        return None
    wanted = [
        {
            "name": gem.name,
            "version": gem.key,
            "filename": gem.filename,
            "remote": address(gem).removesuffix(f"gems/{gem.filename}"),
        }
        for gem in gems
    ]
    ruby = tools.program(offer, "ruby")
    try:
        answer = tools.run(
            [str(ruby), str(SCRIPTS / "gem_digests.rb"), json.dumps(wanted)], env=CLEAN
        )
    except ToolError as error:
        said = error.output.strip()
        if _NETWORK.search(said):
            raise TemporaryError(
                f"the gem server does not answer: {said}",
                tip="See that this machine reaches the address in Gemfile.lock; try again.",
            ) from error
        raise LockError(
            f"the gem server cannot tell the digests: {said}",
            file=FILE,
            tip="See that the server has what is locked, or lock again: bundle lock",
        ) from error
    return RubyLock(inputs=input_digests(source, [FILE]), ruby=json.loads(answer))
