"""The meeting as a conference: who may send what, who is on stage, and who is told how the lines fare."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from server.errors import Forbidden
from server.joints.conference import concerns, desired, granted_to, principals, told_of, watchers
from server.media.conference import RECORDER, Grants, Seats, Sending, seat
from server.media.control import Coding, Gone, Joined, Layers, Loudest, Quality, Slots
from tests.meetings.scenario import START, opened, prepared, whole

LATER = START + 86_400_000
"""When nobody's seconds of warning run any more."""

ONE = {"conference": "m-1", "endpoint": "second", "session": "s", "direction": "up", "source": "camera"}
"""What the observations of one line have in common."""


def observed(kind: type, **more: Any) -> Any:
    """An observation whose other numbers are nothing in particular."""
    known: dict[str, Any] = {**ONE, **more}
    wanted = {field.name: known.get(field.name, 0) for field in msgspec.structs.fields(kind) if field.required}
    return kind(**{**wanted, **more})


def test_sites_come_in_protocol_order_and_people_after_them_by_precedence() -> None:
    everyone = principals(opened().meeting)
    assert everyone[:2] == ("site-main", "site-tx")
    assert everyone[2:6] == ("chair", "deputy", "delegate", "second")


def test_the_newest_version_of_the_meeting_holds_whichever_process_says_it() -> None:
    meeting = opened().meeting
    earlier, later = desired(7, meeting, LATER), desired(8, meeting, LATER)
    assert later.newer_than(earlier) and not earlier.newer_than(later)
    assert desired(8, meeting, LATER) == later, "two processes, or one before and after its restart, say the same"


def test_only_the_chair_and_whoever_has_the_floor_are_heard() -> None:
    play = opened()
    silent = {who for who in principals(play.meeting) if not granted_to(play.meeting, who, LATER).audio}
    assert "site-tx" in silent
    play.does("chair", "floor.invite", person="second", minutes=3)
    assert granted_to(play.meeting, "site-tx", LATER).audio, "who speaks at a site is heard through the site"
    state = desired(1, play.meeting, LATER)
    assert state.stage == "site-tx" or state.floor == "site-tx"
    play.does("chair", "floor.end")
    assert not granted_to(play.meeting, "site-tx", LATER).audio


def test_whoever_is_invited_is_heard_when_the_seconds_of_warning_are_over_and_not_before() -> None:
    play = opened()
    play.does("chair", "floor.invite", person="second")
    assert play.meeting.speaking is not None
    opens_at = play.meeting.speaking.opens_at
    assert opens_at == play.clock.now() + 3_000
    early, due = desired(7, play.meeting, opens_at - 1), desired(7, play.meeting, opens_at)
    heard = [{one.id for one in state.endpoints if one.grants.audio} for state in (early, due)]
    assert heard == [{"site-main"}, {"site-main", "site-tx"}]
    assert early.stage == due.stage == "site-tx", "who is to speak is seen at once"
    assert due.newer_than(early) and not early.newer_than(due) and desired(8, play.meeting, 0).newer_than(due)


def test_an_encoder_is_heard_at_once_only_where_the_desk_says_so_and_the_chairs_place_is_never_cut() -> None:
    play = opened()
    play.does("chair", "floor.invite", person="second", at_once=True)
    assert granted_to(play.meeting, "site-tx", play.clock.now()).audio
    play.does("chair", "floor.invite", person="delegate")
    assert granted_to(play.meeting, "site-main", play.clock.now()).audio, "the chair sits there too"


def test_a_tablet_in_a_room_with_a_camera_of_its_own_sends_nothing() -> None:
    play = opened()
    play.does("chair", "floor.invite", person="second", minutes=3)
    companion = granted_to(play.meeting, "second", LATER)
    assert not (companion.audio or companion.video or companion.screen)


def test_people_of_one_room_share_its_site_and_the_site_is_its_own() -> None:
    found = {endpoint.id: endpoint.site for endpoint in desired(1, opened().meeting, LATER).endpoints}
    assert found["second"] == found["site-tx"] == "site-tx"
    assert found["chair"] != "site-tx"


def test_a_guest_of_another_item_neither_receives_nor_sends_and_does_both_in_their_own() -> None:
    play = opened()
    own, other = play.meeting.items[0].id, play.meeting.items[1].id
    assert play.meeting.members["guest"].only_items == (own,)
    assert granted_to(play.meeting, "guest", LATER).receive
    play.does("chair", "item.start", item=other)
    play.does("chair", "microphone.switch", who="guest", open=True)
    veiled = {endpoint.id: endpoint.grants for endpoint in desired(9, play.meeting, LATER).endpoints}
    assert veiled["guest"] == Grants(receive=False)
    assert all(grants.receive for who, grants in veiled.items() if who != "guest")
    play.does("secretary", "member.limit", person="guest", items=[own, other])
    assert granted_to(play.meeting, "guest", LATER) == Grants(receive=True), "in a room with a camera of its own"
    play.does("secretary", "attendance.record", person="guest", state="online")
    assert granted_to(play.meeting, "guest", LATER) == Grants(audio=True, video=True)


@pytest.mark.parametrize("phase", ["draft", "closed"])
def test_before_it_is_published_and_after_its_end_nobody_is_in_the_conference(phase: str) -> None:
    meeting = msgspec.structs.replace(opened().meeting, phase=phase)
    assert desired(1, meeting, LATER).endpoints == ()
    with pytest.raises(Forbidden, match=r"conference\.not_now"):
        granted_to(meeting, "chair", LATER)


