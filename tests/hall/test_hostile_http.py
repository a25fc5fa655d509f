"""What a stranger, or a broken program, may send to the HTTP door: it gets a clear no, and nobody else notices."""

from __future__ import annotations

import asyncio
import json
import logging
import uuid

import pytest

from server.http import SESSION_COOKIE
from server.web import SILENT_S
from tests.e2e.small import MEETING, Caller, SmallHouse

COMMANDS = f"/api/meetings/{MEETING}/commands"


class Wire:
    """One connection, byte by byte."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def answer(self) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body; the connection is asked to close after it, and does."""
        first = await self.first_answer()
        assert await self.reader.read() == b""
        return first

    async def first_answer(self) -> tuple[int, dict[str, str], bytes]:
        """The same without waiting for the end of the connection."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").strip().split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines)
        return int(first.split()[1]), headers, await self.reader.readexactly(int(headers["Content-Length"]))


async def wire(small: SmallHouse, sent: bytes = b"") -> Wire:
    """A connection on which these bytes were sent."""
    host, port = small.url.removeprefix("http://").split(":")
    opened = Wire(*await asyncio.open_connection(host, int(port)))
    opened.writer.write(sent)
    await opened.writer.drain()
    return opened


def request(method: str, path: bytes, caller: Caller, body: bytes = b"", **headers: str) -> bytes:
    """A whole request as it goes over the wire."""
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    lines += [
        "Host: x",
        "Connection: close",
        f"Content-Length: {len(body)}",
        f"Cookie: {SESSION_COOKIE}={caller.cookie}",
    ]
    return b"".join((method.encode(), b" ", path, b" HTTP/1.1\r\n", "\r\n".join(lines).encode(), b"\r\n\r\n", body))


PATHS = {
    "a null byte": b"/%00",
    "a null byte in a built file": b"/assets/%00.js",
    "a name no file can have": b"/" + b"a" * 300,
    "a longer one": b"/" + b"a" * 5000,
    "dots": b"/%2e%2e/%2e%2e/etc/passwd",
    "dots in one part": b"/..%2f..%2f..%2fetc%2fpasswd",
    "an absolute path": b"//etc/passwd",
    "no UTF-8": b"/%ff%fe",
    "a null byte for a person": b"/api/people/%00",
    "a null byte for a paper": b"/api/papers/%00",
    "a null byte for a meeting": b"/api/meetings/%00",
    "a long meeting": b"/api/meetings/" + b"x" * 300,
    "minutes of nothing": b"/api/meetings/%00/minutes.docx",
}


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS.keys())
async def test_an_address_that_leads_nowhere_is_not_found_and_no_incident(
    small: SmallHouse, path: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    status, headers, body = await (await wire(small, request("GET", path, await small.caller("chair")))).answer()
    assert status in {403, 404}, body
    assert b"root:" not in body and "Content-Security-Policy" in headers
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


FORMS = {
    "no boundary": ("multipart/form-data", b"x"),
    "a boundary that is not there": ("multipart/form-data; boundary=a", b"garbage"),
    "a boundary too long": (f"multipart/form-data; boundary={'a' * 100}", b"--a\r\n"),
    "a form within a form": (
        "multipart/form-data; boundary=a",
        b"--a\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n--a--\r\n",
    ),
    "an encoding we do not know": (
        "multipart/form-data; boundary=a",
        b'--a\r\nContent-Disposition: form-data; name="f"; filename="x.pdf"\r\nContent-Encoding: zz\r\n\r\n'
        b"abc\r\n--a--\r\n",
    ),
}


@pytest.mark.parametrize(("kind", "body"), FORMS.values(), ids=FORMS.keys())
async def test_a_form_that_is_none_is_refused_and_no_incident(
    small: SmallHouse, kind: str, body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    path = f"/api/papers?shelf={MEETING}".encode()
    before = len(await small.house.papers.on_shelf(MEETING))
    secretary = await small.caller("secretary")
    sent = request("POST", path, secretary, body, Content_Type=kind)
    status, _, answer = await (await wire(small, sent)).answer()
    found = json.loads(answer)
    assert status in {201, 400} and found.get("code") != "bug", found
    assert len(await small.house.papers.on_shelf(MEETING)) == before + (status == 201)
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


BODIES = {
    "NaN": b"NaN",
    "only brackets": b"[" * 100_000,
    "nested deeply": b'{"id":"aaaaaaaaaa","command":' + b"[" * 50_000 + b"]" * 50_000 + b"}",
    "nested deeply inside": b'{"id":"aaaaaaaaab","command":{"type":"notice.post","text":' + b'{"a":' * 9_000 + b"1}",
    "half a character": b'{"id":"aaaaaaaaac","command":{"type":"notice.post","text":"\\ud800"}}',
    "infinity": b'{"id":"aaaaaaaaad","command":1e999}',
    "no UTF-8": b"\xff\xfe",
    "nothing": b"",
    "a huge text": b'{"id":"aaaaaaaaae","command":{"type":"notice.post","text":"' + b"x" * 900_000 + b'"}}',
    "too much": b"x" * 2_000_000,
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
async def test_json_that_is_none_or_too_much_is_refused(small: SmallHouse, body: bytes) -> None:
    sent = request("POST", COMMANDS.encode(), await small.caller("chair"), body, Content_Type="application/json")
    status, _, answer = await (await wire(small, sent)).answer()
    assert status in {400, 413} and json.loads(answer)["code"] in {
        "body.malformed",
        "command.malformed",
        "body.too_large",
    }


async def test_a_connection_cut_in_the_middle_leaves_nothing_behind_and_no_incident(
    small: SmallHouse, caplog: pytest.LogCaptureFixture
) -> None:
    secretary, work = await small.caller("secretary"), small.house.settings.documents.work_folder
    before = len(await small.house.papers.on_shelf(MEETING))
    head = request("POST", f"/api/papers?shelf={MEETING}".encode(), secretary, X_File_Name="a%0d%0aX: y.pdf")
    cut = await wire(small, head.replace(b"Content-Length: 0", b"Content-Length: 100000") + b"%PDF-1.7 half")
    async with asyncio.timeout(60):
        while not list(work.glob("run-*/received")):
            await asyncio.sleep(0.01)
        cut.writer.transport.abort()
        while list(work.glob("run-*/received")):
            await asyncio.sleep(0.01)
    assert len(await small.house.papers.on_shelf(MEETING)) == before
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


async def test_a_body_that_does_not_come_is_not_waited_for(small: SmallHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.http.BODY_WITHIN_S", 0.2)
    monkeypatch.setattr("server.http.NEXT_PIECE_WITHIN_S", 0.2)
    secretary, shelf = await small.caller("secretary"), f"/api/papers?shelf={MEETING}".encode()
    for path, kind in ((b"/api/session", "application/json"), (shelf, "application/pdf")):
        head = request("POST", path, secretary, Content_Type=kind).replace(b"Content-Length: 0", b"Content-Length: 99")
        slow = await wire(small, head + b"{")
        status, _, answer = await slow.first_answer()
        assert (status, json.loads(answer)["code"]) == (400, "body.too_slow")
        slow.writer.close()  # the library would go on listening for the body for ten seconds
    assert list(small.house.settings.documents.work_folder.glob("run-*/received")) == []


async def test_a_thousand_connections_that_say_nothing_disturb_nobody(small: SmallHouse) -> None:
    silent = [await wire(small, b"GET / HT" if number % 2 else b"") for number in range(1000)]
    chair = await small.caller("chair")
    assert (await chair.commands("notice.post", text=uuid.uuid4().hex))[0] == 200
    tablet = await chair.tablet()
    assert (await tablet.sync(0, f"meeting:{MEETING}"))["ok"]
    await tablet.close()
    for one in silent:
        one.writer.transport.abort()
    assert SILENT_S <= 120, "and they are not kept for ever"


@pytest.mark.parametrize("said", ["1.2.3.4", "127.0.0.1, 9.9.9.9", "unknown", "x" * 5000, "::1%eth0"])
async def test_what_a_stranger_says_of_their_address_is_not_believed(small: SmallHouse, said: str) -> None:
    body = json.dumps({"username": "chair", "password": "wrong"}).encode()
    for _ in range(small.house.settings.people.lockout_attempts):
        sent = request(
            "POST",
            b"/api/session",
            Caller("", small.session),
            body,
            X_Forwarded_For=said,
            Content_Type="application/json",
        )
        assert (await (await wire(small, sent)).answer())[0] == 401
    sent = request("POST", b"/api/session", Caller("", small.session), body, Content_Type="application/json")
    assert (await (await wire(small, sent)).answer())[0] == 429, "all of these tries came from one address"


async def test_no_page_of_another_origin_changes_anything_by_any_door(small: SmallHouse) -> None:
    """Every route that is not a GET, asked with a session and a foreign `Origin`: refused before anything is done."""
    chair = await small.caller("chair")
    routes = {
        ("POST", "/api/session"), ("DELETE", "/api/session"), ("POST", "/api/enter"), ("POST", "/api/ticket"),
        ("DELETE", "/api/sessions"), ("POST", "/api/password"), ("POST", "/api/second-factor"),
        ("PUT", "/api/second-factor"), ("DELETE", "/api/second-factor"), ("PUT", "/api/units"),
        ("POST", "/api/people"), ("POST", "/api/people/delegate/reset"), ("POST", COMMANDS), ("POST", "/api/meetings"),
        ("POST", f"/api/meetings/{MEETING}/invitations"), ("POST", "/api/outbox-key"),
        ("POST", f"/api/papers?shelf={MEETING}"), ("POST", f"/api/media/{MEETING}/up"),
        ("POST", f"/api/meetings/{MEETING}/minutes/updates"),
    }  # fmt: skip
    for method, path in sorted(routes):
        for origin in ("https://evil.example", "null", "http://x", "https://x.evil.example", "https://x:444"):
            sent = request(method, path.encode(), chair, b"{}", Origin=origin, Content_Type="application/json")
            status, _, answer = await (await wire(small, sent)).answer()
            assert (status, json.loads(answer)["code"]) == (403, "origin.foreign"), (method, path, origin)
    assert (await chair.asks("GET", "/api/me"))[0] == 200


@pytest.mark.parametrize("octets", ["0", "-1", "4194305", "1" * 5000, "000000000001" + "9" * 20, "٣", "1e3", ""])
async def test_a_line_is_not_tested_with_octets_without_end(small: SmallHouse, octets: str) -> None:
    status, answer = await (await small.caller("technician")).asks("GET", f"/api/line-sample?octets={octets}")
    assert (status, answer["code"]) == (400, "line.sample_size")
