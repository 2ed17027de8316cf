"""Python: from pyproject.toml, requirements.txt and the lockfiles to a plan."""
