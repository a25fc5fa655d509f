"""The private seams of python-socketio, python-engineio and aiohttp that `server/fanout.py` leans on.

When an upgrade moves one of them, this is the file that says which.
"""

from __future__ import annotations

import asyncio
import inspect
from importlib.metadata import version

import aiohttp
import engineio
import pytest
import socketio
from engineio.async_drivers import aiohttp as driver
from engineio.async_socket import AsyncSocket

from server.fanout import Sockets
from server.line import Line
from server.words import LARGEST_MESSAGE
from tests.live.room import MEETING, House


class Nobody:
    """An inside that lets nobody in."""

    def may_enter(self, origin: str, host: str) -> bool:
        return False

    def opened(self, line: Line) -> None: ...

    async def connected(self, line: Line, packet: str) -> str:
        return "no"

    def heard(self, line: Line, packet: str) -> None: ...

    def gone(self, line: Line) -> None: ...


@pytest.mark.parametrize(
    ("package", "known"),
    [("python-socketio", "5.18"), ("python-engineio", "4.15"), ("aiohttp", "3.14"), ("uvloop", "0.23")],
)
def test_the_versions_are_those_whose_insides_were_read(package: str, known: str) -> None:
    assert version(package).startswith(known + "."), f"read the insides of {package} again, then change this line"


def test_engineio_takes_its_websocket_from_a_table() -> None:
    server = Sockets(Nobody())
    assert set(driver._async) == {"asyncio", "create_route", "translate_request", "make_response", "websocket"}
    assert driver._async["websocket"] is driver.WebSocket, "the library's own table is left alone"
    assert server.eio._async["websocket"] is not driver.WebSocket
    assert "self.server._async['websocket'](" in inspect.getsource(AsyncSocket._upgrade_websocket)


def test_our_websocket_does_what_the_engine_would() -> None:
    source = inspect.getsource(AsyncSocket._websocket_handler)
    for said in ("self.connected = True", "self.upgraded = True", "await self.receive(pkt)", "writer()", "wait_for("):
        assert said in source, "read `_websocket_handler` again, then `OurWebSocket`"
    assert "await self.queue.put(pkt)" in inspect.getsource(AsyncSocket.send)
    assert "await socket.send(pkt)" in inspect.getsource(engineio.AsyncServer.send_packet)
    upgrade = inspect.getsource(AsyncSocket._upgrade_websocket)
    assert "self._websocket_handler, self.server)" in upgrade and "await ws(environ)" in upgrade


def test_an_engine_without_a_last_ping_sends_none_and_counts_no_time() -> None:
    assert "if self.last_ping:" in inspect.getsource(AsyncSocket.schedule_ping)
    assert "if last_ping and " in inspect.getsource(AsyncSocket.check_ping_timeout)
    connect = inspect.getsource(engineio.AsyncServer._handle_connect)
    assert connect.index("'connect', sid, environ") < connect.index("s.schedule_ping()")
    assert Sockets(Nobody()).eio.start_service_task is False


async def test_nobody_has_a_room_of_their_own(home: House) -> None:
    for name in ("an", "binh", "cuc"):
        await home.tablet(name)
    ((namespace, rooms),) = home.live._sockets.manager.rooms.items()
    assert namespace == "/" and list(rooms) == [None] and len(rooms[None]) == 3


async def test_a_socket_costs_no_task_but_those_of_its_request(home: House) -> None:
    before = asyncio.all_tasks()
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{home.url}/live/?EIO=4&transport=websocket") as socket,
    ):
        await socket.receive_str()
        await socket.send_str("3")
        (engine,) = home.live._sockets.eio.sockets.values()
        names = [str(task.get_coro()) for task in asyncio.all_tasks() - before]
        assert engine.last_ping is None and engine.queue.empty()
        assert [name for name in names if "RequestHandler." not in name] == []


async def test_a_handshake_that_fails_leaves_nothing(home: House) -> None:
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket"}
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{home.url}/live/?EIO=4&transport=websocket", headers=upgrade) as response,
    ):
        assert response.status == 400
    assert not home.live._sockets.eio.sockets and not home.live._sockets.environ


def test_messages_pass_through_the_method_we_override() -> None:
    server = Sockets(Nobody())
    assert server.eio.handlers["message"] == server._handle_eio_message
    assert list(inspect.signature(socketio.AsyncServer._handle_eio_message).parameters) == ["self", "eio_sid", "data"]
    assert inspect.iscoroutinefunction(socketio.AsyncServer._handle_eio_message)


def test_the_engine_runs_handlers_in_turn_with_our_pings_and_limits() -> None:
    eio = Sockets(Nobody()).eio
    assert isinstance(eio, engineio.AsyncServer)
    assert (eio.async_handlers, eio.transports) == (False, ["websocket"])
    assert (eio.ping_interval, eio.ping_timeout, eio.max_http_buffer_size) == (5, 10, LARGEST_MESSAGE)


async def test_frames_are_plain_and_the_engine_greets_with_our_numbers(home: House) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{home.url}/live/?EIO=4&transport=websocket", compress=15) as socket,
    ):
        greeting = await socket.receive_str()
        assert socket.compress == 0, "deflate would cost 256 KiB a tablet"
        assert greeting.startswith("0{") and '"pingInterval":5000' in greeting and '"pingTimeout":10000' in greeting


async def test_a_ping_of_the_websocket_itself_is_answered_by_us(home: House) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{home.url}/live/?EIO=4&transport=websocket", autoping=False) as socket,
    ):
        await socket.receive_str()
        await socket.ping(b"still there?")
        answer = await socket.receive()
        assert (answer.type, answer.data) == (aiohttp.WSMsgType.PONG, b"still there?")


async def test_the_engine_forgets_sockets_that_were_cut_dropped_or_misused(home: House) -> None:
    engine = home.live._sockets.eio
    cut, dropped, bad = [await home.following(name, session=name) for name in ("an", "binh", "cuc")]
    assert len(engine.sockets) == 3
    cut.socket._response.connection.transport.abort()
    home.live.expel("binh", "test")
    await bad.socket.send_str("nonsense")
    while engine.sockets or home.live._sockets.environ:
        await asyncio.sleep(0.01)
    assert home.live.followers(MEETING) == []
    assert home.live._sockets.manager.rooms == {}
    await dropped.close()


async def test_a_socket_that_is_closed_is_not_held_by_its_own_way_of_sending(home: House) -> None:
    tablet = await home.following("an")
    (engine,) = home.live._sockets.eio.sockets.values()
    assert "send" in vars(engine)
    await tablet.close()
    while "send" in vars(engine):
        await asyncio.sleep(0.01)
