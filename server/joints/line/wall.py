"""Screens beside the one somebody has: a wall, with the sites of one page, and a desk's, with what is shared."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from server.errors import Forbidden, Invalid
from server.joints.conference import NOBODY
from server.media.conference import beside
from server.meetings.meeting import Meeting
from server.meetings.roles import DESK_AND_SECRETARY, Role
from server.meetings.service import Asker, roles

WALL, DESK = "wall", "desk"
MOST_TILES = 64
OPENERS = DESK_AND_SECRETARY | {Role.TECHNICIAN}

View = Callable[[str, str, tuple[str, ...]], None]
"""`Conferences.view`."""


def show(meeting: Meeting, asker: Asker, sites: Sequence[str], view: View) -> str:
    """These sites are on the asker's wall from now on, the stage before them; the name of the wall's endpoint.

    `Forbidden("role.not_allowed")`, `Invalid("wall.too_many_tiles")`.
    """
    may_open(meeting, asker)
    if len(sites) > MOST_TILES:
        raise Invalid("wall.too_many_tiles", most=MOST_TILES)
    endpoint = beside(asker.person, WALL)
    view(meeting.id, endpoint, ("", *(site for site in sites if site in meeting.sites)))
    return endpoint


def open_desk(meeting: Meeting, asker: Asker, view: View) -> str:
    """The asker's desk receives the shared screen and no picture besides; the name of its endpoint.

    `Forbidden("role.not_allowed")` for who has no desk.
    """
    if not roles(meeting, asker) & DESK_AND_SECRETARY:
        raise Forbidden("role.not_allowed")
    endpoint = beside(asker.person, DESK)
    view(meeting.id, endpoint, (NOBODY,))
    return endpoint


def may_open(meeting: Meeting, asker: Asker) -> None:
    """The chair, the secretary, technicians, and the screen of the main site; else `Forbidden`."""
    site = meeting.sites.get(asker.person)
    if not (roles(meeting, asker) & OPENERS or (site is not None and site.main)):
        raise Forbidden("role.not_allowed")
