"""Vietnamese set in fonts from before Unicode is read as Unicode, by the names of the fonts."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

import pytest

from server.documents.legacy import as_unicode, boxed_words, code_of, repaired
from tests.documents.house import Room

TCVN3 = {
    **dict(zip(range(0xA1, 0xA8), "ĂÂÊÔƠƯĐ", strict=True)),
    **dict(zip(range(0xA8, 0xAF), "ăâêôơưđ", strict=True)),
    **{0xB5: "à", 0xB6: "ả", 0xB7: "ã", 0xB8: "á", 0xB9: "ạ", 0xBB: "ằ", 0xBC: "ẳ", 0xBD: "ẵ", 0xBE: "ắ", 0xC6: "ặ"},
    **{0xC7: "ầ", 0xC8: "ẩ", 0xC9: "ẫ", 0xCA: "ấ", 0xCB: "ậ", 0xCC: "è", 0xCE: "ẻ", 0xCF: "ẽ", 0xD0: "é", 0xD1: "ẹ"},
    **{0xD2: "ề", 0xD3: "ể", 0xD4: "ễ", 0xD5: "ế", 0xD6: "ệ", 0xD7: "ì", 0xD8: "ỉ", 0xDC: "ĩ", 0xDD: "í", 0xDE: "ị"},
    **{0xDF: "ò", 0xE1: "ỏ", 0xE2: "õ", 0xE3: "ó", 0xE4: "ọ", 0xE5: "ồ", 0xE6: "ổ", 0xE7: "ỗ", 0xE8: "ố", 0xE9: "ộ"},
    **{0xEA: "ờ", 0xEB: "ở", 0xEC: "ỡ", 0xED: "ớ", 0xEE: "ợ", 0xEF: "ù", 0xF1: "ủ", 0xF2: "ũ", 0xF3: "ú", 0xF4: "ụ"},
    **{0xF5: "ừ", 0xF6: "ử", 0xF7: "ữ", 0xF8: "ứ", 0xF9: "ự", 0xFA: "ỳ", 0xFB: "ỷ", 0xFC: "ỹ", 0xFD: "ý", 0xFE: "ỵ"},
}
"""TCVN 5712:1993, VN3: the octets of all letters that ASCII has not."""

VNI = """
    aù aø aû aõ aï aê aé aè aú aü aë aâ aá aà aå aã aä eù eø eû eõ eï eâ eá eà eå eã eä í ì æ ó ò
    où oø oû oõ oï oâ oá oà oå oã oä ô ôù ôø ôû ôõ ôï uù uø uû uõ uï ö öù öø öû öõ öï yù yø yû yõ î ñ
