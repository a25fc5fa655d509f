from __future__ import annotations

from typing import Literal

from msgspec.structs import replace

from server.media.conference import Seats
from server.media.control import Gone, Joined, Quality, Slots
from server.media.line.facts import FRESH_MS, Line, Report, heed, largest, percent


def joined(session: str, direction: Literal["up", "down"] = "up") -> Joined:
    return Joined("m", "s", session, direction, "camera")


def gone(session: str, direction: Literal["up", "down"] = "up") -> Gone:
    return Gone("m", "s", session, direction, "camera", "lost")


def quality(session: str, direction: Literal["up", "down"] = "up", **facts: object) -> Quality:
    plain = Quality("m", "s", session, direction, "camera", 7, 0, 900)
    return replace(plain, **facts)


def test_a_site_is_connected_from_its_first_session_to_its_last() -> None:
    line = heed(Line(), joined("u"), 10)
    line = heed(line, joined("d", "down"), 20)
    assert (line.first_at, line.connected) == (10, True)
    line = heed(line, gone("u"), 30)
    assert (line.connected, line.drops) == (True, ())
    line = heed(line, gone("d", "down"), 40)
    assert (line.connected, line.drops, line.gone_at) == (False, (40,), 40)
    assert heed(line, joined("u2"), 50).gone_at == 0


def test_an_older_session_that_ends_changes_nothing() -> None:
    line = heed(heed(Line(), joined("old"), 1), joined("new"), 2)
    assert heed(line, gone("old"), 3) == line


def test_a_shared_screen_is_not_the_sites_line() -> None:
    assert heed(Line(), Joined("m", "s", "x", "up", "screen"), 1) == Line()


def test_quality_is_taken_from_the_present_sessions_only() -> None:
    line = heed(heed(Line(), joined("u"), 1), joined("d", "down"), 1)
    line = heed(line, quality("u", level=97, layers=("l", "h", "m")), 2)
    line = heed(line, quality("d", "down", loss_per_mille=55, rtt_ms=44), 2)
    assert (line.up_loss, line.up_bps, line.level, line.layer) == (7, 900, 50, "h")
    assert (line.down_loss, line.rtt_ms) == (55, 44)
    assert heed(line, quality("older", loss_per_mille=999), 3) == line


def test_what_it_sent_is_forgotten_with_its_session() -> None:
    line = heed(heed(Line(), joined("u"), 1), quality("u", level=97, layers=("h",)), 2)
    line = heed(line, gone("u"), 3)
    assert (line.up_loss, line.up_bps, line.level, line.layer) == (0, 0, -1, "")


def test_pictures_switched_off_are_counted() -> None:
    assert heed(heed(Line(), joined("d", "down"), 1), Slots("m", "s", Seats(), (3, 4)), 2).off == 2


def test_its_own_words_are_believed_for_a_while() -> None:
    line = Line(report=Report(level=30), reported_at=1_000)
    assert line.said(1_000 + FRESH_MS) is not None
    assert line.said(1_001 + FRESH_MS) is None


def test_the_meter_begins_at_minus_sixty() -> None:
    assert [percent(level) for level in (0, 67, 97, 127)] == [0, 0, 50, 100]


def test_the_largest_layer_is_named() -> None:
    assert [largest(one) for one in ((), ("l",), ("m", "l"), ("l", "h", "m"))] == ["", "l", "m", "h"]
