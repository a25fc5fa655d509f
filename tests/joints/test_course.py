"""The log of a whole meeting, as the minutes are told of it."""

from __future__ import annotations

import msgspec
import pytest
from msgspec.structs import replace

from server.config import RecordSettings
from server.joints.ballots import result_words
from server.joints.course import course_of
from server.meetings.acts import tag_of
from server.meetings.seats import Voice
from server.meetings.telephone import SiteTelephoned
from server.records.attending import Presence
from server.records.course import Course
from server.records.draft import draft
from server.records.naming import Words
from server.records.proceedings import ballot_blocks, item_blocks
from server.records.roll import roll
from server.streams import Entry, StreamId
from tests.meetings.scenario import START, Play, opened, whole

HOUR = 3_600_000


def told(play: Play, ordered: frozenset[str] = frozenset(), turned_back: int = 1 << 30) -> Course:
    """The course of what was played; one second passes between two events.

    The events of the types in `ordered` were tapped by the secretary on the chair's order. From that version on the
    clock is an hour behind what it was before.
    """
    entries = [
        Entry(
            stream=StreamId("meeting:m-1"),
            version=number,
            at=START + 1000 * number - (HOUR if number >= turned_back else 0),
            by="secretary" if tag_of(event) in ordered else "chair",
            order_of="chair" if tag_of(event) in ordered else "",
            type=tag_of(event),
            data=msgspec.Raw(msgspec.json.encode(event)),
        )
        for number, (_, event, _) in enumerate(play.steps, 1)
    ]
    return course_of(entries, play.meeting, RecordSettings(agency="ỦY BAN NHÂN DÂN TỈNH LAM GIANG"))


def test_the_meeting_begins_is_quorate_and_ends_as_the_log_says() -> None:
    course = told(whole())
    assert course.agency == "ỦY BAN NHÂN DÂN TỈNH LAM GIANG"
    assert course.began_at is not None and course.ended_at is not None and course.began_at < course.ended_at
    assert course.quorum is not None and course.quorum.event == course.event
    assert [(rest.ended is not None and rest.began < rest.ended) for rest in course.breaks] == [True, True]
    assert [rest.stopped for rest in course.breaks] == [False, True]


def test_a_break_in_which_the_system_is_stopped_lasts_until_then_and_the_stop_until_the_meeting_ends() -> None:
    play = opened()
    play.does("chair", "meeting.pause", reason="Giải lao")
    play.does("chair", "system.stop")
    play.does("chair", "meeting.close")
    rest, stop = told(play).breaks
    assert (rest.ended, rest.stopped) == (stop.began, False)
    assert (stop.ended, stop.stopped) == (told(play).ended_at, True)


def test_who_chaired_when_stands_there_by_name() -> None:
    assert [period.chair.name for period in told(whole()).chairs] == [
        "Phạm Hồng Sơn",
        "Lê Thị Minh Nguyệt",
        "Phạm Hồng Sơn",
    ]


def test_the_roll_has_voters_and_whoever_came_but_no_technician() -> None:
    roll = {one.id: one for one in told(whole()).attendance}
    assert "technician" not in roll
    assert roll["guest"].presence is Presence.ONLINE and roll["guest"].guest
    assert roll["substitute"].substitutes is not None
    assert roll["substitute"].substitutes.name == "Lưu Thị Bích Thảo"
    assert roll["second"].site == "Điểm cầu xã Thường Xuân"


def test_speeches_and_ballots_lie_under_their_items() -> None:
    first, *_ = told(whole()).items
    assert [(one.speaker.name, one.kind) for one in first.speeches] == [
        ("Lưu Thị Bích Thảo", "speech"),
        ("Vi Văn Thiết", "question"),
    ]
    ballots = [ballot for item in told(whole()).items for ballot in item.ballots]
    elected, by_tablet, by_hands = ballots
    assert {count.option: count.count for count in by_tablet.counts} == {
        "Tán thành": 3,
        "Không tán thành": 1,
        "Không biểu quyết": 0,
    }
    assert "không" not in by_tablet.result and by_tablet.not_voted == 0
    assert by_hands.result.endswith("không được thông qua"), "half of all is not more than half"
    assert (elected.elected, elected.places, elected.kind) == (("Ông Toàn",), 1, "election")
    assert elected.voided is not None and elected.voided.asked_by == "Trịnh Thu Hà"
    assert [count.names for count in elected.counts if count.names] == [
        ("Lê Thị Minh Nguyệt", "Phạm Hồng Sơn", "Vi Văn Thiết")
    ]


