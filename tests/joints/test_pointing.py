"""Where the presenter points: with the ink of the page shown, to those who may read it, and from nobody else."""

from __future__ import annotations

from tests.e2e.small import MEETING, SmallHouse
from tests.live.room import Tablet

SPOT = {"page": 1, "x": 5000, "y": 2500, "kind": "pointer"}


async def at(small: SmallHouse, person: str, version: str) -> Tablet:
    """Somebody's tablet with this version open."""
    tablet = await (await small.caller(person)).tablet()
    for stream in (f"meeting:{MEETING}", f"ink:{version}:all"):
        await tablet.ask("sync", {"stream": stream, "since": 0})
    return tablet


async def heard(tablet: Tablet) -> list[tuple[str, object]]:
    """What has come; an answer to a question asked now comes after all that was on its way before."""
    await tablet.sync(-1, "")
    return [(hint["by"], hint["data"]) for batch in tablet.hints for hint in batch if hint["type"] == "pointer"]


async def test_who_presents_points_and_takes_the_right_along_when_it_is_handed_on(small: SmallHouse) -> None:
    version, chair = small.lies.versions["all"], await small.caller("chair")
    assert (await chair.commands("paper.show", paper=small.lies.papers["all"]))[0] == 200
    first, second = await at(small, "delegate", version), await at(small, "second", version)
    stream = f"ink:{version}:all"
    await second.hint("pointer", {"page": 1, "x": 1, "y": 1, "kind": "pointer"}, stream)
    assert (await chair.commands("presenting.hand_over", to="second"))[0] == 200
    await second.hint("pointer", SPOT, stream)
    await first.until(lambda: first.hints != [])
    assert await heard(first) == [("second", SPOT)]
    assert (await chair.commands("presenting.hand_over", to="delegate"))[0] == 200
    await second.hint("pointer", {"page": 1, "x": 2, "y": 2, "kind": "pointer"}, stream)
    await first.hint("pointer", SPOT, stream)
    await second.until(lambda: second.hints != [])
    assert await heard(second) == [("delegate", SPOT)]
    assert len(await heard(first)) == 1


async def test_nobody_points_at_a_paper_that_is_not_shown_or_learns_of_one_they_may_not_read(
    small: SmallHouse,
) -> None:
    versions, papers = small.lies.versions, small.lies.papers
    chair = await small.caller("chair")
    pointing, reader = await at(small, "chair", versions["named"]), await at(small, "second", versions["named"])
    stranger = await at(small, "delegate", versions["named"])
    stream = f"ink:{versions['named']}:all"
    await pointing.hint("pointer", {"page": 1, "x": 1, "y": 1, "kind": "pointer"}, stream)
    assert (await chair.commands("paper.show", paper=papers["named"]))[0] == 200
    await pointing.hint("pointer", SPOT, stream)
    await reader.until(lambda: reader.hints != [])
    assert await heard(reader) == [("chair", SPOT)]
    assert await heard(stranger) == []
