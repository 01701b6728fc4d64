"""Containers: handles of what was started."""
import ctypes
import errno
import io
import os
import select
import signal as signals
import subprocess
import sys
import time
import warnings
from typing import Any, Dict, IO, List, Optional, Sequence, Tuple

from . import _declared
from ._words import Limit, Time
from ._handle import Handle
from ._library import decoded, library, milliseconds, sized
from .errors import Report, TimedOutError, check
from .namespaces import NamespaceList
from .records import Exit, Figures, IdRange, Protection
from .spec import Spec, time_limit, unlimited

TimeoutExpired = subprocess.TimeoutExpired


def deadline_in(timeout: Optional[float]) -> Optional[float]:
    return None if timeout is None else time.monotonic() + timeout


def left_until(deadline: Optional[float]) -> Optional[float]:
    return None if deadline is None else max(0.0, deadline - time.monotonic())


class Container(Handle):
    """A container, created or running or ended. Made by spawn(), create() and join().

    Closing it, the end of its `with` block, and letting go of the last reference kill what still
    runs, unless detach() was called. Letting go of a container that runs gives a
    ResourceWarning, as subprocess.Popen does.

    stdin, stdout, stderr: files at the host's end of the pipes that the spec asked for, or None.
    """

    _free = "ct_container_free"
    _closed_first = 1

    def __init__(self, pointer: int, spec: Spec, args: Sequence[Any] = ()) -> None:
        super().__init__(pointer)
        self.args = list(args)
        self._trace = spec._kept.get("trace")  # called until it has started
        self._detached = False
        self._talk: Optional[_Talk] = None
        self.stdin = self._take(0, "wb")
        self.stdout = self._take(1, "rb")
        self.stderr = self._take(2, "rb")

    def _take(self, stream: int, mode: str) -> Optional[IO[bytes]]:
        with self._using() as box:
            taken = library.ct_container_take_stdio(box, stream)
        if taken == -errno.ENOENT:
            return None
        return io.open(check(taken), mode)

    def _interrupt(self) -> None:
        if not self._detached:
            library.ct_kill(self._pointer, signals.SIGKILL, None)

    def close(self) -> None:
        """Free the handle; what still runs is killed, unless it was detached."""
        for file in (self.stdin, self.stdout, self.stderr):
            try:
                if file:
                    file.close()
            except BrokenPipeError:  # what was written last found no reader
                pass
        super().close()

    def __del__(self) -> None:
        unwatched = (getattr(self, "_closed", True) or sys.is_finalizing() or
                     self._process != os.getpid() or self._detached)
        if not unwatched and self.poll() is None:
            warnings.warn(f"container of process {self.pid} is still running", ResourceWarning,
                          source=self)
        super().__del__()

    # ---------------------------------------------------------------- its life

    def start(self) -> None:
        """Execute the payload of a created container."""
        report = Report()
        with self._using() as box:
            report.check(library.ct_start(box, report.pointer))

    def wait(self, timeout: Optional[float] = None) -> Exit:
        """Wait for the end, in seconds at most; TimedOutError (a TimeoutError) if it runs still."""
        deadline = deadline_in(timeout)
        how = sized(_declared.ExitStruct)
        how.figures.size = ctypes.sizeof(_declared.FiguresStruct)
        with self._using() as box:
            while True:
                report = Report()
                result = library.ct_wait(box, milliseconds(left_until(deadline)), ctypes.byref(how),
                                         report.pointer)
                # Python's handlers of signals run between two calls, and may raise.
                if result != -errno.EINTR:
                    report.check(result)
                    return Exit.of(how)

    def poll(self) -> Optional[Exit]:
        """How it ended, or None if it runs still."""
        try:
            return self.wait(0)
        except TimedOutError:
            return None

    @property
    def returncode(self) -> Optional[int]:
        """As subprocess has it; None while it runs."""
        how = self.poll()
        return how.returncode if how else None

    def send_signal(self, signal: int) -> None:
        """Send a signal to its first process."""
        report = Report()
        with self._using() as box:
            report.check(library.ct_kill(box, signal, report.pointer))

    def kill(self) -> None:
        self.send_signal(signals.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signals.SIGTERM)

    def stop(self, grace: Optional[float] = 10, signal: int = signals.SIGTERM) -> Exit:
        """Ask it to end, kill it if it has not in time (seconds; None: never), tell how it ended."""
        report = Report()
        how = sized(_declared.ExitStruct)
        how.figures.size = ctypes.sizeof(_declared.FiguresStruct)
        with self._using() as box:
            report.check(library.ct_stop(box, signal, milliseconds(grace), ctypes.byref(how),
                                         report.pointer))
        return Exit.of(how)

    def detach(self) -> None:
        """Let it outlive this handle and the process."""
        report = Report()
        with self._using() as box:
            report.check(library.ct_detach(box, report.pointer))
        self._detached = True

    def freeze(self, timeout: Optional[float] = None) -> None:
        """Stop all its processes where they are. Needs a cgroup: Spec.set_cgroup()."""
        report = Report()
        with self._using() as box:
            report.check(library.ct_container_freeze(box, milliseconds(timeout), report.pointer))

    def thaw(self) -> None:
        report = Report()
        with self._using() as box:
            report.check(library.ct_container_thaw(box, report.pointer))

    # ------------------------------------------------------- limits and figures

    def set_limit(self, limit: Limit, value: Optional[int]) -> None:
        """Change a limit while it runs; None: no limit."""
        report = Report()
        with self._using() as box:
            report.check(library.ct_container_set_limit(box, limit, unlimited(value), report.pointer))

    def set_time_limit(self, what: Time, seconds: Optional[float]) -> None:
        """In seconds from the start of the payload; None: no limit."""
        report = Report()
        with self._using() as box:
            report.check(library.ct_container_set_time_limit(box, what, time_limit(seconds),
                                                             report.pointer))

    def figures(self) -> Figures:
        """What it uses and has used. Needs a cgroup: Spec.set_cgroup()."""
        report, figures = Report(), sized(_declared.FiguresStruct)
        with self._using() as box:
            report.check(library.ct_container_figures(box, ctypes.byref(figures), report.pointer))
        return Figures.of(figures)

    def protection(self) -> List[Protection]:
        """Item by item whether it is enforced."""
        items: List[Protection] = []
        with self._using() as box:
            while True:
                about = sized(_declared.ProtectionStruct)
                about.why.size = ctypes.sizeof(_declared.ErrorStruct)
                result = library.ct_container_protection(box, len(items) + 1, ctypes.byref(about))
                if result == -errno.EINVAL:
                    return items
                check(result)
                items.append(Protection.of(about))

    # ------------------------------------------------------------------ getters

    @property
    def pid(self) -> int:
        """The pid of its first process: for showing, not for signals."""
        with self._using() as box:
            return check(library.ct_container_pid(box))

    def fileno(self) -> int:
        """Its pidfd, readable when it has ended; closed with the handle. So select takes it."""
        with self._using() as box:
            return check(library.ct_container_pidfd(box))

    @property
    def cgroup(self) -> Optional[str]:
        """The path of its cgroup, or None if it has none of its own."""
        with self._using() as box:
            path = library.ct_container_cgroup(box)
        return None if path is None else decoded(path)

    def _map(self, call: Any) -> List[IdRange]:
        with self._using() as box:
            room = check(call(box, None, 0))
            ranges = (_declared.IdRangeStruct * room)()
            check(call(box, ranges, room))
        return [IdRange(each.inside, each.outside, each.count) for each in ranges]

    @property
    def uid_map(self) -> List[IdRange]:
        return self._map(library.ct_container_uid_map)

    @property
    def gid_map(self) -> List[IdRange]:
        return self._map(library.ct_container_gid_map)

    def namespaces(self, kinds: int = 0, flags: int = 0) -> NamespaceList:
        """The namespaces of its first process."""
        report, pointer = Report(), ctypes.c_void_p()
        with self._using() as box:
            report.check(library.ct_ns_list_container(box, kinds, flags, ctypes.byref(pointer),
                                                      report.pointer))
        return NamespaceList(pointer.value)

    # ------------------------------------------------------------ talking to it

    def communicate(self, input: Optional[bytes] = None, timeout: Optional[float] = None
                    ) -> Tuple[Optional[bytes], Optional[bytes]]:
        """Feed its stdin, read stdout and stderr to their ends, wait for its end.

        As subprocess.Popen.communicate(): after TimeoutExpired it runs on, what was read so far
        is in the exception, and another call goes on where this one was.
        """
        deadline = deadline_in(timeout)
        talk = self._talk = self._talk or _Talk(self, input)
        if not talk.run(deadline):
            raise TimeoutExpired(self.args, timeout or 0, *talk.outputs())
        try:
            self.wait(left_until(deadline))
        except TimedOutError:
            raise TimeoutExpired(self.args, timeout or 0, *talk.outputs()) from None
        return talk.outputs()


