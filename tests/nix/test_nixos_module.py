"""The NixOS module: what it makes of a configuration, by its own little module system and the real.

No package here is built, and none could be: all that is known of one is in its expression.
"""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any, cast

import pytest

from conftest import ROOT
from hop3_nix.deploy.services.base import Service
from hop3_nix.deploy.services.units import STATE_ROOT, settings_of, state_name, user_name
from nixos import BARE, VARIABLE, Evaluated, System, module, nix_json, nixpkgs

if TYPE_CHECKING:
    from collections.abc import Mapping

needs_nixpkgs = pytest.mark.skipif(
    nixpkgs() is None, reason=f"{VARIABLE} names no checkout of nixpkgs"
)

SHOP = f"""({BARE} // {{
  runtime = {{
    workers = {{
      web = "gunicorn shop";
      mailer = "python mailer.py";
      cron-tidy = "30 4 * * 1-5 python tidy.py";
      static = "public";
    }};
    calendars.cron-tidy = [ "Mon,Tue,Wed,Thu,Fri *-*-* 04:30:00" ];
    files = [ "static" ];
    env = {{ GREETING = "hello"; PYTHONPATH = [ "/app/src" ]; }};
    defaults = [ "GREETING" ];
    working_dir = "/nix/store/tree/app";
    static_paths = {{ "/static" = "staticfiles"; "/media/" = "/nix/store/media"; }};
    healthcheck_path = "/health";
    healthcheck_timeout = 20;
  }};
}})"""


CALENDARS = ["Mon,Tue,Wed,Thu,Fri *-*-* 04:30:00"]


def of_shop(more: str = "", runtime: str = "") -> str:
    package = f"{SHOP} // {{ runtime = {SHOP}.runtime // {{ {runtime} }}; }}"
    return f"{{ shop = {{ package = {package}; port = 8000; {more} }}; }}"


@pytest.fixture(params=["own", pytest.param("nixpkgs", marks=needs_nixpkgs)])
def system(request: pytest.FixtureRequest) -> System:
    return cast("System", request.param)


def settings(found: Evaluated, name: str) -> Mapping[str, Any]:
    service: Mapping[str, Any] = found.services[name]["serviceConfig"]
    return service


def test_each_worker_of_the_artifact_is_a_unit(system: System) -> None:
    found = module(of_shop(), system=system)
    assert sorted(found.services) == [
        *("hop3-shop-cron-tidy-1", "hop3-shop-mailer-1", "hop3-shop-web-1"),
    ]
    assert found.problems == ()
    started = settings(found, "hop3-shop-mailer-1")["ExecStart"]
    assert started.startswith(":/nix/store/")
    assert started.endswith("-bash/bin/mailer")
    wanted = {name: unit.get("wantedBy") for name, unit in found.services.items()}
    assert wanted["hop3-shop-web-1"] == ["multi-user.target"]
    assert wanted["hop3-shop-cron-tidy-1"] is None


def test_what_it_writes_to_in_its_tree_is_copied_once_and_mounted(system: System) -> None:
    found = module(of_shop("beforeRun = true;", 'writable = [ "data" "up/100%" ];'), system=system)
    copying = "hop3-shop-writable"
    state = '"/var/lib/hop3/state/shop/writable'
    for name in set(found.services) - {copying}:
        one, two = settings(found, name)["BindPaths"]
        assert one.startswith(f'{state}/data":"/nix/store/')
        assert one.endswith('/app/data"')
        assert two.startswith(f'{state}/up/100%%":"/nix/store/')
        assert f"{copying}.service" in found.services[name]["requires"]
        assert f"{copying}.service" in found.services[name]["after"]
    assert "BindPaths" not in settings(found, copying)
    assert "copy_writable.sh" in settings(found, copying)["ExecStart"]


