"""The registry's verbs: list, keep and strike out sites, each by whom it belongs to."""

from __future__ import annotations

from collections.abc import Sequence

from server.db import Database
from server.errors import NotFound, Refused
from server.http import Visitor
from server.people.organisation import Organisation
from server.people.registry import store
from server.people.registry.sites import Keeper, RegisteredSite, looks_after, must_change, must_read, tidied
from server.people.store import directory


class SiteRegistry:
    """All sites of the house."""

    def __init__(self, db: Database) -> None:
        self.db = db

    async def listed(self, by: Visitor) -> list[RegisteredSite]:
        """Every site in protocol order, for those who prepare meetings or look after lines."""
        must_read(_keeper(by))
        async with self.db.reading() as connection:
            return await store.all_sites(connection)

    async def codec_of(self, identifier: str) -> str:
        """Where the codec of a site is called; empty where nobody knows."""
        async with self.db.reading() as connection:
            site = await store.site_of(connection, identifier)
        return site.codec if site is not None else ""

    async def keep(self, by: Visitor, site: RegisteredSite) -> RegisteredSite:
        """Add a site, or write down anew what is known of it; the site as it was kept."""
        kept = tidied(site)
        async with self.db.writing() as connection:
            before = await store.site_of(connection, kept.id)
            must_change(_keeper(by), before, kept)
            Organisation(await directory.all_units(connection)).get(kept.unit)
            others = [one for one in await store.all_sites(connection) if one.id != kept.id and not one.retired]
            if kept.technician and (before is None or before.technician != kept.technician):
                looks_after(await directory.account_of(connection, kept.technician))
            if kept.main and not kept.retired and any(one.main for one in others):
                raise Refused("site.main_exists")
            await store.keep_sites(connection, self.db, [kept])
        return kept

    async def drop(self, by: Visitor, identifier: str) -> None:
        """Strike a site out. `NotFound("site.not_registered")`."""
        async with self.db.writing() as connection:
            before = await store.site_of(connection, identifier)
            if before is None:
                must_read(_keeper(by))
                raise NotFound("site.not_registered")
            must_change(_keeper(by), before, None)
            await store.drop_site(connection, identifier)

    async def bring_in(self, sites: Sequence[RegisteredSite]) -> None:
        """Add or replace sites from elsewhere, whoever asks: the demo's."""
        async with self.db.writing() as connection:
            await store.keep_sites(connection, self.db, [tidied(site) for site in sites])


def _keeper(by: Visitor) -> Keeper:
    return Keeper(by.person, by.unit, frozenset() if by.only_meeting else by.offices)
