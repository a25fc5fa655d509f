"""Frames, and what happens to readers who do not read."""

from __future__ import annotations

import asyncio
import uuid

import pytest

from server.line import BUSY, MOST_MESSAGES, MOST_WAITING, Line, text_frame
from server.streams import Decision, NewEvent, Turn
from tests.live.room import MEETING, House


class Pipe:
    """A transport that keeps what is written; `waiting` octets are said to be unsent."""

    def __init__(self) -> None:
        self.waiting = 0
        self.written: list[bytes] = []
        self.closing = False

    def get_extra_info(self, _name: str) -> None:
        return None

    def get_write_buffer_size(self) -> int:
        return self.waiting

    def write(self, frame: bytes) -> None:
        self.written.append(frame)

    def is_closing(self) -> bool:
        return self.closing

    def close(self) -> None:
        self.closing = True

    abort = close


@pytest.mark.parametrize(
    ("size", "header"),
    [
        (0, b"\x81\x01"),
        (124, b"\x81\x7d"),
        (125, b"\x81\x7e\x00\x7e"),
        (65_534, b"\x81\x7e\xff\xff"),
        (65_535, b"\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00"),
    ],
)
def test_a_frame_has_the_shortest_header_and_one_engine_io_message(size: int, header: bytes) -> None:
    assert text_frame(b"x" * size) == header + b"4" + b"x" * size


def test_more_than_500_messages_waiting_cut_the_line() -> None:
    pipe = Pipe()
    line = Line(pipe)  # type: ignore[arg-type]
    pipe.waiting = BUSY + 1
    for _ in range(MOST_MESSAGES):
        line.write(b"x")
    assert line.open
    line.write(b"x")
    assert not line.open and pipe.closing and len(pipe.written) == MOST_MESSAGES


def test_a_line_that_drains_now_and_then_is_not_cut() -> None:
    pipe = Pipe()
    line = Line(pipe)  # type: ignore[arg-type]
    for number in range(MOST_MESSAGES * 4):
        pipe.waiting = 0 if number % MOST_MESSAGES == 0 else BUSY + 1
        line.write(b"x")
    assert line.open


def test_a_large_answer_that_was_asked_for_does_not_count_against_its_reader() -> None:
    pipe = Pipe()
    line = Line(pipe)  # type: ignore[arg-type]
    line.write_whole(b"x" * (2 * MOST_WAITING))
    pipe.waiting = 2 * MOST_WAITING
    line.write(b"x")
    assert line.open
    pipe.waiting = 0
    line.write(b"x")
    pipe.waiting = MOST_WAITING + 1
    line.write(b"x")
    assert not line.open, "once it is read, the usual bound holds again"


def test_statuses_wait_for_a_busy_line_and_only_the_newest_goes_out() -> None:
    pipe = Pipe()
    line = Line(pipe)  # type: ignore[arg-type]
    pipe.waiting = BUSY + 1
    assert not line.write_latest("turnout", b"1") and not line.write_latest("turnout", b"2")
    assert not line.write_latest("stage", b"3")
    line.write_if_idle(b"hint")
    assert not line.drained() and pipe.written == []
    pipe.waiting = 0
    assert line.drained() and pipe.written == [b"2", b"3"]


async def test_nothing_is_written_after_the_last_words() -> None:
    pipe = Pipe()
    line = Line(pipe)  # type: ignore[arg-type]
    line.close(b"bye")
    line.write(b"x")
    line.write_latest("t", b"x")
    line.write_if_idle(b"x")
    assert pipe.written == [b"bye\x88\x02\x03\xe8"]


async def _say(home: House, text: str) -> None:
    async def decide(_turn: Turn) -> Decision:
        return Decision([NewEvent("said", {"text": text}, "hall")])

    assert (await home.streams.perform(MEETING, "hall", uuid.uuid4().hex, decide)).ok


async def test_a_reader_who_stops_reading_is_dropped_and_catches_up_by_a_sync(home: House) -> None:
    slow, quick = await home.following("an"), await home.following("binh")
    slow.stop_reading()
    said = 0
    while any(caller.person == "an" for caller in home.live.followers(MEETING)):
        await _say(home, "x" * 60_000)
        said += 1
        await asyncio.sleep(0)
        assert said < 500
    assert said * 60_000 > MOST_WAITING
    await quick.until_version(said)
    assert quick.versions() == list(range(1, said + 1))
    back = await home.tablet("an")
    assert len((await back.sync(said - 3))["events"]) == 3


async def test_hints_are_forgotten_and_statuses_superseded_for_a_slow_reader(home: House) -> None:
    slow, quick = await home.following("an"), await home.following("binh")
    slow.stop_reading()
    for _ in range(20):
        await _say(home, "x" * 60_000)  # fills the kernel's queues and a part of ours
    for number in range(100):
        home.live.status(MEETING, "turnout", {"n": number, "pad": "x" * 10_000})
        home.hint("ink", number)
        await asyncio.sleep(0.03 if number % 10 == 0 else 0)
    await quick.until(lambda: bool(quick.hints) and quick.hints[-1][0]["data"] == 99)
    slow.read_on()
    await slow.until(lambda: slow.status("turnout") is not None and slow.status("turnout")["n"] == 99)
    assert slow.versions() == list(range(1, 21)), "events are never skipped"
    assert len(slow.statuses) < 20 and slow.hints == []
    assert [status["seq"] for status in slow.statuses] == sorted(status["seq"] for status in slow.statuses)
