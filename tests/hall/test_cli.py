"""The command line as an operator uses it, in an empty folder: real processes, or the same `main` in this one."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from server import cli, serving

HOUSE = Path(__file__).parents[2]
HEAVY = {"aiohttp", "sqlalchemy", "aiortc", "pymupdf", "cryptography", "redis", "psycopg", "segno"}


def hopso(folder: Path, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Runs the command in that folder, where `var/` will lie."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HOPSO_")}
    environment = {**kept, "PYTHONPATH": str(HOUSE), **settings}
    command = [sys.executable, "-m", "server", *words]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False)


Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """As `hopso`, without a process of its own: what is loaded once serves all."""

    def run(folder: Path, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
        status: str | int | None = 0
        with monkeypatch.context() as patched:
            patched.chdir(folder)
            for name in [name for name in os.environ if name.startswith("HOPSO_")]:
                patched.delenv(name)
            for name, value in settings.items():
                patched.setenv(name, value)
            patched.setattr(sys, "argv", ["hopso", *words])
            try:
                cli.main()
            except SystemExit as ended:
                status = ended.code
        told = capsys.readouterr()
        return subprocess.CompletedProcess(words, int(status or 0), told.out, told.err)

    return run


def test_help_names_every_command_and_loads_nothing_heavy(tmp_path: Path) -> None:
    shown = hopso(tmp_path, "--help").stdout
    for command in ("serve", "migrate", "demo", "backup", "restore", "reset-password", "check", "verify-log"):
        assert command in shown
    assert "first-administrator" in shown
    code = "import sys, server.cli; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=HOUSE, capture_output=True, text=True, check=True).stdout
    assert HEAVY.isdisjoint(loaded.split())


def test_a_settings_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    done = hopso(tmp_path, "--config", "khong-co.toml", "check")
    assert done.returncode == 1
    assert done.stderr.strip() == "Không có tệp cấu hình: khong-co.toml"


def test_an_unknown_setting_is_named_in_the_asked_language(tmp_path: Path, said: Command) -> None:
    done = said(tmp_path, "--english", "check", HOPSO_WEB__PROT="1")
    assert done.returncode == 1
    assert done.stderr.startswith("The settings are wrong: web.prot")


def test_the_demo_is_refused_in_production(tmp_path: Path, said: Command) -> None:
    done = said(tmp_path, "serve", HOPSO_DEMO="true", HOPSO_PRODUCTION="true")
    assert done.returncode == 1
    assert "chế độ chính thức" in done.stderr
    assert not (tmp_path / "var").exists()


def test_production_without_a_certificate_is_refused(tmp_path: Path, said: Command) -> None:
    done = said(tmp_path, "serve", HOPSO_PRODUCTION="true")
    assert done.returncode == 1
    assert "var/tls/server.pem" in done.stderr
    assert not list(tmp_path.rglob("*.pem"))


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    """A folder with a database and one paper."""
    folder = tmp_path / "house"
    name = "ab" + "0" * 62
    (folder / "var/blobs/ab").mkdir(parents=True)
    (folder / "var/blobs/ab" / name).write_bytes(b"")
    with contextlib.closing(sqlite3.connect(folder / "var/hopso.db")) as connection:
        connection.execute("CREATE TABLE decisions (words TEXT)")
        connection.execute("INSERT INTO decisions VALUES ('Thông qua')")
        connection.commit()
    (folder / "var/blobs/ab" / name).unlink()
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    (folder / "var/blobs/e3").mkdir()
    (folder / "var/blobs/e3" / empty).write_bytes(b"")
    return folder


def test_backup_and_restore_by_hand(filled: Path, tmp_path: Path) -> None:
    archive, other = tmp_path / "sao-luu.tar.gz", tmp_path / "other"
    other.mkdir()
    saved = hopso(filled, "backup", str(archive))
    assert (saved.returncode, "Đã sao lưu 2 tệp" in saved.stdout) == (0, True)
    assert hopso(other, "restore", str(archive)).returncode == 0
    with contextlib.closing(sqlite3.connect(other / "var/hopso.db")) as connection:
        assert connection.execute("SELECT words FROM decisions").fetchall() == [("Thông qua",)]
    again = hopso(other, "restore", str(archive))
    assert (again.returncode, "--force" in again.stderr) == (1, True)
    assert hopso(other, "restore", "--force", str(archive)).returncode == 0


def test_a_new_house_gets_its_first_account_once(tmp_path: Path) -> None:
    made = hopso(tmp_path, "first-administrator", "Lò Văn Quản", "quanlv")
    assert (made.returncode, "quản trị quanlv, mật khẩu: " in made.stdout) == (0, True), made.stderr
    with contextlib.closing(sqlite3.connect(tmp_path / "var/hopso.db")) as connection:
        assert connection.execute("SELECT username, offices, must_change FROM accounts").fetchall() == [
            ("quanlv", "system", 1)
        ]
    again = hopso(tmp_path, "first-administrator", "Lò Văn Quản", "quanlv")
    assert (again.returncode, "quanlv" in again.stderr) == (1, True)


def test_an_account_without_a_name_is_not_made(tmp_path: Path, said: Command) -> None:
    done = said(tmp_path, "first-administrator", " ", "quanlv")
    assert (done.returncode, done.stderr.strip()) == (1, "Chưa có họ và tên.")


@pytest.mark.parametrize("words", [["verify-log"], ["reset-password", "quanlv"]])
def test_in_a_folder_without_a_database_none_is_made(tmp_path: Path, said: Command, words: list[str]) -> None:
    done = said(tmp_path, *words)
    assert (
        done.returncode,
        f"Không có cơ sở dữ liệu của phiên bản này tại {tmp_path}/var/hopso.db" in done.stderr,
    ) == (1, True)
    assert not list(tmp_path.iterdir())


def test_a_database_of_a_later_version_is_left_alone(tmp_path: Path, said: Command) -> None:
    (tmp_path / "var").mkdir()
    with contextlib.closing(sqlite3.connect(tmp_path / "var/hopso.db")) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num TEXT)")
        connection.execute("INSERT INTO alembic_version VALUES ('9999')")
        connection.commit()
    done = said(tmp_path, "--english", "migrate")
    assert (done.returncode, "The database (9999) is newer than this program" in done.stderr) == (1, True)


def test_nothing_is_restored_under_a_running_server(filled: Path, tmp_path: Path) -> None:
    archive = tmp_path / "sao-luu.tar.gz"
    hopso(filled, "backup", str(archive))
    with serving.alone(filled / "var/hopso.lock"):
        done = hopso(filled, "restore", "--force", str(archive))
    assert (done.returncode, "đang chạy" in done.stderr) == (1, True)


def test_check_says_one_sentence_for_each_thing(filled: Path) -> None:
    done = hopso(filled, "check", HOPSO_DOCUMENTS__SOFFICE="khong-co-soffice")
    lines = done.stdout.splitlines()
    assert done.returncode == 0, done.stdout
    assert all(line.lstrip()[0] in "✓!" for line in lines)
    assert any("chỉ nhận tài liệu PDF" in line for line in lines)
    assert any("Cơ sở dữ liệu hoạt động" in line for line in lines)
    assert any("chưa thử được đường tới cổng hội nghị" in line for line in lines)


def test_check_gives_warnings_a_status_of_their_own_when_asked(filled: Path, said: Command) -> None:
    assert said(filled, "check", "--strict", HOPSO_DOCUMENTS__SOFFICE="khong-co-soffice").returncode == 2


def test_check_fails_when_something_will_not_work(filled: Path, said: Command) -> None:
    (filled / "var/hopso.db").write_bytes(b"this is not a database, not at all, whatever its name may say" * 20)
    done = said(filled, "--english", "check")
    assert done.returncode == 1
    assert "✕ The database cannot be reached" in done.stdout
