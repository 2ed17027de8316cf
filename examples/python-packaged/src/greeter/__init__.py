"""A package that is installed."""
