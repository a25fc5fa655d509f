"""Measures the exported minutes against Mẫu 1.9 (Decree 30/2020/NĐ-CP, Annexes I and III)."""

from __future__ import annotations

import io
import re
import zipfile
from itertools import pairwise
from typing import Any

import docx as python_docx
import msgspec
import pymupdf
import pytest
from docx.oxml.ns import qn

from server.records.blocks import Block, Run, plain
from server.records.draft import draft
from server.records.forms import bien_ban, build_template
from server.records.forms.glyphs import drawable
from server.records.forms.sheet import Sheet, ended, sheet
from server.records.forms.typesetter import REGULAR
from tests.records.example import COURSE, at

MM = 72 / 25.4
SHORT = sheet(COURSE, draft(COURSE))
SENTENCE = (
    "Đồng chí Nguyễn Thị Phương Thảo, Giám đốc Sở Kế hoạch, đề nghị làm rõ nguồn vốn đối ứng của các xã miền núi. "
)
BODY = draft(COURSE)
LONG = sheet(COURSE, [*BODY[:-1], *(Block(plain(SENTENCE * 6)) for _ in range(190)), BODY[-1]])
BARE = Sheet("VĂN PHÒNG", "Số:       /BB-VP", "Họp giao ban", (Block(plain("Thời gian bắt đầu: 08 giờ./.")),))
STRANGE = sheet(
    msgspec.structs.replace(COURSE, title="Họp về <script>alert(1)</script> & “5 < 6” {{ agency }} 😀"),
    [Block(plain("Ý kiến: a < b && c > d; {% raw %} {{ x }} #let $y$ *đậm* \\u{41} @ref 😀")), Block(plain("Ư" * 300))],
)
NAMES = msgspec.structs.replace(
    SHORT, chair="Nguyễn Phúc Hoàng Thị Công Tằng Tôn Nữ Thanh Thủy Hương", chair_position="CHỦ TỊCH",
    superior="BỘ NÔNG NGHIỆP VÀ MÔI TRƯỜNG",
)  # fmt: skip
SHEETS = {"short": SHORT, "long": LONG, "bare": BARE, "strange": STRANGE, "names": NAMES}


@pytest.fixture(scope="module", params=SHEETS)
def case(request: pytest.FixtureRequest) -> tuple[str, Sheet]:
    return request.param, SHEETS[request.param]


@pytest.fixture(scope="module")
def word(case: tuple[str, Sheet]) -> Any:
    return python_docx.Document(io.BytesIO(bien_ban.docx(case[1])))


@pytest.fixture(scope="module")
def page(case: tuple[str, Sheet]) -> Any:
    return pymupdf.open(stream=bien_ban.pdf(case[1], at(12, 0)))


def lines_of(page: Any) -> list[tuple[str, Any, float, str]]:
    """(text, box, size, font) of each line of a page."""
    found = []
    for block in page.get_text("dict")["blocks"]:
        for line in block.get("lines", ()):
            text = "".join(span["text"] for span in line["spans"])
            if text.strip():
                found.append(
                    (text.strip(), pymupdf.Rect(line["bbox"]), line["spans"][0]["size"], line["spans"][0]["font"])
                )
    return found


def line_with(page: Any, words: str) -> tuple[str, Any, float, str]:
    return next(line for line in lines_of(page) if words in line[0])


def style_chain(paragraph: Any) -> list[Any]:
    chain, style = [], paragraph.style
    while style is not None:
        chain.append(style)
        style = style.base_style
    return chain


def effective(paragraph: Any, name: str) -> Any:
    values = [
        getattr(paragraph.paragraph_format, name),
        *(getattr(s.paragraph_format, name) for s in style_chain(paragraph)),
    ]
    return next((value for value in values if value is not None), None)


