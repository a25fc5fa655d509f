"""The agenda, the pages on screen, and the sitting itself."""

from __future__ import annotations

import pytest

from server.errors import Forbidden, Refused
from server.meetings.acts import Event, read_command, tag_of
from server.meetings.conference import grants
from server.meetings.meeting import Shown
from server.meetings.papers import kept_back
from server.meetings.roles import Role
from tests.meetings.scenario import Play, opened, prepared


@pytest.fixture
def play() -> Play:
    return opened()


def tags(acts: object) -> list[str]:
    return [tag_of(act) for act in acts if isinstance(act, Event)]  # type: ignore[attr-defined]


def test_going_to_an_item_ends_the_one_before_with_its_speech(play: Play) -> None:
    play.does("chair", "floor.invite", person="delegate")
    acts = play.does("chair", "item.start", item=play.meeting.items[1].id)
    assert tags(acts) == ["floor.ended", "item.finished", "item.started"]
    assert [item.state for item in play.meeting.items] == ["done", "current", "waiting"]


def test_an_item_taken_up_again_keeps_the_time_it_had(play: Play) -> None:
    first, second = play.meeting.items[0].id, play.meeting.items[1].id
    play.clock.advance(60_000)
    play.does("chair", "item.start", item=second)
    spent = play.meeting.item(first).spent
    assert spent > 60_000
    play.does("chair", "item.start", item=first)
    play.clock.advance(30_000)
    play.does("chair", "item.finish")
    assert play.meeting.item(first).spent > spent + 30_000


def test_a_clock_that_was_turned_back_takes_no_time_from_an_item(play: Play) -> None:
    first, second = play.meeting.items[0].id, play.meeting.items[1].id
    play.clock.advance(-3_600_000)
    play.does("chair", "item.start", item=second)
    assert play.meeting.item(first).spent == 0


def test_a_postponed_item_can_be_taken_up_later(play: Play) -> None:
    item = play.meeting.items[2].id
    play.does("chair", "item.postpone", item=item)
    assert play.meeting.item(item).state == "postponed"
    play.does("chair", "item.start", item=item)
    assert play.meeting.item(item).state == "current"


def test_the_chair_adds_an_item_while_the_meeting_runs(play: Play) -> None:
    play.does("chair", "item.add", title="Việc đột xuất", short="Việc đột xuất")
    assert play.meeting.items[-1].short == "Việc đột xuất"


def test_nobody_turns_beyond_the_last_page(play: Play) -> None:
    play.does("chair", "paper.show", paper="p-all", page=24)
    with pytest.raises(Refused, match=r"page\.out_of_range") as refused:
        play.does("chair", "page.turn", paper="p-all", page=25)
    assert refused.value.details == {"pages": 24}


def test_turning_to_the_same_page_is_no_event(play: Play) -> None:
    play.does("chair", "paper.show", paper="p-all", page=3)
    assert play.does("chair", "page.turn", paper="p-all", page=3) == []


def test_a_turned_page_starts_whole(play: Play) -> None:
    play.does("chair", "paper.show", paper="p-all", page=3)
    play.does("chair", "view.move", paper="p-all", page=3, x=100, y=200, width=4000)
    play.does("chair", "page.turn", paper="p-all", page=4)
    assert play.meeting.shown == Shown("p-all", 4)


def test_a_late_zoom_of_another_page_is_refused(play: Play) -> None:
    play.does("chair", "paper.show", paper="p-all", page=3)
    with pytest.raises(Refused, match=r"page\.turned_meanwhile"):
        play.does("chair", "view.move", paper="p-all", page=2, x=0, y=0, width=5000)


def test_a_paper_that_is_not_ready_cannot_be_shown(play: Play) -> None:
    with pytest.raises(Refused, match=r"paper\.not_ready"):
        play.does("chair", "paper.show", paper="p-bad")


def test_a_paper_on_screen_cannot_be_taken_off_its_item(play: Play) -> None:
    play.does("chair", "paper.show", paper="p-all")
    with pytest.raises(Refused, match=r"paper\.on_screen"):
        play.does("secretary", "paper.detach", paper="p-all")


def test_presenting_is_handed_over_and_given_back(play: Play) -> None:
    play.does("chair", "paper.show", paper="p-all")
    with pytest.raises(Forbidden):
        play.does("delegate", "page.turn", paper="p-all", page=2)
    play.does("chair", "presenting.hand_over", to="delegate")
    play.does("delegate", "page.turn", paper="p-all", page=2)
    play.does("delegate", "presenting.return")
    with pytest.raises(Forbidden):
        play.does("delegate", "page.turn", paper="p-all", page=3)


