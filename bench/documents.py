"""How much a page costs: our raster beside `mutool draw`, the same pages at the same width, encoding apart.

`python -m bench.documents [rounds]` writes `bench/results/documents.json`. Ours is what the confined worker
does for a page before encoding; both are measured in CPU time (user + system), in turns, and the median of
the rounds counts. The worker lives as long as its paper is read, so its start is measured on its own.
"""

from __future__ import annotations

import asyncio
import io
import json
import math
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pymupdf
from PIL import Image

from server.blobs import LocalBlobs
from server.clock import SystemClock
from server.config import DocumentSettings
from server.db import Database, metadata
from server.documents.papers import Paper
from server.documents.sandbox import Limits, environment, policy_for
from server.documents.service import Papers

PAGES = 40
WIDTHS = (240, 1440, 2880)
RESULTS = Path("bench/results/documents.json")
OURS = """
import json, resource, sys
from pathlib import Path
import msgspec
from server.documents.confine import Policy, confine
from server.documents.worker import Worker
confine(msgspec.json.decode(sys.argv[1], type=Policy))
import pymupdf, PIL.Image
def spent():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
started = spent()
worker = Worker(Path(sys.argv[2]))
pixels = 0
for page in range(1, int(sys.argv[3]) + 1):
    drawn = worker.raster(page, int(sys.argv[4]))
    pixels += drawn.width * drawn.height
drawn = spent()
worker.render(1, [int(sys.argv[4])])
print(json.dumps({"start": started, "raster": drawn - started, "pixels": pixels}))
"""


class Result(msgspec.Struct):
    """One line of the results."""

    case: str
    metric: str
    unit: str
    ours: float
    peer: float | None = None
    peer_name: str = ""
    ratio: float | None = None


def paper(folder: Path) -> Path:
    """A report of 40 pages: text, tables, a chart of lines, a photograph on every fifth page."""
    document = pymupdf.open()
    photograph = photo()
    for number in range(1, PAGES + 1):
        page = document.new_page(width=595, height=842)
        page.insert_text((72, 60), f"BAO CAO TINH HINH KINH TE - XA HOI, trang {number}", fontsize=14, fontname="tibo")
        for line in range(24):
            words = f"{number}.{line} Uy ban nhan dan tinh chi dao quyet liet cac nhiem vu trong tam quy IV nam 2026."
            page.insert_text((72, 90 + 14 * line), words, fontsize=11, fontname="tiro")
        table(page, number)
        if number % 5 == 0:
            page.insert_image(pymupdf.Rect(340, 440, 540, 590), stream=photograph)
        else:
            chart(page, number)
    target = folder / "paper.pdf"
    document.save(target, deflate=True)
    return target


def table(page: pymupdf.Page, seed: int) -> None:
    """Ten rows of five numbers with their rules."""
    for row in range(11):
        page.draw_line((72, 610 + 18 * row), (522, 610 + 18 * row), width=0.5)
        for column in range(5 if row < 10 else 0):
            number = f"{(seed * 7919 + row * 104729 + column * 1299709) % 100000 / 10:.1f}"
            page.insert_text((80 + 90 * column, 623 + 18 * row), number, fontsize=10, fontname="helv")
    for column in range(6):
        page.draw_line((72 + 90 * column, 610), (72 + 90 * column, 790), width=0.5)


def chart(page: pymupdf.Page, seed: int) -> None:
    """Four curves of 200 points."""
    for curve in range(4):
        points = [(72 + x * 2.2, 510 + 45 * math.sin(x / (9 + curve) + seed + curve)) for x in range(200)]
        page.draw_polyline(points, color=(curve / 4, 0.3, 1 - curve / 4), width=1)


def photo() -> bytes:
    """1200 × 900 pixels that do not compress to nothing."""
    image = Image.effect_noise((1200, 900), 60).convert("RGB")
    target = io.BytesIO()
    image.save(target, "JPEG", quality=85)
    return target.getvalue()


