"""``hop3-nix push``, ``pull`` and ``keys``: artifacts in other stores, and who signed them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hop3_nix.builders.base import refuse_other_content
from hop3_nix.cli.console import echo, report
from hop3_nix.cli.hosts import HostCommand
from hop3_nix.cli.progress import reporting
from hop3_nix.deploy import signatures
from hop3_nix.deploy.artifact import locate
from hop3_nix.deploy.releases.layout import default_root
from hop3_nix.deploy.remote import caches
from hop3_nix.errors import InputError
from hop3_nix.nix import commands as nixcli
from hop3_nix.nix import stores as nixstores

if TYPE_CHECKING:
    from hop3_nix.deploy.remote.caches import Copied
    from hop3_nix.progress import Progress

KEY_FILE = click.Path(path_type=Path, dir_okay=False, exists=True)
json_option = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
root_option = click.option(
    "--root", type=click.Path(path_type=Path, file_okay=False), help="Where releases are kept."
)


@click.command(short_help="Copy an artifact to a binary cache or another store.")
@click.argument("artifact", default=".")
@click.option("--to", "url", metavar="URL", required=True, help="Where to; see docs/remote.md.")
@click.option("--sign", "key", type=KEY_FILE, help="Sign it with the secret key in this file.")
@json_option
def push(artifact: str, *, url: str, key: Path | None, as_json: bool) -> None:
    """Copy ARTIFACT, with all that it needs, to a binary cache or another store.

    \b
      hop3-nix push --to file:///srv/cache --sign cache.secret
      hop3-nix push ./result --to https://cache.example
      hop3-nix push --to s3://bucket?region=eu-west-1
      hop3-nix push --to ssh://build@store.example

    The store path that this prints is what `pull` takes.
    """
    location = locate(artifact, newer=True).location
    _show(caches.push(location, url, key=key, progress=_Sending()), as_json=as_json)


@click.command(short_help="Copy an artifact from a binary cache or another store.")
@click.argument("path", metavar="STORE-PATH", type=click.Path(path_type=Path))
@click.option("--from", "url", metavar="URL", required=True, help="Where from.")
@click.option(
    "--trusted-key",
    "keys",
    metavar="NAME:BASE64",
    multiple=True,
    help="Trust what is signed with this key, too; repeatable.",
)
@click.option(
    "-o", "--out-link", type=click.Path(path_type=Path), help="Make a link, which keeps it."
)
@json_option
def pull(
    path: Path, *, url: str, keys: tuple[str, ...], out_link: Path | None, as_json: bool
) -> None:
    """Copy STORE-PATH, with all that it needs, from a binary cache or another store.

    Nothing is taken that no trusted key has signed.
    """
    trusted = tuple(map(signatures.read_key, keys))
    if out_link is not None:
        refuse_other_content(out_link)
    with reporting() as shown:
        copied = caches.pull(path, url, keys=trusted, progress=shown.progress)
    if out_link is not None:
        nixcli.add_root(out_link, copied.path)
    _show(copied, as_json=as_json)


@click.group(short_help="Make keys for signatures, and say which are trusted.")
def keys() -> None:
    """Make keys to sign artifacts with, and say whose are trusted on this machine."""


@keys.command()
@click.argument("name")
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path),
    help="File for the secret key; NAME.secret here unless given.",
)
def generate(name: str, *, out: Path | None) -> None:
    """Write a new secret key, and print the public key that belongs to it.

    NAME stands in the signatures; by custom it is a domain and a number, as in cache.example-1.
    """
    if not name or ":" in name or "/" in name or any(map(str.isspace, name)):
        raise InputError(
            f"a key cannot be called {name!r}", tip="Leave out spaces, colons and slashes."
        )
    secret = out or Path(f"{name}.secret")
    public = secret.with_name(f"{secret.name}.public")
    for file in (secret, public):
        if file.exists():
            raise InputError("is there already", file=str(file), tip="Name another file: --out")
    nixstores.generate_key(name, secret, public)
    report(f"the secret key is in {secret}, the public one in {public}")
    echo(public.read_text(encoding="utf-8").strip())


@keys.command(cls=HostCommand)
@click.argument("key", metavar="NAME:BASE64")
@root_option
def trust(key: str, *, root: Path | None) -> None:
    """Have every deployment on this machine signed, by this key among others."""
    directory = root or default_root()
    if signatures.trust(directory, key):
        report(f"{directory / signatures.FILE}: every deployment has to be signed by a key in it")
    else:
        report("it was trusted already")


@keys.command(name="list", cls=HostCommand)
@root_option
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def list_(*, root: Path | None, as_json: bool) -> None:
    """Show whose signatures deployments on this machine need."""
    trusted = signatures.trusted_keys(root or default_root())
    if as_json:
        required = trusted is not None
        echo(json.dumps({"required": required, "trusted": list(trusted or ())}))
    elif trusted is None:
        report("no signatures are asked for, unless by `deploy --require-signatures`")
    else:
        for key in trusted:
            echo(key)


class _Sending:
    """Names each path once, when it is sent."""

    def __init__(self) -> None:
        self._named: set[str] = set()

    def __call__(self, progress: Progress) -> None:
        for name in progress.fetching:
            if name not in self._named:
                self._named.add(name)
                report(f"sending {name}")


def _show(copied: Copied, *, as_json: bool) -> None:
    if as_json:
        data = {"path": str(copied.path), "paths": copied.paths, "copied": copied.sent}
        echo(json.dumps(data))
        return
    report(f"{copied.sent} of {copied.paths} store paths were not there yet")
    echo(copied.path)
