"""The list of threats in docs/security.md: every line is there, and every test it names."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

TABLE = re.findall(r"^\| (\d+) \| .* \| ([^|]*) \|$", Path("docs/security.md").read_text("utf-8"), re.MULTILINE)
NOT_YET: set[int] = set()
"""Lines that bind features to come."""
NAMED = sorted({name for _, tests in TABLE for name in re.findall(r"`(tests/[^`]+)`", tests)})
SOURCES = sorted(Path("server").rglob("*.py"))


def imported(tree: ast.Module) -> set[str]:
    """The modules a file imports, and the names it takes from them."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{each.name}" for each in node.names}
    return found


def called(tree: ast.Module) -> set[str]:
    """The plain names and the attributes a file calls."""
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return {func.id for func in calls if isinstance(func, ast.Name)} | {
        func.attr for func in calls if isinstance(func, ast.Attribute)
    }


def test_every_line_of_the_list_stands_there_with_its_test_or_the_reason_why_there_is_none() -> None:
    assert [int(number) for number, _ in TABLE] == list(range(1, 26))
    assert {int(number) for number, tests in TABLE if "`tests/" not in tests} == NOT_YET


@pytest.mark.parametrize("name", NAMED)
def test_a_test_that_is_named_is_there(name: str) -> None:
    path, _, function = name.partition("::")
    tree = ast.parse(Path(path).read_text("utf-8"))
    functions = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    assert function in functions or (not function and any(one.startswith("test_") for one in functions))


def test_the_server_has_nothing_to_fetch_an_address_with() -> None:
    clients = {"urllib.request", "http.client", "httpx", "requests", "aiohttp.ClientSession", "ftplib", "smtplib"}
    for path in SOURCES:
        tree = ast.parse(path.read_text("utf-8"))
        assert not imported(tree) & clients, path
        assert not called(tree) & {"ClientSession", "urlopen", "urlretrieve"}, path


def test_nothing_is_pickled_or_evaluated() -> None:
    for path in SOURCES:
        tree = ast.parse(path.read_text("utf-8"))
        assert not imported(tree) & {"pickle", "marshal", "shelve", "dill", "yaml"}, path
        names = {n.func.id for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
        assert not names & {"eval", "exec", "compile"}, path
