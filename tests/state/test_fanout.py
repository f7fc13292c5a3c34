import asyncio

import socketio
from engineio.async_socket import AsyncSocket
from reflex.state import StateUpdate

from state.fanout import FanOut
from state.sockets import EVENT, NAMESPACE


async def _connected(server: socketio.AsyncServer, name: str) -> tuple[str, AsyncSocket]:
    server.eio.sockets[name] = connection = AsyncSocket(server.eio, name)
    sid = await server.manager.pre_connect(name, NAMESPACE)
    await server.manager.connect(sid, NAMESPACE)
    return sid, connection


async def test_many_get_one_encoded_message_in_the_order_of_their_connection() -> None:
    server = socketio.AsyncServer(async_mode="asgi", namespaces=[NAMESPACE])
    (one, first), (two, second) = await _connected(server, "a"), await _connected(server, "b")
    out = FanOut(server)
    await out.emit(EVENT, {"n": 1}, to=[one, two], namespace=NAMESPACE)
    await server.emit(EVENT, {"n": 2}, to=one, namespace=NAMESPACE)
    received = [first.queue.get_nowait(), first.queue.get_nowait()]
    assert [frame.encode() for frame in received] == ['42/_event,["event",{"n":1}]', '42/_event,["event",{"n":2}]']
    assert second.queue.get_nowait() is received[0]


async def test_the_gone_and_the_closed_are_left_out() -> None:
    server = socketio.AsyncServer(async_mode="asgi", namespaces=[NAMESPACE])
    (one, closed), (two, gone) = await _connected(server, "a"), await _connected(server, "b")
    closed.closed = True
    del server.eio.sockets["b"]
    await FanOut(server).emit(EVENT, {"n": 1}, to=[one, two, "never"], namespace=NAMESPACE)
    assert closed.queue.empty()
    assert gone.queue.empty()


async def test_what_it_sends_is_what_the_framework_would_send() -> None:
    from photobank.photobank import app

    assert app.sio is not None
    sid, connection = await _connected(app.sio, "like")
    try:
        update = StateUpdate(delta={"page": {"rows_rx_state_": ["één", 1, None]}})
        await FanOut(app.sio).emit(EVENT, update, to=sid, namespace=NAMESPACE)
        await app.sio.emit(EVENT, update, to=sid, namespace=NAMESPACE)
        ours, theirs = connection.queue.get_nowait(), connection.queue.get_nowait()
        assert ours.encode() == theirs.encode()
    finally:
        await app.sio.manager.disconnect(sid, NAMESPACE)
        app.sio.eio.sockets.pop("like", None)
    await asyncio.sleep(0)
