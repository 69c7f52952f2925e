"""A load of HTTP requests over kept connections: one thread, epoll, requests made beforehand."""

import selectors
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass
class Outcome:
    """What a load measured; latencies in seconds, sorted."""

    seconds: float
    latencies: list[float]
    statuses: dict[int, int]

    @property
    def per_second(self) -> float:
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        return self.latencies[min(int(len(self.latencies) * share), len(self.latencies) - 1)]


def request(path: str, body: bytes, port: int, headers: str = "") -> bytes:
    """A POST as it goes over the wire."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        f"Content-Type: text/plain\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
    )
    return head.encode() + body


def run(port: int, requests: Iterator[bytes], connections: int, seconds: float) -> Outcome:
    """Sends requests, one at a time on each connection, for `seconds`."""
    selector = selectors.EpollSelector()
    sent_at: dict[socket.socket, float] = {}
    waiting: dict[socket.socket, bytearray] = {}
    latencies, statuses = [], {}

    def send(sock):
        sent_at[sock] = time.perf_counter()
        sock.sendall(next(requests))

    for _ in range(connections):
        sock = socket.create_connection(("127.0.0.1", port))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(sock, selectors.EVENT_READ)
        waiting[sock] = bytearray()
    started = time.perf_counter()
    until = started + seconds
    for sock in waiting:
        send(sock)
    open_requests = connections
    while open_requests:
        for key, _ in selector.select(10):
            sock = key.fileobj
            buffer = waiting[sock]
            received = sock.recv(65536)
            if not received:
                raise ConnectionError("the server closed a connection")
            buffer += received
            if not _complete(buffer):
                continue
            now = time.perf_counter()
            latencies.append(now - sent_at[sock])
            status = int(buffer[9:12])
            statuses[status] = statuses.get(status, 0) + 1
            buffer.clear()
            if now < until:
                send(sock)
            else:
                open_requests -= 1
    took = time.perf_counter() - started
    for sock in waiting:
        sock.close()
    return Outcome(took, sorted(latencies), statuses)


def _complete(buffer: bytearray) -> bool:
    end = buffer.find(b"\r\n\r\n")
    if end < 0:
        return False
    at = buffer.lower().find(b"content-length:", 0, end)
    length = int(buffer[at + 15 : buffer.find(b"\r", at)]) if at >= 0 else 0
    return len(buffer) >= end + 4 + length
