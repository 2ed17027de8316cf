"""What the plan of a Ruby application says: environment, steps, workers, recipes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from hop3_nix.errors import SourceError
from hop3_nix.plan import PathRef
from hop3_nix.toolchains.ruby.recipes import local_recipes
from ruby_apps import DIGEST, lockfile

if TYPE_CHECKING:
    from collections.abc import Callable

    from hop3_nix.plan import BuildPlan, Target

    Plan = Callable[..., BuildPlan]

RAILS = {
    "Gemfile": "gem 'rails'\ngem 'puma'\ngem 'bootsnap'\n",
    "Gemfile.lock": lockfile(
        "bootsnap (1.18)",
        "propshaft (1.1)",
        "puma (6.0)",
        "rails (8.0.1)",
        "  railties (= 8.0.1)",
        "railties (8.0.1)",
        needs="bootsnap\n  propshaft\n  puma\n  rails",
    ),
    "config/application.rb": "",
    "Rakefile": "",
}


def gems(*specs: str) -> dict[str, str]:
    """Return an application whose Gemfile asks for each of ``specs``."""
    names = [spec.split()[0] for spec in specs]
    return {
        "Gemfile": "".join(f"gem {name!r}\n" for name in names),
        "Gemfile.lock": lockfile(*specs, needs="\n  ".join(names)),
    }


def test_the_environment_is_that_of_bundler_in_production(plan: Plan) -> None:
    found = plan()
    home = PathRef(layer="deps", path="ruby/3.3.0")
    env = found.runtime.env
    assert env["GEM_HOME"] == env["GEM_PATH"] == home
    assert env["BUNDLE_PATH"] == PathRef(layer="deps")
    assert env["BUNDLE_GEMFILE"] == PathRef(layer="app", path="app/Gemfile")
    assert (env["BUNDLE_FROZEN"], env["BUNDLE_WITHOUT"]) == ("true", "development:test")
    assert env["RACK_ENV"] == env["APP_ENV"] == "production"
    assert found.runtime.defaults == ("APP_ENV", "RACK_ENV")
    assert [str(ref.path) for ref in found.runtime.path] == ["bin", "bin"]
    assert (found.toolchain, found.interpreter) == ("ruby", "ruby_3_3")


def test_rails_has_its_variables_and_its_assets_are_made(plan: Plan) -> None:
    found = plan(RAILS)
    env = found.runtime.env
    assert env["RAILS_ENV"] == "production"
    assert env["RAILS_LOG_TO_STDOUT"] == env["RAILS_SERVE_STATIC_FILES"] == "enabled"
    assert env["BOOTSNAP_READONLY"] == "1"
    assert found.build_steps == ("SECRET_KEY_BASE_DUMMY=1 rake assets:precompile",)
    assert found.runtime.static_paths == {"/assets": "public/assets"}
    assert "SECRET_KEY_BASE_DUMMY" not in env
    assert found.runtime.before_run == ()


def test_a_rails_that_needs_a_secret_gets_one_for_the_build_alone(plan: Plan) -> None:
    lock = RAILS["Gemfile.lock"].replace("8.0.1", "7.0.8")
    found = plan({**RAILS, "Gemfile.lock": lock})
    assert found.build_steps == ("SECRET_KEY_BASE=only-for-the-build rake assets:precompile",)


def test_assets_are_not_made_twice_and_not_without_a_pipeline(plan: Plan) -> None:
    own = '[build]\nbuild = "bundle exec rake assets:precompile"\n'
    assert plan({**RAILS, "hop3.toml": own}).build_steps == ("rake assets:precompile",)
    api = {**RAILS, "hop3.toml": "", "Gemfile.lock": RAILS["Gemfile.lock"].replace("propsh", "sh")}
    assert plan(api).build_steps == ()


@pytest.mark.parametrize(
    ("specs", "command"),
    [
        (["puma (6.0)", "webrick (1.9)"], 'puma -b "tcp://${BIND_ADDRESS:-0.0.0.0}:$PORT"'),
        (["unicorn (6.0)"], 'unicorn -l "${BIND_ADDRESS:-0.0.0.0}:$PORT"'),
        (["rack (2.2)", "webrick (1.9)"], "rackup -s webrick -o "),
        (["thin (1.8)"], "thin start -a "),
    ],
)
def test_rack_is_served_by_the_server_that_is_locked(
    plan: Plan, specs: list[str], command: str
) -> None:
    assert plan(gems(*specs)).runtime.workers["web"].startswith(command)


def test_rack_without_a_server_is_an_error(plan: Plan) -> None:
    with pytest.raises(SourceError) as caught:
        plan(gems("rack (3.0)"))
    assert "config.ru is there, and no server for it" in str(caught.value)
    assert "puma" in caught.value.tip


def test_a_classic_sinatra_starts_itself(plan: Plan) -> None:
    files = {**gems("sinatra (4.0)"), "config.ru": None, "app.rb": "require 'sinatra'\n"}
    web = plan(files).runtime.workers["web"]
    assert web == 'ruby -rbundler/setup app.rb -o "${BIND_ADDRESS:-0.0.0.0}" -p "$PORT"'


def test_a_script_is_started_if_nothing_else_says_what_is(plan: Plan) -> None:
    files = {**gems("rack (3.0)"), "config.ru": None, "main.rb": "loop { }\n"}
    assert plan(files).runtime.workers == {"web": "ruby -rbundler/setup main.rb"}


def test_nothing_to_start_is_an_error(plan: Plan) -> None:
    with pytest.raises(SourceError) as caught:
        plan({"config.ru": None})
    assert "nothing here says how to start the app" in str(caught.value)


def test_lines_that_are_declared_run_without_a_second_ruby(plan: Plan) -> None:
    procfile = (
        "prerun: bundle exec rake db:migrate\n"
        "web: bundle exec puma\n"
        "cron-tidy: 0 4 * * * bundle exec rake tidy\n"
        "static: public\n"
    )
    found = plan({"Procfile": procfile, "public/a.html": ""})
    assert found.runtime.workers == {
        "web": "puma",
        "cron-tidy": "0 4 * * * rake tidy",
        "static": "public",
    }
    assert found.runtime.before_run == ("rake db:migrate",)


def test_the_recipe_fetches_verifies_and_installs(plan: Plan, on_host: Target) -> None:
    lock = lockfile("puma (6.0)", "rack (3.0)", needs="puma\n  rack")
    lock = lock.replace(f"rack (3.0) sha256={DIGEST}", "rack (3.0)")
    files = {"Gemfile.lock": lock, "vendor/cache/rack-3.0.gem": "a gem"}
    found = plan(files, target=on_host)
    unused: Any = None
    (recipe,) = local_recipes(unused, found)
    assert json.loads(recipe.files["gems.json"])["gems"] == [
        {
            "filename": "puma-6.0.gem",
            "url": "https://index.example/gems/puma-6.0.gem",
            "sha256": DIGEST,
            "path": "gems/puma-6.0.gem",
        },
        {
            "filename": "rack-3.0.gem",
            "source": "vendor/cache/rack-3.0.gem",
            "path": "gems/rack-3.0.gem",
        },
    ]
    scripts = [step.argv[1] for step in recipe.steps if step.argv[0] == "/usr/bin/ruby"]
    assert scripts == ["fetch_gems.rb", "install_gems.rb"]
    assert set(scripts) < recipe.files.keys()
    assert found.runtime.env["GEM_HOME"] == PathRef(layer="deps", path="ruby/3.1.0")
