"""The plan of a static site, and of what another toolchain built for the same server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from hop3_nix.config import load_config
from hop3_nix.errors import ConfigError, SourceError, ToolError, UnavailableError
from hop3_nix.plan import (
    AnyOffer,
    BuildPlan,
    HostOffer,
    LocalRecipe,
    PackageRef,
    PathRef,
    Site,
    Target,
)
from hop3_nix.source import Source
from hop3_nix.toolchains.app import App
from hop3_nix.toolchains.composition import Composition
from hop3_nix.toolchains.static import server
from hop3_nix.toolchains.static.server import find_nginx, nginx_of_host, serve_command, with_server
from hop3_nix.toolchains.static.toolchain import TOOLCHAIN
from unenclosed import Unenclosed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

SET: Final = Target(system="x86_64-linux", package_set="debian", offers=())
NGINX: Final = HostOffer(language="nginx", version="1.22.1", program="/usr/sbin/nginx", libc="")
HOST: Final = Target(
    system="x86_64-linux", package_set="this machine", on_host=True, offers=(NGINX,)
)


def source_of(root: Path, *names: str, **texts: str) -> Source:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("<!doctype html>\n")
    for name, text in texts.items():
        (root / name.replace("__", ".")).write_text(text)
    return Source.open(root)


def plan(source: Source, target: Target = SET) -> BuildPlan:
    return opened(source).plan(target)


def opened(source: Source) -> Composition:
    return Composition.of(source, load_config(source))


def web(source: Source) -> str:
    assert opened(source).choice.main.name == "static"
    return plan(source).runtime.workers["web"]


@pytest.mark.parametrize(
    ("names", "directory"),
    [
        (["index.html"], "."),
        (["public/index.html"], "public"),
        (["dist/index.html"], "dist"),
        (["index.html", "dist/index.html", "public/index.html"], "public"),
        (["index.html", "dist/index.html", "public/logo.svg"], "dist"),
    ],
)
def test_an_index_tells_a_site(tmp_path: Path, names: list[str], directory: str) -> None:
    assert web(source_of(tmp_path, *names)) == f"serve-static {directory}"


def test_hop3_toml_goes_before_the_procfile_and_that_before_the_staticfile(tmp_path: Path) -> None:
    names = [f"{name}/index.html" for name in ("one", "two", "three", "public")]
    source = source_of(tmp_path, *names, Staticfile="root: three\n")
    assert web(source) == "serve-static three"
    source = source_of(tmp_path, Procfile="static: ./two/\n")
    assert web(source) == "serve-static two"
    source = source_of(tmp_path, hop3__toml='[build]\nstatic-dir = "one"\n')
    assert web(source) == "serve-static one"


def test_a_staticfile_chooses_how_it_is_served(tmp_path: Path) -> None:
    text = "pushstate: enabled\ndirectory: visible\n"
    assert web(source_of(tmp_path, "public/index.html", Staticfile=text)) == (
        "serve-static --fallback index.html --listing public"
    )


def test_a_name_with_spaces_stays_one_word(tmp_path: Path) -> None:
    source = source_of(tmp_path, "my site/index.html", Procfile="static: my site\n")
    assert web(source) == "serve-static 'my site'"


def test_the_static_worker_is_the_web_worker(tmp_path: Path) -> None:
    source = source_of(
        tmp_path, "site/index.html", Procfile="static: site\nclock: while :; do date; done\n"
    )
    assert list(plan(source).runtime.workers) == ["clock", "web"]


def test_every_choice_has_its_line(tmp_path: Path) -> None:
    source = source_of(tmp_path, "site/index.html", Staticfile="# here\nroot: site\n")
    why = plan(source).evidence[-1]
    assert (why.choice, why.reason, why.file, why.line) == ("site: site", "root", "Staticfile", 2)


def test_symlinks_are_named_as_they_are_not_served(tmp_path: Path) -> None:
    source_of(tmp_path, "public/index.html", "LICENSE")
    (tmp_path / "public/latest").symlink_to("index.html")
    (tmp_path / "copying").symlink_to("LICENSE")
    shown = [why.choice for why in plan(Source.open(tmp_path)).evidence]
    assert shown == ["site: public", "not served: public/latest"]


def test_what_answers_by_itself_is_no_static_site(tmp_path: Path) -> None:
    text = "web: ./serve\nstatic: public\n"
    source = source_of(tmp_path, "public/index.html", "serve", Procfile=text)
    assert TOOLCHAIN.found_in(App(source, load_config(source))) is None
    assert Composition.of(source, load_config(source)).choice.main.name == "shell"


def test_both_workers_stay_as_they_are_if_the_toolchain_is_named(tmp_path: Path) -> None:
    source = source_of(
        tmp_path,
        "public/index.html",
        "serve",
        Procfile="web: ./serve\nstatic: public\n",
        hop3__toml='[build]\ntoolchain = "static"\n',
    )
    assert opened(source).choice.main.name == "static"
    runtime = plan(source).runtime
    assert runtime.workers == {"web": "./serve", "static": "public"}
    assert runtime.path == ()


def test_a_language_goes_before_a_page_beside_it(tmp_path: Path) -> None:
    source = source_of(tmp_path, "index.html", "requirements.txt", main__py="")
    assert opened(source).choice.main.name == "python"


def test_what_build_steps_make_need_not_be_there_but_is_verified(tmp_path: Path) -> None:
    text = '[build]\nstatic-dir = "out"\nbuild = "make site"\n'
    steps = plan(source_of(tmp_path, "Makefile", hop3__toml=text)).build_steps
    assert steps[0] == "make site"
    assert steps[1].startswith("[ -d out ] || ")


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ({"hop3__toml": '[build]\nstatic-dir = "out"\n'}, "hop3.toml:2: the site 'out' is not"),
        ({"Procfile": "static: out\n"}, "Procfile:1: the site 'out' is not there"),
        ({"Procfile": "static: page\n", "page": ""}, "Procfile:1: the site 'page' is a file"),
        ({"Procfile": "static: ../x\n"}, "Procfile:1: the site leads out of the application"),
        ({"Procfile": "static: a/../../x\n"}, "Procfile:1: the site leads out"),
        ({"Procfile": "static: /srv\n"}, "Procfile:1: the site leads out of the application"),
        ({"Procfile": "static: a$b\n"}, "Procfile:1: 'a$b' cannot be served"),
        ({"Staticfile": "root: out\n"}, "Staticfile:1: the site 'out' is not there"),
    ],
)
def test_a_wrong_directory_is_refused_where_it_is_named(
    tmp_path: Path, texts: Mapping[str, str], message: str
) -> None:
    source = source_of(tmp_path, "index.html", **texts)
    with pytest.raises(ConfigError) as caught:
        plan(source)
    assert str(caught.value).startswith(message)
    assert caught.value.tip


def test_a_staticfile_without_a_site_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="there is no site"):
        plan(source_of(tmp_path, "readme", Staticfile=""))


def test_nginx_and_nothing_else_is_added_to_a_build_with_nix(tmp_path: Path) -> None:
    made = plan(source_of(tmp_path, "index.html"))
    assert made.runtime.path == (PackageRef(package="hop3.static.server"),)
    assert made.packages == ("bash", "coreutils")
    assert made.build_steps == ()


def test_a_local_release_has_the_server_beside_the_tree(tmp_path: Path) -> None:
    composition = opened(source_of(tmp_path, "index.html"))
    made = composition.plan(HOST)
    assert made.runtime.path == (PathRef(layer="app", path="bin"),)
    (recipe,) = composition.recipes(made, HOST).app
    script = recipe.files["serve-static"]
    assert script.startswith("#!/usr/bin/env bash\n")
    assert "nginx='/usr/sbin/nginx'" in script
    placed = {str(getattr(step.argv[-1], "path", "")) for step in recipe.steps}
    assert placed >= {"bin/serve-static", "share/serve-static/nginx.conf"}
    used = {str(step.argv[-2]) for step in recipe.steps}
    assert used == recipe.files.keys()


def test_a_site_is_served_as_what_makes_it_means_it() -> None:
    site = Site(directory="dist", fallback="index.html", immutable=("/assets/",))
    command = "serve-static --fallback index.html --immutable /assets/ dist"
    assert serve_command(site) == command


def test_any_recipe_can_have_the_server() -> None:
    recipe = LocalRecipe(requires=("npm",), files={"x": ""}, steps=())
    served = with_server(recipe, HOST)
    assert served.requires == ("npm",)
    assert {"x", "serve-static"} <= served.files.keys()


class Says(Unenclosed):
    """Programs that print the same, whatever they are asked."""

    def __init__(self, text: str | None) -> None:
        self.text = text

    def program(self, offer: AnyOffer, name: str) -> Path:
        raise NotImplementedError

    def run(self, argv: Sequence[str], *, env: Mapping[str, str] | None = None) -> str:
        del argv, env
        if self.text is None:
            raise ToolError("it does not start")
        return self.text


@pytest.fixture
def nginx(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    program = tmp_path / "bin/nginx"
    program.parent.mkdir()
    program.touch(0o755)
    monkeypatch.setenv("PATH", str(program.parent))
    monkeypatch.setattr(server, "SYSTEM_DIRECTORIES", ())
    return program


def test_the_nginx_of_the_machine_is_offered(nginx: Path) -> None:
    (offer,) = find_nginx(Says("nginx version: nginx/1.24.0 (Ubuntu)\n"))
    assert (offer.language, offer.version, offer.program) == ("nginx", "1.24.0", str(nginx))


def test_it_is_found_where_a_users_path_does_not_lead(
    nginx: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(server, "SYSTEM_DIRECTORIES", (str(nginx.parent),))
    assert find_nginx(Says("nginx version: nginx/1.22.1\n"))


@pytest.mark.usefixtures("nginx")
@pytest.mark.parametrize("text", ["nginx version: nginx/1.18.0\n", "", None])
def test_one_that_is_too_old_or_does_not_start_is_none(text: str | None) -> None:
    assert find_nginx(Says(text)) == ()


def test_a_machine_without_one_is_told_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(server, "SYSTEM_DIRECTORIES", ())
    assert find_nginx(Says("")) == ()
    source = source_of(tmp_path, "index.html")
    with pytest.raises(UnavailableError, match="has no nginx") as caught:
        plan(source, HOST.model_copy(update={"offers": ()}))
    assert "apt install nginx" in caught.value.tip
    assert nginx_of_host(HOST) == "/usr/sbin/nginx"
