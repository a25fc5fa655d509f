"""Who may follow, draw on and see which layer of ink."""

from __future__ import annotations

import msgspec
import pytest

from server.canonical import digest
from server.documents.ink import stream_of
from server.documents.live import InkDoor
from server.documents.marks import LayerRights
from server.documents.papers import VersionId
from server.errors import Forbidden, Invalid, NotFound, Problem
from server.http import Visitor
from server.streams import Entry, StreamId
from tests.documents.house import Room

BOTH, EVERY = frozenset({"mine", "all"}), frozenset({"mine", "desk", "all"})
ROLES = {
    "chủ tọa": LayerRights(EVERY, EVERY, tidies=True),
    "thư ký": LayerRights(EVERY, EVERY, tidies=True),
    "đại biểu": LayerRights(BOTH, BOTH),
    "khách mời": LayerRights(BOTH, frozenset({"mine"})),
    "người góp ý": LayerRights(BOTH, BOTH | {"desk"}),
    "người ngoài": LayerRights(),
}
PERSONS = {role: Visitor(f"person-{number}", f"session-{number}", role) for number, role in enumerate(ROLES)}
DESK = frozenset({PERSONS["chủ tọa"].person, PERSONS["thư ký"].person})

MAY: dict[tuple[str, str], tuple[bool, bool]] = {
    ("chủ tọa", "all"): (True, True),
    ("chủ tọa", "desk"): (True, True),
    ("chủ tọa", "mine"): (True, True),
    ("chủ tọa", "another's"): (False, False),
    ("thư ký", "all"): (True, True),
    ("thư ký", "desk"): (True, True),
    ("thư ký", "mine"): (True, True),
    ("thư ký", "another's"): (False, False),
    ("đại biểu", "all"): (True, True),
    ("đại biểu", "desk"): (False, False),
    ("đại biểu", "mine"): (True, True),
    ("đại biểu", "another's"): (False, False),
    ("khách mời", "all"): (True, False),
    ("khách mời", "desk"): (False, False),
    ("khách mời", "mine"): (True, True),
    ("khách mời", "another's"): (False, False),
    ("người góp ý", "all"): (True, True),
    ("người góp ý", "desk"): (True, True),
    ("người góp ý", "mine"): (True, True),
    ("người góp ý", "another's"): (False, False),
    ("người ngoài", "all"): (False, False),
    ("người ngoài", "desk"): (False, False),
    ("người ngoài", "mine"): (False, False),
    ("người ngoài", "another's"): (False, False),
}
"""(role, layer) -> may follow, may draw."""


def door_of(room: Room) -> InkDoor:
    async def rights(visitor: Visitor, version: str) -> LayerRights:
        return ROLES[visitor.name]

    return InkDoor(room.ink, rights, lambda version: DESK, lambda visitor, version: visitor.name == "thư ký")


async def version_in(room: Room) -> VersionId:
    [paper] = await room.papers.on_shelf("họp-1")
    assert paper.version is not None
    return paper.version.id


def adding(mark: str) -> bytes:
    stroke = {"kind": "stroke", "id": mark, "page": 1, "tool": "pen", "colour": "#000000", "width": 20}
    return msgspec.json.encode({"type": "stroke.add", "stroke": stroke | {"points": [[1, 2, 3]]}})


def erasing(mark: str) -> bytes:
    return msgspec.json.encode({"type": "stroke.erase", "id": mark})


def test_the_table_of_rights_names_every_role_and_layer() -> None:
    assert set(MAY) == {(role, layer) for role in ROLES for layer in ("all", "desk", "mine", "another's")}


@pytest.mark.parametrize(("role", "layer"), MAY)
async def test_each_role_follows_and_draws_where_it_may_and_nowhere_else(
    room_with_paper: Room, role: str, layer: str
) -> None:
    door, version, visitor = door_of(room_with_paper), await version_in(room_with_paper), PERSONS[role]
    stream = stream_of(version, "person-99" if layer == "another's" else layer, visitor.person)
    follows, draws = MAY[role, layer]
    if follows:
        await door.admit(visitor, stream)
    else:
        with pytest.raises(NotFound):
            await door.admit(visitor, stream)
    if draws:
        assert (await door.perform(visitor, stream, "c1", adding("stroke-1"))).ok
    else:
        with pytest.raises((NotFound, Forbidden)):
            await door.perform(visitor, stream, "c1", adding("stroke-1"))
    assert door.may_hint(visitor, stream, "stroke") is (draws and layer != "desk")
    assert not door.may_hint(visitor, stream, "anything")
    assert door.may_hint(visitor, stream, "pointer") is (role == "thư ký" and layer == "all")


