"""The guide over real HTTP: complete in both languages, without scripts, and with the authority to install."""

from __future__ import annotations

import plistlib
import re
import unicodedata
from pathlib import Path
from xml.etree import ElementTree

import pytest
from aiohttp.test_utils import TestClient, TestServer
from cryptography import x509

from server import certificates
from server.clock import SystemClock
from server.guide.pictures import draw
from server.guide.routes import plain_app
from server.guide.steps import android, ipad
from server.machine import Names


@pytest.fixture
def authority(tmp_path: Path) -> Path:
    names = Names(("phonghop", "localhost"), ("127.0.0.1",))
    now = SystemClock().now()
    return certificates.ensure(tmp_path, tmp_path / "server.pem", tmp_path / "server.key", names, now).ca


@pytest.fixture
async def guide(authority: Path, aiohttp_client: object) -> TestClient:
    return await aiohttp_client(TestServer(plain_app(authority, 8443)))  # type: ignore[operator]


@pytest.mark.parametrize(("path", "language"), [("/cai-dat", "vi"), ("/cai-dat/en", "en")])
async def test_the_page_is_whole_in_its_language(guide: TestClient, path: str, language: str) -> None:
    answer = await guide.get(path)
    html = await answer.text()
    assert (answer.status, answer.content_type) == (200, "text/html")
    assert f'<html lang="{language}">' in html
    assert html.count("<svg") == len(ipad("vi")) + len(android("vi"))
    assert "<script" not in html
    assert " style=" not in html
    assert unicodedata.is_normalized("NFC", html)


async def test_every_link_of_the_page_opens(guide: TestClient) -> None:
    html = await (await guide.get("/cai-dat")).text()
    links = {link for link in re.findall(r'(?:href|src)="([^"#]+)"', html) if link.startswith("/")}
    assert links >= {"/cai-dat/en", "/cai-dat/guide.css", "/cai-dat/hopso-ca.crt", "/cai-dat/hopso-ca.mobileconfig"}
    for link in links:
        assert (await guide.get(link, allow_redirects=False)).status == 200, link
    anchors = re.findall(r'href="#(\w+)"', html)
    assert anchors
    assert all(f'id="{name}"' in html for name in anchors)


async def test_android_and_windows_get_the_authority_as_a_certificate(guide: TestClient, authority: Path) -> None:
    answer = await guide.get("/cai-dat/hopso-ca.crt")
    assert answer.headers["Content-Type"] == "application/x-x509-ca-cert"
    got = x509.load_der_x509_certificate(await answer.read())
    assert got == x509.load_pem_x509_certificate(authority.read_bytes())


async def test_an_ipad_gets_a_profile(guide: TestClient, authority: Path) -> None:
    answer = await guide.get("/cai-dat/hopso-ca.mobileconfig")
    assert answer.headers["Content-Type"] == "application/x-apple-aspen-config"
    profile = plistlib.loads(await answer.read())
    assert profile["PayloadContent"][0]["PayloadContent"] == certificates.der(authority)


async def test_the_keys_are_not_offered(guide: TestClient) -> None:
    for name in ("hopso-ca.key", "server.key", "../hopso-ca.key", "%2e%2e/server.key"):
        answer = await guide.get(f"/cai-dat/{name}", allow_redirects=False)
        assert b"PRIVATE" not in await answer.read()
        assert answer.status != 200


async def test_the_fingerprint_can_be_compared(guide: TestClient, authority: Path) -> None:
    assert certificates.fingerprint(authority) in await (await guide.get("/cai-dat")).text()


@pytest.mark.parametrize(
    ("host", "target"),
    [
        ("192.168.1.5:8480", "https://192.168.1.5:8443/lich-hop?ngay=1"),
        ("phonghop.local:8480", "https://phonghop.local:8443/lich-hop?ngay=1"),
        ("[fd00::5]:8480", "https://[fd00::5]:8443/lich-hop?ngay=1"),
        ("evil@x", "https://x:8443/lich-hop?ngay=1"),
    ],
)
async def test_everything_else_is_sent_to_https_under_the_same_name(guide: TestClient, host: str, target: str) -> None:
    answer = await guide.get("/lich-hop?ngay=1", headers={"Host": host}, allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (302, target)


async def test_a_path_cannot_lead_to_another_host(guide: TestClient) -> None:
    from yarl import URL

    address = str(guide.make_url("/")) + "/evil.example/x"
    answer = await guide.session.get(URL(address, encoded=True), allow_redirects=False)
    assert answer.headers["Location"].startswith("https://127.0.0.1:8443/evil.example")


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_picture_is_well_formed_and_speaks(language: str) -> None:
    for step in (*ipad(language), *android(language)):  # type: ignore[arg-type]
        picture = ElementTree.fromstring(draw(step.screen, step.words))
        assert picture.get("aria-label") == step.words


def test_both_languages_show_the_same_steps() -> None:
    for steps in (ipad, android):
        shapes = [[(type(step.screen), step.link) for step in steps(language)] for language in ("vi", "en")]
        assert shapes[0] == shapes[1]
