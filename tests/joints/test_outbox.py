"""The key of one's own outbox: the same at every sign-in, different for everybody, and gone with the house's secret."""

from __future__ import annotations

from pathlib import Path

from server.joints.outbox import KEY_FILE, OutboxKeys


def test_a_person_gets_the_same_key_after_a_restart_and_nobody_elses(tmp_path: Path) -> None:
    before, after = OutboxKeys(tmp_path), OutboxKeys(tmp_path)
    assert before.of("thao") == after.of("thao")
    assert len({before.of(who) for who in ("thao", "thiet", "", "thao ")}) == 4
    assert len(before.of("thao")) == 32


def test_the_secret_is_readable_by_the_house_alone_and_never_the_key_itself(tmp_path: Path) -> None:
    keys = OutboxKeys(tmp_path / "keys")
    file = tmp_path / "keys" / KEY_FILE
    assert file.stat().st_mode & 0o077 == 0
    assert keys.of("thao") not in file.read_bytes() and file.read_bytes() not in keys.of("thao")


def test_another_house_gives_other_keys(tmp_path: Path) -> None:
    assert OutboxKeys(tmp_path / "a").of("thao") != OutboxKeys(tmp_path / "b").of("thao")
