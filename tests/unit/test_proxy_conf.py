"""The configuration of nginx, as nginx itself reads it, and the links that it follows."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from hop3_nix.deploy.proxy import certificates, nginx_conf, serving
from hop3_nix.deploy.proxy.base import Certificate, Site
from hop3_nix.deploy.proxy.nginx import MEDIA_TYPES
from hop3_nix.deploy.proxy.nginx_conf import quote
from hop3_nix.deploy.proxy.program import find_nginx
from hop3_nix.deploy.proxy.shape import Shape
from hop3_nix.errors import ArtifactCorruptError, ProxyError, UnavailableError

SHOP = Site("shop", ("8080",), (20001,))


def shape_of(site: Site) -> Shape:
    return Shape.of(site)


def refusal(directory: Path, text: str) -> str:
    """Return what nginx says of ``text``; nothing if it takes it."""
    shutil.copyfile(MEDIA_TYPES, directory / "mime.types")
    conf = directory / "nginx.conf"
    conf.write_text(text)
    done = subprocess.run(
        [find_nginx(), "-t", "-q", "-e", "stderr", "-p", directory, "-c", conf],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stderr if done.returncode else ""


def rendered(directory: Path, *sites: Site) -> str:
    shapes = [shape_of(site) for site in sites]
    return nginx_conf.render(shapes, directory, as_root=False, ipv6=True)


def test_nginx_takes_all_kinds_of_sites_together(tmp_path: Path) -> None:
    (tmp_path / "file.ico").touch()
    text = rendered(
        tmp_path,
        SHOP,
        Site("a", ("80", "127.0.0.1:81", "[::1]:82"), (1, 2), (3,), ("a.example", "*.a.example")),
        Site("b", ("80",), (4,), names=("b.example",), protocol="fastcgi", root=tmp_path),
        Site("c", ("80",), (), names=("c.example",), root=tmp_path, static={"/x": tmp_path}),
        Site("d", ("80",), (5,), static={"/favicon.ico": tmp_path / "file.ico"}),
        Site("e", ("83",), (6,), static={"/s": Path("/nix/store/" + "0" * 32 + "-e")}),
    )
    assert refusal(tmp_path, text) == ""


def tls(directory: Path, app: str = "shop") -> str:
    """Write a certificate for ``app``, and return its name."""
    pair = [directory / f"{app}.{kind}" for kind in ("crt", "key")]
    new = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    out = ["-nodes", "-out", str(pair[0]), "-keyout", str(pair[1]), "-subj", "/CN=shop"]
    subprocess.run([*new, *out], check=True, capture_output=True)
    texts = certificates.read(Certificate(str(pair[0]), str(pair[1])))
    name = certificates.name_of(app, texts)
    certificates.keep(directory, name, texts)
    return name


def test_what_speaks_tls_leads_there_from_port_80(tmp_path: Path) -> None:
    listen = ("443", "80", "127.0.0.1:8443")
    name = tls(tmp_path)
    limits = {"body-size": "1m", "header-size": "128k", "answer-timeout": "9"}
    secure = replace(SHOP, listen=listen, names=("shop.example",), limits=limits)
    plain = Site("plain", ("80",), (2,), names=("plain.example",), limits={"client-timeout": "5"})
    shapes = [Shape.of(secure, name), Shape.of(plain)]
    text = nginx_conf.render(shapes, tmp_path, as_root=False, ipv6=True)
    assert refusal(tmp_path, text) == ""
    assert "listen 443 ssl http2;" in text
    assert "listen 80 ssl" not in text
    assert "return 308 https://$host$request_uri;" in text
    assert "ssl_reject_handshake on;" in text
    assert "large_client_header_buffers 8 128k;" in text
    (tmp_path / "nginx.conf").write_text(text)
    assert nginx_conf.read(tmp_path / "nginx.conf") == {"shop": shapes[0], "plain": shapes[1]}


def test_an_address_speaks_tls_for_all_or_for_nobody(tmp_path: Path) -> None:
    one = Shape.of(replace(SHOP, listen=("443",), names=("a.example",)), "name")
    two = Shape.of(Site("two", ("443",), (2,), names=("b.example",)))
    with pytest.raises(ProxyError, match="two cannot be served on 443: shop speaks TLS there"):
        nginx_conf.render([one, two], tmp_path, as_root=False, ipv6=True)


def test_copies_of_certificates_that_no_site_has_go(tmp_path: Path) -> None:
    name = tls(tmp_path)
    certificates.forget(tmp_path, {name})
    assert all(file.exists() for file in certificates.files_of(tmp_path, name))
    certificates.forget(tmp_path, set())
    assert not any(file.exists() for file in certificates.files_of(tmp_path, name))


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    site = replace(SHOP, names=("a.example",), static={"/é'\" \n# site {": tmp_path})
    (tmp_path / "nginx.conf").write_text(rendered(tmp_path, site, replace(SHOP, app="b")))
    assert nginx_conf.read(tmp_path / "nginx.conf") == {
        "shop": shape_of(site),
        "b": shape_of(replace(SHOP, app="b")),
    }
    assert nginx_conf.read(tmp_path / "none") == {}


@pytest.mark.parametrize(
    "text",
    [
        *(
            "# site ",
            "# site {",
            "# site []",
            "# site {}",
            '# site {"app": "shop"}',
            "# site \u00e9",
        ),
        '# site {"listen": 1, "names": [], "static": []}',
        '# site {"listen": [], "names": [], "static": [["x"]]}',
        "# site " + "[" * 100_000,
    ],
)
def test_a_damaged_configuration_is_named(tmp_path: Path, text: str) -> None:
    file = tmp_path / "nginx.conf"
    file.write_text(f"{text}\n")
    with pytest.raises(ArtifactCorruptError, match="not what hop3-nix wrote") as caught:
        nginx_conf.read(file)
    assert caught.value.file == str(file)
    assert "hop3-nix restart" in caught.value.tip


def test_a_release_changes_nothing_of_it(tmp_path: Path) -> None:
    before = Site("shop", ("80",), (20001,), static={"/s": Path("/nix/store/" + "0" * 32 + "-a")})
    after = Site(
        "shop", ("80",), (20007, 20008), (20001,), static={"/s": Path("/nix/store/" + "1" * 32)}
    )
    assert rendered(tmp_path, before) == rendered(tmp_path, replace(after, static=before.static))
    assert shape_of(before).answers


AWKWARD = "\"'\\{}; $\t\n\r#~*^é@/.%"


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.text(
            st.one_of(
                st.sampled_from(AWKWARD),
                st.characters(exclude_characters="\0", exclude_categories=["Cs"]),
            ),
            min_size=1,
            max_size=40,
        ),
        min_size=1,
        max_size=4,
        unique_by=lambda text: text.strip("/"),
    ).filter(lambda texts: all(text.strip("/") for text in texts))
)
@example(['"; } } evil {'])
@example(["\\"])
@example(["a\nlisten 1;"])
@example(["$uri"])
def test_no_prefix_says_anything_else_than_itself(tmp_path: Path, texts: list[str]) -> None:
    site = replace(SHOP, static={f"/{text}": tmp_path for text in texts})
    text = rendered(tmp_path, site)
    assert refusal(tmp_path, text) == ""
    assert _directives(text) == _directives(rendered(tmp_path, _plain(tmp_path, len(texts))))


def _plain(tmp_path: Path, count: int) -> Site:
    return replace(SHOP, static={f"/p{number}": tmp_path for number in range(count)})


def _directives(text: str) -> list[str]:
    """Return the first words of all directives, as nginx's own rules of quoting find them."""
    found, word, quoted, position, first = [], "", "", 0, True
    while position < len(text):
        char = text[position]
        if quoted:
            position += 1 if char == "\\" else 0
            quoted = "" if char == quoted else quoted
        elif char == "#" and not word:
            position = text.index("\n", position)
        elif char in "\"'" and not word:
            quoted = char
        elif char in ";{}" or char.isspace():
            if word and first:
                found.append(word)
                first = False
            word = ""
            first = first or char in ";{}"
        else:
            word += char
        position += 1
    return sorted(found)


