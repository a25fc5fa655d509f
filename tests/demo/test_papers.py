"""The built papers: pages, text layer and the measures of Nghị định 30/2020/NĐ-CP, Phụ lục I."""

import io
import unicodedata
from itertools import pairwise
from pathlib import Path

import docx
import pymupdf
import pytest
from docx.oxml.ns import qn

from demo.build_docx import build_docx
from demo.build_pdf import pdf
from demo.papers import HERE, Built, build
from demo.province import load
from demo.source import read_paper

MM = 72 / 25.4
PAGES = {
    "chuong-trinh": (1, 2),
    "bao-cao-ktxh": (38, 44),
    "trinh-chieu-ktxh": (11, 13),
    "to-trinh-di-doi": (4, 6),
    "du-thao-quyet-dinh": (5, 7),
    "bang-so-sanh": (5, 7),
    "bao-cao-tham-dinh": (2, 4),
    "bao-cao-mua-lu": (3, 5),
    "cong-van-muong-da": (1, 2),
    "to-trinh-dau-tu-cong": (3, 5),
}
SENTENCES = {
    "bao-cao-ktxh": ["Tốc độ tăng tổng sản phẩm trên địa bàn (GRDP) năm 2026 ước đạt 9,42%", "Xã Nậm Sang"],
    "trinh-chieu-ktxh": ["Kiến nghị Ủy ban nhân dân tỉnh"],
    "to-trinh-di-doi": ["Kính gửi: Ủy ban nhân dân tỉnh Lam Giang", "1.254 hộ"],
    "du-thao-quyet-dinh": ["DỰ THẢO LẦN 3", "Điều 11. Hiệu lực và trách nhiệm thi hành", "Nguyễn Quốc Trung"],
    "bang-so-sanh": ["Không quy định thứ tự ưu tiên."],
    "bao-cao-tham-dinh": ["đủ điều kiện trình"],
    "bao-cao-mua-lu": ["Đại tá Tống Viết Cường"],
    "to-trinh-dau-tu-cong": ["Điều chỉnh giảm 186,4 tỷ đồng của 06 dự án"],
}
Span = dict[str, object]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("papers")


@pytest.fixture(scope="module")
def built(folder: Path) -> dict[str, Built]:
    return {paper.id: paper for paper in build(folder)}


def spans(page: pymupdf.Page) -> list[dict]:
    lines = [line for block in page.get_text("dict")["blocks"] for line in block.get("lines", [])]
    return [span for line in lines for span in line["spans"] if span["text"].strip()]


def span_with(page: pymupdf.Page, words: str) -> dict:
    return next(span for span in spans(page) if words in span["text"])


def look(span: dict) -> tuple[str, float]:
    """The style and the size of a span, as ("Bold", 13.0); the PDF cuts font names short ("BoldItal")."""
    return span["font"].partition("-")[2], round(span["size"], 1)


def flat(text: str) -> str:
    return " ".join(text.split())


def test_every_paper_of_the_agenda_is_built(built: dict[str, Built]) -> None:
    asked = [(item.order, paper) for item in load().meeting.item for paper in item.papers]
    assert [(paper.item, paper.id) for paper in built.values()] == asked
    assert all(len(paper.short_title) <= 45 for paper in built.values())


@pytest.mark.parametrize("name", PAGES)
def test_a_paper_has_as_many_pages_as_such_papers_have(built: dict[str, Built], name: str) -> None:
    least, most = PAGES[name]
    with pymupdf.open(built[name].pdf) as document:
        assert least <= document.page_count <= most


@pytest.mark.parametrize("name", SENTENCES)
def test_the_text_layer_can_be_searched(built: dict[str, Built], name: str) -> None:
    with pymupdf.open(built[name].pdf) as document:
        text = flat("\n".join(page.get_text() for page in document))
    assert unicodedata.is_normalized("NFC", text)
    for sentence in SENTENCES[name]:
        assert sentence in text


def test_a_paper_is_built_once(folder: Path, built: dict[str, Built]) -> None:
    before = {path: path.stat().st_ino for path in folder.iterdir()}
    assert {paper.id: paper for paper in build(folder)} == built
    assert {path: path.stat().st_ino for path in folder.iterdir()} == before


