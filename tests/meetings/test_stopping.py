"""The system is stopped for content that does not belong on it: what ends, what may go on, and how it comes back."""

from __future__ import annotations

import pytest

from server.errors import Forbidden, Refused
from server.meetings.acts import By, Command, Moment, all_commands, decide, order_of, tag_of
from server.meetings.conference import grants
from server.meetings.recording import is_recorded
from server.meetings.roles import Role
from server.meetings.sitting import StopSystem
from tests.meetings.scenario import START, Play, opened
from tests.meetings.test_permits import any_of

GOES_ON = {
    "acting.grant",
    "attendance.arrive",
    "attendance.at_site",
    "attendance.leave",
    "attendance.record",
    "attendance.substitute",
    "call.answer",
    "call.end",
    "call.make",
    "chair.hand_over",
    "controls.return",
    "controls.take",
    "meeting.close",
    "meeting.resume",
    "notice.end",
    "paper.prepare",
    "recording.stop",
}
"""What carries no content: who chairs and who taps, who is there, calls for help, what the house itself notes."""


def busy() -> Play:
    """A meeting in which everything is going on that could carry content."""
    play = opened()
    play.does("chair", "recording.start")
    play.does("chair", "paper.show", paper="p-all", page=3)
    play.does("chair", "screen.share", sharing=True)
    play.does("secretary", "notice.post", text="Giải lao lúc 10 giờ", minutes=5)
    play.does("chair", "microphone.switch", who="site-tx", open=True)
    play.does("chair", "floor.invite", person="delegate")
    return play


def tags(events: list[object]) -> list[str]:
    return [tag_of(event) for event in events]  # type: ignore[arg-type]


def test_everything_that_could_carry_content_ends_and_only_the_time_is_kept() -> None:
    play = busy()
    assert tags(play.does("chair", "system.stop"))[-1] == "system.stopped"
    meeting = play.meeting
    assert (meeting.phase, meeting.stopped) == ("break", meeting.periods[-1].ended_at)
    assert (meeting.speaking, meeting.shown, meeting.sharing, meeting.notice) == (None, None, "", "")
    assert grants(meeting).audible == frozenset() and not is_recorded(meeting)
    assert set(type(play.steps[-1][1]).__struct_fields__) == {"at"}


def test_it_comes_back_with_one_command_as_it_was() -> None:
    play = busy()
    play.does("chair", "system.stop")
    assert tags(play.does("chair", "meeting.resume")) == ["meeting.resumed"]
    meeting = play.meeting
    assert (meeting.phase, meeting.stopped, len(meeting.periods)) == ("open", 0, 2)
    assert is_recorded(meeting) and meeting.current is not None
    assert grants(meeting).audible == {"site-main"}


@pytest.mark.parametrize("command", all_commands(), ids=tag_of)
def test_while_it_lasts_only_what_carries_no_content_goes_on(command: type[Command]) -> None:
    play = opened()
    play.does("chair", "system.stop")
    if "break" not in command.phases:
        return
    stopped = False
    try:
        decide(any_of(command), play.meeting, By("nobody", frozenset(Role)), Moment(START, lambda: "fresh"))
    except Refused as refused:
        stopped = refused.code == "meeting.stopped"
    except Exception:
        pass
    assert stopped == (tag_of(command) not in GOES_ON)


def test_an_open_ballot_keeps_nobody_from_stopping_and_goes_on_afterwards() -> None:
    play = opened()
    ballot = next(iter(play.meeting.ballots))
    play.does("chair", "item.start", item=play.meeting.ballots[ballot].item)
    play.does("chair", "ballot.open", ballot=ballot)
    play.does("chair", "system.stop")
    vote = {"ballot": ballot, "mandate": "second", "choice": "agree"}
    for person, tag, fields in (("second", "ballot.cast", vote), ("chair", "ballot.close", {"ballot": ballot})):
        with pytest.raises(Refused, match=r"phase\.break"):
            play.does(person, tag, **fields)
    play.does("chair", "meeting.resume")
    play.does("second", "ballot.cast", **vote)
    play.does("chair", "ballot.close", ballot=ballot)
    assert play.meeting.ballots[ballot].state == "closed"


def test_it_can_be_stopped_in_a_break_and_the_meeting_can_end_meanwhile() -> None:
    play = opened()
    play.does("chair", "meeting.pause", reason="Giải lao")
    play.does("chair", "system.stop")
    assert play.meeting.break_reason == "" and len(play.meeting.periods) == 1
    play.does("chair", "meeting.close")
    assert (play.meeting.phase, play.meeting.stopped) == ("closed", 0)


def test_whoever_may_pause_stops_and_opens_it_the_secretary_on_the_chairs_order() -> None:
    play = opened()
    with pytest.raises(Forbidden):
        play.does("secretary", "system.stop")
    play.does("chair", "acting.grant", granted=True)
    by = By("secretary", play.meeting.roles_of("secretary"))
    assert order_of(StopSystem(), play.meeting, by) == "chair"
    play.does("secretary", "system.stop")
    with pytest.raises(Refused, match=r"meeting\.stopped"):
        play.does("secretary", "system.stop")
    play.does("deputy", "controls.take")
    play.does("deputy", "meeting.resume")
    assert play.meeting.phase == "open"


def test_people_still_arrive_leave_and_call_for_help() -> None:
    play = opened()
    play.does("chair", "system.stop")
    play.does("delegate", "attendance.leave", reason="Đi công tác")
    play.does("second", "call.make", kind="technician")
    with pytest.raises(Refused, match=r"meeting\.stopped"):
        play.does("secretary", "notice.post", text="Nội dung")