def test_the_text_of_a_healthy_page_is_waited_for(system: System) -> None:
    found = module(of_shop("", 'healthcheck_contains = "100% up";'), system=system)
    asked = settings(found, "hop3-shop-web-1")["ExecStartPost"]
    assert asked.endswith(' 20 http "/health" "100%% up"')
    found = module(of_shop('healthCheck.path = null; healthCheck.contains = "up";'), system=system)
    asked = settings(found, "hop3-shop-web-1")["ExecStartPost"]
    assert asked.endswith(' 20 http "/" "up"')


def test_a_schedule_is_a_timer(system: System) -> None:
    found = module(of_shop(), system=system)
    assert sorted(found.timers) == ["hop3-shop-cron-tidy-1"]
    assert found.timers["hop3-shop-cron-tidy-1"]["timerConfig"]["OnCalendar"] == CALENDARS
    assert "Restart" not in settings(found, "hop3-shop-cron-tidy-1")


def test_a_package_that_says_nothing_has_the_workers_that_are_named(system: System) -> None:
    workers = 'workers = { web.instances = 1; daily.startAt = [ "daily" ]; };'
    found = module(f"{{ own = {{ package = {BARE}; port = 8000; {workers} }}; }}", system=system)
    assert sorted(found.services) == ["hop3-own-daily-1", "hop3-own-web-1"]
    assert sorted(found.timers) == ["hop3-own-daily-1"]
    assert found.problems == ()


def test_each_instance_has_a_port_of_its_own(system: System) -> None:
    workers = "workers.web.instances = 2; workers.mailer = { instances = 2; port = 9000; };"
    found = module(of_shop(workers), system=system)
    ports = {name: unit["environment"].get("PORT") for name, unit in found.services.items()}
    assert ports == {
        "hop3-shop-cron-tidy-1": None,
        "hop3-shop-mailer-1": "9000",
        "hop3-shop-mailer-2": "9001",
        "hop3-shop-web-1": "8000",
        "hop3-shop-web-2": "8001",
    }


def test_none_of_a_worker_is_none(system: System) -> None:
    found = module(of_shop("workers.mailer.instances = 0;"), system=system)
    assert "hop3-shop-mailer-1" not in found.services


def test_what_comes_before_the_workers_is_a_unit_that_they_need(system: System) -> None:
    found = module(of_shop(runtime='before_run = [ "migrate" ];'), system=system)
    before = "hop3-shop-before-run"
    assert settings(found, before)["Type"] == "oneshot"
    assert settings(found, before)["ExecStart"].endswith("/hop3/before-run")
    web = found.services["hop3-shop-web-1"]
    assert web["requires"] == [f"{before}.service"]
    assert f"{before}.service" in web["after"]
    assert "hop3-shop-before-run" not in module(of_shop(), system=system).services


def test_variables_are_those_of_the_configuration(system: System) -> None:
    more = (
        'environment.GREETING = "100% \\"quoted\\"\\n"; environmentFiles = [ "/run/a" "/run/b" ];'
    )
    found = module(of_shop(more), system=system)
    environment = found.services["hop3-shop-web-1"]["environment"]
    assert environment == {
        "GREETING": '100%% "quoted"\n',
        "HOME": "/var/lib/hop3/state/shop",
        "HOP3_STATE_DIR": "/var/lib/hop3/state/shop",
        "PORT": "8000",
    }
    assert settings(found, "hop3-shop-web-1")["EnvironmentFile"] == ["/run/a", "/run/b"]


def test_extra_settings_replace_those_of_the_module(system: System) -> None:
    more = 'workers.web.extraConfig = { MemoryMax = "1G"; PrivateTmp = false; };'
    web = settings(module(of_shop(more), system=system), "hop3-shop-web-1")
    assert web["MemoryMax"] == "1G"
    assert web["PrivateTmp"] is False


