"""SIP messages as a proxy sees them (RFC 3261 §7, §16): few headers are read, the rest goes through. Pure."""

from __future__ import annotations

import re

LIMIT = 16_000
"""Octets; whoever sends more means no good."""
HEADERS_LIMIT = 128
SHORT = {"v": "via", "f": "from", "t": "to", "i": "call-id", "m": "contact", "l": "content-length", "c": "content-type"}
"""Compact forms (RFC 3261 §7.3.3)."""
URI = re.compile(r"<?(sips?):(?:([^@>;?]*)@)?(\[[0-9A-Fa-f:]+\]|[^:;>?\s,\]]+)(?::(\d{1,5}))?", re.IGNORECASE)
ADDRESS = re.compile(r"sip:(?:[A-Za-z0-9._+*#-]{1,64}@)?[A-Za-z0-9][A-Za-z0-9.-]{0,250}(?::\d{1,5})?", re.IGNORECASE)
METHOD = re.compile(r"[A-Z]{2,12}\Z")


class Message:
    """A request or a response. Headers are (name as it stood, value), in order."""

    def __init__(self, start: str, headers: list[tuple[str, str]], body: bytes) -> None:
        self.start = start
        self.headers = headers
        self.body = body

    @property
    def is_response(self) -> bool:
        """Whether it answers a request."""
        return self.start.startswith("SIP/2.0 ")

    @property
    def method(self) -> str:
        """The method of a request."""
        return self.start.split(" ", 1)[0]

    @property
    def uri(self) -> str:
        """Where a request goes."""
        return self.start.split(" ")[1]

    @property
    def status(self) -> int:
        """The status of a response."""
        return int(self.start.split(" ")[1])

    def every(self, name: str) -> list[str]:
        """All values of a header, those of one line apart."""
        return [value for key, value in self.headers if _long(key) == name]

    def one(self, name: str) -> str:
        """The first value of a header, or empty."""
        return next(iter(self.every(name)), "")

    def put_first(self, name: str, value: str) -> None:
        """A header before all others of its kind."""
        self.headers.insert(0, (name, value))

    def drop_first(self, name: str) -> str:
        """Take away the first value of a header that may hold several in one line; what it was."""
        for index, (key, value) in enumerate(self.headers):
            if _long(key) == name:
                first, comma, rest = value.partition(",")
                if comma:
                    self.headers[index] = (key, rest.strip())
                else:
                    del self.headers[index]
                return first.strip()
        return ""

    def set(self, name: str, value: str) -> None:
        """Replace a header, or add it."""
        self.headers = [(key, old) for key, old in self.headers if _long(key) != _long(name)]
        self.headers.append((name, value))

    def text(self) -> bytes:
        """As it goes over the wire."""
        head = "\r\n".join((self.start, *(f"{key}: {value}" for key, value in self.headers), "", ""))
        return head.encode("utf-8", "surrogateescape") + self.body


def read(data: bytes) -> Message | None:
    """A message; None for whatever is none."""
    head, blank, body = data.partition(b"\r\n\r\n")
    if not blank or len(data) > LIMIT:
        return None
    lines = re.sub(rb"\r\n[ \t]+", b" ", head).decode("utf-8", "surrogateescape").split("\r\n")
    headers: list[tuple[str, str]] = []
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if not colon or not name.strip():
            return None
        headers.append((name.strip(), value.strip()))
    found = Message(lines[0], headers, body)
    return found if len(headers) <= HEADERS_LIMIT and _is_sound(found) else None


def _is_sound(message: Message) -> bool:
    words = message.start.split(" ")
    if message.is_response:
        good = len(words) >= 2 and words[1].isdigit() and len(words[1]) == 3
    else:
        good = len(words) == 3 and words[2] == "SIP/2.0" and METHOD.match(words[0]) is not None
    return good and all(message.one(name) for name in ("via", "call-id", "cseq", "from", "to"))


def _long(name: str) -> str:
    lower = name.lower()
    return SHORT.get(lower, lower)


def user_of(uri: str) -> str:
    """The user part of an address."""
    found = URI.search(uri)
    return (found.group(2) or "") if found else ""


def place_of(uri: str) -> tuple[str, int] | None:
    """Host and port of an address."""
    found = URI.search(uri)
    if found is None:
        return None
    port = int(found.group(4) or 5060)
    return (found.group(3).strip("[]"), port) if 0 < port < 65536 else None


def address_of(text: str) -> str:
    """The SIP address somebody wrote down for a codec: "10.1.2.3", "phonghop@10.1.2.3", "sip:…"; empty for others."""
    words = text.split()
    address = words[0] if len(words) == 1 else ""
    scheme, colon, rest = address.partition(":")
    if colon and scheme.lower() not in ("sip", "sips") and not rest.isdigit():
        return ""
    whole = address if scheme.lower() == "sip" else f"sip:{address}"
    return whole if ADDRESS.fullmatch(whole) else ""


def via_place(via: str) -> tuple[str, int] | None:
    """Where the answer to a request with this Via goes (RFC 3261 §18.2.2, RFC 3581)."""
    found = re.match(r"SIP/2\.0/\S+\s+(\[[^\]]+\]|[^:;\s]+)(?::(\d{1,5}))?(.*)", via)
    if found is None:
        return None
    parameters = dict(re.findall(r";\s*([a-z-]+)=([^;,\s]+)", found.group(3), re.IGNORECASE))
    host = str(parameters.get("received", found.group(1))).strip("[]")
    port: str = parameters.get("rport", "") or found.group(2) or "5060"
    return (host, int(port)) if port.isdecimal() and len(port) < 6 and 0 < int(port) < 65536 else None


def response(request: Message, status: str, *headers: tuple[str, str]) -> Message:
    """An answer of our own: Via, From, To, Call-ID and CSeq as in the request."""
    kept = [(key, value) for key, value in request.headers if _long(key) in ("via", "from", "call-id", "cseq")]
    to = request.one("to")
    tagged = to if ";tag=" in to else f"{to};tag=hopso"
    return Message(f"SIP/2.0 {status}", [*kept, ("To", tagged), *headers, ("Content-Length", "0")], b"")
