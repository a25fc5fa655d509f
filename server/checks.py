"""`hopso check`: what the operator should know before the meeting, one clear sentence each."""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import socket
import sqlite3
import ssl
import subprocess
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Literal

import msgspec

from server import certificates
from server.backup import sqlite_file
from server.clock import Millis
from server.config import Settings
from server.errors import Invalid
from server.terminal import Words

Level = Literal["ok", "warn", "bad"]
TIME_ERROR = 5
"""What adjtimex(2) returns when nothing keeps the clock."""
GB = 1_000_000_000
MB = 1_000_000
DISK_WARN, DISK_BAD = 10 * GB, 2 * GB
CONNECT_S = 5
FONTS_S = 20
TYPEFACES = ("Times New Roman", "Liberation Serif", "Tinos", "TeX Gyre Termes")
"""The typeface of official papers, and those with the same widths."""


class Finding(msgspec.Struct, frozen=True):
    """One thing looked at: "ok", "warn" (the meeting works, something will be missing), "bad" (it will not work)."""

    level: Level
    words: Words


def look(settings: Settings, now: Millis, running: bool) -> Iterator[Finding]:
    """All findings, one after the other; `running` says that our own server holds the ports."""
    yield certificate(settings, now)
    yield from ports(settings, running)
    yield clock_is_kept(_adjtimex())
    yield from space(settings)
    yield office(settings.documents.soffice)
    if shutil.which(settings.documents.soffice):
        yield fonts(_families())
    yield database(settings.database.url)
    if settings.bus.redis_url:
        yield bus(settings.bus.redis_url)
    if settings.production and not settings.people.require_second_factor:
        yield said("warn", "Đăng nhập hai bước đang tắt.", "Sign-in with a second factor is turned off.")


def certificate(settings: Settings, now: Millis) -> Finding:
    """Whether the certificate is there, fits its key, lasts, and names this machine."""
    file = settings.web.certificate_file
    if not file.exists() and not settings.production:
        return said(
            "ok",
            "Chưa có chứng chỉ: sẽ được tạo khi khởi động.",
            "There is no certificate yet: one is made at the start.",
        )
    try:
        certificates.server_context(file, settings.web.key_file)
        read = certificates.facts(file)
    except Invalid as error:
        reason = error.details.get("reason", "")
        return said("bad", f"Không dùng được chứng chỉ {file}: {reason}", f"Unusable certificate {file}: {reason}")
    days = (read.not_after - now) // certificates.DAY_MS
    if days < 0:
        return said("bad", f"Chứng chỉ {file} đã hết hạn.", f"The certificate {file} has expired.")
    named = f"{read.subject}, {', '.join(read.names[:4])}"
    level: Level = "warn" if days < certificates.RENEW_BEFORE_DAYS else "ok"
    return said(
        level, f"Chứng chỉ còn hạn {days} ngày ({named}).", f"The certificate lasts {days} more days ({named})."
    )


def ports(settings: Settings, running: bool) -> Iterator[Finding]:
    """Whether the ports are free."""
    web, media, sip = settings.web, settings.media, settings.sip
    wanted = [("TCP", web.host, web.port)]
    wanted += [("UDP", media.host, media.nth(number).port) for number in range(1, media.processes + 1)]
    if sip.enabled:
        wanted += [("UDP", sip.host, sip.port), ("TCP", sip.host, sip.port)]
    if web.guide_port and not settings.production:
        wanted.append(("TCP", web.host, web.guide_port))
    for kind, host, port in wanted:
        if running:
            yield said("ok", f"Cổng {kind} {port}: Họp Số đang dùng.", f"Port {kind} {port}: used by Họp Số.")
            continue
        trouble = _binding_fails(kind, host, port)
        if trouble:
            vi, en = f"Không mở được cổng {kind} {port}: {trouble}.", f"Port {kind} {port} cannot be opened: {trouble}."
            yield said("bad", vi, en)
        else:
            yield said("ok", f"Cổng {kind} {port} còn trống.", f"Port {kind} {port} is free.")


def clock_is_kept(state: int) -> Finding:
    """Whether NTP keeps the clock; votes and minutes carry its time."""
    if state < 0:
        vi = "Không đọc được trạng thái đồng hồ (NTP); kiểm tra bằng timedatectl."
        return said("warn", vi, "The state of the clock (NTP) cannot be read; see timedatectl.")
    if state == TIME_ERROR:
        vi = "Đồng hồ máy chủ chưa được đồng bộ (NTP): giờ trong biên bản có thể sai."
        return said("warn", vi, "The clock is not synchronised (NTP): times in the minutes may be wrong.")
    return said("ok", "Đồng hồ máy chủ đã đồng bộ.", "The clock is synchronised.")


def space(settings: Settings) -> Iterator[Finding]:
    """Whether there is room for papers and for a recording."""
    yield disk(shutil.disk_usage(_existing(settings.blobs.folder)).free)
    yield recordings(shutil.disk_usage(_existing(settings.recording.folder)).free, settings.recording.min_free_mb)


