"""Who is heard, seen and let in by the hand of the desk or the technician."""

from __future__ import annotations

import pytest

from server.errors import Refused
from server.meetings.conference import grants, is_locked, waits
from tests.meetings.scenario import Play, opened, prepared


@pytest.fixture
def play() -> Play:
    return opened()


def published() -> Play:
    play = prepared()
    play.does("secretary", "meeting.publish")
    return play


def test_before_the_opening_a_locked_site_is_not_heard_until_its_right_is_given_back() -> None:
    play = published()
    assert "site-tx" in grants(play.meeting).audible
    play.does("technician", "microphones.lock", locked=True, who=["site-tx"])
    assert "site-tx" not in grants(play.meeting).audible
    play.does("technician", "microphones.lock", locked=False, who=["site-tx"])
    assert "site-tx" in grants(play.meeting).audible


def test_who_is_locked_while_speaking_falls_silent_and_cannot_open_again(play: Play) -> None:
    play.does("chair", "floor.invite", person="second")
    play.does("chair", "microphones.lock", locked=True, who=["site-tx"])
    assert "site-tx" not in grants(play.meeting).audible
    with pytest.raises(Refused, match=r"microphone\.locked"):
        play.does("site-tx", "microphone.close", closed=False)
    play.does("chair", "microphones.lock", locked=False, who=["site-tx"])
    play.does("site-tx", "microphone.close", closed=False)
    assert "site-tx" in grants(play.meeting).audible


def test_locking_all_spares_the_chair_and_the_speaker_who_cannot_open_after_closing(play: Play) -> None:
    play.does("chair", "floor.invite", person="second")
    play.does("chair", "microphones.lock", locked=True)
    assert grants(play.meeting).audible == {"site-main", "site-tx"}
    assert play.meeting.locked == ("site-tx",)
    play.does("site-tx", "microphone.close", closed=True)
    with pytest.raises(Refused, match=r"microphone\.locked"):
        play.does("site-tx", "microphone.close", closed=False)


def test_locking_all_closes_what_was_opened_by_hand(play: Play) -> None:
    play.does("chair", "microphone.switch", who="site-tx", open=True)
    play.does("technician", "microphones.lock", locked=True)
    assert grants(play.meeting).audible == {"site-main"}


def test_the_floor_and_the_desks_hand_open_a_locked_microphone(play: Play) -> None:
    play.does("chair", "microphones.lock", locked=True)
    play.does("chair", "floor.invite", person="second")
    assert "site-tx" in grants(play.meeting).audible
    play.does("chair", "floor.end")
    assert "site-tx" not in grants(play.meeting).audible
    play.does("technician", "microphone.switch", who="site-tx", open=True)
    assert "site-tx" in grants(play.meeting).audible


def test_a_site_added_after_all_were_locked_is_locked_until_the_right_is_given_back_to_all(play: Play) -> None:
    play.does("chair", "microphones.lock", locked=True)
    play.does("technician", "microphones.lock", locked=False, who=["site-tx"])
    late = {"id": "site-late", "name": "Điểm cầu thêm", "short": "Thêm", "order": 9}
    play.does("technician", "site.add", site=late)
    assert play.meeting.locked == ("site-late",)
    play.does("technician", "microphones.lock", locked=False, who=["site-late"])
    play.does("technician", "site.add", site={**late, "name": "Điểm cầu thêm 1"})
    assert play.meeting.locked == (), "correcting a name takes nothing away"
    play.does("chair", "microphones.lock", locked=False)
    play.does("technician", "site.add", site={**late, "id": "site-later"})
    assert play.meeting.locked == ()


def test_the_right_is_given_back_to_all_at_once(play: Play) -> None:
    play.does("chair", "microphones.lock", locked=True)
    play.does("chair", "microphones.lock", locked=False)
    assert play.meeting.locked == ()
    assert play.does("chair", "microphones.lock", locked=False) == []


