"""Handles of the library as Python objects: who frees them, and when.

A handle is freed by close(), at the end of a `with` block, or when nobody refers to the object
any more. It is never freed under the hands of a thread that is in a call with it: then the last
such thread frees it on its way out.

At the exit of the interpreter, what is still open is closed, containers first; what a daemon
thread still uses is left alone. Its containers end with the process: the library sees to that.

In a child of os.fork() nothing is freed unless close() is called there: the containers are the
parent's.
"""
import atexit
import os
import sys
import threading
import weakref
from contextlib import contextmanager
from typing import Any, Iterator, Optional, TypeVar

from ._library import library

_live: "weakref.WeakSet[Handle]" = weakref.WeakSet()
_live_lock = threading.Lock()
Self = TypeVar("Self", bound="Handle")


class Handle:
    """What has a pointer of the library's. Safe to use from several threads."""

    _free = ""  # the call that frees it
    _closed_first = 1  # at exit: the lower the earlier

    def __init__(self, pointer: Optional[int]) -> None:
        self._pointer = pointer
        self._users = 0
        self._closed = False
        self._idle = threading.Condition()
        self._process = os.getpid()
        with _live_lock:
            _live.add(self)

    @contextmanager
    def _using(self) -> Iterator[Optional[int]]:
        """The pointer, which stays valid in there."""
        with self._idle:
            if self._closed:
                raise ValueError(f"this {type(self).__name__} is closed")
            self._users += 1
        try:
            yield self._pointer
        finally:
            self._leave()

    def _leave(self) -> None:
        with self._idle:
            self._users -= 1
            self._idle.notify_all()
            last = self._closed and self._users == 0
        if last:
            self._release()

    def _release(self) -> None:
        pointer, self._pointer = self._pointer, None
        if pointer:
            getattr(library, self._free)(pointer)

    def _interrupt(self) -> None:
        """Called by close() while others use the handle: makes their calls come back."""

    @property
    def closed(self) -> bool:
        """Whether close() was called."""
        return self._closed

    def close(self) -> None:
        """Free the handle; a second call does nothing."""
        with self._idle:
            if self._closed:
                return
            used = self._users > 0
            if used:
                self._interrupt()
            self._closed = True
        if not used:
            self._release()

    def __enter__(self: Self) -> Self:
        return self

    def __exit__(self, *about: Any) -> None:
        self.close()

    def __del__(self) -> None:
        # Not made as far as a pointer; at the very end of the interpreter; or in a forked child.
        if getattr(self, "_closed", True) or sys.is_finalizing() or self._process != os.getpid():
            return
        self.close()

    def __repr__(self) -> str:
        return f"<container.{type(self).__name__}{' (closed)' if self._closed else ''}>"


@atexit.register
def _close_all() -> None:
    with _live_lock:
        handles = sorted(_live, key=lambda handle: handle._closed_first)
    for handle in handles:
        with handle._idle:
            leave = handle._users > 0 or handle._process != os.getpid()
        if not leave:
            handle.close()