def ours(file: Path, folder: Path, width: int) -> dict[str, float]:
    """CPU seconds of our confined raster."""
    policy = msgspec.json.encode(policy_for(folder, str(file), Limits(1024, 600))).decode()
    command = [sys.executable, "-s", "-c", OURS, policy, str(file), str(PAGES), str(width)]
    said = subprocess.run(command, cwd=folder, env=environment(folder), capture_output=True, check=True).stdout
    found: dict[str, float] = json.loads(said)
    return found


def peers(file: Path, width: int) -> float:
    """CPU seconds of `mutool draw` without an output file: it draws every page and encodes none."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = ["mutool", "draw", "-q", "-w", str(width), str(file)]
    subprocess.run(command, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measured(file: Path, folder: Path, rounds: int) -> list[Result]:
    """Every width in turns, so that what else the machine does hits both alike."""
    version = subprocess.run(["mutool", "-v"], capture_output=True, text=True, check=False)
    name = (version.stderr or version.stdout).strip().replace("mutool version", "mutool draw")
    results = []
    for width in WIDTHS:
        pairs = []
        for turn in range(rounds + 1):
            pair = (ours(file, folder, width), peers(file, width))
            if turn:  # the first one warms the caches
                pairs.append(pair)
        we = statistics.median(mine["raster"] for mine, _ in pairs) / PAGES * 1000
        they = statistics.median(theirs for _, theirs in pairs) / PAGES * 1000
        case = f"page raster, {width} px wide, {PAGES} pages"
        results.append(Result(case, "cpu per page", "ms", round(we, 3), round(they, 3), name, round(we / they, 3)))
    start = statistics.median(mine["start"] for mine, _ in pairs) * 1000
    results.append(Result("worker start", "cpu", "ms", round(start, 1)))
    return results


def whole(file: Path, folder: Path) -> Result:
    """Wall time per page from the open paper to its WebP in two widths."""
    from server.documents.worker import Worker

    os.chdir(folder)
    worker = Worker(file)
    worker.render(1, [1440, 240])
    started = time.perf_counter()
    for page in range(1, PAGES + 1):
        worker.render(page, [1440, 240])
    spent = (time.perf_counter() - started) / PAGES * 1000
    return Result("page to WebP, 1440 px and 240 px, encoding included", "wall per page", "ms", round(spent, 2))


async def first_page(folder: Path) -> list[Result]:
    """Wall time from the last byte of a 100-page paper to its first page at its address, and to the last page."""
    document = pymupdf.open(folder / "paper.pdf")
    while document.page_count < 100:
        document.insert_pdf(pymupdf.open(folder / "paper.pdf"), to_page=min(PAGES, 100 - document.page_count) - 1)
    content = document.tobytes()
    db = Database(f"sqlite+aiosqlite:///{folder}/bench.db")
    async with db.engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    settings = DocumentSettings(pages_folder=folder / "pages", work_folder=folder / "work")
    shown: list[float] = []
    papers = Papers(db, LocalBlobs(folder / "blobs"), SystemClock(), settings, lambda each: shown.append(noted(each)))

    async def chunks() -> AsyncIterator[bytes]:
        yield content

    started = time.perf_counter()
    await papers.receive("bench", "bench", "paper.pdf", chunks())
    await papers.settled()
    await papers.close()
    await db.close()
    first = min(moment for moment in shown if moment) - started
    every = max(shown) - started  # each page is told of; their words come after the last of them
    return [
        Result("paper of 100 pages, first page at its address", "wall", "ms", round(first * 1000, 1)),
        Result("paper of 100 pages, every page at its address", "wall", "s", round(every, 2)),
    ]


def noted(paper: Paper) -> float:
    """When a paper was seen ready; 0 before."""
    return time.perf_counter() if paper.version is not None else 0.0


def main() -> None:
    """Measure, print, write."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    here = Path.cwd()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made).resolve()
        file = paper(folder)
        results = [*measured(file, folder, max(5, rounds)), whole(file, folder)]
        results += asyncio.run(first_page(folder))
        os.chdir(here)
    for each in results:
        beside = f"  beside {each.peer} ({each.peer_name}): {each.ratio}" if each.ratio is not None else ""
        print(f"{each.case}: {each.ours} {each.unit} {each.metric}{beside}")
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_bytes(msgspec.json.format(msgspec.json.encode(results), indent=2) + b"\n")


if __name__ == "__main__":
    main()
