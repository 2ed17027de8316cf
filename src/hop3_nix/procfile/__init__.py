"""The Procfile: which lines there are, and what is wrong with the others."""

from hop3_nix.procfile.parse import Procfile, parse_procfile

__all__ = ["Procfile", "parse_procfile"]