@pytest.mark.parametrize("name", ["shop", "my-shop", "a-name-that-is-far-too-long-for-users"])
@pytest.mark.parametrize("user", ["", "ann"])
@pytest.mark.parametrize("port", [80, 8000])
def test_a_process_may_do_what_one_of_deploy_may(name: str, user: str, port: int) -> None:
    user_option = f'user = "{user}";' if user else ""
    app = f"{{ package = {SHOP}; port = {port}; {user_option} }}"
    found = settings(module(f'{{ "{name}" = {app}; }}'), f"hop3-{name}-web-1")
    service = Service(
        app=name,
        name=f"hop3-{name}-web-1",
        description="",
        argv=("/bin/true",),
        env={},
        directory="/",
        state=STATE_ROOT / state_name(name),
        user=user,
        port=port,
    )
    deployed = dict(settings_of(service, "system"))
    assert {key: found[key] for key in deployed} == deployed
    more = {"Type", "ExecStart", "ExecStartPost", "TimeoutStartSec", "Restart", "RestartSec"}
    assert set(found) - set(deployed) == more
    assert found["User"] == (user or user_name(name))


def test_the_health_check_is_that_of_the_artifact(system: System) -> None:
    def check(more: str) -> str:
        web = settings(module(of_shop(more), system=system), "hop3-shop-web-1")
        return str(web.get("ExecStartPost", "")).partition("ask.sh ")[2]

    assert check("") == '20 http "/health"'
    assert check('healthCheck = { path = "/100%"; timeout = 5; };') == '5 http "/100%%"'
    assert check("healthCheck.path = null;") == "20 http"
    assert check("healthCheck.enable = false;") == ""
    assert check('protocol = "fastcgi"; healthCheck.path = null;') == "20 fastcgi"


def test_nginx_serves_files_and_passes_on_the_rest(system: System) -> None:
    more = 'workers.web.instances = 2; virtualHost.hostName = "shop.example.org";'
    found = module(of_shop(more), system=system)
    assert found.nginx["enable"] is True
    servers = found.nginx["upstreams"]["hop3-shop"]["servers"]
    assert sorted(servers) == ["127.0.0.1:8000", "127.0.0.1:8001"]
    locations = found.nginx["virtualHosts"]["shop.example.org"]["locations"]
    assert locations["/"]["proxyPass"] == "http://hop3-shop"
    aliases = {name: place["alias"] for name, place in locations.items() if "alias" in place}
    assert aliases == {
        "^~ /media/": "/nix/store/media/",
        "^~ /static/": "/nix/store/tree/app/staticfiles/",
    }
    assert found.caddy == {}


def test_caddy_does_so_too(system: System) -> None:
    more = 'virtualHost = { hostName = "shop.example.org"; server = "caddy"; };'
    found = module(of_shop(more), system=system)
    assert found.nginx == {}
    assert found.caddy["virtualHosts"]["shop.example.org"]["extraConfig"].splitlines() == [
        "handle_path /media/* {",
        "  root * /nix/store/media",
        "  file_server",
        "}",
        "handle_path /static/* {",
        "  root * /nix/store/tree/app/staticfiles",
        "  file_server",
        "}",
        "handle {",
        "  reverse_proxy 127.0.0.1:8000",
        "}",
    ]


BARE_WEB = f"{{ own = {{ package = {BARE}; %s }}; }}"
TWO = f"{{ one = {{ package = {SHOP}; port = 8000; }}; two = {{ package = {SHOP}; %s }}; }}"


