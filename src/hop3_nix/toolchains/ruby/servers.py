"""The servers of Rack applications, and their command lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection

HOST: Final = '"${BIND_ADDRESS:-0.0.0.0}"'
"""The address to listen on: Hop3 gives BIND_ADDRESS to apps that stand behind its proxy."""

PORT: Final = '"$PORT"'


class Server(NamedTuple):
    """A server: its gem, and the command line that serves config.ru."""

    gem: str
    command: str


SERVERS: Final = (
    Server("puma", 'puma -b "tcp://${BIND_ADDRESS:-0.0.0.0}:$PORT"'),
    Server("falcon", 'falcon serve -b "http://${BIND_ADDRESS:-0.0.0.0}:$PORT"'),
    Server("iodine", f"iodine -b {HOST} -p {PORT}"),
    Server("pitchfork", 'pitchfork -l "${BIND_ADDRESS:-0.0.0.0}:$PORT"'),
    Server("unicorn", 'unicorn -l "${BIND_ADDRESS:-0.0.0.0}:$PORT"'),
    Server("thin", f"thin start -a {HOST} -p {PORT}"),
    Server("webrick", f"rackup -s webrick -o {HOST} -p {PORT}"),
)
"""Those that serve production first; the one of which an app has the gem is taken."""


def find_server(gems: Collection[str]) -> Server | None:
    """Return the first server whose gem is among ``gems``, or None."""
    return next((server for server in SERVERS if server.gem in gems), None)