@pytest.mark.parametrize("prefix", ["", "static", "/", "//", "/a\0b", "/" + "x" * 1001])
def test_prefixes_that_cannot_be_served_are_refused(tmp_path: Path, prefix: str) -> None:
    with pytest.raises(ProxyError, match=r"can be served|would hide"):
        shape_of(replace(SHOP, static={prefix: tmp_path}))


def test_a_prefix_of_the_greatest_length_is_taken(tmp_path: Path) -> None:
    site = replace(SHOP, static={"/" + '"' * 997: tmp_path})
    assert refusal(tmp_path, rendered(tmp_path, site)) == ""


@pytest.mark.parametrize(
    "name", ["", "a b", "a;", "~^.*$", "a\n", "$host", '"', "a/b", "*.", "a.*", "_" * 300]
)
def test_names_that_are_no_host_names_are_refused(name: str) -> None:
    with pytest.raises(ProxyError, match="is not a host name") as refused:
        shape_of(replace(SHOP, names=(name,)))
    assert "--domain" in refused.value.tip


@pytest.mark.parametrize(
    "listen", ["", "0", "65536", "80;", "localhost:80", "unix:/x", "::1:80", "80 ssl", "80\n"]
)
def test_addresses_that_cannot_be_listened_on_are_refused(listen: str) -> None:
    with pytest.raises(ProxyError, match="cannot listen on"):
        shape_of(replace(SHOP, listen=(listen,)))


