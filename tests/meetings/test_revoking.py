from __future__ import annotations

import pytest

from server.errors import Refused
from server.meetings.conference import everybody, grants
from tests.meetings.scenario import opened, prepared


def test_whoever_is_taken_back_loses_seat_vote_floor_and_everything_in_hand() -> None:
    play = opened()
    play.does("chair", "floor.invite", person="deputy")
    play.does("deputy", "floor.request", topic="Ý kiến nữa")
    play.does("chair", "microphone.switch", who="deputy", open=True)
    play.does("technician", "stage.pin", who="deputy")
    play.does("secretary", "presenting.hand_over", to="deputy")
    play.does("deputy", "screen.share", sharing=True)
    play.does("deputy", "controls.take")
    play.does("deputy", "call.make", kind="service")
    play.does("secretary", "member.revoke", person="deputy", reason="Mời nhầm")
    meeting = play.meeting
    assert meeting.roles_of("deputy") == frozenset() and "deputy" not in everybody(meeting)
    assert (meeting.deputy, meeting.controlling, meeting.presenting, meeting.sharing, meeting.pinned) == ("",) * 5
    assert meeting.speaking is None and not meeting.requests and not meeting.calls
    assert "deputy" not in meeting.microphones and "deputy" not in grants(meeting).audible
    assert meeting.spoken["deputy"] > 0, "what they said stays"


def test_a_guest_is_taken_back_before_the_meeting_begins_and_items_lose_their_presenter() -> None:
    play = prepared()
    play.does("secretary", "meeting.publish")
    play.does("secretary", "member.revoke", person="guest")
    play.does("secretary", "member.revoke", person="delegate")
    assert "guest" not in play.meeting.members
    assert not any(item.presenter for item in play.meeting.items)


def test_after_publishing_nobody_is_taken_off_the_list_without_a_word() -> None:
    play = prepared()
    play.does("secretary", "member.remove", person="guest")
    play.does("secretary", "meeting.publish")
    with pytest.raises(Refused, match=r"phase\.published"):
        play.does("secretary", "member.remove", person="delegate")


def test_the_substitute_of_whoever_is_taken_back_leaves_too() -> None:
    play = opened()
    play.does("delegate", "attendance.leave")
    play.does("secretary", "attendance.substitute", person="delegate", substitute="substitute")
    play.does("secretary", "member.revoke", person="delegate")
    assert not {"delegate", "substitute"} & play.meeting.members.keys()


def test_who_was_replaced_by_somebody_taken_back_may_come_again() -> None:
    play = opened()
    play.does("delegate", "attendance.leave")
    play.does("secretary", "attendance.substitute", person="delegate", substitute="guest")
    play.does("secretary", "member.revoke", person="guest")
    play.does("delegate", "attendance.arrive", place="room")
    assert play.meeting.members["delegate"].attendance.present


@pytest.mark.parametrize(
    ("by", "person", "code"), [("secretary", "chair", "is_chair"), ("secretary", "secretary", "not_oneself")]
)
def test_neither_the_chair_nor_oneself_is_taken_back(by: str, person: str, code: str) -> None:
    with pytest.raises(Refused, match=rf"member\.{code}"):
        opened().does(by, "member.revoke", person=person)


def test_nobody_is_taken_out_of_an_electorate_that_votes() -> None:
    play = opened()
    play.does("chair", "ballot.open", ballot=next(iter(play.meeting.ballots)))
    with pytest.raises(Refused, match=r"member\.ballot_open"):
        play.does("secretary", "member.revoke", person="second")
