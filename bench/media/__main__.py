"""`python -m bench.media`: our forwarder beside Janus, interleaved, and the figures in `bench/results/media.json`."""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.media import janus, load, ours
from bench.media.load import Case, Result, Server

RESULTS = Path(__file__).parents[1] / "results" / "media.json"
CASES = (
    Case("fan-out 1 to 10", 1, 10, burst=6),
    Case("fan-out 1 to 31", 1, 31, burst=6),
    Case("fan-out 1 to 60", 1, 60, burst=6),
    Case("fan-out 1 to 120", 1, 120, burst=6),
    Case("six sites, all to all", 6, 6, burst=2, size=950),
    Case("31 sites, nine pictures each", 31, 31, burst=6, videos=9, thumbnail=(1, 950)),
    Case("31 sites, walls of 30 pictures", 31, 31, burst=6, videos=30, thumbnail=(1, 300)),
    Case("200 sites, one picture each", 200, 200, burst=2, size=950, videos=1, speaking=3),
    Case("1 to 600 over home and edges", 1, 600, burst=1, size=950, frames=15, processes=3),
)
ATTEMPTS = 8
METRICS = (
    ("CPU per delivered packet", "µs", "cpu_us"),
    ("CPU", "cores", "cores"),
    ("latency p50", "ms", "p50_ms"),
    ("latency p99", "ms", "p99_ms"),
    ("delivered", "ratio", "delivered"),
    ("joins", "1/s", "joins_per_s"),
    ("memory per participant", "kB", "participant_kb"),
)


def median(results: list[Result], field: str) -> float:
    return statistics.median(getattr(one, field) for one in results)


async def attempt(maker: Callable[[], Server], case: Case) -> Result:
    """A run that could not begin (Janus now and then loses a joining peer) is begun again."""
    for _ in range(ATTEMPTS):
        try:
            return await load.run(maker(), case)
        except (TimeoutError, ConnectionError) as error:
            print(f"  {case.name}: a peer could not join ({error!r}), once more")
    raise TimeoutError(case.name)


async def compare(case: Case, rounds: int) -> list[dict[str, Any]]:
    """Both servers in turn, so that whatever else the machine does meets both; over several processes ours alone."""
    makers: dict[str, Callable[[], Server]] = {"ours": lambda: ours.Ours(case.processes)}
    if case.processes == 1:
        makers["peer"] = janus.Janus
    results: dict[str, list[Result]] = {name: [] for name in makers}
    for index in range(rounds):
        for name in sorted(makers, reverse=index % 2 == 1):
            result = await attempt(makers[name], case)
            results[name].append(result)
            print(
                f"  {case.name}, {name}: " + ", ".join(f"{key} {value:.3g}" for key, value in result._asdict().items())
            )
    rows = []
    for metric, unit, field in METRICS:
        mine = median(results["ours"], field)
        theirs = median(results["peer"], field) if "peer" in results else None
        rows.append(
            {
                "case": case.name,
                "metric": metric,
                "unit": unit,
                "ours": round(mine, 4),
                "peer": round(theirs, 4) if theirs is not None else None,
                "peer_name": janus.NAME if theirs is not None else None,
                "ratio": round(mine / theirs, 3) if theirs else None,
            }
        )
    return rows


def table(rows: list[dict[str, Any]]) -> str:
    """The figures for people."""
    lines = [f"{'case':24} {'metric':26} {'ours':>9} {'Janus':>9} {'ratio':>7}"]
    for row in rows:
        name, metric = row["case"], f"{row['metric']}, {row['unit']}"
        lines.append(f"{name:24} {metric:26} {row['ours']:9.3f} {row['peer'] or 0:9.3f} {row['ratio'] or 0:7.2f}")
    return "\n".join(lines)


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--only", default="", help="cases whose name contains this")
    parser.add_argument("--dry", action="store_true", help="do not write the results file")
    chosen = parser.parse_args()
    rows: list[dict[str, Any]] = []
    for case in CASES:
        if chosen.only in case.name:
            rows += await compare(case._replace(seconds=chosen.seconds), chosen.rounds)
        if not chosen.dry:
            RESULTS.parent.mkdir(exist_ok=True)
            kept = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else []
            kept = [row for row in kept if row["case"] not in {one["case"] for one in rows}]
            RESULTS.write_text(json.dumps(kept + rows, ensure_ascii=False, indent=2) + "\n", "utf-8")
    print(table(rows))


asyncio.run(main())
