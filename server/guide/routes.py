"""The doors of the guide: the same pages over HTTPS and, before anybody trusts us, over plain HTTP on another port."""

from __future__ import annotations

import ipaddress
from pathlib import Path

from aiohttp import web

from server import certificates
from server.guide.page import BASE, page
from server.guide.steps import Language
from server.machine import DNS_NAME

STYLE = Path(__file__).with_name("guide.css")
POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def routes(ca_file: Path, https_port: int, public_url: str = "") -> list[web.RouteDef]:
    """The guide at `/cai-dat` for the authority in `ca_file`; the pages lead to `public_url` or the name asked for."""

    async def vietnamese(request: web.Request) -> web.Response:
        return _page(request, "vi")

    async def english(request: web.Request) -> web.Response:
        return _page(request, "en")

    def _page(request: web.Request, language: Language) -> web.Response:
        html = page(language, house(request, https_port, public_url), certificates.fingerprint(ca_file))
        return _answer(html.encode(), "text/html", charset="utf-8")

    async def style(_request: web.Request) -> web.Response:
        return _answer(STYLE.read_bytes(), "text/css", charset="utf-8")

    async def certificate(_request: web.Request) -> web.Response:
        return _download(certificates.der(ca_file), "application/x-x509-ca-cert", "hopso-ca.crt")

    async def profile(_request: web.Request) -> web.Response:
        return _download(certificates.profile(ca_file), "application/x-apple-aspen-config", "hopso-ca.mobileconfig")

    return [
        web.get(BASE, vietnamese),
        web.get(f"{BASE}/en", english),
        web.get(f"{BASE}/guide.css", style),
        web.get(f"{BASE}/hopso-ca.crt", certificate),
        web.get(f"{BASE}/hopso-ca.mobileconfig", profile),
    ]


def plain_app(ca_file: Path, https_port: int, public_url: str = "") -> web.Application:
    """An application for plain HTTP: the guide, and a redirection to HTTPS for everything else."""

    async def elsewhere(request: web.Request) -> web.Response:
        target = house(request, https_port, public_url) + request.rel_url.raw_path_qs.lstrip("/")
        raise web.HTTPFound(target)

    app = web.Application(client_max_size=1024)
    app.add_routes(routes(ca_file, https_port, public_url))
    app.router.add_route("*", "/{anything:.*}", elsewhere)
    return app


def house(request: web.Request, https_port: int, public_url: str) -> str:
    """The HTTPS address under the name by which we were asked, ending in a slash."""
    if public_url:
        return public_url.rstrip("/") + "/"
    name = request.url.host or ""
    port = "" if https_port == 443 else f":{https_port}"
    return f"https://{_bracketed(name)}{port}/"


def _bracketed(name: str) -> str:
    """A host name or address as it stands in a URL; what is neither becomes `localhost`."""
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return name if DNS_NAME.fullmatch(name.lower()) else "localhost"
    return f"[{address}]" if address.version == 6 else str(address)


def _download(content: bytes, kind: str, name: str) -> web.Response:
    return _answer(content, kind, disposition=f'attachment; filename="{name}"')


def _answer(content: bytes, kind: str, charset: str | None = None, disposition: str = "") -> web.Response:
    headers = {"Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff", "Cache-Control": "no-cache"}
    if disposition:
        headers["Content-Disposition"] = disposition
    return web.Response(body=content, content_type=kind, charset=charset, headers=headers)