def test_the_secretary_begins_to_present_in_the_room_and_interrupts_nobody(play: Play) -> None:
    play.does("chair", "paper.show", paper="p-all")
    play.does("chair", "presenting.hand_over", to="delegate")
    with pytest.raises(Refused, match=r"presenting\.held"):
        play.does("secretary", "presenting.take")
    play.does("secretary", "presenting.hand_over", to="")
    play.does("secretary", "presenting.take")
    assert play.meeting.presenting == "secretary"
    assert list(play.does("secretary", "presenting.take")) == []
    play.does("secretary", "page.turn", paper="p-all", page=2)
    play.does("secretary", "paper.hide")
    play.does("secretary", "presenting.return")
    assert (play.meeting.presenting, play.meeting.shown) == ("", None)


def test_a_break_ends_the_speech_and_nobody_turns_pages_in_it(play: Play) -> None:
    play.does("chair", "paper.show", paper="p-all")
    play.does("chair", "floor.invite", person="delegate")
    assert tags(play.does("chair", "meeting.pause", reason="Giải lao")) == ["floor.ended", "meeting.paused"]
    with pytest.raises(Refused, match=r"phase\.break"):
        play.does("chair", "page.turn", paper="p-all", page=2)
    play.does("chair", "meeting.resume")
    assert [bool(period.ended_at) for period in play.meeting.periods] == [True, False]


def test_closing_ends_everything_that_runs(play: Play) -> None:
    play.does("chair", "floor.invite", person="delegate")
    acts = play.does("chair", "meeting.close")
    assert tags(acts) == ["floor.ended", "item.finished", "meeting.closed"]
    assert (play.meeting.phase, play.meeting.speaking, play.meeting.current) == ("closed", None, None)


def test_the_chair_is_handed_over_by_the_chair_alone(play: Play) -> None:
    with pytest.raises(Forbidden):
        play.does("deputy", "chair.hand_over", to="deputy")
    play.does("chair", "chair.hand_over", to="deputy")
    assert play.meeting.chair == "deputy"
    with pytest.raises(Forbidden):
        play.does("chair", "item.finish")


@pytest.mark.parametrize("named", [{"chair": "guest"}, {"chair": "chair", "deputy": "guest"}])
def test_no_guest_is_named_to_chair_nor_to_stand_in(named: dict[str, str]) -> None:
    play = prepared()
    with pytest.raises(Refused, match=r"chair\.not_a_guest"):
        play.does("secretary", "chair.name", **named)


def test_the_deputy_takes_the_controls_only_while_the_chair_is_cut_off(play: Play) -> None:
    play.chair_connected = True
    with pytest.raises(Refused, match=r"controls\.chair_present"):
        play.does("deputy", "controls.take")
    play.chair_connected = False
    play.does("deputy", "controls.take")
    assert (play.meeting.chair, play.meeting.controlling) == ("chair", "deputy")
    play.does("deputy", "item.finish")
    play.does("chair", "controls.return")
    with pytest.raises(Forbidden):
        play.does("deputy", "item.start", item=play.meeting.items[1].id)


def test_nothing_is_published_without_chair_and_agenda() -> None:
    play = Play()
    with pytest.raises(Exception, match=r"command\.malformed"):
        read_command(b'{"type": "meeting.publish", "quickly": true}')
    assert prepared().meeting.phase == "draft"
    assert play.meeting.phase == "draft"


@pytest.mark.parametrize("raw", [b"{", b"[]", b'{"type":"nothing"}', b'{"type":"page.turn","paper":"p","page":1e99}'])
def test_a_malformed_command_is_refused_in_words(raw: bytes) -> None:
    with pytest.raises(Exception, match=r"command\.malformed"):
        read_command(raw)


def test_names_that_read_backwards_lose_their_controls() -> None:
    raw = '{"type": "notice.post", "text": "\u202eThông báo\u200b <script>alert(1)</script>"}'.encode()
    command = read_command(raw)
    assert getattr(command, "text", None) == "Thông báo <script>alert(1)</script>"


