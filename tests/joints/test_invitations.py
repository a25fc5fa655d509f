"""A way in that another device can open, whether or not the operator named a public address."""

from __future__ import annotations

import pytest
from aiohttp.test_utils import make_mocked_request

from server.joints.routes import _reachable
from server.people.doors import Invited


@pytest.mark.parametrize(
    ("link", "reached"),
    [
        ("/dang-nhap#CODE", "https://192.0.2.7:8443/dang-nhap#CODE"),
        ("https://hop.tinh.example/dang-nhap#CODE", "https://hop.tinh.example/dang-nhap#CODE"),
    ],
)
def test_a_link_names_a_house_that_can_be_reached(link: str, reached: str) -> None:
    request = make_mocked_request("POST", "/", headers={"Host": "192.0.2.7:8443"})
    invited = _reachable(Invited("id", "CODE", link, "<svg/>"), request)
    assert invited.link == reached
    assert (invited.qr == "<svg/>") == (link == reached)
