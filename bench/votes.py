"""Ballots in bad weather, for long: every vote sent three times, closing among them, the process dying in between.

Part of `make soak`. Nothing is measured but whether the numbers are one; see `tests/meetings/storm.py`.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from pathlib import Path

from tests.meetings.storm import storm


def main() -> None:
    """Runs for as long as is asked for, and says what was survived."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--ballots", type=int, default=10_000)
    asked.add_argument("--mandates", type=int, default=50)
    asked.add_argument("--seed", type=int, default=1)
    wanted = asked.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        done = asyncio.run(storm(wanted.ballots, wanted.mandates, wanted.seed, Path(folder)))
    took = time.monotonic() - began
    print(
        f"{wanted.ballots} ballots of {wanted.mandates} mandates: tally, ballots and voters were one number each time"
    )
    print(f"{done.sent} commands, {done.deaths} deaths of the process, {took:.0f} s")


if __name__ == "__main__":
    main()
