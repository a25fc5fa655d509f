"""Writes the tables of `docs/protocol.md` from the docstrings and fields of the server's commands and events.

`python scripts/protocol_tables.py` writes them between their markers; with `--check` it only says whether they are
current.
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scripts.generate_types import shape_of  # noqa: E402
from server.documents.marks import AddMark, AddStroke, EraseStroke  # noqa: E402
from server.meetings import acts, views  # noqa: E402
from server.meetings.acts import Command, Event, VoteCast, tag_of  # noqa: E402
from server.meetings.opinions.book import OpinionCommand, OpinionEvent  # noqa: E402
from server.meetings.opinions.service import SUBJECTS as BOOK  # noqa: E402
from server.meetings.roles import DESK, Role  # noqa: E402
from server.records.wishes import Dismiss, Insert, Keep, Restore, Update  # noqa: E402

TARGET = ROOT / "docs/protocol.md"
END = "<!-- end -->"
PHASES = {
    acts.EVERYWHERE: "always",
    acts.BEFORE_CLOSING: "before it is closed",
    acts.EVERYWHERE - {"draft"}: "once published",
    acts.EVERYWHERE - {"draft", "closed"}: "published to closing",
    acts.EVERYWHERE - {"draft", "published"}: "once opened",
}
SEEN_BY = {
    "desk_of": "the desk and the secretary",
    "readers_of": "readers of the paper",
    "sees_item": "everyone but guests of other items",
    "seen_by": "everyone but guests of other items",
    "helpers": "who helps, and who called",
    "told_to": "its author, the desk and the secretary; where it is for all, readers of the paper",
}
"""An event's audience, by the function that works it out."""
EVENTS = (Event, OpinionEvent)
SUBJECTS = tuple(sys.modules[f"server.meetings.{name}"] for name in views.SUBJECTS)


def main() -> int:
    """Write the tables, or compare them; the exit code says whether they are current."""
    before = TARGET.read_text("utf-8")
    after = filled(before)
    if "--check" in sys.argv:
        print("protocol.md is current" if after == before else "protocol.md is out of date: run this without --check")
        return 0 if after == before else 1
    TARGET.write_text(after, "utf-8")
    return 0


def filled(text: str) -> str:
    """The text with every table made anew."""
    for name, table in (("commands", commands), ("events", events), ("others", others)):
        start = f"<!-- {name}: written by scripts/protocol_tables.py -->"
        head, found, rest = text.partition(start)
        if not found or END not in rest:
            raise SystemExit(f"{TARGET}: the marker {start} or its end is missing")
        text = f"{head}{start}\n\n{table()}\n{END}{rest.partition(END)[2]}"
    return text


def commands() -> str:
    """One table for each subject of the meeting."""
    parts = []
    for subject in (*SUBJECTS, *BOOK):
        rows = [command_row(one) for one in defined_in(subject, (Command, OpinionCommand))]
        if rows:
            parts.append(f"**`{subject.__name__.rpartition('.')[2]}.py`**: {sentence(subject)}\n")
            parts.append(table(("command", "fields", "who may", "when", "yields", "meaning"), rows))
    return "\n".join(parts)


def events() -> str:
    """All events, subject by subject."""
    rows = [event_row(one) for subject in (*SUBJECTS, *BOOK) for one in defined_in(subject, EVENTS)]
    return table(("event", "fields", "who sees it", "meaning"), rows)


def others() -> str:
    """The commands of ink and of the minutes."""
    rows = [
        (f"`{one.__struct_config__.tag}`", fields(one), sentence(one))
        for one in (AddStroke, AddMark, EraseStroke, Update, Insert, Dismiss, Restore, Keep)
    ]
    return table(("command", "fields", "meaning"), rows)


def command_row(one: type[Command | OpinionCommand]) -> tuple[str, ...]:
    """A command's line."""
    yields = ", ".join(dict.fromkeys(yielded(one.decide)))
    return (f"`{tag_of(one)}`", fields(one), who(one.permits), when(one.phases), yields, sentence(one))


def event_row(one: type[Event | OpinionEvent]) -> tuple[str, ...]:
    """An event's line."""
    named = names_in(one.audience) if "audience" in vars(one) else set()
    seen = next((words for name, words in SEEN_BY.items() if name in named), "everyone")
    return (f"`{tag_of(one)}`", fields(one), seen, sentence(one))


def defined_in(subject: ModuleType, families: tuple[type, ...]) -> list[Any]:
    """The commands, or events, of a file, in its order."""
    found = [one for one in vars(subject).values() if isinstance(one, type) and issubclass(one, families)]
    return [one for one in found if one.__module__ == subject.__name__]


def fields(one: type) -> str:
    """Names and shapes of the fields; `?` where a default stands in for a missing one."""
    _, components = msgspec.json.schema_components([one], ref_template="#/{name}")
    schema = components[one.__name__]
    tag = one.__struct_config__.tag_field  # type: ignore[attr-defined]
    required = set(schema.get("required", ()))
    listed = [
        f"`{name}{'' if name in required else '?'}: {shape_in_words(shape)}`"
        for name, shape in schema.get("properties", {}).items()
        if name != tag
    ]
    return "<br>".join(listed)


def shape_in_words(shape: dict[str, Any]) -> str:
    """As in TypeScript, but shorter: all numbers are whole."""
    text = shape_of(shape).replace("number", "integer").replace("|", "\\|")
    text = re.sub(r"ReadonlyArray<([\w ]+)>", r"\1[]", text)
    return re.sub(r"Readonly<Record<string, (.+)>>", r"{string: \1}", text)


def who(permits: frozenset[Role]) -> str:
    """The roles that may, with those who steer as one word."""
    words = ["desk"] if permits >= DESK else []
    rest = permits - DESK if permits >= DESK else permits
    return ", ".join(words + [role.value for role in Role if role in rest])


def when(phases: frozenset[str]) -> str:
    """The phases in which it is possible."""
    return PHASES.get(
        phases, ", ".join(phase for phase in ("draft", "published", "open", "break", "closed") if phase in phases)
    )


def yielded(function: Callable[..., Any], known: set[str] | None = None) -> Iterator[str]:
    """The events a decision may yield, those of the functions it calls included."""
    known = set() if known is None else known
    for name in names_in(function):
        found = inspect.unwrap(function).__globals__.get(name)
        if found is VoteCast:
            yield "a vote"
        elif isinstance(found, type) and issubclass(found, EVENTS) and found not in EVENTS:
            yield f"`{tag_of(found)}`"
        elif inspect.isfunction(found) and found.__module__.startswith("server.meetings") and name not in known:
            known.add(name)
            yield from yielded(found, known)


def names_in(function: Callable[..., Any]) -> list[str]:
    """The names a function's body speaks of, in order, without those of its signature."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    assert isinstance(tree, ast.FunctionDef)
    nodes = [node for part in tree.body for node in ast.walk(part) if isinstance(node, ast.Name)]
    return [node.id for node in sorted(nodes, key=lambda node: (node.lineno, node.col_offset))]


def sentence(described: Any) -> str:
    """The docstring in one line."""
    return " ".join((described.__doc__ or "").split()).replace("|", "\\|")


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A Markdown table."""
    lines = [head, tuple("--" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


if __name__ == "__main__":
    raise SystemExit(main())