def test_the_same_source_gives_the_same_bytes() -> None:
    paper = read_paper(HERE / "chuong-trinh.md")
    assert pdf(paper) == pdf(paper)


def test_the_scanned_letter_is_a_picture_of_200_dpi(built: dict[str, Built]) -> None:
    file = built["cong-van-muong-da"].pdf
    assert file.stat().st_size < 600_000
    with pymupdf.open(file) as document:
        page = document[0]
        assert page.get_text().strip() == ""
        (image,) = page.get_images()
        assert round(image[2] / (page.rect.width / 72), 3) >= 200
        assert (round(page.rect.width / MM), round(page.rect.height / MM)) == (210, 297)


def test_comparison_lies_across_and_slides_are_sixteen_to_nine(built: dict[str, Built]) -> None:
    with pymupdf.open(built["bang-so-sanh"].pdf) as document:
        assert all((round(page.rect.width / MM), round(page.rect.height / MM)) == (297, 210) for page in document)
    with pymupdf.open(built["trinh-chieu-ktxh"].pdf) as document:
        assert all(abs(page.rect.width / page.rect.height - 16 / 9) < 0.01 for page in document)


@pytest.mark.parametrize("name", ["bao-cao-ktxh", "to-trinh-di-doi", "du-thao-quyet-dinh", "bao-cao-mua-lu"])
def test_text_stays_within_the_margins_of_the_decree(built: dict[str, Built], name: str) -> None:
    with pymupdf.open(built[name].pdf) as document:
        for page in document:
            if page.rect.width > page.rect.height:
                continue
            boxes = [word[:4] for word in page.get_text("words")]
            numbered = page.number > 0
            body = [box for box in boxes if not (numbered and box[3] < 20 * MM)]
            assert min(box[0] for box in body) >= 28.7 * MM
            assert max(box[2] for box in body) <= 196.3 * MM
            assert min(box[1] for box in body) >= 18.5 * MM
            assert max(box[3] for box in body) <= 278 * MM
        page = document[0]
        edges = [word[:4] for word in page.get_text("words") if word[1] > 100 * MM]
        assert min(box[0] for box in edges) == pytest.approx(30 * MM, abs=1)
        assert max(box[2] for box in edges) == pytest.approx(195 * MM, abs=1.5)


def test_the_frame_of_a_document_has_the_sizes_and_styles_of_the_decree(built: dict[str, Built]) -> None:
    with pymupdf.open(built["to-trinh-di-doi"].pdf) as document:
        first = document[0]
        expected = {
            "CỘNG HÒA XÃ HỘI": ("Bold", 13.0),
            "Độc lập - Tự do - Hạnh phúc": ("Bold", 14.0),
            "TỈNH LAM GIANG": ("", 13.0),
            "VÀ MÔI TRƯỜNG": ("Bold", 13.0),
            "Số: 418/TTr-SNNMT": ("", 13.0),
            "Lam Giang, ": ("Italic", 14.0),
            "TỜ TRÌNH": ("Bold", 14.0),
            "Về việc ban hành": ("Bold", 14.0),
            "Thực hiện Luật": ("", 14.0),
        }
        assert {words: look(span_with(first, words)) for words in expected} == expected
        signed = next(page for page in document if "Nơi nhận:" in page.get_text())
        assert look(span_with(signed, "Nơi nhận:")) == ("BoldItal", 12.0)
        assert look(span_with(signed, "Lưu: VT")) == ("", 11.0)
        assert look(span_with(signed, "GIÁM ĐỐC")) == ("Bold", 14.0)
        assert look(span_with(signed, "Lương Thị Bích Vân")) == ("Bold", 14.0)
        every = [span for page in document for span in spans(page)]
        assert {span["font"].partition("-")[0] for span in every} == {"LiberationSerif"}


def rules(page: pymupdf.Page) -> list[pymupdf.Rect]:
    """The drawn horizontal rules in the upper part of a page, from top to bottom."""
    found = [drawing["rect"] for drawing in page.get_drawings() if drawing["type"] == "s"]
    return sorted((rect for rect in found if rect.height < 1 and rect.y0 < 110 * MM), key=lambda rect: rect.y0)


