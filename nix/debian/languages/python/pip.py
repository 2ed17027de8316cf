# ruff: noqa: INP001 - a program that Nix runs by its path
"""pip, as the interpreter's own command."""

import sys

sys.path.insert(0, "@site@")

from pip._internal.cli.main import main

sys.exit(main())