def test_a_ballot_voided_while_it_was_open_is_told_without_figures_and_its_repetition_says_what_it_is() -> None:
    play = opened()
    ballot = next(iter(play.meeting.ballots))
    play.does("chair", "ballot.open", ballot=ballot)
    play.does("chair", "ballot.ask_void", ballot=ballot, reason="nhầm nội dung", again=True)
    play.does("deputy", "ballot.confirm_void", ballot=ballot)
    again = list(play.meeting.ballots)[-1]
    play.does("chair", "ballot.open", ballot=again)
    play.does("chair", "ballot.close", ballot=again)
    play.does("chair", "ballot.announce", ballot=again)
    voided, repeated = (ballot for item in told(play).items for ballot in item.ballots)
    assert (voided.announced, voided.electorate, voided.counts) == (False, 0, ())
    assert voided.voided is not None and voided.voided.reason == "nhầm nội dung"
    assert repeated.repeated and not voided.repeated


def test_a_meeting_that_has_not_ended_has_no_end_and_one_without_opening_no_chair() -> None:
    course = told(opened())
    assert course.ended_at is None and course.ended_event == 0
    assert len(course.chairs) == 1


def test_every_piece_names_the_event_it_comes_from() -> None:
    course = told(whole())
    pieces = [
        *course.chairs,
        *course.breaks,
        *(one for item in course.items for one in (*item.speeches, *item.ballots)),
    ]
    assert all(piece.event > 0 for piece in pieces)
    assert all(one.event > 0 for one in course.attendance if one.presence is not Presence.ABSENT)


def test_what_the_secretary_tapped_stands_there_with_who_ordered_it() -> None:
    course = told(whole(), frozenset({"ballot.opened", "ballot.closed", "ballot.counted", "ballot.announced"}))
    remark, _ = course.remarks
    assert "đồng chí Trịnh Thu Hà thao tác trên hệ thống theo lệnh của đồng chí Phạm Hồng Sơn" in remark.text
    assert remark.text.endswith(": mở biểu quyết, đóng biểu quyết, công bố kết quả biểu quyết")
    assert not any("theo lệnh" in remark.text for remark in told(whole()).remarks)


def test_who_held_the_controls_while_the_chair_was_cut_off_stands_there_from_when_to_when() -> None:
    play = opened()
    play.does("deputy", "controls.take")
    (held,) = told(play).remarks
    assert held.text.startswith("Từ 07 giờ 00 phút, đồng chí Lê Thị Minh Nguyệt giữ điều khiển trên hệ thống")
    assert held.text.endswith("mất kết nối; đồng chí Phạm Hồng Sơn vẫn là chủ trì")
    play.clock.advance(15 * 60_000)
    play.does("chair", "controls.return")
    play.does("deputy", "controls.take")
    play.does("chair", "chair.hand_over", to="deputy")
    play.does("second", "floor.request", topic="")
    course = told(play)
    back, over = course.remarks
    assert back.text.startswith("Từ 07 giờ 00 phút đến 07 giờ 15 phút, đồng chí Lê Thị Minh Nguyệt giữ điều khiển")
    assert over.text.startswith("Lúc ") and "Phạm Hồng Sơn vẫn là chủ trì" in over.text, "it ended with the chair"
    assert back.text in "\n".join(block.text for block in draft(course))


@pytest.mark.parametrize("ends", ["closed", "gone", "other"])
def test_the_controls_are_held_no_longer_than_the_meeting_sits_or_the_deputy_belongs_to_it(ends: str) -> None:
    play = opened()
    play.does("deputy", "controls.take")
    if ends == "other":
        play.does("secretary", "member.revoke", person="guest")
    elif ends == "gone":
        play.does("secretary", "member.revoke", person="deputy")
    else:
        play.does("chair", "meeting.close")
    (held,) = told(play).remarks
    assert held.text.startswith("Từ " if ends == "other" else "Lúc "), held.text
    assert "đồng chí Lê Thị Minh Nguyệt" in held.text


def test_a_result_on_paper_is_told_with_the_tellers_figures_and_its_trace() -> None:
    play = opened()
    play.does("secretary", "ballot.plan", item=play.meeting.items[2].id, question="Nhất trí?", method="paper")
    ballot = list(play.meeting.ballots)[-1]
    told_then = {"taken_at": START, "reason": "mất điện", "issued": 4, "returned": 4, "invalid": 1}
    tally = {"agree": 2, "disagree": 1, "abstain": 0}
    play.does("secretary", "ballot.enter", ballot=ballot, method="paper", tally=tally, **told_then)
    item = told(play, frozenset({"ballot.closed"})).items[2]
    (ballot_told,) = item.ballots
    text = " ".join(block.text for block in ballot_blocks(ballot_told, Words()))
    assert item.state == "done", "it was dealt with on paper"
    assert "bỏ phiếu bằng phiếu giấy" in text
    assert "số phiếu phát ra 04; thu về 04; hợp lệ 03; không hợp lệ 01." in text
    assert "do Trịnh Thu Hà nhập vào hệ thống" in text and "theo lệnh của Phạm Hồng Sơn" in text
    assert "nhập sau vì: mất điện." in text


