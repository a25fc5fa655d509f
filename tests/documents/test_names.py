"""Names are text that people read."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.documents.names import LONGEST_NAME, attachment, display_name, with_extension


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("Báo cáo.pdf", "Báo cáo.pdf"),
        (unicodedata.normalize("NFD", "Tờ trình số 5.pdf"), "Tờ trình số 5.pdf"),
        ("Tờ trình số 12/BC-UBND.pdf", "Tờ trình số 12/BC-UBND.pdf"),
        ("C:\\fakepath\\Báo cáo.pdf", "Báo cáo.pdf"),
        ("an\u202etoàn\u2066.pdf\u200b", "antoàn.pdf"),
        ("hai\ndòng\t.pdf", "hai dòng .pdf"),
        ("\u200b\u202e", "Tài liệu"),
        ("...", "Tài liệu"),
    ],
)
def test_a_name_is_shown_without_tricks(sent: str, shown: str) -> None:
    assert display_name(sent) == shown


def test_a_long_name_keeps_its_extension() -> None:
    shown = display_name("dài " * 100 + ".docx")
    assert len(shown) <= LONGEST_NAME
    assert shown.endswith("….docx")


@given(st.text(max_size=400))
def test_whatever_is_sent_the_name_is_short_visible_and_stays_the_same(sent: str) -> None:
    shown = display_name(sent)
    assert 0 < len(shown) <= LONGEST_NAME
    assert not any(unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for c in shown)
    assert display_name(shown) == shown


@given(st.text(max_size=100))
def test_no_name_breaks_out_of_its_header(sent: str) -> None:
    header = attachment(display_name(sent))
    assert header.isascii()
    assert header.startswith("attachment; ")
    assert not set(header) & set("\r\n/\\")
    assert header.count('"') == 2


def test_a_name_takes_the_extension_of_what_is_saved() -> None:
    assert with_extension("Báo cáo.docx", "pdf") == "Báo cáo.pdf"
    assert with_extension("Quyết định số 5.Về việc giao chỉ tiêu", "pdf") == "Quyết định số 5.Về việc giao chỉ tiêu.pdf"
