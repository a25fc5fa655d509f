"""Files that mean harm, made on the spot."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping
from functools import cache

import docx
import pymupdf

from tests.documents.house import pdf, saved

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def raw_pdf(*objects: bytes) -> bytes:
    """A PDF of these objects, numbered from 1; the first is the catalog."""
    body, places = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    trailer = b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(body))
    return body + head + table + trailer


@cache
def deflate_bomb(unpacked: int = 10 << 30) -> bytes:
    """A PDF of less than 2 kB whose picture unpacks to 10 GB: Flate in Flate in Flate."""
    packed = repeated(bytes(1 << 20), unpacked >> 20)
    twice = zlib.compress(zlib.compress(packed, 9), 9)
    side = 100_000
    image = (
        b"<</Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceGray/BitsPerComponent 8"
        b"/Filter[/FlateDecode/FlateDecode/FlateDecode]/Length %d>>stream\n%s\nendstream"
        % (side, side, len(twice), twice)
    )
    drawing = b"q 500 0 0 500 0 0 cm /I Do Q"
    return raw_pdf(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</XObject<</I 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(drawing), drawing),
        image,
    )


def repeated(piece: bytes, times: int) -> bytes:
    """A zlib stream of the piece so many times over, without compressing it so many times (RFC 1950, RFC 1951)."""
    once = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = once.compress(piece) + once.flush(zlib.Z_FULL_FLUSH)
    return b"\x78\xda" + block * times + b"\x03\x00" + _adler(piece, times).to_bytes(4, "big")


def _adler(piece: bytes, times: int) -> int:
    """Adler-32 of the repeated piece: the low half counts bytes, the high half sums the low halves."""
    low = high = 0
    once = zlib.adler32(piece, 1)
    sum_of_piece, weighted = (once & 0xFFFF) - 1, once >> 16
    low = 1 + times * sum_of_piece
    high = times * weighted + sum_of_piece * len(piece) * (times * (times - 1) // 2)
    return high % 65521 << 16 | low % 65521


@cache
def content_bomb() -> bytes:
    """A small PDF whose page description unpacks to gigabytes of drawing orders."""
    order = b"0 0 m 595 842 l S\n" * 60_000
    twice = zlib.compress(repeated(order, 2000), 9)
    return raw_pdf(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R>>",
        b"<</Filter[/FlateDecode/FlateDecode]/Length %d>>stream\n%s\nendstream" % (len(twice), twice),
    )


def encrypted_pdf() -> bytes:
    """A PDF that opens with a password only."""
    document = pymupdf.open(stream=pdf(), filetype="pdf")
    return saved(document, encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="mật khẩu", owner_pw="chủ")


def truncated_pdf() -> bytes:
    """Half a PDF."""
    whole = pdf(pages=3)
    return whole[: len(whole) // 8]


def executable() -> bytes:
    """The head of an ELF program, with a PDF hidden behind it."""
    return b"\x7fELF\x02\x01\x01" + bytes(57) + pdf()


def repacked(content: bytes, change: Mapping[str, bytes]) -> bytes:
    """An office package with these entries added or replaced."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for entry in old.infolist():
            if entry.filename not in change:
                new.writestr(entry, old.read(entry))
        for name, part in change.items():
            new.writestr(name, part, compresslevel=1)
    return target.getvalue()


def word(text: str = "Kính gửi: Ủy ban nhân dân tỉnh") -> bytes:
    """A DOCX with one paragraph."""
    document, target = docx.Document(), io.BytesIO()
    document.add_paragraph(text)
    document.save(target)
    return target.getvalue()


def part_of(content: bytes, name: str) -> bytes:
    """One entry of an office package."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return package.read(name)


def word_with_macros() -> bytes:
    """A DOCX with a VBA project."""
    return repacked(word(), {"word/vbaProject.bin": b"\xd0\xcf\x11\xe0"})


def word_of_macro_type() -> bytes:
    """A DOCM called DOCX."""
    types = part_of(word(), "[Content_Types].xml")
    changed = types.replace(
        f"{WORD}.document.main+xml".encode(), b"application/vnd.ms-word.document.macroEnabled.main+xml"
    )
    return repacked(word(), {"[Content_Types].xml": changed})


def word_with_relation(kind: str, target: str, content: bytes = b"") -> bytes:
    """A DOCX, this one or a small one, that refers to something outside."""
    content = content or word()
    name = "word/_rels/document.xml.rels"
    added = (
        f'<Relationship Id="rIdX" Type="{RELATIONS}/{kind}" Target="{target}" TargetMode="External"/></Relationships>'
    )
    return repacked(content, {name: part_of(content, name).replace(b"</Relationships>", added.encode())})


def word_with_entities() -> bytes:
    """A DOCX whose relations are a billion laughs."""
    entities = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))
    laughs = b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY l0 "ha">' + entities + b"]><r>&l9;</r>"
    return repacked(word(), {"word/_rels/document.xml.rels": laughs})


def zip_bomb() -> bytes:
    """A DOCX with 1.2 GB of zeros in it."""
    piece, times = bytes(1 << 20), 300
    packed = repeated(piece, times)[2:-4]
    crc = 0
    for _ in range(times):
        crc = zlib.crc32(piece, crc)
    target = io.BytesIO(word())
    with zipfile.ZipFile(target, "a") as package:
        for number in range(4):
            entry = zipfile.ZipInfo(f"word/media/{number}.bin")
            package.writestr(entry, packed)
            # What was stored is deflated already: both headers say so.
            entry.compress_type, entry.file_size, entry.CRC = zipfile.ZIP_DEFLATED, times << 20, crc
            target.seek(entry.header_offset)
            target.write(entry.FileHeader())
            target.seek(0, io.SEEK_END)
    return target.getvalue()


@cache
def many_entries() -> bytes:
    """A DOCX of more entries than any paper has."""
    return repacked(word(), {f"word/media/{n}": b"" for n in range(10_001)})


def old_word() -> bytes:
    """The head of a DOC of the nineties."""
    return bytes.fromhex("d0cf11e0a1b11ae1") + bytes(2000)


def encrypted_word() -> bytes:
    """A DOCX with a password lies inside an OLE file."""
    return bytes.fromhex("d0cf11e0a1b11ae1") + bytes(1000) + "EncryptedPackage".encode("utf-16-le") + bytes(1000)