def look(paragraph: Any) -> tuple[float, bool, bool]:
    """(size in points, bold, italic) of the paragraph's first words."""
    run = next(run for run in paragraph.runs if run.text.strip())
    chain = style_chain(paragraph)
    size = next(value for value in (run.font.size, *(s.font.size for s in chain)) if value is not None).pt
    bold = next((value for value in (run.bold, *(s.font.bold for s in chain)) if value is not None), False)
    italic = next((value for value in (run.italic, *(s.font.italic for s in chain)) if value is not None), False)
    return size, bold, italic


# ---- DOCX ----------------------------------------------------------------------------------------------------------


def test_the_paper_and_its_margins_in_twips(word: Any) -> None:
    (section,) = word.sections
    measured = [
        section.page_width, section.page_height, section.top_margin, section.bottom_margin,
        section.left_margin, section.right_margin, section.header_distance,
    ]  # fmt: skip
    assert [round(length.twips) for length in measured] == [11906, 16838, 1134, 1134, 1701, 850, 567]


def test_only_times_new_roman_is_named(case: tuple[str, Sheet]) -> None:
    with zipfile.ZipFile(io.BytesIO(bien_ban.docx(case[1]))) as package:
        parts = [
            package.read(name).decode()
            for name in package.namelist()
            if re.search(r"word/(document|header\d|styles)", name)
        ]
    fonts = {match for part in parts for match in re.findall(r'w:(?:ascii|hAnsi|cs)="([^"]+)"', part)}
    used = set(re.findall(r'w:(?:ascii|hAnsi|cs)="([^"]+)"', parts[0]))
    assert used <= {"Times New Roman"}
    assert "Times New Roman" in fonts


def test_the_letterhead_is_two_columns_without_borders(word: Any) -> None:
    table = word.tables[0]
    assert [int(grid.get(qn("w:w"))) for grid in table._tbl.tblGrid] == [3829, 5670]
    assert [round(cell.width.twips) for cell in table.rows[0].cells] == [3829, 5670]
    assert table._tbl.findall(f".//{qn('w:tblBorders')}") == []
    left, right = table.rows[0].cells
    national = [paragraph for paragraph in right.paragraphs if paragraph.text]
    assert [(p.text, look(p)) for p in national] == [
        ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", (13, True, False)),
        ("Độc lập - Tự do - Hạnh phúc", (14, True, False)),
    ]
    named = [paragraph for paragraph in left.paragraphs if paragraph.text]
    assert look(named[-2]) == (13, True, False)
    assert look(named[-1]) == (13, False, False)
    assert re.fullmatch(r"Số: (\d{2,}| {6})/BB-[A-ZĐ]+", named[-1].text)


def test_rules_are_drawn_and_as_long_as_the_decree_says(word: Any, case: tuple[str, Sheet]) -> None:
    assert "__" not in "".join(cell.text for cell in word.tables[0].rows[0].cells)
    lengths = []
    for cell, inner in zip(word.tables[0].rows[0].cells, (3829 - 170, 5670 - 170), strict=True):
        (ruled,) = [p for p in cell.paragraphs if p._p.findall(f".//{qn('w:pBdr')}")]
        assert ruled._p.find(f".//{qn('w:pBdr')}/{qn('w:top')}").get(qn("w:val")) == "single"
        lengths.append(
            inner - round(ruled.paragraph_format.left_indent.twips + ruled.paragraph_format.right_indent.twips)
        )
    line = min(3829 - 170, bien_ban.text_width(case[1].agency, 13))
    assert line / 3 <= lengths[0] <= line / 2
    assert lengths[1] == pytest.approx(bien_ban.text_width("Độc lập - Tự do - Hạnh phúc", 14), abs=4)


def test_there_is_no_place_and_date_line_above_minutes(word: Any) -> None:
    assert ", ngày" not in "".join(cell.text for cell in word.tables[0].rows[0].cells)


def test_the_title_is_two_centred_bold_lines(word: Any, case: tuple[str, Sheet]) -> None:
    first, second = [paragraph for paragraph in word.paragraphs if paragraph.text][:2]
    assert (first.text, second.text) == ("BIÊN BẢN", case[1].title)
    for paragraph in (first, second):
        assert look(paragraph) == (14, True, False)
        assert effective(paragraph, "alignment") == 1


