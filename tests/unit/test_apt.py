from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hop3_nix.errors import TemporaryError, UnavailableError, UnsupportedError
from hop3_nix.host.process import Completed
from hop3_nix.packagesets.apt import Apt, DebFile, needs
from hop3_nix.packagesets.mirrors import find_mirrors, resolve_mirror

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Make = Callable[..., tuple[Apt, "Programs"]]

MIRROR = "http://mirror.example/debian"
MIRRORS = {"debian": MIRROR, "debian-security": f"{MIRROR}-security"}

RECORDS = """\
Package: bash
Version: 5.2-1
Pre-Depends: libc6 (>= 2.36), gone | libtinfo6:any (>= 6)
Depends: base-files [amd64], debconf (>= 1) | debconf-2.0
Description: not a field of ours
 Depends: nothing

Package: libc6
Version: 2.36-9
Description: x

Package: libtinfo6
Version: 6

Package: cdebconf
Version: 1
Provides: debconf-2.0 (= 2), other
"""

URIS = f"""\
'{MIRROR}-security/pool/updates/main/z/zlib/zlib1g_1.3%2breally1.3.1-1_amd64.deb' \
zlib1g_1%3a1.3+really1.3.1-1_amd64.deb 88720 SHA256:{"b" * 64}
'{MIRROR}/pool/main/b/bash/bash_5.2-1_amd64.deb' bash_5.2-1_amd64.deb 1494000 SHA256:{"a" * 64}
"""

RELEASE = """\
Origin: Debian
Suite: oldstable
Codename: bookworm
Date: Sat, 11 Jul 2026 10:16:37 UTC
"""


class Programs:
    """Stands for apt's programs: answers by the last word that `answers` has, keeps the calls."""

    def __init__(self, answers: Mapping[str, Completed]) -> None:
        self.answers = answers
        self.calls: list[list[str]] = []
        self.environments: list[Mapping[str, str] | None] = []

    def __call__(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        stdin: str = "",
    ) -> Completed:
        assert (stdin, cwd is None or cwd.is_dir()) == ("", True)
        self.calls.append(list(argv))
        self.environments.append(env)
        for word, answer in self.answers.items():
            if word in argv:
                return answer
        return Completed(tuple(argv), 0)


def done(stdout: str = "", stderr: str = "", status: int = 0) -> Completed:
    return Completed((), status, stdout, stderr)


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def apt(root: Path = Path("/nowhere"), **answers: Completed) -> tuple[Apt, Programs]:
        programs = Programs(answers)
        private = Apt(tmp_path / "apt", MIRRORS, architecture="amd64", root=root, run=programs)
        (tmp_path / "apt").mkdir(exist_ok=True)
        return private, programs

    return apt


def test_solving_returns_each_file_with_its_archive_path_and_digest(make: Make) -> None:
    apt, _ = make(install=done(URIS))
    assert apt.solve("bookworm", ["bash"]).files == {
        "bash": DebFile(
            "bash", "5.2-1", "debian", "pool/main/b/bash/bash_5.2-1_amd64.deb", 1494000, "a" * 64
        ),
        "zlib1g": DebFile(
            "zlib1g",
            "1:1.3+really1.3.1-1",
            "debian-security",
            "pool/updates/main/z/zlib/zlib1g_1.3%2breally1.3.1-1_amd64.deb",
            88720,
            "b" * 64,
        ),
    }


def test_a_package_needs_the_first_alternative_that_is_there_or_what_provides_it() -> None:
    assert needs(RECORDS) == {
        "bash": ("cdebconf", "libc6", "libtinfo6"),
        "libc6": (),
        "libtinfo6": (),
        "cdebconf": (),
    }


def test_the_records_are_those_of_the_versions_that_were_chosen(make: Make) -> None:
    apt, programs = make(install=done(URIS), show=done(RECORDS))
    assert apt.solve("bookworm", ["bash"]).needs == needs(RECORDS)
    assert programs.calls[-1][-2:] == ["zlib1g=1:1.3+really1.3.1-1", "bash=5.2-1"]


def test_apt_runs_with_a_configuration_of_its_own(make: Make, tmp_path: Path) -> None:
    apt, programs = make()
    apt.solve("trixie", ["bash"])
    environment = programs.environments[-1]
    assert environment is not None
    assert environment["APT_CONFIG"] == str(tmp_path / "apt/apt.conf")
    assert f"Dir::Etc::sourcelist={tmp_path}/apt/trixie.list" in programs.calls[-1]


