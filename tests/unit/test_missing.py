# ruff: noqa: E501 - what programs say is as long as it is
"""What a log says that is missing, by the words of those who look for it."""

from __future__ import annotations

import pytest

from hop3_nix.nix.missing import Missing, find_missing, telling_lines

TRIPLE = "x86_64-linux-gnu"


@pytest.mark.parametrize(
    ("line", "kind", "name"),
    [
        ("a.c:10:10: fatal error: gssapi/gssapi.h: No such file or directory", "header", "gssapi/gssapi.h"),
        ("Package 'pixman-1', required by 'virtual:world', not found", "pkg-config", "pixman-1.pc"),
        ("Package libsecret-1 was not found in the pkg-config search path.", "pkg-config", "libsecret-1.pc"),
        ("No package 'pangocairo' found", "pkg-config", "pangocairo.pc"),
        ("pkgconfig.pkgconfig.PackageNotFoundError: xmlsec1 not found", "pkg-config", "xmlsec1.pc"),
        ("Run-time dependency cairo found: NO (tried pkgconfig)", "pkg-config", "cairo.pc"),
        ('../meson.build:31:12: ERROR: Dependency "cairo" not found', "pkg-config", "cairo.pc"),
        ("Error: pg_config executable not found.", "program", "pg_config"),
        ("/bin/sh: 1: net-snmp-config: not found", "program", "net-snmp-config"),
        ("bash: line 1: cmake: command not found", "program", "cmake"),
        ("FileNotFoundError: [Errno 2] No such file or directory: 'gdal-config'", "program", "gdal-config"),
        ("__main__.ConfigurationError: Could not run curl-config: [Errno 2]", "program", "curl-config"),
        ("/nix/store/x/bin/ld: cannot find -lasound: No such file or directory", "library", "libasound.so"),
        ("ImportError: libodbc.so.2: cannot open shared object file: No such file", "library", "libodbc.so.2"),
        ("/bin/sh: krb5-config: command not found", "header", "gssapi/gssapi.h"),
        ("  Could NOT find ZLIB (missing: ZLIB_LIBRARY ZLIB_INCLUDE_DIR)", "pkg-config", "zlib.pc"),
        ("  Could NOT find Foo (missing: FOO_LIBRARY)", "pkg-config", "Foo.pc"),
        ("    fmtConfig.cmake", "cmake", "fmtConfig.cmake"),
        ("Exception: Can not find valid pkg-config name.", "pkg-config", "libmariadb.pc"),
    ],
)  # fmt: skip
def test_what_is_missing_is_read_from_the_words_of_who_misses_it(
    line: str, kind: str, name: str
) -> None:
    found = find_missing(f"building\n{line}\ndone\n")
    assert [(one.kind, one.name) for one in found][:1] == [(kind, name)]


@pytest.mark.parametrize(
    "line",
    [
        "error: command 'gcc' failed with exit status 1",
        "python3: not found",
        "ModuleNotFoundError: No module named 'yaml'",
        "a.c:3:5: error: unknown type name 'x'",
        "checking for stdint.h... yes",
        "404: not found",
    ],
)
def test_other_errors_miss_no_package(line: str) -> None:
    assert find_missing(line) == ()


def test_each_is_told_once_in_the_order_of_the_log() -> None:
    log = "fatal error: b.h: No such file\nfatal error: a.h: No such file\nfatal error: b.h: No such file"
    assert [one.name for one in find_missing(log)] == ["b.h", "a.h"]


@pytest.mark.parametrize(
    ("kind", "name", "path", "rank"),
    [
        ("header", "ffi.h", "usr/include/ffi.h", 0),
        ("header", "ffi.h", f"usr/include/{TRIPLE}/ffi.h", 0),
        ("header", "ffi.h", "usr/include/botan-2/botan/ffi.h", 1),
        ("header", "ffi.h", "usr/lib/pike8.0/include/ffi.h", None),
        ("pkg-config", "x.pc", f"usr/lib/{TRIPLE}/pkgconfig/x.pc", 0),
        ("pkg-config", "x.pc", "usr/share/pkgconfig/x.pc", 0),
        ("cmake", "fmt-config.cmake", f"usr/lib/{TRIPLE}/cmake/fmt/fmt-config.cmake", 0),
        ("cmake", "fmt-config.cmake", "usr/share/doc/fmt-config.cmake", None),
        ("program", "pg_config", "usr/bin/pg_config", 0),
        ("program", "pg_config", "usr/lib/postgresql/17/bin/pg_config", None),
        ("library", "libGL.so.1", f"usr/lib/{TRIPLE}/libGL.so.1", 0),
        ("library", "libGL.so.1", f"usr/lib/{TRIPLE}/primus/libGL.so.1", None),
    ],
)
def test_the_usual_place_goes_before_a_vendors_folder(
    kind: str, name: str, path: str, rank: int | None
) -> None:
    assert Missing(kind, name).rank(path, TRIPLE) == rank  # type: ignore[arg-type]


def test_lines_that_tell_the_cause_are_found_among_others() -> None:
    lines = (
        "gcc -c a.c",
        "a.c:1:10: fatal error: x.h: No such file or directory",
        "compilation terminated",
    )
    assert [*telling_lines(lines, 4)] == [lines[1]]
