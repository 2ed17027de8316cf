"""What has to be right before anything of a running app is touched."""

from __future__ import annotations

import difflib
import os
import pwd
import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from hop3_nix.contract import REQUIRED_FILE, read_required
from hop3_nix.deploy.kinds import split_schedule
from hop3_nix.deploy.launch import unknown_worker
from hop3_nix.deploy.releases.record import WEB, current_release
from hop3_nix.deploy.releases.settings import LISTEN, default_listen
from hop3_nix.deploy.signatures import verify_signatures
from hop3_nix.deploy.verify import verify
from hop3_nix.errors import Hop3NixError, InputError, RequirementError, TemporaryError
from hop3_nix.workers.kind import kind_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from hop3_nix.deploy.artifact import Located
    from hop3_nix.deploy.releases.options import DeployOptions
    from hop3_nix.deploy.releases.record import Release
    from hop3_nix.deploy.releases.settings import Settings
    from hop3_nix.deploy.releases.stage import Stage

FIRST_LISTEN: Final = 8000
LAST_LISTEN: Final = 8999
"""Where an app without a host name is served, unless somebody says otherwise."""


def check_artifact(stage: Stage, located: Located, *, contents: bool, signatures: bool) -> None:
    """Raise ArtifactTamperedError, ArtifactCorruptError or SignatureError unless it can be used."""
    root = stage.host.layout.root
    signed = verify_signatures(located.location, root=root, required=signatures)
    verified = verify(located, contents="all" if contents else "new")
    if verified.paths:
        good = f", {signed} signed" if signed else ""
        read = f", {verified.read} of them file by file" if verified.read else ""
        stage.say(f"verified {verified.paths} store paths{good}{read}")


def required_by(located: Located) -> frozenset[str]:
    """Return the variables that the artifact requires and does not set. Raises ArtifactError."""
    required = read_required(located.location / REQUIRED_FILE)
    required |= frozenset(map(str, located.artifact.metadata.get("required_env", ())))
    own = located.artifact.runtime.env_vars
    return frozenset(name for name in required if not own.get(name))


def check_required(app: str, required: Collection[str], environment: Mapping[str, str]) -> None:
    """Raise RequirementError for a variable that the app requires and nobody has set."""
    missing = sorted(name for name in required if not environment.get(name))
    if missing:
        are = "is" if len(missing) == 1 else "are"
        raise RequirementError(
            f"{app} requires {', '.join(missing)}, which {are} not set",
            tip=f"hop3-nix config set --name {app} {missing[0]}=…, or --env-file FILE",
        )


def check_user(stage: Stage, settings: Settings, old: Release | None) -> None:
    """Raise InputError if the app cannot run as the user that it is to run as.

    What it has written is given to another user as a whole, which a process that still runs as
    the one before would not survive.
    """
    if settings.user:
        if os.geteuid() != 0:
            raise InputError(
                f"only root can deploy an app that runs as {settings.user}",
                tip="Deploy it as root, or leave the user out: the app then runs as you.",
            )
        try:
            pwd.getpwnam(settings.user)
        except KeyError:
            raise InputError(
                f"there is no user {settings.user} on this machine",
                tip=f"Make it first (adduser --system {settings.user}), or choose another: --user",
            ) from None
    if old and old.settings.user != settings.user and not stage.place.stopped.exists():
        former = f"as {old.settings.user}" if old.settings.user else "as a user of its own"
        raise InputError(
            f"{stage.app} runs {former}, to whom all that it has written belongs",
            tip=f"Stop it first, and repeat this: hop3-nix stop {stage.app}. "
            "Its directory is then given to the new user.",
        )


def serves(workers: Mapping[str, str], settings: Settings) -> bool:
    """Return whether clients have anything of the app to ask."""
    static = any(kind_of(worker) == "static" for worker in workers)
    return static or (WEB in workers and bool(settings.scale.get(WEB, 1)))