def disk(free: int) -> Finding:
    """Whether the papers and recordings of a few meetings still fit; `free` in bytes."""
    level: Level = "bad" if free < DISK_BAD else "warn" if free < DISK_WARN else "ok"
    amount = f"{free / GB:.0f} GB"
    return said(level, f"Ổ đĩa còn trống {amount}.", f"{amount} of disk are free.")


def recordings(free: int, needed_mb: int) -> Finding:
    """Whether a recording may begin; `free` in bytes."""
    if free // MB >= needed_mb:
        return said("ok", "Đủ chỗ để ghi âm, ghi hình cuộc họp.", "There is room to record a meeting.")
    vi = f"Không đủ chỗ để ghi âm, ghi hình: còn {free / GB:.1f} GB, cần {needed_mb / 1000:.1f} GB."
    en = f"Too little room to record a meeting: {free / GB:.1f} GB are free, {needed_mb / 1000:.1f} GB are needed."
    return said("warn", vi, en)


def office(program: str) -> Finding:
    """Whether office papers can be converted."""
    if shutil.which(program):
        return said(
            "ok", "Có LibreOffice: nhận tài liệu Word, Excel, PowerPoint.", "LibreOffice is there for office papers."
        )
    vi = "Không có LibreOffice: chỉ nhận tài liệu PDF (cài gói libreoffice-writer-nogui để nhận tệp Word)."
    return said("warn", vi, "There is no LibreOffice: only PDF papers (package libreoffice-writer-nogui adds Word).")


def fonts(families: Collection[str]) -> Finding:
    """Whether papers keep their lines: the typeface of Nghị định 30/2020/NĐ-CP, Phụ lục I, or one as wide.

    With all Vietnamese letters: LibreOffice takes those that are missing (Liberation 1) from another, wider typeface.
    """
    found = next((one for one in TYPEFACES if one in families), "")
    if found:
        return said("ok", f"Có phông chữ văn bản: {found}.", f"The typeface of official papers is there: {found}.")
    vi = "Thiếu phông Times New Roman hoặc phông cùng độ rộng đủ chữ Việt, tài liệu Word sai trang (fonts-liberation2)."
    return said("warn", vi, "Neither Times New Roman nor a font of its widths: Word papers break (fonts-liberation2).")


def database(url: str) -> Finding:
    """Whether the database answers."""
    try:
        _ask_database(url)
    except Exception as error:  # the drivers have dozens of their own
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        return said("bad", f"Không kết nối được cơ sở dữ liệu: {reason}", f"The database cannot be reached: {reason}")
    return said("ok", "Cơ sở dữ liệu hoạt động.", "The database answers.")


def bus(url: str) -> Finding:
    """Whether Redis answers."""
    import redis

    try:
        with redis.Redis.from_url(url, socket_connect_timeout=CONNECT_S, socket_timeout=CONNECT_S) as client:
            client.ping()
    except redis.RedisError as error:
        return said("bad", f"Không kết nối được Redis: {error}", f"Redis cannot be reached: {error}")
    return said("ok", "Redis hoạt động.", "Redis answers.")


def _ask_database(url: str) -> None:
    file = sqlite_file(url)
    if file is None:
        import psycopg

        with psycopg.connect(url.replace("+psycopg", "", 1), connect_timeout=CONNECT_S) as connection:
            connection.execute("SELECT 1")
    elif file.exists():
        with contextlib.closing(sqlite3.connect(f"file:{file}?mode=rw", uri=True, timeout=CONNECT_S)) as connection:
            connection.execute("SELECT count(*) FROM sqlite_master")
    elif not os.access(_existing(file.parent), os.W_OK):
        raise PermissionError(f"{file.parent}: not writable")


def _binding_fails(kind: str, host: str, port: int) -> str:
    """Why this port cannot be opened; empty when it can."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM if kind == "TCP" else socket.SOCK_DGRAM) as probe:
        if kind == "TCP":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return os.strerror(error.errno) if error.errno else str(error)
    return ""


def _families() -> frozenset[str]:
    """The typefaces that fontconfig knows to have every Vietnamese letter; none where it is missing."""
    try:
        listed = subprocess.run(
            ["fc-list", ":lang=vi", "family"], capture_output=True, text=True, timeout=FONTS_S, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return frozenset()
    return frozenset(name.strip() for line in listed.splitlines() for name in line.split(","))


def _adjtimex() -> int:
    """The state of the kernel's clock, -1 where a sandbox forbids the question; reads only (modes = 0)."""
    return int(ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.create_string_buffer(512)))


def _existing(path: Path) -> Path:
    return next(parent for parent in (path.absolute(), *path.absolute().parents) if parent.exists())


def trusting(authority: Path | None) -> ssl.SSLContext:
    """What clients trust: public authorities, and ours where there is one."""
    context = ssl.create_default_context()
    if authority is not None and authority.exists():
        context.load_verify_locations(authority)
    return context


def said(level: Level, vi: str, en: str) -> Finding:
    """One finding."""
    return Finding(level, Words(vi, en))
