"""Secret ballots: cast once and for all, counted exactly, and nothing that is kept ties who to what.

The attackers here hold everything that lies around: the database file with its free space, the write-ahead log, the
order of receipts, the logs, and one of them even the ballot's key. What they guess is held against chance; the same
attack on a box that keeps its order finds everybody, so that it is known to work.
"""

from __future__ import annotations

import logging
import random
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from server.db import Database
from server.errors import Conflict
from server.meetings.box import store as box
from server.meetings.box.keys import BoxKeys, empty, seal
from server.meetings.polling import own_votes, polled
from server.meetings.votes import LEAST_SECRET
from tests.meetings.chamber import Chamber
from tests.meetings.linkage import Guesses

VOTERS = 9
CHOICES = ("agree", "disagree", "abstain")


@pytest.fixture
async def chamber(tmp_path: Path) -> AsyncIterator[Chamber]:
    one = Chamber(tmp_path, VOTERS)
    await one.create_tables()
    await one.convene()
    yield one
    await one.close()


async def _cast(chamber: Chamber, ballot: str, person: str, choice: str, command_id: str = "") -> tuple[bool, str]:
    fields = {"ballot": ballot, "mandate": person, "choice": choice}
    answer = await chamber.does(person, "ballot.cast_secretly", command_id, **fields)
    return answer.ok, answer.code


async def _tally(chamber: Chamber, ballot: str) -> dict[str, int]:
    """What comes of the ballot, with so many abstaining as it takes to count it at all."""
    voted = set(await chamber.meetings.ledger.voted(ballot))
    for person in [who for who in chamber.people if who not in voted][: max(0, LEAST_SECRET - len(voted))]:
        assert await _cast(chamber, ballot, person, "abstain") == (True, "")
    assert (await chamber.does("v0", "ballot.close", ballot=ballot)).ok
    _, meeting = await chamber.meetings.standing(chamber.meeting)
    return meeting.tallies[ballot].tally


async def test_a_secret_vote_is_final_and_its_answer_is_repeated_to_a_retry(chamber: Chamber) -> None:
    ballot = await chamber.ballot("secret")
    assert await _cast(chamber, ballot, "v1", "agree", "first-try") == (True, "")
    assert await _cast(chamber, ballot, "v1", "agree", "first-try") == (True, ""), "its answer was lost on the way"
    assert await _cast(chamber, ballot, "v1", "disagree", "second-thought") == (False, "ballot.already_cast")
    assert await _cast(chamber, ballot, "v2", "maybe") == (False, "ballot.no_such_option")
    chamber.meetings = chamber.process()
    assert await _cast(chamber, ballot, "v1", "disagree", "after-a-restart") == (False, "ballot.already_cast")
    assert await _tally(chamber, ballot) == {"agree": 1, "disagree": 0, "abstain": 4}


async def test_nothing_is_counted_before_so_many_have_voted_that_it_tells_of_nobody(chamber: Chamber) -> None:
    ballot = await chamber.ballot("secret")
    for number in range(1, LEAST_SECRET):
        await _cast(chamber, ballot, f"v{number}", "agree")
        answer = await chamber.does("v0", "ballot.close", ballot=ballot)
        assert (answer.code, answer.details) == ("ballot.too_few_cast", {"count": number, "least": LEAST_SECRET})
    _, meeting = await chamber.meetings.standing(chamber.meeting)
    assert (meeting.ballots[ballot].state, meeting.tallies) == ("open", {})
    await _cast(chamber, ballot, "v5", "disagree")
    assert await _tally(chamber, ballot) == {"agree": 4, "disagree": 1, "abstain": 0}


async def test_a_tablet_that_comes_back_learns_that_it_has_voted_and_not_what(chamber: Chamber) -> None:
    ballot = await chamber.ballot("secret")
    await _cast(chamber, ballot, "v3", "disagree")
    assert await own_votes(chamber.meetings, chamber.meeting, "v3") == {ballot: {"v3": "?"}}
    assert await own_votes(chamber.meetings, chamber.meeting, "v4") == {ballot: {}}
    told = await polled(chamber.meetings, chamber.meeting, ballot)
    assert (told.counts, told.voted) == ({"turnout": 1}, ("v3",))


