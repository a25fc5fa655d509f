from __future__ import annotations

import stat
from pathlib import Path
from xml.etree import ElementTree

import pyotp
import pytest

from server.people.secondfactor import SecondFactor, fresh_secret, qr_svg

NOW = 1_760_486_400_000


@pytest.fixture
def factor(tmp_path: Path) -> SecondFactor:
    return SecondFactor(tmp_path / "keys", "Họp Số")


def test_the_code_of_now_and_its_neighbours_is_right(factor: SecondFactor) -> None:
    secret = fresh_secret("chance")
    sealed, totp = factor.seal(secret, "nguyet"), pyotp.TOTP(secret)
    step = NOW // 30_000
    found = [factor.step_of(sealed, "nguyet", totp.generate_otp(step + drift), NOW) for drift in (-2, -1, 0, 1, 2)]
    assert found == [None, step - 1, step, step + 1, None]


def test_a_code_may_be_typed_with_a_space(factor: SecondFactor) -> None:
    secret = fresh_secret("chance")
    code = pyotp.TOTP(secret).generate_otp(NOW // 30_000)
    assert factor.step_of(factor.seal(secret, "p"), "p", f" {code[:3]} {code[3:]} ", NOW) is not None


@pytest.mark.parametrize("code", ["", "000000x", "１２３４５６", "abcdef"])
def test_nonsense_is_no_code(factor: SecondFactor, code: str) -> None:
    assert factor.step_of(factor.seal(fresh_secret("chance"), "p"), "p", code, NOW) is None


def test_a_sealed_secret_opens_for_its_own_person_only(factor: SecondFactor) -> None:
    secret = fresh_secret("chance")
    code = pyotp.TOTP(secret).generate_otp(NOW // 30_000)
    sealed = factor.seal(secret, "nguyet")
    assert secret.encode() not in sealed
    assert factor.step_of(sealed, "hoa", code, NOW) is None
    assert factor.step_of(sealed[:-1] + bytes([sealed[-1] ^ 1]), "nguyet", code, NOW) is None


def test_the_key_is_kept_for_the_next_start_and_for_nobody_else(tmp_path: Path) -> None:
    secret = fresh_secret("chance")
    sealed = SecondFactor(tmp_path, "Họp Số").seal(secret, "p")
    code = pyotp.TOTP(secret).generate_otp(NOW // 30_000)
    assert SecondFactor(tmp_path, "Họp Số").step_of(sealed, "p", code, NOW) is not None
    assert stat.S_IMODE((tmp_path / "second-factor.key").stat().st_mode) == 0o600


def test_the_offer_carries_a_drawing_and_the_secret_for_typing(factor: SecondFactor) -> None:
    offer = factor.offer(fresh_secret("chance"), "nguyetltm.syt")
    assert offer.secret == fresh_secret("chance")
    assert ElementTree.fromstring(offer.qr).tag.endswith("svg")


def test_a_qr_code_is_plain_svg_without_script_or_style() -> None:
    drawing = qr_svg("https://hop.lamgiang.vn/dang-nhap#7k3f9qxm2htap4vn")
    names = {element.tag.split("}")[-1] for element in ElementTree.fromstring(drawing).iter()}
    assert names <= {"svg", "g", "path"}
