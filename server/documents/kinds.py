"""What kind of file it is, by its content. What the name says is not asked.

PDF: ISO 32000-1 §7.5.2. Office packages: ECMA-376 part 2 (content types) and ODF 1.3 part 2 (mimetype).
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterable
from enum import StrEnum
from typing import BinaryIO
from xml.etree.ElementTree import ParseError

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from server.documents.limits import LARGEST_PACKAGE_BYTES, LARGEST_PACKAGE_ENTRIES, LARGEST_PACKAGE_RATIO
from server.errors import Refused, TooLarge


class Kind(StrEnum):
    """What we can show as pages; the value is the usual extension."""

    PDF = "pdf"
    DOCX = "docx"
    XLSX = "xlsx"
    PPTX = "pptx"
    ODT = "odt"
    ODS = "ods"
    ODP = "odp"


MEDIA_TYPES = {
    Kind.PDF: "application/pdf",
    Kind.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    Kind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Kind.PPTX: "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    Kind.ODT: "application/vnd.oasis.opendocument.text",
    Kind.ODS: "application/vnd.oasis.opendocument.spreadsheet",
    Kind.ODP: "application/vnd.oasis.opendocument.presentation",
}
MAIN_PARTS = {
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml": Kind.DOCX,
    "application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml": Kind.DOCX,
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml": Kind.XLSX,
    "application/vnd.openxmlformats-officedocument.spreadsheetml.template.main+xml": Kind.XLSX,
    "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml": Kind.PPTX,
    "application/vnd.openxmlformats-officedocument.presentationml.slideshow.main+xml": Kind.PPTX,
}
OPEN_DOCUMENT = {media: kind for kind, media in MEDIA_TYPES.items() if media.startswith("application/vnd.oasis")}
OLE_HEAD = bytes.fromhex("d0cf11e0a1b11ae1")
PROGRAM_HEADS = (b"\x7fELF", b"MZ", b"#!", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe")
"""ELF, Windows, scripts, Mach-O and Java classes; a  hidden further on does not make them a paper."""
HEAD_BYTES = 1024
LARGEST_DESCRIPTION = 4 << 20
"""Content types and relations are a few kilobytes; nobody needs more."""
ENCRYPTED_FLAG = 0x1
EMBEDDED = frozenset({"oleObject", "aFChunk"})
"""Relations to files within the file that another program opens: OLE, and HTML or RTF to be merged in ("altChunk")."""
OWN_DISK = re.compile(r"^(file:///)?[A-Za-z]:[\\/]")
"""A path on a Windows drive; not a share of the network, not a web address."""


def kind_of(file: BinaryIO) -> Kind:
    """The kind of this file, after all checks that need no opening of pages.

    Raises `Refused` with `paper.empty`, `paper.not_a_document`, `paper.old_office`, `paper.encrypted`, `paper.macros`,
    `paper.external_links`, `paper.embedded_objects`, `paper.damaged`, or `TooLarge("paper.unpacks_too_large")`.
    """
    head = file.read(HEAD_BYTES)
    if not head:
        raise Refused("paper.empty")
    if head.startswith(PROGRAM_HEADS):
        raise Refused("paper.not_a_document")
    if b"%PDF-" in head:
        return Kind.PDF
    if head.startswith(OLE_HEAD):
        # An encrypted OOXML package lies inside an OLE file, in a stream of this name ([MS-OFFCRYPTO] §2.3.4).
        rest = head + file.read(1 << 20)
        raise Refused("paper.encrypted" if "EncryptedPackage".encode("utf-16-le") in rest else "paper.old_office")
    if not head.startswith(b"PK\x03\x04"):
        raise Refused("paper.not_a_document")
    try:
        with zipfile.ZipFile(file) as package:
            return _checked_package(package)
    # zipfile raises RuntimeError, and a kind of it, for what it cannot decrypt and for versions, compressions and
    # encryptions it does not know.
    except (zipfile.BadZipFile, zlib.error, RuntimeError, ParseError, DefusedXmlException, EOFError) as error:
        raise Refused("paper.damaged") from error


def _checked_package(package: zipfile.ZipFile) -> Kind:
    entries = package.infolist()
    names = {entry.filename for entry in entries}
    _check_amounts(entries)
    if any(entry.flag_bits & ENCRYPTED_FLAG for entry in entries):
        raise Refused("paper.encrypted")
    if "[Content_Types].xml" in names:
        kind = _ooxml_kind(_small(package, "[Content_Types].xml"))
        _check_ooxml_parts(names)
        for name in names:
            if name.lower().endswith(".rels"):
                _check_relations(_small(package, name))
        return kind
    if "mimetype" in names:
        return _odf_kind(package, names)
    raise Refused("paper.not_a_document")


def _check_amounts(entries: list[zipfile.ZipInfo]) -> None:
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    dense = unpacked > 100 << 20 and unpacked > LARGEST_PACKAGE_RATIO * packed
    if len(entries) > LARGEST_PACKAGE_ENTRIES or unpacked > LARGEST_PACKAGE_BYTES or dense:
        raise TooLarge("paper.unpacks_too_large")


def _small(package: zipfile.ZipFile, name: str) -> bytes:
    with package.open(name) as part:
        content = part.read(LARGEST_DESCRIPTION + 1)
    if len(content) > LARGEST_DESCRIPTION:
        raise TooLarge("paper.unpacks_too_large")
    return content


def _ooxml_kind(content_types: bytes) -> Kind:
    types = {element.get("ContentType", "") for element in ElementTree.fromstring(content_types)}
    if any("macroenabled" in each.lower() or "vbaproject" in each.lower() for each in types):
        raise Refused("paper.macros")
    for each in types:
        if each in MAIN_PARTS:
            return MAIN_PARTS[each]
    raise Refused("paper.not_a_document")


def _check_ooxml_parts(names: Iterable[str]) -> None:
    for name in names:
        lower = name.lower()
        if "vbaproject" in lower or "/macrosheets/" in lower:
            raise Refused("paper.macros")
        if "/activex/" in lower or ("/embeddings/" in lower and lower.endswith((".bin", ".ole", ".exe"))):
            raise Refused("paper.embedded_objects")


def _check_relations(relations: bytes) -> None:
    """External relations are refused, except two.

    Hyperlinks are only text until somebody taps them. A Word file names the template it was begun from, on the disk
    of whoever began it: nearly every office does, and neither the sandbox nor a reader's Word gets anything from it.
    """
    for element in ElementTree.fromstring(relations):
        kind = element.get("Type", "").rpartition("/")[2]
        if kind in EMBEDDED:
            raise Refused("paper.embedded_objects")
        if element.get("TargetMode", "").lower() != "external" or kind == "hyperlink":
            continue
        if kind != "attachedTemplate" or not OWN_DISK.match(element.get("Target", "")):
            raise Refused("paper.external_links")


def _odf_kind(package: zipfile.ZipFile, names: Iterable[str]) -> Kind:
    kind = OPEN_DOCUMENT.get(_small(package, "mimetype").decode("ascii", "replace").strip())
    if kind is None:
        raise Refused("paper.not_a_document")
    for name in names:
        if name.startswith(("Basic/", "Scripts/")):
            raise Refused("paper.macros")
        if name.startswith("Object ") and name.count("/") == 0:
            raise Refused("paper.embedded_objects")
    if "META-INF/manifest.xml" in names and b"encryption-data" in _small(package, "META-INF/manifest.xml"):
        raise Refused("paper.encrypted")
    return kind
