"""Word by word: what goes, what comes, and whether two changes meet."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from server.redline import MOST_EDITS, edits, merged, redline, text_of, words

GOLDEN = Path(__file__).resolve().parents[1] / "golden/redlines.json"
TEXTS = st.lists(st.sampled_from(["mức", "hỗ", "trợ", "50", "triệu", "\n"]), max_size=14).map(" ".join)


def tidied(text: str) -> str:
    return text_of(words(text))


@given(TEXTS, TEXTS)
def test_a_redline_holds_both_texts_whole(before: str, after: str) -> None:
    pieces = redline(before, after)
    assert tidied(" ".join(piece.text for piece in pieces if piece.kind != "new")) == tidied(before)
    assert tidied(" ".join(piece.text for piece in pieces if piece.kind != "gone")) == tidied(after)


@given(TEXTS, TEXTS)
def test_a_single_proposal_is_what_it_says(before: str, after: str) -> None:
    assert merged(before, [after]) == tidied(after)


@given(TEXTS, TEXTS, TEXTS)
def test_two_proposals_give_the_same_in_any_order(before: str, one: str, other: str) -> None:
    assert merged(before, [one, other]) == merged(before, [other, one])
    assert merged(before, [one, before]) == tidied(one)


@given(TEXTS, TEXTS, TEXTS)
def test_what_both_leave_alone_is_left_alone(before: str, one: str, other: str) -> None:
    both = merged(before, [one, other])
    old = words(before)
    if both is None:
        return
    touched = [edit for proposal in (one, other) for edit in edits(old, words(proposal))]
    untouched = [word for at, word in enumerate(old) if not any(edit.start <= at < edit.end for edit in touched)]
    left = iter(words(both))
    assert all(word in left for word in untouched if word != "\n")


def test_changes_in_different_places_are_put_together() -> None:
    text = "Mức hỗ trợ là 50 triệu đồng."
    found = merged(text, ["Mức hỗ trợ tối đa là 50 triệu đồng.", "Mức hỗ trợ là 60 triệu đồng."])
    assert found == "Mức hỗ trợ tối đa là 60 triệu đồng."


def test_two_who_want_different_words_in_the_same_place_conflict() -> None:
    assert merged("Mức 50 triệu.", ["Mức 60 triệu.", "Mức 70 triệu."]) is None
    assert merged("Mức 50 triệu.", ["", "Mức 50 triệu đồng."]) is None
    assert merged("Mức 50.", ["Mức 50. Thêm.", "Mức 50. Khác."]) is None


def test_what_goes_stands_before_what_comes_and_the_rest_is_not_repeated() -> None:
    pieces = [(piece.kind, piece.text) for piece in redline("Mức là 50 triệu đồng.", "Mức là 60 triệu đồng.")]
    assert pieces == [("same", "Mức là"), ("gone", "50"), ("new", "60"), ("same", "triệu đồng.")]


def test_texts_that_have_nothing_in_common_stand_for_each_other() -> None:
    before, after = (" ".join(f"{name}{n}" for n in range(MOST_EDITS)) for name in ("a", "b"))
    assert [piece.kind for piece in redline(before, after)] == ["gone", "new"]


def test_the_golden_redlines_are_what_this_side_finds() -> None:
    for golden in json.loads(GOLDEN.read_text("utf-8")):
        found = [[[p.kind, p.text] for p in redline(golden["before"], one)] for one in golden["proposals"]]
        assert found == golden["redlines"]
        assert merged(golden["before"], golden["proposals"]) == golden["merged"]