def test_a_ballot_that_was_closed_and_not_announced_is_told_without_its_count() -> None:
    play = opened()
    ballot = next(iter(play.meeting.ballots))
    play.does("chair", "item.start", item=play.meeting.ballots[ballot].item)
    play.does("chair", "ballot.open", ballot=ballot)
    play.does("chair", "ballot.cast", ballot=ballot, mandate="chair", choice="agree")
    play.does("chair", "ballot.close", ballot=ballot)
    assert [one for item in told(play).items for one in item.ballots] == [], "it may be announced any moment"
    play.does("chair", "meeting.close")
    (told_of,) = [one for item in told(play).items for one in item.ballots]
    text = " ".join(block.text for block in ballot_blocks(told_of, Words(noun="phiên họp")))
    assert f"01/{len(play.meeting.ballots[ballot].electorate):02} người có quyền biểu quyết đã biểu quyết." in text
    assert text.endswith("Kết quả đã được kiểm đếm, chưa được công bố tại phiên họp.")
    assert "án thành" not in text and "thông qua" not in text.removeprefix(f"Biểu quyết: {told_of.question}")


def test_who_was_taken_back_is_named_for_what_they_did_and_listed_as_having_left() -> None:
    play = opened()
    play.does("delegate", "attendance.leave")
    play.does("secretary", "attendance.substitute", person="delegate", substitute="substitute")
    play.does("substitute", "attendance.arrive", place="room")
    play.does("chair", "floor.invite", person="substitute")
    play.does("chair", "floor.end")
    play.does("secretary", "attendance.substitute", person="delegate", substitute="")
    play.does("delegate", "attendance.arrive", place="room")
    play.does("secretary", "member.revoke", person="technician")
    play.does("secretary", "member.revoke", person="guest")
    course = told(play)
    assert course.items[0].speeches[0].speaker.name == "Mai Thị Xuân"
    roll = {one.id: one for one in course.attendance}
    gone = roll["substitute"]
    assert gone.left_at is not None and gone.substitutes is not None and not gone.votes
    assert gone.substitutes.name == "Lưu Thị Bích Thảo" and not roll["delegate"].absent
    assert "guest" not in roll and "technician" not in roll, "they never came"


@pytest.mark.parametrize(
    ("chose", "words"),
    [
        ("agree", "theo ý kiến của chủ trì, nội dung biểu quyết được thông qua"),
        ("disagree", "theo ý kiến của chủ trì, nội dung biểu quyết không được thông qua"),
        ("abstain", "chủ trì chọn “Không biểu quyết”, nội dung biểu quyết không được thông qua"),
        ("", "chủ trì không bỏ phiếu, nội dung biểu quyết không được thông qua"),
    ],
)
def test_a_tie_says_how_the_chair_decided_it_or_that_they_did_not(chose: str, words: str) -> None:
    play = opened()
    by_hands = list(play.meeting.ballots)[1]
    play.does("chair", "ballot.open", ballot=by_hands)
    tally = {"agree": 1, "disagree": 1, "abstain": 2}
    play.does("secretary", "ballot.record", ballot=by_hands, tally=tally, chair_choice=chose)
    play.does("chair", "ballot.announce", ballot=by_hands)
    (ballot,) = (one for item in told(play).items for one in item.ballots)
    assert ballot.result == f"số phiếu tán thành và không tán thành ngang nhau, {words}"
    assert ballot.majority == "quá nửa tổng số thành viên"


def test_no_opinion_is_ascribed_to_a_chair_who_did_not_vote_or_of_whom_it_was_not_kept() -> None:
    play = opened()
    ballot = next(iter(play.meeting.ballots))
    play.does("chair", "ballot.open", ballot=ballot)
    play.does("deputy", "ballot.cast", ballot=ballot, mandate="deputy", choice="agree")
    play.does("delegate", "ballot.cast", ballot=ballot, mandate="delegate", choice="disagree")
    play.does("chair", "ballot.close", ballot=ballot)
    play.does("chair", "ballot.announce", ballot=ballot)
    older = replace(play.meeting.ballots[ballot], by_chair=None)
    assert result_words(older, "chủ trì") == "nội dung biểu quyết không được thông qua"
    (now,) = (one for item in told(play).items for one in item.ballots)
    assert "chủ trì không bỏ phiếu" in now.result and "ý kiến" not in now.result


