"""ICE-lite (RFC 8445 §2.5): answering connectivity checks of those who know the password, and nobody else.

Pure: octets in, octets out. Who owns which address is kept by each port (`Port.owners`) and each connection.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

import msgspec
from aioice import stun

from server.media.rtp import Octets

COOKIE = b"\x21\x12\xa4\x42"
HOST_PRIORITY = 1_853_824_767
ALWAYS_CONTROLS = 2**64 - 1
"""The tie-breaker before which every full agent that would control yields (RFC 8445 §7.3.1.1)."""
CHECK_LIMIT = 600
"""Longer than any connectivity check; whatever is longer is not read."""


class Check(msgspec.Struct, frozen=True):
    """A connectivity check whose sender proved to know the password."""

    ufrag: str
    nominates: bool
    answer: bytes


def looks_like_stun(data: Octets) -> bool:
    """Whether it may be STUN at all (RFC 7983): cheap, before anything is parsed."""
    return 20 <= len(data) <= CHECK_LIMIT and data[0] < 2 and data[4:8] == COOKIE


def check(data: bytes, address: tuple[str, int], passwords: Callable[[str, str], str | None]) -> Check | None:
    """Verify a binding request and prepare its answer; None for anything else.

    `passwords(local ufrag, remote ufrag)` gives our password for that pair, or None for unknown ones.
    """
    try:
        message = stun.parse_message(data)
    except (ValueError, struct.error, KeyError, IndexError):
        # parse_message lets struct.error through: about one in eleven mangled packets.
        return None
    if message.message_method != stun.Method.BINDING or message.message_class != stun.Class.REQUEST:
        return None
    local, separator, remote = message.attributes.get("USERNAME", "").partition(":")
    password = passwords(local, remote) if separator else None
    if password is None or not message.check_message_integrity(password.encode("ascii")):
        return None
    answer = stun.Message(
        message_method=stun.Method.BINDING,
        message_class=stun.Class.RESPONSE,
        transaction_id=message.transaction_id,
        attributes={"XOR-MAPPED-ADDRESS": address},
    )
    answer.add_message_integrity(password.encode("ascii"))
    return Check(local, "USE-CANDIDATE" in message.attributes, bytes(answer))


def question(username: str, password: str) -> bytes:
    """A connectivity check of the controlling side, which nominates at once (RFC 8445 §7.1); for our own receivers."""
    attributes = {
        "USERNAME": username,
        "PRIORITY": HOST_PRIORITY,
        "ICE-CONTROLLING": ALWAYS_CONTROLS,
        "USE-CANDIDATE": None,
    }
    message = stun.Message(stun.Method.BINDING, stun.Class.REQUEST, attributes=attributes)
    message.add_message_integrity(password.encode("ascii"))
    return bytes(message)


def is_answer(data: bytes, password: str) -> bool:
    """Whether this answers a check of ours, by somebody who knows the password."""
    try:
        message = stun.parse_message(data)
    except (ValueError, struct.error, KeyError, IndexError):
        return False
    answers = message.message_method == stun.Method.BINDING and message.message_class == stun.Class.RESPONSE
    return answers and bool(message.check_message_integrity(password.encode("ascii")))
