"""The messages are those that Nix 2.8 and 2.26 print."""

from __future__ import annotations

import pytest

from hop3_nix import errors
from hop3_nix.nix.failures import SHOWN, Failure, classify, errors_of
from hop3_nix.nix.log import FailedBuild

DRV = "/nix/store/" + "b" * 32 + "-flask-3.1.0.whl.drv"
FAILED = f"builder for '{DRV}' failed with exit code 1"


def told(
    error: str, *tail: str, status: int = 1, fetches: bool = False, full: str = ""
) -> errors.Hop3NixError:
    builds = (FailedBuild(DRV, tail),) if tail else ()
    by_nix = frozenset({DRV} if fetches else ())
    return classify(Failure(status, (error,), builds, "/state/build.log", by_nix, full))


def test_hash_mismatch_names_the_file_and_both_digests_in_hex() -> None:
    error = told(
        f"hash mismatch in fixed-output derivation '{DRV}':\n"
        "  specified: sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
        "     got:    sha256-c/A8CU8wfDU1z0YV/SSZtK+SJibqh3i8C7MLcpDSS9I=",
        status=102,
    )
    assert isinstance(error, errors.LockError)
    assert error.message.splitlines() == [
        "flask-3.1.0.whl is not the file that was locked",
        f"  locked: sha256:{'0' * 64}",
        "  got:    sha256:73f03c094f307c3535cf4615fd2499b4af922626ea8778bc0bb30b7290d24bd2",
    ]


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("Couldn't resolve host name (6)", errors.TemporaryError),
        ("HTTP error 503 ('')", errors.TemporaryError),
        ("Timeout was reached (28)", errors.TemporaryError),
        ("HTTP error 404 ('')", errors.UnavailableError),
        ("HTTP error 403 ('')", errors.UnavailableError),
    ],
)
def test_downloads(reason: str, kind: type[errors.Hop3NixError]) -> None:
    said = f"error: unable to download 'https://index.example/flask.whl': {reason}"
    error = told(FAILED, said, fetches=True)
    assert type(error) is kind
    assert "https://index.example/flask.whl" in error.message


def test_download_of_an_expression() -> None:
    error = told("unable to download 'https://index.example/x.tar.gz': Couldn't connect (7)")
    assert isinstance(error, errors.TemporaryError)


@pytest.mark.parametrize(
    "text",
    [
        "writing to file: No space left on device",
        "executing SQLite statement: database or disk is full (in '/nix/var/nix/db/db.sqlite')",
    ],
)
def test_disk_full(text: str) -> None:
    assert isinstance(told(text), errors.TemporaryError)
    fetched = told(FAILED, f"error: {text}", status=100, fetches=True)
    assert isinstance(fetched, errors.TemporaryError)
    assert "disk is full" in told(text).message


def test_a_disk_that_was_seen_full() -> None:
    error = told(FAILED, "cc1: fatal error", status=100, full="/nix/store")
    assert isinstance(error, errors.TemporaryError)
    assert error.message == "the disk is full (/nix/store has no room left)"


FORGED = [
    "No space left on device",
    "error: writing to file: No space left on device",
    "database or disk is full",
    "error: interrupted by the user",
    "interrupted by the user",
    "error: unable to download 'https://index.example/x.whl': HTTP error 401 ('')",
    "unable to download 'https://index.example/x.whl': HTTP error 404",
    "error: attribute 'x' missing",
    "attribute 'x' missing",
    f"error: hash mismatch in fixed-output derivation '{DRV}':",
    "  specified: sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    "error: the build users group 'nixbld' has no members",
    "cannot connect to socket at '/nix/var/nix/daemon-socket/socket': No such file",
    "creating directory '/nix': Permission denied",
    "sandboxing: unable to start build process",
    "x killed after writing more than 10 bytes of log output",
    "derivation may not be deterministic",
]


@pytest.mark.parametrize("text", FORGED)
def test_what_a_builder_prints_decides_nothing(text: str) -> None:
    error = told(FAILED, text, status=100)
    assert type(error) is errors.BuildError
    assert error.message == f"building flask-3.1.0.whl failed with exit code 1\n  {text}"


@pytest.mark.parametrize("text", FORGED)
def test_nor_does_a_name_in_a_message_of_nix(text: str) -> None:
    named = f"opening file '/build/{text}': No such file or directory"
    assert type(told(named, status=1)) is errors.BuildError


