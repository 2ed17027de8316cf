"""Static sites: files, and the web server in front of them."""

from typing import Final

PRECEDENCE: Final = 900
"""Any application may have pages."""
