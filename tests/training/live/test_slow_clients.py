"""A client that does not read costs a bounded amount of memory and delays nobody."""

import base64
import os
import socket
import threading
import time

import uvicorn
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client

from helios_site import web

from .conftest import Server, numbers, train


def cookie_of(user: User) -> str:
    browser = Client()
    browser.force_login(user)
    return browser.cookies[settings.SESSION_COOKIE_NAME].value


def deaf_client(server, path: str, cookie: str) -> socket.socket:
    """A WebSocket with a tiny receive buffer that is never read after the handshake."""
    deaf = socket.socket()
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
    deaf.connect(("127.0.0.1", server.port))
    key = base64.b64encode(os.urandom(16)).decode()
    deaf.sendall(
        f"GET {path} HTTP/1.1\r\nHost: {server.host}\r\nOrigin: http://{server.host}\r\n"
        f"Cookie: {settings.SESSION_COOKIE_NAME}={cookie}\r\nUpgrade: websocket\r\n"
        f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
        "Sec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    assert deaf.recv(12) == b"HTTP/1.1 101"
    return deaf


def test_a_client_that_never_reads_is_held_by_its_cursor(server, session, listen, alice):
    path = f"/ws/api/sessions/{session.pk}/"
    deaf = deaf_client(server, path, cookie_of(alice))
    attentive = listen(path)
    for _ in range(40):
        train(session, 500)  # about 85 kB of JSON each
        time.sleep(0.02)
    assert numbers(attentive, 20_000) == list(range(1, 20_001))
    held = [
        connection.transport.get_write_buffer_size()
        for connection in list(server.uvicorn.server_state.connections)
        if connection.transport
    ]
    assert max(held) < 1_000_000  # 3.4 MB were published
    deaf.close()


def test_a_client_that_never_reads_is_let_go_of(transactional_db, session, alice, monkeypatch):
    make = web.server

    def soon() -> uvicorn.Server:
        server = make()
        server.config.ws_ping_interval = server.config.ws_ping_timeout = 0.5
        return server

    monkeypatch.setattr(web, "server", soon)
    server = Server()
    train(session, 20_000)  # more than the buffers of both sides hold
    deaf = deaf_client(server, f"/ws/api/sessions/{session.pk}/", cookie_of(alice))
    deadline = time.monotonic() + 10
    while server.uvicorn.server_state.connections:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    deaf.close()
    server.stop()


def test_the_hub_rests_when_nobody_listens(session, listen):
    client = listen(f"/ws/api/sessions/{session.pk}/")
    client.recv(timeout=5)
    assert [t for t in threading.enumerate() if t.name == "live"]
    client.close()
    deadline = time.monotonic() + 5
    while [t for t in threading.enumerate() if t.name == "live"]:
        assert time.monotonic() < deadline
        time.sleep(0.01)