def test_rules_are_drawn_and_as_long_as_the_decree_says(built: dict[str, Built]) -> None:
    with pymupdf.open(built["to-trinh-di-doi"].pdf) as document:
        page = document[0]
        by_motto, by_agency, by_title = rules(page)
        motto = pymupdf.Rect(span_with(page, "Độc lập")["bbox"])
        assert by_motto.width == pytest.approx(motto.width, abs=2)
        assert by_motto.x0 == pytest.approx(motto.x0, abs=2)
        assert motto.y0 < by_motto.y0 < motto.y1 + 3 * MM
        agency = pymupdf.Rect(span_with(page, "VÀ MÔI TRƯỜNG")["bbox"])
        assert 1 / 3 <= by_agency.width / agency.width <= 1 / 2
        centre = (agency.x0 + agency.x1) / 2
        assert (by_agency.x0 + by_agency.x1) / 2 == pytest.approx(centre, abs=1)
        title = pymupdf.Rect(span_with(page, "trên địa bàn tỉnh Lam Giang")["bbox"])
        assert 1 / 3 <= by_title.width / title.width <= 1 / 2


def test_paragraphs_are_indented_and_stand_six_points_apart(built: dict[str, Built]) -> None:
    with pymupdf.open(built["du-thao-quyet-dinh"].pdf) as document:
        page = document[1]
        starts = sorted({round(span["bbox"][0], 1) for span in spans(page) if span["size"] > 13.5})
        assert starts[0] == pytest.approx(30 * MM, abs=1)
        assert any(start == pytest.approx(42.7 * MM, abs=1) for start in starts)
        lines = [span for span in spans(page) if span["size"] > 13.5]
        tops = sorted({round(span["origin"][1], 1) for span in lines})
        steps = [after - before for before, after in pairwise(tops) if after - before < 30]
        pitch = min(steps)
        assert 14 * 1.15 - 0.2 <= pitch <= 14 * 1.15 * 1.5
        apart = [step for step in steps if step > pitch + 2]
        assert apart
        assert min(apart) >= pitch + 6 - 0.2


def number_above(page: pymupdf.Page) -> str:
    return "".join(span["text"] for span in spans(page) if span["bbox"][3] < 20 * MM)


def test_page_numbers_stand_in_the_top_margin_but_not_on_the_first_page(built: dict[str, Built]) -> None:
    with pymupdf.open(built["bao-cao-ktxh"].pdf) as document:
        first_annex = next(page.number for page in document if page.get_text().strip().startswith("Phụ lục I\n"))
        shown = [number_above(page) for page in document]
        assert shown[:first_annex] == ["", *(str(number) for number in range(2, first_annex + 1))]
        for page in document:
            if page.get_text().strip().startswith("Phụ lục "):
                assert shown[page.number] == ""
                assert shown[page.number + 1 : page.number + 2] in (["2"], [""], [])
        second = span_with(document[1], "2")
        assert look(second) == ("", 13.0)
        middle = (second["bbox"][0] + second["bbox"][2]) / 2
        assert middle == pytest.approx((30 + 165 / 2) * MM, abs=1)


def test_every_commune_stands_in_the_annexes(built: dict[str, Built]) -> None:
    with pymupdf.open(built["bao-cao-ktxh"].pdf) as document:
        text = flat("\n".join(page.get_text() for page in document))
    for unit in load().units:
        if unit.kind in ("ward", "commune"):
            assert text.count(unit.short) >= 4, unit.short


# ---- DOCX ----


def opened(name: str) -> docx.document.Document:
    return docx.Document(io.BytesIO(build_docx(read_paper(HERE / f"{name}.md"))))


@pytest.fixture(scope="module")
def proposal() -> docx.document.Document:
    return opened("to-trinh-di-doi")


def test_docx_has_the_page_of_the_decree(proposal: docx.document.Document) -> None:
    section = proposal.sections[0]
    sizes = section._sectPr.find(qn("w:pgSz"))
    margins = section._sectPr.find(qn("w:pgMar"))
    assert (sizes.get(qn("w:w")), sizes.get(qn("w:h"))) == ("11906", "16838")
    twips = {name: int(margins.get(qn(f"w:{name}"))) for name in ("top", "bottom", "left", "right", "header")}
    assert twips == {"top": 1134, "bottom": 1134, "left": 1701, "right": 850, "header": 567}


