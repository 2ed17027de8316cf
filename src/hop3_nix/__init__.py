"""Turn an application's source into a store path that says how to run itself."""

__version__ = "0.1.0"
