from __future__ import annotations

import pytest
from msgspec.structs import replace

from server.errors import Forbidden, Invalid, Refused
from server.meetings.acts import Event, tag_of
from server.meetings.attendance import quorum
from server.meetings.conference import grants
from server.meetings.roles import Role
from server.meetings.views import whose_rights_changed
from server.meetings.votes import voters_now
from tests.meetings.scenario import opened, prepared


def test_arriving_checks_in_once_and_keeps_the_first_time() -> None:
    play = prepared()
    play.does("secretary", "meeting.publish")
    play.does("delegate", "attendance.arrive", place="room")
    since = play.meeting.members["delegate"].attendance.since
    assert play.does("delegate", "attendance.arrive", place="room") == []
    assert play.does("delegate", "attendance.arrive", place="online") == []
    assert play.meeting.members["delegate"].attendance.since == since


def test_somebody_seated_at_a_site_arrives_there() -> None:
    play = opened()
    assert play.meeting.members["second"].attendance.state == "site"


def test_whoever_comes_after_the_opening_is_late() -> None:
    play = opened()
    play.does("guest", "attendance.arrive", place="online", how="qr")
    standing = play.meeting.members["guest"].attendance
    assert (standing.state, standing.late, standing.how) == ("online", True, "qr")


def test_who_reads_the_code_at_the_door_is_in_the_room_whatever_site_they_were_invited_to() -> None:
    play = opened()
    play.does("second", "attendance.arrive", place="room")
    assert play.meeting.members["second"].attendance.state == "site"
    play.does("second", "attendance.arrive", place="room", how="qr")
    standing = play.meeting.members["second"].attendance
    assert (standing.state, standing.how, standing.late) == ("room", "qr", False)


def test_who_came_back_is_not_late() -> None:
    play = opened()
    play.does("delegate", "attendance.leave", reason="Tiếp khách")
    play.does("delegate", "attendance.arrive", place="room")
    assert not play.meeting.members["delegate"].attendance.late


def test_a_correction_by_the_secretary_says_who_made_it() -> None:
    play = opened()
    play.does("secretary", "attendance.record", person="guest", state="absent", excused=True, reason="Ốm")
    standing = play.meeting.members["guest"].attendance
    assert (standing.state, standing.excused, standing.how, standing.by) == ("absent", True, "secretary", "secretary")


def test_the_quorum_counts_mandates_and_rounds_up() -> None:
    play = prepared()
    play.does("secretary", "meeting.publish")
    counted = quorum(play.meeting)
    assert (counted.present, counted.needed, counted.of_all, counted.reached) == (0, 3, 4, False)
    for person in ("chair", "secretary", "guest", "deputy"):
        play.does(person, "attendance.arrive", place="room")
    assert quorum(play.meeting).present == 2
    with pytest.raises(Refused, match=r"quorum\.missing") as refused:
        play.does("chair", "meeting.open")
    assert refused.value.details == {"present": 2, "needed": 3}
    play.does("second", "attendance.arrive", place="room")
    play.does("chair", "meeting.open")


def test_opening_without_a_quorum_takes_the_chairs_word() -> None:
    play = prepared()
    play.does("secretary", "meeting.publish")
    play.does("chair", "attendance.arrive", place="room")
    play.does("chair", "meeting.open", without_quorum=True)
    assert play.meeting.phase == "open"


def test_a_substitute_is_named_speaks_and_does_not_count_as_a_member_present() -> None:
    play = opened()
    play.does("delegate", "attendance.leave")
    before = quorum(play.meeting).present
    play.does("secretary", "attendance.substitute", person="delegate", substitute="substitute", reason="Đi công tác")
    play.does("substitute", "attendance.arrive", place="room")
    assert play.meeting.members["substitute"].substitute_for == "delegate"
    assert quorum(play.meeting).present == before
    play.does("chair", "floor.invite", person="substitute")
    with pytest.raises(Refused, match=r"attendance\.substituted"):
        play.does("delegate", "attendance.arrive", place="room")


