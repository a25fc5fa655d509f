"""Votes in the minutes: elections, secret ballots, voided ones, and what is said of a missing quorum."""

from __future__ import annotations

from typing import Any

import msgspec

from server.records.ballots import Ballot, Count, Papers, Voiding
from server.records.naming import Words
from server.records.voting import ballot_blocks
from tests.records.example import at

NAMES = ("Bà Trịnh Thu Hà", "Ông Hà Văn Toàn", "Ông Trần Đức Vịnh")
ELECTION = Ballot(
    30,
    at(10, 0),
    "Bầu Trưởng Ban Pháp chế",
    tuple(Count(name, votes) for name, votes in zip(NAMES, (12, 24, 20), strict=True)),
    29,
    "tổng số đại biểu Hội đồng nhân dân",
    2,
    "quá nửa tổng số đại biểu Hội đồng nhân dân",
    "",
    "secret",
    kind="election",
    places=2,
    elected=(NAMES[1], NAMES[2]),
    blank=1,
    electorate=29,
)


def said(ballot: Ballot, **change: Any) -> list[str]:
    return [block.text for block in ballot_blocks(msgspec.structs.replace(ballot, **change), Words())]


def test_an_election_names_the_candidates_by_their_votes_and_says_who_was_elected() -> None:
    question, result, first, second, third, chosen = said(ELECTION)
    assert question.endswith("Bầu Trưởng Ban Pháp chế. Hình thức: bỏ phiếu kín. Số người được bầu: 02.")
    assert "Chưa bỏ phiếu 02; phiếu không chọn ai 01. Tỷ lệ tính trên tổng số đại biểu" in result
    assert result.endswith("Điều kiện trúng cử: quá nửa tổng số đại biểu Hội đồng nhân dân.")
    assert first == "- Ông Hà Văn Toàn: 24/29 phiếu (82,76%), trúng cử."
    assert second == "- Ông Trần Đức Vịnh: 20/29 phiếu (68,97%), trúng cử."
    assert third == "- Bà Trịnh Thu Hà: 12/29 phiếu (41,38%)."
    assert chosen == "Trúng cử (02/02): Ông Hà Văn Toàn, Ông Trần Đức Vịnh."


def test_even_votes_for_the_last_place_are_said_and_what_follows_from_them() -> None:
    *_, chosen = said(ELECTION, elected=(NAMES[1],), tied=(NAMES[0], NAMES[2]))
    assert chosen == (
        "Trúng cử (01/02): Ông Hà Văn Toàn. Bà Trịnh Thu Hà, Ông Trần Đức Vịnh có số phiếu bằng nhau ở vị trí cuối "
        "nên chưa xác định; bầu lại giữa những người này."
    )


def test_a_place_that_stays_empty_is_said_with_the_rule() -> None:
    *_, chosen = said(ELECTION, kind="choice", elected=())
    assert (
        chosen == "Được chọn (00/02): không có. Còn thiếu 02, do không đạt quá nửa tổng số đại biểu Hội đồng nhân dân."
    )


def test_a_voided_ballot_says_who_asked_who_confirmed_and_why_and_the_next_one_that_it_repeats_it() -> None:
    voided = Voiding(33, at(10, 12), "Trịnh Thu Hà", "Phạm Hữu Lâm", "thiếu một đại biểu")
    *_, last = said(ELECTION, voided=voided)
    assert last == (
        "Hủy kết quả: Lúc 10 giờ 12 phút, kết quả biểu quyết này bị hủy (Trịnh Thu Hà đề nghị, Phạm Hữu Lâm xác nhận; "
        "lý do: thiếu một đại biểu)."
    )
    assert "Biểu quyết lại, thay cho lần đã hủy kết quả." in said(ELECTION, repeated=True)[0]


def test_of_a_ballot_that_was_voided_before_it_was_announced_no_figure_is_told() -> None:
    voided = Voiding(33, at(10, 12), "Trịnh Thu Hà", "Phạm Hữu Lâm")
    told = said(ELECTION, announced=False, counts=(), cast=27, voided=voided)
    assert told[1].endswith("27/29 người có quyền biểu quyết đã biểu quyết. Kết quả không được công bố.")
    assert len(told) == 3


def test_a_ballot_opened_without_the_quorum_says_so() -> None:
    told = said(ELECTION, electorate=15, short_of=20)[0]
    assert told.endswith("Mở biểu quyết khi chưa đủ số thành viên: có mặt 15, cần 20.")


def test_what_the_tellers_counted_comes_first_and_each_sentence_begins_with_a_capital() -> None:
    counts = (Count("Tán thành", 20), Count("Không tán thành", 2))
    _, result = said(
        ELECTION, kind="question", way="paper", counts=counts, elected=(), blank=0, papers=Papers(24, 23, 1), result=""
    )
    assert "số phiếu phát ra 24" in result and ". Tán thành 20/29" in result
    assert "Kết quả: tán thành 20/29" in said(ELECTION, kind="question", counts=counts, elected=(), blank=0)[1]
