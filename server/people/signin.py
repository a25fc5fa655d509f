"""Signing in, step by step, and everything a person may change about how they do it."""

from __future__ import annotations

import msgspec

from server.clock import Clock, Millis
from server.config import PeopleSettings
from server.db import Connection, Database
from server.errors import Problem, Refused, Unauthorized
from server.http import Visitor
from server.people.accounts import Account, check_new_password, needs_second_factor
from server.people.doors import Doors, Entered, Knock
from server.people.passwords import Passwords
from server.people.secondfactor import Offer, SecondFactor, fresh_secret
from server.people.sessions import MINUTE, TryLimit, limits_of
from server.people.store import directory, door
from server.people.tries import Tries


class Credentials(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was typed so far. Each step sends all of it again: the server remembers nobody half signed in."""

    username: str
    password: str
    code: str = ""
    new_password: str = ""
    unit: str = ""
    """The unit chosen on this device; then the part of the username before the dot is enough."""


class NextStep(msgspec.Struct, frozen=True):
    """The password was right, and something more is needed."""

    step: str
    """"code": the second factor. "enrol": set one up, then its first code. "change": a password of one's own."""
    offer: Offer | None = None


class SignIn:
    """Username, then password, then the second factor of those who steer meetings.

    Every refusal before the password is right is the same sentence and takes the same time, whether the account
    exists, is disabled, or the password is wrong.
    """

    def __init__(self, doors: Doors, passwords: Passwords, factor: SecondFactor, settings: PeopleSettings) -> None:
        self._doors = doors
        self._db: Database = doors.db
        self._clock: Clock = doors.clock
        self._settings = settings
        self._passwords = passwords
        self._factor = factor
        self._tries = Tries(self._db, self._clock)

    async def sign_in(self, typed: Credentials, knock: Knock) -> Entered | NextStep:
        """Inside, or the next step.

        Raises `Unauthorized`: "signin.refused", "signin.code_wrong"; `TooMany("signin.too_often")`; `Refused`: the
        codes of `check_new_password`.
        """
        account = await self._account(typed)
        limits = self._limits(account.username if account else typed.username.strip().lower()[:64], knock)
        await self._tries.count(limits)
        account = await self._with_password(account, typed.password, knock)
        step = await self._next_step(account, typed)
        if step is not None:
            await self._tries.forgive(limits)
            return step
        entered = await self._enter(account, typed, knock)
        await self._tries.forgive(limits, succeeded=True)
        await self._doors.close_previous(knock)
        if typed.new_password:
            await self._doors.end_all(account.person, except_session=entered.session.id)
        return entered

    async def _account(self, typed: Credentials) -> Account | None:
        name = typed.username.strip().lower()
        async with self._db.reading() as connection:
            found = await directory.account_named(connection, name)
            beginning = await directory.accounts_in_unit(connection, name, typed.unit)
        if found is None and len(beginning) == 1 and name and typed.unit:
            return beginning[0]
        return found

    async def _with_password(self, account: Account | None, password: str, knock: Knock) -> Account:
        usable = account is not None and not account.disabled
        right = await self._passwords.verify(account.password_hash if account and usable else "", password)
        if account is not None and right:
            return account
        async with self._db.writing() as connection:
            await self._doors.note(connection, account.person if account else "", "refused", knock)
        raise Unauthorized("signin.refused")

    async def _next_step(self, account: Account, typed: Credentials) -> NextStep | None:
        if account.must_change and not typed.new_password:
            return NextStep("change")
        if typed.new_password:
            await self._check_new(account, typed.new_password)
        if account.totp:
            return None if typed.code else NextStep("code")
        if not needs_second_factor(account.offices, self._settings.require_second_factor):
            return None
        if typed.code and account.totp_offered:
            return None
        return NextStep("enrol", await self._offer(account.person))

    async def _check_new(self, account: Account, new: str) -> None:
        check_new_password(new, account.username)
        if await self._passwords.verify(account.password_hash, new):
            raise Refused("password.same")

    async def _enter(self, account: Account, typed: Credentials, knock: Knock) -> Entered:
        new_hash = await self._new_hash(account, typed)  # before the transaction: it takes a tenth of a second
        try:
            async with self._db.writing() as connection:
                current = await self._locked(connection, account.person)
                changed = self._with_factor(current, typed.code)
                if new_hash:
                    changed = msgspec.structs.replace(changed, password_hash=new_hash, must_change=False)
                await directory.keep_account(connection, self._db, changed)
                now = self._clock.now() if changed.totp else 0
                return await self._doors.open(connection, account.person, knock, second_factor_at=now)
        except Unauthorized:
            async with self._db.writing() as connection:
                await self._doors.note(connection, account.person, "code_refused", knock)
            raise

    async def _new_hash(self, account: Account, typed: Credentials) -> str:
        if typed.new_password:
            return await self._passwords.hash(typed.new_password)
        if self._passwords.is_outdated(account.password_hash):
            return await self._passwords.hash(typed.password)
        return ""

    def _with_factor(self, account: Account, code: str) -> Account:
        if account.totp or (account.totp_offered and code):
            return self._accept_code(account, code)
        if needs_second_factor(account.offices, self._settings.require_second_factor):
            raise Unauthorized("signin.code_wrong")  # it was reset between the steps
        return account

    def _accept_code(self, account: Account, code: str) -> Account:
        """The account after this code: its step is used up, and a second factor that was offered is confirmed."""
        sealed = account.totp or account.totp_offered
        step = self._factor.step_of(sealed, account.person, code, self._clock.now())
        if step is None or (account.totp and step <= account.totp_step):
            raise Unauthorized("signin.code_wrong")
        return msgspec.structs.replace(account, totp=sealed, totp_offered=b"", totp_step=step)

    async def _locked(self, connection: Connection, person: str) -> Account:
        account = await directory.account_of(connection, person, for_change=True)
        if account is None or account.disabled:
            raise Unauthorized("signin.refused")
        return account

    def _limits(self, name: str, knock: Knock) -> list[TryLimit]:
        window: Millis = self._settings.lockout_minutes * MINUTE
        return limits_of(name, knock.address, self._settings.lockout_attempts, window)

    # Once inside ------------------------------------------------------------------------------------------------

    async def has_second_factor(self, visitor: Visitor) -> bool:
        """Whether this person shows a code when signing in."""
        async with self._db.reading() as connection:
            account = await directory.account_of(connection, visitor.person)
        return account is not None and bool(account.totp)

    async def change_password(self, visitor: Visitor, old: str, new: str, knock: Knock) -> None:
        """A new password; all other sessions of this person end.

        Raises `Refused`: "password.wrong", "password.same", the codes of `check_new_password`.
        """
        account = await self._proven(visitor, old, knock)
        await self._check_new(account, new)
        new_hash = await self._passwords.hash(new)
        async with self._db.writing() as connection:
            current = await self._locked(connection, account.person)
            changed = msgspec.structs.replace(current, password_hash=new_hash, must_change=False)
            await directory.keep_account(connection, self._db, changed)
            await self._doors.note(connection, account.person, "password_changed", knock)
        await self._doors.end_all(visitor.person, except_session=visitor.session)

    async def offer_second_factor(self, visitor: Visitor, password: str, knock: Knock) -> Offer:
        """A second factor to take over; it counts only once its first code was shown. `Refused("password.wrong")`."""
        account = await self._proven(visitor, password, knock)
        if account.totp:
            raise Refused("second_factor.there")
        return await self._offer(account.person)

    async def confirm_second_factor(self, visitor: Visitor, code: str, knock: Knock) -> None:
        """The first code of an offered second factor; also asks again for the one already there.

        Called before a secret ballot opens. Raises `Refused("second_factor.none")`, `Refused("second_factor.wrong")`.
        """
        limits = self._limits(f"code {visitor.person}", knock)
        await self._tries.count(limits)
        async with self._db.writing() as connection:
            account = await self._locked(connection, visitor.person)
            if not account.totp and not account.totp_offered:
                raise Refused("second_factor.none")
            changed = self._accepted(account, code)
            await directory.keep_account(connection, self._db, changed)
            await door.change_sessions(connection, [visitor.session], second_factor_at=self._clock.now())
            await self._doors.note(connection, visitor.person, "second_factor_shown", knock)
        await self._tries.forgive(limits, succeeded=True)

    async def remove_second_factor(self, visitor: Visitor, code: str, knock: Knock) -> None:
        """Do without, where one's offices allow it. `Refused("second_factor.required")` where they do not."""
        if needs_second_factor(visitor.offices, self._settings.require_second_factor):
            raise Refused("second_factor.required")
        await self.confirm_second_factor(visitor, code, knock)
        async with self._db.writing() as connection:
            account = await self._locked(connection, visitor.person)
            changed = msgspec.structs.replace(account, totp=b"", totp_offered=b"")
            await directory.keep_account(connection, self._db, changed)
            await self._doors.note(connection, visitor.person, "second_factor_removed", knock)

    async def proved_at(self, session_id: str) -> Millis | None:
        """When this session last showed a second factor (0: never); None where its person has none to show."""
        async with self._db.reading() as connection:
            session = await door.session_by_id(connection, session_id)
            account = await directory.account_of(connection, session.person) if session else None
        return session.second_factor_at if session and account and account.totp else None

    def _accepted(self, account: Account, code: str) -> Account:
        try:
            return self._accept_code(account, code)
        except Problem as error:
            raise Refused("second_factor.wrong") from error

    async def _proven(self, visitor: Visitor, password: str, knock: Knock) -> Account:
        limits = self._limits(f"proof {visitor.person}", knock)
        await self._tries.count(limits)
        async with self._db.reading() as connection:
            account = await directory.account_of(connection, visitor.person)
        if not await self._passwords.verify(account.password_hash if account else "", password) or account is None:
            raise Refused("password.wrong")
        await self._tries.forgive(limits, succeeded=True)
        return account

    async def _offer(self, person: str) -> Offer:
        secret = fresh_secret(f"{self._clock.fresh_id()}{self._clock.secret()}")
        async with self._db.writing() as connection:
            account = await self._locked(connection, person)
            offered = msgspec.structs.replace(account, totp_offered=self._factor.seal(secret, person))
            await directory.keep_account(connection, self._db, offered)
        return self._factor.offer(secret, account.username)
