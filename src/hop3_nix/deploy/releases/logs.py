"""What the workers of a release printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hop3_nix.deploy.releases.processes import Processes
from hop3_nix.deploy.releases.record import failure, read_release
from hop3_nix.deploy.releases.retreat import LOG
from hop3_nix.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hop3_nix.deploy.releases.host import Host
    from hop3_nix.deploy.releases.layout import AppPlace


def read_logs(
    host: Host,
    place: AppPlace,
    *,
    worker: str = "",
    release: int | None = None,
    lines: int = 100,
    follow: bool = False,
) -> Iterator[tuple[str, str]]:
    """Yield (instance, line) of the release that serves, or of another one.

    Of a release that did not come up, what it printed was kept when it was given up. Raises
    InputError if there is no such release or worker.
    """
    number = release or place.current_number()
    if number is None:
        raise InputError(
            f"{place.name} has no release that came up",
            tip=f"Those there are: hop3-nix releases {place.name}; hop3-nix logs --release N",
        )
    found = read_release(place, number)
    labels = {one.label: one for one in found.instances if worker in {"", one.worker, one.label}}
    if not labels:
        workers = ", ".join(sorted({one.worker for one in found.instances}))
        raise InputError(f"release {number} has no worker {worker!r}", tip=f"It has: {workers}")
    processes = Processes(place, found, host.services.state_directory(place.name))
    names = {processes.name(one): label for label, one in labels.items()}
    kept = place.release(number) / LOG
    if failure(place, number) and kept.exists():
        for text in kept.read_text(errors="replace").splitlines()[-lines:]:
            name, _, line = text.partition(" | ")
            if name in names:
                yield names[name], line
        return
    for name, line in host.services.logs(tuple(names), lines=lines, follow=follow):
        yield names.get(name, name), line
