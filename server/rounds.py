"""`hopso check` from door to door: this machine, the house as tablets meet it, the conference as sites meet it."""

from __future__ import annotations

from collections.abc import Iterator

from server import certificates, checkmedia, checks, checkweb
from server.checks import Finding
from server.clock import Millis
from server.config import Settings


def look(settings: Settings, now: Millis, running: bool) -> Iterator[Finding]:
    """All findings, one after the other; `running` says that our own server holds the ports."""
    yield from checks.look(settings, now, running)
    authority = None if settings.production else settings.web.certificate_file.parent / certificates.CA_FILE
    yield from checkweb.look(settings.web, running, authority)
    yield from checkmedia.look(settings.media, now, running, authority)
