"""What a deployment does, in what order, and what it says when it does not come up."""

from __future__ import annotations

import errno
import os
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from hop3_nix.deploy.questions import Answer
from hop3_nix.deploy.releases import (
    changes,
    checks,
    convergence,
    deployment,
    ports,
    record,
    retreat,
    warm,
)
from hop3_nix.deploy.releases.layout import Layout
from hop3_nix.deploy.releases.processes import Processes
from hop3_nix.deploy.releases.record import failure, numbers, read_release
from hop3_nix.deploy.releases.status import history, status
from hop3_nix.deploy.services.units import units_of
from hop3_nix.errors import (
    AppDownError,
    ArtifactCorruptError,
    ExitCode,
    Hop3NixError,
    InputError,
    ProxyError,
    ReleaseFailedError,
    RequirementError,
    ServiceError,
    TemporaryError,
    UnavailableError,
)
from hostdouble import WatchDouble
from running import free_port

if TYPE_CHECKING:
    from pathlib import Path

    from hop3_nix.deploy.artifact import Located
    from hostdouble import HostDouble


def broken_web(double: HostDouble) -> Located:
    return double.artifact("bad", workers={"web": "/bin/web broken", "mailer": "/bin/mailer"})


def broken_mailer(double: HostDouble) -> Located:
    return double.artifact("bad", workers={"web": "/bin/web", "mailer": "/bin/mailer broken"})


def steps(double: HostDouble) -> list[str]:
    """Return what was asked of the service manager and the proxy since the last time."""
    data = double.memory.read()
    calls: list[str] = [call.replace("hop3-shop-", "") for call in data["calls"]]
    double.memory.write(data | {"calls": []})
    return calls


def test_the_order_of_a_deployment(double: HostDouble) -> None:
    double.deploy()
    steps(double)
    double.deploy(double.artifact("two", before_run=["/bin/migrate"]))
    assert steps(double) == [
        "install",
        "run",
        "start r2-web-1",
        "stop r1-mailer-1",
        "start r2-mailer-1",
        "apply",
        "enable",
        "apply",
        "remove r1-mailer-1 r1-web-1",
    ]


def test_clients_get_the_new_instances_while_the_old_ones_stand_by(double: HostDouble) -> None:
    double.deploy()
    old = read_release(double.place, 1).ports
    seen: list[Any] = []
    proxy: Any = double.host.proxy
    apply = proxy.apply

    def note(site: Any) -> None:
        seen.append(site)
        apply(site)

    proxy.apply = note
    double.deploy(double.artifact("two"))
    new = read_release(double.place, 2).ports
    assert [(site.ports, site.spare) for site in seen] == [(new, old), (new, ())]
    assert not set(new) & set(old)


def test_a_web_that_does_not_come_up(double: HostDouble) -> None:
    double.deploy()
    with pytest.raises(ReleaseFailedError) as caught:
        double.deploy(broken_web(double))
    assert str(caught.value) == (
        "release 2 of shop did not come up: hop3-shop-r2-web-1 is broken; "
        "release 1 never stopped, and serves"
    )
    assert caught.value.tip == "the end of its log"
    assert caught.value.exit_code == ExitCode.RELEASE_FAILED
    assert double.running() == {"r1-web-1", "r1-mailer-1"}
    assert failure(double.place, 2) == "hop3-shop-r2-web-1 is broken"
    assert "says so" in (double.place.release(2) / "log").read_text()


def test_a_background_worker_that_does_not_come_up(double: HostDouble) -> None:
    double.deploy()
    with pytest.raises(ReleaseFailedError, match="release 1 was started again, and serves"):
        double.deploy(broken_mailer(double))
    assert double.running() == {"r1-web-1", "r1-mailer-1"}


def test_a_first_release_that_does_not_come_up(double: HostDouble) -> None:
    with pytest.raises(AppDownError, match="there was no release before it, and nothing runs"):
        double.deploy(broken_web(double))
    assert double.memory.read()["services"] == {}
    assert status(double.host, double.place).state == "not deployed"
    assert double.deploy().release == 2


