"""Calls of a container that wait for an answer."""
import ctypes
import os
from typing import Any, Optional, Tuple

from . import _declared
from ._library import decoded, library, milliseconds, sized
from .errors import Report, TimedOutError
from .spec import File, descriptor


class Notification:
    """A call that waits: its name and number, its arguments, and the thread that makes it."""

    def __init__(self, struct: Any) -> None:
        self._struct = struct
        self.pid: int = struct.pid
        self.number: int = struct.number
        self.call: str = decoded(struct.call)
        self.args: Tuple[int, ...] = tuple(struct.args)

    def __repr__(self) -> str:
        return f"<Notification {self.call or self.number} of {self.pid}>"


class Notifications:
    """Where the calls of a container are told: Container.take_notify() gives it. Close it, or use `with`."""

    def __init__(self, fd: File, pidfd: int = -1) -> None:
        """pidfd: a copy of the container's, which tells its end where the kernel is older than 6.11."""
        self._fd = descriptor(fd)
        self._pidfd = pidfd

    def fileno(self) -> int:
        return self._fd

    def close(self) -> None:
        for fd in (self._fd, self._pidfd):
            if fd >= 0:
                os.close(fd)
        self._fd = self._pidfd = -1

    def __enter__(self) -> "Notifications":
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def receive(self, timeout: Optional[float] = None) -> Optional[Notification]:
        """The next one, or None after the time. OSError with ENOTCONN when nobody is left."""
        struct, report = sized(_declared.NotificationStruct), Report()
        try:
            report.check(library.ct_notify_receive(self._fd, self._pidfd, milliseconds(timeout),
                                                   struct, report.pointer))
        except TimedOutError:
            return None
        return Notification(struct)

    def read(self, what: Notification, address: int, size: int) -> bytes:
        """Memory of the program, which may have less of it there."""
        copy, report = ctypes.create_string_buffer(max(size, 1)), Report()
        got = report.check(library.ct_notify_read(self._fd, what._struct, address, copy, size,
                                                  report.pointer))
        return copy.raw[:got]

    def answer(self, what: Notification, error: int = 0, value: int = 0) -> None:
        report = Report()
        report.check(library.ct_notify_answer(self._fd, what._struct, error, value, report.pointer))

    def go_on(self, what: Notification) -> None:
        """Let the kernel make the call: ct_notify_continue(3), which is for no decision."""
        report = Report()
        report.check(library.ct_notify_continue(self._fd, what._struct, report.pointer))

    def add_fd(self, what: Notification, source: File) -> int:
        """The number that a copy of the descriptor has in the program."""
        report = Report()
        return int(report.check(library.ct_notify_add_fd(self._fd, what._struct, descriptor(source),
                                                         report.pointer)))
