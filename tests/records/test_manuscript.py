from __future__ import annotations

import base64
import json
import random
from pathlib import Path
from typing import Any

import msgspec
import pycrdt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.errors import Invalid, Problem, Refused
from server.records.attending import Attendee, Presence
from server.records.blocks import Block, Run, digest, news, plain
from server.records.course import Speech
from server.records.draft import draft
from server.records.manuscript import Manuscript
from server.records.prose import blocks_of, node_of, words_of
from tests.records.example import COURSE, DECISION, HUONG, OPENED, THAO, at

RECORDED = json.loads(Path(__file__).with_name("yjs_updates.json").read_text("utf-8"))
UPDATES = [base64.b64decode(update) for update in RECORDED["updates"]]


def taken_in(course: Any = COURSE, manuscript: Manuscript | None = None) -> Manuscript:
    manuscript = manuscript or Manuscript(client=7)
    drafted = draft(course)
    manuscript.take_in(manuscript.news(drafted), [block.id for block in drafted])
    return manuscript


class Editor:
    """A second author with a document of their own, as the browser has one."""

    def __init__(self, state: bytes, client: int) -> None:
        self.doc: pycrdt.Doc[Any] = pycrdt.Doc(client_id=client)
        self.text = self.doc.get("default", type=pycrdt.XmlFragment)
        self.doc.apply_update(state)

    def type(self, paragraph: int, where: int, words: str) -> bytes:
        before = self.doc.get_state()
        text = self.text.children[paragraph].children[0]
        text.insert(min(where, len(text)), words, {})
        return self.doc.get_update(before)

    def paragraph(self, where: int, words: str) -> bytes:
        before = self.doc.get_state()
        self.text.children.insert(where, pycrdt.XmlElement("paragraph", {}, [pycrdt.XmlText(words)]))
        return self.doc.get_update(before)

    def delete(self, where: int) -> bytes:
        before = self.doc.get_state()
        del self.text.children[where]
        return self.doc.get_update(before)


def lines(manuscript: Manuscript) -> list[str]:
    return [block.text for block in blocks_of(manuscript.content())]


# ---- real yjs ------------------------------------------------------------------------------------------------------


def test_what_real_yjs_wrote_reads_the_same_here() -> None:
    manuscript = Manuscript()
    for update in UPDATES:
        manuscript.merge(update)
    first, second, bullets, broken = manuscript.content()
    assert first["attrs"] == {"block": "began", "event": 2, "kind": "fact", "at": 1791998000000}
    assert second["content"] == [
        {"type": "text", "text": "C đây. D đây. <b>&iến "},
        {"type": "text", "text": "đậm 😀", "marks": [{"type": "bold"}]},
        {"type": "text", "text": " và "},
        {"type": "text", "text": "nghiêng", "marks": [{"type": "italic"}]},
    ]
    assert [item["content"][0]["content"][0]["text"] for item in bullets["content"]] == ["một", "hai"]
    assert [part["type"] for part in broken["content"]] == ["text", "hardBreak", "text"]


def test_recorded_updates_twice_or_out_of_turn_between_authors_give_one_text() -> None:
    *agreed, one, other = UPDATES
    there, here = Manuscript(), Manuscript()
    for update in [*agreed, one, other]:
        there.merge(update)
    for update in [*agreed, *agreed, other, one, one]:
        here.merge(update)
    assert there.content() == here.content()


def test_an_edit_without_the_ones_before_it_is_refused() -> None:
    with pytest.raises(Refused, match=r"minutes\.update_gap"):
        Manuscript().merge(UPDATES[1])


@pytest.mark.parametrize("junk", [b"", b"\x00", b"abc", b"\xff" * 50, b"\x01\x01"])
def test_bytes_that_are_no_update_are_refused(junk: bytes) -> None:
    with pytest.raises(Invalid, match=r"minutes\.update_malformed"):
        Manuscript().merge(junk)


def test_damaged_updates_never_bring_the_server_down() -> None:
    dice = random.Random(20261015)
    refused = 0
    for _ in range(3000):
        bytes_ = bytearray(dice.choice(UPDATES))
        for _ in range(dice.randint(1, 5)):
            bytes_[dice.randrange(len(bytes_))] = dice.randrange(256)
        manuscript = Manuscript()
        try:
            manuscript.merge(bytes(bytes_))
            manuscript.content()
        except (Invalid, Refused):
            refused += 1
    assert refused > 2000


# ---- drafting into the document ------------------------------------------------------------------------------------


def test_a_draft_taken_in_reads_back_as_it_was_drafted() -> None:
    assert blocks_of(taken_in().content()) == draft(COURSE)