def test_a_proxy_that_refuses(double: HostDouble) -> None:
    double.deploy()
    proxy: Any = double.host.proxy
    apply, refusals = proxy.apply, iter([True])

    def refuse(site: Any) -> None:
        if next(refusals, False):
            raise ProxyError("nginx refused it")
        apply(site)

    proxy.apply = refuse
    with pytest.raises(ReleaseFailedError, match="nginx refused it; release 1 was started again"):
        double.deploy(double.artifact("two"))
    assert double.answers()
    assert double.running() == {"r1-web-1", "r1-mailer-1"}


@pytest.mark.parametrize("worker", ["web", "mailer"])
def test_a_release_before_it_that_does_not_come_back_either(
    double: HostDouble, worker: str
) -> None:
    """What clients ask for says whether nothing serves: other workers do not."""
    double.deploy(broken_then_fine := double.artifact("one"))
    services = double.memory.read()
    services["services"][f"hop3-shop-r1-{worker}-1"]["argv"] = ["broken"]
    if worker == "web":
        services["running"] = []
    double.memory.write(services)
    install: Any = double.host.services
    install.install = lambda _services: None
    install.start = lambda _names: None
    kind = AppDownError if worker == "web" else ReleaseFailedError
    with pytest.raises(kind, match="release 1 could not be put right either"):
        double.deploy(replace(broken_then_fine, artifact=broken_mailer(double).artifact))


def test_a_damaged_app_keeps_no_other_from_being_deployed(double: HostDouble) -> None:
    double.deploy(double.artifact("other"), name="other", listen=("8124",))
    other = double.layout.app("other")
    other.current.unlink()
    other.current.symlink_to(other.release(999))
    double.deploy()
    assert double.answers()
    double.deploy(double.artifact("other"), name="other", listen=("8124",))
    assert other.current_number() == 2


def test_no_worker_has_the_name_of_a_service_of_ours(double: HostDouble) -> None:
    workers = {"web": "/bin/web", "-before": "/bin/b", "before": "/bin/c", "-tree": "/bin/d"}
    double.deploy(double.artifact("odd", workers=workers, before_run=["/bin/migrate"]))
    release = read_release(double.place, 1)
    processes = Processes(double.place, release, double.directory)
    names = [service.name for service in processes.everything()]
    assert len(set(names)) == len(names) == 5
    for service in processes.everything():
        assert units_of(service, "system")


def test_before_run_that_fails(double: HostDouble) -> None:
    double.deploy()
    with pytest.raises(ReleaseFailedError, match="before_run ended with status 1: /bin/broken"):
        double.deploy(double.artifact("bad", before_run=["/bin/fine", "/bin/broken", "/bin/never"]))
    assert [argv[-1] for argv in double.memory.read()["ran"]] == ["/bin/fine", "/bin/broken"]
    assert "before_run | ran /bin/fine" in double.said
    assert double.running() == {"r1-web-1", "r1-mailer-1"}


