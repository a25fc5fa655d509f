"""The heads: every few seconds each follower hears how far the stream is, and what its own state should add up to."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

from server.callers import Caller
from server.following import Following
from server.gathering import Gathering
from server.statuses import Status, Statuses

log = logging.getLogger("hopso.live")


class Heads:
    """Tells everybody once in each interval, and few at a time: a page turn must not wait for a thousand heads."""

    def __init__(self, gathering: Gathering, statuses: Statuses, every_s: float) -> None:
        self.gathering = gathering
        self.statuses = statuses
        self.every_s = every_s

    async def run(self) -> None:
        """Tell until cancelled."""
        while True:
            shares = [share for following in self.gathering.followings.values() for share in following.shares()]
            await self._tell(shares, self.every_s / max(1, len(shares)))
            if not shares:
                await asyncio.sleep(self.every_s)

    async def _tell(self, shares: Sequence[tuple[Following, list[Caller]]], pause_s: float) -> None:
        known: tuple[Following, int, Status] | None = None  # a digest costs as much as telling it to many
        for following, callers in shares:
            await asyncio.sleep(pause_s)
            try:
                if known is None or known[:2] != (following, following.delivered):
                    known = following, following.delivered, self._head(following)
                self.gathering.tell(known[2], callers)
            except Exception:
                log.exception("no digest of %s", following.stream)

    def _head(self, following: Following) -> Status:
        known = self.gathering.door(following.stream).digest(following.stream)
        value: dict[str, Any] = {"version": following.delivered}
        if known is not None and known[0] == following.delivered:
            value["digest"] = known[1]
        if self.gathering.bus.is_shared or (known is not None and known[0] > following.delivered):
            following.look()
        return Status(following.stream, "head", self.statuses.next_seq(), value)
