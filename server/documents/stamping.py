"""The viewer's name, unit and time burned into a confidential page, so that a photograph of it says whose it was.

Works on our own page images only; what strangers wrote is opened in the confined worker and nowhere else.
"""

from __future__ import annotations

import io
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import server

if TYPE_CHECKING:
    from PIL import Image

FONT = Path(server.__file__).parent / "fonts" / "LiberationSerif-Regular.ttf"
LONGEST_STAMP = 120
GREY = (110, 110, 110)
STRENGTH = 90
"""Of 255: letters stay readable below it, and it survives a photograph."""
SLANT = 28
ACROSS = 2
"""Stamps side by side on a page."""
PICTURE = {"quality": 80, "method": 1}


def stamped(page: Path, text: str) -> bytes:
    """The page image with the text all over it, as WebP."""
    from PIL import Image  # heavy, and most pages bear no stamp

    with Image.open(page) as opened:
        image = opened.convert("RGB")
    mark = _mark(text[:LONGEST_STAMP], image.width // ACROSS)
    mask = Image.new("L", image.size)
    for row, top in enumerate(range(0, image.height, mark.height)):
        for left in range(-(row % 2) * mark.width // 2, image.width, mark.width):
            mask.paste(mark, (left, top))
    image.paste(GREY, (0, 0), mask)
    target = io.BytesIO()
    image.save(target, "WEBP", **PICTURE)
    return target.getvalue()


@lru_cache(maxsize=64)
def _mark(text: str, width: int) -> Image.Image:
    """One slanted stamp of that width in pixels, as a mask."""
    from PIL import Image, ImageDraw, ImageFont

    size = max(6, width // 16)
    font = ImageFont.truetype(FONT, size)
    while font.getlength(text) > width and size > 4:
        size -= 1
        font = ImageFont.truetype(FONT, size)
    flat = Image.new("L", (width, size * 2))
    ImageDraw.Draw(flat).text((width / 2, size), text, fill=STRENGTH, font=font, anchor="mm")
    turned = flat.rotate(SLANT, Image.Resampling.BICUBIC, expand=True)
    return turned.resize((width, round(turned.height * width / turned.width)))
