"""`hopso check`: the house as tablets will meet it – its name, its certificate, its sockets through any proxy."""

from __future__ import annotations

import base64
import secrets
import socket
import ssl
from pathlib import Path
from urllib.parse import urlsplit

from server.checks import Finding, said, trusting
from server.config import WebSettings

CONNECT_S = 5
ANSWER_LIMIT = 4096
LIVE = "/live/"


def look(settings: WebSettings, running: bool, authority: Path | None) -> list[Finding]:
    """All findings about `web.public_url`; none without one, because then people type an address of the machine.

    `authority`: a certificate that tablets trust besides the public ones.
    """
    if not settings.public_url:
        return []
    place = urlsplit(settings.public_url)
    if place.scheme != "https" or not place.hostname:
        return [said("bad", "web.public_url phải bắt đầu bằng https://.", "web.public_url must begin with https://.")]
    where = settings.public_url
    if not running:
        return [
            said("warn", f"Họp Số chưa chạy: chưa thử được {where}.", f"Họp Số does not run: {where} was not tried.")
        ]
    return _tried(where, (place.hostname, place.port or 443), trusting(authority))


def _tried(where: str, address: tuple[str, int], trusted: ssl.SSLContext) -> list[Finding]:
    try:
        answer = _ask(where, address, trusted)
    except ssl.SSLCertVerificationError as error:
        why = error.verify_message
        return [said("bad", f"Máy tính bảng sẽ không tin chứng chỉ tại {where}: {why}.",
                         f"Tablets will not trust the certificate at {where}: {why}.")]  # fmt: skip
    except (OSError, TimeoutError) as error:
        why = error.strerror or type(error).__name__
        return [said("bad", f"Không mở được {where}: {why}.", f"{where} cannot be opened: {why}.")]
    found = [said("ok", f"Mở được {where}, chứng chỉ được tin cậy.", f"{where} opens, its certificate is trusted.")]
    if b" 101 " not in answer.split(b"\r\n", 1)[0]:
        found.append(said(
            "bad", f"WebSocket không qua được tại {where}: kiểm tra máy chủ trung gian.",
            f"WebSockets do not get through at {where}: see the reverse proxy.",
        ))  # fmt: skip
    return found


def _ask(where: str, address: tuple[str, int], trusted: ssl.SSLContext) -> bytes:
    """The first octets of the answer to a request for a live socket (RFC 6455 §4.1)."""
    key = base64.b64encode(secrets.token_bytes(16)).decode("ascii")
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(where))
    request = "\r\n".join((
        f"GET {LIVE}?EIO=4&transport=websocket HTTP/1.1", f"Host: {urlsplit(where).netloc}", f"Origin: {origin}",
        "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {key}", "", "",
    ))  # fmt: skip
    with (
        socket.create_connection(address, CONNECT_S) as plain,
        trusted.wrap_socket(plain, server_hostname=address[0]) as line,
    ):
        line.sendall(request.encode("ascii"))
        return line.recv(ANSWER_LIMIT)
