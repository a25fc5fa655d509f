"""The plan of a film: which page was shown when, who spoke, in whose picture. Made by web, read by the film's process.

Pure data; moments in ms since 1970.
"""

from __future__ import annotations

import msgspec

from server.clock import Millis
from server.media.recorder.index import Recorded

PLAN, FILM, PART, STATUS = "film.json", "film.mp4", "film.mp4.part", "film.status.json"


class PageFrom(msgspec.Struct, frozen=True):
    """From this moment this image is shown, a file in the recording's folder; empty: no page."""

    at: Millis
    image: str = ""


class CaptionFrom(msgspec.Struct, frozen=True):
    """From this moment these words stand in the film: the item that is dealt with, and who speaks."""

    at: Millis
    item: str = ""
    speaker: str = ""


class Plan(msgspec.Struct, frozen=True):
    """Everything a film is made of beside the recording itself."""

    title: str
    pages: tuple[PageFrom, ...] = ()
    captions: tuple[CaptionFrom, ...] = ()
    height: int = 720


class Part(msgspec.Struct, frozen=True):
    """A stretch of the recording, and where in the film it begins (ms)."""

    began_at: Millis
    ended_at: Millis
    offset: Millis


def parts_of(recorded: Recorded) -> list[Part]:
    """The stretches one after the other: gaps are left out."""
    parts: list[Part] = []
    offset = 0
    for stretch in recorded.stretches:
        if stretch.ended_at > stretch.began_at:
            parts.append(Part(stretch.began_at, stretch.ended_at, offset))
            offset += stretch.ended_at - stretch.began_at
    return parts


def page_at(plan: Plan, moment: Millis) -> str:
    """The image shown at that moment; empty when none is."""
    return next((one.image for one in reversed(plan.pages) if one.at <= moment), "")


def caption_at(plan: Plan, moment: Millis) -> CaptionFrom:
    """The words at that moment."""
    return next((one for one in reversed(plan.captions) if one.at <= moment), CaptionFrom(0))
