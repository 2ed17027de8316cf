from __future__ import annotations

import asyncio
import os
import pty
import select
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from hop3_nix.deploy.console import Console
from hop3_nix.deploy.sink import FULL, Sink
from hop3_nix.text.lines import LONGEST, Lines

if TYPE_CHECKING:
    from collections.abc import Callable


@given(st.lists(st.binary(max_size=40)))
def test_lines_keep_every_byte_however_they_are_cut(chunks: list[bytes]) -> None:
    lines = Lines()
    got = [line for chunk in chunks for line in lines.feed(chunk)] + lines.finish()
    assert got == b"".join(chunks).split(b"\n")[: len(got)]
    assert b"\n".join(got) == b"".join(chunks).removesuffix(b"\n")


def test_line_without_end_is_cut_at_the_longest() -> None:
    lines = Lines()
    assert [len(line) for line in lines.feed(b"x" * (2 * LONGEST + 1))] == [LONGEST, LONGEST]
    assert lines.finish() == [b"x"]


def shown(write: Callable[[Console], None], environ: dict[str, str], *, terminal: bool) -> bytes:
    async def main() -> bytes:
        reader, writer = pty.openpty() if terminal else os.pipe()
        console = Console(
            ["web", "worker.1"], lambda: None, environ=environ, descriptors=(writer,) * 2
        )
        write(console)
        data = b""
        while select.select([reader], [], [], 0)[0]:
            data += os.read(reader, 65536)
        os.close(reader)
        os.close(writer)
        return data

    return asyncio.run(main())


def test_names_are_padded() -> None:
    def write(console: Console) -> None:
        console.write("web", [b"one", b"two"])
        console.write("worker.1", [b"three"], error=True)
        console.say("four")

    assert shown(write, {}, terminal=False) == (
        b"web      | one\nweb      | two\nworker.1 | three\nhop3     | four\n"
    )


def test_bytes_reach_a_pipe_unchanged() -> None:
    junk = bytes(set(range(256)) - {10})
    assert junk in shown(lambda console: console.write("web", [junk]), {}, terminal=False)


def test_terminal_is_shown_colours_but_no_control_characters() -> None:
    line = b"\x1b[31mred\x1b[0m \x1b[2J\x07\xff caf\xc3\xa9\r"
    data = shown(lambda console: console.write("web", [line]), {"TERM": "xterm"}, terminal=True)
    assert data == (
        b"\x1b[36mweb      | \x1b[0m\x1b[31mred\x1b[0m \\x1b[2J\\x07\\xff caf\xc3\xa9\x1b[0m\r\n"
    )


def test_no_color_is_honoured() -> None:
    line = b"\x1b[31mred\x1b[0m"
    data = shown(lambda console: console.write("web", [line]), {"NO_COLOR": "1"}, terminal=True)
    assert data == b"web      | red\r\n"


def test_sink_never_waits_for_its_reader() -> None:
    data = b"x" * (FULL + (1 << 20))

    def take(reader: int) -> int:
        taken = 0
        while select.select([reader], [], [], 0)[0]:
            taken += len(os.read(reader, 1 << 16))
        return taken

    async def main() -> tuple[list[bool], int]:
        reader, writer = os.pipe()
        drained = asyncio.Event()
        sink = Sink(writer, drained.set)
        sink.write(data)
        full = [sink.full]
        taken = 0
        while not drained.is_set():
            taken += take(reader)
            await asyncio.sleep(0)
        taken += take(reader)
        full.append(sink.full)
        os.close(reader)
        os.close(writer)
        return full, taken

    assert asyncio.run(main()) == ([True, False], len(data))


def test_sink_notices_that_its_reader_has_gone() -> None:
    async def main() -> None:
        reader, writer = os.pipe()
        os.close(reader)
        called: list[None] = []
        sink = Sink(writer, lambda: called.append(None))
        sink.write(b"x")
        assert sink.broken
        assert sink.empty
        assert called
        os.close(writer)

    asyncio.run(main())
