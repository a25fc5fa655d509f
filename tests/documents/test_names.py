"""Names are text that people read."""

from __future__ import annotations

import unicodedata
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.documents.names import LONGEST_NAME, display_name, with_extension
from server.http import attachment


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


def test_an_export_is_named_by_its_meeting() -> None:
    header = attachment("Biên bản", "Họp về đất đai: đợt 2/2026", ".pdf")
    assert 'filename="Bien ban - Hop ve dat dai- dot 2-2026.pdf"' in header
    assert unquote(header.partition("filename*=UTF-8''")[2]) == "Biên bản - Họp về đất đai- đợt 2-2026.pdf"


@given(st.text(max_size=300), st.text(max_size=300))
def test_titles_of_any_length_fit_into_a_files_name(title: str, question: str) -> None:
    header = attachment("Biểu quyết", display_name(title), display_name(question), ".csv")
    name = unquote(header.partition("filename*=UTF-8''")[2])
    assert header.isascii() and name.endswith(".csv") and len(name) <= 150 and not set(name) & set('/\\:*?"<>|')


def test_a_name_takes_the_extension_of_what_is_saved() -> None:
    assert with_extension("Báo cáo.docx", "pdf") == "Báo cáo.pdf"
    assert with_extension("Quyết định số 5.Về việc giao chỉ tiêu", "pdf") == "Quyết định số 5.Về việc giao chỉ tiêu.pdf"