def test_body_paragraphs_are_justified_14_pt_with_one_centimetre_and_6_pt(word: Any) -> None:
    body = [paragraph for paragraph in word.paragraphs if paragraph.text][2:]
    assert body
    for paragraph in body:
        assert effective(paragraph, "alignment") == 3
        assert round(effective(paragraph, "first_line_indent").twips) == 567
        assert effective(paragraph, "space_before").pt == 6
        assert effective(paragraph, "space_after").pt == 0
        assert effective(paragraph, "line_spacing") == 1.0
        assert look(paragraph)[0] == 14


def test_every_paragraph_survives_as_text_in_its_order(word: Any, case: tuple[str, Sheet]) -> None:
    body = [paragraph.text for paragraph in word.paragraphs if paragraph.text][2:]
    assert body == [block.text for block in case[1].blocks]


def test_the_text_ends_with_the_mark_once(word: Any) -> None:
    body = [paragraph.text for paragraph in word.paragraphs if paragraph.text]
    assert body[-1].endswith("./.")
    assert "".join(body).count("./.") == 1


def test_the_signature_table_has_its_measures_and_noi_nhan_under_the_secretary(
    word: Any, case: tuple[str, Sheet]
) -> None:
    table = word.tables[1]
    assert [int(grid.get(qn("w:w"))) for grid in table._tbl.tblGrid] == [3402, 425, 5528]
    heads, room, names, copies = table.rows
    assert (heads.cells[0].text, heads.cells[2].paragraphs[0].text) == ("THƯ KÝ", "CHỦ TỌA")
    assert look(heads.cells[0].paragraphs[0]) == look(heads.cells[2].paragraphs[0]) == (14, True, False)
    assert room.height.twips >= 685
    assert (names.cells[0].text, names.cells[2].text) == (case[1].secretary, case[1].chair)
    assert copies.cells[1].text == copies.cells[2].text == ""
    label, *lines = copies.cells[0].paragraphs
    assert (label.text, look(label)) == ("Nơi nhận:", (12, True, True))
    assert [line.text for line in lines] == [*(f"- {copy};" for copy in case[1].recipients), "- Lưu: VT, Hồ sơ."]
    assert {look(line) for line in lines} == {(11, False, False)}


def test_a_position_stands_under_chu_toa_only_if_needed(word: Any, case: tuple[str, Sheet]) -> None:
    expected = ["CHỦ TỌA", case[1].chair_position] if case[1].chair_position else ["CHỦ TỌA"]
    assert [paragraph.text for paragraph in word.tables[1].rows[0].cells[2].paragraphs] == expected


def test_the_page_number_is_centred_on_top_and_absent_from_page_one(word: Any) -> None:
    (section,) = word.sections
    assert section.different_first_page_header_footer
    assert "PAGE" in section.header._element.xml
    assert "PAGE" not in section.first_page_header._element.xml
    assert effective(section.header.paragraphs[0], "alignment") == 1


def test_the_template_is_what_its_script_builds() -> None:
    built = build_template.build()
    kept = python_docx.Document(str(build_template.TEMPLATE))
    assert kept.element.xml == built.element.xml
    assert kept.styles.element.xml == built.styles.element.xml


# ---- PDF -----------------------------------------------------------------------------------------------------------


def test_pdf_pages_are_a4_and_nothing_leaves_the_margins(page: Any) -> None:
    for sheet_of_paper in page:
        assert (round(sheet_of_paper.rect.width), round(sheet_of_paper.rect.height)) == (595, 842)
        for text, box, _, _ in lines_of(sheet_of_paper):
            if text == str(sheet_of_paper.number + 1) and box.y1 < 20 * MM:
                continue
            assert box.x0 >= 28.5 * MM, text
            assert box.x1 <= (210 - 13.5) * MM, text
            assert box.y0 >= 20 * MM - 1, text
            assert box.y1 <= (297 - 20) * MM + 1, text


