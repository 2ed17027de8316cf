"""What nginx is told of the sites: the parts that stay the same from release to release.

What changes with every release (ports, directories) stands in links that nginx follows at each
request (`serving`), so that a release needs no reload. No text of an app's own gets into the
configuration but prefixes and host names, quoted.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from itertools import takewhile
from typing import TYPE_CHECKING, Final

from hop3_nix.deploy.proxy import answers, certificates, limits, serving
from hop3_nix.deploy.proxy.shape import Shape
from hop3_nix.errors import ArtifactCorruptError, ProxyError
from hop3_nix.files.documents import json_value
from hop3_nix.files.resources import TEMPLATES
from hop3_nix.host.statefile import read_state_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path


BASE: Final = TEMPLATES / "proxy/nginx.conf"
"""The part of the configuration that is the same for all sites."""

MARK: Final = "# site "

HTTPS: Final = "443"
"""The port that a client of https: takes by itself."""


def read(path: Path) -> dict[str, Shape]:
    """Return the sites of the configuration at ``path``, by app; none if there is no file.

    Raises ArtifactCorruptError if it is damaged.
    """
    try:
        text = read_state_file(path).decode()
        marked = takewhile(lambda line: line.startswith(MARK), text.split("\n"))
        shapes = [Shape.from_data(json_value(line.removeprefix(MARK))) for line in marked]
    except FileNotFoundError:
        return {}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ArtifactCorruptError(
            "not what hop3-nix wrote",
            file=str(path),
            tip="Remove it, and have each app's site written again: hop3-nix restart NAME",
        ) from error
    return {shape.app: shape for shape in shapes}


def render(
    shapes: Iterable[Shape],
    directory: Path,
    *,
    as_root: bool,
    ipv6: bool,
    state: Path | None = None,
) -> str:
    """Return the whole configuration; links are looked for below ``directory``.

    Certificates are those in ``state``, by default in the same.

    Raises ProxyError if two sites would answer for the same name.
    """
    sites = sorted(shapes, key=lambda shape: shape.app)
    anybody = _answering_for_anybody(sites)
    lines = [MARK + json.dumps(asdict(shape), sort_keys=True) for shape in sites]
    lines += ["user root;"] if as_root else []
    secure = _secure(sites)
    lines.append(_base(limits.of_all(dict(shape.limits) for shape in sites)))
    place = Place(directory, state or directory, anybody, secure, ipv6=ipv6)
    for shape in sites:
        lines += _server(shape, place)
    for listen in sorted({listen for shape in sites for listen in shape.listen} - set(anybody)):
        listens = place.listens(listen, default=True)
        refused = ["    ssl_reject_handshake on;"] if secure[listen] else ["    return 404;"]
        lines += ["  server {", *listens, *refused, "  }"]
    return "\n".join([*lines, "}", ""])


def _secure(sites: Sequence[Shape]) -> dict[str, bool]:
    """Return whether TLS is spoken on each address. Raises ProxyError if two sites differ."""
    found: dict[str, tuple[bool, str]] = {}
    for shape in sites:
        for listen in shape.listen:
            known = found.setdefault(listen, (shape.is_secure(listen), shape.app))
            if known[0] != shape.is_secure(listen):
                speaks = "speaks TLS" if known[0] else "does not speak TLS"
                raise ProxyError(
                    f"{shape.app} cannot be served on {listen}: {known[1]} {speaks} there",
                    tip="Give one of them another port: --listen PORT",
                )
    return {listen: secure for listen, (secure, _) in found.items()}


def _base(values: Mapping[str, str]) -> str:
    share = f"{100 / serving.SLOTS:g}%"
    slots = [f"{share} {slot};" for slot in range(serving.SLOTS - 1)]
    filled_in = {
        **values,
        "slots": "\n    ".join([*slots, f"* {serving.SLOTS - 1};"]),
        "ports": serving.PORTS,
        "watched": serving.WATCHED,
        "answers": answers.FILE,
        "versioned": serving.VERSIONED.pattern,
    }
    text = BASE.read_text(encoding="utf-8")
    for name, value in filled_in.items():
        text = text.replace(f"@{name}@", value)
    return text.rstrip()


def quote(text: str) -> str:
    """Return ``text`` as one parameter of a directive that expands no variables."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _answering_for_anybody(sites: Sequence[Shape]) -> dict[str, str]:
    """Return the app that answers on each address for names that no site has."""
    taken: dict[tuple[str, str], str] = {}
    for shape in sites:
        for listen in shape.listen:
            for name in shape.names or ("",):
                other = taken.setdefault((listen, name), shape.app)
                if other != shape.app:
                    what = f"for {name} " if name else ""
                    raise ProxyError(
                        f"{shape.app} cannot be served {what}on {listen}: {other} is",
                        tip="Give one of them other host names (--domain) or another port "
                        "(--listen).",
                    )
    return {listen: app for (listen, name), app in taken.items() if not name}


