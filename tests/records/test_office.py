"""The DOCX as LibreOffice lays it out: the same pages, in the same places, as the PDF we make ourselves."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pymupdf
import pytest

from server.records.forms import bien_ban
from server.records.forms.typesetter import FONTS
from tests.records.example import at
from tests.records.test_bien_ban import LONG, MM, NAMES, SHORT, line_with

pytestmark = pytest.mark.slow

FONT_SETTINGS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{fonts}</dir><cachedir>{cache}</cachedir>
<include ignore_missing="yes">/etc/fonts/conf.d</include></fontconfig>"""


def laid_out(docx: bytes, folder: Path, soffice: Path) -> pymupdf.Document:
    (folder / "bien-ban.docx").write_bytes(docx)
    settings = folder / "fonts.conf"
    settings.write_text(FONT_SETTINGS.format(fonts=FONTS, cache=folder / "fonts"), "utf-8")
    subprocess.run(
        [soffice, f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", "pdf",
         "--outdir", folder, folder / "bien-ban.docx"],
        check=True, timeout=100, capture_output=True, env=os.environ | {"FONTCONFIG_FILE": str(settings)},
    )  # fmt: skip
    return pymupdf.open(str(folder / "bien-ban.pdf"))


@pytest.mark.parametrize("name", ["short", "long", "names"])
def test_the_docx_and_the_pdf_look_alike(name: str, tmp_path: Path, soffice_path: Path) -> None:
    sheet = {"short": SHORT, "long": LONG, "names": NAMES}[name]
    office = laid_out(bien_ban.docx(sheet), tmp_path, soffice_path)
    ours = pymupdf.open(stream=bien_ban.pdf(sheet, at(12, 0)))
    assert abs(len(office) - len(ours)) <= max(1, len(ours) // 20)
    for words, page in (("CỘNG HÒA", 0), ("Độc lập", 0), ("Số:", 0), ("BIÊN BẢN", 0), ("THƯ KÝ", -1), ("CHỦ TỌA", -1)):
        theirs, mine = line_with(office[page], words)[1], line_with(ours[page], words)[1]
        assert (theirs.x0 + theirs.x1) / 2 == pytest.approx((mine.x0 + mine.x1) / 2, abs=3 * MM), words
        if page == 0:
            assert theirs.y0 == pytest.approx(mine.y0, abs=4 * MM), words
    copies, secretary = line_with(office[-1], "Nơi nhận:")[1], line_with(office[-1], "THƯ KÝ")[1]
    assert copies.x0 == pytest.approx(30 * MM, abs=2)
    assert copies.y0 > secretary.y1
    assert "./." in office[-1].get_text()
    first_body = line_with(office[0], "Thời gian bắt đầu")[1]
    assert first_body.x0 == pytest.approx(40 * MM, abs=1)