def test_a_substitute_who_is_taken_back_leaves_with_all_they_held() -> None:
    play = opened()
    play.does("delegate", "attendance.leave")
    play.does("secretary", "attendance.substitute", person="delegate", substitute="substitute")
    play.does("substitute", "attendance.arrive", place="room")
    play.does("substitute", "floor.request", topic="Ý kiến")
    play.does("secretary", "presenting.hand_over", to="substitute")
    play.does("chair", "floor.invite", person="substitute")
    before = play.meeting
    acts = play.does("secretary", "attendance.substitute", person="delegate", substitute="")
    assert [tag_of(act) for act in acts if isinstance(act, Event)][-2:] == ["floor.ended", "member.revoked"]
    assert play.meeting.members["delegate"].substituted_by == ""
    assert play.meeting.roles_of("substitute") == frozenset() and play.meeting.presenting == ""
    assert play.meeting.speaking is None and not play.meeting.requests
    assert "substitute" in whose_rights_changed(before, play.meeting), "they are admitted again, and are not"
    assert "substitute" not in grants(play.meeting).audible and "substitute" in play.meeting.spoken
    with pytest.raises(Forbidden):
        play.does("substitute", "floor.request", topic="Ý kiến")
    play.does("delegate", "attendance.arrive", place="room")


def test_a_substitute_who_votes_has_no_vote_once_they_are_taken_back() -> None:
    play = opened()
    play.meeting = replace(play.meeting, rules=replace(play.meeting.rules, substitutes_vote=True))
    play.does("delegate", "attendance.leave")
    play.does("secretary", "attendance.substitute", person="delegate", substitute="substitute")
    play.does("substitute", "attendance.arrive", place="room")
    assert voters_now(play.meeting)["delegate"] == "substitute"
    play.does("secretary", "attendance.substitute", person="delegate", substitute="")
    assert "substitute" not in voters_now(play.meeting).values()


def test_another_substitute_takes_the_place_of_the_first() -> None:
    play = opened()
    play.does("delegate", "attendance.leave")
    play.does("secretary", "attendance.substitute", person="delegate", substitute="substitute")
    play.does("secretary", "attendance.substitute", person="delegate", substitute="stranger")
    assert "substitute" not in play.meeting.members
    assert play.meeting.members["delegate"].substituted_by == "stranger"


def test_who_was_invited_in_their_own_right_stays_when_taken_back_as_a_substitute() -> None:
    play = opened()
    play.does("delegate", "attendance.leave")
    play.does("secretary", "attendance.substitute", person="delegate", substitute="guest")
    play.does("secretary", "attendance.substitute", person="delegate", substitute="substitute")
    assert play.meeting.members["guest"].substitute_for == ""
    play.does("secretary", "member.invite", people=["substitute"], roles=["guest"])
    play.does("secretary", "attendance.substitute", person="delegate", substitute="")
    assert play.meeting.roles_of("substitute") == {Role.GUEST}
    assert play.meeting.members["substitute"].substitute_for == ""


def test_a_substitute_who_chairs_is_not_taken_back() -> None:
    play = opened()
    play.does("delegate", "attendance.leave")
    play.does("secretary", "attendance.substitute", person="delegate", substitute="substitute")
    play.does("chair", "chair.hand_over", to="substitute")
    with pytest.raises(Refused, match=r"member\.is_chair"):
        play.does("secretary", "attendance.substitute", person="delegate", substitute="")


@pytest.mark.parametrize(("substitute", "code"), [("second", "is_member"), ("delegate", "member_present")])
def test_a_voting_member_cannot_be_a_substitute(substitute: str, code: str) -> None:
    play = opened()
    play.does("delegate", "attendance.leave")
    with pytest.raises(Refused, match=rf"substitute\.{code}"):
        play.does("secretary", "attendance.substitute", person="delegate", substitute=substitute)


def test_a_correction_made_afterwards_keeps_when_it_was_so_and_may_be_made_after_the_closing() -> None:
    play = opened()
    came = play.clock.now()
    play.does("chair", "meeting.close")
    play.does("secretary", "attendance.record", person="guest", state="room", at=came)
    standing = play.meeting.members["guest"].attendance
    assert (standing.state, standing.since, standing.by) == ("room", came, "secretary")
    assert play.does("secretary", "attendance.record", person="guest", state="room") == []
    assert play.does("secretary", "attendance.record", person="guest", state="room", at=came + 1000) != []


def test_nobody_is_recorded_for_a_time_to_come() -> None:
    play = opened()
    with pytest.raises(Refused, match=r"attendance\.not_yet"):
        play.does("secretary", "attendance.record", person="guest", state="room", at=play.clock.now() + 60_000)


def test_who_went_home_and_sends_a_substitute_stays_on_record_as_having_been_there() -> None:
    play = opened()
    play.does("delegate", "attendance.leave", reason="Đi công tác")
    left = play.meeting.members["delegate"].attendance
    play.does("secretary", "attendance.substitute", person="delegate", substitute="substitute", reason="Đi công tác")
    assert (left.state, play.meeting.members["delegate"].attendance) == ("left", left)
    assert play.meeting.members["delegate"].substituted_by == "substitute"