async def test_the_box_and_its_key_are_gone_when_the_ballot_is_closed_or_voided(chamber: Chamber) -> None:
    keys = chamber.folder / "keys"
    for ending in ("close", "void"):
        ballot = await chamber.ballot("secret")
        await _cast(chamber, ballot, "v1", "agree")
        assert [file.stem for file in keys.iterdir()] == [ballot]
        assert (keys / f"{ballot}.key").stat().st_mode & 0o077 == 0
        if ending == "close":
            await _tally(chamber, ballot)
        else:
            await chamber.does("v0", "ballot.ask_void", ballot=ballot, reason="Nhầm danh sách")
            assert (await chamber.does("v1", "ballot.confirm_void", ballot=ballot)).ok
        async with chamber.db.reading() as connection:
            assert await box.in_box(connection, ballot) == []
            assert await box.box_key(connection, ballot) is None
        assert list(keys.iterdir()) == []


async def test_a_ballot_whose_key_is_lost_is_said_to_be_so_and_can_be_taken_again(chamber: Chamber) -> None:
    ballot = await chamber.ballot("secret")
    await _cast(chamber, ballot, "v1", "agree")
    (chamber.folder / "keys" / f"{ballot}.key").unlink()
    answer = await chamber.does("v0", "ballot.close", ballot=ballot)
    assert (answer.ok, answer.code) == (False, "ballot.key_lost")
    await chamber.does("v0", "ballot.ask_void", ballot=ballot, reason="Mất khóa", again=True)
    assert (await chamber.does("v1", "ballot.confirm_void", ballot=ballot)).ok


async def test_keys_left_by_a_process_that_died_are_destroyed_later_and_those_in_use_are_kept(chamber: Chamber) -> None:
    ballot = await chamber.ballot("secret")
    keys = chamber.meetings.ledger.keys
    keys.make("left-over")
    await chamber.meetings.ledger.forget()
    assert sorted(keys.left(1 << 53)) == sorted([ballot, "left-over"]), "both were made a moment ago"
    chamber.clock.advance(1 << 44)
    await chamber.meetings.ledger.forget()
    assert keys.left(1 << 53) == [ballot]


async def test_opening_one_asks_for_the_second_factor_of_whoever_has_one(chamber: Chamber) -> None:
    await chamber.does("v0", "ballot.plan", item=await _item(chamber), question="?", method="secret")
    _, meeting = await chamber.meetings.standing(chamber.meeting)
    ballot = next(iter(meeting.ballots))
    for shown, code in ((0, "ballot.prove_first"), (chamber.clock.now() - 600_000, "ballot.prove_first")):
        chamber.proved = shown
        assert (await chamber.does("v0", "ballot.open", ballot=ballot)).code == code
    chamber.proved = chamber.clock.now()
    assert (await chamber.does("v0", "ballot.open", ballot=ballot)).ok
    chamber.proved = 0
    assert (await chamber.does("v0", "ballot.close", ballot=ballot)).ok, "never at closing, in front of the hall"


async def _item(chamber: Chamber) -> str:
    _, meeting = await chamber.meetings.standing(chamber.meeting)
    return meeting.items[0].id


def test_every_sealed_choice_is_as_long_as_any_other_and_opens_with_its_own_key_alone(tmp_path: Path) -> None:
    keys = BoxKeys(tmp_path)
    public, wrapped = keys.make("one")
    sealed = [seal(public, choice, "one", 8) for choice in ("agree", "", "disagree", "agree")]
    assert {len(one) for one in sealed} == {len(empty(8))}
    assert keys.read("one", wrapped, sealed) == ["", "agree", "agree", "disagree"]
    keys.make("other")
    with pytest.raises(Conflict, match=r"ballot\.key_lost"):
        keys.read("other", wrapped, sealed)
    keys.destroy("one")
    keys.destroy("one")
    with pytest.raises(Conflict, match=r"ballot\.key_lost"):
        keys.read("one", wrapped, sealed)