def test_a_full_disk_in_the_middle_leaves_the_one_before_it(
    double: HostDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    double.deploy()
    install: Any = double.host.services
    full = OSError(errno.ENOSPC, "No space left on device")

    def refuse(*_arguments: object, **_options: object) -> None:
        raise full

    def fill(_services: object) -> None:
        del install.install
        monkeypatch.setattr(record, "write_text_atomic", refuse)
        monkeypatch.setattr(retreat, "write_text_atomic", refuse)
        raise full

    install.install = fill
    with pytest.raises(ReleaseFailedError, match=r"the disk is full .*; release 1 never") as caught:
        double.deploy(double.artifact("two"))
    assert "Free some space" in caught.value.tip
    assert double.answers()
    assert double.place.transition.exists()
    monkeypatch.undo()
    monkeypatch.setattr(convergence, "Watch", partial(WatchDouble, double.memory))
    changes.start(double.host, "shop", double.said.append)
    assert failure(double.place, 2) == "interrupted"
    assert double.answers()


def test_an_interrupt_is_undone_and_raised_again(double: HostDouble) -> None:
    double.deploy()
    services: Any = double.host.services
    start = services.start

    def interrupted(names: Any) -> None:
        start(names)
        if names == ("hop3-shop-r2-web-1",):
            raise KeyboardInterrupt

    services.start = interrupted
    with pytest.raises(KeyboardInterrupt):
        double.deploy(double.artifact("two"))
    assert "release 2 was given up; release 1 never stopped, and serves" in double.said
    assert double.running() == {"r1-web-1", "r1-mailer-1"}
    assert not double.place.transition.exists()


@pytest.mark.parametrize(
    ("runtime", "options", "error"),
    [
        ({"required": ["TOKEN"]}, {}, RequirementError),
        ({"required": ["TOKEN"]}, {"environment": {"TOKEN": ""}}, RequirementError),
        ({"working_dir": "/gone"}, {}, ArtifactCorruptError),
        ({}, {"scale": {"wbe": 2}}, InputError),
        ({}, {"scale": {"web": 0, "mailer": 0}}, InputError),
        ({}, {"listen": ("http",)}, InputError),
        ({}, {"listen": ("70000",)}, InputError),
        ({}, {"names": ("no host",)}, InputError),
        ({}, {"limits": {"Memory": "1"}}, InputError),
        ({}, {"limits": {"MemoryMax": "lots"}}, InputError),
        ({}, {"user": "nobody-has-this-name"}, InputError),
        ({}, {"environment": {"TOKEN": "\x1b"}}, InputError),
        ({}, {"health_path": "up"}, InputError),
        ({}, {"environment": {"PORT": "1"}}, InputError),
        ({}, {"environment": {"HOP3_STATE_DIR": "/"}}, InputError),
        ({"workers": {"web": "/w", "cron": "/c"}}, {}, InputError),
        ({}, {"proxy": False, "scale": {"web": 2}}, InputError),
        ({"workers": {"web": "/w", "cron": "* * * * * /c"}}, {"scale": {"cron": 2}}, InputError),
        ({}, {"name": "Shop"}, InputError),
        ({}, {"name": "shop-r2"}, InputError),
        ({}, {"name": "hop3-proxy"}, InputError),
    ],
)
def test_what_is_refused_before_anything_is_touched(
    double: HostDouble, runtime: dict[str, Any], options: dict[str, Any], error: type[Hop3NixError]
) -> None:
    double.deploy()
    before = {path for path in double.layout.root.rglob("*") if path.parent.name != "locks"}
    steps(double)
    with pytest.raises(error) as caught:
        double.deploy(double.artifact("two", **runtime), **{"listen": None, **options})
    assert caught.value.tip
    assert steps(double) == []
    after = {path for path in double.layout.root.rglob("*") if path.parent.name != "locks"}
    assert after == before


def test_only_root_chooses_a_user(double: HostDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(
        InputError, match="only root can deploy an app that runs as daemon"
    ) as error:
        double.deploy(user="daemon")
    assert error.value.tip
    assert not numbers(double.place)


def test_another_user_only_while_the_app_is_stopped(
    double: HostDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    double.deploy(user="daemon")
    with pytest.raises(InputError, match="shop runs as daemon, to whom all that it has") as error:
        double.deploy(user="")
    assert "hop3-nix stop shop" in error.value.tip
    double.deploy(user="daemon")
    changes.stop(double.host, "shop", double.said.append)
    assert double.deploy(user="").release == 3
    with pytest.raises(InputError, match="shop runs as a user of its own, to whom"):
        double.deploy(user="daemon")


def test_what_is_required_may_have_been_set_before(double: HostDouble) -> None:
    changes.configure(double.host, "shop", {"TOKEN": "1"}, (), double.said.append)
    assert double.deploy(double.artifact("two", required=["TOKEN"])).release == 1


def test_two_apps_on_one_address(double: HostDouble) -> None:
    double.deploy()
    with pytest.raises(InputError, match="shop is served on 8123 already"):
        double.deploy(name="blog")
    double.deploy(name="blog", names=("blog.example",))
    with pytest.raises(InputError, match=r"blog is served for blog.example on 8123"):
        double.deploy(name="wiki", names=("blog.example", "wiki.example"))


def test_an_address_that_another_program_has(double: HostDouble) -> None:
    import socket  # noqa: PLC0415 - for this test alone

    with socket.create_server(("", 0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(TemporaryError, match=f"another program listens on {port}"):
            double.deploy(listen=(str(port),))


def test_a_machine_without_a_free_port(double: HostDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "_can_listen", lambda _listen: False)
    with pytest.raises(TemporaryError, match="no port is free from 8000 to 8999") as caught:
        double.deploy(listen=None)
    assert "--listen PORT" in caught.value.tip
    assert not numbers(double.place)
    monkeypatch.undo()
    monkeypatch.setattr(ports, "is_free", lambda _port: False)
    with pytest.raises(AppDownError, match="no port is free from 20000 to 29999") as down:
        double.deploy()
    assert "ss -tlnp" in down.value.tip


def test_a_local_build_of_somebody_else(
    double: HostDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    double.deploy()
    theirs = double.artifact("theirs")
    monkeypatch.setattr(os, "access", lambda path, _mode: path != theirs.location.parents[1])
    with pytest.raises(UnavailableError, match="cannot be marked as deployed") as caught:
        double.deploy(theirs)
    assert "Deploy as its owner" in caught.value.tip
    assert numbers(double.place) == (1,)


def test_each_root_begins_with_other_ports(tmp_path: Path) -> None:
    first = {next(ports.free_ports(Layout(tmp_path / f"root{number}"))) for number in range(20)}
    assert len(first) > 10
    assert all(ports.FIRST <= port <= ports.LAST for port in first)


def test_an_app_without_an_address_gets_one_that_it_keeps(double: HostDouble) -> None:
    first = double.deploy(listen=None)
    other = double.deploy(listen=None, name="blog")
    assert first.listen != other.listen
    assert double.deploy(double.artifact("two"), listen=None).listen == first.listen


def test_without_a_proxy_the_old_one_stops_first(double: HostDouble) -> None:
    port = str(free_port())
    double.deploy(proxy=False, listen=(port,))
    assert read_release(double.place, 1).ports == (int(port),)
    steps(double)
    double.deploy(double.artifact("two"), listen=None)
    assert steps(double) == [
        "install",
        "stop r1-web-1",
        "start r2-web-1",
        "stop r1-mailer-1",
        "start r2-mailer-1",
        "enable",
        "remove r1-mailer-1 r1-web-1",
    ]
    with pytest.raises(ReleaseFailedError, match="release 2 was started again, and serves"):
        double.deploy(broken_web(double), listen=None)
    assert double.running() == {"r2-web-1", "r2-mailer-1"}


def test_from_a_proxy_to_none_and_back(double: HostDouble) -> None:
    double.deploy()
    double.deploy(proxy=False)
    assert double.memory.read()["sites"] == {}
    assert double.running() == {"r2-web-1", "r2-mailer-1"}
    double.deploy(proxy=True)
    assert double.memory.read()["sites"]["shop"]["spare"] == []


def test_an_app_of_files_alone(double: HostDouble) -> None:
    outcome = double.deploy(double.artifact("files", workers={"static": "public"}))
    assert outcome.listen == ("8123",)
    site = double.memory.read()["sites"]["shop"]
    assert site["root"].endswith("/files/public")
    assert double.running() == set()


def test_schedules_are_armed_and_not_waited_for(double: HostDouble) -> None:
    workers = {"web": "/bin/web", "cron": "0 4 * * * /bin/tidy"}
    double.deploy(double.artifact("one", workers=workers))
    assert double.running() == {"r1-web-1", "r1-cron-1"}
    assert read_release(double.place, 1).instances[1].schedule == "0 4 * * *"


def test_the_writable_tree_is_copied_for_a_new_artifact_alone(double: HostDouble) -> None:
    def tree(name: str) -> Located:
        location = str(double.directory / "state/apps/app/releases" / name)
        return double.artifact(name, working_dir=location, writable_tree=location)

    double.deploy(tree("one"))
    changes.restart(double.host, "shop", double.said.append)
    double.deploy(tree("two"))
    copies = [argv[-1] for argv in double.memory.read()["ran"]]
    state = double.directory / "states/shop"
    assert copies == [f"{state}/tree-1", f"{state}/tree-3"]
    changes.gc(double.host, "shop", 1, double.said.append)
    swept = double.memory.read()["ran"][-1]
    assert swept[-1] == f"{state}/tree-1"


def test_settings_outlive_releases_and_are_changed_by_name(double: HostDouble) -> None:
    double.deploy(scale={"web": 2}, limits={"MemoryMax": "1G"}, health_path="/up")
    double.deploy(double.artifact("two"), listen=None, scale={"mailer": 0})
    settings = read_release(double.place, 2).settings
    assert settings.scale == {"web": 2, "mailer": 0}
    assert settings.limits == {"MemoryMax": "1G"}
    assert settings.health_path == "/up"
    double.deploy(double.artifact("three"), listen=None, limits={"MemoryMax": ""})
    assert read_release(double.place, 3).settings.limits == {}


def test_rollback_gives_back_what_the_release_was(double: HostDouble) -> None:
    double.deploy(environment={"TOKEN": "1"}, keep=4)
    double.deploy(double.artifact("two"), keep=5)
    changes.configure(double.host, "shop", {"TOKEN": "2"}, (), double.said.append)
    outcome = changes.rollback(double.host, "shop", None, double.said.append)
    assert (outcome.release, outcome.reason) == (4, "rollback to 1")
    release = read_release(double.place, 4)
    assert release.artifact.build_id == "one"
    assert release.secrets(double.place).read_text() == 'TOKEN="1"\n'
    assert double.place.environment.read_text() == 'TOKEN="1"\n'
    assert release.settings.keep == 4


def test_rollback_to_what_there_is_not(double: HostDouble) -> None:
    double.deploy()
    with pytest.raises(InputError, match="no release of another artifact"):
        changes.rollback(double.host, "shop", None, double.said.append)
    with pytest.raises(InputError, match="has no release 7"):
        changes.rollback(double.host, "shop", 7, double.said.append)
    with pytest.raises(ReleaseFailedError):
        double.deploy(broken_web(double))
    with pytest.raises(InputError, match="release 2 never came up"):
        changes.rollback(double.host, "shop", 2, double.said.append)


def test_variables_stay_as_they_were_if_the_app_does_not_come_up_with_them(
    double: HostDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    double.deploy(environment={"TOKEN": "1"})
    services: Any = double.host.services
    monkeypatch.setattr(services, "start", lambda _names: None)
    with pytest.raises((ReleaseFailedError, AppDownError)):
        changes.configure(double.host, "shop", {"TOKEN": "2"}, (), double.said.append)
    assert double.place.environment.read_text() == 'TOKEN="1"\n'


def test_variables_for_the_next_release(double: HostDouble) -> None:
    double.deploy(environment={"A": "1", "B": "2"})
    kept = changes.configure(double.host, "shop", {}, ["A"], double.said.append, now=False)
    assert kept is None
    assert read_release(double.place, 1).variables == ("A", "B")
    double.deploy(double.artifact("two"))
    assert read_release(double.place, 2).variables == ("B",)
    with pytest.raises(InputError, match="A is not set"):
        changes.configure(double.host, "shop", {}, ["A"], double.said.append)


def test_variables_win_over_what_the_build_set(double: HostDouble) -> None:
    double.deploy(environment={"GREETING": "hi"})
    release = read_release(double.place, 1)
    from hop3_nix.deploy.releases.processes import Processes  # noqa: PLC0415 - for this alone

    service = Processes(double.place, release, double.directory).services()[0]
    assert "GREETING" not in service.env
    assert service.env["PORT"] == str(release.ports[0])
    assert service.env["HOME"] == service.env["HOP3_STATE_DIR"] == str(double.directory)


def test_stopped_is_stopped_until_it_is_started(double: HostDouble) -> None:
    double.deploy()
    changes.stop(double.host, "shop", double.said.append)
    assert double.running() == set()
    assert double.memory.read()["enabled"]["shop"] == []
    assert double.memory.read()["sites"] == {}
    assert status(double.host, double.place).state == "stopped"
    changes.stop(double.host, "shop", double.said.append)
    changes.start(double.host, "shop", double.said.append)
    assert status(double.host, double.place).state == "running"
    assert double.answers()


def test_a_failed_deployment_of_a_stopped_app_leaves_it_stopped(double: HostDouble) -> None:
    double.deploy()
    changes.stop(double.host, "shop", double.said.append)
    with pytest.raises(AppDownError, match="release 1 is stopped, as it was"):
        double.deploy(broken_web(double))
    assert double.running() == set()
    assert double.deploy(double.artifact("two")).release == 3
    assert double.answers()


def test_start_of_what_does_not_come_up(double: HostDouble) -> None:
    double.deploy()
    changes.stop(double.host, "shop", double.said.append)
    services: Any = double.host.services
    services.start = lambda _names: None
    with pytest.raises(AppDownError, match=r"does not come up: .* it is stopped again"):
        changes.start(double.host, "shop", double.said.append)
    assert double.place.stopped.exists()


def test_old_releases_go_and_the_numbers_do_not_come_back(double: HostDouble) -> None:
    for name in ("one", "two", "three", "four"):
        double.deploy(double.artifact(name), keep=2)
    assert numbers(double.place) == (3, 4)
    kept = double.directory / "state/apps/app/kept-by"
    assert not list((kept / "one").iterdir())
    assert list((kept / "four").iterdir())
    assert not list((double.directory / "state/apps/app/releases").glob("*/kept-by"))
    changes.restart(double.host, "shop", double.said.append)
    assert [one.release for one in history(double.place)] == [5, 3]
    with pytest.raises(ReleaseFailedError):
        double.deploy(broken_web(double))
    changes.gc(double.host, "shop", 1, double.said.append)
    assert numbers(double.place) == (5, 6)
    assert double.deploy(double.artifact("seven")).release == 7


def test_destroy_keeps_what_the_app_has_written(double: HostDouble) -> None:
    double.deploy()
    state = double.directory / "states/shop"
    state.mkdir(parents=True)
    assert changes.destroy(double.host, "shop", double.said.append, data=False) == state
    assert state.exists()
    assert not double.place.exists()
    assert double.memory.read()["services"] == {}
    changes.destroy(double.host, "shop", double.said.append, data=True)
    assert not state.exists()


@pytest.mark.parametrize(
    ("file", "text"),
    [("transition.json", "{"), ("releases/1/release.json", "{}"), ("environment", "A='")],
)
def test_a_damaged_file_is_told_as_one(double: HostDouble, file: str, text: str) -> None:
    double.deploy()
    (double.place.directory / file).write_text(text)
    with pytest.raises(ArtifactCorruptError) as caught:
        double.deploy(double.artifact("two"))
    assert str(double.place.directory / file) in str(caught.value)
    assert caught.value.tip
    assert double.answers()


def test_a_damaged_app_keeps_nobody_else_from_deploying(double: HostDouble) -> None:
    double.deploy()
    (double.place.release(1) / "release.json").write_text("{}")
    assert double.deploy(name="blog", listen=("8124",)).release == 1
    changes.destroy(double.host, "shop", double.said.append, data=True)
    assert double.layout.apps() == ("blog",)


def test_what_a_cut_write_has_left_goes_with_the_next_command(double: HostDouble) -> None:
    double.deploy()
    left = double.place.directory / ".current.123"
    left.symlink_to("releases/1")
    double.place.transition.write_text('{"kind": "release", "release": 2, "replaces": 1}')
    changes.start(double.host, "shop", double.said.append)
    assert not left.is_symlink()
    assert double.answers()


def test_what_cannot_be_put_away_is_put_away_by_the_next_command(double: HostDouble) -> None:
    double.deploy()
    services: Any = double.host.services
    remove, refusals = services.remove, iter([True])

    def refuse(names: Any) -> None:
        if next(refusals, False):
            raise ServiceError("busy")
        remove(names)

    services.remove = refuse
    with pytest.raises(
        ServiceError, match="release 2 serves, but what it replaced is not put away"
    ):
        double.deploy(double.artifact("two"))
    assert double.answers()
    changes.start(double.host, "shop", double.said.append)
    assert double.running() == {"r2-web-1", "r2-mailer-1"}


def test_a_release_that_had_committed_but_does_not_come_up_after_a_boot(
    double: HostDouble,
) -> None:
    double.deploy()
    two = double.deploy(double.artifact("two"), keep=9)
    double.place.transition.write_text('{"kind": "release", "release": 2, "replaces": 1}')
    data = double.memory.read()
    double.memory.write(data | {"running": []})
    services: Any = double.host.services
    install = services.install

    def spoil(told: Any) -> None:
        install(told)
        known = double.memory.read()
        for name, one in known["services"].items():
            if "-r2-" in name:
                one["argv"] = ["broken"]
        double.memory.write(known)

    services.install = spoil
    changes.start(double.host, "shop", double.said.append)
    assert two.release == 2
    assert double.place.current_number() == 1
    assert double.running() == {"r1-web-1", "r1-mailer-1"}
    assert double.answers()


def test_the_old_release_takes_over_again_if_the_new_one_fails_soon(
    double: HostDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    double.deploy(environment={"TOKEN": "1"})
    monkeypatch.setattr(warm, "Question", AnsweredWell)
    memory = double.memory.read()
    double.memory.write(memory | {"answers": [200, 502, 502, 503]})
    with pytest.raises(ReleaseFailedError, match=r"3 of 4 requests .* with 503 .*; release 1 was"):
        double.deploy(double.artifact("two"), warm=5, environment={"TOKEN": "2"})
    assert double.place.current_number() == 1
    assert failure(double.place, 2).startswith("3 of 4 requests")
    assert double.place.environment.read_text() == 'TOKEN="1"\n'
    assert double.running() == {"r1-web-1", "r1-mailer-1"}
    assert double.answers()
    assert not double.place.transition.exists()


def test_some_errors_are_no_reason_to_go_back(
    double: HostDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    double.deploy()
    monkeypatch.setattr(warm, "Question", AnsweredWell)
    memory = double.memory.read()
    double.memory.write(memory | {"answers": [200, 200, 500, 404, 200, 500, 500]})
    double.deploy(double.artifact("two"), warm=0.5)
    assert double.place.current_number() == 2


def test_an_interrupt_while_the_old_one_is_warm_gives_back(
    double: HostDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    double.deploy()

    def interrupt(*_arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(deployment, "keep_warm", interrupt)
    with pytest.raises(KeyboardInterrupt):
        double.deploy(double.artifact("two"), warm=5)
    assert double.place.current_number() == 1
    assert double.answers()


class AnsweredWell:
    """A question that was answered."""

    def __init__(self, *_arguments: object) -> None:
        self.answer = Answer()

    def is_alive(self) -> bool:
        return False


def test_a_proxy_that_does_not_run_is_told_of(
    double: HostDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    double.deploy()
    assert (status(double.host, double.place).proxy, status(double.host, double.place).state) == (
        "running",
        "running",
    )
    monkeypatch.setattr(double.host.proxy, "state", lambda: "stopped")
    told = status(double.host, double.place)
    assert (told.proxy, told.state) == ("stopped", "degraded")
