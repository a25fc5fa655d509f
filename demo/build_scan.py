"""A letter as it comes off a scanner: pages that are only pictures, a little askew, grey and grainy.

The noise comes from a fixed seed, so the same source gives the same bytes.
"""

from __future__ import annotations

import io
import random
import time

import pymupdf
from PIL import Image, ImageChops, ImageFilter

from demo.build_pdf import pdf
from demo.paper import Paper

DPI = 200
TILT_DEGREES = 0.7
PAPER = (244, 242, 236)
SEED = 412
DAY = time.struct_time((2026, 11, 8, 9, 30, 0, 6, 312, 0))


def scan(paper: Paper) -> bytes:
    """Set, sign and stamp `paper`, and photograph it: a PDF of images at 200 dpi without a text layer."""
    agency = " ".join(paper.about.head.agency) if paper.about.head else ""
    with pymupdf.open(stream=pdf(paper, seal=agency), filetype="pdf") as document:
        pages = [_photograph(page.get_pixmap(dpi=DPI), SEED + number) for number, page in enumerate(document)]
    held = io.BytesIO()
    pages[0].save(
        held,
        "PDF",
        save_all=True,
        append_images=pages[1:],
        resolution=DPI,
        quality=58,
        title=paper.about.title,
        creationDate=DAY,
        modDate=DAY,
    )
    return held.getvalue()


def _photograph(sheet: pymupdf.Pixmap, seed: int) -> Image.Image:
    clean = Image.frombytes("RGB", (sheet.width, sheet.height), sheet.samples)
    tilted = clean.rotate(TILT_DEGREES, Image.Resampling.BICUBIC, fillcolor=(255, 255, 255))
    soft = tilted.filter(ImageFilter.GaussianBlur(0.7))
    yellowed = ImageChops.multiply(soft, Image.new("RGB", soft.size, PAPER))
    return ImageChops.multiply(ImageChops.multiply(yellowed, _grain(soft.size, seed)), _shade(soft.size))


def _grain(size: tuple[int, int], seed: int) -> Image.Image:
    """Fine specks between white and a light grey."""
    small = (size[0] // 2, size[1] // 2)
    noise = Image.frombytes("L", small, random.Random(seed).randbytes(small[0] * small[1]))
    light = noise.resize(size, Image.Resampling.BILINEAR).point(lambda level: 238 + level * 17 // 255)
    return light.convert("RGB")


def _shade(size: tuple[int, int]) -> Image.Image:
    """The lamp is weaker towards the left edge, where the lid does not close."""
    slope = Image.linear_gradient("L").rotate(90).resize(size)
    return slope.point(lambda level: min(255, 226 + level * 45 // 255)).convert("RGB")
