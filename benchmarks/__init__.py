"""Measures hop3-nix against the bare tools: ``python -m benchmarks``, or ``make bench``."""
