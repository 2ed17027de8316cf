# Names that are no part of an application (docs/source.md).
{
  anywhere = [
    ".env"
    ".git"
    ".hg"
    ".mypy_cache"
    ".nox"
    ".pytest_cache"
    ".ruff_cache"
    ".svn"
    ".tox"
    "__pycache__"
    "node_modules"
  ];
  atTheRoot = [
    ".direnv"
    ".venv"
    "venv"
  ];
}
