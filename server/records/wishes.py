"""What the secretary may ask of the minutes, as it travels: `{"type": "minutes.…", …}`."""

from __future__ import annotations

import msgspec


class Update(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="minutes.update", tag_field="type"):
    """Words were typed: a Yjs update (v1) in base64."""

    update: str


class Insert(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="minutes.insert", tag_field="type"):
    """Chèn vào biên bản: take these drafted blocks in, removed ones again; all news when none is named."""

    blocks: tuple[str, ...] = ()


class Dismiss(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="minutes.dismiss", tag_field="type"):
    """These drafted blocks are not wanted; they are not offered again until they change."""

    blocks: tuple[str, ...] = ()


class Restore(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="minutes.restore", tag_field="type"):
    """Bring back the text of a revision as a new edit; nothing that came after it is lost from the history."""

    revision: int


class Keep(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="minutes.keep", tag_field="type"):
    """Keep the text as it stands under a name. `reason` is the server's own: kept, export, close."""

    label: str = ""
    reason: str = "kept"


Wish = Update | Insert | Dismiss | Restore | Keep
