"""What is told of votes beside the log: one's own, how many have voted, and the result as a table."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from server.errors import Forbidden
from server.meetings import store
from server.meetings.export import table_of
from server.meetings.former import with_former
from server.meetings.roles import DESK_AND_SECRETARY
from server.meetings.service import Asker, Meetings
from server.meetings.votes import mandates_of

VOTED = "?"
"""What stands for the choice of a secret vote: nobody knows it."""


class Poll(msgspec.Struct, frozen=True):
    """How a ballot stands before it is counted."""

    counts: Mapping[str, int]
    """By topic: `turnout` while it is open, `ready` before."""
    voted: tuple[str, ...] = ()
    """The mandates that have voted, sorted; for the desk's eyes."""


async def own_votes(meetings: Meetings, meeting_id: str, person: str) -> dict[str, dict[str, str]]:
    """Ballot → mandate → option: what this person has cast so far, for a tablet that comes back; `VOTED` for the option
    where the ballot is secret."""
    _, meeting = await meetings.standing(meeting_id)
    async with meetings.db.reading() as connection:
        cast = await store.own_votes(connection, meeting_id, person)
    for ballot in meeting.ballots.values():
        mine = mandates_of(ballot, person) if ballot.method == "secret" else []
        voted = await meetings.ledger.voted(ballot.id) if mine else []
        cast |= {ballot.id: {mandate: VOTED for mandate in mine if mandate in voted}} if mine else {}
    return cast


async def polled(meetings: Meetings, meeting_id: str, ballot_id: str) -> Poll:
    """What is told while people vote, and while they say that they are ready."""
    _, meeting = await meetings.standing(meeting_id)
    if meeting.ballot(ballot_id).state == "planned":
        return Poll({"ready": len(await meetings.ledger.ready(ballot_id))})
    voted = await meetings.ledger.voted(ballot_id)
    return Poll({"turnout": len(voted)}, tuple(voted))


async def result_table(
    meetings: Meetings, meeting_id: str, ballot_id: str, asker: Asker
) -> tuple[tuple[str, ...], str]:
    """The words of a file's name and the result as CSV: for all who may see it once it is announced, before that for
    the desk.

    Raises what `Meetings.seen_by` does; `Refused("ballot.unknown")`, `Forbidden("ballot.not_announced")`.
    """
    _, seen = await meetings.seen_by(meeting_id, asker)
    ballot = seen.ballot(ballot_id)
    desk = bool(await meetings.roles_of(meeting_id, asker) & DESK_AND_SECRETARY)
    counted = seen.tallies.get(ballot_id) if desk and ballot.state == "closed" else None
    if not ballot.result and counted is None:
        raise Forbidden("ballot.not_announced")
    if not seen.members.keys() >= ballot.votes.keys():  # whoever was taken back since has voted all the same
        seen = with_former(await meetings.history(meeting_id), seen)
    return ("Biểu quyết", seen.title, ballot.question, ".csv"), table_of(seen, ballot, counted)
