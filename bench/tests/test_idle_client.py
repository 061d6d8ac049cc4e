from __future__ import annotations

import socket
import threading

from bench import idle_client

REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


def test_connections_come_from_as_many_addresses_as_they_need() -> None:
    each = idle_client.CONNECTIONS_PER_ADDRESS
    assert idle_client.source(0) == idle_client.source(each - 1) == "127.0.0.1"
    assert idle_client.source(each) == "127.0.0.2"


def test_only_connections_that_answer_again_are_held() -> None:
    near, far = socket.socketpair()
    closed, peer = socket.socketpair()
    peer.close()
    refused, refuser = socket.socketpair()
    with near, far, closed, refused, refuser:
        far.sendall(OK)
        refuser.sendall(b"HTTP/1.1 503 Service Unavailable\r\n\r\n")
        assert idle_client.count_held([refused, closed, near], REQUEST) == 1


def test_a_connection_that_does_not_answer_ends_the_count() -> None:
    silent, silent_peer = socket.socketpair()
    near, far = socket.socketpair()
    with silent, silent_peer, near, far:
        silent.settimeout(0.01)
        far.sendall(OK)
        assert idle_client.count_held([silent, near], REQUEST) == 0


def test_the_first_failure_ends_the_opening_and_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(OK)
            connection, _ = listener.accept()
            connection.close()

        server = threading.Thread(target=serve)
        server.start()
        connections, failure = idle_client.open_all(listener.getsockname(), 2, REQUEST)
        server.join()
        assert len(connections) == 1
        assert failure
        for connection in connections:
            connection.close()
