"""What is part of the artifact, so that it is there wherever the artifact is."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final

from .bash import names
from .problems import BUILDER_TIP, OUTSIDE_TIP, ProblemError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .spec import Spec


LOADS: Final = names(
    "BASH_ENV CLASSPATH DYLD_INSERT_LIBRARIES DYLD_LIBRARY_PATH ENV GCONV_PATH GEM_HOME GEM_PATH"
    " GIO_EXTRA_MODULES JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS LD_AUDIT LD_LIBRARY_PATH LD_PRELOAD"
    " LUA_CPATH LUA_PATH NODE_OPTIONS NODE_PATH OPENSSL_CONF OPENSSL_MODULES PATH PERL5LIB"
    " PERL5OPT PERLLIB PHPRC PHP_INI_SCAN_DIR PYTHONHOME PYTHONPATH PYTHONSTARTUP RUBYLIB RUBYOPT"
    " TCLLIBPATH"
)
"""Variables whose values a loader, a shell or an interpreter takes code from."""

_OPTIONS: Final = names("JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS NODE_OPTIONS PERL5OPT RUBYOPT")
"""Those of them that hold options, among which paths stand."""


def _named(name: str, value: str) -> list[str]:
    """Return the files and directories that the value of a variable names."""
    if name in _OPTIONS:
        return re.findall(r"(?<![\w.$}/])(?:/|\.\.?/)[^\s:;,'\"]*", value)
    words = re.split(r"[:;\s]" if name == "LD_PRELOAD" else ":", value)
    # What stands for something else is known only at run time.
    return [word for word in words if word and "$" not in word]


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
        elif not self.holds_target(path):
            target = os.path.realpath(path)
            leads = "" if target == path else f" leads to {target}, which"
            yield ProblemError(f"{path}{leads} is not part of the artifact", BUILDER_TIP)

    def check_loaded(self, name: str, value: str, directory: str) -> Iterator[ProblemError]:
        """Yield what a variable would have a program load from outside of the artifact.

        ``directory`` is where programs start, which paths that are not absolute are relative to.
        """
        if name not in LOADS:
            return
        for path in _named(name, value):
            full = os.path.join(directory, path)
            if not self._local and not self.holds_target(full):
                what = f"would have programs load {path}, which is not part of the artifact"
                yield ProblemError(what, OUTSIDE_TIP)