def test_taken_in_updates_make_the_same_text_elsewhere() -> None:
    here = Manuscript(client=7)
    drafted = draft(COURSE)
    update = here.take_in(here.news(drafted), [block.id for block in drafted])
    there = Manuscript(client=8)
    there.merge(update)
    assert there.content() == here.content()
    assert there.known() == here.known() == {block.id: digest(block) for block in drafted}


def test_later_events_find_their_place_and_leave_typed_words_alone() -> None:
    manuscript = taken_in(OPENED)
    editor = Editor(manuscript.state(), 9)
    speech = lines(manuscript).index("Đồng chí Phạm Hữu Lâm, Chủ tịch Ủy ban nhân dân tỉnh, phát biểu.")
    manuscript.merge(editor.type(speech, 0, "Mở đầu: "))
    manuscript.merge(editor.paragraph(speech + 1, "Thư ký tự ghi."))
    taken_in(COURSE, manuscript)
    said = lines(manuscript)
    assert said[speech : speech + 2] == [
        "Mở đầu: Đồng chí Phạm Hữu Lâm, Chủ tịch Ủy ban nhân dân tỉnh, phát biểu.",
        "Thư ký tự ghi.",
    ]
    without_typed = [line for line in said if line != "Thư ký tự ghi."]
    assert [line.removeprefix("Mở đầu: ") for line in without_typed] == [block.text for block in draft(COURSE)]


def late(course: Any) -> Any:
    comer = Attendee("p3", 44, THAO, Presence.ROOM, late_at=at(9, 0))
    people = tuple(comer if one.id == "p3" else one for one in course.attendance)
    return msgspec.structs.replace(course, attendance=people)


def test_a_changed_sentence_replaces_an_untouched_one() -> None:
    manuscript = taken_in()
    taken_in(late(COURSE), manuscript)
    about = [line for line in lines(manuscript) if line.startswith("- Đồng chí Lưu Thị Bích Thảo")]
    assert about == ["- Đồng chí Lưu Thị Bích Thảo, Giám đốc Sở Nông nghiệp và Môi trường (có mặt từ 09 giờ 00 phút);"]


def test_a_changed_sentence_stands_behind_one_the_secretary_rewrote() -> None:
    manuscript = taken_in()
    index = next(i for i, line in enumerate(lines(manuscript)) if "Bích Thảo" in line)
    manuscript.merge(Editor(manuscript.state(), 9).type(index, 0, "Sửa: "))
    taken_in(late(COURSE), manuscript)
    about = lines(manuscript)[index : index + 2]
    assert about[0].startswith("Sửa: - Đồng chí Lưu Thị Bích Thảo")
    assert about[1].endswith("(có mặt từ 09 giờ 00 phút);")


def test_what_the_secretary_deleted_is_not_offered_again() -> None:
    manuscript = taken_in()
    index = lines(manuscript).index("Thông báo: mưa lớn tại 03 xã miền núi.")
    manuscript.merge(Editor(manuscript.state(), 9).delete(index))
    assert manuscript.news(draft(COURSE)) == []


def test_what_was_waved_away_is_not_offered_again_until_it_changes() -> None:
    manuscript = taken_in(OPENED)
    fresh = manuscript.news(draft(late(OPENED)))
    manuscript.wave_away(fresh)
    assert manuscript.news(draft(late(OPENED))) == []
    assert [piece.id for piece in manuscript.news(draft(OPENED))] == ["present:p3"]


def lacks(manuscript: Manuscript, course: Any = COURSE) -> list[tuple[str, str]]:
    return [(piece.what, piece.id) for piece in manuscript.missing(draft(course))]


RAIN = "Thông báo: mưa lớn tại 03 xã miền núi."


def test_what_was_deleted_without_a_word_and_what_never_came_in_is_missing_until_it_is_decided() -> None:
    manuscript = taken_in(OPENED)
    assert lacks(manuscript, OPENED) == []
    place = lines(manuscript).index("I. Khai mạc, thông qua chương trình")
    manuscript.merge(Editor(manuscript.state(), 9).delete(place))
    found = lacks(manuscript)
    assert found.index(("removed", "item:i1")) < found.index(("new", "item:i3")) < found.index(("new", "closing"))
    drafted = draft(COURSE)
    pieces = {piece.id: piece for piece in manuscript.missing(drafted)}
    order = [block.id for block in drafted]
    manuscript.take_in([pieces["item:i1"]], order)
    assert lines(manuscript)[place] == "I. Khai mạc, thông qua chương trình"
    manuscript.wave_away([pieces["item:i3"]])
    assert not {"item:i1", "item:i3"} & {name for _, name in lacks(manuscript)}


