"""By the chair's decision, and shown to everybody."""

from __future__ import annotations

import pytest

from server.errors import Forbidden, Refused
from server.meetings import views
from server.meetings.acts import By, order_of
from server.meetings.recording import DeleteRecording, StartRecording, is_recorded, watchers_of_recording
from server.meetings.roles import Role
from tests.meetings.scenario import ALL_PRINCIPALS, Play, opened, prepared


def test_everybody_sees_at_once_that_it_is_recorded() -> None:
    play = opened()
    play.does("chair", "recording.start")
    assert is_recorded(play.meeting)
    assert {views.view(play.meeting, person).recording for person in ALL_PRINCIPALS} == {"on"}
    _, event, after = play.steps[-1]
    assert all(views.visible(event, after, person) for person in ALL_PRINCIPALS)


@pytest.mark.parametrize(("recorder", "code"), [("absent", "recording.no_recorder"), ("full", "recording.no_room")])
def test_it_does_not_begin_where_nothing_could_be_kept(recorder: str, code: str) -> None:
    play = opened()
    play.recorder = recorder
    with pytest.raises(Refused, match=code):
        play.does("chair", "recording.start")
    play.recorder = "ready"
    play.does("chair", "recording.start")
    play.does("chair", "recording.pause")
    play.recorder = recorder
    with pytest.raises(Refused, match=code):
        play.does("chair", "recording.resume")


def test_a_break_is_never_recorded() -> None:
    play = opened()
    play.does("chair", "recording.start")
    play.does("chair", "meeting.pause", reason="Giải lao")
    assert play.meeting.recording == "on" and not is_recorded(play.meeting)
    play.does("chair", "meeting.resume")
    assert is_recorded(play.meeting)


def test_it_ends_with_the_meeting_and_the_log_says_when() -> None:
    play = opened()
    play.does("chair", "recording.start")
    play.does("chair", "meeting.close")
    assert [type(event).__name__ for _, event, _ in play.steps[-2:]] == ["RecordingStopped", "MeetingClosed"]
    assert play.meeting.recording == "" and play.meeting.recorded


def test_what_does_not_fit_is_refused_by_name() -> None:
    play = opened()
    for tag, code in (("pause", "not_running"), ("stop", "not_running"), ("resume", "not_paused")):
        with pytest.raises(Refused, match=rf"recording\.{code}"):
            play.does("chair", f"recording.{tag}")
    play.does("chair", "recording.start")
    for tag, code in (("start", "begun"), ("resume", "not_paused")):
        with pytest.raises(Refused, match=rf"recording\.{code}"):
            play.does("chair", f"recording.{tag}")
    play.does("chair", "meeting.close")
    play.does("chair", "recording.delete", reason="Ghi nhầm")
    with pytest.raises(Refused, match=r"recording\.gone"):
        play.does("chair", "recording.delete")


def test_a_secretary_records_only_for_the_chair_and_it_is_written_down() -> None:
    play = opened()
    with pytest.raises(Forbidden):
        play.does("secretary", "recording.start")
    play.does("chair", "acting.grant", granted=True)
    held = By("secretary", play.meeting.roles_of("secretary"))
    assert order_of(StartRecording(), play.meeting, held) == "chair"
    play.does("secretary", "recording.start")
    play.does("chair", "meeting.close")
    held = By("secretary", play.meeting.roles_of("secretary"))
    assert order_of(DeleteRecording(), play.meeting, held) == "chair"


def test_the_type_of_the_meeting_says_who_sees_it_and_guests_never_do() -> None:
    play = prepared()
    assert watchers_of_recording(play.meeting) == {"chair", "deputy", "secretary"}
    assert _watchers_where_members_may(play) == {"chair", "deputy", "secretary", "delegate", "second"}


def _watchers_where_members_may(play: Play) -> frozenset[str]:
    from msgspec.structs import replace

    meeting = replace(play.meeting, rules=replace(play.meeting.rules, recordings="members"))
    guest = meeting.members["guest"]
    both = replace(guest, roles=(Role.GUEST, Role.DELEGATE))
    return watchers_of_recording(meeting.with_member(both))


def test_the_house_ends_what_cannot_go_on_and_says_why() -> None:
    play = opened()
    play.does("chair", "recording.start")
    play.house("recording.stop", reason="disk_full")
    assert play.meeting.recording == ""
    assert getattr(play.steps[-1][1], "reason", "") == "disk_full"