@dataclass(frozen=True)
class Place:
    """What all servers have in common."""

    directory: Path
    state: Path
    anybody: Mapping[str, str]
    secure: Mapping[str, bool]
    ipv6: bool

    def listens(self, listen: str, *, default: bool) -> list[str]:
        """Return the directives for one address."""
        addresses = [listen]
        if listen.isdigit() and self.ipv6:
            addresses.append(f"[::]:{listen}")
        options = f"{' ssl http2' * self.secure[listen]}{' default_server' * default}"
        return [f"    listen {address}{options};" for address in addresses]

    def head(self, shape: Shape, listens: Sequence[str]) -> list[str]:
        """Return how a server for ``shape`` on these addresses begins."""
        lines = ["  server {"]
        for listen in listens:
            lines += self.listens(listen, default=self.anybody.get(listen) == shape.app)
        lines += [f"    server_name {' '.join(map(quote, shape.names))};"] if shape.names else []
        return lines


def _server(shape: Shape, common: Place) -> list[str]:
    if not shape.tls:
        return [*common.head(shape, shape.listen), *_inside(shape, common)]
    secure = [listen for listen in shape.listen if shape.is_secure(listen)]
    lines = [*common.head(shape, secure), *_tls(shape, common.state), *_inside(shape, common)]
    port = min((listen.rpartition(":")[2] for listen in secure), key=lambda one: one != HTTPS)
    to = f"https://$host{'' if port == HTTPS else f':{port}'}$request_uri"
    if plain := [listen for listen in shape.listen if not shape.is_secure(listen)]:
        lines += [*common.head(shape, plain), f"    return 308 {to};", "  }"]
    return lines


def _tls(shape: Shape, state: Path) -> list[str]:
    chain, key = certificates.files_of(state, shape.tls)
    return [
        f'    ssl_certificate "{chain}";',
        f'    ssl_certificate_key "{key}";',
        "    ssl_protocols TLSv1.2 TLSv1.3;",
        "    ssl_session_cache shared:hop3:4m;",
        "    ssl_session_tickets off;",
        "    error_page 497 =308 https://$host:$server_port$request_uri;",
    ]


def _inside(shape: Shape, common: Place) -> list[str]:
    lines = limits.of_server(dict(shape.limits), shape.protocol)
    place = common.directory / serving.SITES / shape.app / serving.LINK
    for prefix, kind in shape.static:
        lines += _static(prefix, kind, f"{place}/{serving.static_name(prefix)}")
    if shape.answers:
        lines += _answering(shape, str(place))
    else:
        lines += _files(shape.root, f"{place}/{serving.ROOT}")
    return [*lines, "  }"]


