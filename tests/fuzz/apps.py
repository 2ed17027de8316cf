"""The applications whose files are mutated: the examples, and what they have no file of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

EXAMPLES: Final = Path(__file__).resolve().parents[2] / "examples"
SHA: Final = "a" * 64
_FILE: Final = (
    f'{{file = "idna-3.1-py3-none-any.whl", hash = "sha256:{SHA}", '
    'url = "https://index.example/idna-3.1-py3-none-any.whl"}'
)

FILES: Final = {
    "main.py": "",
    "pyproject.toml": '[project]\nname = "shop"\nversion = "1"\ndependencies = ["idna>=3"]\n',
    "Procfile": "web: python3 main.py\nclock: 1-5 * * * * python3 main.py\n",
}
"""What each of the small ones has beside the file that is mutated."""

SMALL: Final = {
    "uv.lock": 'version = 1\nrevision = 3\nrequires-python = ">=3.11"\n\n[[package]]\n'
    'name = "idna"\nversion = "3.1"\nsource = { registry = "https://index.example/simple" }\n'
    f'wheels = [{{ url = "https://index.example/idna-3.1-py3-none-any.whl", hash = "sha256:{SHA}"'
    ' }]\n\n[[package]]\nname = "shop"\nversion = "1"\nsource = { virtual = "." }\n'
    'dependencies = [{ name = "idna", marker = "sys_platform == \'linux\'" }]\n'
    '[package.metadata]\nrequires-dist = [{ name = "idna", specifier = ">=3" }]\n',
    "pdm.lock": '[metadata]\ngroups = ["default"]\nstrategy = ["static_urls"]\n'
    'lock_version = "4.5.0"\n\n[[package]]\nname = "idna"\nversion = "3.1"\ngroups = ["default"]\n'
    f"files = [\n  {_FILE},\n]\n",
    "pylock.toml": 'lock-version = "1.0"\ncreated-by = "x"\n\n[[packages]]\nname = "idna"\n'
    'version = "3.1"\n\n[[packages.wheels]]\nurl = "https://index.example/idna-3.1-py3-none-any.whl"'
    f'\nhashes = {{ sha256 = "{SHA}" }}\n',
    "Pipfile.lock": json.dumps(
        {
            "_meta": {"pipfile-spec": 6, "requires": {"python_version": "3.13"}},
            "default": {
                "idna": {"hashes": [f"sha256:{SHA}"], "version": "==3.1", "markers": "os_name=='x'"}
            },
        },
        indent=1,
    ),
    "requirements.txt": f"idna[x]==3.1 ; python_version > '3' --hash=sha256:{SHA}\n-r main.py\n",
    "setup.cfg": "[metadata]\nname = shop\nversion = 1\n[options]\ninstall_requires =\n  idna\n",
    "hop3.toml": '[metadata]\nid = "shop"\n[build]\nignore = ["*.log", "**/a/[!b]*"]\n'
    'build = "true"\npackages = ["libpq"]\n[run]\nstart = "python3 main.py"\nbefore-run = "true"\n'
    "[run.workers]\n"
    'tick = "true"\n[env]\nA = "b"\n_required = ["C"]\n[static]\n"/s" = "s"\n[healthcheck]\n'
    'path = "/h"\ntimeout = 5\n[nix]\npkgs = "debian"\n',
    "main.py": 'import os\nfrom flask import Flask\napp = Flask(__name__)\n\n\n@app.get("/")\n'
    "def page():\n    return os.environ['X']\n",
    ".gitignore": "*.log\n!a\n/b/**/c/\n[a-z]?\\ \n",
    ".python-version": "3.13.5\n",
}
"""Files of a small Python application."""

KNOWN: Final = frozenset(
    {
        *("Gemfile", "Gemfile.lock", "Procfile", "Staticfile", "hop3.toml", "hop3-nix.lock"),
        *("package-lock.json", "package.json", "pnpm-lock.yaml", "yarn.lock", "poetry.lock"),
        *("requirements.txt", "pyproject.toml", ".nvmrc", ".tool-versions", ".yarnrc.yml"),
    }
)


def targets() -> dict[str, tuple[dict[str, str], str]]:
    """Return, by name, the files of an application and the one that is mutated."""
    found = {f"python/{name}": (FILES | {name: text}, name) for name, text in SMALL.items()}
    for example in sorted(EXAMPLES.iterdir()):
        files = _files(example)
        found |= {f"{example.name}/{name}": (files, name) for name in sorted(KNOWN & files.keys())}
    found["node-express/.npmrc"] = (
        _files(EXAMPLES / "node-express") | {".npmrc": "registry=https://index.example/\n"},
        ".npmrc",
    )
    return found


def _files(example: Path) -> dict[str, str]:
    files = (path for path in sorted(example.rglob("*")) if path.is_file())
    return {str(path.relative_to(example)): path.read_text(errors="ignore") for path in files}
