from __future__ import annotations

from msgspec.structs import replace

from server.media.line.alarms import Condition, Expected, Seen, alarms, judge, state_of
from server.media.line.facts import Line, Report

FINE = Line(up="u", down="d", first_at=1, level=40, layer="h", up_bps=2_000_000, down_bps=2_000_000)
OPEN = Expected("so-ct", running=True, open=True)
CLOSED = Expected("so-ct", running=True)


class Watched:
    """A line looked at every two seconds, as the board does."""

    def __init__(self, line: Line = FINE, expected: Expected = CLOSED) -> None:
        self.line = line
        self.expected = expected
        self.now = 1_000_000
        self.watch: dict[str, Condition] = {}

    def for_s(self, seconds: int, **facts: object) -> list[str]:
        """Let it be so for a while; the kinds that are raised at the end."""
        self.line = replace(self.line, **facts)
        for _ in range(seconds // 2):
            self.now += 2_000
            self.watch = judge(self.watch, self.seen)
        return [alarm.kind for alarm in alarms(self.watch, self.seen)]

    @property
    def seen(self) -> Seen:
        return Seen(self.line, self.expected, self.now)

    @property
    def state(self) -> str:
        return state_of(self.watch, self.line)


def test_a_good_line_raises_nothing() -> None:
    watched = Watched()
    assert watched.for_s(60) == []
    assert watched.state == "good"


def test_a_burst_of_loss_calls_nobody() -> None:
    watched = Watched()
    assert watched.for_s(8, up_loss=200) == []
    assert watched.for_s(60, up_loss=0) == []


def test_loss_that_lasts_is_raised_with_its_figure_and_its_beginning() -> None:
    watched = Watched()
    watched.for_s(30)
    began = watched.now + 2_000
    watched.for_s(20, down_loss=62)
    (alarm,) = alarms(watched.watch, watched.seen)
    assert (alarm.kind, alarm.value, alarm.since) == ("loss", 62, began)
    assert watched.state == "weak"


def test_between_the_marks_what_was_raised_stays_and_what_was_not_is_not_raised() -> None:
    watched = Watched()
    assert watched.for_s(120, up_loss=35) == []
    watched.for_s(20, up_loss=60)
    assert watched.for_s(120, up_loss=35) == ["loss"]


def test_it_is_cleared_only_after_it_was_fine_for_a_while() -> None:
    watched = Watched()
    watched.for_s(20, up_loss=60)
    assert watched.for_s(18, up_loss=0) == ["loss"]
    watched.for_s(4, up_loss=60)
    assert watched.for_s(18, up_loss=0) == ["loss"], "the time begins anew"
    assert watched.for_s(6) == []


def test_a_lost_site_is_first_coming_back_and_then_lost() -> None:
    watched = Watched()
    watched.for_s(10)
    assert watched.for_s(2, up="", down="", gone_at=watched.now) == []
    assert watched.for_s(4) == ["again"]
    assert watched.state == "again"
    assert watched.for_s(12) == ["lost", "again"]
    assert watched.state == "lost"
    assert watched.for_s(2, up="u2", down="d2") == []
    assert watched.state == "good"


def test_an_open_microphone_without_a_sound_is_told_a_closed_one_is_not() -> None:
    closed = Watched()
    assert closed.for_s(120, level=0) == []
    watched = Watched(expected=OPEN)
    assert watched.for_s(18, level=0) == []
    assert watched.for_s(4) == ["silent"]
    assert watched.for_s(4, level=30) == []


def test_a_sender_that_says_no_levels_is_not_silent() -> None:
    assert Watched(expected=OPEN).for_s(120, level=-1) == []


def test_a_site_that_never_came_is_missed_once_the_meeting_is_open() -> None:
    assert Watched(Line(), Expected("so-ct")).for_s(60) == []
    watched = Watched(Line(), CLOSED)
    assert watched.for_s(2) == ["absent"]
    assert watched.state == "absent"


def test_a_missing_picture_is_told_unless_it_is_off_by_choice() -> None:
    assert Watched().for_s(30, layer="") == ["no_picture"]
    assert Watched(expected=replace(CLOSED, audio_only=True)).for_s(30, layer="") == []
    said = Watched()
    for _ in range(5):
        assert said.for_s(10, layer="", report=Report(camera="off"), reported_at=said.now) == []


def test_a_computer_that_cannot_keep_up_is_told_and_old_words_are_not_believed() -> None:
    watched = Watched()
    for _ in range(3):
        watched.for_s(10, report=Report(limited="cpu"), reported_at=watched.now)
    assert watched.for_s(2) == ["cpu"]
    assert watched.for_s(70) == []


def test_a_line_that_dropped_three_times_in_ten_minutes_is_unstable() -> None:
    now = 1_000_000
    watched = Watched(replace(FINE, drops=(now - 50_000, now - 30_000, now - 10_000)))
    assert watched.for_s(2) == ["unstable"]
    assert watched.state == "weak"
    assert Watched(replace(FINE, drops=(now - 700_000, now - 30_000, now - 10_000))).for_s(2) == []


def test_one_way_only_and_a_missing_microphone_are_told() -> None:
    assert Watched().for_s(20, up="", layer="", level=-1) == ["one_way"]
    watched = Watched()
    assert watched.for_s(8, report=Report(microphone="missing"), reported_at=watched.now) == ["no_microphone"]


def test_the_gravest_stands_first_then_the_oldest() -> None:
    watched = Watched(expected=OPEN)
    watched.for_s(40, rtt_ms=900)
    watched.for_s(60, rtt_ms=900, up_loss=80)
    assert watched.for_s(40, level=0) == ["loss", "silent", "rtt"]


def test_no_picture_is_missed_from_a_site_that_has_not_been_let_in() -> None:
    waiting = Expected("so-ct", running=True, outside=True)
    assert Watched(expected=waiting).for_s(30, layer="") == []
