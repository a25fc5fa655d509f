"""`python -m bench.media`: our forwarder beside Janus, interleaved, and the figures in `bench/results/media.json`.

`--case 31x31 --case wall` measures only these (see `bench/media/cases.py`); the rows of the others stay as they are.
A case takes a minute at most: further rounds begin only as long as there is time.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from collections.abc import Callable
from typing import Any

from bench.media import figures, janus, load, ours
from bench.media.cases import CASES, Case
from bench.media.load import Result, Server

RESULTS = "media.json"
ATTEMPTS = 8
METRICS = (
    ("CPU per delivered packet", "µs", "cpu_us"),
    ("CPU", "cores", "cores"),
    ("latency p50", "ms", "p50_ms"),
    ("latency p99", "ms", "p99_ms"),
    ("delivered", "ratio", "delivered"),
    ("packets", "1/s", "packets_per_s"),
    ("joins", "1/s", "joins_per_s"),
    ("memory per participant", "kB", "participant_kb"),
    ("load tool's CPU", "cores", "tool_cores"),
)

Makers = dict[str, Callable[[], Server]]
Results = dict[str, list[Result]]


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


async def compare(case: Case, rounds: int, limit_s: float) -> Results:
    """Both servers in turn, so that whatever else the machine does meets both; over several processes ours alone."""
    makers: Makers = {"ours": lambda: ours.Ours(case.processes)}
    if case.processes == 1:
        makers["peer"] = janus.Janus
    results: Results = {name: [] for name in makers}
    began, longest = time.monotonic(), 0.0
    for index in range(rounds):
        if time.monotonic() - began + longest > limit_s:
            print(f"  {case.name}: no time for more than {index} rounds")
            break
        start = time.monotonic()
        for name in sorted(makers, reverse=index % 2 == 1):
            result = await attempt(makers[name], case)
            results[name].append(result)
            print(f"  {case.name}, {name}: {said(result)}")
        longest = max(longest, time.monotonic() - start)
    return results


def said(result: Result) -> str:
    """One run, for people."""
    return ", ".join(f"{key} {value:.3g}" for key, value in result._asdict().items())


def rows_of(case: Case, results: Results) -> list[dict[str, Any]]:
    """The medians of all rounds."""
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
    lines = [f"{'case':44} {'metric':28} {'ours':>9} {'Janus':>9} {'ratio':>7}"]
    for row in rows:
        name, metric = row["case"], f"{row['metric']}, {row['unit']}"
        lines.append(f"{name:44} {metric:28} {row['ours']:9.3f} {row['peer'] or 0:9.3f} {row['ratio'] or 0:7.2f}")
    return "\n".join(lines)


def asked() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(prog="python -m bench.media", description=__doc__.splitlines()[0])
    parser.add_argument("--case", action="append", choices=[one.key for one in CASES], help="only these cases")
    parser.add_argument("--rounds", type=int, default=5, help="of both servers, at most")
    parser.add_argument("--seconds", type=float, default=5.0, help="how long each run is measured")
    parser.add_argument("--limit", type=float, default=60.0, help="seconds for one case, with all its rounds")
    parser.add_argument("--dry", action="store_true", help="do not write the results file")
    return parser.parse_args()


async def main() -> None:
    chosen = asked()
    known = [one.name for one in CASES]
    rows: list[dict[str, Any]] = []
    for case in CASES:
        if chosen.case and case.key not in chosen.case:
            continue
        found = rows_of(case, await compare(case._replace(seconds=chosen.seconds), chosen.rounds, chosen.limit))
        rows += found
        if not chosen.dry:
            figures.keep(RESULTS, found, known)
    print(table(rows))


if __name__ == "__main__":
    asyncio.run(main())
