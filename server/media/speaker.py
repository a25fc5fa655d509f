"""Who is loudest, from the levels that senders write beside their sound (RFC 6464). Nothing is decoded."""

from __future__ import annotations

from collections.abc import Collection

from server.clock import Millis

SILENCE = 127
"""−127 dBov: nothing at all."""
AUDIBLE = 57
"""Quieter than −57 dBov is the noise of a room, not a voice."""
FRESH_MS = 600
SMOOTHING = 0.12
MARGIN_DB = 6.0
HOLD_MS = 1500
SEATS = 2
"""How many are heard beside whoever has the floor."""


class Voice:
    """How loud one sender has been lately, in dB above silence."""

    __slots__ = ("heard_at", "loudness", "since")

    def __init__(self, now: Millis) -> None:
        self.loudness = 0.0
        self.heard_at = now
        self.since = now

    def at(self, now: Millis) -> float:
        """The loudness now; whoever stopped sending is silent."""
        return self.loudness if now - self.heard_at <= FRESH_MS else 0.0


class Speakers:
    """Keeps the loudest few, and does not let them flutter."""

    def __init__(self) -> None:
        self.voices: dict[str, Voice] = {}
        self.chosen: tuple[str, ...] = ()
        self.seated_at: dict[str, Millis] = {}

    def heard(self, endpoint: str, level: int, now: Millis) -> None:
        """One packet's level: 0 is the loudest, 127 silence."""
        voice = self.voices.get(endpoint)
        if voice is None:
            voice = self.voices[endpoint] = Voice(now)
        loudness = SILENCE - level
        voice.loudness += (loudness - voice.loudness) * SMOOTHING
        voice.heard_at = now

    def forget(self, endpoint: str) -> None:
        """The sender is gone."""
        self.voices.pop(endpoint, None)

    def choose(self, now: Millis, eligible: Collection[str]) -> tuple[str, ...]:
        """The loudest of those who may compete, in the order in which they took their seats.

        A seat changes hands only when the newcomer is 6 dB louder and the holder has had it for 1.5 s, or
        when the holder is silent and somebody else is not.
        """
        seated = [one for one in self.chosen if one in eligible and one in self.voices]
        waiting = sorted(
            (one for one in self.voices if one in eligible and one not in seated and self._audible(one, now)),
            key=lambda one: (-self.voices[one].at(now), one),
        )
        for challenger in waiting:
            self._seat(seated, challenger, now)
        self.chosen = tuple(seated)
        self.seated_at = {one: self.seated_at.get(one, now) for one in seated}
        return self.chosen

    def _seat(self, seated: list[str], challenger: str, now: Millis) -> None:
        if len(seated) < SEATS:
            seated.append(challenger)
            return
        quietest = min(seated, key=lambda one: self.voices[one].at(now))
        margin = self.voices[challenger].at(now) - self.voices[quietest].at(now)
        held = now - self.seated_at.get(quietest, now)
        if not self._audible(quietest, now) or (margin >= MARGIN_DB and held >= HOLD_MS):
            seated[seated.index(quietest)] = challenger
            self.seated_at.pop(quietest, None)

    def _audible(self, endpoint: str, now: Millis) -> bool:
        return self.voices[endpoint].at(now) > SILENCE - AUDIBLE
