"""The guide as one HTML page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from server.guide.pictures import draw
from server.guide.steps import Language, Step, android, ipad

BASE = "/cai-dat"
LINKS = {"profile": f"{BASE}/hopso-ca.mobileconfig", "certificate": f"{BASE}/hopso-ca.crt"}

WORDS: Mapping[Language, Mapping[str, str]] = {
    "vi": {
        "title": "Cài đặt chứng chỉ Họp Số",
        "lead": "Làm một lần trên mỗi máy tính bảng, khoảng hai phút. Sau đó máy tin cậy máy chủ của phòng họp: "
        "được dùng micrô, camera và xem tài liệu khi mất mạng.",
        "other": "English",
        "ipad": "iPad",
        "android": "Máy tính bảng Android",
        "computer": "Máy tính Windows, macOS, Linux",
        "windows": "Windows: tải tệp chứng chỉ, bấm đúp, chọn “Install Certificate”, “Local Machine”, rồi đặt vào "
        "“Trusted Root Certification Authorities”.",
        "mac": "macOS: tải tệp chứng chỉ, mở bằng Keychain Access, vào System và chọn “Always Trust”.",
        "linux": "Linux: Chrome hoặc Chromium, Cài đặt, Quyền riêng tư và bảo mật, Bảo mật, Quản lý chứng chỉ, Nhập.",
        "profile": "Tải hồ sơ cho iPad",
        "certificate": "Tải chứng chỉ",
        "open": "Mở Họp Số",
        "print": "Dấu vân tay SHA-256 của chứng chỉ, để đối chiếu với màn hình của người quản trị:",
        "names": "Tên mục có thể khác đôi chút theo phiên bản của máy.",
    },
    "en": {
        "title": "Trust the certificate of Họp Số",
        "lead": "Once on each tablet, about two minutes. Then it trusts the server of the meeting room: "
        "microphone, camera and papers without a network work.",
        "other": "Tiếng Việt",
        "ipad": "iPad",
        "android": "Android tablet",
        "computer": "Windows, macOS, Linux",
        "windows": "Windows: download the certificate, double-click it, choose “Install Certificate”, “Local Machine”, "
        "and put it into “Trusted Root Certification Authorities”.",
        "mac": "macOS: download the certificate, open it in Keychain Access under System, choose “Always Trust”.",
        "linux": "Linux: Chrome or Chromium, Settings, Privacy and security, Security, Manage certificates, Import.",
        "profile": "Download the profile for iPad",
        "certificate": "Download the certificate",
        "open": "Open Họp Số",
        "print": "SHA-256 fingerprint of the certificate, to compare with the administrator's screen:",
        "names": "Names differ a little between versions.",
    },
}


def page(language: Language, house: str, fingerprint: str) -> str:
    """The whole page; `house` is the HTTPS address of this machine."""
    words = WORDS[language]
    other = f"{BASE}/en" if language == "vi" else BASE
    body = [
        f'<header><b>Họp Số</b><a href="{other}">{words["other"]}</a></header><main><h1>{words["title"]}</h1>',
        f"<p class=lead>{words['lead']}</p>",
        f'<nav><a href="#ipad">{words["ipad"]}</a><a href="#android">{words["android"]}</a>'
        f'<a href="#computer">{words["computer"]}</a></nav>',
        _section("ipad", ipad(language), words, house),
        _section("android", android(language), words, house),
        _computer(words),
        f"<footer><p>{words['names']}</p><p>{words['print']}</p><code>{escape(fingerprint)}</code></footer></main>",
    ]
    head = (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{words["title"]}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<link rel="stylesheet" href="{BASE}/guide.css"></head><body>'
    )
    return head + "".join(body) + "</body></html>"


def _section(name: str, steps: Sequence[Step], words: Mapping[str, str], house: str) -> str:
    items = "".join(_step(step, words, house) for step in steps)
    return f'<section id="{name}"><h2>{words[name]}</h2><ol>{items}</ol></section>'


def _step(step: Step, words: Mapping[str, str], house: str) -> str:
    button = ""
    if step.link:
        target = LINKS.get(step.link, house)
        button = f'<a class=button href="{escape(target)}">{words[step.link]}</a>'
    return f"<li><div class=words><p>{escape(step.words)}</p>{button}</div>{draw(step.screen, step.words)}</li>"


def _computer(words: Mapping[str, str]) -> str:
    ways = "".join(f"<li>{words[key]}</li>" for key in ("windows", "mac", "linux"))
    button = f'<a class=button href="{LINKS["certificate"]}">{words["certificate"]}</a>'
    return f'<section id="computer"><h2>{words["computer"]}</h2>{button}<ul>{ways}</ul></section>'