def test_a_speech_ends_when_the_speaker_is_not_where_they_were_given_the_floor() -> None:
    for tag, person, fields in (
        ("attendance.leave", "second", {"reason": "Mất mạng"}),
        ("attendance.arrive", "second", {"place": "room", "how": "qr"}),
        ("attendance.record", "secretary", {"person": "second", "state": "absent"}),
    ):
        play = opened()
        play.does("secretary", "attendance.record", person="second", state="online")
        play.does("chair", "floor.invite", person="second", at_once=True)
        assert "second" in grants(play.meeting).audible
        told = [tag_of(act) for act in play.does(person, tag, **fields) if isinstance(act, Event)]
        assert told[:1] == ["floor.ended"] and told[-1] == "attendance.recorded"
        assert play.meeting.speaking is None and "site-tx" not in grants(play.meeting).audible


def test_whoever_is_in_the_main_room_is_heard_from_there_whatever_site_they_were_invited_to() -> None:
    play = opened()
    play.does("second", "attendance.arrive", place="room", how="qr")
    play.does("chair", "floor.invite", person="second", at_once=True)
    heard = grants(play.meeting)
    assert "site-main" in heard.audible and "site-tx" not in heard.audible
    assert heard.stage == "site-main"
    play.does("secretary", "member.change", person="second", roles=["delegate"], mandate=True, site="site-tx")
    assert play.meeting.members["second"].attendance.state == "room", "no other site than before"


def test_whoever_is_moved_to_a_site_is_there() -> None:
    play = opened()
    play.does("secretary", "member.change", person="deputy", roles=["delegate"], mandate=True, site="site-tx")
    assert play.meeting.members["deputy"].attendance.state == "site"
    play.does("secretary", "member.change", person="deputy", roles=["delegate"], mandate=True)
    assert play.meeting.members["deputy"].attendance.state == "room"


def test_a_deputy_is_named_before_the_opening_or_by_the_chair() -> None:
    deputy = {"roles": ["secretary", "deputy"], "mandate": False}
    prepared().does("secretary", "member.change", person="secretary", **deputy)
    play = opened()
    with pytest.raises(Forbidden, match=r"member\.deputy_by_chair"):
        play.does("secretary", "member.change", person="secretary", **deputy)
    with pytest.raises(Forbidden, match=r"member\.deputy_by_chair"):
        play.does("secretary", "member.invite", people=["stranger"], roles=["delegate", "deputy"])
    play.does("chair", "member.change", person="second", roles=["delegate", "deputy"], mandate=True)
    assert Role.DEPUTY in play.meeting.roles_of("second")


def test_nobody_is_at_a_site_who_has_none() -> None:
    play = opened()
    with pytest.raises(Refused, match=r"attendance\.no_site"):
        play.does("guest", "attendance.arrive", place="site")


@pytest.mark.parametrize("at", [-1, 9 * 10**14])
def test_no_hour_is_recorded_that_no_calendar_has(at: int) -> None:
    with pytest.raises(Invalid, match=r"command\.malformed"):
        opened().does("secretary", "attendance.record", person="delegate", state="left", at=at)


def test_a_branch_site_records_its_own_people_and_nobody_elses() -> None:
    play = opened()
    own = next(member.id for member in play.meeting.members.values() if member.site == "site-tx")
    play.does(own, "attendance.leave")
    play.does("site-tx", "attendance.at_site", person=own, there=True)
    here = play.meeting.members[own].attendance
    assert (here.state, here.how, here.by) == ("site", "site", "site-tx")
    assert play.does("site-tx", "attendance.at_site", person=own, there=True) == []
    play.does("site-tx", "attendance.at_site", person=own, there=False)
    gone = play.meeting.members[own].attendance
    assert (gone.state, gone.how, gone.by) == ("left", "site", "site-tx")
    assert play.does("site-tx", "attendance.at_site", person=own, there=False) == []
    with pytest.raises(Refused, match=r"attendance\.other_site"):
        play.does("site-tx", "attendance.at_site", person="chair", there=True)
    with pytest.raises(Forbidden):
        play.does("delegate", "attendance.at_site", person="delegate", there=True)


def test_who_takes_part_elsewhere_is_not_sent_away_by_their_site() -> None:
    play = opened()
    own = next(member.id for member in play.meeting.members.values() if member.site == "site-tx")
    play.does("secretary", "attendance.record", person=own, state="online")
    assert play.does("site-tx", "attendance.at_site", person=own, there=False) == []
    assert play.meeting.members[own].attendance.state == "online"
