"""What is known of frameworks: their variables, and where they show themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hop3_nix.source import Source


class Known(NamedTuple):
    """A framework: what tells it, and the variables that its applications have.

    It is told by ``file``, and by one of ``packages`` unless there are none. The environment at
    run time may have other values.
    """

    title: str
    file: str
    packages: frozenset[str]
    env: Mapping[str, str]


FRAMEWORKS: Final = (
    Known(
        "Laravel",
        "artisan",
        frozenset({"laravel/framework", "laravel/lumen-framework"}),
        {"APP_ENV": "production", "APP_DEBUG": "false", "LOG_CHANNEL": "stderr"},
    ),
    Known(
        "Symfony",
        "bin/console",
        frozenset({"symfony/framework-bundle", "symfony/symfony"}),
        {"APP_ENV": "prod", "APP_DEBUG": "0"},
    ),
    Known("Slim", "composer.json", frozenset({"slim/slim"}), {}),
    Known("WordPress", "wp-load.php", frozenset(), {}),
)


def find_framework(source: Source, packages: frozenset[str]) -> Known | None:
    """Return the framework of the application, or None."""
    for each in FRAMEWORKS:
        if source.has(each.file) and (not each.packages or each.packages & packages):
            return each
    return None
