"""The HTTP door's common manners: who is asking, what they sent, how we answer, how we say no."""

from __future__ import annotations

import asyncio
import logging
import re
import unicodedata
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from aiohttp.web_protocol import RequestPayloadError

from server.blobs import collect
from server.clock import Clock
from server.errors import Forbidden, Invalid, Problem, TooLarge, TooMany, Unauthorized, Unavailable, is_full
from server.pace import Bucket, Pace

log = logging.getLogger("hopso.http")

T = TypeVar("T")

SESSION_COOKIE = "__Host-hopso"
"""The `__Host-` prefix (RFC 6265bis §4.1.3.2) ties the cookie to this very host, over TLS only."""


BODY_WITHIN_S = 60.0
"""How long a body that is read whole may take to arrive."""
NEXT_PIECE_WITHIN_S = 60.0
"""How long an upload may pause."""


class Visitor(msgspec.Struct, frozen=True):
    """Who is asking: one signed-in session of one person, guest or site."""

    person: str
    session: str
    name: str
    unit: str = ""
    offices: frozenset[str] = frozenset()
    """Duties outside any meeting: "system" or "unit" administrator, "secretary" may prepare meetings."""
    only_meeting: str = ""
    """A guest or a site signed in by link or QR sees this meeting and nothing else."""


Identify = Callable[[str], Awaitable[Visitor | None]]
"""The visitor of a session cookie's value, or None when the session is over."""

VISITOR = web.RequestKey("visitor", Visitor)


def visitor(request: web.Request) -> Visitor:
    """Who is asking; `Unauthorized("session.none")` when nobody is signed in."""
    found: Visitor | None = request.get(VISITOR)
    if found is None:
        raise Unauthorized("session.none")
    return found


def bearer(request: web.Request) -> str:
    """The bearer token the request carries (RFC 6750 §2.1); empty without one."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def require_office(request: web.Request, *offices: str) -> Visitor:
    """Who is asking, provided they hold one of these offices; else `Forbidden("office.needed")`."""
    asking = visitor(request)
    if not asking.offices.intersection(offices):
        raise Forbidden("office.needed")
    return asking


async def read_json(request: web.Request, form: type[T], limit: int = 1 << 20) -> T:
    """The body as one of our structs. Unknown keys, NaN, wrong types and too many bytes are refused."""
    if request.content_type != "application/json":
        raise Invalid("body.not_json")
    body = await read_body(request, limit)
    try:
        return msgspec.json.decode(body, type=form)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid("body.malformed", reason=str(error)) from error


async def read_body(request: web.Request, limit: int) -> bytes:
    """The body's bytes, at most `limit` of them; else `TooLarge("body.too_large")`, `Invalid("body.too_slow")`."""
    try:
        async with asyncio.timeout(BODY_WITHIN_S):
            body = await collect(request.content.iter_chunked(1 << 16), limit)
    except TimeoutError as error:
        raise Invalid("body.too_slow") from error
    if body is None:
        raise TooLarge("body.too_large", limit_mb=max(1, limit >> 20))
    return body


