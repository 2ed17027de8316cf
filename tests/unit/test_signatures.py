from __future__ import annotations

import base64
from pathlib import Path

import pytest

from hop3_nix.deploy import signatures
from hop3_nix.deploy.signatures import read_key, trust, trusted_keys, verify_signatures
from hop3_nix.errors import InputError, SignatureError

APP = Path("/nix/store/" + "a" * 32 + "-app")
LIBRARY = Path("/nix/store/" + "b" * 32 + "-lib")
KEY = "cache.example-1:" + base64.b64encode(bytes(32)).decode()
OTHER = "other.example-1:" + base64.b64encode(bytes(range(32))).decode()


class Store:
    """Stands for Nix: what it would say of the closure of `APP`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.untrusted: tuple[Path, ...] = ()
        self.asked: list[tuple[str, ...]] = []
        self.content_addressed = False
        monkeypatch.setattr("hop3_nix.nix.stores.untrusted", self._untrusted)
        monkeypatch.setattr(
            "hop3_nix.nix.stores.is_content_addressed", lambda _path: self.content_addressed
        )
        monkeypatch.setattr("hop3_nix.nix.commands.closure", lambda _path: (LIBRARY, APP))
        monkeypatch.setattr("hop3_nix.nix.commands.configured", lambda _name: ["nix.example-1:x"])

    def _untrusted(self, path: Path, keys: tuple[str, ...]) -> tuple[Path, ...]:
        assert path == APP
        self.asked.append(keys)
        return self.untrusted


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Store:
    return Store(monkeypatch)


def test_nobody_asks_for_signatures(store: Store, tmp_path: Path) -> None:
    assert verify_signatures(APP, root=tmp_path, required=False) == 0
    assert store.asked == []


def test_a_deployment_asks_for_those_that_nix_trusts(store: Store, tmp_path: Path) -> None:
    assert verify_signatures(APP, root=tmp_path, required=True) == 2
    assert store.asked == [("nix.example-1:x",)]


def test_a_host_asks_for_its_own(store: Store, tmp_path: Path) -> None:
    assert trust(tmp_path, KEY)
    assert trust(tmp_path, OTHER)
    assert not trust(tmp_path, KEY)
    assert trusted_keys(tmp_path) == (KEY, OTHER)
    assert verify_signatures(APP, root=tmp_path, required=False) == 2
    assert store.asked == [(KEY, OTHER)]


def test_the_message_names_the_paths_the_keys_and_the_way_out(store: Store, tmp_path: Path) -> None:
    trust(tmp_path, KEY)
    store.untrusted = (LIBRARY, APP)
    with pytest.raises(SignatureError) as caught:
        verify_signatures(APP, root=tmp_path, required=False)
    assert caught.value.message == (
        f"{APP}, {LIBRARY} are not signed by a key that this machine trusts ({KEY})"
    )
    assert "--sign FILE, the secret key of cache.example-1" in caught.value.tip
    assert "hop3-nix keys trust" in caught.value.tip


def test_of_many_paths_the_first_are_named(store: Store, tmp_path: Path) -> None:
    store.untrusted = (*(Path(f"/nix/store/{number}-x") for number in range(9)), APP)
    with pytest.raises(SignatureError, match=f"^{APP}, .*/5-x and 5 more are not signed"):
        verify_signatures(APP, root=tmp_path, required=True)


def test_a_host_that_trusts_no_key_takes_nothing(store: Store, tmp_path: Path) -> None:
    (tmp_path / "trusted-keys").write_text("# none yet\n")
    with pytest.raises(SignatureError, match="it trusts none"):
        verify_signatures(APP, root=tmp_path, required=False)
    # With an empty list of keys, Nix would take those of its own configuration.
    assert store.asked == []


def test_what_anybody_can_add_needs_more_than_its_name(store: Store, tmp_path: Path) -> None:
    store.content_addressed = True
    with pytest.raises(SignatureError, match="added to the store by its contents"):
        verify_signatures(APP, root=tmp_path, required=True)


def test_what_was_built_without_nix_cannot_be_signed(tmp_path: Path) -> None:
    with pytest.raises(SignatureError, match="built without Nix"):
        signatures.check_signatures(tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        *("", "cache", "cache:", ":" + KEY.partition(":")[2], "cache:AAAA", "a b:" + KEY[16:]),
        "cache:\u00e9",
    ],
)
def test_what_is_no_public_key(text: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not a public key"):
        read_key(text)
    with pytest.raises(InputError):
        trust(tmp_path, text)
    assert trusted_keys(tmp_path) is None


def test_a_line_that_is_no_key_stops_every_deployment(tmp_path: Path) -> None:
    (tmp_path / "trusted-keys").write_text(f"{KEY}\nnot a key\n")
    with pytest.raises(InputError, match=r"trusted-keys:2: 'not a key' is not a public key"):
        verify_signatures(APP, root=tmp_path, required=False)
