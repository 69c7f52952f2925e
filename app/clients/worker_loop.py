"""What a worker process runs: answers one message after the other until its parent is gone.

Started by app/clients/worker.py as a script, with: the socket's number, the target, the most bytes
of data, the most seconds for one answer. Native libraries are only loaded here.
"""

import importlib
import resource
import signal
import socket
import sys
import traceback
import types
from pathlib import Path

import msgspec

HEADER = 8


def main(number: str, target: str, memory_limit: str, time_limit: str):
    confine(int(memory_limit))
    door = socket.socket(fileno=int(number))
    handle = load(target)
    send(door, [None, {}], b"")  # ready
    while lengths := read(door, 2 * HEADER):
        kind, head = msgspec.msgpack.decode(read(door, int.from_bytes(lengths[:HEADER])))
        body = bytes(read(door, int.from_bytes(lengths[HEADER:])))
        signal.alarm(int(time_limit))  # should the parent be gone, nobody else ends us
        try:
            answer, data = handle(kind, head, body)
        except Exception:
            send(door, [traceback.format_exc(), {}], b"")
        else:
            send(door, [None, answer], data)
        signal.alarm(0)


def confine(memory_limit: int):
    """No file can be written, no core dumped, and memory ends somewhere."""
    resource.setrlimit(resource.RLIMIT_DATA, (memory_limit, memory_limit))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.dont_write_bytecode = True


def load(target: str):
    """The function, without what app/__init__.py imports: no web, no database in here."""
    bare = types.ModuleType("app")
    bare.__path__ = [str(Path(__file__).resolve().parent.parent)]
    sys.modules["app"] = bare
    # This file's own folder must not answer for top-level names.
    sys.path[0] = str(Path(__file__).resolve().parent.parent.parent)
    module, name = target.split(":")
    return getattr(importlib.import_module(module), name)


def read(door: socket.socket, size: int) -> bytearray:
    data = bytearray(size)
    view, filled = memoryview(data), 0
    while filled < size:
        got = door.recv_into(view[filled:])
        if got == 0:
            raise SystemExit(0)
        filled += got
    return data


def send(door: socket.socket, head: list, body: bytes):
    packed = msgspec.msgpack.encode(head)
    door.sendall(len(packed).to_bytes(HEADER) + len(body).to_bytes(HEADER) + packed)
    door.sendall(body)


if __name__ == "__main__":
    main(*sys.argv[1:])
