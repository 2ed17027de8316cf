"""What is part of the artifact, so that it is there wherever the artifact is."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from .problems import BUILDER_TIP, OUTSIDE_TIP, ProblemError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .spec import Spec


class Artifact:
    """The closure and OUT; locally, everything is part of the artifact."""

    def __init__(self, spec: Spec, out: str) -> None:
        self._local = spec.mode == "local"
        self._out = out
        self._store = f"{spec.store}/"
        self._closure = frozenset(spec.closure)
        self._store_path = re.compile(re.escape(self._store) + r"[A-Za-z0-9+._?=-]+")
        # A prefix counts where a path can begin: at the start of the text, of a word, of an
        # element of a list, of a quoted text, of a default in ${X:-…}, or behind `scheme://`.
        prefixes = "|".join(re.escape(prefix) for prefix in spec.forbidden) or r"(?!)"
        self._forbidden = re.compile(
            rf"(?:^|[\s=:,;|&<>()\[{{]|:[-=+?]|:/{{2,3}})[\\\"'`]*({prefixes})(?![\w.+@~%-])"
        )

    def holds(self, path: str) -> bool:
        """Say whether ``path`` itself is in the closure or in OUT."""
        if self._local or f"{path}/".startswith(f"{self._out}/"):
            return True
        name = path[len(self._store) :].partition("/")[0]
        return path.startswith(self._store) and self._store + name in self._closure

    def holds_target(self, path: str) -> bool:
        """Say whether what ``path`` leads to is in the closure or in OUT."""
        return self.holds(os.path.realpath(path))

    def forbids(self, path: str) -> bool:
        """Say whether ``path`` begins with a prefix that nothing may refer to."""
        return self._forbidden.match(path) is not None

    def check_text(self, value: str) -> Iterator[ProblemError]:
        """Yield what in ``value`` names a forbidden path, or a store path that is not held."""
        shown = f"in: {value}"
        for prefix in sorted({match.group(1) for match in self._forbidden.finditer(value)}):
            yield ProblemError(f"refers to {prefix}, outside of the artifact", OUTSIDE_TIP, shown)
        for path in sorted(set(self._store_path.findall(value))):
            if not self.holds(path) and not self.holds(path.rstrip(".?=")):
                yield ProblemError(f"{path} is not part of the artifact", OUTSIDE_TIP, shown)

    def check_directory(self, path: str) -> Iterator[ProblemError]:
        """Yield what is wrong with a directory that a builder chose."""
        yield from self.check_text(path)
        if not os.path.isabs(path) or not os.path.isdir(path):
            yield ProblemError(f"{path} is not a directory", BUILDER_TIP)
        elif not self.holds(path):
            yield ProblemError(f"{path} is not part of the artifact", BUILDER_TIP)