def test_docx_body_is_times_new_roman_fourteen_justified(proposal: docx.document.Document) -> None:
    normal = proposal.styles["Normal"]
    fonts = normal.element.rPr.rFonts
    assert {fonts.get(qn(f"w:{name}")) for name in ("ascii", "hAnsi", "eastAsia", "cs")} == {"Times New Roman"}
    form = normal.paragraph_format
    assert normal.font.size.pt == 14
    assert (form.space_before.pt, form.space_after.pt, form.first_line_indent.twips) == (6, 0, 720)
    assert form.alignment == docx.enum.text.WD_ALIGN_PARAGRAPH.JUSTIFY


def test_docx_header_table_has_the_columns_of_the_decree_and_no_lines(proposal: docx.document.Document) -> None:
    table = proposal.tables[0]
    assert [column.width.twips for column in table.columns] == [3829, 5670]
    borders = table._tbl.tblPr.find(qn("w:tblBorders"))
    assert {side.get(qn("w:val")) for side in borders} == {"nil"}
    left, right = table.rows[0].cells
    assert [run.bold for run in left.paragraphs[0].runs] == [False, False, True, True]
    assert [run.font.size.pt for run in right.paragraphs[0].runs] == [13, 14]
    for cell in (left, right):
        rule = cell.paragraphs[1]._p.pPr.find(qn("w:pBdr")).find(qn("w:bottom"))
        assert rule.get(qn("w:val")) == "single"
    number, day = table.rows[1].cells
    assert number.text == "Số: 418/TTr-SNNMT"
    assert day.text == "Lam Giang, ngày 14 tháng 11 năm 2026"
    assert day.paragraphs[0].runs[0].italic


def test_docx_rule_below_the_motto_is_as_long_as_the_motto(proposal: docx.document.Document) -> None:
    rule = proposal.tables[0].rows[0].cells[1].paragraphs[1].paragraph_format
    length = 5670 - rule.left_indent.twips - rule.right_indent.twips
    assert length == pytest.approx(3560, abs=150)


def test_docx_page_number_is_in_the_header_but_not_on_the_first_page(proposal: docx.document.Document) -> None:
    for section in proposal.sections:
        assert section.different_first_page_header_footer
        assert section.first_page_header.paragraphs[0].text == ""
    code = proposal.sections[0].header._element.xpath(".//w:instrText")
    assert [one.text for one in code] == ["PAGE"]
    assert proposal.sections[1]._sectPr.find(qn("w:pgNumType")).get(qn("w:start")) == "1"


def test_docx_headings_are_real_headings_and_tables_repeat_their_heads(proposal: docx.document.Document) -> None:
    headings = [line.text for line in proposal.paragraphs if line.style.name == "Heading 1"]
    assert headings[0] == "I. SỰ CẦN THIẾT BAN HÀNH"
    assert len(headings) == 6
    annex = proposal.tables[-1]
    assert len(annex._tbl.xpath("./w:tr/w:trPr/w:tblHeader")) == 2
    assert annex.rows[2].cells[1].text == "Toàn tỉnh"
    assert annex.rows[2].cells[8].text == "1.254"


def test_docx_of_the_report_has_charts_footnotes_and_landscape_annexes() -> None:
    report = opened("bao-cao-ktxh")
    assert len(report.inline_shapes) == 8
    notes = [part for part in report.part.package.iter_parts() if str(part.partname) == "/word/footnotes.xml"]
    assert "Quyết định số 15/QĐ-UBND" in notes[0].blob.decode()
    shapes = [section.orientation for section in report.sections]
    assert [bool(shape) for shape in shapes] == [False] * 7 + [True] * 2


def test_docx_recipients_stand_left_of_the_signature(proposal: docx.document.Document) -> None:
    left, right = proposal.tables[-2].rows[0].cells
    first, *others = left.paragraphs[0].runs
    assert (first.text, first.bold, first.italic, first.font.size.pt) == ("Nơi nhận:", True, True, 12)
    assert {run.font.size.pt for run in others} == {11}
    assert others[-1].text.strip() == "- Lưu: VT, CCPTNT."
    assert right.text.split() == ["GIÁM", "ĐỐC", "Lương", "Thị", "Bích", "Vân"]
