"""`python -m bench.search`: how long a search over all papers takes in a house of so many pages.

The pages are made of all the syllables Vietnamese could have, few of them often and many seldom (Zipf), so that words
are as common as in papers; two of them follow each other by chance alone. `--pages`, and `--url` of an empty database.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import tempfile
import time
from collections.abc import Iterator
from itertools import accumulate, islice, product

from server.db import Database, metadata
from server.documents.papers import VersionId
from server.documents.search.query import excerpt, read
from server.documents.search.store import WordStore
from server.documents.store import paper_versions, papers

WORDS_A_PAGE, PAGES_A_PAPER = 420, 40
ONSETS = (*"bcdđghklmnprstvx", "ch", "gh", "gi", "kh", "ng", "nh", "ph", "qu", "th", "tr")
VOWELS = "aàáảãạăắâầấeéêềếiíìoóòôốồộơớờuúùưứừựyý"
CODAS = ["", "c", "m", "n", "ng", "nh", "p", "t", "i", "o"]
ROUNDS = 3


def syllables() -> list[str]:
    """All of them, in an order that is the same each time."""
    made = ["".join(parts) for parts in product(ONSETS, VOWELS, CODAS)]
    random.Random(1).shuffle(made)
    return made


def pages(said: list[str]) -> Iterator[str]:
    """Pages without end."""
    chance, weights = random.Random(2), list(accumulate(1 / (rank + 2) for rank in range(len(said))))
    while True:
        yield " ".join(chance.choices(said, cum_weights=weights, k=WORDS_A_PAGE))


async def fill(db: Database, store: WordStore, count: int, said: list[str]) -> None:
    """So many pages, in papers of forty."""
    source = pages(said)
    for number in range(count // PAGES_A_PAPER):
        version, paper = VersionId(f"{number:064x}"), f"{number:026}"
        held = {"paper": paper, "number": 1, "at": number, "by": "", "kind": "pdf", "octets": 0, "sizes": "[]"}
        about = {"shelf": f"{number // 10}", "name": "", "by": "", "at": number, "state": "ready", "code": ""}
        async with db.writing() as connection:
            row = {"id": paper, **about, "details": "{}", "version": version, "incoming": "", "incoming_by": ""}
            await connection.execute(papers.insert().values(row))
            kept = {"id": version, **held, "pages": PAGES_A_PAPER, "rendered": PAGES_A_PAPER, "original": ""}
            await connection.execute(paper_versions.insert().values(kept))
        await store.keep(version, list(enumerate(islice(source, PAGES_A_PAPER), 1)))


async def ask(store: WordStore, words: str) -> None:
    """Once cold, then warm: all matching versions, and the excerpts of ten of them."""
    query, spent = read(words), []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        found = await store.matching(query)
        matched = time.perf_counter()
        for one in found[-10:]:
            for _, text in await store.pages(one.version, query, (0, 3)):
                excerpt(text, query)
        spent.append((matched - began, time.perf_counter() - matched))
    told = " ".join(f"{1000 * first:.0f}+{1000 * second:.0f}" for first, second in spent)
    print(f"{words!r}: {sum(one.pages for one in found)} pages in {len(found)} papers, ms: {told}", flush=True)


async def main(count: int, url: str) -> None:
    """Fill, then ask for common and rare words, alone and together."""
    said = syllables()
    with tempfile.TemporaryDirectory() as folder:
        db = Database(url or f"sqlite+aiosqlite:///{folder}/words.db")
        async with db.engine.begin() as connection:
            await connection.run_sync(metadata.create_all)
        store, began = WordStore(db), time.perf_counter()
        await fill(db, store, count, said)
        print(f"{count} pages kept in {time.perf_counter() - began:.0f} s")
        async with db.writing() as connection:
            await connection.exec_driver_sql("ANALYZE")
        common, other, third, rare = said[0], said[1], said[2], said[8000]
        for words in (common, f'"{common} {other}"', f"{common} {other} {third}", f"{common} {rare}", rare):
            await ask(store, words)
        await db.close()


if __name__ == "__main__":
    given = argparse.ArgumentParser()
    given.add_argument("--pages", type=int, default=200_000)
    given.add_argument("--url", default="")
    chosen = given.parse_args()
    asyncio.run(main(chosen.pages, chosen.url))
