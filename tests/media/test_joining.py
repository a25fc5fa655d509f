"""Coming over a bad line, in held time: the same packets are lost at every run, on every machine."""

from __future__ import annotations

import pytest

from bench.media import joining
from bench.media.joining import CASES, Case

TIMES = 5


@pytest.mark.parametrize("case", CASES, ids=lambda one: one.name)
def test_whoever_comes_over_a_bad_line_soon_hears_and_sees_or_is_heard_and_seen(case: Case) -> None:
    for found in joining.several(case, TIMES):
        assert found.heard <= case.heard_ms
        assert found.seen <= case.seen_ms


def test_a_run_can_be_had_again() -> None:
    case = next(one for one in CASES if one.name.startswith("30 % lost, speaker"))
    first = joining.run(case)
    assert first == joining.run(case) != joining.run(case, joining.SEED + 1)
