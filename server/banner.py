"""What stands on the terminal when the house is open: where, how to get in, and a QR code to begin with."""

from __future__ import annotations

import io
from collections.abc import Sequence

import msgspec
import segno

from server.config import Settings
from server.terminal import Language, Words

RULE = "─" * 72


class Account(msgspec.Struct, frozen=True):
    """A demo account: sign-in name, password, and what it is for."""

    user: str
    password: str
    duty: Words


WELCOME = Words("Họp Số đang chạy.", "Họp Số is running.")
ADDRESS = Words("Địa chỉ", "Address")
TRUST = Words(
    "Lần đầu trên mỗi máy tính bảng: quét mã QR để cài chứng chỉ (có hình hướng dẫn).",
    "First time on each tablet: scan the QR code to trust the certificate (an illustrated guide).",
)
SCAN = Words("Quét mã QR để mở trên máy tính bảng.", "Scan the QR code to open it on a tablet.")
DEMO = Words(
    "CHẾ ĐỘ TRÌNH DIỄN: dữ liệu hư cấu, mật khẩu công khai. Không dùng cho cuộc họp thật.",
    "DEMO: invented data, passwords known to all. Not for real meetings.",
)
ACCOUNTS = Words("Tài khoản trình diễn", "Demo accounts")
END = Words("Dừng: Ctrl+C", "Stop: Ctrl+C")


def address(settings: Settings, host: str) -> str:
    """Where people open the house: `public_url`, or this machine's address."""
    return settings.web.public_url.rstrip("/") or _url("https", host, settings.web.port, 443)


def guide_address(settings: Settings, host: str) -> str:
    """Where the guide to the certificate is read before the certificate is trusted."""
    if not settings.web.guide_port:
        return address(settings, host) + "/cai-dat"
    return _url("http", host, settings.web.guide_port, 80) + "/cai-dat"


def banner(settings: Settings, host: str, accounts: Sequence[Account], local_ca: bool, language: Language) -> str:
    """The whole banner. With our own authority the QR code leads to the guide, else straight in."""
    where = address(settings, host)
    target = guide_address(settings, host) if local_ca else where
    lines = ["", RULE, f"  {WELCOME.in_(language)}", "", f"  {ADDRESS.in_(language)}: {where}/"]
    lines += [f"  {(TRUST if local_ca else SCAN).in_(language)}", f"  {target}", "", qr(target)]
    if settings.demo:
        lines += _demo(accounts, language)
    lines += [f"  {END.in_(language)}", RULE, ""]
    return "\n".join(lines)


def qr(text: str) -> str:
    """A QR code in half blocks, indented, with its quiet zone."""
    drawn = io.StringIO()
    segno.make(text, error="m", micro=False).terminal(drawn, border=2, compact=True)
    return "\n".join(f"  {line}" for line in drawn.getvalue().splitlines())


def _demo(accounts: Sequence[Account], language: Language) -> list[str]:
    warning = DEMO.in_(language)
    frame = "!" * (len(warning) + 6)
    lines = [f"  {frame}", f"  !! {warning} !!", f"  {frame}", ""]
    if accounts:
        widest = max(len(one.user) for one in accounts), max(len(one.password) for one in accounts)
        lines.append(f"  {ACCOUNTS.in_(language)}:")
        rows = ((one.user.ljust(widest[0]), one.password.ljust(widest[1]), one.duty.in_(language)) for one in accounts)
        lines += [f"    {user}  {password}  {duty}" for user, password, duty in rows]
        lines.append("")
    return lines


def _url(scheme: str, host: str, port: int, usual: int) -> str:
    named = f"[{host}]" if ":" in host else host
    return f"{scheme}://{named}" + ("" if port == usual else f":{port}")
