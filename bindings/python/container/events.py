"""Events of many containers on one descriptor."""
import ctypes
import itertools
import os
import select
import threading
from dataclasses import dataclass
from typing import Any, Dict, Iterator, Optional, Tuple

from . import _declared
from ._words import EventKind
from ._handle import Handle
from ._library import library, milliseconds, sized
from .box import Container
from .capture import deadline_in, left_until
from .errors import Report, check


@dataclass(frozen=True)
class Event:
    """What happened to a container, and how often since it was told last."""
    kind: EventKind
    box: Container
    data: Any
    count: int


class Events(Handle):
    """A set of containers whose events are waited for; it keeps them from being let go.

    for event in events:        # until all have exited
        ...

    select, poll and asyncio take it as a file: see fileno().
    """

    _free = "ct_events_free"
    _closed_first = 2

    def __init__(self) -> None:
        report, pointer = Report(), ctypes.c_void_p()
        report.check(library.ct_events_new(ctypes.byref(pointer), report.pointer))
        self._members: Dict[int, Tuple[Container, Any]] = {}
        self._taking = threading.Lock()
        self._numbers = itertools.count(1)
        # Wakes those who wait when the set is closed.
        self._woken, self._wake = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        super().__init__(pointer.value)

    def _interrupt(self) -> None:
        os.write(self._wake, b"x")

    def _release(self) -> None:
        super()._release()
        os.close(self._woken)
        os.close(self._wake)
        self._members.clear()

    def fileno(self) -> int:
        """Readable while there may be events; closed with the set."""
        with self._using() as events:
            return check(library.ct_events_fd(events))

    def add(self, box: Container, data: Any = None) -> None:
        """Have events of a container told, with data beside them."""
        report = Report()
        number = next(self._numbers)
        self._members[number] = (box, data)
        try:
            with self._using() as events, box._using() as pointer:
                report.check(library.ct_events_add(events, pointer, number, report.pointer))
        except BaseException:
            del self._members[number]
            raise

    def remove(self, box: Container) -> None:
        """Take a container out; what was not told of it is forgotten."""
        with self._using() as events, box._using() as pointer:
            check(library.ct_events_remove(events, pointer), "container")
        for number, (member, _) in list(self._members.items()):
            if member is box:
                self._members.pop(number, None)

    def __len__(self) -> int:
        """How many containers are in the set."""
        return sum(not box.closed for box, _ in list(self._members.values()))

    def _take(self) -> Optional[Event]:
        """An event, without waiting."""
        told = sized(_declared.EventStruct)
        report = Report()
        # So that nobody forgets a container before its earlier events have found it.
        with self._using() as events, self._taking:
            while report.check(library.ct_events_next(events, 0, ctypes.byref(told), report.pointer)):
                if told.kind == EventKind.EXITED:
                    member = self._members.pop(told.data, None)
                else:
                    member = self._members.get(told.data)
                if member:  # else another thread has taken it out meanwhile
                    return Event(EventKind(told.kind), *member, told.count)
        return None

    def next(self, timeout: Optional[float] = None) -> Optional[Event]:
        """The next event, or None if there was none in time (seconds). ValueError: it was closed."""
        deadline = deadline_in(timeout)
        with self._using():
            poll = select.poll()
            poll.register(self.fileno(), select.POLLIN)
            poll.register(self._woken, select.POLLIN)
            while True:
                event = self._take()
                left = left_until(deadline)
                if event or left == 0:
                    return event
                poll.poll(None if left is None else milliseconds(left))

    def __iter__(self) -> Iterator[Event]:
        while len(self):
            event = self.next()
            if event:
                yield event
