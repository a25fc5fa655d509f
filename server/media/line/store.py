"""The rows of lines: readings over a meeting, tests before it, and what a technician ordered for one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table, Text, func, select

from server.clock import Millis
from server.db import Connection, Database, metadata, struct_of
from server.media.line.checklist import Check
from server.media.line.history import Reading
from server.media.line.linetest import LineTest

AT_ONCE = 200

readings = Table(
    "line_readings",
    metadata,
    Column("conference", String(64), primary_key=True),
    Column("site", String(64), primary_key=True),
    Column("at", BigInteger, primary_key=True, autoincrement=False),
    Column("state", String(16), nullable=False),
    Column("up_loss", Integer, nullable=False),
    Column("down_loss", Integer, nullable=False),
    Column("rtt_ms", Integer, nullable=False),
    Column("up_bps", BigInteger, nullable=False),
    Column("down_bps", BigInteger, nullable=False),
    Column("alarms", Text, nullable=False),
)
tests = Table(
    "line_tests",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("conference", String(64), nullable=False),
    Column("site", String(64), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("test", Text, nullable=False),
    Index("ix_line_tests_conference", "conference"),
)
checks = Table(
    "line_checks",
    metadata,
    Column("conference", String(64), primary_key=True),
    Column("item", String(16), primary_key=True),
    Column("state", String(8), nullable=False),
    Column("note", Text, nullable=False),
    Column("by", String(64), nullable=False),
    Column("name", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
)
orders = Table(
    "line_orders",
    metadata,
    Column("conference", String(64), primary_key=True),
    Column("site", String(64), primary_key=True),
    Column("audio_only", Boolean, nullable=False),
    Column("by", String(64), nullable=False),
    Column("at", BigInteger, nullable=False),
)


class Order(msgspec.Struct, frozen=True):
    """What was ordered for a site's line, by whom and when."""

    site: str
    audio_only: bool
    by: str
    at: Millis


async def keep_readings(connection: Connection, db: Database, conference: str, kept: Sequence[Reading]) -> None:
    """Add these readings."""
    rows = [{**msgspec.structs.asdict(one), "conference": conference} for one in kept]
    for start in range(0, len(rows), AT_ONCE):
        await connection.execute(db.insert_or_ignore(readings, rows[start : start + AT_ONCE]))


async def readings_of(connection: Connection, conference: str) -> list[Reading]:
    """All readings of a conference, in order of time."""
    wanted = select(readings).where(readings.c.conference == conference).order_by(readings.c.at, readings.c.site)
    return [_reading(row) for row in await connection.execute(wanted)]


async def replace_readings(connection: Connection, db: Database, conference: str, kept: Sequence[Reading]) -> None:
    """These readings instead of all there were."""
    await connection.execute(readings.delete().where(readings.c.conference == conference))
    await keep_readings(connection, db, conference, kept)


async def keep_test(connection: Connection, identifier: str, conference: str, test: LineTest) -> None:
    """Add a test."""
    text = msgspec.json.encode(test).decode()
    row = {"id": identifier, "conference": conference, "site": test.site, "at": test.at, "test": text}
    await connection.execute(tests.insert().values(row))


async def newest_tests(connection: Connection, conference: str) -> list[LineTest]:
    """The last test of each site."""
    here = tests.c.conference == conference
    last = select(tests.c.site, func.max(tests.c.at).label("at")).where(here).group_by(tests.c.site).subquery()
    wanted = select(tests.c.test).join(last, (last.c.site == tests.c.site) & (last.c.at == tests.c.at)).where(here)
    return [msgspec.json.decode(row.test, type=LineTest) for row in await connection.execute(wanted)]


async def keep_check(connection: Connection, db: Database, conference: str, check: Check) -> None:
    """This line of the conference's list from now on."""
    await connection.execute(db.upsert(checks, [{**msgspec.structs.asdict(check), "conference": conference}]))


async def drop_check(connection: Connection, conference: str, item: str) -> None:
    """This line is open again."""
    await connection.execute(checks.delete().where((checks.c.conference == conference) & (checks.c.item == item)))


async def checks_of(connection: Connection, conference: str) -> list[Check]:
    """The lines somebody has looked at."""
    rows = await connection.execute(select(checks).where(checks.c.conference == conference))
    return [struct_of(Check, row) for row in rows]


async def keep_order(connection: Connection, db: Database, conference: str, order: Order) -> None:
    """The site's order from now on."""
    await connection.execute(db.upsert(orders, [{**msgspec.structs.asdict(order), "conference": conference}]))


async def audio_only_in(connection: Connection, conference: str) -> frozenset[str]:
    """The sites that shall send and receive sound only."""
    wanted = select(orders.c.site).where((orders.c.conference == conference) & orders.c.audio_only)
    return frozenset(row.site for row in await connection.execute(wanted))


async def tests_by(connection: Connection, conference: str, site: str) -> int:
    """How many tests of a site there are."""
    wanted = select(func.count()).where((tests.c.conference == conference) & (tests.c.site == site))
    return int((await connection.execute(wanted)).scalar_one())


def _reading(row: Any) -> Reading:
    return struct_of(Reading, row)
