"""The jobs for CI services: they fit the services' schemas, and their commands do what they say.

The services themselves are not there. `Service` does with a file what its service would: it takes
the commands for a push to a branch, and has the service's shell run them.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pytest
import yaml

from conftest import COMMAND, ROOT
from hop3_nix.nix.commands import NixSettings
from hop3_nix.packagesets.debian import DebianSet
from host import Host, why_not

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from conftest import Cli

PLACES: Final = {
    "forgejo": ".forgejo/workflows/hop3.yml",
    "github": ".github/workflows/hop3.yml",
    "gitlab": ".gitlab-ci.yml",
    "woodpecker": ".woodpecker/hop3.yml",
}

SCHEMAS: Final = {
    "forgejo": ("vendor.github-workflows",),
    "github": ("vendor.github-workflows",),
    "gitlab": ("vendor.gitlab-ci", "--data-transform", "gitlab-ci"),
    "woodpecker": ("vendor.woodpecker-ci",),
}

PROGRAMS: Final = "ca-certificates curl git nix-bin openssh-client python3-venv"
PACKAGES: Final = [
    "apt-get update -qq",
    f"apt-get install -qq --no-install-recommends {PROGRAMS}",
]
OF_GROUP: Final = "--system --gid nixbld --groups nixbld --no-create-home"
USERS: Final = [
    "groupadd --system nixbld",
    f"for n in $(seq 8); do useradd {OF_GROUP} nixbld$n; done",
]
FETCHED: Final = [
    'wheel=/tmp/$(basename "$HOP3_NIX_WHEEL")',
    'curl -fsSL -o "$wheel" "$HOP3_NIX_WHEEL"',
    'echo "$HOP3_NIX_SHA256  $wheel" | sha256sum --check',
]
NEEDED: Final = [
    'python3 -m zipfile -e "$wheel" /tmp/hop3-nix',
    "files=/tmp/hop3-nix/hop3_nix/data/templates/ci",
    "python3 -m venv /opt/hop3-nix",
]
INSTALLED: Final = [
    (
        "/opt/hop3-nix/bin/pip install --quiet --require-hashes --only-binary :all: "
        '-r "$files/requirements.txt"'
    ),
    '/opt/hop3-nix/bin/pip install --quiet --no-deps "$wheel"',
    "ln -s /opt/hop3-nix/bin/hop3-nix /usr/local/bin/",
]
PINNED: Final = [*FETCHED, *NEEDED, *INSTALLED]
CHECKOUT: Final = "actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683"

IN_ONE_SCRIPT: Final = "\n".join(
    [
        *PACKAGES,
        "# The users that Nix builds as, which Debian's package comes without.",
        *USERS,
        *FETCHED,
        *NEEDED,
        "# What it needs is taken by the digests that the wheel brings, then the wheel alone.",
        *INSTALLED,
        "",
    ]
)
INSTALLING: Final = {
    "forgejo": [f"uses: https://data.forgejo.org/{CHECKOUT}", IN_ONE_SCRIPT],
    "github": [f"uses: {CHECKOUT}", IN_ONE_SCRIPT],
    "gitlab": [*PACKAGES, *USERS, *PINNED],
    "woodpecker": [*PACKAGES, *USERS, *PINNED],
}
"""What is not run here, where all of this is installed: the beginning of each job."""

NOT_SECRET: Final = {"HOP3_NIX_WHEEL", "HOP3_NIX_SHA256", "HOP3_CACHE", "HOP3_HOST"}
ON_DEFAULT: Final = (
    "github.event_name == 'push' && github.ref_name == github.event.repository.default_branch"
)
GITLAB_GUARD: Final = 'test "$CI_COMMIT_BRANCH" = "$CI_DEFAULT_BRANCH" || exit 0'
RELEASES: Final = 'CI_PIPELINE_EVENT == "push" && CI_COMMIT_BRANCH == CI_REPO_DEFAULT_BRANCH'
OTHERS: Final = 'CI_PIPELINE_EVENT != "push" || CI_COMMIT_BRANCH != CI_REPO_DEFAULT_BRANCH'


@dataclass(frozen=True)
class Script:
    """What one shell runs, and the variables that the file gives it."""

    commands: Sequence[str]
    env: Mapping[str, str]


@dataclass(frozen=True)
class Service:
    """A CI service with its file; settings are what a user has set in the service."""

    name: str

    @property
    def file(self) -> dict[str, Any]:
        found: dict[str, Any] = yaml.safe_load(
            (ROOT / "templates/ci" / f"{self.name}.yml").read_text()
        )
        return found

    def scripts(self, settings: Mapping[str, str], *, default: bool) -> list[Script]:
        """Return what is run for a push, to the default branch or to another one."""
        match self.name:
            case "gitlab":
                job = self.file["app"]
                branch = {"CI_DEFAULT_BRANCH": "main", "CI_COMMIT_BRANCH": branch_name(default)}
                env = {**settings, **branch}
                return [Script([*job["before_script"], *job["script"]], env)]
            case "woodpecker":
                (step,) = (
                    step
                    for step in self.file["steps"]
                    if step["when"] == [{"evaluate": RELEASES if default else OTHERS}]
                )
                return [Script(step["commands"], woodpecker_environment(step, settings))]
            case _:
                job = self.file["jobs"]["app"]
                return [
                    Script(
                        [step.get("run") or f"uses: {step['uses']}"],
                        {
                            name: actions_value(value, settings)
                            for name, value in {**job.get("env", {}), **step.get("env", {})}.items()
                        },
                    )
                    for step in job["steps"]
                    if default or step.get("if") != ON_DEFAULT
                ]

    def after_installation(self, settings: Mapping[str, str], *, default: bool) -> list[Script]:
        """Return what is run once Nix and hop3-nix are there; what comes before is as it was."""
        installing = list(INSTALLING[self.name])
        scripts = []
        for script in self.scripts(settings, default=default):
            commands = list(script.commands)
            while installing and commands:
                assert commands.pop(0) == installing.pop(0)
            if commands:
                scripts.append(Script(commands, script.env))
        assert not installing
        return scripts

    def run(
        self, clone: Path, settings: Mapping[str, str], *, default: bool, status: int = 0
    ) -> str:
        """Run the job in ``clone`` as the service would, and return what it printed.

        What it returns has to be ``status``.
        """
        printed = []
        for script in self.after_installation(settings, default=default):
            done = subprocess.run(
                [*SHELLS[self.name], "\n".join(script.commands)],
                cwd=clone,
                env=environment(script.env),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
            printed.append(done.stdout)
            if done.returncode:
                break
        assert done.returncode == status, "".join(printed)
        return "".join(printed)


SHELLS: Final = {
    "forgejo": ("bash", "-e", "-c"),
    # In a container it is sh there.
    "github": ("sh", "-e", "-c"),
    "gitlab": ("bash", "-eo", "pipefail", "-c"),
    "woodpecker": ("sh", "-e", "-c"),
}
SERVICES: Final = [Service(name) for name in sorted(PLACES)]
services = pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)


def branch_name(default: bool) -> str:  # noqa: FBT001 - there are two
    return "main" if default else "topic"


def actions_value(text: str, settings: Mapping[str, str]) -> str:
    """Return what ``text`` becomes in GitHub's and in Forgejo's Actions."""
    if not text.startswith("${{"):
        return text
    kind, _, name = text.removeprefix("${{").removesuffix("}}").strip().partition(".")
    assert kind == ("vars" if name in NOT_SECRET else "secrets")
    return settings.get(name, "")


def woodpecker_environment(step: Mapping[str, Any], settings: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of ``step``; those that are empty are for the user to write."""
    env = {}
    for name, value in step["environment"].items():
        if isinstance(value, dict):
            assert value["from_secret"].upper() == name
        env[name] = settings.get(name, "") if isinstance(value, dict) or not value else value
    return env


