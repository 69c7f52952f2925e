"""Work that goes wrong in every way, for tests of the worker process."""

import ctypes
import os
import signal
import time
from pathlib import Path


def handle(kind: str, head: dict, body: bytes) -> tuple[dict, bytes]:
    return TRICKS[kind](head, body)


def echo(head, body):
    return head, body[::-1]


def pid(head, body):
    return {"pid": os.getpid()}, b""


def raise_error(head, body):
    raise ValueError("broken picture")


def kill(head, body):
    os.kill(os.getpid(), signal.SIGKILL)


def crash(head, body):
    ctypes.string_at(0)


def sleep(head, body):
    time.sleep(head["seconds"])
    return {"slept": True}, b""


def hoard(head, body):
    kept = bytearray(head["bytes"])
    return {"kept": len(kept)}, b""


def write(head, body):
    Path(head["path"]).write_bytes(body)
    return {}, b""


def environment(head, body):
    return {"names": sorted(os.environ), "modules": sorted(__import__("sys").modules)}, b""


TRICKS = {
    "echo": echo,
    "pid": pid,
    "raise": raise_error,
    "kill": kill,
    "crash": crash,
    "sleep": sleep,
    "hoard": hoard,
    "write": write,
    "environment": environment,
}