def _static(prefix: str, kind: str, link: str) -> list[str]:
    if kind == "file":
        return [f"    location = {quote(prefix)} {{", f'      alias "{link}";', *_FRESH, "    }"]
    versioned = _VERSIONED if kind == "store" else []
    return [
        f"    location ^~ {quote(prefix)} {{",
        f'      alias "{link}/";',
        f'      disable_symlinks on "from={link}/";',
        *versioned,
        "      add_header Cache-Control $hop3_caching;",
        "      add_header X-Content-Type-Options nosniff always;",
        "    }",
    ]


def _files(kind: str, link: str) -> list[str]:
    return [
        f'    root "{link}";',
        f'    disable_symlinks on "from={link}/";',
        "    index index.html;",
        "    error_page 404 /404.html;",
        "    location / {",
        "      try_files $uri $uri/index.html $uri.html =404;",
        *(_VERSIONED if kind == "store" else []),
        "      add_header Cache-Control $hop3_caching;",
        "      add_header X-Content-Type-Options nosniff always;",
        "    }",
        "    location = /404.html {",
        "      log_not_found off;",
        "    }",
    ]


def _answering(shape: Shape, place: str) -> list[str]:
    fastcgi = shape.protocol == "fastcgi"
    to = (
        "fastcgi_pass 127.0.0.1:$hop3_port;"
        if fastcgi
        else "proxy_pass http://127.0.0.1:$hop3_port;"
    )
    documents = f"{place}/{serving.ROOT}" if shape.root else ""
    params = [f"      {line}" for line in _fastcgi_params(documents)] if fastcgi else []
    again = f"@again_{shape.app}"
    return [
        "    location / {",
        f'      root "{place}/{serving.FIRST}/$hop3_slot";',
        *params,
        f"      {to}",
        f"      error_page 502 = {again};",
        "    }",
        f"    location {again} {{",
        f'      root "{place}/{serving.NEXT}/$hop3_slot";',
        '      if ($hop3_again = "") {',
        "        return 502;",
        "      }",
        *params,
        f"      {to}",
        "    }",
    ]


def _fastcgi_params(documents: str) -> list[str]:
    """Return the variables of RFC 3875 and those that FastCGI servers look for besides."""
    values = {
        "GATEWAY_INTERFACE": "CGI/1.1",
        "SERVER_SOFTWARE": "nginx",
        "SERVER_PROTOCOL": "$server_protocol",
        "SERVER_NAME": "$host",
        "SERVER_ADDR": "$server_addr",
        "SERVER_PORT": "$server_port",
        "REMOTE_ADDR": "$remote_addr",
        "REMOTE_PORT": "$remote_port",
        "REQUEST_METHOD": "$request_method",
        "REQUEST_URI": "$request_uri",
        "REQUEST_SCHEME": "$hop3_scheme",
        "QUERY_STRING": "$query_string",
        "CONTENT_TYPE": "$content_type",
        "CONTENT_LENGTH": "$content_length",
        "DOCUMENT_URI": "$document_uri",
        "SCRIPT_NAME": "$fastcgi_script_name",
        "SCRIPT_FILENAME": f"{documents}$fastcgi_script_name",
        "DOCUMENT_ROOT": documents,
        "HTTP_PROXY": "",  # a header of the client must not pass for the variable http_proxy
    }
    lines = [f'fastcgi_param {name} "{value}";' for name, value in values.items()]
    return [*lines, "fastcgi_param HTTPS $hop3_https if_not_empty;"]


_VERSIONED: Final = [
    # Nothing in a store has a time of its own: the digest in its path is the version.
    "      etag off;",
    "      if_modified_since off;",
    '      add_header Last-Modified "";',
    "      add_header ETag $hop3_version;",
    "      if ($hop3_not_modified) {",
    "        return 304;",
    "      }",
]

_FRESH: Final = [
    "      etag off;",
    "      if_modified_since off;",
    '      add_header Last-Modified "";',
    "      add_header Cache-Control no-cache;",
    "      add_header X-Content-Type-Options nosniff always;",
]
