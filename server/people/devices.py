"""Devices that have no browser: encoders, players and room codecs, each with a secret of its own for one meeting.

They are kept beside invitations, which they resemble: a way into one meeting, for one site, for a while, revocable. But
no device ever signs in: what it holds opens a media connection or a call, and no session.
"""

from __future__ import annotations

import msgspec

from server.clock import Clock, Millis
from server.db import Database
from server.errors import Conflict, Invalid, NotFound, Unauthorized
from server.people.invitations import DEVICES, Invitation, number_of
from server.people.names import clean
from server.people.sessions import token_hash as hash_of
from server.people.store import door

TRIES = 8
"""So many fresh numbers are tried before one must be free; with ten digits the first one always is."""
SECRET_LIMIT = 200


class Given(msgspec.Struct, frozen=True):
    """What is typed into a device, shown once: a bearer token, or the number that a room codec dials."""

    id: str
    kind: str
    site: str
    secret: str
    expires: Millis


class Device(msgspec.Struct, frozen=True):
    """What was given, without its secret."""

    id: str
    kind: str
    site: str
    created: Millis
    expires: Millis


class Devices:
    """All devices of the house."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self.db = db
        self.clock = clock

    async def give(self, wanted: Invitation) -> Given:
        """A secret for one device of a site; the meeting decides before who may. `id` and `created` are given here."""
        if wanted.kind not in DEVICES:
            raise Invalid("device.kind")
        fresh, now = self.clock.fresh_id(), self.clock.now()
        named = {"name": clean(wanted.name), "unit": clean(wanted.unit)}
        kept = msgspec.structs.replace(wanted, id=fresh, created=now, revoked=False, **named)
        async with self.db.writing() as connection:
            for _ in range(TRIES):
                secret = self._secret(wanted.kind)
                if await door.invitation_by_code(connection, hash_of(secret)) is None:
                    await door.add_invitation(connection, kept, hash_of(secret))
                    return Given(fresh, kept.kind, kept.person, secret, kept.expires)
        raise Conflict("device.no_number")

    def _secret(self, kind: str) -> str:
        return number_of(self.clock.secret()) if kind == "codec" else self.clock.secret(32)

    async def who(self, secret: str) -> Invitation:
        """Whose secret it is; `Unauthorized("device.refused")` when it opens nothing (any more)."""
        found = None
        if 0 < len(secret) <= SECRET_LIMIT:
            async with self.db.reading() as connection:
                found = await door.invitation_by_code(connection, hash_of(secret))
        if found is None or found.kind not in DEVICES or not found.is_open(self.clock.now()):
            raise Unauthorized("device.refused")
        return found

    async def listed(self, meeting: str) -> list[Device]:
        """The devices of a meeting whose secret opens something now, the last one first."""
        async with self.db.reading() as connection:
            found = await door.invitations_of(connection, meeting, DEVICES)
        return [
            Device(one.id, one.kind, one.person, one.created, one.expires)
            for one in found
            if one.is_open(self.clock.now())
        ]

    async def codes(self, meeting: str, kind: str) -> dict[str, str]:
        """What of one kind is open in a meeting now: the SHA-256 of its secret → the site."""
        async with self.db.reading() as connection:
            return await door.open_codes(connection, meeting, kind, self.clock.now())

    async def is_open(self, device: str) -> bool:
        """Whether what was opened with it may stay open."""
        async with self.db.reading() as connection:
            found = await door.invitation_by_id(connection, device)
        return found is not None and found.is_open(self.clock.now())

    async def revoke_all(self, meeting: str, site: str, kind: str) -> None:
        """Nothing of this kind is open for a site any more."""
        for one in await self.listed(meeting):
            if (one.site, one.kind) == (site, kind):
                await self.revoke(meeting, one.id)

    async def revoke(self, meeting: str, device: str) -> None:
        """Its secret opens nothing any more. `NotFound("device.unknown")`."""
        async with self.db.writing() as connection:
            found = await door.invitation_by_id(connection, device)
            if found is None or found.meeting != meeting or found.kind not in DEVICES:
                raise NotFound("device.unknown")
            await door.revoke_invitation(connection, device)
