"""`python -m bench.media.loss`: what is heard and seen over bad lines, the same every time; `bench/results/loss.json`.

One site speaks, one screen listens; the line of one of them is bad in both directions for a while and then heals. There
is no peer here: the aims are absolute, and stand beside the figures.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from pathlib import Path
from typing import NamedTuple

from bench.media.badline import BadPeer, Studio, Viewer, now_ms, offer_camera, offer_screen
from bench.media.client import HOST, Peers
from bench.media.link import CLEAR, Line, Link
from bench.media.ours import ALL, Ours

RESULTS = Path(__file__).parents[1] / "results" / "loss.json"
SEED = 20_261_122
WARM_S = 3.0
HEALED_S = 4.0


class Case(NamedTuple):
    """A line, whose it is (`viewer` or `speaker`), and the share of voices that should be played."""

    name: str
    line: Line
    heard: float
    whose: str = "viewer"
    seconds: float = 0.0
    """How long it is bad, where that is not for all cases to say."""


LINES = (
    ("5 % lost", Line(loss=0.05), 0.99),
    ("10 % lost", Line(loss=0.10), 0.98),
    ("20 % lost", Line(loss=0.20), 0.94),
    ("30 % lost", Line(loss=0.30), 0.0),
    ("all lost for 200 ms, every 2 s", Line(burst_ms=200, burst_every_ms=2_000), 0.88),
    ("5 % overtaken, 5 % doubled", Line(reorder=0.05, duplicate=0.05), 0.99),
    ("300 ± 100 ms", Line(delay_ms=300, jitter_ms=100), 0.98),
)
CASES = (
    *(
        Case(f"{name}, {whose}'s line", line, heard, whose)
        for name, line, heard in LINES
        for whose in ("viewer", "speaker")
    ),
    *(
        Case(f"30 % lost for a minute, {whose}'s line", Line(loss=0.30), 0.0, whose, 60.0)
        for whose in ("viewer", "speaker")
    ),
    # A browser that sends narrows its own picture; what this scripted one cannot is not asked of it.
    Case("256 kbit/s, viewer's line", Line(bits_per_second=256_000), 0.0),
)


class Found(NamedTuple):
    """Shares from 0 to 1 of what was sent while the line was bad; `recovery_ms` from its healing to a picture."""

    heard: float
    seen: float
    recovery_ms: float
    dropped: bool


async def run(case: Case, seconds: float, seed: int = SEED) -> Found:
    """Join over a clear line, make it bad for `seconds`, heal it."""
    server, peers, tasks = Ours(), Peers(HOST), []
    await server.start(1, 1)
    try:
        speaker, viewer = BadPeer(peers), BadPeer(peers)
        peers.start()
        answer = await server.web.open("bench", "0", ("up", "camera"), ALL, offer_camera(speaker))
        await speaker.connect(answer.body)
        studio, screen = Studio(speaker, answer.body), Viewer(viewer)
        tasks.append(asyncio.create_task(studio.run()))
        answer = await server.web.open("bench", "1", ("down", "camera"), ALL, offer_screen(viewer))
        await viewer.connect(answer.body)
        tasks.append(asyncio.create_task(screen.run()))
        await asyncio.sleep(WARM_S)
        return await _suffer(case, studio, screen, seconds, seed)
    finally:
        for task in tasks:
            task.cancel()
        await peers.close()
        await server.stop()


async def _suffer(case: Case, studio: Studio, screen: Viewer, seconds: float, seed: int) -> Found:
    bad = studio.peer if case.whose == "speaker" else screen.peer
    assert isinstance(bad, BadPeer)
    voice, picture = studio.sound + 1, studio.frame + 1
    bad.up, bad.down = Link(case.line, seed), Link(case.line, seed + 1)
    await asyncio.sleep(case.seconds or seconds)
    heard_to, seen_to = studio.sound, studio.frame
    bad.up, bad.down = Link(CLEAR, 0), Link(CLEAR, 0)
    healed, before = now_ms(), len(screen.voices.arrived)
    await asyncio.sleep(HEALED_S)
    shown = screen.pictures.shown
    after = next((at for at, frame in shown if at >= healed and frame > seen_to), None)
    seen = len({frame for _, frame in shown if picture <= frame <= seen_to})
    return Found(
        screen.voices.played(studio.sent, voice, heard_to, case.line.jitter_ms),
        seen / (seen_to - picture + 1),
        after - healed if after is not None else float("inf"),
        len(screen.voices.arrived) - before < HEALED_S * 50 * 0.9,
    )


def rows_of(case: Case, found: Found) -> list[dict[str, object]]:
    """The lines of the results file; where there is an aim it stands beside, as the peer."""
    recovery = round(found.recovery_ms) if found.recovery_ms < 1e9 else None
    heard: dict[str, object] = {"metric": "voices played", "unit": "share", "ours": round(found.heard, 4)}
    seen: dict[str, object] = {"metric": "pictures shown", "unit": "share", "ours": round(found.seen, 3)}
    back: dict[str, object] = {"metric": "picture back", "unit": "ms", "ours": recovery}
    aims = {"voices played": case.heard or None, "picture back": 1_000, "dropped": 0}
    stayed: dict[str, object] = {"metric": "dropped", "unit": "people", "ours": int(found.dropped)}
    beside = [{**one, "peer": aims.get(str(one["metric"])), "peer_name": "aim"} for one in (heard, seen, back, stayed)]
    return [{"case": case.name, **one, "ratio": None} for one in beside]


def said(case: Case, found: Found) -> str:
    """The same for people."""
    gone = "  nothing came any more" if found.dropped else ""
    shares = f"{found.heard:7.2%} {case.heard:6.0%} {found.seen:6.1%}"
    return f"{case.name:48} {shares} {found.recovery_ms:10.0f} ms{gone}"


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=15.0, help="how long each line is bad")
    parser.add_argument("--only", default="", help="cases whose name contains this")
    parser.add_argument("--dry", action="store_true", help="do not write the results file")
    chosen = parser.parse_args()
    rows: list[dict[str, object]] = []
    print(f"{'case':48} {'heard':>7} {'aim':>6} {'seen':>6} {'picture back':>13}")
    for case in CASES:
        if chosen.only in case.name:
            found = await run(case, chosen.seconds)
            rows += rows_of(case, found)
            print(said(case, found))
    if not chosen.dry and not chosen.only:
        RESULTS.write_text(json.dumps(rows, ensure_ascii=False, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    asyncio.run(main())
