"""Workers that fail in every way while they look at a photo."""

import os
import signal
import time


def abort(kind: str, head: dict, body: bytes) -> tuple[dict, bytes]:
    os.kill(os.getpid(), signal.SIGABRT)
    return {}, b""


def sleep(kind: str, head: dict, body: bytes) -> tuple[dict, bytes]:
    if kind == "analyse":
        time.sleep(60)
    return {}, b""


def raise_error(kind: str, head: dict, body: bytes) -> tuple[dict, bytes]:
    raise ValueError("the decoder choked")


def hoard(kind: str, head: dict, body: bytes) -> tuple[dict, bytes]:
    return {"bytes": len(bytearray(4 * 1024**3))}, b""