def test_in_a_break_nobody_is_heard_and_after_it_only_the_chair(play: Play) -> None:
    play.does("chair", "microphone.switch", who="site-tx", open=True)
    play.does("chair", "floor.invite", person="delegate")
    play.does("chair", "meeting.pause")
    assert grants(play.meeting).audible == frozenset()
    with pytest.raises(Refused, match=r"microphone\.on_break"):
        play.does("technician", "microphone.switch", who="site-tx", open=True)
    play.does("chair", "meeting.resume")
    assert grants(play.meeting).audible == {"site-main"}, "the chair's place, and not what was open before the break"
    play.does("chair", "microphone.switch", who="site-tx", open=True)
    assert grants(play.meeting).audible == {"site-main", "site-tx"}


def test_a_paper_gets_other_words_and_keeps_the_rest(play: Play) -> None:
    before = play.meeting.papers["p-all"]
    play.does("secretary", "paper.rename", paper="p-all", title="Báo cáo số 12", short="BC 12")
    after = play.meeting.papers["p-all"]
    assert (after.title, after.short) == ("Báo cáo số 12", "BC 12")
    assert (after.version, after.pages, after.readers, after.item) == (before.version, 24, "all", before.item)
    assert play.does("secretary", "paper.rename", paper="p-all", title="Báo cáo số 12", short="BC 12") == []


def test_a_paper_is_for_the_screen_only_from_the_beginning_or_from_now_on(play: Play) -> None:
    item = play.meeting.items[0].id
    play.does("chair", "paper.attach", paper="p-new", item=item, title="Số liệu", short="Số liệu", screen_only=True)
    assert kept_back(play.meeting, play.meeting.papers["p-new"]) and kept_back(
        play.meeting, play.meeting.papers["p-named"]
    )
    assert not kept_back(play.meeting, play.meeting.papers["p-all"])
    play.does("chair", "paper.restrict", paper="p-all", screen_only=True)
    after = play.meeting.papers["p-all"]
    assert (kept_back(play.meeting, after), after.readers, after.pages) == (True, "all", 24)
    assert play.does("chair", "paper.restrict", paper="p-all", screen_only=True) == []
    play.does("chair", "paper.restrict", paper="p-all", screen_only=False)
    assert not kept_back(play.meeting, play.meeting.papers["p-all"])


def test_a_site_is_removed_only_while_nobody_has_joined_it(play: Play) -> None:
    with pytest.raises(Refused, match=r"site\.has_members"):
        play.does("secretary", "site.remove", site="site-tx")
    spare = {"id": "spare", "name": "Dự phòng", "short": "Dự phòng", "order": 9}
    play.does("secretary", "site.add", site=spare)
    play.does("technician", "stage.pin", who="spare")
    play.connected.add("spare")
    with pytest.raises(Refused, match=r"site\.connected"):
        play.does("secretary", "site.remove", site="spare")
    play.connected.clear()
    play.does("secretary", "site.remove", site="spare")
    assert "spare" not in play.meeting.sites and play.meeting.pinned == ""


def test_a_call_is_made_once_heard_and_done(play: Play) -> None:
    play.does("second", "call.make", kind="technician", note="Mất tiếng")
    with pytest.raises(Refused, match=r"call\.made_already"):
        play.does("second", "call.make", kind="technician")
    play.does("second", "call.make", kind="service")
    call, _ = play.meeting.calls
    with pytest.raises(Forbidden):
        play.does("delegate", "call.answer", call=call)
    with pytest.raises(Refused, match=r"call\.not_yours"):
        play.does("delegate", "call.end", call=call)
    play.does("technician", "call.answer", call=call)
    assert play.meeting.calls[call].answered_by == "technician"
    assert play.does("secretary", "call.answer", call=call) == [], "the first to hear it has it"
    play.does("second", "call.end", call=call)
    assert call not in play.meeting.calls
    play.does("chair", "meeting.close")
    assert play.meeting.calls == {}


def test_a_secretary_cannot_lock_themselves_out_of_what_they_prepare() -> None:
    play = prepared()
    with pytest.raises(Refused, match=r"member\.own_duty"):
        play.does("secretary", "member.change", person="secretary", roles=["delegate"], mandate=True)
    play.does("secretary", "member.change", person="secretary", roles=["secretary", "delegate"], mandate=True)
    play.does("chair", "member.change", person="secretary", roles=["delegate"], mandate=True)
    assert Role.SECRETARY not in play.meeting.roles_of("secretary")