@pytest.mark.slow
async def test_postgresql_keeps_secret_votes_alike(postgres_url: str, tmp_path: Path) -> None:
    chamber = Chamber(tmp_path, 6, Database(postgres_url))
    await chamber.create_tables()
    await chamber.convene()
    ballot = await chamber.ballot("secret")
    for person, choice in (("v0", "agree"), ("v1", "agree"), ("v5", "abstain")):
        assert await _cast(chamber, ballot, person, choice) == (True, "")
    assert await _cast(chamber, ballot, "v5", "agree") == (False, "ballot.already_cast")
    async with chamber.db.reading() as connection:
        assert len(await box.in_box(connection, ballot)) == 3
    assert await _tally(chamber, ballot) == {"agree": 2, "disagree": 0, "abstain": 3}
    await chamber.close()


# -- the attack ----------------------------------------------------------------------------------------------------


def orders_in_file(file: Path, table: str, sealed: dict[bytes, str]) -> dict[str, list[str]]:
    """The choices in every order that the database file has for them: of its rows, and of their places in it."""
    with sqlite3.connect(file) as connection:
        rows = [bytes(row[0]) for row in connection.execute(f"SELECT sealed FROM {table}") if row[0] in sealed]
    raw = file.read_bytes()
    placed = sorted(sealed, key=raw.rfind)
    return {
        "rows": [sealed[one] for one in rows],
        "rows backwards": [sealed[one] for one in reversed(rows)],
        "places": [sealed[one] for one in placed],
        "places backwards": [sealed[one] for one in reversed(placed)],
        "by their octets": [sealed[one] for one in sorted(sealed)],
    }


async def _vote(chamber: Chamber, ballot: str, chance: random.Random) -> dict[str, str]:
    """Everybody votes, in an order of chance; who chose what, in the order of voting."""
    people = chance.sample(chamber.people, VOTERS)
    cast = {person: chance.choice(CHOICES) for person in people}
    for person, choice in cast.items():
        assert await _cast(chamber, ballot, person, choice) == (True, "")
    return cast


async def _opened_by_the_attacker(chamber: Chamber, ballot: str) -> dict[bytes, str]:
    """Ciphertext → choice: what only somebody with the key and the running database could know."""
    async with chamber.db.reading() as connection:
        sealed, key = await box.in_box(connection, ballot), await box.box_key(connection, ballot)
    assert key is not None
    keys = BoxKeys(chamber.folder / "keys")
    return {one: keys.read(ballot, key.wrapped, [one])[0] for one in sealed}


def _order_of_receipts(file: Path, since: int) -> list[str]:
    with sqlite3.connect(file) as connection:
        return [row[0] for row in connection.execute("SELECT person FROM receipts WHERE rowid > ?", (since,))]


async def test_whoever_has_the_database_and_even_the_key_of_the_box_finds_no_order_in_it(chamber: Chamber) -> None:
    chance, guesses, control = random.Random(17), Guesses(), Guesses()
    file = chamber.folder / "chamber.db"
    for number in range(6):
        ballot = await chamber.ballot("secret")
        with sqlite3.connect(file) as connection:
            since = connection.execute("SELECT max(rowid) FROM receipts").fetchone()[0]
        cast = await _vote(chamber, ballot, chance)
        opened = await _opened_by_the_attacker(chamber, ballot)
        with sqlite3.connect(file) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.execute(f"CREATE TABLE in_order_{number} (sealed BLOB)")
        voters = _order_of_receipts(file, since)
        assert voters == list(cast), "who voted when is known: receipts tell"
        guesses.add(orders_in_file(file, "ballot_box", opened), voters, cast)

        naive = {random.Random(f"{number} {voter}").randbytes(68): choice for voter, choice in cast.items()}
        with sqlite3.connect(file) as connection:
            connection.executemany(f"INSERT INTO in_order_{number} VALUES (?)", [(one,) for one in naive])
            connection.commit()
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        control.add(orders_in_file(file, f"in_order_{number}", naive), voters, cast)
        await _tally(chamber, ballot)
    assert max(guesses.found.values()) <= guesses.no_better_than_chance, guesses.found
    assert control.found["rows"] == control.found["places backwards"] == 6 * VOTERS, "the attack works where it can"
    assert control.found["rows"] > control.no_better_than_chance


