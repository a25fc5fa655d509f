"""What stands on the terminal when the house is open."""

from __future__ import annotations

import segno

from server.banner import Account, address, banner, guide_address, qr
from server.config import Settings, WebSettings
from server.terminal import Words

ACCOUNTS = [Account("chutoa", "mat-khau-1", Words("Chủ tọa", "Chair"))]


def test_it_tells_the_address_the_guide_and_the_accounts() -> None:
    shown = banner(Settings(demo=True), "192.168.1.5", ACCOUNTS, True, "vi")
    assert "https://192.168.1.5:8443/" in shown
    assert "http://192.168.1.5:8480/cai-dat" in shown
    assert "chutoa  mat-khau-1  Chủ tọa" in shown
    assert "CHẾ ĐỘ TRÌNH DIỄN" in shown


def test_without_the_demo_no_account_is_shown() -> None:
    shown = banner(Settings(), "192.168.1.5", ACCOUNTS, True, "vi")
    assert "mat-khau-1" not in shown
    assert "TRÌNH DIỄN" not in shown


def test_with_the_operators_certificate_the_code_leads_straight_in() -> None:
    settings = Settings(web=WebSettings(public_url="https://hop.tinh.example/"))
    shown = banner(settings, "10.0.0.1", [], False, "en")
    assert "https://hop.tinh.example" in shown
    assert "cai-dat" not in shown
    assert qr("https://hop.tinh.example") in shown


def test_addresses_leave_out_usual_ports_and_bracket_ipv6() -> None:
    usual = Settings(web=WebSettings(port=443, guide_port=80))
    assert address(usual, "10.0.0.1") == "https://10.0.0.1"
    assert guide_address(usual, "10.0.0.1") == "http://10.0.0.1/cai-dat"
    assert address(Settings(), "fd00::5") == "https://[fd00::5]:8443"
    assert guide_address(Settings(web=WebSettings(guide_port=0)), "a.local") == "https://a.local:8443/cai-dat"


def test_the_code_on_the_terminal_is_the_code_of_the_address() -> None:
    """The half blocks, read back, are the modules of the symbol."""
    halves = {"█": (0, 0), "▀": (0, 1), "▄": (1, 0), " ": (1, 1)}
    rows: list[list[int]] = []
    for line in qr("http://192.168.1.5:8480/cai-dat").splitlines():
        pairs = [halves[character] for character in line[2:]]
        rows += [[pair[0] for pair in pairs], [pair[1] for pair in pairs]]
    symbol = segno.make("http://192.168.1.5:8480/cai-dat", error="m", micro=False)
    expected = [list(row) for row in symbol.matrix_iter(border=2)]
    assert [row[: len(expected[0])] for row in rows[: len(expected)]] == expected