def test_updating_keeps_the_proxy_of_the_host_and_nothing_else_of_its_settings(
    make: Make, tmp_path: Path
) -> None:
    proxy = 'Acquire::http::Proxy "http://proxy.example:3128";\n'
    apt, _ = make(dump=done(proxy))
    lists = tmp_path / "apt/lists"
    lists.mkdir()
    (lists / "x_InRelease").write_text(RELEASE)
    assert apt.update(["bookworm"]) == {"bookworm": datetime(2026, 7, 11, 10, 16, 37, tzinfo=UTC)}
    configuration = (tmp_path / "apt/apt.conf").read_text()
    assert proxy in configuration
    assert 'Dir::Etc::parts "/dev/null"' in configuration
    assert (tmp_path / "apt/bookworm.list").read_text() == (
        f"deb [arch=amd64] {MIRROR} bookworm main\n"
        f"deb [arch=amd64] {MIRROR} bookworm-updates main\n"
        f"deb [arch=amd64] {MIRROR}-security bookworm-security main\n"
    )


def test_the_keyring_of_the_host_has_to_have_signed_the_indexes(make: Make, tmp_path: Path) -> None:
    keyring = tmp_path / "usr/share/keyrings/debian-archive-keyring.gpg"
    keyring.parent.mkdir(parents=True)
    keyring.touch()
    apt, _ = make(root=tmp_path, update=done(stderr="E: no", status=100))
    with pytest.raises(TemporaryError):
        apt.update(["trixie"])
    assert f"signed-by={keyring}" in (tmp_path / "apt/trixie.list").read_text()


def test_a_mirror_that_does_not_answer_is_temporary(make: Make) -> None:
    apt, _ = make(update=done(stderr="W: x\nE: Failed to fetch\nE: more", status=100))
    with pytest.raises(TemporaryError, match=r"archive: Failed to fetch$"):
        apt.update(["bookworm"])


def test_a_package_that_the_suite_lacks_is_named(make: Make) -> None:
    apt, _ = make(install=done(stderr="E: Unable to locate package nope", status=100))
    with pytest.raises(
        UnsupportedError, match=r"bookworm does not have what .*: Unable to locate package nope"
    ):
        apt.solve("bookworm", ["nope"])


def test_a_download_that_fails_is_temporary(make: Make, tmp_path: Path) -> None:
    apt, _ = make(download=done(stderr="E: 404", status=100))
    with pytest.raises(TemporaryError, match="busybox-static: 404"):
        apt.download("bookworm", "busybox-static", tmp_path / "debs")


def targets(*lines: str) -> Programs:
    return Programs({"indextargets": done("".join(f"{line}\n" for line in lines))})


def test_the_mirrors_are_those_of_the_hosts_apt() -> None:
    run = targets(
        f"Debian\tbookworm\tmain\t{MIRROR}/",
        "Debian\tbookworm-updates\tmain\thttp://other.example/debian/",
        f"Debian\tbookworm-security\tmain\t{MIRROR}-security/",
    )
    assert find_mirrors(run) == MIRRORS


def test_indexes_that_were_never_fetched_have_no_origin_and_are_taken_by_suite() -> None:
    run = targets(f"$(ORIGIN)\tbookworm\tmain\t{MIRROR}/")
    assert find_mirrors(run) == {"debian": MIRROR}


def test_a_foreign_archive_with_a_debian_suite_name_does_not_go_before_debian() -> None:
    run = targets(
        "Vendor\tbookworm\tmain\thttp://vendor.example/apt/",
        "$(ORIGIN)\tbookworm\tmain\thttp://unknown.example/apt/",
        f"Debian\tbookworm\tmain\t{MIRROR}/",
    )
    assert find_mirrors(run) == {"debian": MIRROR}


def test_no_debian_archive_is_unavailable() -> None:
    with pytest.raises(UnavailableError, match="set up for none"):
        find_mirrors(targets("Vendor\tstable\tmain\thttp://vendor.example/apt/"))


def test_a_machine_without_apt_is_told_of_the_alternatives() -> None:
    def run(*_arguments: object, **_options: object) -> Completed:
        raise UnavailableError("the program 'apt-get' is not on this machine")

    with pytest.raises(UnavailableError, match="made with apt: the program 'apt-get'") as caught:
        find_mirrors(run)
    assert "--builder local" in caught.value.tip


def test_a_list_of_mirrors_stands_for_its_first(tmp_path: Path) -> None:
    listed = tmp_path / "debian.list"
    listed.write_text(f"# comment\n\n{MIRROR}/\tpriority:1\nhttp://other.example/debian\n")
    assert resolve_mirror(f"mirror+file:{listed}") == MIRROR


def test_a_mirror_that_nix_cannot_fetch_from_is_unavailable() -> None:
    with pytest.raises(UnavailableError, match="tor"):
        resolve_mirror("tor+http://mirror.example/debian")
