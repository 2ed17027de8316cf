"""What nginx is told of the sites: the parts that stay the same from release to release.

What changes with every release (ports, directories) stands in links that nginx follows at each
request (`serving`), so that a release needs no reload. No text of an app's own gets into the
configuration but prefixes and host names, quoted.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from itertools import takewhile
from typing import TYPE_CHECKING, Final

from hop3_nix.deploy.proxy import answers, serving
from hop3_nix.deploy.proxy.shape import Shape
from hop3_nix.documents import json_value
from hop3_nix.errors import ArtifactCorruptError, ProxyError
from hop3_nix.resources import TEMPLATES
from hop3_nix.statefile import read_state_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path


BASE: Final = TEMPLATES / "proxy/nginx.conf"
"""The part of the configuration that is the same for all sites."""

MARK: Final = "# site "


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


def render(shapes: Iterable[Shape], directory: Path, *, as_root: bool, ipv6: bool) -> str:
    """Return the whole configuration; links are looked for below ``directory``.

    Raises ProxyError if two sites would answer for the same name.
    """
    sites = sorted(shapes, key=lambda shape: shape.app)
    anybody = _answering_for_anybody(sites)
    lines = [MARK + json.dumps(asdict(shape), sort_keys=True) for shape in sites]
    lines += ["user root;"] if as_root else []
    lines.append(_base())
    for shape in sites:
        lines += _server(shape, directory, anybody, ipv6=ipv6)
    for listen in sorted({listen for shape in sites for listen in shape.listen} - set(anybody)):
        listens = _listens(listen, default=True, ipv6=ipv6)
        lines += ["  server {", *listens, "    return 404;", "  }"]
    return "\n".join([*lines, "}", ""])


def _base() -> str:
    share = f"{100 / serving.SLOTS:g}%"
    slots = [f"{share} {slot};" for slot in range(serving.SLOTS - 1)]
    filled_in = {
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


def _listens(listen: str, *, default: bool, ipv6: bool) -> list[str]:
    addresses = [listen]
    if listen.isdigit() and ipv6:
        addresses.append(f"[::]:{listen}")
    return [f"    listen {address}{' default_server' * default};" for address in addresses]


def _server(shape: Shape, directory: Path, anybody: dict[str, str], *, ipv6: bool) -> list[str]:
    lines = ["  server {"]
    for listen in shape.listen:
        lines += _listens(listen, default=anybody.get(listen) == shape.app, ipv6=ipv6)
    lines += [f"    server_name {' '.join(map(quote, shape.names))};"] if shape.names else []
    place = directory / serving.SITES / shape.app / serving.LINK
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
