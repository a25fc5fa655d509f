"""The house rules as tests: sizes, names, who may know which library, and a sentence for every refusal.

An exception stands in `EXCEPTIONS` by name with its reason; one that is no longer needed fails too.
"""

from __future__ import annotations

import ast
import functools
import json
import re
import subprocess
import unicodedata
from collections.abc import Iterable, Iterator
from fnmatch import fnmatch, translate
from pathlib import Path

import pytest

HOUSE = Path(__file__).parent.parent

FUNCTION_LINES = 30
FILE_LINES = 300
COMPONENT_LINES = 200
PARAMETERS = 5
NESTING = 3

TABLES = "a list of tables as they were, never edited again"
EXCEPTIONS: dict[str, str] = {
    "server/migrations/versions/0001_the_first_tables.py": TABLES,
    "server/migrations/versions/0001_the_first_tables.py::upgrade": TABLES,
    "server/migrations/versions/0001_the_first_tables.py::downgrade": TABLES,
    "web/src/wire/types.ts": "written by a program from the server's structs, one after the other",
}
"""`path` or `path::function` -> why it may be larger than the rest."""

FORBIDDEN_NAMES = {"models", "utils", "helpers", "managers"}

LIBRARIES = {
    "aiohttp": ("server/http.py", "server/web.py", "server/live.py", "server/fanout.py", "*/routes.py", "*/live.py"),
    "socketio": ("server/live.py", "server/fanout.py"),
    "engineio": ("server/live.py", "server/fanout.py"),
    "sqlalchemy": (
        "server/db.py",
        "server/sqlite.py",
        "server/streams.py",
        "server/receipts.py",
        "server/leases.py",
        "*/store.py",
        "*/store/*.py",
        "server/schema.py",
        "server/migrations/*",
    ),
    "alembic": ("server/schema.py", "server/migrations/*"),
    "redis": ("server/bus.py", "server/checks.py"),
    "aiortc": ("server/media/dtls.py",),
    "aioice": ("server/media/ice.py", "server/media/trial.py"),
    "av": (
        *(f"server/media/recorder/{name}.py" for name in ("film", "pictures", "voices")),
        "server/media/sip/coding.py",
    ),
    "pymupdf": (
        "server/documents/worker.py",
        "server/documents/inking.py",
        "server/documents/lettering.py",
        "server/documents/cleaning.py",
    ),
}
"""Library -> the only files that may import it."""


def none_of(found: Iterable[str]) -> None:
    """Fails with one line for each thing found."""
    listed = list(found)
    if listed:
        pytest.fail("\n".join(listed), pytrace=False)


@functools.cache
def files(*patterns: str) -> tuple[Path, ...]:
    """Files that git knows or would take, by pattern."""
    wanted = re.compile("|".join(map(translate, patterns)))
    return tuple(HOUSE / name for name in listed() if wanted.match(name) and (HOUSE / name).exists())


