"""Sites by telephone: on record, counted by those who have answered, heard through the main room."""

from __future__ import annotations

import pytest

from server.errors import Forbidden, Refused
from server.meetings.attendance import quorum
from server.meetings.conference import grants
from tests.meetings.scenario import opened, prepared

NUMBER = "0230 000 1112"


def test_a_site_is_there_by_voice_with_its_number_until_its_line_comes_back() -> None:
    play = opened()
    play.does("technician", "site.telephone", site="site-tx", number=f"  {NUMBER} ")
    assert play.meeting.telephone_of("site-tx") == NUMBER
    play.does("technician", "site.telephone", site="site-tx", number="")
    assert play.meeting.telephone_of("site-tx") == ""
    play.does("secretary", "site.telephone", site="site-tx", number="0912 000 117")
    first, second = play.meeting.voices["site-tx"]
    assert (first.number, first.began_at <= first.ended_at, second.ended_at) == (NUMBER, True, 0)


def test_another_number_ends_the_call_before_and_the_same_one_says_nothing_new() -> None:
    play = opened()
    play.does("technician", "site.telephone", site="site-tx", number=NUMBER)
    assert play.does("technician", "site.telephone", site="site-tx", number=NUMBER) == []
    play.does("technician", "site.telephone", site="site-tx", number="0912 000 117")
    assert play.meeting.voices["site-tx"][0].ended_at
    assert play.meeting.telephone_of("site-tx") == "0912 000 117"


def test_the_line_alone_makes_nobody_present_those_who_answer_count_for_the_quorum() -> None:
    play = opened()
    play.does("secretary", "attendance.record", person="second", state="expected")
    before = quorum(play.meeting).present
    play.does("technician", "site.telephone", site="site-tx", number=NUMBER)
    assert quorum(play.meeting).present == before
    play.does("secretary", "site.telephone", site="site-tx", number=NUMBER, present=["second"])
    there = play.meeting.members["second"].attendance
    assert (there.state, there.how, there.late, there.by) == ("site", "secretary", True, "secretary")
    assert quorum(play.meeting).present == before + 1


def test_before_the_opening_nobody_on_the_telephone_is_late() -> None:
    play = prepared()
    play.does("secretary", "meeting.publish")
    play.does("secretary", "site.telephone", site="site-tx", number=NUMBER, present=["second"])
    assert not play.meeting.members["second"].attendance.late


def test_a_technician_records_the_line_and_not_who_is_there() -> None:
    with pytest.raises(Forbidden):
        opened().does("technician", "site.telephone", site="site-tx", number=NUMBER, present=["second"])


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"site": "site-main", "number": NUMBER}, "site.main_by_telephone"),
        ({"site": "site-tx", "number": "gọi sau"}, "site.telephone_form"),
        ({"site": "nowhere", "number": NUMBER}, "site.unknown"),
        ({"site": "site-tx", "number": NUMBER, "present": ["delegate"]}, "attendance.no_site"),
        ({"site": "site-tx", "number": "", "present": ["second"]}, "attendance.no_site"),
    ],
)
def test_what_cannot_be_is_refused(fields: dict[str, object], code: str) -> None:
    play = opened()
    with pytest.raises(Refused, match=code.replace(".", r"\.")):
        play.does("secretary", "site.telephone", **fields)
    assert play.meeting.voices == {}


def test_a_speaker_on_the_telephone_opens_the_main_room_which_carries_the_voice() -> None:
    play = opened()
    play.does("secretary", "site.telephone", site="site-tx", number=NUMBER, present=["second"])
    play.does("chair", "floor.invite", person="second")
    play.does("chair", "microphone.switch", who="site-main", open=False)
    assert "site-main" not in grants(play.meeting).audible, "what the desk closes stays closed"
    play.does("chair", "microphone.switch", who="site-main", open=True)
    play.does("chair", "microphones.close_all")
    found = grants(play.meeting)
    assert found.floor == "site-tx"
    assert {"site-tx", "site-main"} <= found.audible


def test_a_site_on_the_telephone_is_not_removed() -> None:
    play = opened()
    play.does("technician", "site.telephone", site="site-tx", number=NUMBER)
    with pytest.raises(Refused, match=r"site\.connected"):
        play.does("technician", "site.remove", site="site-tx")
