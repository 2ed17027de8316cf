"""Paths that can be asked for over HTTP."""

from __future__ import annotations

import pytest

from hop3_nix.deploy.releases.settings import Settings
from hop3_nix.errors import InputError
from hop3_nix.text.urlpath import how_to_write, is_url_path


@pytest.mark.parametrize("path", ["/", "/up", "/up?deep=1", "/a%20b/~c/;x=1,2", "//"])
def test_what_stands_in_a_request(path: str) -> None:
    assert is_url_path(path)
    Settings(health_path=path).check()


@pytest.mark.parametrize(
    ("path", "written"),
    [
        ("up", "/up"),
        ("/é", "/%C3%A9"),
        ("/x y", "/x%20y"),
        ("/x\r\nHost: a", "/x%0D%0AHost:%20a"),
        ("/100%", "/100%25"),
        ("/a#b", "/a%23b"),
    ],
)
def test_what_does_not_is_refused_with_how_to_write_it(path: str, written: str) -> None:
    assert not is_url_path(path)
    assert how_to_write(path) == written
    assert is_url_path(written)
    with pytest.raises(InputError, match="not a URL path") as caught:
        Settings(health_path=path).check()
    assert written in caught.value.tip
