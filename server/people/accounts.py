"""Accounts: the form of a username, what a password must be, which offices there are and who may give them."""

from __future__ import annotations

import re
import unicodedata

import msgspec

from server.errors import Forbidden, Invalid, Refused
from server.people.names import fold

USERNAME = re.compile(r"[a-z0-9](?:[a-z0-9]|[._-](?=[a-z0-9])){1,62}[a-z0-9]")
PASSWORD_MIN = 10
PASSWORD_MAX = 128

OFFICES = frozenset({"system", "unit", "secretary", "chair", "clerk", "technician"})
"""Duties outside any meeting: administrators of the system and of a unit, secretaries, chairs, records clerks
("văn thư", who may do nothing more than others in this version) and technicians on duty."""

NEED_SECOND_FACTOR = frozenset({"system", "unit", "secretary", "chair"})
"""Who steers meetings or other people's accounts shows a second factor at sign-in."""

_STEMS = """
password pass passwd matkhau mk admin administrator quantri root user test demo welcome xinchao
hello login  dangnhap changeme letmein secret default guest qwerty qwertyuiop asdfgh asdfghjkl
zxcvbn zxcvbnm iloveyou  anhyeuem emyeuanh yeuem vietnam vietnamvodich hanoi saigon hopso phonghop
phonghopkhonggiay hoinghi cuochop  ubnd uyban uybannhandan hdnd tinhuy vanphong abc abcd abcdef aaa
monkey dragon sunshine princess football  superman batman master computer internet google facebook
zalo sonoivu soyte thanhhoa
"""
COMMON_STEMS = frozenset(_STEMS.split())
"""What is left of the most used passwords when digits and signs are taken away: "Matkhau@2025" is "matkhau"."""

_LEET = str.maketrans({"@": "a", "4": "a", "3": "e", "0": "o", "1": "i", "$": "s", "5": "s", "7": "t"})
_RUNS = ("01234567890123456789", "98765432109876543210", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm")


class Account(msgspec.Struct, frozen=True):
    """How one person signs in."""

    person: str
    username: str
    password_hash: str
    offices: frozenset[str] = frozenset()
    totp: bytes = b""
    """The confirmed second factor, sealed; empty when there is none."""
    totp_offered: bytes = b""
    """A second factor shown as a QR code but not confirmed yet, sealed."""
    totp_step: int = 0
    """The last time step accepted: a code works once."""
    disabled: bool = False
    must_change: bool = False
    """The password was given by an administrator and has to be replaced at the next sign-in."""

    @property
    def in_use(self) -> bool:
        """Whether its person signs in with it: it is open, and its first password was replaced."""
        return not self.disabled and not self.must_change


def username_of(typed: str) -> str:
    """The username as it is compared and stored; `Invalid("username.form")` when it cannot be one."""
    name = unicodedata.normalize("NFKC", typed).strip().lower()
    if not USERNAME.fullmatch(name):
        raise Invalid("username.form")
    return name


def usual_username(name: str, unit: str) -> str:
    """The given name, the first letters of the others, a dot, the unit in short: "hoatq.syt"; `username_of` says
    whether it can be one."""
    *before, given = re.findall("[a-z0-9]+", fold(name)) or [""]
    words = [word if re.fullmatch("[A-ZĐ]{2,}", word) else word[:1] for word in unit.split() if word != "tỉnh"]
    return f"{given}{''.join(part[0] for part in before)}.{''.join(re.findall('[a-z0-9]', fold(' '.join(words))))}"


def password_of(typed: str) -> str:
    """The password as it is hashed: NFC, so that every keyboard's ế is the same ế."""
    return unicodedata.normalize("NFC", typed)


def check_new_password(password: str, username: str) -> None:
    """Length and commonness decide, not signs and digits (NIST SP 800-63B §5.1.1.2).

    Raises `Refused`: "password.too_short", "password.too_long", "password.common", "password.like_username".
    """
    if len(password) < PASSWORD_MIN:
        raise Refused("password.too_short", least=PASSWORD_MIN)
    if len(password) > PASSWORD_MAX:
        raise Refused("password.too_long", most=PASSWORD_MAX)
    folded = fold(password).replace(" ", "")
    if len(set(folded)) < 5 or any(folded[:8] in run or folded[-8:] in run for run in _RUNS) or _is_common(folded):
        raise Refused("password.common")
    if username.split(".", maxsplit=1)[0] in folded:
        raise Refused("password.like_username")


def _is_common(folded: str) -> bool:
    plain = re.sub(r"[^a-z]", "", folded)
    if not plain:
        return True  # only digits: a telephone number or a birthday
    unleeted = re.sub(r"[^a-z]", "", folded.strip("0123456789!@#$%^&*._-").translate(_LEET))
    return plain in COMMON_STEMS or unleeted in COMMON_STEMS


def needs_second_factor(offices: frozenset[str], required: bool) -> bool:
    """Whether somebody with these offices must show a second factor, where the operator requires one."""
    return required and bool(offices & NEED_SECOND_FACTOR)


def offices_of(named: frozenset[str]) -> frozenset[str]:
    """These offices, provided all exist; else `Invalid("office.unknown")`."""
    unknown = named - OFFICES
    if unknown:
        raise Invalid("office.unknown", office=min(unknown))
    return named


class Administrator(msgspec.Struct, frozen=True):
    """Somebody who looks after accounts: the whole system's, or those of their own unit."""

    person: str
    unit: str
    offices: frozenset[str]

    def may_see(self, unit: str) -> bool:
        """Whether the accounts of that unit's people are this administrator's business."""
        return "system" in self.offices or ("unit" in self.offices and bool(unit) and unit == self.unit)

    def must_administer(self, unit: str, offices: frozenset[str] = frozenset()) -> None:
        """Raises `Forbidden("office.needed")` for another unit's people.

        Raises `Forbidden("office.not_yours_to_give")` where that would give, or reach for, an office above one's own.
        """
        if not self.may_see(unit):
            raise Forbidden("office.needed")
        if "system" not in self.offices and "system" in offices:
            raise Forbidden("office.not_yours_to_give")

    def must_grant(self, before: frozenset[str], after: frozenset[str]) -> None:
        """A unit's administrator gives and takes the secretary's office only; the system's gives all."""
        if "system" not in self.offices and not (before ^ after) <= {"secretary"}:
            raise Forbidden("office.not_yours_to_give")