@pytest.mark.parametrize(
    ("layer", "seen_by"),
    [("all", None), ("desk", DESK | {"person-7"}), ("mine", frozenset({"person-7"}))],
)
def test_an_event_goes_to_the_people_of_its_layer(
    room_with_paper: Room, layer: str, seen_by: frozenset[str] | None
) -> None:
    stream = stream_of(VersionId("0" * 64), layer, "person-7")
    entry = Entry(stream, 1, 0, "person-7", "", "stroke.added", msgspec.Raw(b"{}"))
    assert door_of(room_with_paper).audience(entry) == seen_by


async def test_remarks_to_the_desk_are_seen_by_the_desk_and_their_author(room_with_paper: Room) -> None:
    door, version = door_of(room_with_paper), await version_in(room_with_paper)
    stream, author, chair = stream_of(version, "desk", ""), PERSONS["người góp ý"], PERSONS["chủ tọa"]
    await door.perform(author, stream, "c1", adding("stroke-1"))
    await door.perform(chair, stream, "c1", adding("stroke-2"))
    for visitor, ids in ((author, ["stroke-1"]), (chair, ["stroke-1", "stroke-2"])):
        _, snapshot = await door.snapshot(visitor, stream)
        assert [stroke["id"] for stroke in msgspec.json.decode(snapshot)["strokes"]] == ids
    await door.perform(chair, stream, "c2", erasing("stroke-1"))
    events = await room_with_paper.streams.read(stream, 0)
    assert [door.audience(event) for event in events] == [DESK | {author.person}, DESK, DESK | {author.person}]
    assert door.digest(stream) is None


async def test_a_snapshot_and_the_events_after_it_are_the_fresh_snapshot(room_with_paper: Room) -> None:
    door, stream = door_of(room_with_paper), stream_of(await version_in(room_with_paper), "all", "")
    lan = PERSONS["đại biểu"]
    for number in range(4):
        await door.perform(lan, stream, f"a{number}", adding(f"stroke-{number}"))
    await door.perform(lan, stream, "e1", erasing("stroke-1"))
    version, stale = await door.snapshot(lan, stream)
    await door.perform(lan, stream, "a9", adding("stroke-9"))
    await door.perform(lan, stream, "e2", erasing("stroke-2"))
    ids = {stroke["id"] for stroke in msgspec.json.decode(stale)["strokes"]}
    for entry in await room_with_paper.streams.read(stream, version):
        mark = msgspec.json.decode(entry.data)["id"]
        ids = ids | {mark} if entry.type == "stroke.added" else ids - {mark}
    at, fresh = await door.snapshot(lan, stream)
    assert at == version + 2
    assert (
        ids
        == {stroke["id"] for stroke in msgspec.json.decode(fresh)["strokes"]}
        == {"stroke-0", "stroke-3", "stroke-9"}
    )


async def test_the_digest_follows_every_event_and_equals_that_of_a_fresh_look(room_with_paper: Room) -> None:
    door, stream = door_of(room_with_paper), stream_of(await version_in(room_with_paper), "all", "")
    lan = PERSONS["đại biểu"]
    assert door.digest(stream) is None
    await door.snapshot(lan, stream)
    assert door.digest(stream) == (0, digest([]))
    await door.perform(lan, stream, "a1", adding("stroke-b"))
    await door.perform(lan, stream, "a2", adding("stroke-a"))
    assert door.digest(stream) == (2, digest(["stroke-a", "stroke-b"]))
    await door.perform(lan, stream, "e1", erasing("stroke-b"))
    assert door.digest(stream) == (3, digest(["stroke-a"]))


@pytest.mark.parametrize(
    "command",
    [b"", b"[]", b"{}", b'{"type":"stroke.add"}', b'{"type":"stroke.shout","id":"stroke-1"}', b"\xff", b"[" * 5000],
)
async def test_a_command_out_of_form_is_refused(room_with_paper: Room, command: bytes) -> None:
    door, stream = door_of(room_with_paper), stream_of(await version_in(room_with_paper), "all", "")
    with pytest.raises(Invalid, match=r"stroke\.malformed"):
        await door.perform(PERSONS["đại biểu"], stream, "c1", command)


@pytest.mark.parametrize("stream", ["ink", "ink:abc:all", f"ink:{'0' * 64}", f"ink:{'0' * 64}:all:more"])
async def test_a_stream_with_a_strange_name_is_not_found(room_with_paper: Room, stream: str) -> None:
    with pytest.raises(Problem):
        await door_of(room_with_paper).admit(PERSONS["chủ tọa"], StreamId(stream))
