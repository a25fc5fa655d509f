"""A list too long for the text of the minutes stands behind it, as Decree 30/2020/NĐ-CP wants annexes."""

from __future__ import annotations

import io
from typing import Any

import docx as python_docx
import msgspec
import pymupdf
import pytest
from docx.oxml.ns import qn

from server.records.attending import Attendee, Presence
from server.records.course import Course, Speech
from server.records.draft import draft
from server.records.forms import bien_ban
from server.records.forms.sheet import Sheet, sheet
from server.records.naming import Person
from server.records.prose import blocks_of, node_of
from server.records.roll import NAMES_IN_TEXT, annex, roll
from server.records.wording import capital
from tests.records.example import COURSE, HOAT, at
from tests.records.test_bien_ban import MM, line_with, lines_of

SITES = tuple(f"Xã Trung Lý {number}" for number in range(1, 31))


def crowd(people: int, absent: int = 0) -> Course:
    """A meeting of so many members, half of them at sites, and some who did not come."""
    here = [
        Attendee(f"p{n}", n, Person(f"Hà Văn {n:03}", "Chủ tịch", "Ủy ban nhân dân xã Trung Lý"),
                 Presence.SITE if n % 2 else Presence.ROOM, site=SITES[n % 30] if n % 2 else "",
                 substitutes=HOAT if n == 4 else None, late_at=at(9, 46) if n == 6 else None)
        for n in range(people)
    ]  # fmt: skip
    away = [
        Attendee(f"a{n}", 900 + n, Person(f"Lò Thị {n}"), Presence.ABSENT_EXCUSED, reason="đi công tác")
        for n in range(absent)
    ]
    return msgspec.structs.replace(COURSE, attendance=(*here, *away), sites=SITES)


def printed(course: Course) -> Sheet:
    return sheet(course, draft(course))


BIG = crowd(165, absent=2)


@pytest.fixture(scope="module")
def word() -> Any:
    return python_docx.Document(io.BytesIO(bien_ban.docx(printed(BIG))))


@pytest.fixture(scope="module")
def pages() -> Any:
    return pymupdf.open(stream=bien_ban.pdf(printed(BIG), at(12, 0)))


def test_as_many_names_as_fill_a_page_stay_in_the_text() -> None:
    few, many = crowd(NAMES_IN_TEXT), crowd(NAMES_IN_TEXT + 1)
    assert printed(few).annex is None
    assert any("Hà Văn 006" in block.text for block in roll(few))
    assert printed(many).annex is not None
    assert not any("Hà Văn 006" in block.text for block in roll(many))


def test_the_text_has_the_figures_the_absent_and_where_the_list_is() -> None:
    text = [block.text for block in roll(BIG)]
    assert "1. Thành viên Ủy ban nhân dân tỉnh: 83 đồng chí." in text
    assert "2. Tại các điểm cầu: 82 đồng chí tại 15 điểm cầu." in text
    assert "3. Vắng mặt:" in text and any("đi công tác" in line for line in text)
    assert text[-1] == "Danh sách cụ thể tại Phụ lục kèm theo Biên bản này."
    assert "4. Vắng mặt: 11 đồng chí." not in text
    assert "3. Vắng mặt: 11 đồng chí." in [block.text for block in roll(crowd(60, absent=11))]


def test_the_list_says_how_often_and_how_long_somebody_spoke() -> None:
    who = BIG.attendance[0].person
    speeches = tuple(Speech(n, who, at(9, n), at(9, n + 1), seconds=70) for n in (10, 20))
    items = (msgspec.structs.replace(BIG.items[0], speeches=speeches), *BIG.items[1:])
    noted = {
        one.name: one.note for part in annex(msgspec.structs.replace(BIG, items=items)).parts for one in part.people
    }
    assert noted["Hà Văn 000"] == "Phát biểu 02 lượt, 03 phút"
    assert "hát biểu" not in noted["Hà Văn 001"]


def test_the_list_says_of_each_what_the_text_would_have_said() -> None:
    members, sites, absent = annex(BIG).parts
    assert [part.title.split(".")[0] for part in (members, sites, absent)] == ["I", "II", "III"]
    noted = {one.name: one.note for part in (members, sites, absent) for one in part.people}
    assert len(noted) == 167
    assert noted["Hà Văn 000"] == "" and noted["Hà Văn 001"] == "Điểm cầu xã Trung Lý 2"
    assert noted["Hà Văn 004"].startswith("Dự thay đồng chí Bùi Sỹ Hoạt")
    assert noted["Hà Văn 006"] == "Có mặt từ 09 giờ 46 phút"
    assert noted["Lò Thị 0"] == "Vắng có lý do: đi công tác"


