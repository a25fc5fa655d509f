"""Adds golden files: `python -m tests.meetings.opinions.golden`. Never edits one of an event.

`opinions/*.json` holds each event with the book before and after; `redlines.json` what pytest and vitest both find.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec

from server.meetings.acts import tag_of
from server.redline import merged, redline
from tests.meetings.opinions.play import whole

GOLDEN = Path(__file__).resolve().parents[2] / "golden"
FOLDER, REDLINES = GOLDEN / "opinions", GOLDEN / "redlines.json"
LONG = "Ủy ban nhân dân tỉnh giao Sở Tài chính chủ trì, phối hợp với các đơn vị liên quan tham mưu. " * 3
TEXTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Mức hỗ trợ là 50 triệu đồng.", ("Mức hỗ trợ là 60 triệu đồng.", "Mức hỗ trợ tối đa là 50 triệu đồng.")),
    ("Mức hỗ trợ là 50 triệu đồng.", ("Mức hỗ trợ là 60 triệu đồng.", "Mức hỗ trợ là 70 triệu đồng.")),
    ("Mức hỗ trợ là 50 triệu đồng.", ("", "Mức hỗ trợ là 50 triệu đồng cho mỗi hộ.")),
    ("a b c d", ("a x b c d", "a y b c d")),
    ("a b c d", ("a c d", "a b x c d")),
    ("a b c d", ("a x c d", "a b x c d")),
    ("a b c d", ("a x b c d", "a x b c d")),
    ("", ("Bổ sung khoản 3.", "")),
    ("1. Một.", ("1. Một.\n2. Hai, bổ sung.\n\n 3. Ba. ", "1. Một và chỉ một.")),
    (LONG, (LONG.replace("tham mưu", "tham mưu, đề xuất"), LONG.replace("Sở Tài chính", "Sở Xây dựng", 1))),
    ("a b a b b a c a", ("b a b a c c a", "c a b b a")),
    (" ".join(f"từ{n}" for n in range(450)), (" ".join(f"chữ{n}" for n in range(450)), "từ0 từ1")),
)


def main() -> None:
    """Write what is missing."""
    FOLDER.mkdir(exist_ok=True)
    for before, event, after in whole().steps:
        file = FOLDER / f"{tag_of(event)}.json"
        if not file.exists():
            told = {"before": before, "event": event, "after": after}
            file.write_text(json.dumps(msgspec.to_builtins(told), ensure_ascii=False, indent=1) + "\n", "utf-8")
    REDLINES.write_text(json.dumps(redlines(), ensure_ascii=False, indent=1) + "\n", "utf-8")


def redlines() -> list[dict[str, Any]]:
    """What becomes of each of the texts."""
    return [
        {
            "before": before,
            "proposals": list(proposals),
            "redlines": [[[piece.kind, piece.text] for piece in redline(before, one)] for one in proposals],
            "merged": merged(before, proposals),
        }
        for before, proposals in TEXTS
    ]


if __name__ == "__main__":
    main()
