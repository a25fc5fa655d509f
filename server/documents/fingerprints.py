"""What a page looks like in 256 bits, so that scanned pages are known again in a newer version.

A difference hash: the page in 17 × 16 grey fields, and for each pair of neighbours which one is lighter. The noise of
another scan changes a few bits, other words change many. Works on our own page images only.
"""

from __future__ import annotations

from pathlib import Path

SIDE = 16


def fingerprint(image: Path) -> int:
    """The bits of a page's picture, row by row."""
    from PIL import Image  # heavy, and most pages have words

    with Image.open(image) as opened:
        grey = opened.convert("L").resize((SIDE + 1, SIDE), Image.Resampling.BOX)
    values = grey.tobytes()
    bits = 0
    for row in range(SIDE):
        for column in range(SIDE):
            at = row * (SIDE + 1) + column
            bits = bits << 1 | (values[at] < values[at + 1])
    return bits
