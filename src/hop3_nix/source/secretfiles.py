"""Files of a tree that hold secrets, by their names and by what they begin with (docs/source.md).

Imports the standard library only, as the rest of the source does.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from hop3_nix.postbuild.credentials import PRIVATE_KEY, is_stand_in, secret_in_text

if TYPE_CHECKING:
    from collections.abc import Callable

_PEM: Final = b"-----BEGIN "
_DATABASES: Final = (b"SQLite format 3\0", b"REDIS0")
"""What the files of SQLite and the dumps of Redis begin with."""

_DIRECTORIES: Final = frozenset({".aws", ".gnupg", ".ssh"})
"""What is in them is a secret, but for what everybody may know."""

_PUBLIC: Final = re.compile(r".*\.pub|known_hosts.*|authorized_keys|config")

_NAMES: Final = frozenset(
    {
        ".dockercfg",
        ".git-credentials",
        ".htpasswd",
        ".my.cnf",
        ".netrc",
        ".pgpass",
        ".vault-token",
        "_netrc",
        "master.key",
    }
)

_SSH_KEY: Final = re.compile(r"id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk)?(?:[._-].*)?(?<!\.pub)")
_ENV: Final = re.compile(r"\.env(?:\..+)?|\.envrc")
_TEMPLATE: Final = re.compile(
    r".*\.(?:default|defaults|dist|example|examples|sample|schema|template|tmpl|tpl|vault)"
)
_PLACES: Final = re.compile(
    r"(?:.*/)?(?:\.kube/config|\.config/gcloud/.*|\.azure/(?:accessTokens|msal_token_cache)\..*)"
)
_STATE: Final = re.compile(r".*\.tfstate(?:\..*)?")
"""What Terraform knows of all that it has made, passwords with it."""

_COMPANION: Final = re.compile(r".*\.(?:db|sqlite3?)-(?:journal|shm|wal)")

_ASSIGNED: Final = re.compile(
    r"^[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*=[ \t]*(.*?)[ \t]*$", re.MULTILINE
)
_SECRET_NAME: Final = re.compile(
    r"SECRET|PASSW|PASSPHRASE|(?:^|_)(?:PASS|PWD|TOKEN|CREDENTIALS?|PRIVATE|SALT)(?:_|$)"
    r"|(?:^|_|API)KEY$",
    re.IGNORECASE,
)
_NO_SECRET: Final = re.compile(r"true|false|yes|no|on|off|\d{1,5}", re.IGNORECASE)
_NO_SECRET_NAME: Final = re.compile(
    # What a bundler puts into pages is for everybody, and so is what only says where a secret is.
    r"(?:VITE|NEXT_PUBLIC|REACT_APP|PUBLIC|NUXT_PUBLIC|EXPO_PUBLIC|GATSBY|VUE_APP|STORYBOOK)_.*"
    r"|.*PUBLIC_?KEY.*|.*PUBLISHABLE.*|.*_(?:FILE|PATH|ID|NAME|URL|URI|LENGTH|EXPIR\w*|TTL|AGE)",
    re.IGNORECASE,
)

_NPM: Final = re.compile(r"^[^#;\n]*(?:_authToken|_auth|_password)\s*=\s*[^\s$]", re.MULTILINE)
_YARN: Final = re.compile(r"^[ \t]*+npmAuth(?:Token|Ident):\s*[\"']?[^\s\"'$]", re.MULTILINE)
_PYPI: Final = re.compile(r"^[ \t]*+password[ \t]*+[=:]\s*\S", re.MULTILINE)
_BUNDLER: Final = re.compile(
    r"^BUNDLE_(?=\w{1,200}?__)\w{1,255}+:[ \t]*+[\"']?[^\s\"':$]+:[^\s\"']", re.MULTILINE
)
_TERRAFORM: Final = re.compile(r"^[ \t]*+token[ \t]*+=[ \t]*+\"[^\"$]", re.MULTILINE)
_YAML_SECRET: Final = re.compile(
    r"^[ \t]*+[\w-]{0,40}?(?:secret|passw|token|private|_key)[\w-]{0,40}[ \t]*+:[ \t]++"
    r"(?![<$#&*|>{\[!]|[\"'][<$\"'])\S",
    re.MULTILINE | re.IGNORECASE,
)
_JSON_SECRET: Final = re.compile(
    r'"(?:private_key|client_secret|password|secret|token|access_?token|refresh_?token|api_?key'
    r'|secret_?access_?key|auth|bearer)"\s*:\s*"[^"$]',
    re.IGNORECASE,
)


_TESTS: Final = re.compile(
    r"(?:^|/)(?:__tests__|examples?|fixtures?|specs?|testdata|testing|tests?)/", re.IGNORECASE
)


def is_of_tests(path: str) -> bool:
    """Return whether the file is for tests, which what is built does without."""
    return _TESTS.search(path) is not None


def secret_of(path: str, head: bytes, read: Callable[[], str], *, tracked: bool) -> str:
    """Return what makes the file at ``path`` a secret, or "".

    ``head`` are its first bytes, and ``read`` returns its text. What git tracks was put there for
    all who have the repository: settings without a secret in them, and databases, are source.
    """
    name = path.rpartition("/")[2]
    if _ENV.fullmatch(name) and not _TEMPLATE.fullmatch(name):
        return _in_settings(read()) if tracked else "it holds settings of one machine"
    if not head:
        return ""
    if not tracked and (head.startswith(_DATABASES) or _COMPANION.fullmatch(name)):
        return "a database"
    return _by_place(path, name) or _in_key(name, head, read) or _in_configuration(path, name, read)


def _by_place(path: str, name: str) -> str:
    if _SSH_KEY.fullmatch(name) or name in _NAMES or name.endswith((".p12", ".pfx")):
        return "its name is that of a secret"
    if _PLACES.fullmatch(path) or _STATE.fullmatch(name):
        return "its name is that of a secret"
    where = _DIRECTORIES.intersection(path.split("/")[:-1])
    return "it stands where secrets do" if where and not _PUBLIC.fullmatch(name) else ""


def _in_settings(text: str) -> str:
    for variable, raw in _ASSIGNED.findall(text):
        value = raw.split(" #")[0].strip().strip("\"'")
        if not value or "$" in value or is_stand_in(value):
            continue
        if secret := secret_in_text(value):
            return f"{variable} is {secret}"
        named = _SECRET_NAME.search(variable) and not _NO_SECRET_NAME.fullmatch(variable)
        if named and not _NO_SECRET.fullmatch(value):
            return f"{variable} has a value"
    return ""


def _in_key(name: str, head: bytes, read: Callable[[], str]) -> str:
    if not head.startswith(_PEM) and not name.endswith((".key", ".p8", ".pem", ".ppk")):
        return ""
    if PRIVATE_KEY.search(read()) or head.startswith(b"PuTTY-User-Key-File"):
        return "a private key"
    # A certificate, a public key, a presentation.
    known = head.startswith((_PEM, b"PK\x03\x04", b"ssh-", b"{", b"<", b"#"))
    return "" if known or not name.endswith(".key") else "its name is that of a key"


def _in_configuration(path: str, name: str, read: Callable[[], str]) -> str:
    rules = {
        ".npmrc": _NPM,
        ".yarnrc": _NPM,
        ".yarnrc.yml": _YARN,
        ".pypirc": _PYPI,
        ".terraformrc": _TERRAFORM,
        "secrets.yml": _YAML_SECRET,
        "secrets.yaml": _YAML_SECRET,
        "auth.json": _JSON_SECRET,
        "client_secret.json": _JSON_SECRET,
        "credentials.json": _JSON_SECRET,
        "secrets.json": _JSON_SECRET,
    }
    by_place = {".bundle/config": _BUNDLER, ".docker/config.json": _JSON_SECRET}
    rule = rules.get(name) or by_place.get("/".join(path.split("/")[-2:]))
    rule = rule or (_JSON_SECRET if _SERVICE_ACCOUNT.fullmatch(name) else None)
    if rule is None:
        return ""
    text = read()
    found = rule.search(text) or PRIVATE_KEY.search(text)
    return "it holds a password or a token" if found else ""


_SERVICE_ACCOUNT: Final = re.compile(r"(?:client_secret.*|.*service[_-]?account.*)\.json")
