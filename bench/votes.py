"""Ballots in bad weather, for long: every vote sent three times, closing among them, the process dying in between.

Part of `make soak`. Nothing is measured but whether the numbers are one; see `tests/meetings/storm.py`. Storms blow
side by side, each over a database of its own: a vote goes through one writer, so one storm keeps one core busy.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from server.supervisor import end_with_parent
from tests.meetings.storm import storm


def begin_worker() -> None:
    """A process that ends with the one that has begun it."""
    end_with_parent(os.getppid())


def blow(ballots: int, mandates: int, seed: int) -> tuple[int, int]:
    """One storm: how many commands were sent, and how often the process died."""
    with tempfile.TemporaryDirectory(prefix="hopso-votes-") as folder:
        done = asyncio.run(storm(ballots, mandates, seed, Path(folder)))
    return done.sent, done.deaths


def main() -> None:
    """Runs for as long as is asked for, and says what was survived."""
    asked = argparse.ArgumentParser(prog="python -m bench.votes", description=__doc__.splitlines()[0])
    asked.add_argument("--ballots", type=int, default=10_000)
    asked.add_argument("--mandates", type=int, default=50)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--at-once", type=int, default=os.cpu_count() or 1, help="storms side by side")
    wanted = asked.parse_args()
    began, storms = time.monotonic(), wanted.at_once
    shares = [wanted.ballots // storms + (number < wanted.ballots % storms) for number in range(storms)]
    seeds = range(wanted.seed, wanted.seed + storms)
    with ProcessPoolExecutor(storms, get_context("spawn"), begin_worker) as pool:
        found = list(pool.map(blow, shares, [wanted.mandates] * storms, seeds))
    sent, deaths = (sum(each) for each in zip(*found, strict=True))
    print(
        f"{wanted.ballots} ballots of {wanted.mandates} mandates: tally, ballots and voters were one number each time"
    )
    print(f"{sent} commands, {deaths} deaths of the process, {time.monotonic() - began:.0f} s, seeds {list(seeds)}")


if __name__ == "__main__":
    main()
