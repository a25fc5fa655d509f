"""Sockets live longer than the question who opened them: what is open of an ended session, or of a lost right, ends."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection

from server.live import Live
from server.people.doors import Doors, Ended
from server.people.store import door
from server.streams import StreamId

log = logging.getLogger("hopso.sessions")

LOOK_EVERY_S = 5.0

Look = Callable[[Collection[StreamId]], Awaitable[None]]
"""Reads how the meetings stand on which these streams hang (`PaperRights.look`)."""


async def watch_sessions(doors: Doors, live: Live, ended: Ended, look: Look) -> None:
    """Look again and again, until cancelled, for sessions and rights that ended where nobody could tell this process.

    That is at the operator's terminal (`reset-password`), or at another process while Redis was away; and for rights
    in a meeting that nobody follows here.
    """
    while True:
        await asyncio.sleep(LOOK_EVERY_S)
        try:
            await end_what_is_over(doors, live, ended)
            await look(live.gathering.followings)
        except Exception:
            log.exception("cannot look which sessions and rights have ended; trying again")


async def end_what_is_over(doors: Doors, live: Live, ended: Ended) -> None:
    """One look."""
    owners = {caller.visitor.session: caller.person for caller in live.gathering.callers.values()}
    if not owners:
        return
    async with doors.db.reading() as connection:
        gone = owners.keys() - await door.living_sessions(connection, owners)
    doors.forget(gone)
    for session in gone:
        await ended(frozenset({session}), owners[session], "ended")
