"""The canonical form, held to the same golden cases as `web/src/core/canonical.ts`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from server.canonical import Digests, canonical, digest

GOLDEN = json.loads(Path("tests/golden/canonical.json").read_text("utf-8"))


@pytest.mark.parametrize("case", GOLDEN["cases"], ids=lambda case: case["name"])
def test_the_canonical_form_and_its_digest_are_the_golden_ones(case: dict[str, Any]) -> None:
    assert canonical(case["value"]).decode() == case["canonical"]
    assert digest(case["value"]) == case["sha256"]


@pytest.mark.parametrize("value", GOLDEN["refused"], ids=str)
def test_fractions_have_no_canonical_form(value: Any) -> None:
    with pytest.raises(TypeError):
        canonical(value)


def test_a_struct_is_written_like_the_map_of_its_fields() -> None:
    class Seat(msgspec.Struct):
        row: int
        name: str

    assert canonical(Seat(1, "Ghế")) == canonical({"name": "Ghế", "row": 1})


@pytest.mark.parametrize("hidden", [{"a": [{"b": (1, 0.5)}]}, [[[1.0]]], {"a": {"b": 2**53}}, (1, [-(2**53)])])
def test_what_has_no_canonical_form_is_found_however_deep_it_lies(hidden: object) -> None:
    with pytest.raises(TypeError):
        canonical(hidden)


def test_a_digest_made_part_by_part_is_that_of_the_whole() -> None:
    class Hall(msgspec.Struct, frozen=True):
        seats: dict[str, int]
        name: str
        full: bool = False

    digests, hall = Digests(), Hall({"A": 1}, "Hội trường")
    changed = (hall, msgspec.structs.replace(hall, full=True), Hall({"A": 2}, "Phòng số 1"), hall)
    assert [digests.of(one) for one in changed] == [digest(one) for one in changed]
    with pytest.raises(TypeError):
        digests.of(msgspec.structs.replace(hall, seats={"A": 0.5}))