@pytest.mark.parametrize(
    ("apps", "problem"),
    [
        (BARE_WEB % "port = 8000;", "runs nothing: name its workers"),
        (BARE_WEB % "workers.web = { };", "the worker web needs a port"),
        (BARE_WEB % 'workers."a b" = { };', "no unit can be called a b"),
        (
            of_shop("workers.wbe = { };"),
            "workers.wbe: the artifact's workers are cron-tidy, mailer",
        ),
        (of_shop(runtime='required = [ "KEY" ];'), "cannot run without KEY"),
        (of_shop('environment.PYTHONPATH = "/x";'), "the application itself sets PYTHONPATH"),
        (of_shop('environment.PORT = "1";'), "PORT follows from"),
        (of_shop('environment."A-B" = "1";'), "systemd passes no variable called A-B"),
        (
            of_shop("environment.GREETING = builtins.fromJSON ''\"a\\u0001\"'';"),
            "GREETING holds a control character",
        ),
        (of_shop(runtime='writable_tree = "/app";'), "writes all over its tree"),
        (
            BARE_WEB % 'workers.x = { }; virtualHost.hostName = "a.example";',
            "there is no worker web that could answer",
        ),
        (
            of_shop('protocol = "fastcgi"; virtualHost.hostName = "a.example";'),
            "it speaks fastcgi",
        ),
        (
            of_shop('virtualHost.hostName = "a.example";', 'static_paths."/a b" = "c";'),
            "the static paths /a b have characters",
        ),
        (TWO % "port = 8000;", "port 8000 is that of one.web and two.web"),
        (f"{{ Up = {{ package = {SHOP}; port = 8000; }}; }}", "no app can be called so"),
    ],
)
def test_what_cannot_run_is_said(system: System, apps: str, problem: str) -> None:
    (said,) = [text for text in module(apps, system=system).problems if problem in text]
    assert said.startswith("services.hop3.apps")


def test_a_required_variable_may_be_in_a_file(system: System) -> None:
    apps = of_shop('environmentFiles = [ "/run/secrets/shop" ];', 'required = [ "KEY" ];')
    assert module(apps, system=system).problems == ()


@needs_nixpkgs
@pytest.mark.parametrize(
    ("more", "says"),
    [
        ("port = 70000;", "port"),
        ('healthCheck.path = "no slash";', "healthCheck.path"),
        ('virtualHost.hostName = "a b";', "virtualHost.hostName"),
        ("workers.web.instances = -1;", "workers.web.instances"),
        ("unknown = 1;", "unknown"),
    ],
)
def test_values_of_other_types_are_refused(more: str, says: str) -> None:
    with pytest.raises(subprocess.CalledProcessError) as caught:
        module(
            f"{{ shop = {{ package = {SHOP}; workers.web.port = 1; {more} }}; }}", system="nixpkgs"
        )
    assert f"services.hop3.apps.shop.{says}' " in caught.value.stderr


# --- the two module systems, and NixOS itself


@needs_nixpkgs
@pytest.mark.parametrize(
    "apps",
    [
        of_shop(),
        of_shop("workers.web.instances = 3;"),
        of_shop('user = "ann"; virtualHost.hostName = "a.example";', 'before_run = [ "x" ];'),
        TWO % "port = 8001; workers.mailer.instances = 0;",
    ],
)
def test_the_little_module_system_agrees_with_the_real_one(apps: str) -> None:
    assert module(apps, system="own") == module(apps, system="nixpkgs")


@pytest.mark.skipif(
    not (nixpkgs() and (nixpkgs() / "nixos/lib/eval-config.nix").exists()),  # type: ignore[operator]
    reason=f"{VARIABLE} names no checkout of nixpkgs with nixos/",
)
def test_nixos_writes_the_units_as_the_tests_take_them() -> None:
    texts = nix_json(
        f"""let
          system = import {nixpkgs()}/nixos/lib/eval-config.nix {{
            system = "x86_64-linux";
            modules = [ {ROOT}/nix/module.nix {{ services.hop3.apps = {of_shop()}; }} ];
          }};
        in builtins.mapAttrs (name: _: system.config.systemd.units.${{name}}.text) {{
          "hop3-shop-web-1.service" = 1; "hop3-shop-cron-tidy-1.timer" = 1;
        }}"""
    )
    ours = module(of_shop()).files()
    # NixOS adds what it gives to every service, PATH for one.
    for name, text in texts.items():
        lines = {line for line in ours[name].splitlines() if line and "wait_until" not in line}
        assert lines <= set(text.splitlines())
