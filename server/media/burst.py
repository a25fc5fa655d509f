"""What arrived of one stream at once, and the hot loop that sends it to everybody: nearly all of the conference's CPU.

A burst's payloads are laid out once, with room for headers and tags, and copied to each receiver in one piece; per
packet and receiver there is left to write the header and to protect. What a receiver needs for that is gathered once
into a `Plan`, whenever something about it changes: the loop reads one tuple where a dozen objects would not stay in
the processor's cache.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from msgspec import structs
from pylibsrtp._binding import ffi, lib

from server.media import red
from server.media.dtls import Keys
from server.media.egress import ARENA, MESSAGES, Destination, Egress, runs
from server.media.estimate import Departures
from server.media.rtp import Packet
from server.media.stream import Stream

PACKET_LIMIT = 1420
"""Longer packets would not fit the usual MTU once they are encrypted."""

_length = ffi.new("int *")
"""What libsrtp reads and writes as the size of a packet."""


class Image:
    """A burst as it lies in the arena of a socket, for headers and tags of one size and payloads of one form.

    `rows` are (number, marker as it stands in the header's first word, size without and with the tag).
    """

    __slots__ = ("data", "octets", "rows", "runs", "size", "timestamp")

    def __init__(self, packets: Sequence[Packet], overhead: int, tag: int) -> None:
        before, after = bytes(overhead), bytes(tag)
        # Into a bytearray only another one is copied straight; of anything else Python makes one first.
        self.data = data = bytearray()
        self.rows: list[tuple[int, int, int, int]] = []
        sizes: list[int] = []
        for one in packets:
            size = overhead + len(one.payload)
            if size <= PACKET_LIMIT:
                data += before
                data += one.payload
                data += after
                self.rows.append((one.number, one.marker << 16, size, size + tag))
                sizes.append(size + tag)
        self.size = len(data)
        self.octets = self.size - len(sizes) * (overhead + tag)
        self.runs = runs(sizes)
        self.timestamp = packets[0].timestamp

    def without(self, lost: Collection[int]) -> list[tuple[int, int, int]]:
        """The messages around the packets at these places, which could not be protected."""
        found: list[tuple[int, int, int]] = []
        sizes: list[int] = []
        start = position = 0
        for *_, step in self.rows:
            if position in lost:
                found += [(start + begin, size, segment) for begin, size, segment in runs(sizes)]
                start, sizes = position + step, []
            else:
                sizes.append(step)
            position += step
        return found + [(start + begin, size, segment) for begin, size, segment in runs(sizes)]


class Plan(NamedTuple):
    """How one receiver's slot is served. `word` is the header's first word without marker and number, `fixed` what
    follows the timestamp; `delta` and `offset` are added to the source's numbers and timestamps; `keys` keep the
    `secret` alive."""

    destination: Destination
    secret: Any
    word: int
    fixed: bytes
    delta: int
    offset: int
    departures: Departures
    mask: int
    keys: Keys


class Route(NamedTuple):
    """A plan, and what it must have in common with the others of its group. `first` is the oldest number it takes;
    `older` is how many predecessors each packet brings along, and the payload type they have there."""

    plan: Plan
    egress: Egress
    overhead: int
    tag: int
    write: Callable[..., None]
    first: int
    older: tuple[int, int] = (0, 0)


class Group(NamedTuple):
    """Receivers that are served alike; `first` is the oldest number that all of them take."""

    plans: list[Plan]
    egress: Egress
    overhead: int
    tag: int
    write: Callable[..., None]
    first: int
    older: tuple[int, int]
    destinations: list[Destination]


def grouped(routes: Iterable[Route]) -> list[Group]:
    """Mostly one group: browsers number their extensions alike."""
    found: dict[tuple[object, ...], Group] = {}
    for plan, egress, overhead, tag, write, first, older in routes:
        key = (id(egress), overhead, tag, older)
        group = found.get(key)
        if group is None:
            found[key] = Group([plan], egress, overhead, tag, write, first, older, [plan.destination])
        else:
            group.plans.append(plan)
            group.destinations.append(plan.destination)
            found[key] = group._replace(first=max(first, group.first))
    return list(found.values())


class Burst:
    """Packets of one stream and of one timestamp, in the order in which they arrived."""

    __slots__ = ("audio", "images", "lowest", "newest", "packets", "stream")

    def __init__(self, packets: list[Packet], stream: Stream) -> None:
        self.packets = packets
        self.stream = stream
        self.audio = stream.audio
        self.images: dict[tuple[object, ...], Image] = {}
        self.newest = packets[0]
        self.lowest = packets[0].number
        for one in packets:
            if one.number > self.newest.number:
                self.newest = one
            elif one.number < self.lowest:
                self.lowest = one.number

    def since(self, first: int) -> Burst | None:
        """Without what is older than that number; None when nothing is left."""
        left = [one for one in self.packets if one.number >= first]
        return Burst(left, self.stream) if left else None

    def image(self, group: Group) -> Image:
        """How it lies in memory; receivers whose headers are of one size share it."""
        depth = group.older[0]
        # Only just after a change of voice the first number matters: later all predecessors are of this one.
        first = group.first if depth and group.first > self.lowest - depth else 0
        key = (group.overhead, group.tag, group.older, first)
        found = self.images.get(key)
        if found is None:
            found = self.images[key] = Image(self._form(*group.older, first), group.overhead, group.tag)
        return found

    def _form(self, depth: int, kind: int, first: int) -> list[Packet]:
        """The packets, each with so many of its predecessors, but none from before the change of voice."""
        if not depth:
            return self.packets
        return [structs.replace(one, payload=self._with_older(one, depth, kind, first)) for one in self.packets]

    def _with_older(self, packet: Packet, depth: int, kind: int, first: int) -> bytes:
        wanted = range(max(first, packet.number - depth), packet.number)
        older = [self.stream.ring.get(number) for number in wanted]
        return red.join(kind, packet, [one for one in older if one is not None])


def forward(stream: Stream) -> bool:
    """Send what waits in a stream to all its outputs; true when a key frame was among it."""
    packets, stream.waiting = stream.waiting, []
    if not packets:
        return False
    groups = stream.groups
    if groups is None:
        groups = _plan(stream, packets)
    for burst in _bursts(packets, stream):
        if [one for one in groups if one.first > burst.lowest]:
            _fan_out_apart(burst, stream)
        else:
            for group in groups:
                fan_out(burst, group)
        stream.sent(burst.packets, burst.newest)
    return any(packet.key for packet in packets)


def _bursts(packets: list[Packet], stream: Stream) -> list[Burst]:
    """Mostly one: what arrives at once is of one picture, or one piece of sound."""
    if len(packets) == 1 or len({one.timestamp for one in packets}) == 1:
        return [Burst(packets, stream)]
    return [Burst(list(same), stream) for _, same in groupby(packets, attrgetter("timestamp"))]


def _fan_out_apart(burst: Burst, stream: Stream) -> None:
    """Somebody begins amid these packets, or one of them was overtaken by a key frame: each gets its own."""
    for route in _routes(stream):
        mine = burst.since(route.first)
        if mine is not None:
            fan_out(mine, *grouped([route]))


def _plan(stream: Stream, packets: Sequence[Packet]) -> list[Group]:
    """Who receives this now; remembered until something changes, unless somebody still waits for a key frame."""
    waiting = [one for one in tuple(stream.outputs) if one.source is not stream and not one.begins(stream, packets)]
    groups = grouped(_routes(stream))
    stream.groups = None if waiting else groups
    return groups


def _routes(stream: Stream) -> list[Route]:
    return [route for one in stream.outputs if one.source is stream and (route := one.route()) is not None]


def fan_out(burst: Burst, group: Group) -> None:
    """Protect a burst for all receivers of a group, as many at a time as there is room for."""
    image, egress = burst.image(group), group.egress
    batch = egress.urgent if burst.audio else egress.bulk
    at_us = burst.newest.arrival * 1000
    done, count = 0, len(group.plans)
    while done < count and image.size:
        start = egress.room(image.size)
        stop = min(count, done + MESSAGES, done + (ARENA - start) // image.size)
        plans = group.plans if stop - done == count else group.plans[done:stop]
        lost = _protect(image, plans, group, at_us)
        destinations = group.destinations if stop - done == count else group.destinations[done:stop]
        for begin, size, segment in image.runs if not lost else ():
            batch.extend(destinations, start + begin, image.size, (size, segment))
        for index, plan in enumerate(plans) if lost else ():
            mine = start + index * image.size
            for begin, size, segment in image.without({one - mine for one in lost}):
                batch.add(plan.destination, mine + begin, size, segment)
        egress.position = start + len(plans) * image.size
        done = stop


def _protect(image: Image, plans: Sequence[Plan], group: Group, at_us: int) -> list[int]:
    """The hot loop: header, payload and protection go straight into the arena; where it did not succeed."""
    egress, write, protect, length = group.egress, group.write, lib.srtp_protect, _length
    arena, pointer, position = egress.arena, egress.pointer, egress.position
    data, rows, total, timestamp = image.data, image.rows, image.size, image.timestamp
    lost: list[int] = []
    for _, secret, word, fixed, delta, offset, departures, mask, _ in plans:
        arena[position : position + total] = data
        if departures.at_us != at_us:
            departures.begin(at_us)
        wide, time = departures.wide, (timestamp + offset) & 0xFFFFFFFF
        for number, marker, size, step in rows:
            wide = (wide + 1) & mask
            write(arena, position, word | marker | (number + delta) & 0xFFFF, time, fixed, wide)
            length[0] = size
            if protect(secret, pointer + position, length):
                lost.append(position)
            position += step
        departures.wide = wide
    return lost