def test_pdf_fonts_are_embedded_and_have_the_metrics_of_times_new_roman(page: Any) -> None:
    for sheet_of_paper in page:
        for _, extension, kind, name, *_ in sheet_of_paper.get_fonts():
            assert re.fullmatch(r"[A-Z]{6}\+LiberationSerif(-Bold|-BoldItalic|-Italic)?", name), name
            assert extension != "n/a"
            assert kind == "Type0"


def test_pdf_says_that_it_is_pdf_a_2b_in_vietnamese(case: tuple[str, Sheet]) -> None:
    raw = bien_ban.pdf(case[1], at(12, 0))
    document = pymupdf.open(stream=raw)
    assert "<pdfaid:part>2</pdfaid:part>" in document.get_xml_metadata()
    assert "<pdfaid:conformance>B</pdfaid:conformance>" in document.get_xml_metadata()
    assert document.xref_get_key(document.pdf_catalog(), "Lang")[1] == "vi-VN"


def test_pdf_sizes_and_weights_of_the_form(page: Any, case: tuple[str, Sheet]) -> None:
    first, last = page[0], page[-1]
    for words, size, face in (
        ("CỘNG HÒA", 13, "Bold"),
        ("Độc lập", 14, "Bold"),
        ("Số:", 13, "LiberationSerif"),
        ("BIÊN BẢN", 14, "Bold"),
    ):
        _, _, measured, font = line_with(first, words)
        assert (measured, font.endswith(face)) == (pytest.approx(size, abs=0.05), True), words
    for words, size, face in (("THƯ KÝ", 14, "Bold"), ("CHỦ TỌA", 14, "Bold"), ("Nơi nhận:", 12, "BoldItal")):
        _, _, measured, font = line_with(last, words)
        assert (measured, font.endswith(face)) == (pytest.approx(size, abs=0.05), True), words
    assert line_with(last, "- Lưu: VT, Hồ sơ.")[2] == pytest.approx(11, abs=0.05)


def test_pdf_signatures_stand_in_their_columns_with_noi_nhan_below_the_secretary(page: Any) -> None:
    last = page[-1]
    secretary, chair, copies = (line_with(last, words)[1] for words in ("THƯ KÝ", "CHỦ TỌA", "Nơi nhận:"))
    centre = (secretary.x0 + secretary.x1) / 2, (chair.x0 + chair.x1) / 2
    assert centre[0] == pytest.approx((30 + 60 / 2) * MM, abs=2)
    assert centre[1] == pytest.approx((30 + 67.5 + 97.5 / 2) * MM, abs=2)
    assert secretary.y0 == pytest.approx(chair.y0, abs=0.5)
    assert copies.x0 == pytest.approx(30 * MM, abs=1)
    assert copies.y0 > secretary.y1 + 26 * MM


def test_pdf_numbers_every_page_but_the_first_in_the_top_margin(page: Any) -> None:
    for sheet_of_paper in page:
        above = [line for line in lines_of(sheet_of_paper) if line[1].y1 < 20 * MM - 1]
        if sheet_of_paper.number == 0:
            assert above == []
            continue
        ((text, box, size, _),) = above
        assert text == str(sheet_of_paper.number + 1)
        assert size == pytest.approx(14, abs=0.05)
        assert (box.x0 + box.x1) / 2 == pytest.approx((30 + 165 / 2) * MM, abs=1)


def test_pdf_rules_are_drawn_under_the_agency_and_the_motto(page: Any) -> None:
    first = page[0]
    rules = [item["rect"] for item in first.get_drawings() if item["rect"].height < 1.5]
    motto = line_with(first, "Độc lập")[1]
    under_motto = next(rule for rule in rules if abs(rule.x0 - motto.x0) < 2)
    assert under_motto.width == pytest.approx(motto.width, abs=1.5)
    assert 0 < under_motto.y0 - motto.y1 + 3 < 8
    agency = next(rule for rule in rules if rule is not under_motto)
    left = [box for text, box, _, _ in lines_of(first) if box.y1 <= agency.y0 + 3 and box.x1 < 100 * MM]
    widest = max(box.width for box in left)
    assert widest / 3 - 1 <= agency.width <= widest / 2 + 1


