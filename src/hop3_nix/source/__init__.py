"""The application's own files; nothing else of hop3-nix reads them."""

from hop3_nix.source.tree import Source

__all__ = ["Source"]
