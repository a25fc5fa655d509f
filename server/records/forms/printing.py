"""Every form by its verb. The forms bring heavy libraries: the thread that prints first imports them, not the start."""

from __future__ import annotations

from pathlib import Path

from server.clock import Millis
from server.records.forms.sheet import Sheet
from server.records.gathered import Change, Gathering, Opinion
from server.records.kit import Kit


def docx(sheet: Sheet) -> bytes:
    """The minutes as DOCX."""
    from server.records.forms import bien_ban

    return bien_ban.docx(sheet)


def pdf(sheet: Sheet, made_at: Millis) -> bytes:
    """The minutes as PDF/A-2b."""
    from server.records.forms import bien_ban

    return bien_ban.pdf(sheet, made_at)


def archive(kit: Kit, papers: dict[str, Path], target: Path) -> None:
    """The ZIP of Bộ dự phòng, written to `target`."""
    from server.records.forms import bo_du_phong

    bo_du_phong.archive(kit, papers, target)


def opinions_docx(gathering: Gathering[Opinion]) -> bytes:
    """Bảng tổng hợp ý kiến as DOCX."""
    from server.records.forms import tong_hop

    return tong_hop.opinions_docx(gathering)


def opinions_xlsx(gathering: Gathering[Opinion]) -> bytes:
    """The same as a spreadsheet."""
    from server.records.forms import tong_hop

    return tong_hop.opinions_xlsx(gathering)


def changes_docx(gathering: Gathering[Change]) -> bytes:
    """Bảng so sánh, tiếp thu as DOCX with tracked changes."""
    from server.records.forms import tong_hop

    return tong_hop.changes_docx(gathering)
