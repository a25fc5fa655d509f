"""Results files: what is measured anew replaces what was kept of the same case, everything else stays."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

FOLDER = Path(__file__).parents[1] / "results"

Row = dict[str, Any]


def merged(kept: list[Row], rows: list[Row], known: Collection[str]) -> list[Row]:
    """Rows of cases that are measured no longer are left out."""
    measured = {one["case"] for one in rows}
    stays = [one for one in kept if one["case"] in known and one["case"] not in measured]
    order = {name: index for index, name in enumerate(known)}
    return sorted(stays + rows, key=lambda one: order[one["case"]])


def keep(file: str, rows: list[Row], known: Collection[str]) -> None:
    """Write them down beside what is there."""
    path = FOLDER / file
    path.parent.mkdir(exist_ok=True)
    before = json.loads(path.read_text("utf-8")) if path.exists() else []
    path.write_text(json.dumps(merged(before, rows, known), ensure_ascii=False, indent=2) + "\n", "utf-8")


def beside_aim(case: str, figures: dict[tuple[str, str], tuple[float | None, float | None]]) -> list[Row]:
    """(metric, unit) → (measured, the aim where there is one): there is no peer, the aim stands in its place."""
    return [
        {"case": case, "metric": metric, "unit": unit, "ours": ours, "peer": aim, "peer_name": "aim", "ratio": None}
        for (metric, unit), (ours, aim) in figures.items()
    ]


class Named(Protocol):
    """A case, by the name it has in the results file."""

    @property
    def name(self) -> str: ...


C = TypeVar("C", bound=Named)


def asking(bench: str, about: str) -> ArgumentParser:
    """What every bench of cases is asked on the command line."""
    parser = ArgumentParser(prog=f"python -m bench.media.{bench}", description=about.splitlines()[0])
    parser.add_argument("--only", default="", help="cases whose name contains this")
    parser.add_argument("--dry", action="store_true", help="do not write the results file")
    return parser


def measure(file: str, cases: Sequence[C], chosen: Namespace, run: Callable[[C], tuple[str, list[Row]]]) -> None:
    """Run the chosen cases one after the other; print what is said of each, and keep its rows."""
    for case in cases:
        if chosen.only in case.name:
            said, rows = run(case)
            print(said, flush=True)
            if not chosen.dry:
                keep(file, rows, [one.name for one in cases])