class _Talk:
    """The pipes of one container, until all are closed."""

    def __init__(self, box: Container, data: Optional[bytes]) -> None:
        self.box = box
        self.left = memoryview(data or b"")
        self.read: Dict[int, List[bytes]] = {}
        self.poll = select.poll()
        self.files: Dict[int, IO[bytes]] = {}
        self.out = self._read_from(box.stdout)
        self.err = self._read_from(box.stderr)
        if box.stdin and not box.stdin.closed:
            os.set_blocking(box.stdin.fileno(), False)
            self._watch(box.stdin, select.POLLOUT)

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


def figures_of(boxes: Sequence[Container]) -> List[Optional[Figures]]:
    """What many containers use, in one call; None for one without a cgroup of its own."""
    report = Report()
    structs = (_declared.FiguresStruct * len(boxes))()
    pointers = (ctypes.c_void_p * len(boxes))()
    entered: List[Any] = []
    try:
        for index, box in enumerate(boxes):
            using = box._using()
            pointers[index] = using.__enter__()
            entered.append(using)
            structs[index].size = ctypes.sizeof(_declared.FiguresStruct)
        report.check(library.ct_container_figures_many(pointers, len(boxes), structs, report.pointer))
        return [Figures.of(struct) if box.cgroup else None for box, struct in zip(boxes, structs)]
    finally:
        for using in entered:
            using.__exit__(None, None, None)
