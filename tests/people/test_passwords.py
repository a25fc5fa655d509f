from __future__ import annotations

import unicodedata

from server.people.passwords import Passwords

PASSWORDS = Passwords(memory_kib=1024, passes=1)


async def test_a_password_is_hashed_with_argon2id_and_verified() -> None:
    encoded = await PASSWORDS.hash("sông Mã chảy ra biển")
    assert encoded.startswith("$argon2id$")
    assert await PASSWORDS.verify(encoded, "sông Mã chảy ra biển")
    assert not await PASSWORDS.verify(encoded, "sông Mã chảy ra biên")


async def test_two_people_with_one_password_have_two_hashes() -> None:
    assert await PASSWORDS.hash("giống nhau") != await PASSWORDS.hash("giống nhau")


async def test_keyboards_that_compose_differently_agree() -> None:
    encoded = await PASSWORDS.hash(unicodedata.normalize("NFD", "biển Sầm Sơn"))
    assert await PASSWORDS.verify(encoded, unicodedata.normalize("NFC", "biển Sầm Sơn"))


async def test_nobody_has_no_password() -> None:
    assert not await PASSWORDS.verify("", "nobody has this password")
    assert not await PASSWORDS.verify("not a hash", "anything")


async def test_a_hash_of_weaker_settings_is_worth_making_again() -> None:
    encoded = await PASSWORDS.hash("sông Mã")
    assert not PASSWORDS.is_outdated(encoded)
    assert Passwords(memory_kib=2048, passes=1).is_outdated(encoded)