def test_a_question_says_to_whom_its_answer_to_whose_and_what_comes_in_writing() -> None:
    play = opened()
    for topic in ("Di dời dân cư", "Giá đất"):
        play.does("second", "floor.request", topic=topic, kind="question", to="delegate")
        play.does("chair", "floor.invite", person="second")
        play.does("second", "floor.end")
    answered, written = (question.id for question in play.meeting.questions)
    play.does("chair", "floor.invite", person="delegate", answers=answered)
    play.does("delegate", "floor.end")
    play.does("chair", "floor.reply_in_writing", question=written)
    item = told(play).items[0]
    assert [(speech.kind, speech.to and speech.to.name) for speech in item.speeches] == [
        ("question", "Lưu Thị Bích Thảo"),
        ("question", "Lưu Thị Bích Thảo"),
        ("answer", "Vi Văn Thiết"),
    ]
    assert [remark.text for remark in item.remarks] == [
        "Đồng chí Lưu Thị Bích Thảo trả lời bằng văn bản chất vấn của đồng chí Vi Văn Thiết: Giá đất"
    ]
    said = [block.text for _, block in item_blocks(item, told(play)) if block.kind == "speech"]
    assert said[-1].endswith("trả lời chất vấn của đồng chí Vi Văn Thiết: Di dời dân cư.")


def test_the_chairs_own_words_are_the_chairs() -> None:
    play = opened()
    play.does("chair", "floor.invite", person="chair")
    play.does("chair", "floor.end")
    play.does("chair", "chair.hand_over", to="deputy")
    play.does("deputy", "floor.invite", person="chair")
    play.does("deputy", "floor.end")
    assert [speech.kind for speech in told(play).items[0].speeches] == ["chair", "speech"]


def test_the_members_who_are_not_there_are_counted_beside_the_votes() -> None:
    play = opened()
    play.does("secretary", "attendance.record", person="second", state="absent")
    ballot = next(iter(play.meeting.ballots))
    play.does("chair", "item.start", item=play.meeting.ballots[ballot].item)
    play.does("chair", "ballot.open", ballot=ballot)
    play.does("chair", "ballot.close", ballot=ballot)
    play.does("chair", "ballot.announce", ballot=ballot)
    (told_of,) = [found for item in told(play).items for found in item.ballots]
    voters = sum(member.mandate for member in play.meeting.members.values())
    present = len(play.meeting.ballots[ballot].electorate)
    assert (told_of.basis, told_of.absent) == (voters, voters - present) and told_of.absent > 0


def test_a_clock_that_was_turned_back_is_told_and_changes_no_order() -> None:
    play = whole()
    rest = told(play).breaks[0].event
    before, after = told(play), told(play, turned_back=rest + 1)
    line = after.remarks[-1]
    assert (line.event, after.remarks[:-1]) == (rest + 1, before.remarks)
    assert line.text == (
        "Đồng hồ hệ thống được chỉnh lùi từ 07 giờ 01 phút về 06 giờ 01 phút; từ đây ghi theo giờ đã chỉnh"
    )
    ids = [block.id for block in draft(after)]
    assert [name for name in ids if name != line.key] == [block.id for block in draft(before)]
    assert ids.index(f"break:{rest}") < ids.index(line.key)
    assert any("kết thúc vào" in block.text and "chỉnh lùi" in block.text for block in draft(after))


def test_a_call_that_ended_after_the_clock_was_turned_back_reached_into_the_meeting() -> None:
    play = opened()
    play.does("technician", "site.telephone", site="site-tx", number="0230 000 1112")
    (call,) = told(play).telephoned
    back = replace(play.meeting.voices["site-tx"][0], ended_at=START - HOUR)
    play.meeting = replace(play.meeting, voices={"site-tx": (back,)})
    play.steps.append((play.steps[-1][0], SiteTelephoned("site-tx", "", START - HOUR), play.steps[-1][2]))
    assert [one.event for one in told(play).telephoned] == [call.event]


def test_a_site_on_the_telephone_stands_in_the_minutes_with_its_number_and_its_hours() -> None:
    play = opened()
    play.does("technician", "site.telephone", site="site-tx", number="0230 000 1112")
    play.meeting = replace(
        play.meeting,
        voices={"site-tx": (Voice("0230 000 1112", START - 9, START + 60_000), Voice("0912 000 117", 1, 2))},
    )
    (call,) = told(play).telephoned
    assert (call.site, call.number, call.began) == ("Điểm cầu xã Thường Xuân", "0230 000 1112", None)
    assert call.ended == START + 60_000
    later = replace(call, event=7, began=START + 60_000, ended=None)
    texts = [block.text for block in roll(replace(told(play), telephoned=(call, later)))]
    assert texts[-1] == (
        "Dự qua điện thoại: điểm cầu xã Thường Xuân, số 0230 000 1112 (đến 07 giờ 01 phút); "
        "điểm cầu xã Thường Xuân, số 0230 000 1112 (từ 07 giờ 01 phút)."
    )


def test_whoever_called_before_the_opening_only_is_not_in_the_minutes() -> None:
    play = opened()
    play.meeting = replace(play.meeting, voices={"site-tx": (Voice("0230 000 1112", 1, 2),)})
    assert told(play).telephoned == ()
