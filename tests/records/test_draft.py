from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from server.records.attending import Attendee, Presence
from server.records.ballots import Ballot, Count
from server.records.blocks import GONE, Block, digest, news, plain
from server.records.course import Break, Course, Item, Speech
from server.records.draft import draft
from server.records.naming import Person, Words
from tests.records.example import COURSE, DECISION, OPENED, THAO, at

GOLDEN = Path(__file__).with_name("golden_draft.json")


def texts(course: Course) -> list[str]:
    return [block.text for block in draft(course)]


def test_the_draft_of_a_whole_meeting_reads_as_written_down() -> None:
    written = [
        {"id": block.id, "event": block.event, "kind": block.kind, "text": block.text} for block in draft(COURSE)
    ]
    assert written == json.loads(GOLDEN.read_text("utf-8"))


def test_the_form_s_parts_stand_in_the_decree_s_order() -> None:
    order = [block.id for block in draft(COURSE) if block.kind in {"fact", "closing"} or block.id == "attendance"]
    assert order == ["began", "place", "attendance", "chair", "secretary", "course", "closing"]


def test_a_running_meeting_has_no_end_yet() -> None:
    assert all(block.kind != "closing" for block in draft(OPENED))
    assert not any("./." in text for text in texts(OPENED))


def test_items_not_begun_are_silent_until_the_meeting_ends() -> None:
    later = msgspec.structs.replace(OPENED, items=(*OPENED.items, Item("i9", 70, 2, "Nội dung chưa đến")))
    assert not any("chưa đến" in text for text in texts(later))
    over = msgspec.structs.replace(later, ended_at=at(11, 0))
    assert "Nội dung này chưa được xem xét." in texts(over)


def test_ids_are_unique_and_every_block_knows_its_event() -> None:
    blocks = draft(COURSE)
    assert len({block.id for block in blocks}) == len(blocks)
    assert all(block.event > 0 for block in blocks)


def test_a_pause_stands_where_it_happened() -> None:
    ids = [block.id for block in draft(COURSE)]
    assert ids.index("speech:24") < ids.index("break:26") < ids.index("ballot:30:0")


def test_of_a_stop_of_the_system_the_times_stand_there_and_nothing_else() -> None:
    stop = Break(26, at(9, 55), at(10, 5), stopped=True)
    (said,) = [block for block in draft(msgspec.structs.replace(COURSE, breaks=(stop,))) if block.id == "break:26"]
    assert said.text == "Từ 09 giờ 55 phút đến 10 giờ 05 phút tạm dừng hệ thống."


def turned_back(course: Course) -> Course:
    """The same meeting where the clock went back by two hours in the break."""
    opening, decision, postponed = course.items
    before = [*decision.speeches]
    return msgspec.structs.replace(
        course,
        ended_at=at(9, 14),
        breaks=(Break(26, at(9, 55), at(8, 5)),),
        chairs=(course.chairs[0], msgspec.structs.replace(course.chairs[1], began=at(8, 35))),
        remarks=(msgspec.structs.replace(course.remarks[0], at=at(8, 8)),),
        items=(
            opening,
            msgspec.structs.replace(
                decision,
                ended=at(8, 40),
                speeches=(*before[:-1], msgspec.structs.replace(before[-1], ended=at(7, 50))),
                ballots=(msgspec.structs.replace(decision.ballots[0], at=at(8, 10)),),
                conclusions=(msgspec.structs.replace(decision.conclusions[0], at=at(8, 30)),),
                tasks=(msgspec.structs.replace(decision.tasks[0], at=at(8, 31)),),
            ),
            postponed,
        ),
    )


def test_a_clock_that_was_turned_back_changes_no_order() -> None:
    course = turned_back(COURSE)
    assert [block.id for block in draft(course)] == [block.id for block in draft(COURSE)]
    later = msgspec.structs.replace(COURSE.items[0], id="i9", event=52, number=4, began=at(8, 0))
    ids = [block.id for block in draft(msgspec.structs.replace(course, items=(*course.items, later)))]
    assert ids.index("item:i3") < ids.index("item:i9"), "the fourth began after the second, whatever the clock said"


def test_an_end_before_the_beginning_says_why() -> None:
    said = texts(msgspec.structs.replace(turned_back(COURSE), ended_at=at(8, 14)))
    pause, end = (next(text for text in said if words in text) for words in ("tạm nghỉ", "kết thúc vào"))
    assert pause.endswith("từ 09 giờ 55 phút đến 08 giờ 05 phút (đồng hồ hệ thống đã được chỉnh lùi).")
    assert end.endswith("ngày 15 tháng 10 năm 2026 (đồng hồ hệ thống đã được chỉnh lùi)./.")
    assert not any("chỉnh lùi" in text for text in texts(COURSE))


def test_a_speech_stands_where_it_began_though_it_was_over_later() -> None:
    spoke = msgspec.structs.replace(DECISION.speeches[-1], event=31, began_event=24)
    item = msgspec.structs.replace(DECISION, speeches=(*DECISION.speeches[:-1], spoke))
    ids = [block.id for block in draft(msgspec.structs.replace(COURSE, items=(COURSE.items[0], item)))]
    assert ids.index("speech:31") < ids.index("ballot:30:0")


