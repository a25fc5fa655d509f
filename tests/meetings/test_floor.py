from __future__ import annotations

import pytest
from msgspec.structs import replace

from server.errors import Refused
from server.meetings.conference import grants
from server.meetings.floor import EndSpeech, ends_by_itself
from server.meetings.register import quietest_first
from server.meetings.roles import Role
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


def test_a_clock_that_was_turned_back_takes_no_time_from_who_spoke(play: Play) -> None:
    play.does("chair", "floor.invite", person="delegate")
    play.clock.advance(-60 * MINUTE)
    play.does("chair", "floor.end")
    assert play.meeting.spoken == {"delegate": 0}


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


def test_among_those_who_have_spoken_as_much_the_order_that_the_chair_gave_stays(play: Play) -> None:
    play.does("delegate", "floor.request")
    play.does("second", "floor.request")
    first, last = (request.id for request in play.meeting.requests)
    play.does("chair", "floor.order", request=last, before=first)
    assert [request.id for request in quietest_first(play.meeting)] == [last, first]


def test_the_chair_takes_up_the_offer_and_the_register_stands_by_the_minutes_spoken(play: Play) -> None:
    play.does("chair", "floor.invite", person="delegate")
    play.clock.advance(MINUTE)
    play.does("chair", "floor.end")
    for person, kind in (("delegate", "speech"), ("second", "speech"), ("deputy", "order")):
        play.does(person, "floor.request", kind=kind)
    play.does("chair", "floor.quiet_first")
    assert [request.person for request in play.meeting.requests] == ["deputy", "second", "delegate"]
    assert play.does("chair", "floor.quiet_first") == []


def test_nothing_is_moved_before_a_point_of_order(play: Play) -> None:
    for person, kind in (("delegate", "speech"), ("second", "speech"), ("deputy", "order")):
        play.does(person, "floor.request", kind=kind)
    order, _, last = (request.id for request in play.meeting.requests)
    play.does("chair", "floor.order", request=last, before=order)
    assert [request.person for request in play.meeting.requests] == ["deputy", "second", "delegate"]


def test_one_registers_for_each_item_by_itself_and_not_for_one_that_is_over(play: Play) -> None:
    first, second = (item.id for item in play.meeting.items[:2])
    play.does("delegate", "floor.request", topic="Việc này")
    play.does("delegate", "floor.request", topic="Việc sau", item=second)
    play.does("chair", "floor.register", closed=True)
    play.does("chair", "item.start", item=second)
    assert not play.meeting.requests_closed, "it was closed for the item before"
    play.does("chair", "floor.invite", person="delegate")
    assert play.meeting.speaking is not None
    assert (play.meeting.speaking.topic, play.meeting.speaking.item) == ("Việc sau", second)
    assert [request.topic for request in play.meeting.requests] == ["Việc này"]
    with pytest.raises(Refused, match=r"floor\.item_over"):
        play.does("delegate", "floor.request", item=first)


def test_a_question_names_somebody_else(play: Play) -> None:
    for to in ("", "second"):
        with pytest.raises(Refused, match=r"floor\.question_to_whom"):
            play.does("second", "floor.request", kind="question", to=to)


def test_a_reply_is_tied_to_its_question(play: Play) -> None:
    play.does("second", "floor.request", topic="Di dời dân cư", kind="question", to="delegate")
    play.does("chair", "floor.invite", person="second")
    assert play.meeting.speaking is not None
    asked = play.meeting.speaking.id
    play.does("chair", "floor.invite", person="delegate", answers=asked)
    speech = play.meeting.speaking
    assert speech is not None
    assert (speech.kind, speech.to, speech.topic, speech.answers) == ("reply", "second", "Di dời dân cư", asked)
    assert [(one.id, one.reply) for one in play.meeting.questions] == [(asked, "")]
    play.does("delegate", "floor.end")
    assert [one.reply for one in play.meeting.questions] == ["given"]
    with pytest.raises(Refused, match=r"floor\.answered"):
        play.does("chair", "floor.reply_in_writing", question=asked)
    with pytest.raises(Refused, match=r"floor\.question_unknown"):
        play.does("chair", "floor.invite", person="delegate", answers="nothing")


def test_it_is_counted_how_often_somebody_speaks(play: Play) -> None:
    for _ in range(2):
        play.does("chair", "floor.invite", person="delegate")
        play.does("chair", "floor.end")
    assert play.meeting.turns == {"delegate": 2}


def test_an_end_meant_for_one_speech_cuts_nobody_else_off(play: Play) -> None:
    play.does("chair", "floor.invite", person="delegate")
    assert play.meeting.speaking is not None
    meant = play.meeting.speaking.id
    play.does("chair", "floor.invite", person="second")
    with pytest.raises(Refused, match=r"floor\.speech_over"):
        play.does("chair", "floor.end", speech=meant)
    assert play.meeting.speaking is not None


def test_the_house_ends_a_speech_only_when_its_time_is_over_and_the_type_says_so(play: Play) -> None:
    play.does("chair", "floor.invite", person="delegate", minutes=1)
    ending = EndSpeech()
    play.clock.advance(5 * MINUTE)
    assert play.performs("house", ending, {Role.SYSTEM}) == [], "this type leaves it to the desk"
    play.meeting = replace(play.meeting, rules=replace(play.meeting.rules, speaking_ends="time", speaking_grace=30))
    play.does("chair", "floor.extend", minutes=6)
    assert play.performs("house", ending, {Role.SYSTEM}) == [], "it was given more time"
    ends = ends_by_itself(play.meeting)
    assert ends is not None
    play.clock.advance(ends - play.clock.now())
    play.performs("house", ending, {Role.SYSTEM})
    assert play.meeting.speaking is None


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


def test_who_asks_to_present_is_let_or_not_and_asks_no_more(play: Play) -> None:
    for person in ("delegate", "second", "delegate"):
        play.does(person, "presenting.ask")
    assert play.meeting.asking == ("delegate", "second")
    with pytest.raises(Refused, match=r"presenting\.not_yours"):
        play.does("delegate", "presenting.withdraw", person="second")
    play.does("chair", "presenting.hand_over", to="delegate")
    play.does("secretary", "presenting.withdraw", person="second")
    assert (play.meeting.presenting, play.meeting.asking) == ("delegate", ())
    with pytest.raises(Refused, match=r"presenting\.may_already"):
        play.does("delegate", "presenting.ask")
    play.does("chair", "presenting.hand_over", to="")
    with pytest.raises(Exception, match=r"role\.not_allowed"):
        play.does("delegate", "page.turn", paper="p-all", page=2)
