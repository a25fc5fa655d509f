"""What stood under a mark is found in the newer version: where it was, where it went, or that it is gone."""

from __future__ import annotations

import random

import pytest

from server.documents.matching import Box, Matching, Place, Sheet, paired

PER_LINE, LINES = 9, 40
LEFT, TOP, STEP, LETTER = 72.0, 72.0, 16.0, 48.0


def sheet(words: list[str], width: float = 595.0) -> Sheet:
    """A page with these words, nine a line, 16 points from line to line."""
    boxes = []
    for at, word in enumerate(words):
        x, y = LEFT + at % PER_LINE * LETTER, TOP + at // PER_LINE * STEP
        boxes.append((x, y, x + LETTER - 6, y + 12.0, word))
    return Sheet(width, 842.0, boxes)


def pages(words: list[str]) -> list[Sheet]:
    full = PER_LINE * LINES
    return [sheet(words[start : start + full]) for start in range(0, len(words), full)]


def story(count: int, seed: int = 1) -> list[str]:
    """Words as an administration uses them: few, and often the same."""
    dice = random.Random(seed)
    common = ["của", "ủy", "ban", "nhân", "dân", "tỉnh", "về", "việc", "thực", "hiện", "năm", "2026", "và", "các", "sở"]
    return [dice.choice(common) if dice.random() < 0.5 else f"từ{dice.randrange(600)}" for _ in range(count)]


def under(word: int) -> tuple[int, Box]:
    """The page and the box of a mark over three words from this one on."""
    page, at = divmod(word, PER_LINE * LINES)
    x, y = LEFT + at % PER_LINE * LETTER, TOP + at // PER_LINE * STEP
    unit = 10_000 / 595
    return page + 1, (x * unit, y * unit, (x + 2 * LETTER) * unit, (y + 12) * unit)


OLD = story(900)


def test_an_unchanged_paper_leaves_every_mark_where_it_is() -> None:
    matching = Matching(pages(OLD), pages(OLD))
    assert {matching.place(*under(word)).how for word in range(0, 899, 37)} == {"same"}


def test_a_mark_follows_its_words_over_a_new_paragraph_down_the_page() -> None:
    new = OLD[:90] + [f"mới{n}" for n in range(PER_LINE * 5)] + OLD[90:]
    matching = Matching(pages(OLD), pages(new))
    assert matching.place(*under(30)).how == "same"
    moved = matching.place(*under(180))
    assert (moved.page, moved.how, moved.dx) == (1, "moved", 0)
    assert moved.dy == pytest.approx(5 * STEP * 10_000 / 595, abs=1)


def test_a_mark_follows_its_words_onto_the_next_page() -> None:
    new = ["thêm"] * (PER_LINE * LINES) + OLD
    place = Matching(pages(OLD), pages(new)).place(*under(400))
    assert place == Place(3, "moved", 0, 0, 1.0)


def test_a_mark_follows_a_paragraph_that_was_put_before_another() -> None:
    new = OLD[450:] + OLD[:450]
    matching = Matching(pages(OLD), pages(new))
    page, at = divmod(450 + 99, PER_LINE * LINES)
    place = matching.place(*under(99))
    assert (place.page, place.how) == (page + 1, "moved")
    assert place.dy == pytest.approx((at // PER_LINE - 11) * STEP * 10_000 / 595, abs=1)


def test_what_was_struck_out_has_vanished_and_stays_near_its_neighbours() -> None:
    matching = Matching(pages(OLD), pages(OLD[:180] + OLD[240:]))
    place = matching.place(*under(200))
    assert (place.page, place.how, place.dx, place.dy) == (1, "vanished", 0, 0)
    assert matching.place(*under(300)).how == "moved"


def test_a_changed_number_does_not_carry_its_line_away() -> None:
    new = [*OLD[:200], "17,5", *OLD[201:]]
    assert Matching(pages(OLD), pages(new)).place(*under(199)).how == "same"


def test_a_remark_in_the_margin_belongs_to_the_line_beside_it() -> None:
    new = OLD[:90] + [f"mới{n}" for n in range(PER_LINE * 2)] + OLD[90:]
    unit = 10_000 / 595
    beside = (560 * unit, (TOP + 20 * STEP) * unit, 580 * unit, (TOP + 20 * STEP + 10) * unit)
    place = Matching(pages(OLD), pages(new)).place(1, beside)
    assert (place.how, place.dy) == ("moved", round(2 * STEP * unit))


def test_another_paper_has_nothing_of_the_old_one() -> None:
    matching = Matching(pages(OLD), pages([f"khác{n}" for n in range(500)]))
    for word in (0, 200, 800):
        place = matching.place(*under(word))
        assert (place.how, place.page) == ("vanished", min(under(word)[0], 2))


def test_a_paper_without_pages_in_between_keeps_marks_on_its_last_page() -> None:
    assert Matching(pages(OLD), pages(OLD[:50])).place(*under(800)).page == 1


def test_words_keep_their_size_on_a_wider_page() -> None:
    wide = [Sheet(842.0, 595.0, each.words) for each in pages(OLD)]
    place = Matching(pages(OLD), wide).place(*under(30))
    assert (place.how, place.dx, place.dy) == ("moved", 0, 0)
    assert place.scale == pytest.approx(595 / 842)


SCANS = [random.Random(seed).getrandbits(256) for seed in range(5)]


def scan(picture: int | None) -> Sheet:
    return Sheet(595.0, 842.0, [], picture)


def test_scanned_pages_are_known_by_what_they_look_like() -> None:
    old = [scan(SCANS[0]), scan(SCANS[1]), scan(SCANS[2])]
    nearly = SCANS[1] ^ 0b1011
    matching = Matching(old, [scan(SCANS[0]), scan(SCANS[3]), scan(nearly)])
    box = (1000.0, 1000.0, 2000.0, 2000.0)
    assert matching.place(1, box) == Place(1, "same")
    assert matching.place(2, box) == Place(3, "moved")
    assert matching.place(3, box) == Place(3, "vanished")


def test_pages_that_look_the_same_stay_at_their_number() -> None:
    blank = [scan(0), scan(0), scan(0)]
    assert Matching(blank, blank).place(2, (0, 0, 1, 1)) == Place(2, "same")


def test_a_page_of_which_nothing_is_known_keeps_its_marks_as_vanished() -> None:
    assert Matching([scan(None)], [scan(None)]).place(1, (0, 0, 1, 1)).how == "vanished"


@pytest.mark.parametrize("seed", range(20))
def test_no_word_is_matched_twice_or_to_another_word(seed: int) -> None:
    dice = random.Random(seed)
    old = story(300, seed)
    new = list(old)
    for _ in range(dice.randrange(8)):
        start, end = sorted(dice.sample(range(len(new)), 2))
        if dice.random() < 0.5:
            del new[start : min(end, start + 40)]
        else:
            new[start:start] = story(dice.randrange(40), seed + 99)
    to = paired(old, new)
    found = [each for each in to if each >= 0]
    assert len(found) == len(set(found))
    assert all(old[at] == new[each] for at, each in enumerate(to) if each >= 0)
