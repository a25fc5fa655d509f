"""What is drawn over a shared screen: by those who present, for those who see it, and gone with it."""

from __future__ import annotations

from typing import Any, cast

import msgspec
import pytest

from server.errors import Refused
from server.joints.sketch import MOST_MARKS, Sketch, gone_from, screen_of
from server.meetings.service import Asker, Meetings
from server.meetings.standing import Standing
from tests.e2e.small import MEETING, SITE, SmallHouse
from tests.live.room import Tablet

SCREEN = screen_of(MEETING)
LINE = {"kind": "stroke", "page": 1, "tool": "pen", "colour": "#1b3fa8", "width": 26, "points": [[1, 2, 500]]}
ARROW = {"kind": "shape", "page": 1, "form": "arrow", "colour": "#1b3fa8", "width": 26, "start": [0, 0], "end": [9, 9]}


async def at(small: SmallHouse, person: str) -> Tablet:
    """Somebody who sees the shared screen."""
    tablet = await (await small.caller(person)).tablet()
    answer = await tablet.sync(0, SCREEN)
    assert answer["ok"], answer
    return tablet


async def says(tablet: Tablet, type_: str, **fields: Any) -> dict[str, Any]:
    """The answer to a command about what is drawn."""
    payload = {"stream": SCREEN, "id": "an-id-of-its-own", "command": {"type": type_, **fields}}
    return await tablet.ask("command", payload)


async def draws(tablet: Tablet, id_: str) -> dict[str, Any]:
    """Draw a line of this name."""
    return await says(tablet, "stroke.add", stroke={**LINE, "id": id_})


def shown(tablet: Tablet) -> dict[str, str]:
    """The marks this tablet shows, and whose they are."""
    marks: dict[str, str] = {}
    for status in tablet.statuses:
        if status["stream"] == SCREEN and status["topic"].startswith("mark:"):
            marks.pop(status["topic"], None)
            if status["value"] is not None:
                marks[status["topic"]] = status["value"]["by"]
    return marks


async def shares(small: SmallHouse, person: str, sharing: bool = True) -> None:
    """This person's screen is shown, or no longer."""
    status, answer = await (await small.caller(person)).commands("screen.share", sharing=sharing)
    assert status == 200, answer


async def test_who_presents_draws_for_all_who_see_the_screen_also_those_who_come_later(small: SmallHouse) -> None:
    await shares(small, "secretary")
    drawing, looking = await at(small, "secretary"), await at(small, SITE)
    assert (await draws(drawing, "mark-0001"))["ok"]
    assert (await says(drawing, "mark.add", mark={**ARROW, "id": "mark-0002"}))["ok"]
    await looking.until(lambda: len(shown(looking)) == 2)
    late = await (await small.caller("delegate")).tablet()
    snapshot = (await late.sync(0, SCREEN))["snapshot"]
    assert [(mark["id"], mark["by"]) for mark in snapshot["strokes"]] == [("mark-0001", "secretary")]
    assert [mark["form"] for mark in snapshot["marks"]] == ["arrow"]
    assert await small.house.streams.head(SCREEN) == 0, "nothing of it is kept"


async def test_who_does_not_present_neither_draws_nor_points(small: SmallHouse) -> None:
    await shares(small, "secretary")
    looking, drawing = await at(small, "delegate"), await at(small, "secretary")
    assert (await draws(looking, "mark-0001"))["code"] == "role.not_allowed"
    await looking.hint("pointer", {"page": 1, "x": 1, "y": 1, "kind": "pointer"}, SCREEN)
    await drawing.hint("pointer", {"page": 1, "x": 2, "y": 2, "kind": "pointer"}, SCREEN)
    await drawing.hint("stroke", LINE, SCREEN)
    await looking.until(lambda: len([one for batch in looking.hints for one in batch]) == 2)
    await drawing.sync(-1, "")
    assert drawing.hints == []


async def test_own_marks_are_rubbed_out_and_all_of_them_by_the_desk(small: SmallHouse) -> None:
    await shares(small, "chair")
    chair = await small.caller("chair")
    assert (await chair.commands("presenting.hand_over", to="delegate"))[0] == 200
    drawing, presiding, looking = await at(small, "delegate"), await at(small, "chair"), await at(small, "second")
    for tablet, mark in ((drawing, "mark-0001"), (drawing, "mark-0002"), (presiding, "mark-0003")):
        assert (await draws(tablet, mark))["ok"]
    assert (await draws(drawing, "mark-0003"))["code"] == "stroke.exists"
    assert (await says(drawing, "stroke.erase", id="mark-0003"))["code"] == "stroke.not_yours"
    assert (await says(drawing, "stroke.erase", id="mark-0001"))["ok"]
    await looking.until(lambda: set(shown(looking)) == {"mark:mark-0002", "mark:mark-0003"})
    assert (await says(drawing, "marks.clear"))["ok"]
    await looking.until(lambda: set(shown(looking)) == {"mark:mark-0003"})
    assert (await draws(drawing, "mark-0004"))["ok"]
    assert (await says(presiding, "marks.clear"))["ok"]
    await looking.until(lambda: len(looking.statuses) > 4 and shown(looking) == {})


