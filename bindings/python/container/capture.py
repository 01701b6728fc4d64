"""Talking to a container over its pipes until it ends."""
import ctypes
import errno
import os
import select
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Any, Dict, IO, List, Optional, Tuple

from . import _declared
from ._library import library, milliseconds, sized
from ._words import OutputFlag
from .errors import Report
from .records import Exit, exit_struct

TimeoutExpired = subprocess.TimeoutExpired


def deadline_in(timeout: Optional[float]) -> Optional[float]:
    return None if timeout is None else time.monotonic() + timeout


def left_until(deadline: Optional[float]) -> Optional[float]:
    return None if deadline is None else max(0.0, deadline - time.monotonic())


@dataclass(frozen=True)
class Output:
    """What Container.capture() gives. The totals tell whether something was dropped."""
    exit: Exit
    out: bytes
    err: bytes
    out_total: int
    err_total: int
    input_sent: int


class Capture:
    """A ct_output, for one container, over one or more calls."""

    def __init__(self, data: Optional[bytes], out_limit: int, err_limit: int, kill: bool) -> None:
        self.output = sized(_declared.OutputStruct)
        self.data = ctypes.create_string_buffer(data, len(data)) if data else None
        self.output.input = ctypes.cast(self.data, ctypes.c_void_p) if self.data else None
        self.output.input_size = len(data or b"")
        self.output.out_limit, self.output.err_limit = out_limit, err_limit
        self.output.flags = OutputFlag.KILL if kill else 0

    def run(self, box: Optional[int], deadline: Optional[float]) -> Output:
        how, of = exit_struct(), self.output
        while True:
            report = Report()
            # In slices, so that handlers of signals run, which the library keeps from ending it.
            left = left_until(deadline)
            part = SLICE if left is None else min(left, SLICE)
            result = library.ct_capture(box, ctypes.byref(of), milliseconds(part), ctypes.byref(how),
                                        report.pointer)
            if result != -errno.ETIMEDOUT or (left is not None and left <= SLICE):
                report.check(result)
                return Output(Exit.of(how), kept(of.out, of.out_size), kept(of.err, of.err_size),
                              of.out_total, of.err_total, of.input_sent)

    def __del__(self) -> None:
        if not sys.is_finalizing():
            library.ct_output_done(ctypes.byref(self.output))


SLICE = 0.25


def kept(pointer: Any, size: int) -> bytes:
    return ctypes.string_at(pointer, size) if pointer else b""


class Talk:
    """The pipes of one container, until all are closed."""

    def __init__(self, stdin: Optional[IO[bytes]], stdout: Optional[IO[bytes]],
                 stderr: Optional[IO[bytes]], data: Optional[bytes]) -> None:
        self.left = memoryview(data or b"")
        self.read: Dict[int, List[bytes]] = {}
        self.poll = select.poll()
        self.files: Dict[int, IO[bytes]] = {}
        self.out = self._read_from(stdout)
        self.err = self._read_from(stderr)
        if stdin and not stdin.closed:
            os.set_blocking(stdin.fileno(), False)
            self._watch(stdin, select.POLLOUT)

    def _read_from(self, file: Optional[IO[bytes]]) -> Optional[List[bytes]]:
        if not file or file.closed:
            return None
        self._watch(file, select.POLLIN)
        return self.read.setdefault(file.fileno(), [])

    def _watch(self, file: IO[bytes], events: int) -> None:
        self.files[file.fileno()] = file
        self.poll.register(file, events)

    def _end(self, descriptor: int) -> None:
        self.poll.unregister(descriptor)
        self.files.pop(descriptor).close()

    def _write(self, descriptor: int) -> None:
        try:
            if self.left:
                self.left = self.left[os.write(descriptor, self.left[:select.PIPE_BUF]):]
        except BrokenPipeError:  # it does not want to hear more
            self.left = self.left[:0]
        except BlockingIOError:
            return
        if not self.left:
            self._end(descriptor)

    def _read(self, descriptor: int) -> None:
        data = os.read(descriptor, 65536)
        if data:
            self.read[descriptor].append(data)
        else:
            self._end(descriptor)

    def run(self, deadline: Optional[float]) -> bool:
        """Whether all were closed in time."""
        while self.files:
            left = left_until(deadline)
            ready = self.poll.poll(None if left is None else milliseconds(left))
            if not ready and left == 0:
                return False
            for descriptor, _ in ready:
                if descriptor in self.read:
                    self._read(descriptor)
                else:
                    self._write(descriptor)
        return True

    def outputs(self) -> Tuple[Optional[bytes], Optional[bytes]]:
        return (None if self.out is None else b"".join(self.out),
                None if self.err is None else b"".join(self.err))
