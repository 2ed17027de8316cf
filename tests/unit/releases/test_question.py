"""What is asked of a release: its own page, or what somebody has said instead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from hop3_nix.deploy.releases.convergence import question_of
from hop3_nix.deploy.releases.record import current_release
from hop3_nix.workersfile import FILE, Health, WorkersFile

if TYPE_CHECKING:
    from hostdouble import HostDouble


@pytest.mark.parametrize(
    ("page", "options", "asked"),
    [
        ("/up", {}, ("/up", "all is well", (200, 399))),
        ("", {}, ("/", "all is well", (200, 399))),
        ("/up", {"health_path": "/other"}, ("/other", "", (200, 399))),
        ("/up", {"health_path": ""}, ("", "", (200, 399))),
    ],
)
def test_the_text_is_that_of_the_page_that_the_app_names(
    double: HostDouble, page: str, options: dict[str, Any], asked: tuple[object, ...]
) -> None:
    located = double.artifact(healthcheck_path=page)
    double.deploy(located, **options)
    file = located.location / FILE
    file.parent.mkdir()
    health = Health(path=page, contains="all is well")
    described = WorkersFile(tree="/t", working_dir="/t", workers={}, health=health)
    file.write_text(described.model_dump_json())
    release = current_release(double.place)
    assert release is not None
    question = question_of(release)
    assert (question.path, question.contains, question.status) == asked
