"""A stream is delivered contiguously, whatever the doorbell says."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from server.callers import Caller, Limits
from server.following import SHARE, Following, Views
from server.http import Visitor
from server.line import Line
from server.streams import Entry, StreamId
from tests.live.test_fanout import Pipe

STREAM = StreamId("meeting:1")


def entry(version: int, to: str = "") -> Entry:
    return Entry(STREAM, version, 0, "an", "", "whispered" if to else "added", msgspec.Raw(json.dumps(to).encode()))


def audience(of: Entry) -> frozenset[str] | None:
    return frozenset({json.loads(bytes(of.data))}) if of.type == "whispered" else None


class Log:
    """The database: what is committed, and how often it was read."""

    def __init__(self, head: int = 0) -> None:
        self.entries = [entry(version) for version in range(1, head + 1)]
        self.reads = 0
        self.broken = 0

    def commit(self, count: int = 1) -> list[Entry]:
        fresh = [entry(len(self.entries) + 1 + n) for n in range(count)]
        self.entries += fresh
        return fresh

    async def read(self, _stream: StreamId, since: int) -> list[Entry]:
        self.reads += 1
        await asyncio.sleep(0)
        if self.broken:
            self.broken -= 1
            raise OSError("the database is away")
        return self.entries[since : since + 5]

    async def head(self) -> int:
        await asyncio.sleep(0)
        return len(self.entries)


class Ear:
    """A caller, and the versions they heard."""

    def __init__(self, person: str = "an") -> None:
        self.pipe = Pipe()
        self.caller = Caller(Line(self.pipe), Visitor(person, "s", person), "b", Limits())  # type: ignore[arg-type]

    def heard(self) -> list[dict[str, Any]]:
        frames = [frame[frame.index(b"42[") + 2 :] for frame in self.pipe.written]
        return [event for frame in frames for event in json.loads(frame)[1]]

    def versions(self) -> list[int]:
        return [event["version"] for event in self.heard()]


async def test_what_is_delivered_is_heard_before_anybody_is_shown_it() -> None:
    log = Log()
    known: list[int] = []
    asked: list[tuple[int, int]] = []

    def looked(entry: Entry) -> None:
        asked.append((entry.version, known[-1]))

    def heard(stream: StreamId, entries: Sequence[Entry]) -> None:
        assert stream == STREAM
        known.extend(one.version for one in entries)

    following = Following(STREAM, looked, log.read, heard)
    await following.ready(log.head)
    following.offer(log.commit(2))
    following.offer(log.commit(1))
    assert known == [1, 2, 3]
    assert asked == [(1, 2), (2, 2), (3, 3)], "the state is already there, and asking does not move it"


async def opened(log: Log, *ears: Ear) -> Following:
    following = Following(STREAM, audience, log.read)
    for ear in ears:
        following.pause(ear.caller)
    await following.ready(log.head)
    for ear in ears:
        await following.place(ear.caller, following.delivered)
    return following


async def settle() -> None:
    for _ in range(50):
        await asyncio.sleep(0)


async def test_news_in_order_is_passed_on_without_reading() -> None:
    log, ear = Log(3), Ear()
    following = await opened(log, ear)
    following.offer(log.commit(2))
    following.offer(log.commit())
    assert ear.versions() == [4, 5, 6]
    assert log.reads == 0


async def test_news_that_is_known_already_is_not_told_again() -> None:
    log, ear = Log(), Ear()
    following = await opened(log, ear)
    first = log.commit(3)
    following.offer(first)
    following.offer(first[1:])
    following.offer(first[:1] + log.commit())
    assert ear.versions() == [1, 2, 3, 4]


async def test_nobody_is_shown_what_was_not_delivered_here_yet() -> None:
    log, ear = Log(4), Ear()
    following = await opened(log)
    following.pause(ear.caller)
    later = log.commit()
    await following.place(ear.caller, 2)
    assert ear.versions() == [3, 4], "who may see the fifth is known when it has been heard of"
    following.offer(later)
    assert ear.versions() == [3, 4, 5]


async def test_a_hole_is_filled_from_the_database() -> None:
    log, ear = Log(), Ear()
    following = await opened(log, ear)
    log.commit(12)
    following.offer([log.entries[11]])
    following.offer(log.commit())
    await settle()
    assert ear.versions() == list(range(1, 14))


async def test_a_database_that_is_away_for_a_moment_only_delays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.following.READ_AGAIN_S", 0)
    log, ear = Log(), Ear()
    following = await opened(log, ear)
    log.broken = 3
    log.commit(2)
    following.look()
    await settle()
    assert ear.versions() == [1, 2]


async def test_what_is_committed_while_the_head_is_looked_up_is_told() -> None:
    log, ear = Log(2), Ear()
    following = Following(STREAM, audience, log.read)
    following.pause(ear.caller)
    opening = asyncio.create_task(following.ready(log.head))
    following.offer(log.commit())
    await opening
    following.offer(log.commit())
    await following.place(ear.caller, 2)
    following.offer(log.commit())
    await settle()
    assert ear.versions() == [3, 4, 5]


async def test_a_look_before_the_head_is_known_reads_nothing(caplog: pytest.LogCaptureFixture) -> None:
    log, ear = Log(12), Ear()
    known: list[int] = []
    following = Following(STREAM, audience, log.read, lambda _stream, entries: known.extend(e.version for e in entries))
    following.pause(ear.caller)
    opening = asyncio.create_task(following.ready(log.head))
    following.look()  # the heads, or a bus that is back, do not ask who is only just opening
    await asyncio.sleep(0)
    following.look()
    await opening
    await settle()
    assert (log.reads, known, caplog.records) == (0, [], [])
    following.offer(log.commit())
    await following.place(ear.caller, 12)
    assert ear.versions() == [13]
    log.commit()
    following.look()
    await settle()
    assert ear.versions() == [13, 14]


async def test_news_after_a_head_that_could_not_be_read_waits_for_the_next_who_asks() -> None:
    log, ear = Log(2), Ear()
    following = Following(STREAM, audience, log.read)
    following.pause(ear.caller)

    async def away() -> int:
        raise OSError("the database is away")

    with pytest.raises(OSError, match="away"):
        await following.ready(away)
    following.offer(log.commit())
    await settle()
    assert log.reads == 0
    await following.ready(log.head)
    following.offer(log.commit())
    await following.place(ear.caller, 3)
    assert ear.versions() == [4]


async def test_who_is_not_placed_yet_hears_nothing_and_then_all_of_it() -> None:
    log, ear = Log(), Ear()
    following = await opened(log, ear)
    following.pause(ear.caller)
    following.offer(log.commit(4))
    assert ear.versions() == []
    await following.place(ear.caller, 1)
    assert ear.versions() == [2, 3, 4]


async def test_who_was_placed_ahead_of_the_doorbell_hears_the_rest_only() -> None:
    log, ear = Log(), Ear()
    following = await opened(log, ear)
    fresh = log.commit(4)
    await following.place(ear.caller, 2)  # their sync read the database before the doorbell rang
    following.offer(fresh)
    assert ear.versions() == [3, 4]


async def test_a_list_is_encoded_once_for_each_way_of_seeing_it() -> None:
    views = Views([entry(1), entry(2, to="an"), entry(3)], audience)
    assert views.frame("binh") is views.frame("cuc")
    assert views.frame("an") is not views.frame("binh")
    assert b'"type":"hidden"' in views.frame("binh") and b'"type":"hidden"' not in views.frame("an")


@pytest.mark.parametrize("seed", range(20))
async def test_shuffled_lost_and_doubled_news_still_arrives_once_and_in_order(seed: int) -> None:
    chance = random.Random(seed)
    log, ears = Log(chance.randrange(4)), [Ear(), Ear("binh")]
    start = len(log.entries)
    following = await opened(log, *ears)
    undelivered: list[Entry] = []
    for _ in range(200):
        undelivered += log.commit(chance.randrange(1, 4))
        chance.shuffle(undelivered)
        following.offer(undelivered[: chance.randrange(4)])
        undelivered = undelivered[chance.randrange(3) :]
        if chance.random() < 0.1:
            following.pause(ears[0].caller)
            await asyncio.sleep(0)
            await following.place(ears[0].caller, max([start, *ears[0].versions()]))
        if chance.random() < 0.3:
            await asyncio.sleep(0)
    following.look()
    await settle()
    for ear in ears:
        assert ear.versions() == list(range(start + 1, len(log.entries) + 1))


async def test_what_was_before_a_restart_is_read_once_for_all_who_come_back() -> None:
    log = Log(12)
    following = await opened(log, Ear())
    reads = log.reads
    assert following.remembered(3) is None
    coming = [asyncio.create_task(following.recall()) for _ in range(100)]
    following.offer(log.commit())
    await asyncio.gather(*coming)
    following.offer(log.commit())
    once = log.reads - reads
    assert once == 3, "twelve events, at most five in a read"
    await following.recall()
    assert log.reads - reads == once
    for since in range(15):
        found = following.remembered(since)
        assert found is not None
        assert [entry.version for entry in found] == list(range(since + 1, 15))


async def test_memory_that_could_not_be_read_is_read_when_the_next_one_asks() -> None:
    log = Log(3)
    following = await opened(log, Ear())
    log.broken = 1
    with pytest.raises(OSError, match="away"):
        await following.recall()
    await following.recall()
    assert [entry.version for entry in following.remembered(0) or []] == [1, 2, 3]


async def test_a_share_of_the_followers_is_told_what_the_others_are_not() -> None:
    ears = [Ear(f"p{number}") for number in range(SHARE + 1)]
    following = await opened(Log(), *ears)
    shares = following.shares()
    assert [len(callers) for _, callers in shares] == [SHARE, 1]
    following.drop(shares[0][1][0])
    following.tell(b"first", "head", lambda person: person != "p1", shares[0][1])
    assert [bool(ear.pipe.written) for ear in ears] == [False, False, *[True] * (SHARE - 2), False]


async def test_those_who_come_back_in_one_turn_share_what_they_missed_and_the_next_turn_looks_anew() -> None:
    hidden = False

    def asked_audience(_of: Entry) -> frozenset[str] | None:
        return frozenset({"binh"}) if hidden else None

    following = Following(STREAM, asked_audience, Log().read)
    missed = [entry(1), entry(2)]
    first = following.views(0, missed)
    assert following.views(0, missed) is first
    assert following.views(1, missed[1:]) is not first
    hidden = True
    await asyncio.sleep(0)
    assert b"hidden" not in first.listed("an")
    assert b"hidden" in following.views(0, missed).listed("an")
    assert b"hidden" not in following.views(0, missed).listed("binh")