def test_a_site_that_waits_to_be_let_in_neither_sends_nor_receives() -> None:
    play = prepared()
    play.does("secretary", "meeting.publish")
    assert granted_to(play.meeting, "site-tx", LATER) == Grants(audio=True, video=True)
    play.does("technician", "waiting_room.switch", on=True)
    veiled = {endpoint.id: endpoint.grants for endpoint in desired(9, play.meeting, LATER).endpoints}
    assert veiled["site-tx"] == Grants(receive=False)
    assert veiled["site-main"] == Grants(audio=True, video=True)
    play.does("technician", "waiting_room.admit", who=["site-tx"])
    assert granted_to(play.meeting, "site-tx", LATER) == Grants(audio=True, video=True)


def test_a_site_gets_pictures_beside_the_stage_only_while_the_layout_has_places_for_them() -> None:
    play = opened()
    sending = Sending(video=frozenset({"site-main", "site-tx", "second"}))
    for layout, pictures in (("stage", 1), ("tiles", 2), ("grid", 2), ("", 1)):
        play.does("technician", "stage.arrange", layout=layout)
        seats = seat(desired(9, play.meeting, LATER), sending, "site-tx", Seats(), 9)
        assert sum(one is not None for one in seats.video) == pictures, layout
        assert seats.video[0] == "site-main"


def test_the_screen_may_be_sent_by_whoever_shares_it() -> None:
    play = opened()
    assert not any(granted_to(play.meeting, who, LATER).screen for who in principals(play.meeting))
    play.does("chair", "presenting.hand_over", to="delegate")
    play.does("delegate", "screen.share", sharing=True)
    assert {who for who in principals(play.meeting) if granted_to(play.meeting, who, LATER).screen} == {"delegate"}


def test_everybody_hears_who_came_and_went_and_who_is_loudest() -> None:
    for observation in (
        observed(Joined),
        observed(Gone, reason="lost"),
        Loudest(conference="m-1", endpoints=("second",)),
    ):
        told = told_of(observation, lambda _: None)
        assert told is not None and told[2] is None


def test_seats_and_layers_are_told_to_whom_they_concern() -> None:
    seats = told_of(Slots(conference="m-1", receiver="guest", seats={}), lambda _: None)  # type: ignore[arg-type]
    layers = told_of(observed(Layers, active={}), lambda _: None)
    assert seats is not None and (seats[0], seats[2]) == ("media.slots:guest", frozenset({"guest"}))
    assert layers is not None and layers[2] == frozenset({"second"})
    coding = told_of(observed(Coding, codec="H264"), lambda _: None)
    assert coding is not None and (coding[0], coding[2]) == ("media.coding.camera:second", frozenset({"second"}))


def test_quality_is_told_to_those_who_look_after_the_lines_and_to_its_own_end() -> None:
    meeting = whole().meeting
    told = told_of(observed(Quality), lambda _: meeting)
    assert told is not None and told[2] == watchers(meeting) | {"second"}
    assert {"chair", "secretary", "technician"} <= watchers(meeting) and "guest" not in watchers(meeting)
    assert told_of(observed(Quality), lambda _: None) is None


def test_the_recorder_is_in_the_conference_exactly_while_the_chair_has_it_recorded() -> None:
    play = opened()

    def there() -> list[Grants]:
        return [one.grants for one in desired(1, play.meeting, LATER).endpoints if one.id == RECORDER]

    assert there() == []
    play.does("chair", "recording.start")
    assert there() == [Grants(audio=False, video=False, screen=False, receive=True)]
    assert RECORDER not in desired(1, play.meeting, LATER).order
    play.does("chair", "meeting.pause")
    assert there() == []
    play.does("chair", "meeting.resume")
    play.does("chair", "recording.pause")
    assert there() == []


def test_while_the_system_is_stopped_nothing_comes_from_anybody_and_nothing_goes_to_anybody() -> None:
    play = opened()
    play.does("chair", "recording.start")
    play.does("chair", "microphone.switch", who="site-tx", open=True)
    play.does("chair", "screen.share", sharing=True)
    running = play.meeting
    play.does("chair", "system.stop")
    wanted = desired(1, play.meeting, LATER)
    assert concerns(running, play.meeting)
    assert {one.id for one in wanted.endpoints} == set(principals(play.meeting)), "nobody recorded, nobody sent away"
    assert {one.grants for one in wanted.endpoints} == {Grants(audio=False, video=False, screen=False, receive=False)}
    assert granted_to(play.meeting, "site-main", LATER) == Grants(receive=False)
    play.does("chair", "meeting.resume")
    grants = desired(2, play.meeting, LATER).grants()
    assert grants["site-main"] == Grants(audio=True, video=True), "the chair's place is heard and seen again"
    assert grants["site-tx"] == Grants(video=True), "what was opened by hand before is not"
    assert RECORDER in grants


def test_that_the_recorder_has_a_line_is_nobodys_business() -> None:
    for kind, more in ((Joined, {}), (Gone, {"reason": "closed"}), (Quality, {}), (Slots, {"receiver": RECORDER})):
        assert (
            told_of(
                observed(kind, **{**ONE, "endpoint": RECORDER, **more})
                if kind is not Slots
                else Slots("m-1", RECORDER, Seats()),
                lambda _: None,
            )
            is None
        )


def test_what_is_no_concern_of_the_conference_leaves_it_as_it_is() -> None:
    quiet = 0
    for before, event, after in whole().steps:
        if not concerns(before, after):
            quiet += 1
            assert desired(1, before, LATER) == desired(1, after, LATER), event
    assert quiet > 20, "pages, papers and ballots"
