"""What may befall the database and the Redis that several web processes share."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import psycopg
import redis


def mishaps_of(postgres: str, redis_url: str) -> Mapping[str, Callable[[], None]]:
    """By name: the database cuts all lines, as when it is started anew; Redis forgets all; Redis cuts all lines."""

    def database_cut() -> None:
        base, _, name = postgres.replace("+psycopg", "").rpartition("/")
        with psycopg.connect(f"{base}/postgres", autocommit=True) as connection:
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))

    def redis_flushed() -> None:
        with redis.Redis.from_url(redis_url) as client:
            client.flushall()

    def redis_cut() -> None:
        with redis.Redis.from_url(redis_url) as client:
            client.client_kill_filter(_type="pubsub")
            client.client_kill_filter(_type="normal", skipme=True)

    return {"database cut": database_cut, "redis flushed": redis_flushed, "redis cut": redis_cut}