def test_chu_toa_and_ong_ba_by_the_type_of_meeting() -> None:
    words = Words(chair="chủ tọa", comrade=False, noun="kỳ họp", members="đại biểu Hội đồng nhân dân tỉnh")
    said = texts(msgspec.structs.replace(COURSE, words=words))
    assert "Chủ tọa: ông Phạm Hữu Lâm, Chủ tịch Ủy ban nhân dân tỉnh." in said
    assert not any("đồng chí" in text.lower() for text in said)
    assert any(text.startswith("Kết luận của chủ tọa: ") for text in said)


def test_without_a_quorum_people_are_counted() -> None:
    said = texts(msgspec.structs.replace(COURSE, quorum=None))
    assert "Thành phần tham dự: 08 đại biểu." in said


def test_too_few_members_is_said_plainly() -> None:
    assert COURSE.quorum is not None
    few = msgspec.structs.replace(COURSE, quorum=msgspec.structs.replace(COURSE.quorum, present=19))
    assert any("có mặt 19/29" in text and "chưa đủ số thành viên để họp" in text for text in texts(few))


def test_the_members_who_were_not_there_make_the_numbers_of_a_vote_whole() -> None:
    ballot = Ballot(30, at(10, 0), "Thông qua", (Count("Tán thành", 20),), 27, not_voted=3, absent=4)
    said = texts(msgspec.structs.replace(COURSE, items=(msgspec.structs.replace(DECISION, ballots=(ballot,)),)))
    counts = "tán thành 20/27 (74,07%); chưa bỏ phiếu 03; vắng mặt 04."
    assert any(text.startswith(f"Kết quả: {counts}") for text in said)


def test_a_result_taken_on_paper_carries_its_trace() -> None:
    ballot = Ballot(
        30, at(10, 0), "Bầu Ủy viên", (Count("Đồng ý", 20, ("A", "B")),), 20, way="paper",
        entered_at=at(10, 25), entered_by="thư ký Trịnh Thu Hà",
    )  # fmt: skip
    said = texts(msgspec.structs.replace(COURSE, items=(msgspec.structs.replace(DECISION, ballots=(ballot,)),)))
    trace = "(Kết quả do thư ký Trịnh Thu Hà nhập vào hệ thống lúc 10 giờ 25 phút theo kết quả kiểm phiếu giấy.)"
    assert trace in said
    assert "Đồng ý: các đồng chí A, B." in said
    assert "Biểu quyết: Bầu Ủy viên. Hình thức: bỏ phiếu bằng phiếu giấy." in said


@pytest.mark.parametrize(
    ("kind", "verb"),
    [("question", "chất vấn"), ("answer", "trả lời chất vấn"), ("explain", "giải trình"), ("chair", "phát biểu")],
)
def test_a_speech_is_named_for_what_it_was(kind: str, verb: str) -> None:
    item = msgspec.structs.replace(DECISION, speeches=(Speech(22, Person("A B"), at(9, 38), kind=kind),))
    assert f"Đồng chí A B {verb}." in texts(msgspec.structs.replace(COURSE, items=(item,)))


def test_hostile_and_strange_words_stay_words() -> None:
    item = msgspec.structs.replace(DECISION, title="<script>alert(1)</script> & 😀 {{ agency }}\x00")
    assert "II. <script>alert(1)</script> & 😀 {{ agency }}" in texts(msgspec.structs.replace(COURSE, items=(item,)))


def known(course: Course) -> dict[str, str]:
    return {block.id: digest(block) for block in draft(course)}


def test_nothing_is_news_right_after_the_draft_was_taken_in() -> None:
    assert news(known(COURSE), draft(COURSE), draft(COURSE)) == []


def test_what_happened_since_is_news_in_the_draft_s_order() -> None:
    fresh = news(known(OPENED), draft(COURSE), draft(OPENED))
    new = [piece.id for piece in fresh if piece.what == "new"]
    assert new[0] == "item:i3"
    assert new[-1] == "closing"
    assert [piece for piece in fresh if piece.what == "changed"] == []


def test_a_late_comer_changes_one_line_only() -> None:
    late = Attendee("p3", 44, THAO, Presence.ROOM, late_at=at(9, 0))
    people = tuple(late if one.id == "p3" else one for one in COURSE.attendance)
    fresh = news(known(COURSE), draft(msgspec.structs.replace(COURSE, attendance=people)), draft(COURSE))
    assert [(piece.what, piece.id) for piece in fresh] == [("changed", "present:p3")]


def test_an_absent_member_who_comes_is_taken_back_from_the_absent() -> None:
    came = Attendee("p9", 46, Person("Đỗ Khắc Nhượng", "Trưởng Ban"), Presence.ROOM, late_at=at(9, 50))
    people = tuple(came if one.id == "p9" else one for one in COURSE.attendance)
    before = known(COURSE)
    here = draft(msgspec.structs.replace(COURSE, attendance=people))
    fresh = news(before, here, draft(COURSE))
    assert [(piece.what, piece.id) for piece in fresh] == [("new", "present:p9"), ("gone", "absent:p9")]
    before |= {piece.id: piece.digest or GONE for piece in fresh}
    assert news(before, here, draft(COURSE)) == []


def test_a_moved_full_stop_is_no_news() -> None:
    one, other = Block(plain("- Đồng chí A;"), "present:1"), Block(plain("- Đồng chí A."), "present:1")
    assert digest(one) == digest(other)
