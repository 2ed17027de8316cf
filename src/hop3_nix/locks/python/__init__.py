"""The lockfiles of Python's tools: one reader per format."""
