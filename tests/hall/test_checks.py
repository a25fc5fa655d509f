"""Each check against the real thing, in both states."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from server import certificates, checks
from server.backup import sqlite_file
from server.clock import SystemClock
from server.config import DatabaseSettings, MediaSettings, Settings, WebSettings
from server.machine import Names

NAMES = Names(("phonghop", "localhost"), ("127.0.0.1",))
NOW = SystemClock().now()


def settings(folder: Path, port: int = 8443) -> Settings:
    web = WebSettings(
        host="127.0.0.1", port=port, guide_port=0, certificate_file=folder / "s.pem", key_file=folder / "s.key"
    )
    return Settings(web=web, media=MediaSettings(host="127.0.0.1", port=0), database=DatabaseSettings())


def test_a_certificate_is_counted_in_days(tmp_path: Path) -> None:
    certificates.ensure(tmp_path, tmp_path / "s.pem", tmp_path / "s.key", NAMES, NOW)
    found = checks.certificate(settings(tmp_path), NOW)
    assert (found.level, "389" in found.words.en) == ("ok", True)


@pytest.mark.parametrize(("days", "level"), [(361, "warn"), (391, "bad")])
def test_a_certificate_near_and_past_its_end(tmp_path: Path, days: int, level: str) -> None:
    certificates.ensure(tmp_path, tmp_path / "s.pem", tmp_path / "s.key", NAMES, NOW)
    assert checks.certificate(settings(tmp_path), NOW + days * certificates.DAY_MS).level == level


def test_a_missing_certificate_is_bad_in_production_only(tmp_path: Path) -> None:
    here = settings(tmp_path)
    assert checks.certificate(here, NOW).level == "ok"
    assert checks.certificate(here.model_copy(update={"production": True}), NOW).level == "bad"


def test_a_port_in_use_is_bad_unless_we_use_it(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        here = settings(tmp_path, taken.getsockname()[1])
        assert [found.level for found in checks.ports(here, running=False)] == ["bad", "ok"]
        assert [found.level for found in checks.ports(here, running=True)] == ["ok", "ok"]


def test_the_guide_needs_no_port_in_production(tmp_path: Path) -> None:
    here = settings(tmp_path)
    guided = here.model_copy(update={"web": here.web.model_copy(update={"guide_port": 8480})})
    assert len(list(checks.ports(guided, running=True))) == 3
    assert len(list(checks.ports(guided.model_copy(update={"production": True}), running=True))) == 2


def test_the_ports_of_further_media_processes_and_of_codecs_are_looked_at(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as second, socket.socket() as codecs:
        second.bind(("127.0.0.1", 0))
        codecs.bind(("127.0.0.1", 0))
        codecs.listen()
        here = settings(tmp_path)
        media = here.media.model_copy(update={"port": second.getsockname()[1] - 1, "processes": 2})
        sip = here.sip.model_copy(update={"enabled": True, "port": codecs.getsockname()[1]})
        busy = here.model_copy(update={"media": media, "sip": sip})
        found = {one.words.en.split(":")[0].removesuffix(" cannot be opened"): one for one in checks.ports(busy, False)}
        assert found[f"Port UDP {media.port + 1}"].level == "bad"
        assert found[f"Port TCP {sip.port}"].level == "bad"
        assert any(name.startswith(f"Port UDP {sip.port}") for name in found)
        without = busy.model_copy(update={"sip": here.sip})
        assert not any(str(sip.port) in one.words.en for one in checks.ports(without, False))


@pytest.mark.parametrize(("state", "level"), [(0, "ok"), (checks.TIME_ERROR, "warn"), (-1, "warn")])
def test_a_clock_nobody_keeps_is_worth_a_warning(state: int, level: str) -> None:
    assert checks.clock_is_kept(state).level == level


def test_the_kernel_tells_the_state_of_its_clock() -> None:
    assert checks._adjtimex() in range(-1, 6)


@pytest.mark.parametrize(("free", "level"), [(50 * checks.GB, "ok"), (5 * checks.GB, "warn"), (1, "bad")])
def test_disk_space(free: int, level: str) -> None:
    assert checks.disk(free).level == level


@pytest.mark.parametrize(("free", "level"), [(5_000_000_000, "ok"), (4_999_000_000, "warn")])
def test_whether_a_recording_may_begin(free: int, level: str) -> None:
    assert checks.recordings(free, 5_000).level == level


@pytest.mark.parametrize(
    ("families", "level"),
    [
        ({"Times New Roman"}, "ok"),
        ({"DejaVu Sans", "Liberation Serif"}, "ok"),
        ({"DejaVu Sans"}, "warn"),
        (set(), "warn"),
    ],
)
def test_the_typeface_of_official_papers_or_one_as_wide(families: set[str], level: str) -> None:
    assert checks.fonts(families).level == level


@pytest.mark.slow
def test_the_typefaces_of_this_machine_are_known(soffice_path: Path) -> None:
    assert checks.fonts(checks._families()).level == "ok"


def test_a_typeface_without_the_vietnamese_letters_does_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listing = tmp_path / "fc-list"  # as on Debian 12 with fonts-liberation, which ends at Latin Extended-A
    listing.write_text('#!/bin/sh\necho "DejaVu Serif"\n[ "$1" = ":lang=vi" ] || echo "Liberation Serif"\n')
    listing.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert checks.fonts(checks._families()).level == "warn"


def test_a_database_that_is_not_made_yet_is_fine_where_it_can_be_made(tmp_path: Path) -> None:
    assert checks.database(f"sqlite+aiosqlite:///{tmp_path}/new/hopso.db").level == "ok"


@pytest.mark.slow
def test_postgresql_there_and_gone(fresh_postgres_url: str) -> None:
    assert checks.database(fresh_postgres_url).level == "ok"
    assert checks.database(fresh_postgres_url.rsplit("/", 1)[0] + "/nobody_made_this").level == "bad"


@pytest.mark.slow
def test_redis_there_and_gone(redis_url: str) -> None:
    assert checks.bus(redis_url).level == "ok"
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        assert checks.bus(f"redis://127.0.0.1:{closed.getsockname()[1]}/0").level == "bad"


@pytest.mark.parametrize(
    ("url", "file"),
    [
        ("sqlite+aiosqlite:///var/hopso.db", "var/hopso.db"),
        ("sqlite+aiosqlite:////srv/hopso.db?x=1", "/srv/hopso.db"),
        ("postgresql+psycopg://u@h/d", None),
    ],
)
def test_the_file_of_a_database_url(url: str, file: str | None) -> None:
    assert sqlite_file(url) == (Path(file) if file else None)
