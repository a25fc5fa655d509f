"""The certificate of a server that runs for years: renewed in time, and taken anew when its files change.

Connections that are open keep the certificate they were made with; new ones get the new one. Nothing is restarted.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

from server import certificates
from server.clock import Clock, Millis
from server.errors import Invalid

log = logging.getLogger("hopso.certificate")

LOOK_EVERY_S = 600.0
"""The operator's program has put new files there: they are in use after ten minutes at the latest."""


Renew = Callable[[Millis], bool]
"""Makes a new certificate where one is due at this moment (`certificates.renew`)."""


class Renewal:
    """Watches over one certificate and the TLS settings made from it."""

    def __init__(self, certificate: Path, key: Path, clock: Clock, renew: Renew | None = None) -> None:
        self.certificate = certificate
        self.key = key
        self.clock = clock
        self.renew = renew
        self.context = certificates.server_context(certificate, key)
        self._taken = self._written()

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            await self.look()

    async def look(self) -> bool:
        """Renew what is due and take what has changed; True when new connections get another certificate.

        Files that do not fit each other (one of them is still being written) are left for the next look.
        """
        try:
            if self.renew is not None:
                await asyncio.to_thread(self.renew, self.clock.now())
            written = self._written()
            if written == self._taken:
                return False
            certificates.server_context(self.certificate, self.key)  # what does not fit must not touch the live one
        except (Invalid, OSError) as error:
            log.warning("the certificate stays as it is: %s", error)
            return False
        self.context.load_cert_chain(self.certificate, self.key)
        self._taken = written
        log.info("new connections get the certificate that lasts until %s", certificates.facts(self.certificate).until)
        return True

    def _written(self) -> tuple[int, int]:
        return self.certificate.stat().st_mtime_ns, self.key.stat().st_mtime_ns