def check_addressed(workers: Mapping[str, str], options: DeployOptions) -> None:
    """Raise InputError for an address to serve the app on, if nothing of it can be served."""
    given = "--listen" if options.listen else "--domain" if options.names else ""
    if not given or WEB in workers or any(kind_of(worker) == "static" for worker in workers):
        return
    near = difflib.get_close_matches(WEB, workers, n=1)
    meant = f"Did you mean {WEB} by {near[0]}? " if near else ""
    raise InputError(
        f"{given}: nothing would answer there, because there is no worker {WEB}",
        tip=f"{meant}The workers: {', '.join(sorted(workers)) or 'none'}. Call {WEB} what answers "
        f"HTTP, or leave out {given}.",
    )


def check_workers(workers: Mapping[str, str], settings: Settings) -> None:
    """Raise InputError if the settings do not fit the artifact's workers."""
    for name, count in settings.scale.items():
        if name not in workers:
            raise unknown_worker(name, workers)
        if kind_of(name) != "process" and count > 1:
            raise InputError(
                f"{name} is no process of which there can be {count}", tip="Leave it out."
            )
    for name, command in workers.items():
        if settings.scale.get(name, 1):
            _check_schedule(name, command)
    if not settings.proxy and settings.scale.get(WEB, 1) > 1:
        raise InputError(
            f"{settings.scale[WEB]} instances of {WEB} cannot share one port",
            tip="Let the proxy share out the requests: leave out --no-proxy",
        )
    if not any(settings.scale.get(name, 1) for name in workers):
        raise InputError("there is no worker to start", tip="Scale one of them up: --scale web=1")


def _check_schedule(name: str, command: str) -> None:
    try:
        split_schedule(name, command)
    except InputError as error:
        raise InputError(
            error.message, tip=f"{error.tip} Or leave the worker out: --scale {name}=0"
        ) from error


def with_addresses(stage: Stage, settings: Settings, old: Release | None) -> Settings:
    """Return ``settings`` with an address for clients, if there was none.

    Raises InputError if another app is served there, and TemporaryError if another program is.
    """
    taken = list(_others(stage))
    if not settings.listen:
        chosen = default_listen(tls=bool(settings.tls_cert)) if settings.names else _free(taken)
        settings = settings.model_copy(update={"listen": (chosen,)})
    for listen in settings.listen:
        for other in taken:
            _refuse_same(listen, settings, other)
        if not any(listen in other.settings.listen for other in taken) and not (
            old and listen in old.settings.listen
        ):
            _refuse_taken(listen)
    return settings


def _others(stage: Stage) -> Iterator[Release]:
    layout = stage.host.layout
    for name in layout.apps():
        release = None
        if name != stage.app:
            with suppress(Hop3NixError):  # then the proxy is the one to tell
                release = current_release(layout.app(name))
        if release is not None and stage.processes(release).site() is not None:
            yield release


def _free(taken: list[Release]) -> str:
    used = {listen for release in taken for listen in release.settings.listen}
    for port in range(FIRST_LISTEN, LAST_LISTEN + 1):
        if str(port) not in used and _can_listen(str(port)):
            return str(port)
    raise TemporaryError(
        f"no port is free from {FIRST_LISTEN} to {LAST_LISTEN}", tip="Name one: --listen PORT"
    )


def _refuse_same(listen: str, settings: Settings, other: Release) -> None:
    shared = set(settings.names) & set(other.settings.names)
    if listen not in other.settings.listen or (settings.names and not shared):
        return
    if other.settings.names and not shared:
        return
    what = f"for {', '.join(sorted(shared))} " if shared else ""
    raise InputError(
        f"{other.app} is served {what}on {listen} already",
        tip="Choose another port (--listen PORT), or tell them apart by host names (--domain HOST)",
    )


def _refuse_taken(listen: str) -> None:
    if not _can_listen(listen):
        raise TemporaryError(
            f"another program listens on {listen}",
            tip="Stop it (ss -tlnp shows it), or choose another port: --listen PORT",
        )


def _can_listen(listen: str) -> bool:
    """Return whether nothing listens there; what this user may not have is for others to tell."""
    match = LISTEN.fullmatch(listen)
    assert match is not None  # noqa: S101 - checked when it was set
    address = listen.removesuffix(match[1]).rstrip(":").strip("[]")
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        socket.create_server((address, int(match[1])), family=family).close()
    except PermissionError:
        return True
    except OSError:
        return False
    return True
