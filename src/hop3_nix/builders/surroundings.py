"""What a tool that is asked something gets of the caller's environment, and where it runs.

A tool answers about an application of a stranger, and its answer goes into expressions and the
store. So it runs in an empty directory, and of the caller's variables it sees those that say how to
reach an index, where programs and the user's own settings are, and no other.
"""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hop3_nix.host import process

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_SECONDS: Final = 900.0
"""What a tool may take. Each has time-outs of its own, which add up where a server hangs."""

_KEPT: Final = re.compile(
    r"HOME|USER|LOGNAME|TMPDIR|LANG|LC_\w+|TZ|XDG_(CONFIG|CACHE|DATA)_(HOME|DIRS)"
    # Proxies and certificates.
    r"|(https?|all|no)_proxy|SSL_CERT_(FILE|DIR)|(REQUESTS|CURL)_CA_BUNDLE|NIX_SSL_CERT_FILE"
    r"|NODE_EXTRA_CA_CERTS"
    # Indexes, and how to be let in.
    r"|PIP_(CERT|CLIENT_CERT|CONFIG_FILE|DEFAULT_TIMEOUT|(EXTRA_)?INDEX_URL|KEYRING_PROVIDER|PROXY"
    r"|RETRIES|TIMEOUT|TRUSTED_HOST|CACHE_DIR)"
    r"|npm_config_((@[\w.~-]+:)?registry|replace_registry_host|(user|global)config|cafile|ca|(https_?|no)?proxy|cache)"
    r"|NPM_TOKEN|NODE_AUTH_TOKEN|BUNDLE_\w+__\w+|BUNDLE_SSL_CA_CERT|GEMRC"
    # Where version managers have their programs.
    r"|(PYENV|RBENV|NODENV|VOLTA|ASDF|MISE|NVM|FNM|RUSTUP|CARGO|GO)_?(ROOT|HOME|DIR|DATA_DIR"
    r"|MULTISHELL_PATH|VERSION|PATH)",
    re.IGNORECASE,
)


def scrubbed(environment: Mapping[str, str]) -> dict[str, str]:
    """Return what a tool gets of ``environment``; relative entries of PATH lead into the app."""
    kept = {name: value for name, value in environment.items() if _KEPT.fullmatch(name)}
    path = environment.get("PATH", os.defpath).split(os.pathsep)
    return {**kept, "PATH": os.pathsep.join(entry for entry in path if entry.startswith("/"))}


def ask(argv: Sequence[str], env: Mapping[str, str] | None = None) -> str:
    """Return what ``argv`` prints; ``env`` is added to what is kept of the caller's environment.

    Raises ToolError for a status other than 0, UnavailableError, and DeadlineError.
    """
    with tempfile.TemporaryDirectory(prefix="hop3-nix-") as directory:
        # npm looks upward for one, and for the settings beside it.
        Path(directory, "package.json").write_text("{}", encoding="utf-8")
        whole = {**scrubbed(os.environ), **(env or {})}
        return process.output(argv, env=whole, cwd=Path(directory), run=process.within(_SECONDS))
