"""Tables in the order of the agenda and of precedence, and what the minutes say of amendments."""

from __future__ import annotations

from typing import Any, cast

from msgspec.structs import replace

from server.documents.marks import Remark
from server.joints.opinions.tables import changes_of, in_minutes, opinions_of
from server.joints.papers import PaperRights, admitted_anew
from server.meetings.acts import Card
from server.records.course import Course, Item
from server.records.gathered import decision
from server.streams import StreamId
from tests.meetings.opinions.play import Pages, whole

GONE = {"former": Card("former", "Bùi Văn Cũ", "Nguyên Giám đốc", "Sở Nội vụ")}


def gathered() -> Pages:
    pages = Pages()
    pages.writes("second", "o-1", page=1)
    pages.writes("delegate", "o-2", page=9)
    pages.writes("delegate", "o-3", page=2)
    pages.writes("delegate", "o-4", paper="p-members", to="all")
    pages.book = replace(
        pages.book, opinions=pages.book.opinions | {"o-5": replace(pages.book.opinions["o-1"], person="former")}
    )
    return pages


def test_opinions_stand_by_paper_then_precedence_then_page() -> None:
    pages = gathered()
    sections = opinions_of(pages.meeting, pages.book, {}, GONE)
    assert [section.title for section in sections] == ["p-all", "Báo cáo thẩm định"]
    assert [(row.person.name, row.page) for row in sections[0].rows] == [
        ("Lưu Thị Bích Thảo", 2),
        ("Lưu Thị Bích Thảo", 9),
        ("Vi Văn Thiết", 1),
        ("Bùi Văn Cũ", 1),
    ]


def test_a_substitute_is_named_with_the_member_they_came_for() -> None:
    pages = gathered()
    thiet = replace(pages.meeting.members["second"], substitute_for="chair")
    rows = opinions_of(pages.meeting.with_member(thiet), pages.book, {}, GONE)[0].rows
    assert [row.person.unit for row in rows if row.person.name == thiet.name] == [
        f"{thiet.unit}, dự thay Phạm Hồng Sơn"
    ]


def test_what_one_person_wrote_on_one_page_stands_as_it_was_written_though_the_clock_was_turned_back() -> None:
    pages = Pages()
    pages.writes("delegate", "o-1", text="Trước.")
    pages.writes("delegate", "o-2", text="Sau.")
    pages.proposes("delegate", "a-1")
    pages.proposes("delegate", "a-2", text="2. Bỏ.")
    back = {"o-2": replace(pages.book.opinions["o-2"], at=1)}
    moved = {"a-2": replace(pages.book.amendments["a-2"], at=1)}
    book = replace(pages.book, opinions=pages.book.opinions | back, amendments=pages.book.amendments | moved)
    assert [row.text for row in opinions_of(pages.meeting, book, {}, {})[0].rows] == ["Trước.", "Sau."]
    assert [row.at for row in changes_of(pages.meeting, book, {})[0].rows][-1] == 1


def test_sticky_comments_stand_among_them() -> None:
    pages = gathered()
    stuck = {"p-all": [Remark("c-1", "delegate", 5, "Số liệu chưa khớp.", 1, "desk")]}
    rows = opinions_of(pages.meeting, pages.book, stuck, GONE)[0].rows
    assert [(row.page, row.text) for row in rows if row.page == 5] == [(5, "Số liệu chưa khớp.")]
    assert [row.page for row in rows[:3]] == [2, 5, 9]


def test_a_sticky_comment_stands_there_though_another_gave_its_name_to_an_opinion() -> None:
    pages = gathered()
    stuck = {"p-all": [Remark("o-1", "delegate", 5, "Số liệu chưa khớp.", 1, "all")]}
    rows = opinions_of(pages.meeting, pages.book, stuck, GONE)[0].rows
    assert [row.text for row in rows if row.page == 5] == ["Số liệu chưa khớp."]


def test_changes_stand_with_their_authors_and_decisions() -> None:
    pages = whole()
    pages.proposes("chair", "a-3", text="2. Bỏ.")
    (section,) = changes_of(pages.meeting, pages.book, {})
    assert [(row.person.name, row.state) for row in section.rows] == [
        ("Phạm Hồng Sơn", "open"),
        ("Lưu Thị Bích Thảo", "accepted"),
    ]


def test_a_change_that_could_not_be_carried_says_so_in_the_table() -> None:
    pages = whole()
    pages.proposes("chair", "a-3", text="2. Bỏ.")
    pages.carries("c" * 64, None)
    (section,) = changes_of(pages.meeting, pages.book, {})
    assert [decision(row) for row in section.rows] == [
        "Chưa quyết định. Đoạn này không còn trong bản mới.",
        "Chấp nhận",
    ]


def test_the_minutes_name_the_drafts_of_which_amendments_were_decided() -> None:
    pages = whole()
    item = pages.meeting.papers["p-all"].item
    course = Course("m-1", "Họp", "Phòng 1", items=(Item(item, 7, 1, "Dự thảo"), Item("other", 8, 2, "Khác")))
    told = in_minutes(course, pages.meeting, pages.book)
    (line,) = told.items[0].remarks
    assert line.text == (
        "Về “p-all”: xem xét 01 đề nghị sửa đổi, bổ sung; chấp nhận 01 (có Bảng so sánh, tiếp thu kèm theo)"
    )
    decided = pages.book.amendments["a-1"]
    assert (line.key, line.at, line.order) == ("amendments:p-all", decided.decided_at, decided.decided_on)
    assert decided.decided_on > 0
    assert told.items[1] == course.items[1]
    pages.does("chair", "amendment.decide", amendment="a-1", state="open")
    assert in_minutes(course, pages.meeting, pages.book) == course


def test_when_a_paper_is_taken_off_everybody_gets_the_book_anew() -> None:
    before = Pages().meeting
    after = replace(before, papers={key: paper for key, paper in before.papers.items() if key != "p-all"})
    book, other = StreamId(f"opinions:{before.id}"), StreamId("opinions:another")
    followed = [("delegate", book), ("delegate", other)]
    assert admitted_anew(before, after, followed) == {(book, "delegate")}
    assert admitted_anew(before, before, followed) == set()


def test_while_its_book_is_followed_a_meeting_stays_at_hand() -> None:
    nobody = cast("Any", None)
    rights = PaperRights(nobody, nobody)
    assert rights.meetings_of([StreamId("opinions:m")]) == {"opinions:m", "meeting:m"}
