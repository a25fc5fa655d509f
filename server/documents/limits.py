"""How much a paper may be, and how large its page images are."""

from __future__ import annotations

import math

import msgspec

STANDARD_WIDTH = 1440
THUMBNAIL_WIDTH = 240
WIDTHS = (THUMBNAIL_WIDTH, 480, 960, STANDARD_WIDTH, 2160, 2880)
"""Widths in pixels in which a page may be asked for; immutable addresses need few of them."""

LARGEST_PAGE_PT = 14_400
"""200 inches: what PDF readers draw at most (ISO 32000-1, annex C)."""
LARGEST_IMAGE_PIXELS = 25_000_000
LARGEST_IMAGE_SIDE = 16_383
"""What WebP can hold."""

LARGEST_PACKAGE_ENTRIES = 10_000
LARGEST_PACKAGE_BYTES = 1 << 30
LARGEST_PACKAGE_RATIO = 200
"""How many times larger than the file its unpacked entries may be, once they exceed 100 MB."""


class PageSize(msgspec.Struct, frozen=True, array_like=True):
    """Width and height of a page as it is read (rotation applied), in PDF points (1/72 inch)."""

    width: float
    height: float


def scale_to(width: int, page: PageSize) -> float:
    """Pixels per point so that the page is `width` pixels wide, or less where the image would be too large."""
    by_pixels = math.sqrt(LARGEST_IMAGE_PIXELS / (page.width * page.height))
    by_side = LARGEST_IMAGE_SIDE / max(page.width, page.height)
    # A hair less than the limit, because the raster rounds outwards.
    return min(width / page.width, by_pixels * 0.999, by_side * 0.999)