async def patiently(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The pieces of an upload; `Invalid("body.too_slow")` when the next one does not come."""
    while True:
        try:
            async with asyncio.timeout(NEXT_PIECE_WITHIN_S):
                chunk = await anext(chunks, None)
        except TimeoutError as error:
            raise Invalid("body.too_slow") from error
        if chunk is None:
            return
        yield chunk


def reply(value: Any, status: int = 200, **headers: str) -> web.Response:
    """A struct (or anything msgspec can write) as JSON, never cached unless the caller says so."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    named.setdefault("Cache-Control", "no-store")
    return web.Response(body=msgspec.json.encode(value), status=status, content_type="application/json", headers=named)


MOST_LETTERS = 120
"""Of titles in a file's name: file systems take 255 bytes, and people want to read it."""
NO_FOLDERS = str.maketrans({**dict.fromkeys("/\\:*|", "-"), **dict.fromkeys('?"<>', "")})
"""What Windows takes in no file's name."""


def attachment(*words: str) -> str:
    """A `Content-Disposition` that saves the file under this name and never opens it (RFC 6266, RFC 8187).

    Of several words, as "Biên bản", the meeting's title, ".pdf", those in the middle are shortened.
    """
    first, *titles, last = words if len(words) > 1 else ("", *words)
    most = MOST_LETTERS // max(1, len(titles))
    shown = [title if len(title) <= most else f"{title[:most].rstrip()}…" for title in titles]
    name = (" - ".join(filter(None, [first, *shown])) + last).translate(NO_FOLDERS)
    plain = unicodedata.normalize("NFKD", name.replace("đ", "d").replace("Đ", "D"))
    ascii_name = "".join(c if c.isalnum() or c in "-_. " else "_" for c in plain.encode("ascii", "ignore").decode())
    return f"attachment; filename=\"{ascii_name.strip() or 'file'}\"; filename*=UTF-8''{quote(name, safe='')}"


def keep_cookie(answer: web.Response, name: str, token: str, life_s: int) -> web.Response:
    """The answer, with a secret that only our own pages send back and no script reads; an empty one forgets it."""
    answer.set_cookie(name, token, max_age=life_s, path="/", secure=True, httponly=True, samesite="Strict")
    return answer


def problem(error: Problem, now: int) -> dict[str, Any]:
    """A refusal as it goes over the wire, the same by HTTP and by socket."""
    return {"ok": False, "code": error.code, "details": error.details, "now": now}


def error_mapper(clock: Clock) -> Middleware:
    """Turns what handlers raise into answers. What we did not foresee is logged once, with an incident id."""

    @web.middleware
    async def map_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except Problem as error:
            return reply(problem(error, clock.now()), status=error.status, **_challenge(request, error))
        except web.HTTPException as error:
            if error.status < 400 or not request.path.startswith("/api/"):
                raise
            return reply({"ok": False, "code": f"http.{error.status}", "details": {}, "now": clock.now()}, error.status)
        except Exception as error:
            found = _foreseen(request, error)
            if found is not None:
                log.warning("%s: %s %s: %s", found.code, request.method, request.path, type(error).__name__)
                return reply(problem(found, clock.now()), status=found.status)
            incident = clock.fresh_id()
            log.exception("incident %s: %s %s", incident, request.method, request.path)
            bug = {"ok": False, "code": "bug", "details": {"incident": incident}, "now": clock.now()}
            return reply(bug, status=500)

    return map_errors


def _challenge(request: web.Request, error: Problem) -> dict[str, str]:
    """How one could be known (RFC 9110 §11.6.1), and what is wrong with the token that was shown (RFC 6750 §3)."""
    if error.status not in (Unauthorized.status, Forbidden.status) or not bearer(request):
        return {"WWW_Authenticate": "Bearer"} if error.status == Unauthorized.status else {}
    wrong = "invalid_token" if error.status == Unauthorized.status else "insufficient_scope"
    return {"WWW_Authenticate": f'Bearer error="{wrong}"'}


def _foreseen(request: web.Request, error: Exception) -> Problem | None:
    """What goes wrong without anybody's mistake: the client went away, sent what is no HTTP, or the disk is full."""
    gone = isinstance(error, ConnectionError) and (request.transport is None or request.transport.is_closing())
    if gone or isinstance(error, RequestPayloadError):
        return Invalid("body.cut_off")
    if is_full(error):
        return Unavailable("storage.full")
    return None


def session_reader(identify: Identify) -> Middleware:
    """Finds the visitor of the session cookie, once per request."""

    @web.middleware
    async def read_session(request: web.Request, handler: Handler) -> web.StreamResponse:
        cookie = request.cookies.get(SESSION_COOKIE)
        if cookie:
            found = await identify(cookie)
            if found is not None:
                request[VISITOR] = found
        return await handler(request)

    return read_session


CHANGES = Pace(20, 300)
"""Changes one session may ask for by HTTP; the live line has its own limits."""
MOST_SESSIONS = 20_000


def at_a_pace() -> Middleware:
    """Refuses changes that one session asks for too fast; who is not signed in is counted at the door itself."""
    buckets: dict[str, Bucket] = {}

    @web.middleware
    async def count(request: web.Request, handler: Handler) -> web.StreamResponse:
        asking = request.get(VISITOR)
        if asking is not None and request.method not in SAFE_METHODS:
            if len(buckets) >= MOST_SESSIONS:
                buckets.clear()
            bucket = buckets.setdefault(asking.session, Bucket(CHANGES))
            if not bucket.take(asyncio.get_running_loop().time()):
                raise TooMany("live.too_fast")
        return await handler(request)

    return count


SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def same_origin(allowed: Callable[[str, str], bool]) -> Middleware:
    """Refuses changes asked for by pages of other origins; `allowed(origin, host)` decides."""

    @web.middleware
    async def check_origin(request: web.Request, handler: Handler) -> web.StreamResponse:
        origin = request.headers.get("Origin")
        if request.method not in SAFE_METHODS and origin is not None and not allowed(origin, request.host):
            raise Forbidden("origin.foreign")
        return await handler(request)

    return check_origin


CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; connect-src 'self'{sockets}; "
    "style-src 'self'; script-src 'self'; worker-src 'self'; font-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


HOST = re.compile(r"[A-Za-z0-9.:\[\]-]{1,255}")


def policy(host: str) -> str:
    """The content security policy of pages of this host (CSP level 3): nothing inline, nothing from elsewhere.

    Older Safaris do not count our own sockets to 'self', so they are named.
    """
    return CONTENT_SECURITY_POLICY.format(sockets=f" wss://{host}" if HOST.fullmatch(host) else "")


async def harden(request: web.Request, response: web.StreamResponse) -> None:
    """Response headers every page gets (`on_response_prepare` signal)."""
    headers = response.headers
    headers.setdefault("Content-Security-Policy", policy(request.host))
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    headers.setdefault("Permissions-Policy", "camera=(self), microphone=(self), display-capture=(self), geolocation=()")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
