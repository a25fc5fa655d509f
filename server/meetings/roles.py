"""Who somebody is in a meeting. A role belongs to a meeting; one person may hold several."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What a person may do here. The last group is not given but follows from the meeting's course."""

    SYSTEM_ADMIN = "system_admin"
    UNIT_ADMIN = "unit_admin"

    CHAIR = "chair"
    DEPUTY = "deputy"
    SECRETARY = "secretary"
    DELEGATE = "delegate"
    GUEST = "guest"
    TECHNICIAN = "technician"
    SITE = "site"

    ACTING = "acting"
    """A secretary whom the chair lets tap in their place ("điều hành thay")."""
    CONTROLLING = "controlling"
    """The deputy to whom the controls went while the chair is cut off; the chair stays the chair."""
    PRESENTER = "presenter"
    """Whoever was handed the presenting of pages."""
    SYSTEM = "system"
    """The house itself: a paper finished converting, a speaker's time ran out."""


DESK = frozenset({Role.CHAIR, Role.ACTING, Role.CONTROLLING})
"""Those who steer the meeting."""

RECORDERS = DESK | {Role.SECRETARY}
"""Those who put on record what others do."""

DESK_AND_SECRETARY = DESK | {Role.SECRETARY, Role.DEPUTY}
"""Those who see what is not yet for everyone."""

PREPARERS = frozenset({Role.SECRETARY, Role.UNIT_ADMIN, Role.CHAIR})
"""Those who prepare the meeting and keep its lists."""

ATTENDEES = frozenset({Role.CHAIR, Role.DEPUTY, Role.SECRETARY, Role.DELEGATE, Role.GUEST})
"""Persons who take part."""

MINUTES_WRITERS = frozenset({Role.SECRETARY, Role.CHAIR})
"""Those who write the minutes: the secretaries, and the chair who signs them too."""