@pytest.mark.parametrize(
    ("first", "second", "text"),
    [
        ((), (), "cannot be served on 8080: blog is"),
        (("a.example",), ("a.EXAMPLE",), "cannot be served for a.example on 8080: blog is"),
    ],
)
def test_two_sites_cannot_answer_for_the_same_name(
    tmp_path: Path, first: tuple[str, ...], second: tuple[str, ...], text: str
) -> None:
    blog = replace(SHOP, app="blog", names=first)
    with pytest.raises(ProxyError, match=text):
        rendered(tmp_path, replace(SHOP, names=second), blog)


def test_a_quote_ends_no_quote() -> None:
    assert quote('a"b\\') == '"a\\"b\\\\"'


def test_no_nginx(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("hop3_nix.deploy.proxy.program.ELSEWHERE", ())
    with pytest.raises(UnavailableError, match="there is no nginx") as refused:
        find_nginx()
    assert "--no-proxy" in refused.value.tip


def ports(directory: Path, kind: str = serving.FIRST) -> list[int]:
    place = directory / serving.SITES / "shop" / serving.LINK / kind
    return [int((place / str(slot)).resolve().name) for slot in range(serving.SLOTS)]


@given(
    st.lists(st.integers(1, 65535), min_size=1, max_size=serving.SLOTS, unique=True),
    st.lists(st.integers(1, 65535), max_size=3, unique=True),
)
@settings(max_examples=20, deadline=None)
def test_each_instance_has_its_share_and_a_stand_in(
    tmp_path_factory: pytest.TempPathFactory, of: list[int], spare: list[int]
) -> None:
    directory = tmp_path_factory.mktemp("proxy")
    serving.serve(directory, replace(SHOP, ports=tuple(of), spare=tuple(spare)))
    shares = [ports(directory).count(port) for port in of]
    assert sum(shares) == serving.SLOTS
    assert max(shares) - min(shares) <= 1
    following = ports(directory, serving.NEXT)
    if len(of) > 1:
        assert all(a != b for a, b in zip(ports(directory), following, strict=True))
        assert set(following) <= set(of)
    else:
        assert set(following) == {spare[0] if spare else of[0]}


def test_the_share_of_one_that_fails_goes_to_all_others(tmp_path: Path) -> None:
    serving.serve(tmp_path, replace(SHOP, ports=(1, 2, 3)))
    pairs = zip(ports(tmp_path), ports(tmp_path, serving.NEXT), strict=True)
    assert {following for first, following in pairs if first == 2} == {1, 3}


def test_more_instances_than_slots_are_refused() -> None:
    with pytest.raises(ProxyError, match="51 instances"):
        Shape.of(replace(SHOP, ports=tuple(range(1, 52))))


def test_the_generation_before_stays_for_requests_under_way(tmp_path: Path) -> None:
    for port in range(1, 7):
        former = serving.serve(tmp_path, replace(SHOP, ports=(port,)))
    place = tmp_path / serving.SITES / "shop"
    assert sorted(path.name for path in place.iterdir()) == ["4", "5", "6", "serving"]
    serving.go_back(tmp_path, "shop", former)
    assert set(ports(tmp_path)) == {5}
    serving.forget(tmp_path, "shop")
    serving.forget(tmp_path, "shop")
    assert not place.exists()
