"""LibreOffice as a library, inside the confined worker only: no second program, no socket, no fork.

`soffice --convert-to` talks to itself through a socket in /tmp and starts helpers, which the sandbox
refuses. The same code is reached in-process by LibreOfficeKit's C interface
(include/LibreOfficeKit/LibreOfficeKit.h; the tables start with their size, entries are only ever added).
"""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

from server.errors import Refused, Unavailable

LIBRARIES = ("libmergedlo.so", "libsofficeapp.so")
OFFICE_LOAD, DOCUMENT_SAVE_AS = 4, 2
"""Places in LibreOfficeKitClass (size, destroy, documentLoad… with options at 4) and LibreOfficeKitDocumentClass."""
PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="MacroSecurityLevel" oor:op="fuse">
<value>3</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableMacrosExecution" oor:op="fuse">
<value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Writer/Content/Update"><prop oor:name="Link" oor:op="fuse">
<value>0</value></prop></item>
<item oor:path="/org.openoffice.Office.Calc/Content/Update"><prop oor:name="Link" oor:op="fuse">
<value>1</value></prop></item>
</oor:items>
"""
"""No macros; links are never updated (Writer 0, Calc 1 mean "never")."""


def convert(program_folder: Path, source: Path, target: Path, kind: str) -> None:
    """Write `source` as PDF to `target`, with a fresh profile in the current folder.

    Raises `Refused("paper.damaged")`, or `Unavailable("paper.office_missing")` when no library is found there.
    """
    folder = Path.cwd()
    paper = folder / f"paper.{kind}"
    # LibreOffice chooses how to read a file partly by its extension, and locks it with a file beside it.
    paper.write_bytes(source.read_bytes())
    settings = folder / "profile" / "user"
    settings.mkdir(parents=True)
    (settings / "registrymodifications.xcu").write_text(PROFILE, "utf-8")
    os.environ["SAL_USE_VCLPLUGIN"] = "svp"
    office = _office(program_folder, folder / "profile")
    document = _call(office, OFFICE_LOAD, ctypes.c_void_p, paper.as_uri().encode(), b"")
    if not document:
        raise Refused("paper.damaged")
    saved = _call(document, DOCUMENT_SAVE_AS, ctypes.c_int, (folder / target).as_uri().encode(), b"pdf", b"")
    if not saved or not target.exists() or target.stat().st_size == 0:
        raise Refused("paper.damaged")


def _office(program_folder: Path, profile: Path) -> int:
    for name in LIBRARIES:
        if (program_folder / name).exists():
            hook = ctypes.CDLL(str(program_folder / name), mode=ctypes.RTLD_GLOBAL).libreofficekit_hook_2
            hook.restype, hook.argtypes = ctypes.c_void_p, [ctypes.c_char_p, ctypes.c_char_p]
            office: int | None = hook(str(program_folder).encode(), profile.as_uri().encode())
            if office:
                return office
    raise Unavailable("paper.office_missing")


def _call(this: int, place: int, result: type[ctypes.c_void_p | ctypes.c_int], *arguments: bytes) -> int | None:
    """Call the method at this place of the object's table."""
    table = ctypes.cast(this, ctypes.POINTER(ctypes.c_void_p))[0]
    method = ctypes.cast(table, ctypes.POINTER(ctypes.c_void_p))[place]
    function = ctypes.CFUNCTYPE(result, ctypes.c_void_p, *(ctypes.c_char_p for _ in arguments))(method)
    answer: int | None = function(this, *arguments)
    return answer
