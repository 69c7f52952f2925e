"""A process of its own for work on what strangers send: photos, recordings.

What decodes them is native code, written for trusted input. In a process of its own it can crash,
hang or eat memory without the web process noticing more than an error; and the kernel lets it write
no file, so nothing of a photo can reach the disk.
"""

import atexit
import os
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from queue import Empty, LifoQueue

import msgspec
import structlog

LOOP = Path(__file__).with_name("worker_loop.py")
HEADER = 8
log = structlog.get_logger()


class WorkerError(Exception):
    """The work was not done."""


class WorkerBusy(WorkerError):
    """Every process was at work for as long as the caller would wait."""


class WorkerTimeout(WorkerError):
    """It took too long; the process was ended."""


class WorkerCrashed(WorkerError):
    """The process died or failed; the next call gets a new one."""


class Worker:
    """Calls `target`, "module:function", in a process of its own.

    The function takes (kind: str, head: dict, body: bytes) and gives (dict, bytes). A refusal is an
    answer like any other; an exception is a failure, logged with its text. Processes start with the
    first call, by a fresh interpreter, because MediaPipe does not survive a fork. `time_limit` and
    `start_limit` and `patience` are seconds, `memory_limit` bytes of data that a process may hold.
    Safe to call from several threads; at most `size` calls run at once.
    """

    def __init__(
        self,
        target: str,
        *,
        time_limit: float,
        memory_limit: int,
        size: int = 1,
        patience: float = 10,
        start_limit: float = 60,
    ):
        self.target = target
        self.time_limit = time_limit
        self.memory_limit = memory_limit
        self.patience = patience
        self.start_limit = start_limit
        # The one used last is warm: last in, first out. None: not started yet.
        self._idle: LifoQueue[_Process | None] = LifoQueue()
        for _ in range(size):
            self._idle.put(None)
        atexit.register(self.stop)

    def call(self, kind: str, head: dict, body: bytes = b"") -> tuple[dict, bytes]:
        """The function's answer. Raises WorkerBusy, WorkerTimeout or WorkerCrashed."""
        try:
            process = self._idle.get(timeout=self.patience)
        except Empty:
            raise WorkerBusy(f"{self.target} is busy") from None
        try:
            process = self._running(process)
            answer = process.ask([kind, head], body, self.time_limit)
        except BaseException as failure:
            if process is not None:
                process.end()
            process = None
            if isinstance(failure, WorkerError):
                log.warning("worker_failed", target=self.target, kind=kind, reason=str(failure))
            raise
        finally:
            self._idle.put(process)
        return answer

    def _running(self, process: "_Process | None") -> "_Process":
        if process is not None:
            if process.is_alive():
                return process
            process.end()
        return _Process(self.target, self.memory_limit, self.time_limit, self.start_limit)

    def stop(self):
        """Ends the idle processes; a later call starts new ones."""
        for _ in range(self._idle.qsize()):
            with suppress(Empty):
                process = self._idle.get_nowait()
                if process is not None:
                    process.end()
                self._idle.put(None)


class _Process:
    """One running interpreter and the socket to it. A message is its length and that of its body,
    then MessagePack, then the body."""

    def __init__(self, target: str, memory_limit: int, time_limit: float, start_limit: float):
        ours, theirs = socket.socketpair()
        with theirs:
            self._socket = ours
            limits = [str(memory_limit), str(int(time_limit) + 5)]
            self._popen = subprocess.Popen(
                [sys.executable, str(LOOP), str(theirs.fileno()), target, *limits],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                # Nothing of our secrets, and nobody's Python settings.
                env={"PATH": os.defpath, "LANG": "C.UTF-8"},
            )
        try:
            self._receive(time.monotonic() + start_limit)
        except WorkerError:
            self.end()
            raise

    def is_alive(self) -> bool:
        return self._popen.poll() is None

    def ask(self, head: list, body: bytes, time_limit: float) -> tuple[dict, bytes]:
        deadline = time.monotonic() + time_limit
        packed = msgspec.msgpack.encode(head)
        lengths = len(packed).to_bytes(HEADER) + len(body).to_bytes(HEADER)
        try:
            self._socket.settimeout(time_limit)
            for part in (lengths, packed, body):
                self._socket.sendall(part)
        except TimeoutError:
            raise WorkerTimeout("it took no input in time") from None
        except OSError as error:
            raise WorkerCrashed(f"it is gone: {error}") from None
        return self._receive(deadline)

    def _receive(self, deadline: float) -> tuple[dict, bytes]:
        lengths = self._read(2 * HEADER, deadline)
        head = self._read(int.from_bytes(lengths[:HEADER]), deadline)
        body = self._read(int.from_bytes(lengths[HEADER:]), deadline)
        failure, answer = msgspec.msgpack.decode(head)
        if failure:
            raise WorkerCrashed(failure)
        return answer, bytes(body)

    def _read(self, size: int, deadline: float) -> bytearray:
        data = bytearray(size)
        view, filled = memoryview(data), 0
        while filled < size:
            left = deadline - time.monotonic()
            if left <= 0:
                raise WorkerTimeout("it took too long")
            self._socket.settimeout(left)
            try:
                got = self._socket.recv_into(view[filled:])
            except TimeoutError:
                raise WorkerTimeout("it took too long") from None
            except OSError as error:
                raise WorkerCrashed(f"it is gone: {error}") from None
            if got == 0:
                raise WorkerCrashed(f"it died{self._how()}")
            filled += got
        return data

    def _how(self) -> str:
        with suppress(subprocess.TimeoutExpired):
            return f" with {self._popen.wait(1)}"
        return ""

    def end(self):
        self._socket.close()
        self._popen.kill()
        self._popen.wait()
