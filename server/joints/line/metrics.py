"""Figures of the house for whoever operates it, in Prometheus' text format: how it stands, never who does what."""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

import msgspec
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector

from server.media.control import Load
from server.media.line.alarms import RULES
from server.media.line.history import WORSE, Row

CONTENT_TYPE = CONTENT_TYPE_LATEST


class Figures(msgspec.Struct, frozen=True):
    """How the house stands at one moment. `rows`: running meeting → its lines."""

    sessions: int
    conferences: int
    rows: Mapping[str, Sequence[Row]]
    loads: Mapping[str, Load | None] = {}
    """Media process → what it said last; None while it is away."""


def exposition(figures: Figures) -> bytes:
    """The page that Prometheus reads, with this process's own memory, time and files."""
    registry = CollectorRegistry(auto_describe=False)
    ProcessCollector(namespace="hopso_web", registry=registry)
    registry.register(_House(figures))
    return generate_latest(registry)


class _House(Collector):
    def __init__(self, figures: Figures) -> None:
        self.figures = figures

    def collect(self) -> Iterable[Metric]:
        figures = self.figures
        up = {name: int(load is not None) for name, load in figures.loads.items()}
        yield _many("hopso_media_up", "Whether a media process answers (1) or not (0).", "process", up)
        yield _one("hopso_sessions", "Signed-in sessions with an open line to this process.", figures.sessions)
        yield _one("hopso_conferences", "Meetings that are published and not over.", figures.conferences)
        yield from _media({name: load for name, load in figures.loads.items() if load is not None})
        yield from _lines([row for rows in figures.rows.values() for row in rows])


COUNTS: tuple[tuple[str, str, Callable[[Load], float]], ...] = (
    ("hopso_media_sent_bytes", "Octets of sound and pictures that were sent.", lambda load: load.octets_out),
    ("hopso_media_dropped", "Datagrams that the socket did not take.", lambda load: load.dropped),
    ("hopso_media_moved", "Peers that went on from another address.", lambda load: load.moved),
    ("hopso_media_cpu_seconds", "User and system time of the media process.", lambda load: load.cpu_ms / 1000),
)


def _media(loads: Mapping[str, Load]) -> Iterable[Metric]:
    """The media processes by their own words."""
    if not loads:
        return
    sessions = GaugeMetricFamily(
        "hopso_media_sessions", "Sessions of the media process.", labels=["process", "direction"]
    )
    packets = CounterMetricFamily(
        "hopso_media_packets", "Packets of sound and pictures, also between home and edge.",
        labels=["process", "direction"],
    )  # fmt: skip
    for name, load in loads.items():
        sessions.add_metric([name, "up"], load.up)
        sessions.add_metric([name, "down"], load.down)
        packets.add_metric([name, "in"], load.packets_in)
        packets.add_metric([name, "out"], load.packets_out)
    yield from (sessions, packets)
    sound_only = {name: load.sound_only for name, load in loads.items()}
    says = "Receivers that get sound only, by order or for want of speed."
    yield _many("hopso_media_sound_only", says, "process", sound_only)
    memory = {name: load.memory for name, load in loads.items()}
    yield _many("hopso_media_resident_memory_bytes", "Memory of the media process.", "process", memory)
    for metric, says, value in COUNTS:
        family = CounterMetricFamily(metric, says, labels=["process"])
        for name, load in loads.items():
            family.add_metric([name], value(load))
        yield family


def _lines(rows: Sequence[Row]) -> Iterable[GaugeMetricFamily]:
    states = Counter(row.state for row in rows)
    yield _many("hopso_sites", "Sites by the state of their line.", "state", {one: states[one] for one in WORSE})
    kinds = Counter(alarm.kind for row in rows for alarm in row.alarms)
    counted = {rule.kind: kinds[rule.kind] for rule in RULES}
    yield _many("hopso_line_alarms", "Alarms on the technicians' boards.", "kind", counted)
    loss = {
        "up": max((row.up_loss for row in rows), default=0) / 1000,
        "down": max((row.down_loss for row in rows), default=0) / 1000,
    }
    yield _many("hopso_line_loss_ratio_max", "The worst loss of any line.", "direction", loss)
    rates = {"up": sum(row.up_bps for row in rows), "down": sum(row.down_bps for row in rows)}
    yield _many("hopso_line_bits_per_second", "What all sites send and receive.", "direction", rates)
    slowest = max((row.rtt_ms for row in rows), default=0) / 1000
    yield _one("hopso_line_round_trip_seconds_max", "The longest round trip of any line.", slowest)
    yield _one("hopso_line_drops", "Connections that dropped in running meetings.", sum(row.drops for row in rows))


def _one(name: str, says: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, says, value=value)


def _many(name: str, says: str, label: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, says, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family


def may_read(remote: str | None, is_forwarded: bool, trusted: Collection[str]) -> bool:
    """Whether this address may: one of these, or of these networks ("10.1.0.0/16").

    What a proxy forwards does not come from where the packets do: it is refused, whoever's address it carries.
    """
    if remote is None or is_forwarded:
        return False
    address = ipaddress.ip_address(remote)
    return any(address in ipaddress.ip_network(one, strict=False) for one in trusted)