def test_pdf_body_lines_are_14_pt_single_spaced_with_one_centimetre(page: Any, case: tuple[str, Sheet]) -> None:
    first = page[0]
    title = line_with(first, "BIÊN BẢN")[1]
    body = [line for line in lines_of(first) if line[1].y0 > title.y1 + 20 and line[2] > 13.5]
    openers = [line for line in body if line[1].x0 == pytest.approx(40 * MM, abs=1)]
    assert openers
    assert {round(line[2]) for line in body} == {14}
    pitches = [second[1].y0 - before[1].y0 for before, second in pairwise(body)]
    wrapped = [
        pitch for pitch, line in zip(pitches, body[1:], strict=True) if line[1].x0 == pytest.approx(30 * MM, abs=0.5)
    ]
    assert all(pitch == pytest.approx(14 * 1.149, abs=0.2) for pitch in wrapped)


def test_pdf_holds_every_word_in_its_order(page: Any, case: tuple[str, Sheet]) -> None:
    gaps = re.compile(r"[\s\u200b]")
    squeezed = gaps.sub("", "".join(p.get_text() for p in page))
    at_before = 0
    for block in case[1].blocks:
        wanted = gaps.sub("", drawable(block.text, REGULAR))
        for piece in (wanted[:40], wanted[-20:]):
            at_before = squeezed.index(piece, max(0, at_before - 60))


def test_long_minutes_have_forty_pages_and_one_signature() -> None:
    document = pymupdf.open(stream=bien_ban.pdf(LONG, at(12, 0)))
    assert 38 <= len(document) <= 60
    assert sum("CHỦ TỌA" in p.get_text() for p in document) == 1
    assert "./." in document[-1].get_text(), "signatures never stand on a page of their own"


def test_the_same_minutes_give_the_same_pdf() -> None:
    assert bien_ban.pdf(SHORT, at(12, 0)) == bien_ban.pdf(SHORT, at(12, 0))


def test_a_character_without_a_glyph_is_named_in_the_pdf_and_kept_in_the_docx() -> None:
    assert drawable("vui 😀, ổn\u200d", REGULAR) == "vui [U+1F600], ổn"
    text = "".join(p.get_text() for p in pymupdf.open(stream=bien_ban.pdf(STRANGE, at(12, 0))))
    assert "[U+1F600]" in text
    assert "<script>alert(1)</script> & “5 < 6”" in " ".join(text.split())


# ---- the sheet -----------------------------------------------------------------------------------------------------


def test_the_mark_moves_to_whatever_was_typed_last() -> None:
    blocks = [Block(plain("Cuộc họp kết thúc./.")), Block(plain("Bổ sung sau.")), Block(plain("   "))]
    assert [block.text for block in ended(blocks)] == ["Cuộc họp kết thúc.", "Bổ sung sau./."]


def test_bold_and_italic_survive_into_the_docx() -> None:
    block = Block((Run("Kết luận: ", bold=True), Run("thống nhất", italic=True), Run(" ban hành", underline=True)))
    made = python_docx.Document(io.BytesIO(bien_ban.docx(sheet(COURSE, [block]))))
    runs = [run for p in made.paragraphs for run in p.runs if run.text and p.text.startswith("Kết luận")]
    assert [(run.text, bool(run.bold), bool(run.italic), bool(run.underline)) for run in runs] == [
        ("Kết luận: ", True, False, False),
        ("thống nhất", False, True, False),
        (" ban hành./.", False, False, True),
    ]


def test_whoever_chaired_last_signs() -> None:
    assert (SHORT.chair, SHORT.secretary) == ("Nguyễn Anh Tuấn", "Trịnh Thu Hà")
