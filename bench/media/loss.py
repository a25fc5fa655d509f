"""`python -m bench.media.loss`: what is heard and seen over bad lines, the same every time; `bench/results/loss.json`.

One site speaks, one screen listens; the line of one of them is bad in both directions for a while and then heals. There
is no peer here: the aims are absolute, and stand beside the figures. `--only` chooses cases; the rows of the others
stay as they are.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import NamedTuple

from bench.media import figures, heldtime
from bench.media.badline import BadPeer, Studio, Viewer, now_ms, offer_camera, offer_screen
from bench.media.client import Peers
from bench.media.heldtime import Indoors
from bench.media.link import CLEAR, Line, Link
from server.media.control import Gone

RESULTS = "loss.json"
SEED = 20_261_122
WARM_S = 2.0
HEALED_S = 2.0
PICTURE_BACK_MS = 1_000


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
    ("5 % overtaken", Line(reorder=0.05), 0.99),
    ("5 % doubled", Line(duplicate=0.05), 0.99),
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
    Case("256 kbit/s, viewer's line", Line(bits_per_second=256_000), 0.0),
    Case("256 kbit/s, speaker's line", Line(bits_per_second=256_000), 0.0, "speaker"),
)


class Found(NamedTuple):
    """Shares from 0 to 1 of what was sent while the line was bad; `recovery_ms` from its healing to a picture; how many
    were sent away or heard nothing any more."""

    heard: float
    seen: float
    recovery_ms: float
    dropped: int


def run(case: Case, seconds: float, seed: int = SEED) -> Found:
    """Join over a clear line, make it bad for `seconds`, heal it; in held time."""
    return heldtime.run(partial(_run, case, seconds, seed))


async def _run(case: Case, seconds: float, seed: int) -> Found:
    indoors, peers = Indoors(seed), Peers()
    tasks: list[asyncio.Task[None]] = []
    try:
        speaker, viewer = BadPeer(peers, indoors.wire), BadPeer(peers, indoors.wire)
        peers.start()
        answer = indoors.open("0", "up", offer_camera(speaker)).body
        await speaker.connect(answer)
        studio, screen = Studio(speaker, answer), Viewer(viewer)
        tasks.append(asyncio.create_task(studio.run()))
        await viewer.connect(indoors.open("1", "down", offer_screen(viewer)).body)
        tasks.append(asyncio.create_task(screen.run()))
        await asyncio.sleep(WARM_S)
        found = await _suffer(case, studio, screen, seconds, seed)
        # Those who ended the run are still there: whoever is gone was dropped.
        gone = len({one.endpoint for one in indoors.told if isinstance(one, Gone)})
        return found._replace(dropped=max(found.dropped, gone))
    finally:
        for task in tasks:
            task.cancel()
        await peers.close()
        await indoors.close()


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
        int(len(screen.voices.arrived) - before < HEALED_S * 50 * 0.9),
    )


def rows_of(case: Case, found: Found) -> list[figures.Row]:
    """The lines of the results file."""
    recovery = round(found.recovery_ms) if found.recovery_ms < 1e9 else None
    return figures.beside_aim(
        case.name,
        {
            ("voices played", "share"): (round(found.heard, 4), case.heard or None),
            ("pictures shown", "share"): (round(found.seen, 3), None),
            ("picture back", "ms"): (recovery, PICTURE_BACK_MS),
            ("dropped", "people"): (found.dropped, 0),
        },
    )


def said(case: Case, found: Found) -> str:
    """The same for people."""
    kept = found.heard >= case.heard and found.recovery_ms <= PICTURE_BACK_MS and not found.dropped
    shares = f"{found.heard:7.2%} {case.heard:6.0%} {found.seen:6.1%}"
    return f"{case.name:48} {shares} {found.recovery_ms:10.0f} ms {found.dropped:7}{'' if kept else '  aim missed'}"


def main() -> None:
    parser = figures.asking("loss", __doc__)
    parser.add_argument("--seconds", type=float, default=30.0, help="how long each line is bad")
    chosen = parser.parse_args()

    def measured(case: Case) -> tuple[str, list[figures.Row]]:
        found = run(case, chosen.seconds)
        return said(case, found), rows_of(case, found)

    print(f"{'case':48} {'heard':>7} {'aim':>6} {'seen':>6} {'picture back':>13} {'dropped':>7}")
    figures.measure(RESULTS, CASES, chosen, measured)


if __name__ == "__main__":
    main()