async def test_it_goes_when_the_sharing_ends_and_the_next_screen_begins_clean(small: SmallHouse) -> None:
    await shares(small, "secretary")
    drawing, looking = await at(small, "secretary"), await at(small, "second")
    assert (await draws(drawing, "mark-0001"))["ok"]
    await looking.until(lambda: len(shown(looking)) == 1)
    await shares(small, "secretary", sharing=False)
    await looking.until(lambda: shown(looking) == {})
    assert (await draws(drawing, "mark-0002"))["code"] == "screen.not_shared"
    await shares(small, "chair")
    assert (await (await at(small, "delegate")).sync(0, SCREEN))["snapshot"] == {"strokes": [], "marks": []}


class ReadEarlier:
    """Meetings as somebody sees them whose look into the log began a moment before the last decision."""

    def __init__(self, meetings: Meetings, earlier: Standing) -> None:
        self.at_hand, self.clock, self.earlier = meetings.at_hand, meetings.clock, earlier

    async def admitted(self, _meeting: str, _asker: Asker) -> Standing:
        return self.earlier

    seen_by = admitted


async def test_a_mark_that_comes_just_as_the_sharing_ends_does_not_stay(small: SmallHouse) -> None:
    await shares(small, "secretary")
    await at(small, "secretary")
    meetings, (caller,) = small.house.meetings, small.house.live.followers(SCREEN)
    earlier = await meetings.standing(MEETING)
    await shares(small, "secretary", sharing=False)
    sketch = Sketch(cast(Meetings, ReadEarlier(meetings, earlier)), lambda: small.house.live)
    command = msgspec.json.encode({"type": "stroke.add", "stroke": {**LINE, "id": "mark-0001"}})
    with pytest.raises(Refused, match=r"screen\.not_shared"):
        await sketch.perform(caller.visitor, SCREEN, "an-id", command)
    assert small.house.live.statuses.of(SCREEN) == []


async def test_words_foreign_fields_and_too_much_are_refused(small: SmallHouse) -> None:
    await shares(small, "secretary")
    drawing = await at(small, "secretary")
    note = {"kind": "comment", "id": "mark-0001", "page": 1, "spot": [1, 1], "text": "Xem lại"}
    assert (await says(drawing, "mark.add", mark=note))["code"] == "stroke.malformed"
    long = {**LINE, "id": "mark-0001", "points": [[1, 1, 500]] * 501}
    assert (await says(drawing, "stroke.add", stroke=long))["code"] == "stroke.malformed"
    assert (await says(drawing, "stroke.add", stroke={**LINE, "id": "mark-0001", "page": 2}))[
        "code"
    ] == "page.out_of_range"
    for number in range(MOST_MARKS):
        small.house.live.status(SCREEN, f"mark:full-{number}", {**LINE, "id": f"full-{number}", "by": "secretary"})
    assert (await draws(drawing, "mark-0001"))["code"] == "ink.full"


async def test_strangers_and_guests_of_other_items_see_nothing_of_it(small: SmallHouse) -> None:
    await shares(small, "secretary")
    tablet = await (await small.caller("stranger")).tablet()
    assert not (await tablet.sync(0, SCREEN))["ok"]
    items, chair = small.lies.items, await small.caller("chair")
    assert (await (await small.caller("secretary")).commands("member.limit", person="guest", items=[items[1]]))[
        0
    ] == 200
    guest = await (await small.caller("guest")).tablet()
    assert (await guest.sync(0, SCREEN))["code"] == "conference.not_now"
    assert (await chair.commands("item.start", item=items[1]))[0] == 200
    assert (await guest.sync(0, SCREEN))["ok"]
    before = (await small.house.meetings.standing(MEETING))[1]
    assert (await chair.commands("item.start", item=items[0]))[0] == 200
    after = (await small.house.meetings.standing(MEETING))[1]
    assert gone_from(before, after, ["guest", "second"]) == {"guest"}
    await guest.until(lambda: any(status["topic"] == "resync" for status in guest.statuses))
    drawing = await at(small, "secretary")
    assert (await draws(drawing, "mark-0001"))["ok"]
    await guest.sync(-1, "")
    assert shown(guest) == {}
