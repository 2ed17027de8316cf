"""The applications whose files are mutated: the examples, and what they have no file of."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hop3_nix.config import load_config
from hop3_nix.plan import Offer, Target
from hop3_nix.source import Source
from hop3_nix.toolchains.composition import Composition

if TYPE_CHECKING:
    from hop3_nix.plan import BuildPlan

EXAMPLES: Final = Path(__file__).resolve().parents[2] / "examples"
SHA: Final = "a" * 64
_FILE: Final = (
    f'{{file = "idna-3.1-py3-none-any.whl", hash = "sha256:{SHA}", '
    'url = "https://index.example/idna-3.1-py3-none-any.whl"}'
)

FILES: Final = {
    "main.py": "",
    "pyproject.toml": '[project]\nname = "shop"\nversion = "1"\ndependencies = ["idna>=3"]\n',
    "Procfile": "web: python3 main.py\ncron-clock: 1-5 * * * * python3 main.py\n",
}
"""What each of the small ones has beside the file that is mutated."""

SMALL: Final = {
    "more.txt": f"idna==3.1 --hash=sha256:{SHA}\n",
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
    "requirements.txt": f"idna[x]==3.1 ; python_version > '3' --hash=sha256:{SHA}\n-r more.txt\n",
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
    "runtime.txt": "python-3.13\n",
    "mise.toml": '[tools]\npython = ["3.13", "3.12"]\nnode = { version = "22" }\n',
    ".tool-versions": "python 3.13.5 3.12\nnodejs lts\n",
    "gunicorn.conf.py": 'bind = "127.0.0.1:5000"\ndaemon = True\n',
    ".hop3ignore": "*.log\n!kept\n/b/**/c/\n[[:alpha:]]?\\ \n",
}
"""Files of a small Python application."""

_COMPOSER: Final = {
    "index.php": "<?php phpinfo();\n",
    "composer.json": json.dumps(
        {
            "name": "example/shop",
            "type": "project",
            "require": {"php": "^8.2", "ext-ctype": "*", "psr/log": "^3.0"},
            "scripts": {"post-install-cmd": ["@php x"]},
        },
        indent=1,
    ),
    "composer.lock": json.dumps(
        {
            "content-hash": "f" * 32,
            "packages": [
                {
                    "name": "psr/log",
                    "version": "3.0.2",
                    "type": "library",
                    "dist": {
                        "type": "zip",
                        "url": "https://code.example/psr/log/zipball/f16e1d5",
                        "reference": "f16e1d5",
                        "shasum": "a" * 40,
                    },
                    "require": {"php": ">=8.0.0"},
                }
            ],
            "packages-dev": [],
            "platform": {"php": "^8.2"},
        },
        indent=1,
    ),
}
_NODE: Final = {
    "Procfile": "web: node x.js\n",
    "package.json": json.dumps(
        {
            "name": "shop",
            "version": "1.0.0",
            "engines": {"node": ">=20", "npm": "^10"},
            "workspaces": ["web/*", "!web/old"],
            "scripts": {"build": "vite build --outDir out && node x.js", "start": "node x.js"},
            "dependencies": {"ms": "^2.1.3"},
        },
        indent=1,
    ),
    "package-lock.json": json.dumps(
        {
            "name": "shop",
            "lockfileVersion": 3,
            "packages": {
                "": {"name": "shop", "workspaces": ["web/*"], "dependencies": {"ms": "^2.1.3"}},
                "node_modules/a": {"resolved": "web/a", "link": True},
                "node_modules/ms": {
                    "version": "2.1.3",
                    "resolved": "https://index.example/ms/-/ms-2.1.3.tgz",
                    "integrity": "sha512-" + "a" * 86 + "==",
                },
                "web/a": {"version": "1.0.0"},
            },
        },
        indent=1,
    ),
    "x.js": "",
    "web/a/package.json": '{"name": "a", "version": "1.0.0"}\n',
    ".nvmrc": "lts/jod\n",
    ".node-version": "v22\n",
    ".npmrc": "registry=https://index.example/\n@x:registry=https://index.example/\n",
}
_YARN: Final = {
    "package.json": '{"name": "shop", "dependencies": {"ms": "^2.1.3"}, '
    '"scripts": {"start": "node x.js"}}\n',
    "x.js": "",
    "yarn.lock": '# yarn lockfile v1\n\n\nms@^2.1.3:\n  version "2.1.3"\n'
    f'  resolved "https://index.example/ms/-/ms-2.1.3.tgz#{"a" * 40}"\n'
    f"  integrity sha512-{'a' * 86}==\n",
}
_CONFIGURED: Final = {
    "next": ("next.config.mjs", "export default { output: 'export', distDir: 'b' }\n"),
    "nuxt": ("nuxt.config.ts", "export default defineNuxtConfig({ ssr: true })\n"),
    "astro": ("astro.config.mjs", "export default { output: 'static', outDir: './o' }\n"),
    "vite": ("vite.config.ts", "export default { build: { outDir: 'dist' }, base: '/' }\n"),
    "@react-router/serve": ("react-router.config.ts", "export default { ssr: false }\n"),
    "@sveltejs/kit": (
        "svelte.config.js",
        "import adapter from '@sveltejs/adapter-static';\nexport default { fallback: 'a.html' }\n",
    ),
    "@angular/core": (
        "angular.json",
        (
            '{"projects": {"a": {"architect": {"build": {"options": '
            '{"outputPath": {"base": "d", "browser": ""}}}}}}}\n'
        ),
    ),
}
"""The configuration of frameworks, by the package that tells of them."""


def _configured(package: str, file: str, text: str) -> dict[str, str]:
    wanted = {package: "1"}
    packages: dict[str, object] = {"": {"name": "shop", "dependencies": wanted}}
    packages[f"node_modules/{package}"] = {
        "version": "1.0.0",
        "resolved": "https://index.example/x/-/x-1.0.0.tgz",
        "integrity": "sha512-" + "a" * 86 + "==",
    }
    lock = {"name": "shop", "lockfileVersion": 3, "packages": packages}
    manifest = {"name": "shop", "scripts": {"build": "x build"}, "dependencies": wanted}
    return {
        "package.json": json.dumps(manifest),
        "package-lock.json": json.dumps(lock),
        file: text,
    }


_COMPOSER["hop3-nix.lock"] = json.dumps(
    {
        "format": 1,
        "inputs": {
            "composer.lock": hashlib.sha256(_COMPOSER["composer.lock"].encode()).hexdigest()
        },
        "php": {"https://code.example/psr/log/zipball/f16e1d5": SHA},
    },
    indent=1,
)
_PREBUILT: Final = {
    "hop3.toml": '[nix]\ntemplate = "prebuilt-binary"\n'
    f'url = "https://code.example/serve"\nsha256 = "{SHA}"\nbinary-name = "serve"\n'
    '[run]\nstart = "serve $PORT"\n'
}
_RUBY: Final = {
    "Gemfile": "source 'https://gems.example'\nruby '~> 3.3.1'\ngem 'rack', '~> 2.2'\n"
    "group :development do\n  gem 'x', require: false\nend\n",
    "Gemfile.lock": "GEM\n  remote: https://gems.example/\n  specs:\n    rack (2.2.22)\n"
    "    x (1.0.0)\n      rack (>= 2)\n\nPLATFORMS\n  ruby\n  x86_64-linux\n\nDEPENDENCIES\n"
    "  rack (~> 2.2)\n  x\n\nCHECKSUMS\n"
    f"  rack (2.2.22) sha256={SHA}\n  x (1.0.0) sha256={SHA}\n\n"
    "RUBY VERSION\n   ruby 3.3.8p144\n\nBUNDLED WITH\n   2.6.3\n",
    "config.ru": "run ->(_) { [200, {}, ['x']] }\n",
    "Procfile": "web: rackup -p $PORT\n",
    ".ruby-version": "3.3.8\n",
}
MORE: Final = {
    "ruby": _RUBY,
    "php": _COMPOSER,
    "node": _NODE,
    "yarn": _YARN,
    "prebuilt": _PREBUILT,
}
"""Small applications, of each of which every file is mutated."""

BESIDE: Final = {
    "node-pnpm": {"pnpm-workspace.yaml": "packages:\n  - web/*\nnodeLinker: hoisted\n"},
    "node-yarn": {".yarnrc.yml": "nodeLinker: node-modules\n"},
    "go-chi": {".go-version": "1.24\n"},
}
"""What examples do not have, and applications may."""

OFFERS: Final = (
    ("python", "3.13.5", "python313"),
    ("python", "3.11.2", "python311"),
    ("node", "22.20.0", "nodejs_22"),
    ("go", "1.24.4", "go"),
    ("php", "8.4.11", "php"),
    ("ruby", "3.3.8", "ruby"),
    ("ruby", "3.1.2", "ruby_3_1"),
    ("static", "1.26.0", "nginx"),
    ("bun", "1.3.14", "bun_1_3"),
    ("deno", "2.9.6", "deno"),
    ("java", "17.0.15", "jdk17_headless"),
    ("rust", "1.96.0", "rustc"),
)
TARGET: Final = Target(
    system="x86_64-linux",
    package_set="debian",
    offers=tuple(
        Offer(language=language, version=version, attribute=attribute, libc="2.41")
        for language, version, attribute in OFFERS
    ),
)

EXAMPLED: Final = (
    *("go-chi", "node-pnpm", "node-yarn", "python-fastapi", "python-django", "python-packaged"),
    *("static-site", "static-spa", "bun-hono", "c-clock", "deno-hono", "java-maven", "rust-axum"),
    "shell-scripts",
)
KNOWN: Final = frozenset(
    {
        *("Procfile", "Staticfile", "hop3-nix.lock", "pnpm-lock.yaml", "yarn.lock", "poetry.lock"),
        *("pyproject.toml", "go.mod", "go.sum", "cmd/web/main.go", "manage.py", "start.sh"),
        *("bun.lock", "CMakeLists.txt", "deno.json", "deno.lock", "pom.xml"),
        *("Cargo.lock", "Cargo.toml", "src/main.rs"),
    }
)
"""Files of the examples."""

LOCKFILES: Final = frozenset(
    {"uv.lock", "pdm.lock", "pylock.toml", "Pipfile.lock", "requirements.txt"}
)


def targets() -> dict[str, tuple[dict[str, str], str]]:
    """Return, by name, the files of an application and the one that is mutated.

    What a small application has is not mutated in an example as well, as that takes longer.
    """
    found = {f"python/{name}": (_python(name), name) for name in SMALL}
    for kind, files in MORE.items():
        found |= {f"{kind}/{name}": (files, name) for name in sorted(files)}
    for package, (file, text) in _CONFIGURED.items():
        found[f"configured/{file}"] = (_configured(package, file, text), file)
    for name, beside in BESIDE.items():
        files = _files(EXAMPLES / name) | beside
        found |= {f"{name}/{file}": (files, file) for file in beside}
    small = {file for _, file in found.values()} - {"yarn.lock", "hop3-nix.lock"}  # of others
    for name in EXAMPLED:
        files = _files(EXAMPLES / name)
        mutated = sorted(KNOWN & files.keys() - small)
        found |= {f"{name}/{file}": (files, file) for file in mutated}
    return found


def _python(name: str) -> dict[str, str]:
    """Return the small application with ``name``, and with no other lockfile."""
    lock = {} if name in LOCKFILES else {"uv.lock": SMALL["uv.lock"]}
    if name == "more.txt":
        lock = {"requirements.txt": SMALL["requirements.txt"]}
    beside = {"more.txt": SMALL["more.txt"]} if name == "requirements.txt" else {}
    return {**FILES, **lock, **beside, name: SMALL[name]}


def plan(app: Path) -> BuildPlan:
    """Return the plan for the application at ``app``. Raises Hop3NixError."""
    source = Source.open(app)
    return Composition.of(source, load_config(source)).plan(TARGET)


def write(files: dict[str, str], app: Path) -> None:
    """Write ``files`` into the directory ``app``."""
    for file, text in files.items():
        (app / file).parent.mkdir(parents=True, exist_ok=True)
        (app / file).write_text(text, encoding="utf-8")


def _files(example: Path) -> dict[str, str]:
    files = (path for path in sorted(example.rglob("*")) if path.is_file())
    return {str(path.relative_to(example)): path.read_text(errors="ignore") for path in files}
