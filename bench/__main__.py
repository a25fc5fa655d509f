"""`python -m bench [PART …]`: measures on this machine, part by part, and prints what was found beside the peers.

`python -m bench soak [PART …] [--minutes N]` runs the long ones: they leave the figures of the short ones alone, and
those that go on for a given time do so for N minutes.
Each part is a process of its own, so that none measures what another has left in memory.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "bench" / "results"
PARTS = {
    "live": "bench.live",
    "media": "bench.media",
    "loss": "bench.media.loss",
    "joining": "bench.media.joining",
    "browsers": "bench.media.browsers",
    "documents": "bench.documents",
    "tablet": "bench.tablet",
}
SOAK = {
    "live": ["bench.live", "--no-write"],
    "media": ["bench.media.soak"],
    "killed": ["bench.media.killed"],
    "votes": ["bench.votes"],
    "histories": ["bench.histories"],
}
TIMED = ("media", "histories")
COLUMNS = f"{'case':52} {'metric':24} {'ours':>10} {'peer':>10} {'unit':5} {'ratio':>7}  peer's name"


def main(words: list[str]) -> int:
    """Run what is asked for; the exit status says whether every part came to its end."""
    asked = argparse.ArgumentParser(prog="python -m bench", description=__doc__.splitlines()[0])
    asked.add_argument("parts", nargs="*", metavar="PART")
    asked.add_argument("--minutes", type=float, help="for how long the parts of a soak that can be told go on")
    given = asked.parse_args(words)
    soak = given.parts[:1] == ["soak"]
    known = lasting(given.minutes) if soak else {part: [module] for part, module in PARTS.items()}
    wanted = given.parts[soak:] or list(known)
    unknown = [part for part in wanted if part not in known]
    if unknown:
        print(f"no such part: {', '.join(unknown)}; there are {', '.join(known)}", file=sys.stderr)
        return 2
    failed = [part for part in wanted if not run(part, known[part])]
    if not soak:
        show([part for part in wanted if part not in failed])
    if failed:
        print(f"not measured: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def lasting(minutes: float | None) -> dict[str, list[str]]:
    """The commands of a soak, of that length where one is given."""
    length = [] if minutes is None else ["--minutes", str(minutes)]
    return {part: [*command, *(length if part in TIMED else ())] for part, command in SOAK.items()}


def run(part: str, command: list[str]) -> bool:
    """Measure one part; its own words go to the terminal as they come."""
    print(f"— {part}", flush=True)
    began = time.monotonic()
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    done = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, env=environment, check=False)
    print(f"  {part}: {time.monotonic() - began:.0f} s", flush=True)
    return done.returncode == 0


def show(parts: list[str]) -> None:
    """All figures in one table, from the files that the parts have written."""
    print(f"\n{COLUMNS}")
    for part in parts:
        for row in json.loads((RESULTS / f"{part}.json").read_text("utf-8")):
            print(line(row))


def line(row: dict[str, Any]) -> str:
    """One figure beside its peer's; a dash where there is none to compare with."""
    ours, peer, ratio = (figure(row.get(key)) for key in ("ours", "peer", "ratio"))
    named = row.get("peer_name") or ""
    return f"{row['case'][:52]:52} {row['metric'][:24]:24} {ours:>10} {peer:>10} {row['unit']:5} {ratio:>7}  {named}"


def figure(value: float | None) -> str:
    """A number as short as it may be."""
    return "–" if value is None else f"{value:.4g}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
