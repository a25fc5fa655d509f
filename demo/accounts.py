"""The accounts that the terminal shows; everybody in the demo province has one, with the same password."""

from __future__ import annotations

from server.banner import Account
from server.terminal import Words

PASSWORD = "lam-giang-2026"

ACCOUNTS = (
    ("trungnq.ubnd", Words("Chủ trì", "Chair")),
    ("bachtx.ubnd", Words("Phó Chủ tịch, được phân công điều hành", "Deputy")),
    ("tratt.vpub", Words("Thư ký", "Secretary")),
    ("dungha.stc", Words("Đại biểu", "Delegate")),
    ("vanltb.snnmt", Words("Đại biểu", "Delegate")),
    ("khanhhs.cds", Words("Kỹ thuật", "Technician")),
)


def accounts() -> list[Account]:
    """The accounts shown on the terminal; every person of the province has one with the same password."""
    return [Account(user, PASSWORD, duty) for user, duty in ACCOUNTS]
