"""Buckets and lanes."""

from __future__ import annotations

import asyncio

from server.pace import Bucket, Lane, Pace


def test_a_bucket_gives_its_burst_and_then_its_pace() -> None:
    bucket = Bucket(Pace(per_second=2, burst=3))
    assert [bucket.take(100.0) for _ in range(4)] == [True, True, True, False]
    assert bucket.take(100.5)
    assert not bucket.take(100.6)


def test_a_bucket_never_holds_more_than_its_burst() -> None:
    bucket = Bucket(Pace(per_second=1000, burst=2))
    bucket.take(0)
    assert [bucket.take(1e6) for _ in range(3)] == [True, True, False]


async def _settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_a_lane_keeps_the_order_of_its_jobs_however_long_they_take() -> None:
    lane, done = Lane(10), []
    finished = asyncio.Event()

    async def job(number: int) -> None:
        await asyncio.sleep(0.01 if number == 0 else 0)
        done.append(number)
        if number == 4:
            finished.set()

    for number in range(5):
        assert lane.put(lambda number=number: job(number))
    await finished.wait()
    assert done == [0, 1, 2, 3, 4]


async def test_a_full_lane_takes_nothing_more_and_a_cleared_one_does_nothing_more() -> None:
    lane, done = Lane(2), []

    async def job() -> None:
        done.append(1)

    assert [lane.put(job) for _ in range(3)] == [True, True, False]
    lane.clear()
    await _settle()
    assert done == [] and lane.put(job)
    await _settle()
    assert done == [1]


async def test_a_job_that_raises_does_not_stop_the_lane() -> None:
    lane, done = Lane(5), []

    async def bad() -> None:
        raise ValueError

    async def good() -> None:
        done.append(1)

    lane.put(bad)
    lane.put(good)
    await _settle()
    assert done == [1]