async def test_the_write_ahead_log_of_a_closed_ballot_ties_mandates_to_noise(chamber: Chamber) -> None:
    """The log shows which sealed choice came with which mandate. Without the key, which is gone, that is all."""
    chance, guesses = random.Random(23), Guesses()
    for _ in range(6):
        ballot = await chamber.ballot("secret")
        seen: dict[str, bytes] = {}
        for person in chance.sample(chamber.people, VOTERS):
            async with chamber.db.reading() as connection:
                before = set(await box.in_box(connection, ballot))
            choice = chance.choice(CHOICES)
            assert (await _cast(chamber, ballot, person, choice))[0]
            async with chamber.db.reading() as connection:
                (seen[person],) = set(await box.in_box(connection, ballot)) - before
            guesses_of = seen | {}
            assert guesses_of[person] in (chamber.folder / "chamber.db-wal").read_bytes()
            seen[person + "/choice"] = choice.encode()
        cast = {person: seen[person + "/choice"].decode() for person in chamber.people}
        tally = await _tally(chamber, ballot)
        assert not list((chamber.folder / "keys").iterdir())
        dealt = [choice for choice, count in tally.items() for _ in range(count)]
        orders = {}
        for way, feature in {"first": 0, "middle": 40, "last": -1}.items():
            ranked = sorted(chamber.people, key=lambda person, at=feature: seen[person][at])  # type: ignore[misc]
            guess = dict(zip(ranked, dealt, strict=True))
            orders[way] = [guess[person] for person in chamber.people]
        guesses.add(orders, chamber.people, cast)
    assert max(guesses.found.values()) <= guesses.no_better_than_chance, guesses.found


async def test_voting_changes_nothing_else_and_is_told_by_nothing(
    chamber: Chamber, caplog: pytest.LogCaptureFixture
) -> None:
    """The same rows change, by as much, whatever is chosen; and no log of any library has a choice, however loud."""
    caplog.set_level(logging.DEBUG)
    ballot = await chamber.ballot("secret")
    told: list[object] = []
    chamber.meetings.on_vote.append(lambda *what: told.append(what))
    chamber.meetings.on_change.append(lambda *what: told.append(what))
    chamber.meetings.streams.listeners.append(lambda *what: told.append(what))
    caplog.clear()
    before = await _everything(chamber)
    for person, choice in (("v1", "agree"), ("v2", "disagree"), ("v3", "abstain")):
        assert (await _cast(chamber, ballot, person, choice, f"command-{person}"))[0]
    after = await _everything(chamber)
    changed = {table for table in after if before[table] != after[table]}
    assert changed == {"receipts", "ballot_voters", "ballot_box"}
    new = [row for row in after["receipts"] if row not in before["receipts"]]
    plain = [(str(row).replace(row[0], "").replace(row[1], "").replace(str(row[2]), "")) for row in new]
    assert len(set(plain)) == 1, "receipts differ in who, which command and when, and in nothing else"
    assert {len(row[3]) for row in after["ballot_box"]} == {len(after["ballot_box"][0][3])}
    assert told == [(chamber.meeting, ballot)] * 3
    assert not [record for record in caplog.records if any(choice in record.getMessage() for choice in CHOICES)]


async def _everything(chamber: Chamber) -> dict[str, list[tuple[object, ...]]]:
    """All rows of all tables, in the order in which the database has them."""
    with sqlite3.connect(chamber.folder / "chamber.db") as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: connection.execute(f'SELECT * FROM "{name}"').fetchall() for name in names}


def test_a_secret_choice_is_in_no_words_that_somebody_might_print() -> None:
    from server.meetings.acts import SecretVote
    from server.meetings.votes import CastSecretVote

    for secret in (SecretVote("b", "v1", "agree"), CastSecretVote("b", "v1", "agree")):
        assert "agree" not in f"{secret} {secret!r} {[secret]}"
