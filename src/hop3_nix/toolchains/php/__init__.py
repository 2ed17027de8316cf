"""PHP: from index.php, composer.json and composer.lock to a plan."""

from typing import Final

PRECEDENCE: Final = 300
"""Applications of other languages may have a composer.json, or a page of PHP."""
