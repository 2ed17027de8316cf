"""One package per language, found by its place here (registry.py)."""
