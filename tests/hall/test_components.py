"""The throw-away servers that other tests build on, and the rule about skipping."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
import redis

from tests import components


@pytest.mark.slow
def test_postgresql_is_real_and_empty(fresh_postgres_url: str) -> None:
    with psycopg.connect(fresh_postgres_url.replace("+psycopg", "")) as connection:
        (encoding,) = connection.execute("SHOW server_encoding").fetchone() or ("",)
        tables = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    assert (encoding, tables) == ("UTF8", (0,))


@pytest.mark.slow
def test_redis_is_real(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        client.set("a", "b")
        assert client.get("a") == b"b"


async def test_a_held_port_is_for_servers_of_its_holder_alone() -> None:
    with components.hold_port() as held:
        port = held.getsockname()[1]
        for _ in range(2):
            server = await asyncio.start_server(lambda *_: None, "127.0.0.1", port)
            server.close()
            await server.wait_closed()
        with socket.socket() as another, pytest.raises(OSError, match="in use"):
            another.bind(("127.0.0.1", port))


def test_what_the_tests_need_from_debian_is_what_make_deps_installs() -> None:
    house = Path(__file__).parents[2]
    installed = set((house / "scripts/deps.sh").read_text("utf-8").replace("#", " ").split())
    needed = {package for packages in components.PACKAGES.values() for package in packages.split()}
    assert needed - installed == set()
    for file in sorted((house / "tests").rglob("*.py")):
        if file.name not in ("components.py", "test_client.py", Path(__file__).name):  # Node comes with the bootstrap
            assert "shutil.which" not in file.read_text("utf-8"), f"{file}: ask tests/components.py"


@pytest.mark.parametrize("strict", ["0", "1"])
def test_a_skipped_test_is_named_and_fails_only_when_strict(tmp_path: Path, strict: str) -> None:
    house = Path(__file__).parents[2]
    (tmp_path / "conftest.py").write_text("from tests.conftest import *\n")
    (tmp_path / "test_it.py").write_text(
        "import pytest\n\ndef test_it():\n    pytest.skip('missing component: lute')\n"
    )
    environment = {**os.environ, "HOPSO_STRICT": strict, "PYTHONPATH": str(house)}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", str(tmp_path), "--rootdir", str(tmp_path)]
    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == int(strict)
    assert "missing component: lute" in done.stdout
    assert "test_it.py::test_it" in done.stdout
