"""The tables of opinions and of changes, as Word and spreadsheets read them."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from docx import Document
from docx.oxml.ns import qn
from lxml import etree

from server.records.forms import printing
from server.records.gathered import Change, Gathering, Opinion, Section, answer, decision, where, who
from server.records.naming import Person

AT = 1_760_486_400_000
HA = Person("Phạm Thị Hà", "Giám đốc", "Sở Tài chính")
TOAN = Person("Hà Văn Toàn", "Phó Trưởng ban Dân tộc")
OPINIONS = (
    Opinion(HA, "Đề nghị làm rõ nguồn kinh phí.\nBổ sung phụ lục.", 3, "khoản 2 Điều 5", "partly", "Đã bổ sung nguồn."),
    Opinion(TOAN, "=1+1 không phải công thức", answer="explained", reply="Theo Nghị quyết số 12."),
    Opinion(TOAN, "Nhất trí."),
)
CHANGES = (
    Change(
        HA,
        AT,
        3,
        "khoản 2 Điều 5",
        "Mức là 50 triệu đồng.",
        "Mức là 60 triệu đồng.\n3. Bổ sung.",
        "Sát thực tế",
        "accepted",
    ),
    Change(TOAN, AT, 4, "", "Bỏ đoạn này.", "", state="refused", reply="Cần giữ."),
)


SAME_WORDS = (
    ("accepted", "Tiếp thu, bổ sung tại Điều 5.", "Tiếp thu, bổ sung tại Điều 5."),
    ("accepted", "tiếp thu", "tiếp thu"),
    ("accepted", "Tiếp thu một phần: bỏ khoản 2.", "Tiếp thu. Tiếp thu một phần: bỏ khoản 2."),
    ("partly", "Tiếp thu khoản 2.", "Tiếp thu một phần. Tiếp thu khoản 2."),
    ("explained", "Giải trình: đã có tại Điều 3.", "Giải trình: đã có tại Điều 3."),
)


@pytest.mark.parametrize(("chosen", "reply", "said"), SAME_WORDS)
def test_an_answer_whose_words_the_reply_repeats_is_said_once(chosen: Any, reply: str, said: str) -> None:
    assert answer(Opinion(HA, "Nhất trí.", answer=chosen, reply=reply)) == said


def test_a_decision_whose_words_the_reply_repeats_is_said_once() -> None:
    refused = Change(HA, AT, 3, "", "", "", state="refused", reply="Không chấp nhận vì đã có quy định.", fate="Đã cũ.")
    assert decision(refused) == "Không chấp nhận vì đã có quy định. Đã cũ."


def gathering(rows: tuple[Any, ...]) -> Gathering[Any]:
    return Gathering(
        "Ủy ban nhân dân tỉnh Lam Giang",
        "",
        "Phiên họp tháng 10",
        "Phòng 1",
        AT,
        (Section("Dự thảo Nghị quyết", rows),),
    )


def table_of(content: bytes) -> Any:
    return Document(io.BytesIO(content)).tables[1]


def accepted(paragraphs: Any, drop: str, keep: str) -> str:
    """The words of a cell with one kind of tracked change dropped."""
    lines = []
    for paragraph in paragraphs:
        parts = [t for t in paragraph._p.iter(qn("w:t"), qn("w:delText")) if not list(t.iterancestors(qn(drop)))]
        lines.append("".join(part.text or "" for part in parts))
    assert keep != drop
    return "\n".join(lines)


def test_every_opinion_is_a_numbered_row_under_its_paper() -> None:
    rows = [[cell.text for cell in row.cells] for row in table_of(printing.opinions_docx(gathering(OPINIONS))).rows]
    assert rows[0] == ["STT", "Người góp ý", "Vị trí trong tài liệu", "Nội dung ý kiến", "Tiếp thu, giải trình"]
    assert set(rows[1]) == {"Dự thảo Nghị quyết"}
    assert rows[2] == [
        "1",
        "Phạm Thị Hà\nGiám đốc Sở Tài chính",
        "khoản 2 Điều 5 (trang 3)",
        "Đề nghị làm rõ nguồn kinh phí.\nBổ sung phụ lục.",
        "Tiếp thu một phần. Đã bổ sung nguồn.",
    ]
    assert rows[3][2:] == ["Toàn bộ tài liệu", "=1+1 không phải công thức", "Giải trình: Theo Nghị quyết số 12."]
    assert rows[4][0] == "3" and rows[4][4] == ""


def test_the_table_stands_in_landscape_with_its_head_on_every_page() -> None:
    document = Document(io.BytesIO(printing.opinions_docx(gathering(OPINIONS))))
    section = document.sections[0]
    assert section.page_width > section.page_height
    widths = sum(column.width for column in document.tables[1].columns)
    assert widths <= section.page_width - section.left_margin - section.right_margin + 20_000
    assert document.tables[1].rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    assert "BẢNG TỔNG HỢP Ý KIẾN" in [paragraph.text for paragraph in document.paragraphs]


def test_changes_are_tracked_ones_by_their_authors() -> None:
    table = table_of(printing.changes_docx(gathering(CHANGES)))
    first, second = table.rows[2], table.rows[3]
    marks = list(table._tbl.iter(qn("w:ins"), qn("w:del")))
    assert [mark.get(qn("w:author")) for mark in marks] == [*["Phạm Thị Hà"] * (len(marks) - 1), "Hà Văn Toàn"]
    assert len({mark.get(qn("w:id")) for mark in marks}) == len(marks)
    assert all(mark.get(qn("w:date")) == "2025-10-15T00:00:00Z" for mark in marks)
    words = first.cells[3].paragraphs[1:-1]
    assert accepted(words, "w:del", "w:ins") == "Mức là 60 triệu đồng.\n3. Bổ sung."
    assert accepted(words, "w:ins", "w:del").strip() == "Mức là 50 triệu đồng."
    assert (first.cells[3].paragraphs[0].text, first.cells[3].paragraphs[-1].text) == (
        "Phạm Thị Hà",
        "Lý do: Sát thực tế",
    )
    assert [first.cells[4].text, second.cells[4].text] == ["Chấp nhận", "Không chấp nhận. Cần giữ."]
    assert accepted(second.cells[3].paragraphs[1:], "w:del", "w:ins") == ""


def test_the_spreadsheet_holds_the_same_and_no_formulas() -> None:
    with zipfile.ZipFile(io.BytesIO(printing.opinions_xlsx(gathering(OPINIONS)))) as book:
        strings = etree.fromstring(book.read("xl/sharedStrings.xml"))
        sheet = etree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    texts = ["".join(item.itertext()) for item in strings]
    for text in (
        "BẢNG TỔNG HỢP Ý KIẾN",
        "Dự thảo Nghị quyết",
        OPINIONS[0].text,
        OPINIONS[1].text,
        "khoản 2 Điều 5 (trang 3)",
    ):
        assert text in texts
    assert not sheet.findall(".//{*}f") and sheet.find(".//{*}autoFilter") is not None
    rows = sheet.findall(".//{*}sheetData/{*}row")
    assert len(rows) == 3 + 1 + len(OPINIONS)
    assert [round(float(row.get("ht", "0"))) for row in rows[4:]] == [32] * 3, "two lines each: a name, an office"


def test_characters_that_no_document_may_hold_are_left_out() -> None:
    rows = (Opinion(Person("Hà\ufffe"), "Một\x0b hai\ud83d"),)
    assert table_of(printing.opinions_docx(gathering(rows))).rows[2].cells[3].text == "Một hai"
    assert printing.opinions_xlsx(gathering(rows))
    changes = (Change(Person("Hà\ufffe"), AT, 1, "", "a\x0b b", "a\x0b c"),)
    assert printing.changes_docx(gathering(changes))


def test_an_empty_table_is_a_table() -> None:
    assert len(table_of(printing.opinions_docx(gathering(()))).rows) == 2
    assert printing.opinions_xlsx(gathering(()))


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (Opinion(HA, "x", 3), "trang 3"),
        (Opinion(HA, "x", 0, "Điều 5"), "Điều 5"),
        (Opinion(HA, "x"), "Toàn bộ tài liệu"),
    ],
)
def test_where_something_stands(row: Opinion, words: str) -> None:
    assert where(row) == words


def test_words_of_answers_and_decisions() -> None:
    assert answer(Opinion(HA, "x", answer="accepted")) == "Tiếp thu"
    assert answer(Opinion(HA, "x")) == ""
    assert decision(Change(HA, AT, 1, "", "a", "b")) == "Chưa quyết định"
    assert who(Person("Hà")) == "Hà"