def environment(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a job: this one, hop3-nix on PATH, and ``variables``."""
    path = f"{COMMAND.parent}:{os.environ['PATH']}"
    return {**os.environ, "PATH": path, **variables}


@services
def test_the_file_fits_the_schema_of_its_service(service: Service) -> None:
    schema = ["check-jsonschema", "--builtin-schema", *SCHEMAS[service.name]]
    file = ROOT / "templates/ci" / f"{service.name}.yml"
    done = subprocess.run(
        [str(COMMAND.with_name(schema[0])), *schema[1:], str(file)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@services
@pytest.mark.parametrize("default", [True, False], ids=branch_name)
def test_all_services_run_the_same_commands(service: Service, *, default: bool) -> None:
    expected = commands_of(Service("github"), default=default)
    assert len(expected) == (5 if default else 3)
    found = commands_of(service, default=default)
    if service.name == "gitlab":
        # It has no condition for a part of a job, and ends there on another branch.
        assert found.pop(3) == GITLAB_GUARD
        del found[len(expected) :]
    assert found == expected


def commands_of(service: Service, *, default: bool) -> list[str]:
    scripts = service.after_installation({}, default=default)
    return [command.strip() for script in scripts for command in script.commands]


def test_woodpecker_has_nothing_to_put_in_the_place_of_a_variable() -> None:
    # It would do so before the shell, with what it knows alone, unless there are two signs.
    text = (ROOT / "templates/ci/woodpecker.yml").read_text()
    assert "${" not in text.replace("$${", "")


# --- the commands, run


@services
@pytest.mark.parametrize(("of", "status"), [(b"the wheel", 0), (b"another", 1)])
def test_the_job_goes_on_with_the_wheel_of_that_digest_alone(
    service: Service, of: bytes, status: int, tmp_path: Path
) -> None:
    wheel = tmp_path / f"hop3_nix-{os.getpid()}-{service.name}.whl"
    wheel.write_bytes(b"the wheel")
    settings = {
        "HOP3_NIX_WHEEL": wheel.as_uri(),
        "HOP3_NIX_SHA256": hashlib.sha256(of).hexdigest(),
    }
    commands = ["trap 'rm \"$wheel\"' EXIT", *FETCHED, "echo goes on"]
    done = subprocess.run(
        [*SHELLS[service.name], "\n".join(commands)],
        env=environment(settings),
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert done.returncode == status
    assert ("goes on" in done.stdout) == (status == 0)


def made_wheel(path: Path, name: str, files: Mapping[str, str], requires: str = "") -> str:
    """Write a wheel, and return its digest."""
    about = f"{name}-1.0.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n{requires}"
    contents = {
        **files,
        f"{about}/METADATA": metadata,
        f"{about}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{about}/RECORD": "",
    }
    with zipfile.ZipFile(path, "w") as archive:
        for file, text in contents.items():
            archive.writestr(file, text)
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("shell", "served"),
    [("github", "what is pinned"), ("gitlab", "another file of that name")],
)
def test_the_job_installs_what_the_wheel_pins_and_nothing_else(
    shell: str, served: str, tmp_path: Path
) -> None:
    index = tmp_path / "index"
    index.mkdir()
    pinned = made_wheel(index / "needed-1.0-py3-none-any.whl", "needed", {"needed.py": ""})
    if served != "what is pinned":
        made_wheel(index / "needed-1.0-py3-none-any.whl", "needed", {"needed.py": "bad = 1"})
    # Something that it says it requires, and that anybody may have put into the index.
    made_wheel(index / "loose-1.0-py3-none-any.whl", "loose", {"loose.py": ""})
    wheel = tmp_path / "hop3_nix-1.0-py3-none-any.whl"
    files = {
        "hop3_nix/data/templates/ci/requirements.txt": f"needed==1.0 --hash=sha256:{pinned}\n",
        "hop3_nix_cli.py": "import needed\n\ndef main():\n    print('it runs')\n",
        "hop3_nix-1.0.dist-info/entry_points.txt": "[console_scripts]\n"
        "hop3-nix = hop3_nix_cli:main\n",
    }
    digest = made_wheel(wheel, "hop3_nix", files, "Requires-Dist: needed\nRequires-Dist: loose\n")
    for name in ("bin", "fetched"):
        (tmp_path / name).mkdir()
    script = "\n".join([*PINNED, "hop3-nix", "/opt/hop3-nix/bin/pip list --format freeze"])
    script = script.replace("/tmp/", f"{tmp_path}/fetched/")
    script = script.replace("/opt/", f"{tmp_path}/").replace("/usr/local/bin", f"{tmp_path}/bin")
    done = subprocess.run(
        [*SHELLS[shell], script],
        env={
            **os.environ,
            "PATH": f"{tmp_path}/bin:{os.environ['PATH']}",
            "HOP3_NIX_WHEEL": wheel.as_uri(),
            "HOP3_NIX_SHA256": digest,
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(index),
            "PIP_CONFIG_FILE": os.devnull,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if served == "what is pinned":
        assert done.returncode == 0, done.stderr
        assert "it runs\n" in done.stdout
        assert "needed==1.0" in done.stdout
        assert "loose" not in done.stdout
    else:
        assert done.returncode != 0
        assert "THESE PACKAGES DO NOT MATCH THE HASHES" in done.stderr
        assert "it runs" not in done.stdout


def test_the_digests_for_ci_are_those_that_hop3_nix_is_built_with() -> None:
    lock = json.loads((ROOT / "nix/package.lock").read_text())
    expected = [
        f"{package['name']}=={package['version']} --hash=sha256:{digest}"
        for package in lock["packages"]
        for digest in package["sha256"]
    ]
    assert (ROOT / "templates/ci/requirements.txt").read_text().splitlines() == expected


@dataclass(frozen=True)
class Place:
    """A repository whose default branch goes to a host, and what its users have set for that."""

    repository: Path
    host: Host
    settings: Mapping[str, str]
    scratch: Path
    """The directory for temporary files."""

    def clone(self, name: str) -> Path:
        clone = self.repository.with_name(name)
        subprocess.run(["git", "clone", "--quiet", self.repository, clone], check=True)
        return clone

    def settings_for(self, cache: Path) -> dict[str, str]:
        return {**self.settings, "HOP3_CACHE": f"file://{cache}"}


@pytest.fixture(scope="module")
def place(cli: Cli, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    if why_not():
        pytest.skip(why_not())
    directory = tmp_path_factory.mktemp("ci")
    app = shutil.copytree(ROOT / "examples/python-flask", directory / "app")
    with (app / "hop3.toml").open("a") as configuration:
        configuration.write('\n[nix]\npkgs = "debian"\n')
    cli("eject", app)
    for name in PLACES:
        cli("init", app, "--ci", name)
    git = ["git", "-C", str(app), "-c", "user.name=T", "-c", "user.email=t@host.example"]
    for command in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "-m", "All"]):
        subprocess.run([*git, *command], check=True)
    key = directory / "signing-key"
    cli("keys", "generate", "ci.example-1", "-o", key)
    scratch = directory / "scratch"
    scratch.mkdir()
    # What a runner needs that builds with the Debian set.
    (directory / "nix.conf").write_text(NixSettings(DebianSet().nix_settings()).text())
    with Host.boot(directory / "host") as host, pytest.MonkeyPatch.context() as patch:
        patch.setenv("NIX_USER_CONF_FILES", str(directory / "nix.conf"))
        patch.setenv("TMPDIR", str(scratch))
        patch.delenv("NIX_SSHOPTS", raising=False)
        of_host = (host.files / "etc/ssh/ssh_host_ed25519_key.pub").read_text()
        settings = {
            "HOP3_HOST": f"ssh://root@{host.address}",
            "HOP3_SIGNING_KEY": key.read_text().strip(),
            "HOP3_SSH_KEY": (host.directory / "key").read_text().strip(),
            "HOP3_KNOWN_HOSTS": f"{host.address} {of_host.strip()}",
        }
        yield Place(app, host, settings, scratch)


@services
def test_another_branch_is_built_and_tested_and_nothing_else(
    service: Service, place: Place, tmp_path: Path
) -> None:
    clone = place.clone(f"{service.name}-topic")
    before = place.host.run(["hop3-nix", "status", "--json"]).stdout
    printed = service.run(clone, place.settings_for(tmp_path / "cache"), default=False)
    assert "-flask-demo-test-web\n" in printed
    assert (clone / "result/hop3/runtime.json").is_file()
    assert not (tmp_path / "cache").exists()
    assert place.host.run(["hop3-nix", "status", "--json"]).stdout == before


@services
def test_the_default_branch_goes_to_the_cache_signed_and_to_the_host(
    service: Service, place: Place, tmp_path: Path
) -> None:
    clone = place.clone(f"{service.name}-main")
    cache = tmp_path / "cache"
    printed = service.run(clone, place.settings_for(cache), default=True)
    assert "of flask-demo serves on 8000" in printed
    assert place.host.get("/health", 8000) == (200, '{"status":"ok"}\n')
    built = (clone / "result").resolve()
    information = cache / f"{built.name.partition('-')[0]}.narinfo"
    assert "\nSig: ci.example-1:" in information.read_text()
    assert place.host.run(["nix-store", "--check-validity", built]).returncode == 0
    # No secret stays on a runner that others use.
    assert list(place.scratch.iterdir()) == []


@services
def test_without_a_cache_and_a_host_the_default_branch_is_built_and_tested(
    service: Service, place: Place
) -> None:
    clone = place.clone(f"{service.name}-nowhere")
    printed = service.run(clone, {}, default=True)
    assert "serves" not in printed
    assert (clone / "result/hop3/runtime.json").is_file()


@services
def test_a_stale_expression_fails_before_anything_is_built(service: Service, place: Place) -> None:
    clone = place.clone(f"{service.name}-stale")
    with (clone / "Procfile").open("a") as procfile:
        procfile.write("\nlater: python ticker.py 5\n")
    printed = service.run(clone, place.settings, default=True, status=1)
    assert "hop3.nix is not current" in printed
    assert not (clone / "result").exists()


@services
def test_a_host_with_another_key_fails_the_job(
    service: Service, place: Place, tmp_path: Path
) -> None:
    clone = place.clone(f"{service.name}-impostor")
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", tmp_path / "other"],
        check=True,
    )
    known = f"{place.host.address} {(tmp_path / 'other.pub').read_text()}"
    settings = {**place.settings, "HOP3_KNOWN_HOSTS": known}
    printed = service.run(clone, settings, default=True, status=69)
    assert "Host key verification failed" in printed
    assert list(place.scratch.iterdir()) == []


# --- what writes them


@services
def test_init_writes_the_file_where_the_service_looks_for_it(
    service: Service, cli: Cli, tmp_path: Path
) -> None:
    (tmp_path / "Procfile").write_text("web: true\n")
    said = cli("init", tmp_path, "--ci", service.name).stderr
    assert f"wrote {PLACES[service.name]} in {tmp_path}" in said
    assert "hop3-nix render -o hop3.nix" in said
    written = tmp_path / PLACES[service.name]
    assert written.read_text() == (ROOT / "templates/ci" / f"{service.name}.yml").read_text()


def test_init_leaves_the_jobs_that_are_there_alone(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / PLACES["gitlab"]
    file.write_text("mine: {}\n")
    refused = cli("init", tmp_path, "--ci", "gitlab", status=65).stderr
    assert ".gitlab-ci.yml is there already" in refused
    assert "hop3-nix init --ci gitlab --force" in refused
    assert file.read_text() == "mine: {}\n"
    cli("init", tmp_path, "--ci", "gitlab", "--force")
    assert "hop3-nix deploy" in file.read_text()