def test_a_removed_sentence_that_is_waved_away_is_missing_no_more() -> None:
    manuscript = taken_in()
    manuscript.merge(Editor(manuscript.state(), 9).delete(lines(manuscript).index(RAIN)))
    assert lacks(manuscript) == [("removed", "remark:29")]
    manuscript.wave_away(manuscript.missing(draft(COURSE)))
    assert lacks(manuscript) == [] and manuscript.news(draft(COURSE)) == []


def test_a_sentence_rewritten_or_put_into_another_paragraph_is_not_missing() -> None:
    manuscript = taken_in()
    index = lines(manuscript).index(RAIN)
    manuscript.merge(Editor(manuscript.state(), 9).type(index, 0, "Lưu ý: "))
    assert lacks(manuscript) == []
    moved = taken_in()
    editor = Editor(moved.state(), 9)
    moved.merge(editor.delete(index))
    moved.merge(editor.type(index - 1, 1 << 20, f" {RAIN}"))
    assert lacks(moved) == []


def test_a_removed_sentence_is_missing_though_another_one_begins_with_the_same_words() -> None:
    speeches = (*DECISION.speeches, Speech(25, HUONG, at(9, 51), at(9, 52), 60))
    items = [msgspec.structs.replace(one, speeches=speeches) if one.id == "i3" else one for one in COURSE.items]
    course = msgspec.structs.replace(COURSE, items=tuple(items))
    manuscript = taken_in(course)
    said = next(block.text for block in draft(course) if block.id == "speech:25")
    assert sum(line.startswith(said.rstrip(".")) for line in lines(manuscript)) == 2
    manuscript.merge(Editor(manuscript.state(), 9).delete(lines(manuscript).index(said)))
    assert lacks(manuscript, course) == [("removed", "speech:25")]


def test_a_taken_back_sentence_goes_only_if_nobody_touched_it() -> None:
    fewer = msgspec.structs.replace(COURSE, remarks=())
    untouched, touched = taken_in(), taken_in()
    index = lines(touched).index("Thông báo: mưa lớn tại 03 xã miền núi.")
    touched.merge(Editor(touched.state(), 9).type(index, 0, "Lưu ý: "))
    assert not any("mưa lớn" in line for line in lines(taken_in(fewer, untouched)))
    assert any("Lưu ý: Thông báo: mưa lớn" in line for line in lines(taken_in(fewer, touched)))


def test_the_editor_s_first_empty_paragraph_makes_room_for_the_draft() -> None:
    manuscript = Manuscript()
    manuscript.merge(Editor(b"\x00\x00", 9).paragraph(0, ""))
    assert lines(taken_in(OPENED, manuscript))[0].startswith("Thời gian bắt đầu")


# ---- bringing back -------------------------------------------------------------------------------------------------


def test_bringing_back_changes_only_what_differs() -> None:
    manuscript = taken_in()
    before = manuscript.content()
    editor = Editor(manuscript.state(), 9)
    manuscript.merge(editor.type(5, 0, "X"))
    update = manuscript.bring_back(before)
    assert manuscript.content() == before
    assert len(update) < 600, "one paragraph travels, not the document"


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 40), st.text(max_size=12)), max_size=25), st.randoms())
def test_any_earlier_text_comes_back_identical(edits: list[tuple[int, int, str]], dice: random.Random) -> None:
    manuscript = taken_in(OPENED)
    editor = Editor(manuscript.state(), 9)
    kept = [manuscript.content()]
    for what, where, typed in edits:
        size = len(editor.text.children)
        words = "".join(letter for letter in typed if not "\ud800" <= letter <= "\udfff") or "chữ"
        if what == 0 or size == 0:
            update = editor.paragraph(min(where, size), words)
        elif what == 1 and len(editor.text.children[where % size].children):
            update = editor.type(where % size, 0, words)
        else:
            update = editor.delete(where % size)
        manuscript.merge(update)
        kept.append(manuscript.content())
    wanted = dice.choice(kept)
    update = manuscript.bring_back(wanted)
    assert manuscript.content() == wanted
    editor.doc.apply_update(update)
    assert Manuscript(editor.doc.get_update()).content() == wanted


# ---- paragraphs ----------------------------------------------------------------------------------------------------


def test_a_node_and_its_block_say_the_same() -> None:
    block = Block((Run("Kết luận: ", bold=True), Run("x", italic=True, underline=True)), "c:1", 3, "conclusion", 2, 99)
    assert blocks_of([node_of(block)]) == [block]


