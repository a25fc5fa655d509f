"""Who may ask for what: every command, every role. A new command fails here until somebody decides."""

from __future__ import annotations

import pytest

from server.errors import Forbidden, Problem
from server.meetings.acts import By, Command, Moment, all_commands, decide, tag_of
from server.meetings.meeting import Meeting
from server.meetings.roles import Role
from tests.meetings.scenario import START, opened

C, D, S, M, G, T, P, A, K = (
    Role.CHAIR,
    Role.DEPUTY,
    Role.SECRETARY,
    Role.DELEGATE,
    Role.GUEST,
    Role.TECHNICIAN,
    Role.SITE,
    Role.ACTING,
    Role.CONTROLLING,
)
PRESENTER, UNIT, HOUSE = Role.PRESENTER, Role.UNIT_ADMIN, Role.SYSTEM

PREPARE = {C, S, UNIT}
STEER = {C, A, K}
ATTEND = {C, D, S, M, G}

MAY: dict[str, set[Role]] = {
    "acting.grant": {C},
    "attendance.arrive": ATTEND,
    "attendance.at_site": {P},
    "attendance.leave": ATTEND,
    "attendance.record": STEER | {S},
    "attendance.substitute": STEER | {S},
    "ballot.announce": STEER,
    "ballot.ask_void": STEER | {S, D},
    "ballot.call": STEER,
    "ballot.cast": ATTEND,
    "ballot.cast_secretly": ATTEND,
    "ballot.close": STEER,
    "ballot.confirm_void": STEER | {S, D},
    "ballot.drop": PREPARE | STEER,
    "ballot.open": STEER,
    "ballot.enter": STEER | {S},
    "ballot.plan": PREPARE | STEER,
    "ballot.ready": ATTEND,
    "ballot.refuse_void": STEER | {S, D},
    "ballot.record": STEER | {S},
    "call.answer": {S, T},
    "call.end": ATTEND | {P, T},
    "call.make": ATTEND | {P, T},
    "chair.hand_over": {C},
    "chair.name": PREPARE,
    "controls.return": {C, K},
    "controls.take": {D},
    "floor.end": STEER | ATTEND | {HOUSE},
    "floor.extend": STEER,
    "floor.invite": STEER,
    "floor.open_now": STEER,
    "floor.order": STEER,
    "floor.quiet_first": STEER,
    "floor.register": STEER,
    "floor.reply_in_writing": STEER,
    "floor.request": ATTEND,
    "floor.withdraw": ATTEND | STEER,
    "item.add": PREPARE | STEER,
    "item.conclude": STEER | {S, D},
    "item.edit": PREPARE,
    "item.finish": STEER,
    "item.move": PREPARE | STEER,
    "item.postpone": STEER,
    "item.remove": PREPARE,
    "item.start": STEER,
    "meeting.close": STEER,
    "meeting.create": {UNIT, S},
    "meeting.describe": PREPARE,
    "meeting.open": STEER,
    "meeting.pause": STEER,
    "meeting.publish": PREPARE,
    "meeting.resume": STEER,
    "member.change": PREPARE,
    "member.invite": PREPARE,
    "member.limit": PREPARE,
    "member.remove": PREPARE,
    "member.revoke": PREPARE,
    "microphone.close": {P, M, D, C, S, G},
    "microphone.switch": STEER | {T},
    "microphones.close_all": STEER | {T},
    "microphones.lock": STEER | {T},
    "notice.end": {HOUSE},
    "notice.post": STEER | {S},
    "page.turn": STEER | {S, PRESENTER},
    "paper.attach": PREPARE | STEER,
    "paper.detach": PREPARE,
    "paper.hide": STEER | {S, PRESENTER},
    "paper.prepare": {HOUSE},
    "paper.rename": PREPARE,
    "paper.restrict": PREPARE | STEER,
    "paper.show": STEER | {S, PRESENTER},
    "presenting.ask": ATTEND,
    "presenting.withdraw": ATTEND | STEER,
    "presenting.hand_over": STEER | {S},
    "presenting.take": STEER | {S},
    "presenting.return": {PRESENTER},
    "recording.delete": {C, S, HOUSE},
    "recording.pause": STEER,
    "recording.resume": STEER,
    "recording.start": STEER,
    "recording.stop": STEER | {HOUSE},
    "screen.share": STEER | {S, PRESENTER},
    "seats.draw": PREPARE | STEER,
    "seats.fill": PREPARE | STEER,
    "seats.move": PREPARE | STEER,
    "seats.show": STEER | {S, T},
    "site.remove": PREPARE | {T},
    "site.telephone": STEER | {S, T},
    "site.add": PREPARE | {T},
    "stage.arrange": STEER | {T},
    "stage.pin": STEER | {T},
    "system.stop": STEER,
    "view.move": STEER | {S, PRESENTER},
    "waiting_room.admit": STEER | {T},
    "waiting_room.switch": PREPARE | STEER | {T},
}

EVERY_PAIR = [(command, role) for command in all_commands() for role in Role]


def test_somebody_has_decided_who_may_ask_for_every_command() -> None:
    assert set(MAY) == {tag_of(command) for command in all_commands()}


@pytest.mark.parametrize(("command", "role"), EVERY_PAIR, ids=lambda value: getattr(value, "__name__", str(value)))
def test_a_command_is_open_to_the_roles_of_the_table_and_to_no_other(command: type[Command], role: Role) -> None:
    meeting = opened().meeting
    asked = any_of(command)
    try:
        decide(asked, meeting, By("nobody", frozenset({role})), Moment(START, lambda: "fresh"))
        refused = False
    except Forbidden as error:
        refused = error.code == "role.not_allowed"
    except (Problem, KeyError):
        refused = False
    assert refused == (role not in MAY[tag_of(command)])


@pytest.mark.parametrize("command", all_commands(), ids=tag_of)
def test_a_command_outside_its_phase_is_refused_by_name(command: type[Command]) -> None:
    for phase in ("draft", "published", "open", "break", "closed"):
        if phase in command.phases:
            continue
        meeting = _in_phase(phase)
        with pytest.raises(Problem, match=f"phase.{phase}"):
            decide(any_of(command), meeting, By("nobody", frozenset(Role)), Moment(START, lambda: "fresh"))


def _in_phase(phase: str) -> Meeting:
    import msgspec

    return msgspec.structs.replace(opened().meeting, phase=phase)


def any_of(command: type[Command]) -> Command:
    """A command of this kind whose fields are empty: role and phase are checked before anything else."""
    import msgspec

    from server.meetings.meeting import Site

    blanks: dict[str, object] = {"site": Site("s", "s", "s", 9), "tally": {}, "people": (), "roles": ()}
    numbers = {"page", "x", "y", "width", "starts_at", "ends_at", "minutes", "taken_at"}
    fields = {
        field.name: blanks.get(field.name, 1 if field.name in numbers else "")
        for field in msgspec.structs.fields(command)
        if field.required
    }
    return command(**fields)
