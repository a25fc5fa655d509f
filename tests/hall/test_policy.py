"""The content security policy: nothing inline, nothing from elsewhere, whatever the request says of its host."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from server.http import policy


def directives(written: str) -> dict[str, list[str]]:
    """Name → sources."""
    parts = [part.split() for part in written.split(";") if part.strip()]
    return {name: sources for name, *sources in parts}


def test_scripts_and_styles_come_from_our_own_files_only() -> None:
    found = directives(policy("hop.tinh.example"))
    for name in ("default-src", "script-src", "style-src", "worker-src", "font-src"):
        assert found[name] == ["'self'"], name
    for name in ("object-src", "base-uri", "frame-ancestors"):
        assert found[name] == ["'none'"], name
    assert not {"'unsafe-inline'", "'unsafe-eval'", "*", "https:", "wss:"} & {
        s for each in found.values() for s in each
    }


@pytest.mark.parametrize(
    ("host", "sockets"),
    [
        ("hop.tinh.example", ["wss://hop.tinh.example"]),
        ("[2001:db8::1]:8443", ["wss://[2001:db8::1]:8443"]),
        ("evil.example; script-src *", []),
        ("a b", []),
        ("x\r\nSet-Cookie: a=b", []),
        ("", []),
    ],
)
def test_sockets_go_to_the_host_that_was_asked_for_and_a_false_host_adds_nothing(host: str, sockets: list[str]) -> None:
    written = policy(host)
    assert directives(written)["connect-src"] == ["'self'", *sockets]
    assert directives(written)["script-src"] == ["'self'"] and "\n" not in written


def test_the_client_writes_nothing_into_a_page_that_the_policy_would_have_to_allow() -> None:
    """Text is never HTML, styles are classes, code is never made of words."""
    html = r"\{@html|\.innerHTML|\.outerHTML|insertAdjacentHTML|document\.write"
    forbidden = re.compile(html + r"|new Function\b|\beval\(|<[a-z][^<>]* style=[\"{]")
    sources = [p for p in Path("web/src").rglob("*") if p.suffix in {".svelte", ".ts"} and ".test." not in p.name]
    assert len(sources) > 100
    found = {f"{path}: {hit.group()}" for path in sources for hit in forbidden.finditer(path.read_text("utf-8"))}
    assert found == set()
