"""The second factor: time-based one-time passwords (RFC 6238), their QR codes, their secrets sealed at rest."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import io
import os
from pathlib import Path

import msgspec
import pyotp
import segno
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from server.clock import Millis

STEP_S = 30
SECRET_OCTETS = 20
NONCE_OCTETS = 12


class Offer(msgspec.Struct, frozen=True):
    """A second factor to be taken over by an authenticator application."""

    secret: str
    """Base32, for typing where no camera is at hand."""
    qr: str
    """The `otpauth:` address as an SVG drawing."""


class SecondFactor:
    """Makes, seals and checks secrets. The key lies in a file outside the database and its backups."""

    def __init__(self, keys_folder: Path, issuer: str) -> None:
        self._box = AESGCM(_key_in(keys_folder / "second-factor.key"))
        self._issuer = issuer

    def offer(self, secret: str, username: str) -> Offer:
        """How this secret is shown, once, to its owner."""
        address = pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=self._issuer)
        return Offer(secret=secret, qr=qr_svg(address))

    def seal(self, secret: str, person: str) -> bytes:
        """The secret encrypted (AES-256-GCM) and bound to its person: a row copied to another account opens nothing."""
        nonce = os.urandom(NONCE_OCTETS)
        return nonce + self._box.encrypt(nonce, secret.encode(), person.encode())

    def step_of(self, sealed: bytes, person: str, code: str, now: Millis) -> int | None:
        """The time step this code belongs to (the current one or its neighbours), or None when it is wrong.

        The caller refuses steps not later than the last one accepted, so that a code works once (RFC 6238 §5.2).
        """
        try:
            secret = self._box.decrypt(sealed[:NONCE_OCTETS], sealed[NONCE_OCTETS:], person.encode()).decode()
        except InvalidTag:
            return None
        totp, current = pyotp.TOTP(secret), now // 1000 // STEP_S
        digits = "".join(code.split())
        steps = (current, current - 1, current + 1)
        return next((s for s in steps if pyotp.utils.strings_equal(totp.generate_otp(s), digits)), None)


def fresh_secret(randomness: str) -> str:
    """A secret in base32 made of an unguessable string."""
    return base64.b32encode(hashlib.sha256(randomness.encode()).digest()[:SECRET_OCTETS]).decode()


def qr_svg(text: str) -> str:
    """The text as a QR code, drawn as SVG in black on white with a quiet zone."""
    drawn = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        drawn, kind="svg", scale=4, border=4, light="#fff", xmldecl=False, omitsize=True
    )
    return drawn.getvalue().decode()


def _key_in(file: Path) -> bytes:
    """The key in this file, made at the first start; only its owner may read it."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not file.exists():
        # Two processes may start together: whoever links first has made the key, and nobody reads half of one.
        draft = file.with_name(f"{file.name}.{os.getpid()}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
            stream.write(AESGCM.generate_key(bit_length=256))
        with contextlib.suppress(FileExistsError):
            file.hardlink_to(draft)
        draft.unlink()
    return file.read_bytes()
