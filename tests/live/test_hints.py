"""Hints on their way: one that comes alone waits for nobody, a crowd is gathered."""

from __future__ import annotations

import asyncio
from typing import NamedTuple

import msgspec
import pytest

from server.hints import PER_LISTENER_S, Gathered, HintTray
from server.streams import StreamId
from server.words import Passed

EVERY_S = 0.001
MANY = 100_000
STREAM = StreamId("ink:a:all")


class Tray(NamedTuple):
    tray: HintTray
    flushed: list[list[str]]

    def put(self, by: str, text: str, stream: StreamId = STREAM) -> None:
        self.tray.put(Gathered(Passed(stream, "stroke", by, msgspec.Raw(text.encode()))))


def tray_for(listeners: int, at_most_s: float = EVERY_S) -> Tray:
    """A tray whose hints so many hear."""
    flushed: list[list[str]] = []

    def flush(_stream: StreamId, hints: list[Gathered]) -> int:
        flushed.append([bytes(one.passed.data).decode() for one in hints])
        return listeners

    return Tray(HintTray(at_most_s, flush), flushed)


@pytest.fixture
async def tray() -> Tray:
    return tray_for(MANY)


async def test_a_hint_that_comes_alone_is_handed_over_at_once(tray: Tray) -> None:
    tray.put("a", "1")
    tray.put("a", "2", StreamId("ink:b:all"))
    assert tray.flushed == [["1"], ["2"]]


async def test_what_follows_is_gathered_and_the_last_of_each_sender_wins(tray: Tray) -> None:
    for by, text in (("a", "1"), ("a", "2"), ("b", "3"), ("a", "4")):
        tray.put(by, text)
    assert tray.flushed == [["1"]]
    while len(tray.flushed) < 2:
        await asyncio.sleep(EVERY_S)
    assert tray.flushed[1] == ["4", "3"]


async def test_after_a_pause_the_next_one_is_the_first_again(tray: Tray) -> None:
    tray.put("a", "1")
    while tray.tray._gathered:
        await asyncio.sleep(EVERY_S)
    tray.put("a", "2")
    assert tray.flushed == [["1"], ["2"]]


async def test_where_few_listen_hardly_anything_is_gathered() -> None:
    few, many = tray_for(1, at_most_s=3600), tray_for(MANY, at_most_s=3600)
    for text in ("1", "2"):
        few.put("a", text)
        many.put("a", text)
    while len(few.flushed) < 2:
        await asyncio.sleep(PER_LISTENER_S)
    assert few.flushed == [["1"], ["2"]]
    assert many.flushed == [["1"]]
