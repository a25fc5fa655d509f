"""The trace of the attendance is for the desk and the secretary."""

from __future__ import annotations

from tests.e2e.small import MEETING, SmallHouse

TRACE = f"/api/meetings/{MEETING}/attendance"


async def test_the_secretary_reads_who_recorded_what_and_a_delegate_does_not(small: SmallHouse) -> None:
    secretary = await small.caller("secretary")
    status, _ = await secretary.commands("attendance.record", person="delegate", state="left", reason="Đi công tác")
    assert status == 200
    status, told = await secretary.asks("GET", TRACE)
    last = told["lines"][-1]
    assert (last["person"], last["before"]["state"], last["after"]["state"]) == ("delegate", "room", "left")
    assert (last["corrected"], told["names"][last["by"]]) == (True, "Trịnh Thu Hà")
    refused = await (await small.caller("delegate")).asks("GET", TRACE)
    assert (refused[0], refused[1]["code"]) == (403, "role.not_allowed")