@pytest.mark.parametrize("people", [10, NAMES_IN_TEXT + 1])
def test_of_somebody_away_it_is_said_who_came_instead(people: int) -> None:
    few = crowd(people)
    away = Attendee("b", 800, HOAT, Presence.ABSENT_EXCUSED, reason="đi công tác")
    instead = "vắng có lý do: đi công tác, cử đồng chí Hà Văn 004 dự thay"
    said = msgspec.structs.replace(few, attendance=(*few.attendance, away))
    assert any(instead in block.text for block in roll(said))
    assert annex(said).parts[-1].people[0].note == capital(instead)
    alone = [one for one in said.attendance if one.substitutes is None]
    nobody = Attendee("c", 801, Person("Lò Thị C"), Presence.ABSENT, substitutes=HOAT)
    told = roll(msgspec.structs.replace(few, attendance=(*alone, nobody)))
    assert not any("cử" in block.text for block in told)


def test_minutes_whose_text_does_not_send_to_it_are_printed_without_it() -> None:
    typed = blocks_of([node_of(block) for block in draft(BIG)])
    assert sheet(BIG, typed).annex is not None, "the sentence keeps its origin in the editor"
    assert sheet(BIG, [block for block in typed if block.id != "annex"]).annex is None


def test_in_docx_it_is_a_section_of_its_own_whose_pages_count_from_one(word: Any) -> None:
    first, second = word.sections
    assert second._sectPr.find(qn("w:pgNumType")).get(qn("w:start")) == "1"
    assert (
        first._sectPr.find(qn("w:pgNumType")) is None
        or first._sectPr.find(qn("w:pgNumType")).get(qn("w:start")) is None
    )
    assert second.different_first_page_header_footer
    measured = [second.page_width, second.page_height, second.left_margin, second.right_margin]
    assert [round(length.twips) for length in measured] == [11906, 16838, 1701, 850]
    heads = [paragraph.text for paragraph in word.paragraphs if paragraph.text][-3:]
    assert heads == ["Phụ lục", "DANH SÁCH ĐẠI BIỂU DỰ PHIÊN HỌP", "(Kèm theo Biên bản số: 05/BB-UBND)"]


def test_in_docx_the_list_is_as_wide_as_the_text_and_repeats_its_head(word: Any) -> None:
    table = word.tables[-1]
    widths = [int(grid.get(qn("w:w"))) for grid in table._tbl.tblGrid]
    assert sum(widths) == 11906 - 1701 - 850
    assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in table.rows)
    assert len(table.rows) == 1 + 3 + 167
    assert [cell.text for cell in table.rows[2].cells][:2] == ["1", "Hà Văn 000"]


def test_in_pdf_it_begins_a_page_without_a_number_and_the_next_is_page_two(pages: Any) -> None:
    first = next(index for index, page in enumerate(pages) if "DANH SÁCH ĐẠI BIỂU" in page.get_text())
    assert "CHỦ TỌA" in pages[first - 1].get_text(), "it stands behind the signatures"
    above = [[line[0] for line in lines_of(page) if line[1].y1 < 20 * MM - 1] for page in pages]
    assert above[0] == above[first] == []
    assert above[first + 1] == ["2"] and above[first - 1] == [str(first)]
    for words in ("Phụ lục", "DANH SÁCH ĐẠI BIỂU DỰ PHIÊN HỌP"):
        text, box, size, font = line_with(pages[first], words)
        assert size == pytest.approx(14, abs=0.05) and "Bold" in font, text
        assert (box.x0 + box.x1) / 2 == pytest.approx((30 + 165 / 2) * MM, abs=1)
    assert "Italic" in line_with(pages[first], "(Kèm theo Biên bản số: 05/BB-UBND)")[3]


@pytest.mark.parametrize("members", range(60, 100, 4))
def test_in_pdf_no_page_of_the_list_ends_with_the_title_of_a_part(members: int) -> None:
    opened = pymupdf.open(stream=bien_ban.pdf(printed(crowd(members, absent=12)), at(12, 0)))
    for page in opened:
        assert not lines_of(page)[-1][0].startswith(("I. ", "II. ", "III. ")), page.number


def test_in_pdf_every_page_of_the_list_has_its_head_and_nothing_leaves_the_margins(pages: Any) -> None:
    first = next(index for index, page in enumerate(pages) if "DANH SÁCH ĐẠI BIỂU" in page.get_text())
    listed = "".join(page.get_text() for page in list(pages)[first:])
    assert all(f"Hà Văn {number:03}" in listed for number in range(165))
    for page in list(pages)[first:]:
        assert "Họ và tên" in page.get_text()
        for text, box, size, _ in lines_of(page):
            if box.y1 < 20 * MM - 1:
                continue
            assert box.x0 >= 30 * MM - 0.5 and box.x1 <= 195 * MM + 0.5, text
            assert size == pytest.approx(13, abs=0.05) or box.y1 < 60 * MM, text
