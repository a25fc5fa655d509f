"""The list of the main room: pure, and over a real database."""

from __future__ import annotations

from server.media.line.checklist import Check, Ticked, checked
from tests.media.line.test_service import Board, board

__all__ = ["board"]

BY = ("khanh", "Hoàng Gia Khánh")


def test_a_line_keeps_who_looked_when_and_what_was_wrong() -> None:
    found = checked("screens", Ticked("bad", "  màn hình   số 2 không lên "), BY, 9)
    assert found == Check("screens", "bad", "màn hình số 2 không lên", *BY, 9)


def test_a_line_that_is_open_again_is_no_line() -> None:
    assert checked("camera", Ticked("open", "để sau"), BY, 9) is None


async def test_the_list_is_kept_with_the_meeting_and_the_last_word_counts(board: Board) -> None:
    await board.tick("m", "camera", Ticked("good"), BY)
    await board.tick("m", "microphone", Ticked("bad", "rè"), BY)
    board.clock.advance(1_000)
    await board.tick("m", "microphone", Ticked("good"), ("tra", "Tạ Thị Trà"))
    await board.tick("other", "camera", Ticked("bad"), BY)
    found = await board.checklist("m")
    assert {item: (one.state, one.name) for item, one in found.items()} == {
        "camera": ("good", "Hoàng Gia Khánh"),
        "microphone": ("good", "Tạ Thị Trà"),
    }
    assert found["microphone"].at > found["camera"].at
    assert set(await board.tick("m", "camera", Ticked("open"), BY)) == {"microphone"}
    board.forget("m")
    await board.thin("m")
    assert set(await board.checklist("m")) == {"microphone"}, "it stays when the meeting is over"
