"""A short storm; the long one is `make soak`."""

from __future__ import annotations

from pathlib import Path

from tests.meetings.storm import storm


async def test_tally_ballots_and_voters_are_one_number_however_often_a_process_dies(tmp_path: Path) -> None:
    survived = await storm(4, 16, 1, tmp_path)
    assert survived.deaths > 3, "the weather was bad"
