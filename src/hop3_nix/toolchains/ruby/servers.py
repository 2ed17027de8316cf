"""The servers of Rack applications, and what else starts one that does not say how."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Final

from hop3_nix.errors import SourceError
from hop3_nix.toolchains.language import Framework, Guess
from hop3_nix.toolchains.platform import HOST, PORT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hop3_nix.toolchains.app import App
    from hop3_nix.toolchains.language import Layers

RACK: Final = "config.ru"

SERVERS: Final = (
    Framework("puma", "Puma", 'puma -b "tcp://${BIND_ADDRESS:-0.0.0.0}:$PORT"'),
    Framework("falcon", "Falcon", 'falcon serve -b "http://${BIND_ADDRESS:-0.0.0.0}:$PORT"'),
    Framework("iodine", "iodine", f"iodine -b {HOST} -p {PORT}"),
    Framework("pitchfork", "Pitchfork", 'pitchfork -l "${BIND_ADDRESS:-0.0.0.0}:$PORT"'),
    Framework("unicorn", "Unicorn", 'unicorn -l "${BIND_ADDRESS:-0.0.0.0}:$PORT"'),
    Framework("thin", "Thin", f"thin start -a {HOST} -p {PORT}"),
    Framework("webrick", "WEBrick", f"rackup -s webrick -o {HOST} -p {PORT}"),
)
"""Those that serve production first; the one of which an app has the gem is taken."""

SCRIPTS: Final = ("app.rb", "main.rb", "server.rb")
"""Scripts that are started when nothing else says what is."""

_CLASSIC: Final = re.compile(r"""^[ \t]*require\s*\(?\s*['"]sinatra['"]""", re.MULTILINE)
"""What makes a script an application of Sinatra's that starts its own server."""


def guesses(app: App, layers: Layers) -> Iterator[Guess]:
    """Yield what starts ``app``. Raises SourceError for a Rack application without a server."""
    source, gems = app.source, layers.packages
    if source.has(RACK):
        server = next((each for each in SERVERS if each.package in gems), None)
        if server is None:
            known = ", ".join(each.package for each in SERVERS)
            raise SourceError(
                f"{RACK} is there, and no server for it among the gems",
                file=str(source.root),
                tip=f"Add one to the Gemfile ({known}) and lock again; or write a Procfile.",
            )
        reason = f"a Rack application, and {server.package} is locked"
        yield Guess(reason, RACK, command=server.command)
    scripts = [name for name in SCRIPTS if source.has(name)]
    for name in scripts:
        if "sinatra" in gems and _CLASSIC.search(source.read_text(name)):
            command = f"ruby -rbundler/setup {name} -o {HOST} -p {PORT}"
            yield Guess("Sinatra, which starts the server that it finds", name, command=command)
    for name in scripts:
        command = f"ruby -rbundler/setup {shlex.quote(name)}"
        yield Guess("a script at the top, of no known framework", name, command=command)
