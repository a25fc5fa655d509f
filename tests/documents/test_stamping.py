"""The reader's name in a confidential page: everywhere, readable, and the page beneath it too."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from server.documents.stamping import stamped

STAMP = "Nguyễn Thị Ngọc Ánh · Sở Tài chính · 08:30 15/10/2026"


def white(folder: Path, width: int, height: int) -> Path:
    target = folder / f"{width}.webp"
    Image.new("RGB", (width, height), "white").save(target, lossless=True)
    return target


@pytest.mark.parametrize(("width", "height"), [(240, 340), (1440, 2036), (1440, 1018)])
def test_every_quarter_of_the_page_bears_the_stamp_and_most_of_it_stays_white(
    tmp_path: Path, width: int, height: int
) -> None:
    with Image.open(io.BytesIO(stamped(white(tmp_path, width, height), STAMP))) as image:
        assert image.size == (width, height)
        grey = image.convert("L")
    for box in quarters(width, height):
        assert grey.crop(box).getextrema()[0] < 235
    histogram = grey.histogram()
    assert sum(histogram[245:]) / (width * height) > 0.8


def quarters(width: int, height: int) -> list[tuple[int, int, int, int]]:
    x, y = width // 2, height // 2
    return [(0, 0, x, y), (x, 0, width, y), (0, y, x, height), (x, y, width, height)]


def test_two_readers_see_different_stamps(tmp_path: Path) -> None:
    page = white(tmp_path, 960, 1358)
    one, other = (Image.open(io.BytesIO(stamped(page, name))).convert("RGB") for name in ("Lan", "Bình"))
    assert ImageChops.difference(one, other).getbbox() is not None