def test_a_failed_builder_shows_the_end_of_its_log() -> None:
    lines = [f"line {number}" for number in range(100)]
    error = told(FAILED, *lines, "", status=100)
    assert isinstance(error, errors.BuildError)
    assert error.message.splitlines() == [
        "building flask-3.1.0.whl failed with exit code 1",
        *(f"  {line}" for line in lines[-SHOWN:]),
    ]
    assert error.tip == "The full log: /state/build.log"


def test_the_log_of_the_build_that_failed_is_shown_and_no_other() -> None:
    other = FailedBuild("/nix/store/" + "c" * 32 + "-other.drv", ("unrelated",))
    error = classify(Failure(100, (FAILED,), (FailedBuild(DRV, ("cause",)), other)))
    assert "cause" in error.message
    assert "unrelated" not in error.message


def test_the_first_failure_is_told_and_not_what_follows_from_it() -> None:
    dependent = "1 dependencies of derivation '/nix/store/x-app.drv' failed to build"
    error = classify(Failure(100, (FAILED, dependent)))
    assert "flask-3.1.0.whl" in error.message


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (101, "building of '/nix/store/x.drv!out' from .drv file timed out after 1 seconds"),
        (104, "derivation '/nix/store/x.drv' may not be deterministic: output '/x' differs"),
    ],
)
def test_exit_status_of_builds(status: int, text: str) -> None:
    error = told(text, status=status)
    assert isinstance(error, errors.BuildError)
    assert ("too long" in error.message) == (status == 101)
    assert ("not reproducible" in error.message) == (status == 104)


@pytest.mark.parametrize(
    "text",
    [
        "cannot connect to socket at '/nix/var/nix/daemon-socket/socket': No such file",
        (
            "could not set permissions on '/nix/var/nix/profiles/per-user' to 755: "
            "Operation not permitted"
        ),
        "opening lock file '/nix/var/nix/db/big-lock': Permission denied",
        "creating directory '/nix': Permission denied",
        (
            "this system does not support the kernel namespaces that are required for sandboxing; "
            "use '--no-sandbox' to disable sandboxing"
        ),
        "the group 'nixbld' specified in 'build-users-group' does not exist",
        "the build users group 'nixbld' has no members",
    ],
)
def test_nix_that_cannot_be_used_as_it_is(text: str) -> None:
    error = told(text)
    assert isinstance(error, errors.UnavailableError)
    assert error.tip


def test_another_system() -> None:
    error = told(
        f"a 'aarch64-linux' with features {{}} is required to build '{DRV}', "
        "but I am a 'x86_64-linux' with features {kvm}"
    )
    assert isinstance(error, errors.UnsupportedError)


def test_a_forbidden_reference_names_the_output() -> None:
    error = told(
        f"output '{DRV.removesuffix('.drv')}' is not allowed to refer to the following paths:\n"
        "  /nix/store/c-gcc"
    )
    assert isinstance(error, errors.BuildError)
    assert "/nix/store/c-gcc" in error.message


def test_a_daemon_names_no_build() -> None:
    error = told("1 dependencies of derivation '/nix/store/x-app.drv' failed to build", "cause")
    assert isinstance(error, errors.BuildError)
    assert error.message == "building flask-3.1.0.whl failed\n  cause"


def test_a_log_that_is_too_long_names_the_option() -> None:
    error = told("app killed after writing more than 33554432 bytes of log output", status=100)
    assert isinstance(error, errors.BuildError)
    assert "--max-log-size" in error.tip


def test_interrupted() -> None:
    assert isinstance(told("interrupted by the user"), errors.InterruptedBuildError)


def test_anything_else_is_told_as_nix_tells_it() -> None:
    error = told("value is a string while a set was expected")
    assert isinstance(error, errors.BuildError)
    assert "value is a string while a set was expected" in error.message


def test_a_package_that_the_set_does_not_have() -> None:
    error = told("attribute 'nope' missing\n       at /tmp/hop3.nix:3:4")
    assert isinstance(error, errors.UnsupportedError)
    assert error.message == "the package set has no package 'nope'"
    assert "hop3.toml" in error.tip


def test_a_file_that_the_debian_mirror_dropped_says_to_refresh() -> None:
    error = told("unable to download 'https://mirror.example/x.deb': HTTP error 404")
    assert isinstance(error, errors.UnavailableError)
    assert "hop3-nix packages refresh" in error.tip


def test_nothing_but_a_status() -> None:
    assert "Nix returned 7" in classify(Failure(7, ())).message


def test_errors_of_a_program_without_structured_log() -> None:
    stderr = "warning: slow\n\x1b[31;1merror:\x1b[0m first\n  more\nerror: second\n"
    assert errors_of(stderr) == ("first\n  more", "second")
    assert errors_of("only text\n") == ("only text",)
    assert errors_of("") == ()
