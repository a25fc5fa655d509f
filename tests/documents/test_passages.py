"""Lines become paragraphs, and paragraphs get the names that people call them by."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from server.documents.passages import PageWords, Word, passages

LEFT, RIGHT, TOP, LINE, LETTER = 85.0, 550.0, 80.0, 18.0, 6.0


def page(lines: Sequence[str], top: float = TOP) -> PageWords:
    """A page of lines: one that begins with `>` is indented, one that ends with `|` is as wide as the text."""
    words: list[Word] = []
    for number, line in enumerate(lines):
        left = LEFT + (36 if line.startswith(">") else 0)
        full = line.endswith("|")
        texts = line.strip(">|").split()
        step = (RIGHT - left) / max(len(texts), 1) if full else 0.0
        for text in texts:
            width = step - 3 if full else LETTER * len(text)
            y = top + number * LINE
            words.append((left, y, left + width, y + 14, text))
            left += step if full else width + 4
    return PageWords(595, 842, tuple(words))


DECREE = page(
    [
        ">Chương II",
        ">Điều 5. Mức hỗ trợ cho các hộ dân phải di dời khỏi vùng có nguy cơ sạt lở trên địa bàn|",
        "tỉnh trong năm 2026 và các năm tiếp theo.",
        ">1. Mức hỗ trợ là 50 triệu đồng cho mỗi hộ nghèo phải di dời trong các đợt mưa lũ năm|",
        "2026. Nguồn kinh phí do ngân sách tỉnh bảo đảm theo quy định hiện hành của pháp luật và|",
        "được phân bổ một lần.",
        ">2. Hộ được hỗ trợ thêm trong các trường hợp sau đây:",
        ">a) Có người khuyết tật;",
        ">b) Có trẻ em dưới 36 tháng tuổi và đang sinh sống ổn định trên địa bàn xã từ năm năm|",
    ]
)
NEXT = page(["trở lên.", ">Điều 6. Tổ chức thực hiện", ">Sở Tài chính chịu trách nhiệm thi hành."])


def test_a_decree_falls_into_its_articles_clauses_and_points() -> None:
    found = passages([DECREE, NEXT])
    assert [one.label for one in found] == [
        "Chương II",
        "Điều 5",
        "khoản 1 Điều 5",
        "khoản 2 Điều 5",
        "điểm a khoản 2 Điều 5",
        "điểm b khoản 2 Điều 5",
        "Điều 6",
        "Điều 6",
    ]
    assert [one.number for one in found] == list(range(1, 9))


def test_a_paragraph_goes_on_over_lines_and_pages() -> None:
    found = passages([DECREE, NEXT])
    assert found[2].text.endswith("và được phân bổ một lần.") and "lũ năm 2026. Nguồn" in found[2].text
    assert found[5].text.endswith("từ năm năm trở lên.") and found[5].page == 1
    assert found[6].page == 2


def test_reports_are_named_by_their_sections() -> None:
    report = page(
        [">I. TÌNH HÌNH CHUNG", ">1. Kết quả đạt được.", ">a) Về kinh tế;", ">- Thu ngân sách đạt khá.", ">2. Tồn tại."]
    )
    assert [one.label for one in passages([report])] == ["mục I", "mục I.1", "mục I.1.a", "mục I.1", "mục I.2"]


def test_page_numbers_are_no_paragraphs() -> None:
    numbered = PageWords(595, 842, ((290, 30, 300, 44, "2"), *page([">Điều 1. Phạm vi."]).words))
    assert [one.text for one in passages([numbered])] == ["Điều 1. Phạm vi."]
    assert passages([page([]), PageWords(595, 842, ((290, 800, 300, 814, "3"),))]) == []


@given(
    st.lists(
        st.lists(st.sampled_from(["Điều 1.", ">a) Một;", "hai ba|", "5", "2.1. Bốn.", ""]), max_size=8), max_size=4
    )
)
def test_no_word_is_lost_or_told_twice(pages: list[list[str]]) -> None:
    given_pages = [page(lines) for lines in pages]
    told = " ".join(one.text for one in passages(given_pages)).split()
    words = [word[4] for one in given_pages for word in one.words]
    assert [word for word in words if any(map(str.isalpha, word))] == [w for w in told if any(map(str.isalpha, w))]
