"""How much one receiver can take, from its transport-wide reports: lower at once, raise by trying."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable
from typing import NamedTuple

from server.clock import Millis

START_BPS = 4_000_000
FLOOR_BPS = 60_000
CEILING_BPS = 60_000_000
REMEMBERED = 2048
"""Moments remembered at which something was sent, more than ten seconds of a port that is looked at all the time."""
LOSS_LIMIT = 0.08
HEALED_LOSS = 0.01
QUEUE_LIMIT_MS = 120.0
GROWTH_A_SECOND = 1.10
PATIENCE_MS = 2_000
PATIENCE_LIMIT_MS = 60_000
BASE_LIFE_MS = 15_000
ALARM_MS = 200.0
QUIET_QUEUE_MS = 40.0
SURE = 0.85
"""What of a measured rate, or of what arrived, may be used."""
OWN_LOSS_LIMIT = 0.4
SMALL_BPS = 150_000
"""Whoever gets no more than this and still loses packets does not lose them by being sent too many."""
GENTLE_BPS = 250_000
"""Room for the smallest layer and a voice."""
GENTLE_LOSS = 0.2
RETURN_MS = 400
DRAINED_MS = 2_000
"""A queue of ours is gone by then when we send much less; what still waits waits elsewhere."""


class Departures:
    """The transport-wide numbering of one receiver, and when what left: `wide` is the newest number, `at_us` its time.

    All bursts of one look at the port leave at one moment, which is noted once.
    """

    __slots__ = ("at_us", "forgotten", "moments", "wide")

    def __init__(self) -> None:
        self.wide = 0
        self.at_us = -1
        self.moments: deque[tuple[int, int]] = deque(maxlen=REMEMBERED)
        """(The last number before that moment, its time in µs)."""
        self.forgotten: int | None = None

    def begin(self, at_us: int) -> None:
        """What is numbered from here on leaves at this time."""
        self.at_us = at_us
        self.moments.append((self.wide, at_us))

    def when(self, number: int) -> int | None:
        """The time at which this number left; None when it is forgotten. Asked in order: older ones are forgotten."""
        moments = self.moments
        if (self.wide - number) & 0x8000:
            return None
        if self.forgotten is not None and (self.forgotten - number) & 0xFFFF < REMEMBERED:
            return None
        while len(moments) > 1 and (moments[1][0] - number) & 0x8000:
            moments.popleft()
            self.forgotten = moments[0][0]
        return moments[0][1] if moments else None


class Before(NamedTuple):
    """How it was when the budget was first lowered."""

    at: Millis
    budget: int
    loss: float
    queue_ms: float
    received_bps: int
    loses_anyway: bool = False
    """Whether as much was lost since, although much less was sent."""


class Estimator:
    """The budget of one receiver in bits a second.

    Lasting loss over 8 % or a queue of more than 120 ms on the way lowers the budget to 85 % of what arrived. Going up
    is try-and-fall-back: the budget grows after a pause, and every failed try doubles the pause, up to a minute.

    Loss without a queue may be the line's own, as on a bad radio link: when a lower rate does not lessen it, it is
    (`own_loss`), is expected from then on, and the budget returns. After loss alone it also returns as soon as the loss
    has ended; again the pause before that doubles with every try that fails. A queue that stays although much less is
    sent is a longer way, as after a change of network.

    While so little is sent that nothing can be learnt of it, the line is measured (`probing.py`): what it takes is
    given back at once, under the same pause.
    """

    def __init__(self, now: Millis) -> None:
        self.budget = START_BPS
        self.loss = 0.0
        self.queue_ms = 0.0
        self.received_bps = 0
        self.departures = Departures()
        self._arrived = self._lost = self._reports = self._with_loss = 0
        self._delays: list[float] = []
        self._base: tuple[float, Millis] | None = None
        self._assessed_at = self._lowered_at = now
        self._patience = PATIENCE_MS
        self._grown = False
        self.own_loss = 0.0
        self._before: Before | None = None
        self._returned_at: Millis = now - PATIENCE_LIMIT_MS
        self.given_back = False
        """Whether the last look gave the budget back that loss had taken: the line is not thin."""
        self._pause = RETURN_MS
        self._measured = 0
        self.alarmed = False
        """Whether everything waits so long already that the next look should not wait."""

    def reported(self, arrived: int, lost: int, arrivals: Iterable[tuple[int, int]]) -> None:
        """Take in one report: how many arrived and were lost, and (number, the receiver's µs) of some arrivals."""
        self._lost += lost
        self._arrived += arrived
        self._reports += 1
        self._with_loss += lost > 0
        delays = [(at - left) / 1000 for number, at in arrivals if (left := self.departures.when(number)) is not None]
        self._delays += delays
        if delays and self._base is not None and min(delays) - self._base[0] > ALARM_MS:
            self.alarmed = True

    def measured(self, bitrate: int) -> None:
        """A try has shown how fast the line is: believed at the next look, unless packets are lost or wait."""
        self._measured = bitrate

    def believed(self, bitrate: int) -> None:
        """A REMB: it only ever follows the received rate, so it may only lower the budget."""
        self.budget = max(FLOOR_BPS, min(self.budget, bitrate))

    def assess(self, now: Millis, size: int) -> bool:
        """Weigh what was reported since the last time (call about every 500 ms); true when the way is congested.

        `size` is the average of the packets sent: reports only count them.
        """
        self.given_back = self.alarmed = False
        elapsed = max(now - self._assessed_at, 1)
        self._assessed_at = now
        total = self._arrived + self._lost
        if not total:
            return False
        self.loss = self._lost / total
        self.received_bps = self._arrived * size * 8000 // elapsed
        self.queue_ms = self._queue(now)
        # An outage is over when it is reported, and says nothing of how much the line can take.
        lasting = 2 * self._with_loss > self._reports
        self._arrived = self._lost = self._reports = self._with_loss = 0
        self._delays.clear()
        measured, self._measured = int(self._measured * SURE), 0
        if self._before is not None and self.loss > LOSS_LIMIT and self._slower(self._before, 0.8):
            self._before = self._before._replace(loses_anyway=True)
        if self.queue_ms <= QUEUE_LIMIT_MS and not (lasting and self._loses_more(total)):
            self.own_loss = min(self.own_loss, (3 * self.own_loss + self.loss) / 4)
            self._raise(now, elapsed, min(measured, START_BPS))
            return False
        if self._loses_anyway():
            self.own_loss = self.loss
            self._return(now, self._before_bps)
        elif self._waits_anyway(now):
            self._base = None
            self._return(now, self._before_bps)
        else:
            self._lower(now)
        return True

    def _loses_more(self, total: int) -> bool:
        """Whether more is lost than the line itself loses: of few packets by more than one chance may have it."""
        return self.loss - self.own_loss > LOSS_LIMIT + math.sqrt(LOSS_LIMIT * (1 - LOSS_LIMIT) / total)

    def _loses_anyway(self) -> bool:
        """Whether a lower rate has not helped, so that the loss is none of our doing."""
        before = self._before
        if before is None or max(before.queue_ms, self.queue_ms) > QUIET_QUEUE_MS or self.loss > OWN_LOSS_LIMIT:
            return False
        return self._slower(before, 0.8) and self.loss > 0.6 * before.loss

    def _waits_anyway(self, now: Millis) -> bool:
        """Whether the way has become longer: a queue would have emptied meanwhile."""
        before = self._before
        if before is None or now - before.at < DRAINED_MS or before.queue_ms <= QUIET_QUEUE_MS:
            return False
        return self._slower(before, 0.6) and self.queue_ms > 0.6 * before.queue_ms

    def _slower(self, before: Before, share: float) -> bool:
        return self.received_bps < max(share * before.received_bps, SMALL_BPS)

    def _queue(self, now: Millis) -> float:
        """What all packets wait for, in ms: clocks differ by a constant that cancels out, and jitter spares a few."""
        if not self._delays:
            return self.queue_ms
        delays = sorted(self._delays)
        shortest = delays[0]
        base = self._base
        if base is None or shortest < base[0] or now - base[1] > BASE_LIFE_MS or shortest - base[0] > 10_000:
            base = self._base = (shortest, now)
        return delays[len(delays) // 10] - base[0]

    def _lower(self, now: Millis) -> None:
        before = self._before
        if before is None:
            self._before = Before(now, self.budget, self.loss, self.queue_ms, self.received_bps)
            if now - self._returned_at < PATIENCE_MS:
                self._pause = min(self._pause * 2, PATIENCE_LIMIT_MS)
        elif self.queue_ms > before.queue_ms:
            self._before = before._replace(queue_ms=self.queue_ms)
        if self._grown:
            self._patience, self._grown = min(self._patience * 2, PATIENCE_LIMIT_MS), False
        self._lowered_at = now
        sent_bps = self.received_bps / max(1 - self.loss, 0.1)
        if before is None and self.loss <= GENTLE_LOSS:
            # Little may have arrived because little was sent: one bad moment does not take the picture away.
            self.budget = min(self.budget, max(GENTLE_BPS, int(self.received_bps * SURE)))
        elif before is None or sent_bps > 0.8 * self.budget or self.queue_ms > before.queue_ms:
            # Else less is sent than before already, and what waits is of that time.
            # What waits already is to leave within a second, too.
            share = max(SURE - self.queue_ms / 1000, 0.0)
            self.budget = max(FLOOR_BPS, min(self.budget, int(self.received_bps * share)))

    @property
    def _before_bps(self) -> int:
        return self._before.budget if self._before is not None else 0

    def _return(self, now: Millis, budget: int) -> None:
        """Go back to where the budget was before it was lowered, or to what was measured."""
        self.budget = max(self.budget, budget)
        self._before, self._returned_at, self.given_back = None, now, True

    def _raise(self, now: Millis, elapsed: Millis, measured: int) -> None:
        calm = now - self._lowered_at
        if calm > PATIENCE_LIMIT_MS:
            self._patience, self._pause = PATIENCE_MS, RETURN_MS
        before = self._before
        if before is not None and before.queue_ms <= QUIET_QUEUE_MS:
            healed = before.loses_anyway and self.loss <= HEALED_LOSS
            if healed or calm >= self._pause:
                self._return(now, before.budget)
        elif measured and self.budget < START_BPS:
            # What is known needs no trying. Beyond that a few packets say nothing of a line.
            if measured > self.budget and calm >= self._pause:
                self._return(now, measured)
        elif calm > self._patience:
            self._before, self._grown = None, True
            self.budget = min(CEILING_BPS, int(self.budget * (1 + (GROWTH_A_SECOND - 1) * elapsed / 1000)))