@functools.cache
def listed() -> tuple[str, ...]:
    """Every one of them."""
    command = ["git", "-c", f"safe.directory={HOUSE}", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    out = subprocess.run(command, cwd=HOUSE, capture_output=True, text=True, check=True).stdout
    return tuple(sorted(set(filter(None, out.split("\0")))))


@functools.cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


@functools.cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """Everything in a file's tree."""
    return tuple(ast.walk(tree(path)))


def named(path: Path) -> str:
    return path.relative_to(HOUSE).as_posix()


Function = ast.FunctionDef | ast.AsyncFunctionDef
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
STATEMENT_LISTS = ("body", "handlers", "cases", "orelse", "finalbody")


def inside(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """The statements, handlers and cases that stand directly in it, each with the list it stands in."""
    for name in STATEMENT_LISTS:
        value = getattr(node, name, None)
        if isinstance(value, list):
            for child in value:
                yield name, child


def functions(path: Path) -> Iterator[tuple[str, Function]]:
    """All functions of a file with their dotted names."""

    def walk(node: ast.AST, prefix: str) -> Iterator[tuple[str, Function]]:
        for _, child in inside(node):
            if isinstance(child, FUNCTIONS):
                yield prefix + child.name, child
            has_name = isinstance(child, (*FUNCTIONS, ast.ClassDef))
            yield from walk(child, f"{prefix}{child.name}." if has_name else prefix)

    yield from walk(tree(path), "")


def within(node: ast.AST) -> Iterator[Function]:
    """The functions inside it, not those inside them."""
    for _, child in inside(node):
        if isinstance(child, FUNCTIONS):
            yield child
        else:
            yield from within(child)


def lines_of(function: Function) -> int:
    """Its lines without its docstring and without the functions inside it, which are counted by themselves."""
    total = (function.end_lineno or 0) - function.lineno + 1
    first = function.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        total -= (first.end_lineno or 0) - first.lineno + 1
    return total - sum((one.end_lineno or 0) - one.lineno + 1 for one in within(function))


def parameters_of(function: Function) -> int:
    """How many there are, `self` and `cls` not counted."""
    given = function.args
    names = [one.arg for one in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
    return len([name for name in names if name not in ("self", "cls")])


BLOCKS = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.TryStar, ast.Match)


def depth_of(node: ast.AST, depth: int = 0) -> int:
    """How deep blocks stand within blocks; `elif` is as deep as its `if`, inner functions begin anew."""
    deepest = depth
    for name, child in inside(node):
        if isinstance(child, (*FUNCTIONS, ast.ClassDef)):
            continue
        is_elif = isinstance(node, ast.If) and isinstance(child, ast.If) and name == "orelse" and len(node.orelse) == 1
        deepest = max(deepest, depth_of(child, depth + (isinstance(child, BLOCKS) and not is_elif)))
    return deepest


@functools.cache
def oversized() -> dict[str, str]:
    """Everything beyond the budget: its name and by how much."""
    found: dict[str, str] = {}
    for path in files("server/*.py", "scripts/*.py", "bench/*.py", "demo/*.py"):
        for name, function in functions(path):
            counts = {"lines": lines_of(function), "parameters": parameters_of(function), "levels": depth_of(function)}
            limits = {"lines": FUNCTION_LINES, "parameters": PARAMETERS, "levels": NESTING}
            over = [f"{counts[what]} {what} (at most {limits[what]})" for what in counts if counts[what] > limits[what]]
            if over:
                found[f"{named(path)}::{name}"] = ", ".join(over)
    limits_by_pattern = {
        ("server/*.py", "scripts/*.py"): FILE_LINES,
        ("web/src/*.ts", "web/src/*.css"): FILE_LINES,
        ("web/src/*.svelte",): COMPONENT_LINES,
    }
    for patterns, limit in limits_by_pattern.items():
        for path in files(*patterns):
            count = len(path.read_text("utf-8").splitlines())
            if count > limit and not path.name.endswith(".test.ts"):
                found[named(path)] = f"{count} lines (at most {limit})"
    return found


def test_functions_files_and_components_keep_their_size() -> None:
    none_of(f"{name}: {why}" for name, why in oversized().items() if name not in EXCEPTIONS)


def test_every_exception_is_needed_and_has_a_reason() -> None:
    none_of(name for name in EXCEPTIONS if name not in oversized())
    none_of(name for name, reason in EXCEPTIONS.items() if len(reason.split()) < 5)


BRANCHING = """
def f(self, a, *, b):
    '''Doc
    more.'''
    if a:
        return 1
    elif b:
        return 2
"""
CONTAINING = """
def f():
    def g(a):
        return a
    return g
"""
NESTED = """
async def f(a):
    async with a:
        for b in a:
            try:
                b()
            finally:
                a()
"""


@pytest.mark.parametrize(("source", "expected"), [(BRANCHING, (5, 2, 1)), (CONTAINING, (2, 0, 0)), (NESTED, (7, 1, 3))])
def test_the_counting_counts(source: str, expected: tuple[int, int, int]) -> None:
    function = ast.parse(source).body[0]
    assert isinstance(function, Function)
    assert (lines_of(function), parameters_of(function), depth_of(function)) == expected


def test_files_are_named_after_the_meeting_not_after_technical_kinds() -> None:
    everything = files("server/*", "web/src/*", "tests/*", "bench/*", "scripts/*", "demo/*")
    none_of(named(path) for path in everything if path.name.split(".")[0].lower() in FORBIDDEN_NAMES)


@functools.cache
def imports(path: Path) -> set[str]:
    """The top-level packages a file imports."""
    found: set[str] = set()
    for node in nodes(path):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_library_is_known_only_where_it_belongs(library: str) -> None:
    knowing = [named(path) for path in files("server/*.py") if library in imports(path)]
    none_of(name for name in knowing if not any(fnmatch(name, place) for place in LIBRARIES[library]))


ROOMS = ("people", "documents", "meetings", "media", "records")


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_does_not_know_another_room(room: str) -> None:
    others = tuple(f"server.{other}" for other in ROOMS if other != room)
    found = []
    for path in files(f"server/{room}/*.py"):
        for node in nodes(path):
            modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            modules += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            found += [f"{named(path)}: {module}" for module in modules if module.startswith(others)]
    none_of(found)


@functools.cache
def problems() -> frozenset[str]:
    """The names of the error classes."""
    classes = [node for node in tree(HOUSE / "server/errors.py").body if isinstance(node, ast.ClassDef)]
    return frozenset(one.name for one in classes)


def raised_codes() -> dict[str, str]:
    """Every code given to an error class in `server/`, and where."""
    found: dict[str, str] = {}
    for path in files("server/*.py"):
        for node in nodes(path):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            first = node.args[0]
            if called in problems() and isinstance(first, ast.Constant) and isinstance(first.value, str):
                found[first.value] = f"{named(path)}:{node.lineno}"
    return found


@functools.cache
def sentences() -> dict[str, dict[str, str]]:
    """Every sentence for a code. A code stands in one file only."""
    found: dict[str, dict[str, str]] = {}
    for path in files("web/src/i18n/errors/*.json"):
        for code, words in json.loads(path.read_text("utf-8")).items():
            assert code not in found, f"{code} stands twice, once in {named(path)}"
            found[code] = words
    return found


def test_every_refusal_has_a_sentence_in_both_languages() -> None:
    none_of(f"{code}: {where}" for code, where in raised_codes().items() if code not in sentences())


def test_every_sentence_belongs_to_a_refusal() -> None:
    written: set[str] = set()
    for path in files("server/*.py"):
        written |= {n.value for n in nodes(path) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    web = "\n".join(path.read_text("utf-8") for path in files("web/src/*.ts", "web/src/*.svelte"))
    # `http.404` and its like are made from the status, in one place.
    unused = [code for code in sentences() if code not in written and code not in web and not code.startswith("http.")]
    none_of(unused)


def test_sentences_are_complete_composed_and_fill_the_same_blanks() -> None:
    for code, words in sentences().items():
        assert set(words) == {"vi", "en"}, code
        # Who presides has a word by the type of the meeting in Vietnamese alone; English says "the chair" of all.
        filled = [set(re.findall(r"\{\{(\w+)\}\}", words[language])) for language in ("vi", "en")]
        blanks = [sorted(names - {"presiding", "Presiding"}) for names in filled]
        assert blanks[0] == blanks[1], code
        for text in words.values():
            assert text.strip() == text != "", code
            assert unicodedata.is_normalized("NFC", text), code
            assert "!" not in text, code
        assert not re.search(r"(?i)\bbạn\b", words["vi"]), code


def test_no_file_calls_itself_unfinished() -> None:
    marks = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b|raise NotImplemented" + "Error")
    everything = files("server/*.py", "web/src/*", "scripts/*", "bench/*.py", "demo/*.py")
    texts = [path for path in everything if path.suffix in {".py", ".ts", ".svelte", ".css", ".sh"}]
    none_of(named(path) for path in texts if marks.search(path.read_text("utf-8")))
