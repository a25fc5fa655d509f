"""Annotations as XFDF, the XML form in which PDF programs exchange them (ISO 19444-1:2019).

Everything is taken from the annotation's own dictionary (ISO 32000-1 §12.5), so that both files say the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TypedDict
from xml.etree import ElementTree

NAMESPACE = "http://ns.adobe.com/xfdf/"
ELEMENTS = {
    "Ink": "ink",
    "Highlight": "highlight",
    "Square": "square",
    "Circle": "circle",
    "Line": "line",
    "FreeText": "freetext",
    "Text": "text",
}
"""Kinds of annotations, and what XFDF calls them."""
PLAIN = {"T": "title", "NM": "name", "M": "date", "CreationDate": "creationdate", "CA": "opacity"}
"""Entries that are attributes as they are."""
NO_TEXT = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML may hold (XML 1.0 §2.2): one such letter, and no program opens the file."""
NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)")


class Annotation(TypedDict):
    """An annotation: its page, counted from 0, its kind, and its entries as text (arrays in PDF's own writing)."""

    page: int
    kind: str
    entries: dict[str, str]


def xfdf(annotations: Iterable[Annotation], file: str) -> bytes:
    """The XFDF of these annotations of the PDF with this file name."""
    ElementTree.register_namespace("", NAMESPACE)
    root = ElementTree.Element(_named("xfdf"), {"{http://www.w3.org/XML/1998/namespace}space": "preserve"})
    ElementTree.SubElement(root, _named("f"), {"href": NO_TEXT.sub("", file)})
    listed = ElementTree.SubElement(root, _named("annots"))
    for each in annotations:
        _add(listed, {**each, "entries": {key: NO_TEXT.sub("", text) for key, text in each["entries"].items()}})
    written: bytes = ElementTree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return written


def _add(listed: ElementTree.Element, each: Annotation) -> None:
    entries = each["entries"]
    attributes = {"page": str(each["page"]), "rect": _list(entries["Rect"]), "flags": "print"}
    attributes |= {name: entries[key] for key, name in PLAIN.items() if entries.get(key)}
    if colour := _numbers(entries.get("C", "")):
        attributes["color"] = "#" + "".join(f"{round(part * 255):02x}" for part in colour)
    if width := entries.get("Width"):
        attributes["width"] = width
    element = ElementTree.SubElement(listed, _named(ELEMENTS[each["kind"]]), attributes | _own(each))
    if each["kind"] == "Ink":
        strokes = ElementTree.SubElement(element, _named("inklist"))
        for line in re.findall(r"\[([^\[\]]*)\]", entries["InkList"]):
            ElementTree.SubElement(strokes, _named("gesture")).text = ";".join(_pairs(line))
    if text := entries.get("Contents"):
        ElementTree.SubElement(element, _named("contents")).text = text
    if appearance := entries.get("DA"):
        ElementTree.SubElement(element, _named("defaultappearance")).text = appearance


def _own(each: Annotation) -> dict[str, str]:
    """The attributes that only this kind has."""
    entries = each["entries"]
    if each["kind"] == "Highlight":
        return {"coords": _list(entries["QuadPoints"])}
    if each["kind"] == "Line":
        start, end = _pairs(entries["L"])
        ends = re.findall(r"/(\w+)", entries.get("LE", "")) or ["None", "None"]
        return {"start": start, "end": end, "head": ends[0], "tail": ends[1]}
    return {"icon": "Comment"} if each["kind"] == "Text" else {}


def _numbers(array: str) -> list[float]:
    return [float(each) for each in NUMBER.findall(array)]


def _list(array: str) -> str:
    return ",".join(NUMBER.findall(array))


def _pairs(array: str) -> list[str]:
    found = NUMBER.findall(array)
    return [f"{x},{y}" for x, y in zip(found[::2], found[1::2], strict=True)]


def _named(element: str) -> str:
    return f"{{{NAMESPACE}}}{element}"
