"""`hopso check`: the conference as clients will meet it – its port at every announced address, and its relays."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

from server import addresses
from server.checks import Finding, Level, said, trusting
from server.clock import Millis
from server.config import MediaSettings
from server.media import trial, turn

FAULTS: dict[trial.Fault, tuple[Level, str, str]] = {
    "": ("ok", "chuyển tiếp được tới cổng hội nghị, không tới nơi nào khác", "carries packets to the media port only"),
    "unreachable": ("bad", "không kết nối được", "cannot be reached"),
    "certificate": (
        "bad", "có chứng chỉ không được tin cậy hoặc sai tên", "has a certificate that is not trusted or misnamed",
    ),
    "refused": (
        "bad", "không nhận tài khoản: media.turn_secret khác static-auth-secret, hoặc lệch giờ",
        "refuses our credentials: media.turn_secret and static-auth-secret differ, or the clocks do",
    ),
    "denied": (
        "bad", "không được phép tới cổng hội nghị: thêm allowed-peer-ip",
        "may not reach the media port: add allowed-peer-ip",
    ),
    "silent": ("bad", "không tới được cổng hội nghị", "does not reach the media port"),
    "open": (
        "bad", "chuyển tiếp tới bất cứ đâu: dùng config/coturn.conf",
        "carries packets to anywhere: use config/coturn.conf",
    ),
    "ports": (
        "bad", "chuyển tiếp tới cả cổng khác của máy chủ hội nghị: nạp config/coturn.nft",
        "reaches other ports of media's machine too: load config/coturn.nft",
    ),
}  # fmt: skip
"""What is wrong with a relay → how grave it is, and what is said after its address."""


def look(settings: MediaSettings, now: Millis, running: bool, authority: Path | None) -> list[Finding]:
    """All findings; `running`: whether media can be asked. `authority`: a certificate that clients trust besides."""

    async def findings() -> list[Finding]:
        return [one async for one in _findings(settings, now, running, trusting(authority))]

    return asyncio.run(findings())


async def _findings(
    settings: MediaSettings, now: Millis, running: bool, trusted: ssl.SSLContext
) -> AsyncIterator[Finding]:
    for finding in _settings(settings):
        yield finding
    if not running:
        async for finding in _relays(settings, now, None, trusted):
            yield finding
        yield said("warn", "Họp Số chưa chạy: chưa thử được đường tới cổng hội nghị.",
                       "Họp Số does not run: the way to the media port was not tried.")  # fmt: skip
        return
    first, *others = settings.sockets()
    async with trial.session(first) as tried:
        async for finding in _ways(settings, first, tried):
            yield finding
        async for finding in _relays(settings, now, tried, trusted):
            yield finding
    for socket in others:
        async with trial.session(socket) as tried:
            async for finding in _ways(settings, socket, tried):
                yield finding


def _settings(settings: MediaSettings) -> list[Finding]:
    """What can be seen without trying anything."""
    found = []
    if not settings.turn_urls:
        found.append(said(
            "warn", "Không có máy chủ chuyển tiếp: điểm cầu bị chặn UDP sẽ không vào được (media.turn_urls).",
            "There is no relay: sites whose network blocks UDP cannot join (media.turn_urls).",
        ))  # fmt: skip
    elif not settings.turn_secret:
        found.append(said("bad", "Có media.turn_urls nhưng thiếu media.turn_secret: không cấp được tài khoản.",
                              "media.turn_urls without media.turn_secret: nobody is given credentials."))  # fmt: skip
    elif not any(addresses.relay(url).way == "tls" and addresses.relay(url).port == 443 for url in settings.turn_urls):
        found.append(said(
            "warn", "Không có máy chủ chuyển tiếp bằng TLS cổng 443, cổng mà tường lửa nào cũng cho qua.",
            "No relay listens with TLS on port 443, which every firewall lets through.",
        ))  # fmt: skip
    return found


async def _ways(settings: MediaSettings, socket: Path, tried: trial.Session | None) -> AsyncIterator[Finding]:
    """The media port at each address that answers offer."""
    if tried is None:
        yield said("bad", f"Tiến trình hội nghị {socket.stem} không trả lời.",
                          f"The media process {socket.stem} does not answer.")  # fmt: skip
        return
    for host, port in tried.candidates:
        place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        if await trial.directly(tried, (host, port)):
            yield said("ok", f"Cổng hội nghị trả lời tại UDP {place}.", f"The media port answers at UDP {place}.")
        else:
            yield said(
                "warn" if settings.announce else "bad",
                f"Cổng hội nghị không trả lời từ máy này tại UDP {place}: xem NAT, tường lửa; thử từ bên ngoài.",
                f"The media port does not answer this machine at UDP {place}: see NAT, firewall; try from outside.",
            )


async def _relays(
    settings: MediaSettings, now: Millis, tried: trial.Session | None, trusted: ssl.SSLContext
) -> AsyncIterator[Finding]:
    """Each relay: who may enter, and where it leads."""
    for one in turn.relays(settings, "check", now):
        way = addresses.relay(one.url)
        fault = await trial.allocates(way, one, trusted)
        if fault or tried is None:
            level, vi, en = FAULTS[fault] if fault else ("ok", "nhận tài khoản của Họp Số", "takes our credentials")
        else:
            level, vi, en = FAULTS[await _through(tried, (way, one), trusted)]
        yield said(level, f"Máy chủ chuyển tiếp {one.url}: {vi}.", f"The relay {one.url} {en}.")


async def _through(
    tried: trial.Session, relay: tuple[addresses.Relay, turn.IceServer], trusted: ssl.SSLContext
) -> trial.Fault:
    """Whether the relay reaches media at any of its addresses; what is wrong at the last one tried."""
    fault: trial.Fault = "silent"
    for address in tried.candidates:
        if address[0] in ("127.0.0.1", "::1") and len(tried.candidates) > 1:
            continue
        fault = await trial.reaches(tried, address, relay, trusted)
        if fault in ("", "ports"):
            break
    return fault
