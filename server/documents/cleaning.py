"""What is served is a copy without anything that acts by itself. Runs in the confined worker only.

Removed (ISO 32000-1 §12.6, §7.11.4, §12.7.8, §13): actions other than going to a page of the same paper
or following a web link on a tap, open and trigger actions, JavaScript, embedded and associated files,
XFA forms, and annotations that play or carry something. Saving without the unreachable objects then
drops what they referred to, and everything an incremental save had left behind.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pymupdf
from pymupdf import mupdf

SAFE_SCHEMES = ("http://", "https://", "mailto:")
ACTING = (
    *("JavaScript", "Launch", "SubmitForm", "ImportData", "ResetForm", "GoToR", "GoToE", "GoToDp", "Thread"),
    *("Sound", "Movie", "Hide", "SetOCGState", "Rendition", "Trans", "GoTo3DView", "RichMediaExecute"),
)
"""Everything an action may be, except GoTo, URI and Named."""
PLAYING_ANNOTATIONS = frozenset({"RichMedia", "Screen", "Movie", "Sound", "FileAttachment", "3D", "Projection"})
CATALOG_KEYS = ("OpenAction", "AA", "Collection", "AF", "Threads", "Perms", "Requirements", "Extensions")
NAME_TREES = ("JavaScript", "EmbeddedFiles", "Renditions", "AlternatePresentations", "URLS")
SUSPECT = re.compile(r"/(?:AA|JS|EF|AF|URI|Next|XFA|" + "|".join(ACTING) + r")\b")
"""What the printed form of an object shows before it is worth walking through; printing decodes #xx escapes."""


def clean(document: pymupdf.Document, paper: str) -> None:
    """Take everything out of the document that acts, plays or carries; write the paper's id into it."""
    pdf = pymupdf._as_pdf_document(document)
    _clean_catalog(document, pdf)
    for number in range(1, document.xref_length()):
        if SUSPECT.search(_printed(document, number)):
            for found in _dictionaries(mupdf.pdf_load_object(pdf, number)):
                _disarm(found)
    for page in range(document.page_count):
        _drop_playing(mupdf.pdf_lookup_page_obj(pdf, page))
    document.xref_set_key(document.pdf_catalog(), "HopSoPaper", pymupdf.get_pdf_str(paper))


def _printed(document: pymupdf.Document, number: int) -> str:
    try:
        printed: str = document.xref_object(number, compressed=True)
    except Exception:  # a broken object is not reachable, and not saved
        return ""
    return printed


def _clean_catalog(document: pymupdf.Document, pdf: Any) -> None:
    catalog = mupdf.pdf_load_object(pdf, document.pdf_catalog())
    for key in CATALOG_KEYS:
        mupdf.pdf_dict_dels(catalog, key)
    names = mupdf.pdf_dict_gets(catalog, "Names")
    if mupdf.pdf_is_dict(names):
        for key in NAME_TREES:
            mupdf.pdf_dict_dels(names, key)
    form = mupdf.pdf_dict_gets(catalog, "AcroForm")
    if mupdf.pdf_is_dict(form):
        mupdf.pdf_dict_dels(form, "XFA")


def _dictionaries(start: Any) -> Iterator[Any]:
    """This object and all dictionaries written directly inside it; references are visited on their own."""
    waiting = [start]
    while waiting:
        node = waiting.pop()
        if mupdf.pdf_is_dict(node):
            yield node
            children = [mupdf.pdf_dict_get_val(node, i) for i in range(mupdf.pdf_dict_len(node))]
        else:
            children = [mupdf.pdf_array_get(node, i) for i in range(mupdf.pdf_array_len(node))]
        waiting += [c for c in children if not mupdf.pdf_is_indirect(c) and _is_container(c)]


def _is_container(value: Any) -> bool:
    return bool(mupdf.pdf_is_dict(value) or mupdf.pdf_is_array(value))


def _name(node: Any, key: str) -> str:
    value = mupdf.pdf_dict_gets(node, key)
    return mupdf.pdf_to_name(value) if mupdf.pdf_is_name(value) else ""


def _disarm(node: Any) -> None:
    if _acts(node):
        for key in [mupdf.pdf_to_name(mupdf.pdf_dict_get_key(node, i)) for i in range(mupdf.pdf_dict_len(node))]:
            mupdf.pdf_dict_dels(node, key)
        return
    for key in ("XFA", "JS"):
        mupdf.pdf_dict_dels(node, key)
    if _name(node, "S") in ("URI", "GoTo", "Named"):
        mupdf.pdf_dict_dels(node, "Next")
    for key, is_meant in (("AA", _holds_actions), ("EF", mupdf.pdf_is_dict), ("AF", _is_container)):
        if is_meant(mupdf.pdf_dict_gets(node, key)):
            mupdf.pdf_dict_dels(node, key)


def _acts(node: Any) -> bool:
    kind = _name(node, "S")
    if _name(node, "Type") == "StructElem":
        return False
    if kind == "URI":
        return not mupdf.pdf_to_text_string(mupdf.pdf_dict_gets(node, "URI")).lower().startswith(SAFE_SCHEMES)
    return kind in ACTING or bool(mupdf.pdf_dict_gets(node, "JS").m_internal)


def _holds_actions(value: Any) -> bool:
    """A trigger dictionary holds actions; a resource that happens to be called AA does not."""
    if not mupdf.pdf_is_dict(value) or mupdf.pdf_is_stream(value):
        return False
    entries = [mupdf.pdf_dict_get_val(value, i) for i in range(mupdf.pdf_dict_len(value))]
    return all(mupdf.pdf_is_dict(entry) and not mupdf.pdf_is_stream(entry) for entry in entries)


def _drop_playing(page: Any) -> None:
    mupdf.pdf_dict_dels(page, "AA")
    notes = mupdf.pdf_dict_gets(page, "Annots")
    for index in reversed(range(mupdf.pdf_array_len(notes))):
        if _name(mupdf.pdf_array_get(notes, index), "Subtype") in PLAYING_ANNOTATIONS:
            mupdf.pdf_array_delete(notes, index)
