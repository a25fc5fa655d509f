from __future__ import annotations

import pytest

from server.errors import Refused
from server.meetings.conference import grants
from server.meetings.floor import quietest_first
from tests.meetings.scenario import Play, opened, prepared

MINUTE = 60_000


@pytest.fixture
def play() -> Play:
    return opened()


def test_everybody_sees_one_order_and_points_of_order_go_first(play: Play) -> None:
    for person, kind in (("delegate", "speech"), ("second", "speech"), ("guest", "order"), ("deputy", "order")):
        play.does(person, "floor.request", topic="…", kind=kind)
    assert [request.person for request in play.meeting.requests] == ["guest", "deputy", "delegate", "second"]
    assert [request.seq for request in play.meeting.requests] == [3, 4, 1, 2]


def test_nobody_registers_twice(play: Play) -> None:
    play.does("delegate", "floor.request")
    with pytest.raises(Refused, match=r"floor\.already_registered"):
        play.does("delegate", "floor.request")


def test_a_closed_register_takes_only_points_of_order(play: Play) -> None:
    play.does("chair", "floor.register", closed=True)
    with pytest.raises(Refused, match=r"floor\.register_closed"):
        play.does("delegate", "floor.request")
    play.does("delegate", "floor.request", kind="order")


def test_somebody_unregistered_may_be_invited(play: Play) -> None:
    play.does("chair", "floor.invite", person="second", minutes=7, topic="Ý kiến của địa phương")
    speech = play.meeting.speaking
    assert speech is not None
    assert (speech.person, speech.allotted, speech.topic) == ("second", 7 * MINUTE, "Ý kiến của địa phương")


def test_the_invited_take_their_topic_from_the_register_and_leave_it(play: Play) -> None:
    play.does("delegate", "floor.request", topic="Tiến độ giải ngân")
    play.does("chair", "floor.invite", person="delegate")
    speech = play.meeting.speaking
    assert speech is not None
    assert (speech.topic, speech.allotted) == ("Tiến độ giải ngân", 5 * MINUTE)
    assert play.meeting.requests == ()


def test_inviting_the_next_ends_the_one_before_and_counts_the_time(play: Play) -> None:
    play.does("chair", "floor.invite", person="delegate")
    play.clock.advance(3 * MINUTE)
    play.does("chair", "floor.invite", person="second")
    assert play.meeting.spoken == {"delegate": 3 * MINUTE + 1000}


def test_only_who_is_present_can_be_invited(play: Play) -> None:
    with pytest.raises(Refused, match=r"floor\.not_present"):
        play.does("chair", "floor.invite", person="guest")


def test_a_speech_is_extended_by_minutes_and_ended_by_the_speaker(play: Play) -> None:
    play.does("chair", "floor.invite", person="delegate", minutes=3)
    play.does("chair", "floor.extend", minutes=2)
    assert play.meeting.speaking is not None
    assert play.meeting.speaking.allotted == 5 * MINUTE
    with pytest.raises(Refused, match=r"floor\.not_yours"):
        play.does("second", "floor.end")
    play.does("delegate", "floor.end")
    assert play.meeting.speaking is None


def test_the_quietest_come_first_when_the_chair_asks_for_it(play: Play) -> None:
    play.does("chair", "floor.invite", person="delegate")
    play.clock.advance(MINUTE)
    play.does("chair", "floor.end")
    play.does("delegate", "floor.request")
    play.does("second", "floor.request")
    assert [request.person for request in quietest_first(play.meeting)] == ["second", "delegate"]
    assert [request.person for request in play.meeting.requests] == ["delegate", "second"]


def test_the_secretary_acts_for_the_chair_only_where_that_was_granted(play: Play) -> None:
    with pytest.raises(Exception, match=r"role\.not_allowed"):
        play.does("secretary", "floor.invite", person="delegate")
    play.does("chair", "acting.grant", granted=True)
    play.does("secretary", "floor.invite", person="delegate")
    assert play.meeting.speaking is not None
    assert play.meeting.speaking.invited_by == "secretary"


def test_the_floor_opens_the_microphone_of_the_speakers_site_and_closes_it(play: Play) -> None:
    play.does("chair", "floor.invite", person="second")
    assert grants(play.meeting).audible == {"site-main", "site-tx"}
    assert (grants(play.meeting).floor, grants(play.meeting).stage) == ("site-tx", "site-tx")
    play.does("chair", "floor.end")
    assert grants(play.meeting).audible == {"site-main"}


def test_a_microphone_the_chair_closed_stays_closed_while_its_owner_speaks(play: Play) -> None:
    play.does("chair", "floor.invite", person="second")
    play.does("chair", "microphone.switch", who="site-tx", open=False)
    assert "site-tx" not in grants(play.meeting).audible


def test_a_pinned_site_stays_on_stage_whoever_speaks(play: Play) -> None:
    play.does("technician", "stage.pin", who="site-tx")
    play.does("chair", "floor.invite", person="delegate")
    assert grants(play.meeting).stage == "site-tx"
    play.does("technician", "stage.pin", who="")
    assert grants(play.meeting).stage == "site-main"


def test_a_microphone_opened_for_a_speech_closes_with_it(play: Play) -> None:
    play.does("chair", "floor.invite", person="second")
    play.does("site-tx", "microphone.close", closed=True)
    play.does("site-tx", "microphone.close", closed=False)
    assert "site-tx" in grants(play.meeting).audible
    play.does("chair", "floor.end")
    assert "site-tx" not in grants(play.meeting).audible


def test_whoever_is_invited_again_is_heard_again(play: Play) -> None:
    play.does("chair", "floor.invite", person="second")
    play.does("chair", "microphone.switch", who="site-tx", open=False)
    play.does("chair", "floor.end")
    play.does("chair", "floor.invite", person="second")
    assert "site-tx" in grants(play.meeting).audible


def test_all_microphones_can_be_closed_before_the_opening_and_the_floor_opens_them_again() -> None:
    play = prepared()
    play.does("secretary", "meeting.publish")
    assert {"site-main", "site-tx", "delegate"} <= grants(play.meeting).audible
    play.does("technician", "microphones.close_all")
    assert grants(play.meeting).audible == {"site-main"}, "where the chair sits is spared"
    assert play.does("technician", "microphones.close_all") == []
    play.does("secretary", "attendance.record", person="chair", state="room")
    play.does("second", "attendance.arrive", place="site")
    play.does("chair", "meeting.open", without_quorum=True)
    play.does("chair", "floor.invite", person="second")
    assert grants(play.meeting).audible == {"site-main", "site-tx"}
