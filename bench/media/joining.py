"""`python -m bench.media.joining`: how soon somebody who comes over a bad line hears and sees, or is heard and seen;
`bench/results/joining.json`.

In held time, as `bench.media.loss`: the line of one of the two is bad in both directions from the first check on, and
stays so. From the answer to the offer until the first voice and the first whole picture of the other one; what HTTP
takes before that is not in it. Each case several times with another chance: the median and the worst of them are kept.
"""

from __future__ import annotations

import asyncio
import statistics
from functools import partial
from typing import NamedTuple

from bench.media import figures, heldtime
from bench.media.badline import BadPeer, Studio, Viewer, now_ms, offer_camera, offer_screen
from bench.media.client import Peers
from bench.media.heldtime import Indoors
from bench.media.link import CLEAR, Line, Link
from server.media.control import Direction

RESULTS = "joining.json"
SEED = 20_261_122
TIMES = 20
LIMIT_MS = 20_000.0
"""Who neither hears nor sees after this long never will."""
NEVER = float("inf")


class Case(NamedTuple):
    """A line, and whose it is: `viewer` or `speaker`. The aims are in ms, for the worst of all runs."""

    name: str
    line: Line
    whose: str
    heard_ms: float
    seen_ms: float


LINES = (
    ("clear", CLEAR, 500, 700),
    ("10 % lost", Line(loss=0.10), 1_000, 1_500),
    ("20 % lost", Line(loss=0.20), 3_000, 3_000),
    ("30 % lost", Line(loss=0.30), 3_000, 4_000),
    ("300 ± 100 ms", Line(delay_ms=300, jitter_ms=100), 3_000, 4_000),
    ("256 kbit/s", Line(bits_per_second=256_000), 1_000, 4_000),
)
CASES = tuple(
    Case(f"{name}, {whose} joins", line, whose, heard, seen)
    for name, line, heard, seen in LINES
    for whose in ("viewer", "speaker")
)


class Found(NamedTuple):
    """Milliseconds from the answer until the keys, the first voice, the first picture; NEVER where it did not come."""

    keys: float
    heard: float
    seen: float


def run(case: Case, seed: int = SEED) -> Found:
    """Let one of them come while the other is there; in held time."""
    return heldtime.run(partial(_run, case, seed))


class Scene:
    """The house, and whoever is there."""

    def __init__(self, seed: int) -> None:
        self.indoors, self.peers = Indoors(seed), Peers()
        self.tasks: list[asyncio.Task[None]] = []

    async def come(self, site: str, direction: Direction, links: tuple[Link, Link] | None = None) -> Studio | Viewer:
        """One more peer, over these links from its first check on."""
        peer = BadPeer(self.peers, self.indoors.wire)
        self.peers.start()
        answer = self.indoors.open(site, direction, (offer_camera if direction == "up" else offer_screen)(peer)).body
        if links is not None:
            peer.up, peer.down = links
        await peer.connect(answer, limit_s=LIMIT_MS / 1000)
        other = Studio(peer, answer) if direction == "up" else Viewer(peer)
        self.tasks.append(asyncio.create_task(other.run()))
        return other

    async def close(self) -> None:
        """End everything."""
        for task in self.tasks:
            task.cancel()
        await self.peers.close()
        await self.indoors.close()


async def _run(case: Case, seed: int) -> Found:
    scene, links = Scene(seed), (Link(case.line, seed), Link(case.line, seed + 1))
    speaks = case.whose == "speaker"
    try:
        there = await scene.come("1", "down") if speaks else await scene.come("0", "up")
        await asyncio.sleep(1.0)
        began = now_ms()
        came = await scene.come("0", "up", links) if speaks else await scene.come("1", "down", links)
        keys = now_ms() - began
        viewer = there if speaks else came
        assert isinstance(viewer, Viewer)
        while now_ms() - began < LIMIT_MS and not (viewer.voices.arrived and viewer.pictures.shown):
            await asyncio.sleep(0.01)
        heard = min(viewer.voices.arrived.values(), default=NEVER) - began
        return Found(keys, heard, (viewer.pictures.shown[0][0] if viewer.pictures.shown else NEVER) - began)
    except (TimeoutError, ConnectionError):
        return Found(NEVER, NEVER, NEVER)
    finally:
        await scene.close()


def several(case: Case, times: int) -> list[Found]:
    """The same case with another chance each time."""
    return [run(case, SEED + 10 * number) for number in range(times)]


def rows_of(case: Case, found: list[Found]) -> list[figures.Row]:
    """The lines of the results file."""
    rows: dict[tuple[str, str], tuple[float | None, float | None]] = {}
    for name, values, aim in (
        ("keys", [one.keys for one in found], None),
        ("heard", [one.heard for one in found], case.heard_ms),
        ("seen", [one.seen for one in found], case.seen_ms),
    ):
        rows[f"{name}, median", "ms"] = (_kept(statistics.median(values)), None)
        rows[f"{name}, worst", "ms"] = (_kept(max(values)), aim)
    return figures.beside_aim(case.name, rows)


def _kept(milliseconds: float) -> float | None:
    return round(milliseconds) if milliseconds < NEVER else None


def said(case: Case, found: list[Found]) -> str:
    """The same for people."""
    columns = ((one.keys for one in found), (one.heard for one in found), (one.seen for one in found))
    texts = [f"{statistics.median(one):6.0f} {max(one):6.0f}" for one in map(list, columns)]
    kept = all(one.heard <= case.heard_ms and one.seen <= case.seen_ms for one in found)
    return f"{case.name:32} {'   '.join(texts)}{'' if kept else '  aim missed'}"


def main() -> None:
    parser = figures.asking("joining", __doc__)
    parser.add_argument("--times", type=int, default=TIMES, help="how often each case is run")
    chosen = parser.parse_args()

    def measured(case: Case) -> tuple[str, list[figures.Row]]:
        found = several(case, chosen.times)
        return said(case, found), rows_of(case, found)

    print(f"{'case (median and worst, ms)':32} {'keys':>13}   {'heard':>13}   {'seen':>13}")
    figures.measure(RESULTS, CASES, chosen, measured)


if __name__ == "__main__":
    main()
