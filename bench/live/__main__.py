"""`python -m bench.live`: what a thousand tablets cost, in the clear and in TLS, beside socket.io and python-socketio.

One server at a time, with one load process that is all its tablets; both have a machine of two cores. Cases:

- `turn`: one page turn to everybody, when everybody has the one before. Milliseconds count from the asking to the
  arrival, over all tablets and turns; CPU is that of the server's process tree for each delivered message, less what it
  uses in the same time while nothing happens. `join` belongs to every case: all come at once; their memory is what the
  server's process holds for each once they rest.
- `ink1`, `ink30`: so many draw at 60 Hz for four seconds. "heard" is how many of the messages a reader was shown: ours
  gathers for 25 ms and shows the newest of each pen, so that 60 Hz become 40; a peer passes on each.
- `votes`: everybody votes within ten seconds. Ours are rows on disk before they are answered, and counted for all; the
  peers keep them in memory.
- `resume`: ten seconds without a network, then all come back at once, ours asking for the 20 events they missed, the
  peers only to be let in. Over TLS they resume the sessions they had, as browsers do.

"ours" is the live door alone, which is what the peers do. "the whole house" is the product with one meeting of so many
members: its page turn is a command that is committed, its newcomers are shown the meeting. "generator" is how much of
one core the load process needed: near 100 it would be what is measured. "stood" is how long the server's threads, all
together, waited for a processor: where others used it, nothing else that is told of a crowd counts. Nobody negotiates
deflate.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

import msgspec

from bench.live.stand import HOUSE, NODE, OURS, PLAIN, SERVERS, Figures, Stand, Wanted, certificate_in

RESULTS = Path(__file__).parents[1] / "results" / "live.json"
CASES = ("join", "turn", "votes", "resume", "ink1", "ink30")
"""In this order: what a peer cannot pass on in time would be measured with whatever came after it."""
MANY = 1000
"""Sockets from which on all cases are measured; fewer show that the cost of each stays the same."""
MOST_FOR_PLAIN = 6_000
"""Messages a second that python-socketio can pass on; more would only pile up in its memory."""
UNITS = {
    "CPU": "µs",
    "p50": "ms",
    "p99": "ms",
    "last": "ms",
    "memory": "kB",
    "stood": "ms",
    "heard": "%",
    "generator": "%",
}


class Row(msgspec.Struct):
    """One figure beside a peer's, where there is one."""

    case: str
    metric: str
    unit: str
    ours: float
    peer: float | None = None
    peer_name: str = ""
    ratio: float | None = None


def measure(name: str, wanted: Wanted, cases: Iterable[str]) -> Figures:
    """Everything that was asked of one server."""
    stand = Stand(name, wanted)
    try:
        found = stand.joined | stand.rests()
        for case in cases:
            found |= _case(stand, case)
        return found
    finally:
        stand.close()


def _case(stand: Stand, case: str) -> Figures:
    if case == "turn":
        return stand.turn()
    if case == "resume":
        return stand.resumes()
    if case == "votes":
        return {} if stand.name == OURS else stand.votes()
    if case in ("ink1", "ink30"):
        writers = int(case.removeprefix("ink"))
        too_much = stand.name == PLAIN and writers * 60 * stand.wanted.sockets > MOST_FOR_PLAIN
        return {} if too_much or stand.name == HOUSE else stand.ink(writers)
    return {}


def rows(where: str, found: dict[str, Figures]) -> list[Row]:
    """Each way of ours beside each peer that was measured in the same case, and alone where there is none."""
    made: list[Row] = []
    for ours in (OURS, HOUSE):
        case = where if ours == OURS else f"{where}, the whole house"
        for metric, value in found.get(ours, {}).items():
            beside = [(peer, found[peer][metric]) for peer in (PLAIN, NODE) if metric in found.get(peer, {})]
            made += [_row(case, metric, value, *one) for one in beside] or [_row(case, metric, value)]
    return made


def _row(case: str, metric: str, value: float, peer_name: str = "", peer: float | None = None) -> Row:
    unit = UNITS[metric.rpartition(", ")[2]]
    ratio = round(value / peer, 3) if peer and peer > 0 else None
    return Row(case, metric, unit, round(value, 2), None if peer is None else round(peer, 2), peer_name, ratio)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.live", description=__doc__.splitlines()[0])
    parser.add_argument("--case", nargs="+", choices=CASES, default=CASES)
    parser.add_argument("--sockets", type=int, nargs="+", default=[30, 300, MANY])
    parser.add_argument("--lines", nargs="+", choices=("plain", "tls"), default=("plain", "tls"))
    parser.add_argument("--servers", nargs="+", choices=SERVERS, default=SERVERS)
    parser.add_argument("--no-write", action="store_true", help="only print")
    chosen = parser.parse_args()
    is_whole = not chosen.no_write and parser.parse_args([]) == chosen
    with tempfile.TemporaryDirectory(prefix="hopso-bench-") as folder:
        certificate, everything = certificate_in(Path(folder)), list[Row]()
        for sockets, line in itertools.product(chosen.sockets, chosen.lines):
            wanted = Wanted(sockets, line == "tls", Path(folder), certificate)
            several = sockets >= MANY or len(chosen.sockets) == 1
            cases = [case for case in CASES if case in chosen.case and (several or case == "turn")]
            found = {name: measure(name, wanted, cases) for name in chosen.servers}
            fresh = rows(f"{sockets} sockets, {'TLS' if wanted.secure else 'plain'}", found)
            _show(fresh)
            everything += fresh
            if not chosen.no_write:
                _keep(everything, is_whole)


def _keep(fresh: list[Row], is_whole: bool) -> None:
    """Put the rows in the place of those of the same cases and metrics; those of a whole run in the place of all."""
    kept = RESULTS.exists() and not is_whole
    known = msgspec.json.decode(RESULTS.read_bytes(), type=list[Row]) if kept else []
    measured = {(row.case, row.metric, row.peer_name) for row in fresh}
    table = [row for row in known if (row.case, row.metric, row.peer_name) not in measured] + fresh
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(msgspec.to_builtins(table), indent=1, ensure_ascii=False) + "\n", "utf-8")


def _show(fresh: list[Row]) -> None:
    for row in fresh:
        peer = "–" if row.peer is None else f"{row.peer:.2f}"
        ratio = "–" if row.ratio is None else f"{row.ratio:.3f}"
        figures = f"{row.ours:10.2f} {peer:>10} {row.unit:3} {ratio:>7}"
        print(f"{row.case:38} {row.metric:26} {row.peer_name:18} {figures}", flush=True)


if __name__ == "__main__":
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    main()
