"""Credentials for the relay (coturn's `use-auth-secret`), for sites whose network blocks UDP.

They are short-lived and belong to one endpoint; the relay itself must be told to reach the media port only.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence

import msgspec

from server.clock import Millis
from server.config import MediaSettings


class IceServer(msgspec.Struct, frozen=True):
    """A relay as the `Link` header of RFC 9725 §4.6 names it."""

    url: str
    username: str
    credential: str

    def link(self) -> str:
        """The header's value."""
        words = {"username": self.username, "credential": self.credential, "credential-type": "password"}
        return f'<{self.url}>; rel="ice-server"; ' + "; ".join(f'{key}="{value}"' for key, value in words.items())


def relays(settings: MediaSettings, endpoint: str, now: Millis) -> Sequence[IceServer]:
    """The relays this endpoint may use until the credentials expire; none without a secret."""
    if not settings.turn_secret:
        return ()
    username = f"{now // 1000 + 60 * settings.turn_minutes}:{endpoint}"
    digest = hmac.new(settings.turn_secret.encode("utf-8"), username.encode("utf-8"), hashlib.sha1).digest()
    credential = base64.b64encode(digest).decode("ascii")
    return tuple(IceServer(url, username, credential) for url in settings.turn_urls)
