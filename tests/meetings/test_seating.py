"""Who sits where: by precedence onto the places in order of honour, then by hand; a substitute sits for the member."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from server.errors import Refused
from server.meetings.meeting import Meeting
from server.meetings.seating import occupant
from tests.meetings.scenario import Play, opened, prepared


def seats(meeting: Meeting) -> dict[str, str]:
    return {one.id: one.seat for one in meeting.members.values() if one.seat}


def seated() -> Play:
    play = prepared()
    play.does("secretary", "seats.draw", room="phong-1")
    return play


def test_whoever_presides_sits_first_then_by_precedence_and_guests_last() -> None:
    assert seats(seated().meeting) == {"chair": "1", "deputy": "2", "delegate": "3", "secretary": "4", "guest": "5"}


def test_whoever_sits_at_another_site_or_is_at_work_has_no_place_in_the_room() -> None:
    members = seated().meeting.members
    assert (members["second"].seat, members["technician"].seat) == ("", "")


def test_two_people_change_places_in_one_step() -> None:
    play = seated()
    play.does("secretary", "seats.move", person="guest", seat="1")
    assert (play.meeting.members["guest"].seat, play.meeting.members["chair"].seat) == ("1", "5")


def test_somebody_stands_up_and_comes_back_to_the_free_place_alone() -> None:
    play = seated()
    play.does("secretary", "seats.move", person="deputy", seat="")
    play.does("secretary", "seats.move", person="guest", seat="4")
    assert seats(play.meeting) == {"chair": "1", "delegate": "3", "guest": "4", "secretary": "5"}
    play.does("secretary", "seats.fill", keep=True)
    assert play.meeting.members["deputy"].seat == "2"
    assert play.meeting.members["guest"].seat == "4"


def test_filling_anew_undoes_what_was_moved_by_hand_and_says_nothing_when_all_sit_right() -> None:
    play = seated()
    play.does("secretary", "seats.move", person="guest", seat="1")
    play.does("secretary", "seats.fill")
    assert play.meeting.members["chair"].seat == "1"
    assert play.does("secretary", "seats.fill") == []


def test_those_for_whom_the_room_is_too_small_have_no_place() -> None:
    play = seated()
    play.does("secretary", "seats.draw", room="phong-2")
    assert seats(play.meeting) == {"chair": "1", "deputy": "2", "delegate": "3"}


def test_another_room_without_filling_keeps_who_sits_on_a_place_it_has_too() -> None:
    play = seated()
    play.does("secretary", "seats.move", person="secretary", seat="1")
    play.does("secretary", "seats.draw", room="phong-2", fill=False)
    assert seats(play.meeting) == {"secretary": "1", "deputy": "2", "delegate": "3"}


@pytest.mark.parametrize(
    ("command", "fields", "code"),
    [
        ("seats.draw", {"room": "khong-co"}, "room.unknown"),
        ("seats.fill", {}, "seats.no_plan"),
        ("seats.move", {"person": "guest", "seat": "1"}, "seats.no_plan"),
    ],
)
def test_without_a_plan_nobody_is_seated(command: str, fields: dict[str, object], code: str) -> None:
    with pytest.raises(Refused, match=code):
        prepared().does("secretary", command, **fields)


def test_a_place_that_the_plan_does_not_have_is_refused() -> None:
    with pytest.raises(Refused, match=r"seats\.unknown"):
        seated().does("secretary", "seats.move", person="guest", seat="99")


def test_the_hall_shows_the_map_only_where_there_is_one() -> None:
    play = opened()
    with pytest.raises(Refused, match=r"seats\.no_plan"):
        play.does("technician", "seats.show", on=True)
    play.does("secretary", "seats.draw", room="phong-1")
    play.does("technician", "seats.show", on=True)
    assert play.meeting.seats_shown
    assert play.does("chair", "seats.show", on=True) == []


def test_a_substitute_sits_on_the_members_place_and_moving_them_moves_it() -> None:
    play = opened()
    play.does("secretary", "seats.draw", room="phong-1")
    play.does("secretary", "attendance.record", person="delegate", state="absent", excused=True)
    play.does("secretary", "attendance.substitute", person="delegate", substitute="substitute")
    found = occupant(play.meeting, "3")
    assert found is not None and found.id == "substitute"
    play.does("secretary", "seats.move", person="substitute", seat="1")
    assert play.meeting.members["delegate"].seat == "1"
    assert occupant(play.meeting, "9") is None


def test_where_there_is_a_plan_a_place_is_not_typed_and_who_moves_to_a_site_leaves_theirs() -> None:
    play = seated()
    fields = {"person": "delegate", "roles": ["delegate"], "mandate": True}
    with pytest.raises(Refused, match=r"seats\.by_plan"):
        play.does("secretary", "member.change", **fields, seat="1")
    play.does("secretary", "member.change", **fields, site="site-tx", seat="3")
    assert play.meeting.members["delegate"].seat == ""


def test_a_meeting_goes_back_to_sitting_as_it_likes() -> None:
    play = seated()
    play.does("secretary", "seats.draw", room="")
    assert play.meeting.seating is None
    assert play.does("secretary", "seats.draw", room="") == []


def test_an_event_about_somebody_who_has_left_meanwhile_changes_the_others_only() -> None:
    play = seated()
    play.does("secretary", "seats.move", person="guest", seat="1")
    moved = play.steps[-1][1]
    members = {key: one for key, one in play.meeting.members.items() if key != "guest"}
    assert "guest" not in moved.apply(replace(play.meeting, members=members)).members