def test_the_chairs_own_microphone_is_never_locked(play: Play) -> None:
    with pytest.raises(Refused, match=r"microphone\.is_chairs"):
        play.does("technician", "microphones.lock", locked=True, who=["site-main"])
    play.does("chair", "microphones.lock", locked=True, who=["site-tx"])
    play.does("secretary", "member.change", person="deputy", roles=["delegate"], mandate=True, site="site-tx")
    play.does("chair", "chair.hand_over", to="deputy")
    assert not is_locked(play.meeting, "site-tx")
    assert "site-tx" in grants(play.meeting).audible


def test_one_layout_holds_for_all_until_it_is_released_or_the_meeting_ends(play: Play) -> None:
    play.does("technician", "stage.arrange", layout="grid")
    assert play.meeting.layout == "grid"
    assert play.does("chair", "stage.arrange", layout="grid") == []
    play.does("chair", "stage.arrange", layout="")
    assert play.meeting.layout == ""
    play.does("chair", "stage.arrange", layout="stage")
    play.does("chair", "meeting.close")
    assert play.meeting.layout == ""


def test_the_speakers_microphone_opens_three_seconds_after_the_invitation(play: Play) -> None:
    play.does("chair", "floor.invite", person="second")
    speech = play.meeting.speaking
    assert speech is not None
    assert speech.opens_at - speech.began_at == 3_000


def test_the_chair_has_it_open_at_once(play: Play) -> None:
    play.does("chair", "floor.invite", person="second", at_once=True)
    assert play.meeting.speaking is not None
    assert play.meeting.speaking.opens_at == play.meeting.speaking.began_at
    play.does("chair", "floor.invite", person="delegate")
    play.does("chair", "floor.open_now")
    assert play.meeting.speaking.opens_at == play.clock.now()
    assert play.does("chair", "floor.open_now") == [], "it is open already"


def test_a_site_waits_until_it_is_let_in_but_never_the_main_one() -> None:
    play = published()
    play.does("technician", "waiting_room.switch", on=True)
    assert waits(play.meeting, "site-tx") and not waits(play.meeting, "site-main")
    assert "site-tx" not in grants(play.meeting).audible
    play.does("technician", "waiting_room.admit", who=["site-tx"])
    assert not waits(play.meeting, "site-tx")
    assert "site-tx" in grants(play.meeting).audible


def test_nobody_waits_once_the_waiting_room_is_gone() -> None:
    play = published()
    play.does("secretary", "waiting_room.switch", on=True)
    play.does("secretary", "waiting_room.switch", on=False)
    assert not waits(play.meeting, "site-tx")
    with pytest.raises(Refused, match=r"waiting_room\.none"):
        play.does("chair", "waiting_room.admit")


def test_a_waiting_room_in_a_running_meeting_sends_nobody_out(play: Play) -> None:
    play.does("chair", "waiting_room.switch", on=True)
    assert not waits(play.meeting, "site-tx")
    late = {"id": "site-late", "name": "Điểm cầu xã Bát Mọt", "short": "Bát Mọt", "order": 4}
    play.does("technician", "site.add", site=late)
    assert waits(play.meeting, "site-late")
    with pytest.raises(Refused, match=r"stage\.waits"):
        play.does("technician", "stage.pin", who="site-late")
    play.does("chair", "waiting_room.admit")
    assert not waits(play.meeting, "site-late")
    assert play.does("chair", "waiting_room.admit") == []


def test_whoever_is_given_the_floor_is_let_in() -> None:
    play = published()
    play.does("technician", "waiting_room.switch", on=True)
    for person in ("chair", "deputy", "delegate", "second"):
        play.does(person, "attendance.arrive", place="room" if person != "second" else "site")
    play.does("chair", "meeting.open")
    assert waits(play.meeting, "site-tx")
    play.does("chair", "floor.invite", person="second")
    assert "site-tx" in grants(play.meeting).audible
