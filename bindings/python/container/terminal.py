"""Terminals: the size of a container's, and the host's own in raw mode meanwhile."""
import ctypes
from contextlib import contextmanager
from typing import Any, Iterator

from ._library import library
from .errors import Report
from .spec import File, descriptor

# For a struct termios, which is smaller in every C library.
TERMIOS_BYTES = 256


def resize_terminal(terminal: File, rows: int, columns: int) -> None:
    """Change the size of a container's terminal; its foreground gets SIGWINCH."""
    report = Report()
    report.check(library.ct_terminal_resize(descriptor(terminal), rows, columns, report.pointer))


@contextmanager
def raw_terminal(terminal: File) -> Iterator[Any]:
    """The caller's own terminal in raw mode, as long as the block lasts."""
    number, saved, report = descriptor(terminal), ctypes.create_string_buffer(TERMIOS_BYTES), Report()
    report.check(library.ct_terminal_raw(number, saved, report.pointer))
    try:
        yield terminal
    finally:
        report = Report()
        report.check(library.ct_terminal_restore(number, saved, report.pointer))
