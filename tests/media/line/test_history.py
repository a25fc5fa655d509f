from __future__ import annotations

from msgspec.structs import replace

from server.media.line.history import (
    BACK_MS,
    EVERY_MS,
    LONG_MS,
    MOST_READINGS,
    Kept,
    Reading,
    counted,
    is_due,
    since,
    thinned,
    trends,
)

ONE = Reading("s", 0, "good", 0, 0, 20, 2_000_000, 2_000_000)
KEPT = Kept(0, ONE)


def test_a_reading_is_kept_every_ten_seconds() -> None:
    assert is_due(None, ONE)
    assert not is_due(KEPT, replace(ONE, at=EVERY_MS - 1))
    assert is_due(KEPT, replace(ONE, at=EVERY_MS))


def test_a_change_is_kept_at_once_but_not_every_moment() -> None:
    assert is_due(KEPT, replace(ONE, at=2_000, state="lost"))
    assert is_due(KEPT, replace(ONE, at=2_000, alarms="loss"))
    assert not is_due(KEPT, replace(ONE, at=1_999, alarms="loss"))


def test_a_long_conference_is_read_once_a_minute_and_never_without_end() -> None:
    late = Kept(0, replace(ONE, at=LONG_MS))
    assert not is_due(late, replace(ONE, at=LONG_MS + EVERY_MS))
    assert is_due(late, replace(ONE, at=LONG_MS + 60_000))
    assert not is_due(replace(late, count=MOST_READINGS), replace(ONE, at=LONG_MS + 60_000, state="lost"))


def test_a_site_that_never_comes_is_kept_once() -> None:
    absent = replace(ONE, state="absent")
    assert not is_due(Kept(0, absent), replace(absent, at=600_000))


def test_a_site_that_tested_the_day_before_and_left_does_not_use_up_the_readings_of_the_meeting() -> None:
    lost = replace(ONE, at=EVERY_MS, state="lost")
    kept = counted(counted(None, ONE), lost)
    assert not is_due(kept, replace(lost, at=BACK_MS)), "nothing has changed overnight"
    back = replace(ONE, at=20 * BACK_MS)
    assert is_due(kept, back)
    kept = counted(kept, back)
    assert (kept.first_at, kept.count) == (back.at, 3)
    assert is_due(kept, replace(back, at=back.at + EVERY_MS)), (
        "read every ten seconds, as any meeting that has just begun"
    )
    short = counted(counted(counted(None, ONE), lost), replace(ONE, at=2 * EVERY_MS))
    assert short.first_at == 0


def test_how_a_site_stood_before_is_where_its_course_begins() -> None:
    readings = [replace(ONE, at=at, state=state) for at, state in ((0, "absent"), (10, "lost"), (30, "good"))]
    other = replace(ONE, site="t", at=40)
    assert [(one.site, one.at, one.state) for one in since([*readings, other], 20)] == [
        ("s", 20, "lost"),
        ("s", 30, "good"),
        ("t", 40, "good"),
    ]
    assert since(readings, 0) == readings


def test_of_each_step_the_worst_is_left() -> None:
    readings = [replace(ONE, at=at, up_loss=loss) for at, loss in ((0, 1), (10_000, 80), (20_000, 3), (61_000, 2))]
    assert [(one.at, one.up_loss) for one in thinned(readings, 60_000)] == [(10_000, 80), (61_000, 2)]
    dropped = [*readings, replace(ONE, at=30_000, state="lost")]
    assert thinned(dropped, 60_000)[0].state == "lost"


def test_a_trend_has_few_points_for_a_long_time() -> None:
    readings = [replace(ONE, at=at * 10_000, down_loss=at % 7) for at in range(1_000)]
    (points,) = trends(readings, 90).values()
    assert 80 <= len(points) <= 91
    assert points[0][1:] == (6, 2_000_000, "good", 20)
    assert trends([], 90) == {}