def test_lists_quotes_and_unknown_nodes_lose_no_words() -> None:
    def text(words: str) -> dict[str, Any]:
        return {"type": "paragraph", "content": [{"type": "text", "text": words}]}

    nested = {"type": "orderedList", "attrs": {"start": 3}, "content": [{"type": "listItem", "content": [
        text("ba"), {"type": "bulletList", "content": [{"type": "listItem", "content": [text("con")]}]},
    ]}]}  # fmt: skip
    strange = {
        "type": "table",
        "content": [{"type": "tableRow", "content": [{"type": "tableCell", "content": [text("ô")]}]}],
    }
    found = blocks_of(
        [nested, {"type": "blockquote", "content": [text("trích")]}, strange, {"type": "text", "text": "rời"}]
    )
    assert [(block.marker, block.text) for block in found] == [
        ("3.", "ba"), ("-", "con"), ("", "trích"), ("", "ô"), ("", "rời"),
    ]  # fmt: skip


def test_a_line_broken_by_hand_is_two_paragraphs() -> None:
    node = {"type": "paragraph", "content": [
        {"type": "text", "text": "trước"}, {"type": "hardBreak"}, {"type": "text", "text": "sau"},
    ]}  # fmt: skip
    assert words_of([node]) == "trước\nsau"


def test_what_was_taken_back_is_told_in_the_words_that_stand_and_not_where_none_do() -> None:
    manuscript = taken_in()
    without = [block for block in draft(COURSE) if block.text != RAIN]
    (piece,) = manuscript.news(without)
    assert piece.what == "gone" and piece.block is not None and piece.block.text == RAIN
    elsewhere = Manuscript(manuscript.state(), client=8)
    elsewhere.take_in([piece], [])
    assert RAIN not in lines(elsewhere) and elsewhere.news(without) == []
    manuscript.merge(Editor(manuscript.state(), 9).delete(lines(manuscript).index(RAIN)))
    assert manuscript.news(without) == []


def test_a_known_block_that_says_something_else_has_changed() -> None:
    assert news({"x": "1"}, [Block(plain("y"), "x")], [])[0].what == "changed"


WRITTEN = bytes.fromhex(
    "0104070007010764656661756c7403097061726167726170682800070005616c69676e0177046c6566740700070006040007020978696e20"
    "6368c3a06f00"
)
"""A paragraph "xin chào"."""
PANICS = "0100070001010747656661756c7401000a870700030970616261677261706c2800030b05616c69676e0177046c6566"
PANICS_OTHERWISE = "0100070001010705656661756c7401000a87070003097061726167726170682800070b45616c69676e0177046c6566"
NONSENSE = {
    "makes the library panic": PANICS + "740700070b060400070d03686169010701000b",
    "makes it panic otherwise": PANICS_OTHERWISE + "740700070b060400070603686169010701000b",
    "hangs on a parent that cannot have it": "0104070b870700030970617261677261706828000"
    "70b05616c69676e0177046c6566740700070b060400070303686169010701000b",
}


@pytest.mark.parametrize("update", NONSENSE.values(), ids=NONSENSE.keys())
def test_nonsense_is_refused_whatever_it_does_to_the_library(update: str) -> None:
    manuscript = Manuscript(WRITTEN)
    with pytest.raises(Problem, match=r"minutes\.update"):
        manuscript.merge(bytes.fromhex(update))


def test_a_fragment_within_the_text_is_read_as_paragraphs() -> None:
    manuscript = Manuscript()
    manuscript.merge(
        bytes.fromhex(
            "0106daf0e1c28793e80c0001010764656661756c7401000a87daf0e1c28793e80c0003097061726167726170682800daf0e1c28793e80c"
            "0b05616c69676e0177046c6566740700daf0e1c28793e80c0b040400daf0e1c28793e80c0d0368616901daf0e1c28793e80c01000b"
        )
    )
    assert manuscript.content()[0]["type"] == "paragraph"
    assert isinstance(manuscript.is_empty(), bool)


def test_a_text_nested_without_end_is_read_as_deep_as_a_text_can_be() -> None:
    document: pycrdt.Doc[Any] = pycrdt.Doc()
    node: Any = document.get("default", type=pycrdt.XmlFragment)
    for _ in range(3000):
        node.children.append(pycrdt.XmlElement("paragraph"))
        node = node.children[0]
    manuscript = Manuscript()
    manuscript.merge(document.get_update())
    assert json.dumps(manuscript.content()).count("paragraph") <= 20
    assert blocks_of(manuscript.content()) is not None
