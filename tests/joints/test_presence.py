"""The meter: who is connected and who sees what is shown, people and sites apart."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from server.http import Visitor
from server.joints import presence as joint
from server.joints.presence import Presence
from server.streams import StreamId
from tests.meetings.scenario import Play, opened

STREAM = StreamId("meeting:m-1")


class Table:
    """Presence with what it told, over a meeting whose first page is shown."""

    def __init__(self) -> None:
        self.play: Play = opened()
        self.play.does("chair", "paper.show", paper="p-all", page=1)
        self.told: list[tuple[str, Any, frozenset[str] | None]] = []
        self.said: list[Any] = []
        self.presence = Presence(
            "east", self._tell, lambda _, value: self.said.append(value), lambda _: self.play.meeting, self.play.clock
        )

    def _tell(self, stream: StreamId, topic: str, value: Any, audience: frozenset[str] | None = None) -> None:
        self.told.append((topic, value, audience))

    def comes(self, person: str, endpoint: str = "ban-1", present: bool = True) -> None:
        self.presence.heard(STREAM, Visitor(person, "s", person), endpoint, present)

    def reads(self, person: str, data: Any, endpoint: str = "ban-1") -> None:
        self.presence.follows(STREAM, Visitor(person, "s", person), endpoint, "following", data)

    @property
    def meter(self) -> dict[str, int]:
        return dict(self.presence.meter(self.play.meeting))


@pytest.fixture
async def table() -> Table:
    return Table()


async def test_people_and_sites_are_counted_apart_and_strangers_not_at_all(table: Table) -> None:
    for who in ("chair", "delegate", "site-tx", "somebody-else"):
        table.comes(who)
    assert table.meter == {"people": 2, "people_following": 2, "sites": 1, "sites_following": 1}


async def test_who_reads_another_page_alone_does_not_follow_and_on_the_same_page_does(table: Table) -> None:
    table.comes("delegate")
    table.reads("delegate", {"alone": True, "paper": "p-all", "page": 3})
    assert table.meter["people_following"] == 0
    assert table.presence.names(table.play.meeting)["elsewhere"] == {"delegate": {"paper": "p-all", "page": 3}}
    table.play.does("chair", "page.turn", paper="p-all", page=3)
    assert table.meter["people_following"] == 1
    assert table.presence.names(table.play.meeting)["elsewhere"] == {}


async def test_somebody_with_two_devices_is_one_and_follows_when_one_of_them_does(table: Table) -> None:
    table.comes("delegate", "ban-1")
    table.comes("delegate", "điện-thoại")
    table.reads("delegate", {"alone": True, "paper": "p-all", "page": 5}, "điện-thoại")
    assert (table.meter["people"], table.meter["people_following"]) == (1, 1)
    assert table.presence.names(table.play.meeting)["elsewhere"] == {}


async def test_whoever_is_here_by_a_shared_tablet_alone_is_known(table: Table) -> None:
    seat = Visitor("delegate", "seat", "delegate", only_meeting="m-1")
    table.presence.heard(STREAM, seat, "máy-chung", True)
    assert table.presence.is_at_shared("m-1", "delegate")
    table.comes("delegate")
    assert not table.presence.is_at_shared("m-1", "delegate")
    table.comes("delegate", present=False)
    assert table.presence.is_at_shared("m-1", "delegate")
    table.presence.heard(STREAM, seat, "máy-chung", False)
    assert not table.presence.is_at_shared("m-1", "delegate")


async def test_an_own_line_at_another_process_counts(table: Table) -> None:
    table.presence.heard(STREAM, Visitor("delegate", "seat", "delegate", only_meeting="m-1"), "máy-chung", True)
    lines = {"process": "west", "meeting": "m-1", "readings": [{"person": "delegate"}], "connected": ["delegate"]}
    table.presence.overheard("presence", {**lines, "own": ["delegate"]})
    assert not table.presence.is_at_shared("m-1", "delegate")
    table.presence.overheard("presence", lines)
    assert table.presence.is_at_shared("m-1", "delegate")


async def test_a_tablet_that_sleeps_is_not_gone_yet_but_its_owner_is_not_connected(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(joint, "GRACE_S", 0.05)
    table.comes("chair")
    assert table.presence.is_connected("m-1", "chair")
    table.comes("chair", present=False)
    assert not table.presence.is_connected("m-1", "chair")
    assert table.meter["people"] == 1
    async with asyncio.timeout(60):
        while table.meter["people"]:
            await asyncio.sleep(0.01)


async def test_who_comes_back_in_time_was_never_away(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joint, "GRACE_S", 0.05)
    table.comes("chair")
    table.comes("delegate")
    table.comes("chair", present=False)
    table.comes("chair")
    # Whoever leaves after that is gone after the chair would have been.
    table.comes("delegate", present=False)
    async with asyncio.timeout(60):
        while table.meter["people"] == 2:
            await asyncio.sleep(0.01)
    assert table.meter["people"] == 1 and table.presence.is_connected("m-1", "chair")


async def test_after_the_grace_the_desk_learns_whose_line_is_lost_and_since_when(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(joint, "GRACE_S", 0.02)
    for who in ("delegate", "guest", "second"):
        table.comes(who)
    cut = table.play.clock.now()
    for who in ("delegate", "guest"):
        table.comes(who, present=False)
    table.comes("second", "điện-thoại")
    table.comes("second", present=False)
    assert table.presence.names(table.play.meeting)["lost"] == {}
    table.play.clock.advance(60_000)
    async with asyncio.timeout(60):
        while table.meter["people"] > 1:
            await asyncio.sleep(0.005)
    # The guest is not on record as present; the other has a second device.
    assert table.presence.names(table.play.meeting)["lost"] == {"delegate": cut}
    assert table.play.meeting.members["delegate"].attendance.present
    table.comes("delegate")
    assert table.presence.names(table.play.meeting)["lost"] == {}


async def test_who_was_lost_at_one_process_and_comes_back_at_another_is_found(table: Table) -> None:
    table.presence.overheard("presence", {**west("chair"), "lost": {"delegate": 7}})
    assert table.presence.names(table.play.meeting)["lost"] == {"delegate": 7}
    table.comes("delegate")
    assert table.presence.names(table.play.meeting)["lost"] == {}


async def test_nobody_is_looked_for_after_the_closing(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joint, "GRACE_S", 0.01)
    monkeypatch.setattr(joint, "TELL_EVERY_S", 0.01)
    table.comes("delegate")
    table.comes("delegate", present=False)
    async with asyncio.timeout(60):
        while not (table.said and table.said[-1]["lost"]):
            await asyncio.sleep(0.005)
    table.play.does("chair", "meeting.close")
    table.comes("chair")
    async with asyncio.timeout(60):
        while table.said[-1]["lost"]:
            await asyncio.sleep(0.005)


async def test_numbers_are_for_everybody_and_names_for_the_desk(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joint, "TELL_EVERY_S", 0.01)
    for who in ("chair", "guest", "second"):
        table.comes(who)
    async with asyncio.timeout(60):
        while len(table.told) < 2:
            await asyncio.sleep(0.01)
    (meter, numbers, everybody), (names, who_is, desk) = table.told
    assert (meter, numbers["people"], everybody) == ("meter", 3, None)
    assert (names, who_is["connected"]) == ("presence", ["chair", "guest", "second"])
    assert desk is not None and {"chair", "secretary", "deputy"} <= desk and "guest" not in desk


@pytest.mark.parametrize("data", [None, 7, [], {"alone": "yes"}, {"page": -1}, {"page": 10**12, "paper": "x" * 9999}])
async def test_whatever_a_tablet_says_of_its_reading_is_taken_as_harmless(table: Table, data: Any) -> None:
    table.comes("delegate")
    table.reads("delegate", data)
    assert table.meter["people"] == 1


def west(*people: str, alone: tuple[str, ...] = ()) -> dict[str, Any]:
    """What another process says of its lines."""
    readings = [{"person": person, **({"alone": True, "page": 9} if person in alone else {})} for person in people]
    return {"process": "west", "meeting": "m-1", "readings": readings, "connected": list(people)}


async def test_people_at_other_processes_count_once_and_are_named(table: Table) -> None:
    table.comes("delegate")
    table.presence.overheard("presence", west("delegate", "chair", "site-tx", alone=("chair",)))
    assert table.meter == {"people": 2, "people_following": 1, "sites": 1, "sites_following": 1}
    assert table.presence.names(table.play.meeting) == {
        "connected": ["chair", "delegate", "site-tx"],
        "elsewhere": {"chair": {"paper": "", "page": 9}},
        "lost": {},
    }
    assert table.presence.is_connected("m-1", "chair") and not table.presence.is_connected("m-2", "chair")


async def test_the_newest_word_of_a_process_replaces_its_earlier_ones(table: Table) -> None:
    table.presence.overheard("presence", west("delegate", "chair"))
    table.presence.overheard("presence", west("chair"))
    assert table.meter["people"] == 1
    table.presence.overheard("presence", west())
    assert table.meter["people"] == 0 and not table.presence.is_connected("m-1", "chair")


async def test_what_others_tell_each_other_is_none_of_its_business(table: Table) -> None:
    table.presence.overheard("weather", "rain")
    assert table.meter["people"] == 0


async def test_the_people_of_a_process_that_falls_silent_vanish(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joint, "SILENCE_S", 0.05)
    table.comes("delegate")
    table.presence.overheard("presence", west("chair"))
    assert table.meter["people"] == 2
    async with asyncio.timeout(60):
        while table.presence.is_connected("m-1", "chair"):
            await asyncio.sleep(0.01)
    assert table.meter["people"] == 1


async def test_a_process_says_its_lines_at_each_change_and_again_and_again(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(joint, "TELL_EVERY_S", 0.01)
    monkeypatch.setattr(joint, "SAY_AGAIN_S", 0.01)
    table.comes("delegate")
    speaking = asyncio.create_task(table.presence.run())
    async with asyncio.timeout(60):
        while len(table.said) < 3:
            await asyncio.sleep(0.01)
    speaking.cancel()
    assert table.said[-1] == {
        "process": "east",
        "meeting": "m-1",
        "readings": [{"person": "delegate"}],
        "connected": ["delegate"],
        "lost": {},
        "own": ["delegate"],
    }


async def test_hearing_of_others_is_no_reason_to_say_anything(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joint, "TELL_EVERY_S", 0.01)
    table.presence.overheard("presence", west("chair"))
    async with asyncio.timeout(60):
        while len(table.told) < 2:
            await asyncio.sleep(0.01)
    assert table.said == []


async def test_what_was_told_last_is_not_told_again_until_it_changes_or_nobody_is_left_who_heard_it(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(joint, "TELL_EVERY_S", 0.0)
    monkeypatch.setattr(joint, "GRACE_S", 0.0)

    async def told(topic: str) -> int:
        before = len([one for one in table.told if one[0] == topic])
        while table.presence._due:
            await asyncio.sleep(0.01)
        return len([one for one in table.told if one[0] == topic]) - before

    table.comes("delegate")
    assert await told("meter") == 1
    table.play.does("chair", "page.turn", paper="p-all", page=2)
    table.presence.changed("m-1")
    assert await told("meter") == 0, "everybody follows, as before"
    table.reads("delegate", {"alone": True, "paper": "p-all", "page": 3})
    assert (await told("meter"), len(table.told)) == (1, 4)
    table.comes("delegate", present=False)
    async with asyncio.timeout(60):
        while table.presence._endpoints:
            await asyncio.sleep(0.01)
    table.told.clear()
    for _ in range(2):
        table.presence.changed("m-1")
        table.presence._soon("m-1")
        assert await told("meter") == 1, "whoever comes next must find it"