"""
"""VNI for Windows, in the order of the letters below."""
LETTERS = "áàảãạăắằẳẵặâấầẩẫậéèẻẽẹêếềểễệíìỉĩịóòỏõọôốồổỗộơớờởỡợúùủũụưứừửữựýỳỷỹỵđ"


@pytest.mark.parametrize(
    ("font", "code"),
    [
        (".VnTime", "tcvn3"),
        ("ABCDEF+.VnArial,Bold", "tcvn3"),
        (".VnTime-BoldItalic", "tcvn3"),
        (".VnTimeH", "tcvn3_capitals"),
        (".VnArial#20NarrowH-Bold", "tcvn3_capitals"),
        ("QWERTY+.VnTimeH,BoldItalic", "tcvn3_capitals"),
        ("VNI-Times", "vni"),
        ("ABCDEF+VNI-Helve-Condense,Bold", "vni"),
        ("VNITimes", "vni"),
        ("VNI-Internet Mail", ""),
        ("Times New Roman", ""),
        ("VNIVERSITY", ""),
        ("ArialVnH", ""),
    ],
)
def test_the_name_of_a_font_says_how_it_is_coded(font: str, code: str) -> None:
    assert code_of(font) == code


def test_every_letter_of_tcvn3_is_read() -> None:
    assert len(TCVN3) == 74
    for octet, letter in TCVN3.items():
        # As Windows-1252 has it, which here is Latin-1, and as the symbol fonts of Windows have it.
        assert as_unicode(chr(octet), "tcvn3") == as_unicode(chr(0xF000 + octet), "tcvn3") == letter
        assert as_unicode(chr(octet), "tcvn3_capitals") == letter.upper()
    assert {letter.lower() for letter in TCVN3.values()} == set(LETTERS)
    assert as_unicode("μ", "tcvn3") == "à"


def test_every_letter_of_vni_is_read_small_and_capital() -> None:
    assert len(VNI.split()) == len(LETTERS) == 67
    for written, letter in zip(VNI.split(), LETTERS, strict=True):
        assert as_unicode(written, "vni") == letter
        assert as_unicode(written.upper(), "vni") == letter.upper()
        # A capital whose mark was typed as a small letter's.
        assert as_unicode(written[0].upper() + written[1:], "vni") == letter.upper()


@pytest.mark.parametrize(
    ("written", "code", "read"),
    [
        ("Céng hßa x· héi chñ nghÜa ViÖt Nam", "tcvn3", "Cộng hòa xã hội chủ nghĩa Việt Nam"),
        ("§éc lËp - Tù do - H¹nh phóc", "tcvn3", "Độc lập - Tự do - Hạnh phúc"),
        ("nghÞ quyÕt sè 15", "tcvn3_capitals", "NGHỊ QUYẾT SỐ 15"),
        ("Coäng hoøa xaõ hoäi chuû nghóa Vieät Nam", "vni", "Cộng hòa xã hội chủ nghĩa Việt Nam"),
        ("Ñoäc laäp - TÖÏ DO - Haïnh phuùc", "vni", "Độc lập - TỰ DO - Hạnh phúc"),
        ("Số 15/QĐ-UBND café", "", "Số 15/QĐ-UBND café"),
    ],
)
def test_sentences_are_read_as_they_are_shown(written: str, code: Any, read: str) -> None:
    assert as_unicode(written, code) == read
    assert unicodedata.is_normalized("NFC", as_unicode(written, code))


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Tr-êng ®-îc ng-êi nh- t- -u h-ëng", "Trường được người như tư ưu hưởng"),
        ("Q§-UBND 2005-2010 – a-b (n-1) - x", "QĐ-UBND 2005-2010 – a-b (n-1) - x"),
        ("t\xad -", "tư -"),  # the horn has come through: hyphens are hyphens
        ("kh\xadu v-u", "khưu v-u"),
    ],
)
def test_a_horn_that_became_a_hyphen_is_a_horn_again_where_it_makes_a_syllable(written: str, read: str) -> None:
    assert as_unicode(written, "tcvn3") == read


def span(font: str, text: str, left: float, top: float = 100) -> dict[str, Any]:
    """Letters ten points wide, as PyMuPDF tells them."""
    boxes = [(left + 10 * at, top, left + 10 * at + 10, top + 12) for at in range(len(text))]
    return {"font": font, "chars": [{"c": letter, "bbox": box} for letter, box in zip(text, boxes, strict=True)]}


def page(*lines: list[dict[str, Any]]) -> dict[str, Any]:
    return {"blocks": [{"type": 1}, {"lines": [{"spans": spans} for spans in lines]}]}


def test_words_of_a_mixed_page_are_read_each_by_its_font_and_keep_their_boxes() -> None:
    mixed = page(
        [span(".VnTimeH", "nghÞ", 0), span("Times New Roman", " café", 40)],
        [span("VNI-Times", "Tyû", 0, 130), span(".VnTime,Bold", "lÖ", 30, 128)],
    )
    assert boxed_words(mixed) == [
        (0, 100, 40, 112, "NGHỊ"),
        (50, 100, 90, 112, "café"),
        (0, 128, 50, 142, "Tỷlệ"),
    ]
    assert repaired([("o", "vni"), ("ä", "vni"), ("é", "tcvn3")]) == "ộộ"


def test_a_font_that_shows_letters_of_unicode_is_left_as_it_is() -> None:
    newer = page([span(".VnTime", "é", 0)], [span(".VnTime", "Điều", 0, 130)])
    assert [word[4] for word in boxed_words(newer)] == ["é", "Điều"]


def old_pdf(font: str, *lines: bytes) -> bytes:
    """A page in a font of that name, coded as printer drivers code it; the font itself is not in the file."""
    shown = b"".join(b"0 -20 Td <%s> Tj " % line.hex().encode() for line in lines)
    content = b"BT /F1 12 Tf 72 720 Td %s ET" % shown
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(content), content),
        b"<</Type/Font/Subtype/TrueType/BaseFont/%s/Encoding/WinAnsiEncoding>>" % font.encode(),
    ]
    numbered = (b"%d 0 obj%s endobj\n" % (number, each) for number, each in enumerate(objects, 1))
    return b"%PDF-1.4\n" + b"".join(numbered) + b"trailer<</Root 1 0 R>>\n"


@pytest.mark.parametrize(
    ("font", "line", "read"),
    [
        (".VnTime", "UBND tØnh ®· ban hµnh tr\xadíc ngµy", "UBND tỉnh đã ban hành trước ngày"),
        (".VnTimeH", "quyÕt ®Þnh", "QUYẾT ĐỊNH"),
        ("VNI-Times", "Ñieàu 5. Quyeát ñònh", "Điều 5. Quyết định"),
        ("Helvetica", "Céng hßa", "Céng hßa"),
    ],
)
async def test_the_words_of_an_old_file_are_read_as_unicode(papers_room: Room, font: str, line: str, read: str) -> None:
    paper = await papers_room.published(old_pdf(font, line.encode("latin-1")))
    assert paper.version is not None
    text = json.loads((await papers_room.papers.page_text(paper.version.id, 1)).read_bytes())
    assert " ".join(word[4] for word in text["words"]) == read
    assert all(72 <= left < right < 595 and 110 < top < bottom < 150 for left, top, right, bottom, _ in text["words"])
