"""The delivered configuration in a real coturn: who may use it, by which doors, and whom it reaches."""

from __future__ import annotations

import socket

import pytest
from aioice import stun, turn

from bench.media.client import offer_down
from tests.media.conftest import ALL, House, Screen, until
from tests.media.coturn import Doors, RelayedPeer, credentials, relayed

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("way", ["udp", "tcp", "tls"])
async def test_sound_arrives_through_the_relay_by_each_of_its_doors(relay: Doors, house: House, way: str) -> None:
    house.admit("a", "b", stage="a")
    speaker = await house.publish("a")
    transport, heard = await relayed(relay.at(way), credentials("b"), way, relay.trusted)
    try:
        peer = RelayedPeer(house.peers, (transport, heard))
        answer = await house.web.open("k", "b", ("down", "camera"), ALL, offer_down(peer, 1))
        await peer.connect(answer.body)
        screen = Screen(peer)
        await until(lambda: screen.saw("lời nói".encode()), lambda: speaker.voice("lời nói".encode()))
    finally:
        transport.close()


@pytest.mark.parametrize("who", ["stranger", "late"])
async def test_wrong_and_expired_credentials_open_nothing(relay: Doors, who: str) -> None:
    wrong = credentials(secret="gió nồm") if who == "stranger" else credentials(at=0)
    with pytest.raises(stun.TransactionFailed) as refused:
        await relayed(relay.at("udp"), wrong)
    assert refused.value.response.error_code == 401


OTHERS = ["127.0.0.2", "192.0.2.2", "10.0.0.1", "169.254.169.254", "224.0.0.1"]


@pytest.mark.parametrize("address", OTHERS)
async def test_the_relay_reaches_no_other_address(relay: Doors, address: str) -> None:
    transport, heard = await relayed(relay.at("udp"), credentials())
    try:
        transport.sendto(b"knock", (address, 8444))
        await until(lambda: heard.errors)
        (error,) = heard.errors
        assert isinstance(error, stun.TransactionFailed)
        assert error.response.error_code == 403
    finally:
        transport.close()


@pytest.fixture
def by_ipv6(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client asks for a relay address of IPv6 (REQUESTED-ADDRESS-FAMILY, RFC 8656 §18.8), which aioice cannot."""
    family = (0x0017, "REQUESTED-ADDRESS-FAMILY", stun.pack_unsigned, stun.unpack_unsigned)
    monkeypatch.setitem(stun.ATTRIBUTES_BY_NAME, family[1], family)
    ask = turn.TurnClientMixin.request_with_retry

    async def asking(self: turn.TurnClientMixin, request: stun.Message) -> tuple[stun.Message, tuple[str, int]]:
        if request.message_method == stun.Method.ALLOCATE:
            request.attributes["REQUESTED-ADDRESS-FAMILY"] = 0x02000000
        return await ask(self, request)

    monkeypatch.setattr(turn.TurnClientMixin, "request_with_retry", asking)


@pytest.mark.parametrize("address", ["::ffff:127.0.0.1", "::ffff:10.0.0.1", "::1", "fd00::1"])
async def test_an_allowed_address_in_the_clothes_of_ipv6_is_refused_too(
    relay: Doors, by_ipv6: None, address: str
) -> None:
    transport, heard = await relayed(relay.at("udp"), credentials())
    try:
        assert transport.get_extra_info("sockname")[0] == "::1"
        transport.sendto(b"knock", (address, 8444))
        await until(lambda: heard.errors)
        assert isinstance(heard.errors[0], stun.TransactionFailed)
        assert heard.errors[0].response.error_code == 403
    finally:
        transport.close()


async def test_the_allowed_address_is_reached(relay: Doors) -> None:
    """So that the refusals above are not those of a relay that refuses everything."""
    with socket.socket(type=socket.SOCK_DGRAM) as media:
        media.bind(("127.0.0.1", 0))
        media.setblocking(False)
        transport, heard = await relayed(relay.at("udp"), credentials())
        arrived: list[bytes] = []

        def look() -> None:
            try:
                arrived.append(media.recv(100))
            except BlockingIOError:
                return

        transport.sendto(b"knock", media.getsockname())
        await until(lambda: arrived, look)
        transport.close()
    assert (arrived, heard.errors) == ([b"knock"], [])
